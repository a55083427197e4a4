"""The lineage of a family as a drawing: a row for each member, joined with the one it was made from. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

ROW, STEP, LEFT = 40, 22, 14
"""Units between rows, between a page and what was made from it, and to the left of the first."""


@dataclass(frozen=True)
class Drawing:
    """`dots`: where each member stands, x and y; `lines`: the paths from each to the one it was made from."""

    width: int
    height: int
    dots: tuple[tuple[int, int], ...]
    lines: tuple[str, ...]


def drawn(members: Sequence[tuple[int, int | None, int]]) -> Drawing:
    """`members`: id, the id of the one it was made from, and its depth, each after the one it was made from."""
    places = {id: (LEFT + depth * STEP, ROW // 2 + row * ROW) for row, (id, _above, depth) in enumerate(members)}
    lines = []
    for id, above, _depth in members:
        if above in places and above is not None:
            (x, y), (to_x, to_y) = places[above], places[id]
            lines.append(f"M{x} {y}V{to_y - 8}q0 8 8 8H{to_x}")
    deepest = max((x for x, _y in places.values()), default=LEFT)
    return Drawing(deepest + LEFT, ROW * len(members), tuple(places.values()), tuple(lines))
