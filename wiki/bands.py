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

Row = list[tuple[int, int]]
"""A row of cloth till it repeats: which thread comes, or whose turn it is, and for how many threads across."""
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
    figure = _figure(MOTIFS[bits[0] % len(MOTIFS)], HALVES[bits[1] % len(HALVES)])
    # In stripes it is always the turn of the thread that they name.
    stripes = (_dashed(row, range(len(palette))) for row in _stripes(bits[10]))
    rows = [*stripes, *(_dashed(row, order) for row in figure)]
    threads = "".join(_threads(rows, thread, palette[thread], across) for thread in (1, 2, 3))
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


def _stripes(seed: int) -> list[Row]:
    outer, inner = 1 + seed % 3, 1 + (seed >> 2) % 3
    return [_mirrored(row) for row in ([outer], [outer], [inner], [inner, 0, 0], [inner], [0])][:BORDER]


@functools.cache
def _figure(motif: Motif, half: int) -> list[Row]:
    """The rows of the upper half of a figure, by turns."""
    # Two threads of each colour at least, so that figures are figures and not noise.
    downs = reversed(range(HEIGHT // 2 - BORDER))
    return [_mirrored([motif(across, down) // 2 % TURNS for across in range(half)]) for down in downs]


def _mirrored(row: list[int]) -> Row:
    return [(thread, len(list(same))) for thread, same in groupby(row + row[::-1])]


def _threads(rows: list[tuple[int, dict[int, list[int]]]], thread: int, colour: str, across: int) -> str:
    """All of one colour: rows that are dashed alike share a path."""
    alike: dict[tuple[str, int], list[int]] = {}
    for number, (period, dashes_of) in enumerate(rows):
        if lengths := dashes_of.get(thread):
            told = f'stroke-dasharray="{" ".join(map(str, lengths))}" ' if len(lengths) > 1 else ""
            alike.setdefault((told, period), []).append(number)
    paths = []
    for (dashes, period), numbers in alike.items():
        # Whole figures up to the middle, so that the cloth looks the same from both sides.
        start = across // 2 - -(-across // 2 // period) * period
        lines = "".join(_lines(start, across - start)[number] for number in numbers)
        paths.append(f'<path {dashes}d="{lines}"/>')
    return f'<g stroke="{colour}">{"".join(paths)}</g>' if paths else ""


@functools.lru_cache(maxsize=256)
def _lines(start: int, length: int) -> list[str]:
    """For each row of the upper half the line through it and through the row that mirrors it."""
    return [f"M{start} {n}h{length}M{start} {HEIGHT - 1 - n}h{length}" for n in range(HEIGHT // 2)]


def _dashed(row: Row, order: Sequence[int]) -> tuple[int, dict[int, list[int]]]:
    """How many threads a row has till it repeats, and the dashes that show each thread in it: for how long it is seen
    and not seen, one after the other. One that is always seen has one."""
    found: dict[int, list[int]] = {}
    ends: dict[int, int] = {}
    at = 0
    for turn, length in row:
        thread = order[turn]
        if thread not in found:
            found[thread] = [0, at, length] if at else [length]
        elif ends[thread] == at:
            found[thread][-1] += length
        else:
            found[thread] += [at - ends[thread], length]
        at += length
        ends[thread] = at
    for thread, dashes in found.items():
        if dashes != [at]:
            dashes.append(at - ends[thread])
    return at, found
