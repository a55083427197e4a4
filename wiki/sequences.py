"""Comparing sequences: which items of one are still in the other, in order.

Items that occur once on both sides are paired first (patience diff, Bram Cohen); what lies between them is
compared by the greedy method of Myers ("An O(ND) Difference Algorithm and Its Variations", 1986). The work is
counted and bounded: when the budget is spent, what is left counts as changed, so that no text can hang a
request."""

import bisect
import time
from collections.abc import Hashable, Iterable, Sequence, Set
from typing import NamedTuple

from wiki import limits

Items = Sequence[Hashable]

STEPS_TO_BEGIN = 200
MYERS_EDITS = 200
"""So many edits are looked for in one go; then the furthest path is kept and the search goes on from
there."""


class Block(NamedTuple):
    """`old[i:i + size]` equals `new[j:j + size]`."""

    i: int
    j: int
    size: int


class Change(NamedTuple):
    """`old[a:b]` became `new[c:d]`."""

    a: int
    b: int
    c: int
    d: int


class Budget:
    """How much comparing may still be done: steps, which are the same on every machine, and if need be no
    longer than to a moment of `time.monotonic`."""

    def __init__(self, steps: int = limits.DIFF_STEPS, deadline: float | None = None) -> None:
        self.left = steps
        self.deadline = deadline

    def spend(self, steps: int) -> bool:
        """Take some steps; False once there are none left."""
        self.left -= steps
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.left = 0
        return self.left > 0


def changes(old: Items, new: Items, budget: Budget) -> list[Change]:
    """What changed, in order; between two changes there is always something that stayed.

    What was added or removed and could as well lie further down (a line beside its equal) is put as far
    down as it goes, so that two people who do the same are seen to do the same."""
    found: list[Change] = []
    i = j = 0
    for block in [*matches(old, new, budget), Block(len(old), len(new), 0)]:
        if i < block.i or j < block.j:
            found.append(Change(i, block.i, j, block.j))
        i, j = block.i + block.size, block.j + block.size
    end = len(old) + 1
    for at in reversed(range(len(found))):
        change = found[at]
        down = slide(change, old, new, end - 1 - change.b)
        found[at] = Change(*(place + down for place in change))
        end = found[at].a
    return found


def slide(change: Change, old: Items, new: Items, most: int) -> int:
    """By how many items an insertion or a deletion could lie further down (`most` negative: up), all the
    same."""
    a, b, c, d = change
    if (a == b) == (c == d):
        return 0
    items, start, end = (old, a, b) if c == d else (new, c, d)
    moved = 0
    while moved < most and items[start + moved] == items[end + moved]:
        moved += 1
    while moved > most and items[start + moved - 1] == items[end + moved - 1]:
        moved -= 1
    return moved


def matches(a: Items, b: Items, budget: Budget) -> list[Block]:
    """The blocks that stayed, in order, as long as they can be."""
    budget.spend(STEPS_TO_BEGIN + len(a) + len(b))
    found: list[Block] = []
    todo = [(0, len(a), 0, len(b))]
    while todo:
        i, ii, j, jj = todo.pop()
        size = 0
        while i + size < ii and j + size < jj and a[i + size] == b[j + size]:
            size += 1
        found.append(Block(i, j, size))
        i, j, size = i + size, j + size, 0
        while i < ii - size and j < jj - size and a[ii - size - 1] == b[jj - size - 1]:
            size += 1
        ii, jj = ii - size, jj - size
        found.append(Block(ii, jj, size))
        if i == ii or j == jj or not budget.spend(ii - i + jj - j):
            continue
        in_a, in_b = _places(a, i, ii), _places(b, j, jj)
        if in_a.keys().isdisjoint(in_b):
            continue
        if pairs := _unique_pairs(in_a, in_b):
            for x, y in [*pairs, (ii, jj)]:
                todo.append((i, x, j, y))
                i, j = x, y
        else:
            blocks, x, y = _myers(a, i, ii, b, j, jj, budget)
            found.extend(blocks)
            todo.append((x, ii, y, jj))
    return _joined(sorted(found))


def _joined(blocks: Iterable[Block]) -> list[Block]:
    found = [Block(0, 0, 0)]
    for block in blocks:
        last = found[-1]
        if last.i + last.size == block.i and last.j + last.size == block.j:
            found[-1] = Block(last.i, last.j, last.size + block.size)
        elif block.size:
            found.append(block)
    return [block for block in found if block.size]


def _unique_pairs(in_a: dict[Hashable, int], in_b: dict[Hashable, int]) -> list[tuple[int, int]]:
    """Where the items stand that occur once on each side, as many as keep their order."""
    pairs = [(x, in_b[item]) for item, x in in_a.items() if x >= 0 and in_b.get(item, -1) >= 0]
    return [pairs[at] for at in longest_rise([y for _, y in pairs])]


def _places(items: Items, start: int, end: int) -> dict[Hashable, int]:
    """Where each item stands, -1 if in several places."""
    places: dict[Hashable, int] = {}
    for place in range(start, end):
        places[items[place]] = -1 if items[place] in places else place
    return places


def longest_rise(numbers: Sequence[int]) -> list[int]:
    """The places of a longest strictly rising subsequence."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        pile = bisect.bisect_left(tops, number)
        before.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [number]
        ends[pile : pile + 1] = [place]
    found = []
    place = ends[-1] if ends else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]


def moved(old: Sequence[str], new: Sequence[str], rather: Set[str] = frozenset()) -> set[str]:
    """The fewest items whose moves explain how the order of those in both sequences changed, and of equally few
    rather those that are in `rather`. No item occurs twice. Quadratic if anything moved."""
    places = {item: place for place, item in enumerate(old)}
    common = [item for item in new if item in places]
    if sorted(common, key=places.__getitem__) == common:
        return set()
    chains: list[tuple[int, int, int]] = []
    for at, item in enumerate(common):
        before = [(*chains[x][:2], x) for x in range(at) if places[common[x]] < places[item]]
        length, wanted, last = max(before, key=lambda chain: chain[:2], default=(0, 0, -1))
        chains.append((length + 1, wanted - (item in rather), last))
    at = max(range(len(chains)), key=lambda place: chains[place][:2])
    stayed = set()
    while at >= 0:
        stayed.add(common[at])
        at = chains[at][2]
    return set(common) - stayed


def _myers(a: Items, i: int, ii: int, b: Items, j: int, jj: int, budget: Budget) -> tuple[list[Block], int, int]:
    """The blocks on a way of fewest edits, and where it ends: short of the end when the search was cut
    off."""
    n, m = ii - i, jj - j
    reach = {1: 0}
    trace: list[dict[int, int]] = []
    best = 0
    for edits in range(n + m + 1):
        trace.append(reach.copy())
        steps = edits + 1
        for k in range(-edits + 2 * max(0, edits - m), edits - 2 * max(0, edits - n) + 1, 2):
            left, right = reach.get(k - 1, -1), reach.get(k + 1, -1)
            x = start = right if left < right else left + 1
            while x < n and x - k < m and a[i + x] == b[j + x - k]:
                x += 1
            reach[k] = x
            steps += x - start
            if x <= n and x - k <= m and 2 * x - k >= 2 * reach.get(best, -1) - best:
                best = k
        if (reach[best] == n and best == n - m) or not budget.spend(steps) or edits == MYERS_EDITS:
            break
    x, y = reach[best], reach[best] - best
    end = i + x, j + y
    blocks = []
    for reach in reversed(trace):
        k = x - y
        left, right = reach.get(k - 1, -1), reach.get(k + 1, -1)
        start = right if left < right else left + 1
        blocks.append(Block(i + start, j + start - k, x - start))
        x, y = (start, start - k - 1) if left < right else (start - 1, start - k)
    return blocks, *end
