"""Three versions of one sequence, cut into the regions that correspond."""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from wiki import sequences
from wiki.sequences import Budget, Change


class Region(NamedTuple):
    """What stands on each side at one place; `start` counts the items of *base* before it."""

    start: int
    base: Sequence[str]
    here: Sequence[str]
    incoming: Sequence[str]

    def agreed(self) -> Sequence[str] | None:
        """What the sides agree on: what only one of them changed, or both alike, be it that one of them changed more
        before or after what both added."""
        if self.here in (self.incoming, self.base):
            return self.incoming
        if self.incoming == self.base:
            return self.here
        more_here = self._added_alike(self.incoming, self.here)
        more_incoming = self._added_alike(self.here, self.incoming)
        return None if more_here and more_incoming else more_here or more_incoming

    def _added_alike(self, one: Sequence[str], other: Sequence[str]) -> Sequence[str] | None:
        """`other` when it has before and after what it changed all that `one` put around *base*."""
        size, added = len(self.base), len(one) - len(self.base)
        if added <= 0 or added > len(other) - (not _telling(self.base)):
            return None
        alike = list(map(operator.eq, one, other))
        before = alike.index(False) if False in alike else len(alike)
        alike = list(map(operator.eq, reversed(one), reversed(other)))
        after = alike.index(False) if False in alike else len(alike)
        for start in {min(before, added), max(0, added - after)}:
            if start <= before and added - start <= after and one[start : start + size] == self.base:
                return other
        return None


class Touch(NamedTuple):
    """One side's change of `base[start:end]`. It could as well lie anywhere in `low` to `high`. `moves`
    tells that the side has some of these items at another place too, removed here and added there or the
    reverse."""

    start: int
    end: int
    low: int
    high: int
    removed: Sequence[str]
    added: Sequence[str]
    moves: bool

    def same(self) -> tuple[object, ...]:
        return (self.start, self.end, *self.added)

    def may_overlap(self, other: "Touch") -> bool:
        return (self.start < other.end and other.start < self.end) or (self.low < other.high and other.low < self.high)


def entangled(one: Touch, other: Touch) -> bool:
    """Whether two changes side by side may be about the same thing, so that keeping both could double or lose
    it: both add lines there, one removes beside what the other writes, one moves lines and the other does more
    than write as many anew, or they are alike."""
    growth = [_newlines(touch.added) - _newlines(touch.removed) for touch in (one, other)]
    if min(growth) > 0 or (one.moves and growth[1]) or (other.moves and growth[0]):
        return True
    removes = bool(one.added) != bool(other.added) or min(growth) < 0 < max(growth)
    return (removes and not (one.moves or other.moves)) or alike(one, other)


def alike(one: Touch, other: Touch) -> bool:
    """Whether one adds what the other adds or removes."""
    mine, theirs = _telling(one.added), _telling(other.added)
    return bool(mine & theirs or mine & _telling(other.removed) or theirs & _telling(one.removed))


def regions(
    whole: Region,
    meet: Callable[[Touch, Touch, Sequence[str]], bool],
    budget: Budget,
    are_edited: Callable[[Sequence[str], Sequence[str]], bool] = lambda old, new: False,
) -> Iterator[Region]:
    """Cut a region into smaller ones, in order, that together hold all of it.

    Changes of the two sides share a region when they may overlap, or when `meet` says so of two neighbours
    and the items of *base* between them. A change that both made alike stands by itself. As many new items as
    old ones count as changed one by one where `are_edited` says that they are the same ones."""
    base = whole.base
    here, incoming = (_touches(base, side, budget, are_edited) for side in (whole.here, whole.incoming))
    done = 0
    shifts = [0, 0]
    for group in _groups(base, here, incoming, meet):
        touches = [*group[0], *group[1]]
        start, end = min(touch.start for touch in touches), max(touch.end for touch in touches)
        if done < start:
            yield Region(whole.start + done, *[base[done:start]] * 3)
        sides = []
        for side, text in enumerate((whole.here, whole.incoming)):
            first = start + shifts[side]
            shifts[side] += sum(len(touch.added) - len(touch.removed) for touch in group[side])
            sides.append(text[first : end + shifts[side]])
        yield Region(whole.start + start, base[start:end], *sides)
        done = end
    if done < len(base):
        yield Region(whole.start + done, *[base[done:]] * 3)


def _groups(
    base: Sequence[str],
    here: list[Touch],
    incoming: list[Touch],
    meet: Callable[[Touch, Touch, Sequence[str]], bool],
) -> list[tuple[list[Touch], list[Touch]]]:
    alike = {touch.same() for touch in here} & {touch.same() for touch in incoming}
    groups: list[tuple[list[Touch], list[Touch]]] = []
    group: tuple[list[Touch], list[Touch]] = ([], [])
    for touch, side in sorted([*((touch, 0) for touch in here), *((touch, 1) for touch in incoming)]):
        if touch.same() in alike:
            if side == 0:
                groups.append(([touch], [touch]))
                group = ([], [])
            continue
        last = group[1 - side][-1] if group[1 - side] else None
        if last is None or not (
            last.may_overlap(touch) or touch.start < last.end or meet(last, touch, base[last.end : touch.start])
        ):
            group = ([], [])
            groups.append(group)
        group[side].append(touch)
    return groups


def _touches(
    base: Sequence[str],
    side: Sequence[str],
    budget: Budget,
    are_edited: Callable[[Sequence[str], Sequence[str]], bool],
) -> list[Touch]:
    found: list[Change] = []
    for change in sequences.changes(base, side, budget):
        size = change.b - change.a
        if 1 < size == change.d - change.c and are_edited(base[change.a : change.b], side[change.c : change.d]):
            found += [Change(change.a + n, change.a + n + 1, change.c + n, change.c + n + 1) for n in range(size)]
        else:
            found.append(change)
    gone = {item for change in found for item in base[change.a : change.b]}
    moved = _telling([item for change in found for item in side[change.c : change.d] if item in gone])
    touches = []
    for at, change in enumerate(found):
        top = found[at - 1].b if at else 0
        bottom = found[at + 1].a if at + 1 < len(found) else len(base)
        removed, added = tuple(base[change.a : change.b]), tuple(side[change.c : change.d])
        touches.append(
            Touch(
                change.a,
                change.b,
                change.a + sequences.slide(change, base, side, top - change.a),
                change.b + sequences.slide(change, base, side, bottom - change.b),
                removed,
                added,
                moves=not moved.isdisjoint((*removed, *added)),
            )
        )
    return touches


def _telling(items: Sequence[str]) -> set[str]:
    return {item for item in items if not item.isspace()}


def _newlines(items: Sequence[str]) -> int:
    return sum(item.count("\n") for item in items)
