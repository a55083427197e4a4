"""The index that comes with Minga: Whoosh in a folder."""

import pathlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

from search import reading, writing
from search.grammar import Asked, Narrow
from search.index import Found, Wanted


class FolderIndex:
    """A Whoosh index in a folder of its own; see `search.index`."""

    def __init__(self, root: pathlib.Path) -> None:
        self._root = root
        self._reader = reading.Reader(root)
        self._writer = writing.Writer(root)

    def find(self, asked: Asked, narrow: Narrow, wanted: Wanted) -> Found:
        return self._reader.find(asked, narrow, wanted)

    def suggest(self, text: str, language: str, most: int) -> list[str]:
        return self._reader.suggest(text, language, most)

    def position(self) -> int:
        return self._reader.state().position

    def held(self) -> Mapping[str, tuple[int, str]]:
        state = reading.load(self._root, None, ("number", "digest"))
        uids, numbers, digests = (state.columns[name] for name in ("uid", "number", "digest"))
        return {uids[one]: (numbers[one], digests[one]) for one in state.live}

    def writing(self, *, wait: float) -> AbstractContextManager[writing.Writer]:
        return self._writer.locked(wait)

    def faults(self) -> Iterator[str]:
        return writing.faults(self._root)


def of(url: str, data: pathlib.Path) -> FolderIndex | None:
    """The index that a setting names: `whoosh:` in the data folder, `whoosh:/a/folder` of its own, `off` for none.
    Raises ValueError."""
    kind, _, path = url.partition(":")
    if kind == "off":
        return None
    if kind != "whoosh":
        raise ValueError("MINGA_SEARCH_URL is whoosh:, whoosh:/a/folder or off")
    return FolderIndex(pathlib.Path(path).resolve() if path else data / "index")
