"""Manifests of Open Know-How, as people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from designs import manifests, sheet
from wiki import document

TOML = """
okhv = "OKH-LOSHv1.0"
name = "Horno_de_tierra"
repo = "https://example.org/horno"
version = "1"
license = "{licence}"
licensor = "Rosa <rosa@example.org>"
function = "Cuece pan. Gasta poca leña."
documentationLanguage = "es"
forkOf = "https://example.org/original"
"""
YAML = """
title: Silla
description: Una silla de palos.
project-link: https://example.org/silla
manifest-language: es-MX
license:
  hardware: CERN-OHL-S-2.0
  documentation: Creative Commons Attribution-ShareAlike 4.0 International
licensor:
  name: Tomás
  email: tomas@example.org
bom: palos, soga, clavos
"""


def toml(licence="CC-BY-SA-4.0", **changes):
    text = TOML.format(licence=licence)
    for old, new in changes.items():
        text = text.replace(old, new)
    return manifests.read("okh.toml", text.encode())


def test_a_manifest_in_toml_is_a_design_with_its_source_and_what_it_came_from():
    found = toml()
    told = found.document
    assert (found.url, found.language, found.is_card) == ("https://example.org/horno", "es", False)
    assert (told["title"], told["summary"]) == ("Horno de tierra", "Cuece pan. Gasta poca leña.")
    assert sheet.licences(told) == {"documentation": "CC-BY-SA-4.0"}
    assert told["hazards"] == ["unknown"]
    assert [row["name"] for row in told["credits"]] == ["Rosa"]
    assert [(row["kind"], row["url"]) for row in told["sources"]] == [
        ("web", "https://example.org/horno"),
        ("fork-of", "https://example.org/original"),
    ]
    assert sheet.check(told) == []
    assert toml().document == told, "its keys do not depend on chance"


def test_a_manifest_in_yaml_has_licences_by_slot_and_parts():
    found = manifests.read("okh.yml", YAML.encode())
    assert sheet.licences(found.document) == {"documentation": "CC-BY-SA-4.0", "hardware": "CERN-OHL-S-2.0"}
    assert found.language == "es"
    assert [row["name"] for row in found.document["bom"]] == ["palos", "soga", "clavos"]
    assert "tomas@" not in document.canonical(found.document).decode()


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("LicenseRef-CC BY-SA-4.0", "CC-BY-SA-4.0"),
        ("LicenseRef-CC-BY-SA 3.0", "CC-BY-SA-3.0"),
        ("LicenseRef-CC-BY license 4.0", "CC-BY-4.0"),
        ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("CERN OHL v1.2", "CERN-OHL-1.2"),
        ("LicenseRef-GNU GPL v3.0", "GPL-3.0-or-later"),
        ("LicenseRef-CERN", "LicenseRef-CERN"),
        ("PANAKA-OHL-1.0", "PANAKA-OHL-1.0"),
    ],
)
def test_licences_are_read_as_they_are_spelled_and_unknown_ones_are_kept(said, read):
    assert sheet.licences(toml(said).document) == {"documentation": read}


@pytest.mark.parametrize(
    "licence",
    ["CC-BY-NC-SA-4.0", "CC BY-ND 4.0", "Creative Commons Attribution-NonCommercial 4.0", "", "No license information"],
)
def test_what_may_not_be_copied_is_a_link_and_nothing_more(licence):
    found = toml(licence)
    assert found.is_card
    assert "pan" not in document.canonical(found.document).decode()
    assert found.document["sources"][0]["key"] == manifests.CARD
    assert sheet.check(found.document) == []


def test_long_words_are_cut_where_a_sentence_ends_and_none_are_lost():
    found = toml(**{"Cuece pan. Gasta poca leña.": "Cuece pan muy bien y para todos los vecinos. " * 20})
    assert len(found.document["summary"]) <= manifests.SUMMARY
    assert found.document["summary"].endswith(".")
    assert found.document["body"].count("vecinos") == 20
    named = toml(Horno_de_tierra="Horno " * 40)
    assert len(named.document["title"]) <= manifests.TITLE
    assert ("Horno " * 40).strip() in named.document["body"]


def test_headings_of_wikis_become_headings():
    found = toml(**{"Cuece pan. Gasta poca leña.": "Cuece pan. == Uso == Meta leña."})
    assert found.document["body"] == "Cuece pan.\n\n## Uso\n\nMeta leña."
    assert found.document["summary"] == "Cuece pan. Meta leña."


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("okh.toml", b'okhv = "1"\nname = "x'),
        ("okh.toml", b"\xff\xfe\x00"),
        ("okh.yml", b"title: [x\n"),
        ("okh.yml", b"title: &a x\ndescription: *a\n"),
        ("okh.yml", b"a: " + b"[" * 5000),
        ("okh.toml", b'okhv = "1"\nname = "x"\nlicense = "MIT"\nrepo = "javascript:alert(1)"'),
        ("okh.toml", b"x" * (manifests.MANIFEST + 1)),
    ],
)
def test_what_is_broken_is_told_in_words(name, data):
    with pytest.raises(manifests.Broken) as told:
        manifests.read(name, data)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("foto.md", b"\x89PNG"),
        ("a.toml", b"[tool]\nx = 1"),
        ("a.yml", b"- uno\n- dos"),
        ("tienda.yml", b"title: Tienda\nsupply-atoms: []"),
        ("okh.toml", TOML.format(licence="the-SPDX-ID").encode()),
    ],
)
def test_what_is_no_design_is_told_why(name, data):
    with pytest.raises(manifests.NotADesign):
        manifests.read(name, data)


@given(st.sampled_from(["a.toml", "a.yml", "a.yaml", "a.md"]), st.binary(max_size=300) | st.text().map(str.encode))
def test_no_bytes_crash_the_readers(name, data):
    try:
        found = manifests.read(name, data)
    except (manifests.Broken, manifests.NotADesign):
        return
    assert sheet.check(found.document) == []


values = st.text(max_size=60) | st.integers() | st.booleans() | st.lists(st.text(max_size=20), max_size=3)
KEYS = ("name", "repo", "license", "licensor", "function", "documentationLanguage", "forkOf", "title", "description")


@given(st.dictionaries(st.sampled_from(KEYS), values))
@example({"name": "# 0"})
def test_no_values_crash_them_either(told):
    for reader in (manifests._of_okh_1, manifests._of_okh_2):
        try:
            found = reader({"repo": "https://example.org", "project-link": "https://example.org", **told})
        except (manifests.Broken, manifests.NotADesign):
            continue
        assert sheet.check(found.document) == []
