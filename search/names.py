"""Names that one thing has in different regions and languages: who asks by one finds what is called by another.

The table `vocab/names.json` is there to be edited; the names of crops are those of `designs/vocab/crops.json`.
"""

import functools
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence

from designs import vocabulary
from search import words

TABLE = pathlib.Path(__file__).parent / "vocab" / "names.json"
MOST = 12
"""So many other names of a word are looked for."""

Name = tuple[str, ...]
"""The folded words of a name."""


def variants(terms: Sequence[str]) -> list[list[Name]]:
    """For each of the folded words of a question the other names of what it names, with those beside it or alone."""
    known = _by_beginning()
    found: list[dict[int, dict[Name, None]]] = [{} for _ in terms]
    for at, term in enumerate(terms):
        for name, others in (one for stem in sorted(words.stems(term)) for one in known.get(stem, ())):
            if len(name) <= len(terms) - at and all(map(words.alike, name, terms[at:])):
                for place in range(at, at + len(name)):
                    found[place].setdefault(len(name), {}).update(others)
    return [_best(term, by_length) for term, by_length in zip(terms, found, strict=True)]


def _best(term: str, by_length: Mapping[int, Mapping[Name, None]]) -> list[Name]:
    """Of the names of what a word names alone and of what it names with others so many of each."""
    told: dict[Name, None] = {}
    for _, names in sorted(by_length.items(), reverse=True):
        others = [name for name in names if not (len(name) == 1 and words.alike(name[0], term))]
        told |= dict.fromkeys(others[:MOST])
    return list(told)


@functools.cache
def _by_beginning() -> Mapping[str, list[tuple[Name, dict[Name, None]]]]:
    """Names by the stems of their first words. What is left of a name of several words without those that say nothing
    is not looked up when it is one word."""
    found: dict[str, list[tuple[Name, dict[Name, None]]]] = {}
    for names in _groups():
        others = {_telling(name) if len(_telling(name)) > 1 else name: None for name in names}
        for name in names:
            if name and (len(name) == 1 or len(_telling(name)) > 1):
                told = _telling(name) or name, others
                for stem in words.stems(told[0][0]):
                    found.setdefault(stem, []).append(told)
    return found


@functools.cache
def known() -> Mapping[str, frozenset[str]]:
    """The names of one word, by their first letter."""
    found: dict[str, set[str]] = {}
    for names in _groups():
        for name in names:
            if len(name) == 1:
                found.setdefault(name[0][0], set()).add(name[0])
    return {letter: frozenset(names) for letter, names in found.items()}


def _telling(name: Name) -> Name:
    return tuple(word for word in name if word not in words.STOP_WORDS)


def _groups() -> Iterator[list[Name]]:
    for names in json.loads(TABLE.read_text(encoding="utf-8"))["names"]:
        yield _folded(names)
    for term in vocabulary.get("crops").values():
        # Languages stand in brackets behind the names that are not Spanish or Portuguese.
        local = [name.partition(" (")[0] for name in term.more.get("local_names", ())]
        yield _folded([*term.labels.values(), *local])


def _folded(names: list[str]) -> list[Name]:
    return list(dict.fromkeys(name for told in names if (name := tuple(words.folded(told)))))
