"""What is known of regions: laws that all of them keep, and facts that people know."""

import dataclasses
import gzip
import itertools
import pathlib
import re

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wsgi
from designs import maps, regions, vocabulary
from tests.tools import draw_map

ALL = list(vocabulary.get("regions"))
CODES = st.sampled_from(ALL)
PLACES = st.sampled_from([code for code in ALL if regions.kind(code) != "biome"])


@given(CODES)
def test_a_region_is_near_itself_and_within_itself(code):
    assert regions.get(code) == regions.find(code)
    assert regions.get(code).code == code
    assert code in regions.within(code)
    assert regions.distance(code, code) == 0


@given(CODES, CODES)
def test_what_is_inside_is_near_and_lies_in_the_same_country(code, other):
    inside = other in regions.within(code)
    assert inside <= (regions.distance(code, other) == 0)
    assert inside <= (regions.country(code) == regions.country(other))
    assert inside <= (regions.within(other) <= regions.within(code))


@given(PLACES)
def test_steps_grow(code):
    rings = regions.widening(code)
    held = [{one for one in ALL if ring.holds(one)} for ring in rings]
    assert all(near < far for near, far in itertools.pairwise(held))
    assert held[-1] == regions.within(regions.country(code))


@given(CODES, CODES)
def test_a_code_alone_is_a_list_of_one(code, other):
    assert regions.widening(code) == regions.widening([code])
    assert regions.distance(code, other) == regions.distance([code], [other]) <= len(regions.widening(code))


@given(st.text(max_size=8))
def test_what_is_no_region_has_nothing(code):
    if code not in ALL:
        assert (regions.find(code), regions.children(code), regions.within(code)) == (None, [], frozenset())
        with pytest.raises(KeyError):
            regions.get(code)


def test_parents_have_no_cycles_and_end_at_a_country():
    for code in ALL:
        way = [code]
        while parent := regions.get(way[-1]).parent:
            assert parent not in way
            assert way[-1] in regions.children(parent)
            way.append(parent)
        assert regions.kind(way[-1]) == ("biome" if regions.kind(code) == "biome" else "country")
        assert way[-1] == (regions.country(code) or code)


def test_codes_are_unique_in_the_files():
    countries = vocabulary._read("regions_latam")["countries"]
    codes = [country["code"] for country in countries]
    codes += [row[0] for country in countries for row in country["subdivisions"]]
    codes += [row["id"] for row in vocabulary._read("biomes_latam")["biomes"]]
    assert len(codes) == len(set(codes)) == len(ALL)


def test_every_region_has_its_names_and_every_country_its_money():
    for code in ALL:
        region = regions.get(code)
        assert {"es", "pt", "en"} == {language for language, name in region.names.items() if name.strip()}
        assert bool(region.currencies) == bool(region.languages) == (region.kind == "country")
        assert set(region.currencies) <= set(vocabulary.get("currencies"))
        assert bool(region.type) == (region.kind == "subdivision")


def test_a_region_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        regions.get("BO").code = "PE"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("code", "parent", "es", "pt", "en"),
    [
        ("BO", "", "Bolivia", "Bolívia", "Bolivia"),
        ("BR", "", "Brasil", "Brasil", "Brazil"),
        ("HT", "", "Haití", "Haiti", "Haiti"),
        ("GF", "", "Guayana Francesa", "Guiana Francesa", "French Guiana"),
        ("BO-O", "BO", "Oruro", "Oruro", "Oruro"),
        ("BR-ES", "BR", "Espírito Santo", "Espírito Santo", "Espírito Santo"),
        ("DO-06", "DO-33", "Duarte", "Duarte", "Duarte"),
        ("puna", "", "Puna y altiplano", "Puna e altiplano", "Puna and altiplano"),
        ("paramo", "", "Páramo", "Páramo", "Páramo"),
    ],
)
def test_regions_are_known_by_name(code, parent, es, pt, en):
    region = regions.get(code)
    assert (region.parent, dict(region.names)) == (parent, {"es": es, "pt": pt, "en": en})


def test_what_a_country_pays_with_and_speaks():
    assert regions.get("BO").currencies == ("BOB",)
    assert regions.get("BO").languages == ("es", "qu", "ay", "gui")
    assert regions.get("PA").currencies == ("PAB", "USD")
    assert regions.get("HT").languages == ("ht", "fr")
    assert regions.get("MX").languages == ("es", "yua", "zap", "tzo", "tzh")


def test_what_lies_in_what():
    assert len(regions.children("BO")) == 9
    assert len(regions.within("BR")) == 1 + 27
    assert "BO-O" in regions.within("BO")
    assert "PE-PUN" not in regions.within("BO")
    assert regions.within("puna") == {"puna"}
    assert regions.within("PR") == {"PR"}
    assert (regions.get("DO-33").type, regions.get("DO-06").type) == ("Region", "Province")
    assert regions.distance("DO-33", "DO-06") == 0
    assert (regions.distance("DO-06", "DO-33"), regions.distance("DO-06", "DO-01")) == (1, 1)
    assert "DO-06" in regions.within("DO")


HOSTILE = "\"><script>alert('1')</script>&"


def drawing(name, marked=()):
    """The map as its template writes it, with a word for every country."""
    told = maps.drawn({"BO": 3}, set(marked), lambda code: name or code)
    folder = pathlib.Path(wsgi.__file__).parent / "templates"
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True)
    templates.globals |= {"_": str, "ngettext": lambda one, many, num: one if num == 1 else many % {"num": num}}
    return str(templates.get_template("designs/map.html").module.drawn(told))


def test_each_country_of_the_map_is_a_link_that_says_its_name_and_count():
    html = drawing("", marked=["PE"])
    links = re.findall(r'<a href="/regions/(\w\w)" aria-label="(\w\w): ([^"]+)"( class="[\w-]+")?>', html)
    assert {code for code, *_ in links} == set(regions.countries())
    assert all(code == name for code, name, *_ in links)
    assert {code: count for code, _, count, _ in links if count != "0 designs"} == {"BO": "3 designs"}
    assert {(code, mark) for code, *_, mark in links if mark} == {("PE", ' class="is-marked"'), ("BO", ' class="has"')}
    assert re.search(r'<svg[^>]* role="\w+" aria-label="[^"]+"', html)
    assert not re.search(r"script|style=|fill=|https?:|url\(", html)


def test_names_on_the_map_are_escaped():
    html = drawing(HOSTILE)
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2 * len(regions.countries())


def test_the_map_is_light():
    assert len(gzip.compress((vocabulary.FOLDER / "map.json").read_bytes())) < 5000
    assert len(gzip.compress(drawing("").encode())) < 5000


def test_a_small_island_can_be_hit_and_covers_nobody():
    shapes = {shape.code: shape.path for shape in maps.drawn({}, (), str).shapes}
    assert [code for code, path in shapes.items() if "a" in path] == ["PR"]
    x, y = map(int, re.match(r"M(\d+) (\d+)a", shapes["PR"]).groups())
    centre = (x + draw_map.DOT, y)
    for code, path in shapes.items():
        if code != "PR":
            assert all(abs(complex(*point) - complex(*centre)) > draw_map.DOT for point in corners(path)), code


def corners(path):
    for piece in re.findall(r"M([^z]*)z", path):
        x, y, *steps = map(int, re.findall(r"-?\d+", piece))
        yield x, y
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            yield x, y


def test_the_map_is_drawn_from_arcs_that_countries_share():
    """A square and its neighbour: the arc between them is read backwards by the second."""
    topology = {
        "transform": {"scale": [1, 1], "translate": [-118, 23]},
        "arcs": [[[10, 10], [0, -10]], [[10, 0], [-10, 0], [0, 10], [10, 0]], [[10, 0], [10, 0], [0, 10], [-10, 0]]],
    }
    left, right = ({"type": "Polygon", "arcs": [arcs]} for arcs in ([0, 1], [~0, ~2]))
    assert draw_map.path(draw_map.rings(topology, left)) == "M44 0l0 44-44 0 0-44 44 0z"
    assert draw_map.path(draw_map.rings(topology, {"type": "MultiPolygon", "arcs": [left["arcs"]]})).endswith("z")
    assert draw_map.rings(topology, right)[0][:2] == [(-108, 23), (-108, 33)]
