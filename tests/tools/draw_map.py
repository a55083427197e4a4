"""Draws the map of the countries: `python -m tests.tools.draw_map countries-110m.json > designs/vocab/map.json`.

Reads the TopoJSON of the npm package `world-atlas` 2.0.2 (ISC), made from Natural Earth (public domain), and writes for
each country of the vocabulary the path of its outline in whole units of a picture.
"""

import json
import pathlib
import sys

from designs import vocabulary

NUMBERS = {
    "032": "AR", "068": "BO", "076": "BR", "084": "BZ", "152": "CL", "170": "CO", "188": "CR", "192": "CU", "214": "DO",
    "218": "EC", "222": "SV", "320": "GT", "328": "GY", "332": "HT", "340": "HN", "388": "JM", "484": "MX", "558": "NI",
    "591": "PA", "600": "PY", "604": "PE", "630": "PR", "740": "SR", "780": "TT", "858": "UY", "862": "VE",
}  # fmt: skip
"""ISO 3166-1, numeric and by letters."""
GUIANA = (-55.0, -51.0, 1.5, 6.5)
"""French Guiana, which is drawn there as a part of France: west, east, south, north."""
WEST, NORTH, SCALE = -118.0, 33.0, 4.4
WIDTH, HEIGHT = 372, 396
SMALL, DOT = 3, 7
"""An island that is lower or narrower than so many units is drawn as a dot of that radius, so that it can be hit. A
larger one would cover its neighbour."""

Ring = list[tuple[float, float]]


def rings(topology: dict, geometry: dict) -> list[Ring]:
    """The outer rings of a geometry, in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    found = []
    for polygon in polygons:
        ring: Ring = []
        for index in polygon[0]:
            part = arcs[index] if index >= 0 else arcs[~index][::-1]
            ring.extend(part[1:] if ring else part)
        found.append(ring)
    return found


def dot(drawn: list[list[tuple[int, int]]]) -> str:
    """The path of a circle in place of an outline that is too small, "" for another."""
    across, down = ([point[axis] for points in drawn for point in points] for axis in (0, 1))
    if min(max(across) - min(across), max(down) - min(down)) >= SMALL:
        return ""
    x, y = (min(across) + max(across)) // 2, (min(down) + max(down)) // 2
    return f"M{x - DOT} {y}a{DOT} {DOT} 0 1 0 {2 * DOT} 0a{DOT} {DOT} 0 1 0-{2 * DOT} 0z"


def path(found: list[Ring]) -> str:
    drawn = [[(round((lon - WEST) * SCALE), round((NORTH - lat) * SCALE)) for lon, lat in ring] for ring in found]
    if circle := dot(drawn):
        return circle
    pieces = []
    for points in drawn:
        kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
        width = max(x for x, _ in kept) - min(x for x, _ in kept)
        if len(kept) < 4 and width < SMALL:
            continue
        (x, y), rest = kept[0], kept[1:]
        steps = []
        for nx, ny in rest:
            steps.append(f"{nx - x} {ny - y}")
            x, y = nx, ny
        pieces.append(f"M{kept[0][0]} {kept[0][1]}l{' '.join(steps)}z".replace(" -", "-"))
    return "".join(pieces)


def main(source: str) -> None:
    topology = json.loads(pathlib.Path(source).read_text())
    paths = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = NUMBERS.get(str(geometry.get("id", "")).zfill(3))
        found = rings(topology, geometry)
        if geometry.get("id") == "250":
            code = "GF"
            west, east, south, north = GUIANA
            found = [r for r in found if all(west < lon < east and south < lat < north for lon, lat in r)]
        if code in vocabulary.get("regions"):
            paths[code] = path(found)
    about = {
        "what": "Outlines of countries in whole units of a picture",
        "source": "Natural Earth 1:110m (public domain), by world-atlas 2.0.2 (ISC, © 2013-2019 Michael Bostock)",
        "made": "tests/tools/draw_map.py",
    }
    told = {"_about": about, "width": WIDTH, "height": HEIGHT, "paths": dict(sorted(paths.items()))}
    json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
