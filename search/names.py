"""Names that one thing has in different regions and languages: who asks by one finds what is called by another.

The table `vocab/names.json` is there to be edited; the names of crops are those of `designs/vocab/crops.json`.
"""

import bisect
import functools
import itertools
import json
import pathlib
from array import array
from collections.abc import Iterator, Mapping, Sequence

from designs import vocabulary
from search import words
from search.spelling import Lexicon

TABLE = pathlib.Path(__file__).parent / "vocab" / "names.json"
MOST = 20
"""So many other names of a word are looked for."""

Name = tuple[str, ...]
"""The folded words of a name."""


def variants(terms: Sequence[str]) -> list[list[Name]]:
    """For each of the folded words of a question the other names of what it names, with those beside it or alone."""
    table = _table()
    found: list[dict[int, dict[Name, None]]] = [{} for _ in terms]
    for at, term in enumerate(terms):
        for number, place in table.holding(term):
            name = table[number]
            if place == 0 and len(name) <= len(terms) - at and all(map(words.alike, name, terms[at:])):
                others = dict.fromkeys(table.beside(number))
                for one in range(at, at + len(name)):
                    found[one].setdefault(len(name), {}).update(others)
    return [_best(term, by_length) for term, by_length in zip(terms, found, strict=True)]


def _best(term: str, by_length: Mapping[int, Mapping[Name, None]]) -> list[Name]:
    """Of the names of what a word names alone and of what it names with others so many of each."""
    told: dict[Name, None] = {}
    for _, names in sorted(by_length.items(), reverse=True):
        others = [name for name in names if not (len(name) == 1 and words.alike(name[0], term))]
        told |= dict.fromkeys(others[:MOST])
    return list(told)


class _Table:
    """All names, each once and known by its number, in little memory: every process that answers holds it."""

    def __init__(self) -> None:
        numbers: dict[Name, int] = {}
        idle: set[Name] = set()
        self._groups: list[Sequence[int]] = []
        groups_of: dict[int, list[int]] = {}
        for group in _groups():
            # What is left of a name of several words without those that say nothing is no name when it is one word.
            told = []
            for name in group:
                telling = name if len(name) == 1 else _telling(name)
                told.append(telling if len(telling) > 1 else name)
                if len(telling) < 2 <= len(name):
                    idle.add(name)
            one = array("I", dict.fromkeys(numbers.setdefault(name, len(numbers)) for name in told))
            for number in one:
                groups_of.setdefault(number, []).append(len(self._groups))
            self._groups.append(one)
        self._group_of = array("I", (groups_of[number][0] for number in range(len(numbers))))
        self._more_groups = {number: array("I", groups[1:]) for number, groups in groups_of.items() if groups[1:]}
        self._text = "\n".join(map(" ".join, numbers))
        self._ends = array("I", itertools.accumulate(len(" ".join(name)) + 1 for name in numbers))
        holding: dict[str, list[int]] = {}
        for name, number in numbers.items():
            if name not in idle:
                for place, word in enumerate(name):
                    for stem in words.stems(word):
                        holding.setdefault(stem, []).extend((number, place))
        self._stems = sorted(holding)
        self._pairs = array("I", itertools.chain.from_iterable(map(holding.__getitem__, self._stems)))
        self._pair_ends = array("I", itertools.accumulate(len(holding[stem]) for stem in self._stems))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> Name:
        return tuple(self._text[self._ends[number - 1] if number else 0 : self._ends[number] - 1].split(" "))

    def holding(self, word: str) -> Iterator[tuple[int, int]]:
        """The numbers of the names that hold a folded word, with its place in them."""
        found: dict[tuple[int, int], None] = {}
        for stem in sorted(words.stems(word)):
            at = bisect.bisect_left(self._stems, stem)
            if at < len(self._stems) and self._stems[at] == stem:
                pairs = iter(self._pairs[self._pair_ends[at - 1] if at else 0 : self._pair_ends[at]])
                found |= dict.fromkeys(zip(pairs, pairs, strict=True))
        return iter(found)

    def beside(self, number: int) -> Iterator[Name]:
        """The names that stand with one, and itself."""
        for group in (self._group_of[number], *self._more_groups.get(number, ())):
            yield from map(self.__getitem__, self._groups[group])


@functools.cache
def _table() -> _Table:
    return _Table()


def ready() -> None:
    """Read the table now."""
    _table(), lexicon()


def of_several(word: str) -> Iterator[tuple[Name, int]]:
    """The names of several words that hold a folded word, with its place in them."""
    for number, place in _table().holding(word):
        name = _table()[number]
        if len(name) > 1:
            yield name, place


@functools.cache
def lexicon() -> Lexicon:
    """The names of one word."""
    every = map(_table().__getitem__, range(len(_table())))
    return Lexicon(name[0] for name in every if len(name) == 1)


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
