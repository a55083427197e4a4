"""What becomes of the documents that match: narrowed, of each family one, counted, and the best of them in order."""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search import schema, words
from search.grammar import Narrow
from search.index import FACETS, Order

Columns = Mapping[str, Sequence[Any]]
"""What the index is asked for besides words, by the numbers of documents."""
OTHERS = 9
"""So many relatives of a hit are named."""


@dataclass(frozen=True)
class Families:
    """The families of which several members stand: who belongs to which, by number."""

    of: Mapping[int, str]

    def members(self, numbers: Sequence[int]) -> Collection[Sequence[int]]:
        """The numbers of those that have relatives, by family."""
        found: dict[str, list[int]] = {}
        for number in numbers:
            if number in self.of:
                found.setdefault(self.of[number], []).append(number)
        return found.values()

    def representatives(
        self, numbers: Sequence[int], rank: Callable[[int], Any]
    ) -> tuple[Sequence[int], dict[int, list[int]]]:
        """The numbers with one of each family, that of the lowest rank, and the others of its family by it."""
        others: dict[int, list[int]] = {}
        hidden: set[int] = set()
        for found in self.members(numbers):
            first, *rest = sorted(found, key=rank)
            others[first] = rest
            hidden.update(rest)
        return ([number for number in numbers if number not in hidden] if hidden else numbers), others


def families(family: Sequence[str], live: Sequence[int]) -> Families:
    sizes = Counter(map(family.__getitem__, live))
    several = {name for name, size in sizes.items() if size > 1}
    return Families({number: family[number] for number in live if family[number] in several} if several else {})


def narrowed(
    columns: Columns, numbers: Sequence[int], narrow: Narrow, kin: Families | None
) -> tuple[Sequence[int], dict[str, Sequence[tuple[str, int]]]]:
    """Those that bear what is asked, and for each facet how many bear each value and all else that is asked. With
    `kin` a family counts once."""
    asked = {name: value for name in FACETS if (value := getattr(narrow, name))}
    bearing = {name: _bearing(columns, numbers, name, value) for name, value in asked.items()}
    inside = _inside(numbers, list(bearing.values()))
    single, several = _apart(inside, kin)
    facets: dict[str, Sequence[tuple[str, int]]] = {}
    for name in FACETS:
        if name in bearing:
            others = [those for other, those in bearing.items() if other != name]
            counted = _counted(columns[name], name, *_apart(_inside(numbers, others), kin))
        else:
            counted = _counted(columns[name], name, single, several)
        facets[name] = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return inside, facets


def _apart(numbers: Sequence[int], kin: Families | None) -> tuple[Sequence[int], Sequence[Sequence[int]]]:
    """Those without relatives among these, and the others by their families."""
    if kin is None or not kin.of:
        return numbers, ()
    single = [number for number in numbers if number not in kin.of]
    members = kin.members(numbers)
    single += [found[0] for found in members if len(found) == 1]
    return single, [found for found in members if len(found) > 1]


def _counted(column: Sequence[Any], name: str, single: Sequence[int], several: Sequence[Sequence[int]]) -> Counter[str]:
    of, each = column.__getitem__, itertools.chain.from_iterable
    if name in schema.SEVERAL:
        counted = Counter(each(map(of, single)))
        counted.update(each(set(each(map(of, members))) for members in several))
    else:
        counted = Counter(map(of, single))
        counted.update(each(set(map(of, members)) for members in several))
    del counted[""]
    return counted


def _bearing(columns: Columns, numbers: Sequence[int], name: str, value: str) -> set[int]:
    column = columns[name]
    if name in schema.SEVERAL:
        return {number for number in numbers if value in column[number]}
    return {number for number in numbers if column[number] == value}


def _inside(numbers: Sequence[int], sets: Sequence[set[int]]) -> Sequence[int]:
    if not sets:
        return numbers
    inside = set.intersection(*sets)
    return [number for number in numbers if number in inside]


def nearness(
    columns: Columns, near: Sequence[frozenset[str]], language: str, scores: Mapping[int, float]
) -> Callable[[int], Any]:
    """How far a document is from a reader: its region, then its language, then the first of its family, then how well
    it answers."""
    regions, spoken, families, uids = (columns[name] for name in ("region", "language", "family", "uid"))

    def rank(number: int) -> tuple[int, bool, bool, float, int]:
        step = 0
        if near:
            places = regions[number]
            step = next((step for step, ring in enumerate(near) if not ring.isdisjoint(places)), len(near))
        is_foreign = words.primary(spoken[number]) != language
        return step, is_foreign, families[number] != uids[number], -scores.get(number, 0.0), number

    return rank


def ordered(
    columns: Columns, numbers: Sequence[int], scores: Mapping[int, float], order: Order, size: int
) -> Sequence[int]:
    changed, titles = columns["changed"], columns["title_key"]
    if order == "title":
        return heapq.nsmallest(size, numbers, key=lambda number: (titles[number], number))
    if order == "changed" or not scores:
        return heapq.nlargest(size, numbers, key=lambda number: (changed[number], number))
    return heapq.nlargest(size, numbers, key=lambda number: (scores[number], changed[number], number))
