"""How entries are laid out in a Whoosh index.

Whoosh is only given words that are folded and stemmed already, with a space between: what a word is, is decided in
`search.words`, for this index and any other. What a question is narrowed by lies in columns.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whoosh import analysis, columns, fields, formats

from search import words
from search.entries import Entry
from search.index import Position

LAYOUT = "8"
"""Another layout, tokeniser or stemmer needs another number here: an index of an older one is made anew."""
BORDER = "¶"
"""Stands between passages, so that no phrase is found across them. No question can hold it."""
SEVERAL = frozenset(
    {"region", "licence", "task", "crop", "power", "skill", "tool", "material", "cost", "has", "called", "part"}
)
"""Columns of several values, with a line for each."""
COLUMNS = (
    *("number", "digest", "kind", "language", "community", "changed", "title_key", "family", "stage", "freedom"),
    *SEVERAL,
)
SOME = "some"
"""Stands in `unread` of an entry that has files whose text is not known yet."""
NAMED = 32
"""Characters of the SHA-256 of a file by which its pages are found: as many as the journal tells."""
MARKER = "position"
"""The uid of the one document that is no page: it tells how far in the journal the index is."""


class Places(formats.Positions):  # type: ignore[misc]
    """Where a word stands in a field, told by the steps from place to place: as UTF-8, most of them are a byte. The
    largest possible, 1,114,111, is more than a document has letters (`limits.DOCUMENT`)."""

    def encode(self, places: Sequence[int]) -> bytes:
        steps = map(int.__sub__, places, (0, *places[:-1]))
        return "".join(map(chr, steps)).encode("utf-8", "surrogatepass")

    def decode_positions(self, value: bytes) -> list[int]:
        return list(itertools.accumulate(map(ord, value.decode("utf-8", "surrogatepass"))))

    def decode_frequency(self, value: bytes) -> int:
        return len(self.decode_positions(value))


class Words(fields.TEXT):  # type: ignore[misc]
    """A field that is given its words with a space between, and takes them as they are; with their places if `phrase`s
    are looked for in it."""

    def __init__(self, *, phrase: bool) -> None:
        super().__init__(analyzer=analysis.SpaceSeparatedTokenizer())
        self.format = Places() if phrase else formats.Existence()

    def index(self, value: str, **_more: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(value.split()):
            places.setdefault(word, []).append(place)
        for word, found in places.items():
            yield word.encode(), len(found), float(len(found)), self.format.encode(found)


def make() -> Any:
    named: dict[str, Any] = {
        "uid": fields.ID(unique=True, stored=True),
        "position": fields.STORED(),
        "mark": fields.STORED(),
        "title": Words(phrase=True),
        "body": Words(phrase=True),
        "title_stems": Words(phrase=False),
        "body_stems": Words(phrase=False),
        "files": Words(phrase=True),
        "files_stems": Words(phrase=False),
        "attached": fields.KEYWORD(),
        "unread": fields.KEYWORD(stored=True),
    }
    for column in COLUMNS:
        named[column] = fields.COLUMN(columns.VarBytesColumn())
    return fields.Schema(**named)


def document(entry: Entry) -> dict[str, Any]:
    """The fields of an entry, all of them text or bytes. Raises ValueError for what could not be stored."""
    called = [words.folded(text) for text in (entry.title, *(name for _, name in entry.names))]
    told = [words.folded(text) for text in entry.passages]
    within = [words.folded(text) for text in entry.files]
    found: dict[str, Any] = {
        "uid": entry.uid,
        "number": b"%d" % entry.number,
        "digest": entry.digest().encode(),
        "kind": entry.kind.encode(),
        "language": entry.language.encode(),
        "community": entry.community.encode(),
        "changed": b"%d" % entry.changed,
        "family": (entry.family or entry.uid).encode(),
        "stage": entry.stage.encode(),
        "region": _lines(entry.regions),
        "licence": _lines(entry.licences),
        "task": _lines(entry.tasks),
        "crop": _lines(entry.crops),
        "power": _lines(entry.power),
        "skill": _lines(entry.skills),
        "tool": _lines(entry.tools),
        "material": _lines(entry.materials),
        "cost": _lines(entry.costs),
        "freedom": entry.freedom.encode(),
        "has": _lines(entry.has),
        "called": _lines([entry.title, *(name for _, name in entry.names)]),
        "part": _lines(entry.parts),
        "title_key": " ".join(called[0])[:80].encode(),
        "title": f" {BORDER} ".join(map(" ".join, called)),
        "body": f" {BORDER} ".join(map(" ".join, told)),
        "files": f" {BORDER} ".join(map(" ".join, within)),
        "attached": " ".join(sha256[:NAMED] for sha256 in entry.attached),
        "unread": " ".join((SOME, *entry.unread)) if entry.unread else "",
    }
    spoken = [entry.language, *(language or entry.language for language, _ in entry.names)]
    found["title_stems"] = " ".join(map(_stems, called, spoken))
    found["body_stems"] = " ".join(_stems(text, entry.language) for text in told)
    found["files_stems"] = " ".join(_stems(text, entry.language) for text in within)
    return {name: value for name, value in found.items() if value}


def _lines(values: Sequence[str]) -> bytes:
    return "\n".join(" ".join(value.split()) for value in values).encode("utf-8", "replace")


def _stems(text: Sequence[str], language: str) -> str:
    """Words of a language without a stemmer are their own stems."""
    if words.primary(language) not in words.STEMMERS:
        return " ".join(text)
    return " ".join(map(_stemmed, text))


@functools.lru_cache(40_000)
def _stemmed(word: str) -> str:
    return " ".join(sorted(words.stems(word)))


def marker(position: Position) -> dict[str, Any]:
    return {"uid": MARKER, "position": position.change, "mark": position.mark}


def position(found: Mapping[str, Any] | None) -> Position:
    """The position that the stored fields of a marker tell. Raises ValueError when there is none."""
    if found is None:
        raise ValueError("it holds no position")
    return Position(int(found["position"]), str(found["mark"]))
