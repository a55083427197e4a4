import gzip
import hashlib
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiki import bands

SVG = "{http://www.w3.org/2000/svg}"
KINDS = [*bands.PALETTES, "", "quilt"]

digests = st.binary(min_size=1, max_size=32).map(bytes.hex)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def woven(svg: str) -> list[list[str]]:
    """The cloth as a browser would paint it: the colour of every thread in every row."""
    root = parsed(svg)
    ground = root.find(f"{SVG}path")
    assert ground is not None
    cloth = [[ground.attrib["fill"]] * bands.WIDTH for _ in range(bands.HEIGHT)]
    for group in root.iter(f"{SVG}g"):
        for path in group:
            dashes = [int(length) for length in path.get("stroke-dasharray", "1 0").split()]
            shown = [i % 2 == 0 for i, length in enumerate(dashes) for _ in range(length)]
            for line in path.attrib["d"].split("M")[1:]:
                start, rest = line.split(" ")
                row, length = map(int, rest.split("h"))
                for i in range(length):
                    x = int(start) + i
                    if 0 <= x < bands.WIDTH and shown[i % len(shown)]:
                        assert cloth[row][x] == ground.attrib["fill"], "two threads in one place"
                        cloth[row][x] = group.attrib["stroke"]
    return cloth


@given(digests, st.sampled_from(KINDS))
def test_a_band_is_small_and_has_no_style(digest: str, kind: str) -> None:
    svg = bands.band(digest, kind)
    assert len(svg) < 2500
    used = {name for element in parsed(svg).iter() for name in element.attrib}
    allowed = {"class", "viewBox", "preserveAspectRatio", "aria-hidden", "shape-rendering", "fill", "d"}
    assert used <= allowed | {"stroke", "stroke-dasharray"}


@given(digests, st.sampled_from(KINDS))
def test_a_band_is_whole_cloth_mirrored_both_ways(digest: str, kind: str) -> None:
    cloth = woven(bands.band(digest, kind))
    assert cloth == cloth[::-1]
    assert cloth == [row[::-1] for row in cloth]
    assert 3 <= len({colour for row in cloth for colour in row}) <= 4


@given(digests)
def test_the_kind_chooses_the_colours(digest: str) -> None:
    for kind, palette in bands.PALETTES.items():
        assert {colour for row in woven(bands.band(digest, kind)) for colour in row} <= set(palette)


def test_the_same_page_always_wears_the_same_band() -> None:
    bands.band.cache_clear()
    svg = bands.band("5eed", "machine")
    assert hashlib.sha256(svg.encode()).hexdigest() == PINNED


PINNED = "ae962efa4d68403f2f6d797b284002639bc0bd5eb16144f429385d450ac89ba7"


def test_pages_are_told_apart() -> None:
    cloths = {bands.band(f"{number:064x}", "recipe") for number in range(1000)}
    assert len(cloths) > 900


def test_a_shelf_of_bands_compresses_well() -> None:
    shelf = "".join(bands.band(f"{number:064x}", kind) for number in range(4) for kind in bands.PALETTES)
    assert len(gzip.compress(shelf.encode())) < 24 * 200


@pytest.mark.parametrize("kind", ["", '"><script>', "quilt"])
def test_an_unknown_kind_wears_colours_of_the_house(kind: str) -> None:
    svg = bands.band("ab", kind)
    assert parsed(svg)[0].attrib["fill"] in {palette.ground for palette in bands.PALETTES.values()}
