"""Names that one thing has in different regions and languages: who asks by one finds what is called by another.

The table `vocab/names.json` is there to be edited; the names of crops are those of `designs/vocab/crops.json`.
"""

import functools
import json
import pathlib
from collections.abc import Iterator, Mapping

from designs import vocabulary
from search import words

TABLE = pathlib.Path(__file__).parent / "vocab" / "names.json"
MOST = 8
"""So many other names of a word are looked for."""

Name = tuple[str, ...]
"""The folded words of a name."""


def variants(term: str) -> list[Name]:
    """The other names of what a folded word names, as many as are looked for."""
    known = _by_stem()
    found = dict.fromkeys(name for stem in sorted(words.stems(term)) for name in known.get(stem, ()))
    return [name for name in found if not (len(name) == 1 and words.alike(name[0], term))][:MOST]


@functools.cache
def _by_stem() -> Mapping[str, tuple[Name, ...]]:
    """All names of a thing, by the stems of those of its names that are one word."""
    found: dict[str, dict[Name, None]] = {}
    for names in _groups():
        for name in names:
            for stem in words.stems(name[0]) if len(name) == 1 else ():
                found.setdefault(stem, {}).update(dict.fromkeys(names))
    return {stem: tuple(names) for stem, names in found.items()}


def _groups() -> Iterator[list[Name]]:
    for names in json.loads(TABLE.read_text(encoding="utf-8"))["names"]:
        yield _folded(names)
    for term in vocabulary.get("crops").values():
        # Languages stand in brackets behind the names that are not Spanish or Portuguese.
        local = [name.partition(" (")[0] for name in term.more.get("local_names", ())]
        yield _folded([*term.labels.values(), *local])


def _folded(names: list[str]) -> list[Name]:
    told = (tuple(word for word in words.folded(name) if word not in words.STOP_WORDS) for name in names)
    return list(dict.fromkeys(name for name in told if name))
