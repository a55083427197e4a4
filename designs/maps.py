"""The map of the countries, ready for its template: outlines in whole units, with what is said of each. Pure."""

import functools
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from designs import vocabulary


@dataclass(frozen=True)
class Shape:
    """A country on the map: its code, outline, name, how many designs it has, and whether it is marked."""

    code: str
    path: str
    name: str
    count: int
    is_marked: bool


@dataclass(frozen=True)
class Map:
    width: int
    height: int
    shapes: tuple[Shape, ...]


@functools.cache
def _outlines() -> tuple[int, int, Mapping[str, str]]:
    """Drawn by `tests/tools/draw_map.py` from Natural Earth."""
    told = json.loads((vocabulary.FOLDER / "map.json").read_text())
    return told["width"], told["height"], told["paths"]


def drawn(counts: Mapping[str, int], marked: Collection[str], named: Callable[[str], str]) -> Map:
    """The map with the number of designs of each country, and some countries marked."""
    width, height, paths = _outlines()
    shapes = [Shape(code, path, named(code), counts.get(code, 0), code in marked) for code, path in paths.items()]
    return Map(width, height, tuple(sorted(shapes, key=lambda shape: shape.name)))
