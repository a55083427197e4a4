"""Woven bands: the pattern that stands where a page has no picture, so that no shelf looks empty.

A band is a small SVG, drawn like cloth on a loom: a ground, and threads that run through it row by row. Each
row is one dashed line whose dashes repeat, so a whole panel weighs little more than a kilobyte, and some
hundred bytes when a page of them is compressed. The pattern follows from the digest alone, the colours from
the kind: the same page always wears the same band. Only presentation attributes are used, since the site's
content security policy forbids styles in the page.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

WIDTH, HEIGHT = 50, 28
"""Threads across, unless a wider cloth is asked for, and rows down."""


class Palette(NamedTuple):
    """The colours of a cloth: its ground, two threads, and a light one."""

    ground: str
    first: str
    second: str
    light: str


PALETTES = {
    "machine": Palette("#8f3a18", "#e0a526", "#2a211a", "#f4e3c8"),
    "structure": Palette("#7a5230", "#e0b27a", "#35241a", "#f6ead6"),
    "practice": Palette("#35602f", "#e0a526", "#1f3a1e", "#e9e3c4"),
    "recipe": Palette("#86264a", "#ef9f5b", "#4a1430", "#f8dfd3"),
    "germplasm": Palette("#d29a1e", "#7a2e14", "#40230f", "#fbf0cf"),
    "organization": Palette("#24607d", "#e8b04a", "#143b50", "#e6eee6"),
}
"""By kind; another kind wears one of these."""


@dataclass(frozen=True, eq=False)
class Row:
    """A row of cloth till it repeats after `period` threads across: whose turn it is, and for how long. `turns` are all
    that have one, as bits. In stripes a thread's turn is its number."""

    cells: Sequence[tuple[int, int]]
    period: int
    turns: int


Motif = Callable[[int, int], int]
"""How far a thread is from the middle of its figure; `across` and `down` count from there."""

MOTIFS: tuple[Motif, ...] = (
    lambda across, down: across + down,
    lambda across, down: across + down,
    lambda across, down: (2 * across + down) // 2,
    lambda across, down: max(across, down) + min(across, down) // 2,
    lambda across, down: abs(across - down) + (across + down) // 4,
    lambda across, down: across + down + (across // 3 ^ down // 3),
)
"""Rhombs (twice as often, as on most looms), spindles, rounds, crosses, stars."""
HALVES = (7, 8, 10, 14)
"""Half the threads of a figure: the other half mirrors it."""
TURNS = 8
"""So many times threads take turns from the middle of a figure outwards."""
BORDER = 6
"""Rows of plain stripes above and below the figures."""


@functools.lru_cache(maxsize=1024)
def band(digest: str, kind: str, across: int = WIDTH) -> str:
    """The band of a page as SVG, for a digest in hex of any length, in the colours of a kind.

    It fills its box and is cut off at the sides. `across` is an even number of threads.
    """
    bits = hashlib.sha256(digest.encode()).digest()
    palette = PALETTES.get(kind) or _any_palette(kind)
    order = _order(bits[2 : 2 + TURNS])
    stripes = _stripes(1 + bits[10] % 3, 1 + (bits[10] >> 2) % 3)
    figure = _figure(MOTIFS[bits[0] % len(MOTIFS)], HALVES[bits[1] % len(HALVES)])
    threads = ""
    for thread in (1, 2, 3):
        turns = sum(1 << turn for turn, other in enumerate(order) if other == thread)
        seen = [*((row, row.turns & 1 << thread) for row in stripes), *((row, row.turns & turns) for row in figure)]
        threads += _coloured(palette[thread], seen, across)
    return (
        f'<svg class="band" viewBox="0 -.5 {across} {HEIGHT}" preserveAspectRatio="xMidYMid slice" '
        f'shape-rendering="crispEdges" fill="none" aria-hidden="true">'
        f'<path fill="{palette.ground}" d="M0-.5h{across}v{HEIGHT}H0z"/>{threads}</svg>'
    )


def _any_palette(kind: str) -> Palette:
    return list(PALETTES.values())[hashlib.sha256(kind.encode()).digest()[0] % len(PALETTES)]


def _order(bits: bytes) -> list[int]:
    """The threads in turn from the middle of a figure outwards: neighbours differ, the first three too."""
    order = [bits[0] % 4]
    for byte in bits[1:]:
        taken = order if len(order) < 3 else order[-1:]
        others = [thread for thread in range(4) if thread not in taken]
        order.append(others[byte % len(others)])
    return order


@functools.cache
def _stripes(outer: int, inner: int) -> list[Row]:
    return [_mirrored(row) for row in ([outer], [outer], [inner], [inner, 0, 0], [inner], [0])][:BORDER]


@functools.cache
def _figure(motif: Motif, half: int) -> list[Row]:
    """The rows of the upper half of a figure, by turns."""
    # Two threads of each colour at least, so that figures are figures and not noise.
    downs = reversed(range(HEIGHT // 2 - BORDER))
    return [_mirrored([motif(across, down) // 2 % TURNS for across in range(half)]) for down in downs]


def _mirrored(row: list[int]) -> Row:
    cells = [(turn, len(list(same))) for turn, same in groupby(row + row[::-1])]
    return Row(cells, 2 * len(row), sum(1 << turn for turn in set(row)))


def _coloured(colour: str, seen: Sequence[tuple[Row, int]], across: int) -> str:
    """All of one colour, given as the turns that are seen of each row: rows that are dashed alike share a path."""
    alike: dict[tuple[int, str], list[int]] = {}
    for number, (row, turns) in enumerate(seen):
        if turns:
            alike.setdefault((row.period, _dashes(row, turns)), []).append(number)
    paths = []
    for (period, dashes), numbers in alike.items():
        lines = _lines(across, period)
        paths.append(f'<path {dashes}d="{"".join([lines[number] for number in numbers])}"/>')
    return f'<g stroke="{colour}">{"".join(paths)}</g>' if paths else ""


@functools.lru_cache(maxsize=4096)
def _dashes(row: Row, turns: int) -> str:
    """What shows some turns of a row: for how long they are seen and not seen, one after the other. Nothing is said of
    what is always seen."""
    lengths, was_seen = [0], True
    for turn, length in row.cells:
        is_seen = bool(turns >> turn & 1)
        if is_seen != was_seen:
            lengths.append(0)
        lengths[-1] += length
        was_seen = is_seen
    if len(lengths) == 1:
        return ""
    return f'stroke-dasharray="{" ".join(map(str, [*lengths, 0] if was_seen else lengths))}" '


@functools.lru_cache(maxsize=256)
def _lines(across: int, period: int) -> list[str]:
    """For each row of the upper half the line through it and through the row that mirrors it."""
    # Whole figures up to the middle, so that the cloth looks the same from both sides.
    start = across // 2 - -(-across // 2 // period) * period
    return [f"M{start} {n}h{across - start}M{start} {HEIGHT - 1 - n}h{across - start}" for n in range(HEIGHT // 2)]
