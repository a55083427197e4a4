"""The bill of materials, and what a licence gives, and what is missing."""

from decimal import Decimal

import pytest
from flask import g
from flask_babel import force_locale

from designs import bom, completeness, licences, samples, sheet, vocabulary
from designs.web import words
from tests.designs.examples import pump
from wiki import document

LANGUAGES = ("es", "pt-BR", "en")


def priced(*rows):
    return document.clean({"bom": [{"key": f"k{i}", **row} for i, row in enumerate(rows)]})


def test_prices_of_different_months_and_currencies_are_not_added_up():
    content = priced(
        {"name": "a", "quantity": "2", "cost": "10.50", "currency": "NIO", "month": "2026-10"},
        {"name": "b", "quantity": "1", "cost": "4", "currency": "NIO", "month": "2026-10"},
        {"name": "c", "quantity": "3", "cost": "1", "currency": "NIO", "month": "2024-01"},
        {"name": "d", "quantity": "1", "cost": "5", "currency": "USD", "month": "2026-10"},
        {"name": "e", "quantity": "al gusto", "cost": "5", "currency": "USD", "month": "2026-10"},
        {"name": "f", "cost": "7", "currency": "USD", "month": "2026-10"},
    )
    assert bom.costs(content) == [
        bom.Cost("NIO", "2026-10", Decimal("25.00")),
        bom.Cost("NIO", "2024-01", Decimal(3)),
        bom.Cost("USD", "2026-10", Decimal(12)),
    ]
    assert bom.costs(content, Decimal("1.5"))[0].amount == Decimal("37.5")
    assert bom.priced(content) == (6, 6)


def test_a_line_has_its_substitutes_and_nothing_else_does():
    content = document.clean(
        pump(
            substitutes=[
                {"key": "s1", "line": "soga", "name": "Soga de cabuya", "verdict": "works_less"},
                {"key": "s2", "line": "nada", "name": "x"},
            ]
        )
    )
    first, second = bom.lines(content, Decimal(4))
    assert [row["name"] for row in first.substitutes] == ["Soga de cabuya"]
    assert (first.quantity, second.quantity, second.substitutes) == ("160", "10", ())


def test_fields_of_another_shape_do_no_harm():
    content = document.clean({"bom": [{"key": "a", "name": ["x"], "quantity": ["1", "2"]}], "steps": "no rows"})
    assert bom.lines(content)[0].quantity == ""
    assert bom.minutes(content) == 0


def codes(box):
    return set(box.may), set(box.may_not), set(box.must)


def test_what_a_cooperative_asks_first():
    free = {"use", "sell-cooperative", "sell-company", "change"}
    assert codes(licences.box("CC0-1.0")) == (free, set(), set())
    assert codes(licences.box("CC-BY-SA-4.0")) == (free, set(), {"credit", "changes", "same"})
    assert codes(licences.box("CERN-OHL-S-2.0")) == (free, set(), {"credit", "changes", "same", "sources"})
    assert "same-part" in licences.box("CERN-OHL-W-2.0").must
    closed = licences.box("CC-BY-NC-4.0")
    assert {"sell-cooperative", "sell-company"} <= set(closed.may_not)
    peers = licences.box("PPL")
    assert "sell-workers" in peers.may
    assert "sell-company" in peers.may_not
    assert "change" in licences.box("CC-BY-ND-4.0").may_not
    assert licences.box("LicenseRef-AllRightsReserved").may == ()
    assert licences.box("LicenseRef-OSSI-Pledge").must == ("pledge",)
    assert licences.box("my own").may == licences.box("my own").may_not == ()


def test_the_thing_itself_is_answered_before_its_description():
    found = licences.slots({"documentation": "CC-BY-SA-4.0", "x": "?", "hardware": "CERN-OHL-S-2.0"})
    assert [slot for slot, _ in found] == ["hardware", "documentation", "x"]


@pytest.mark.parametrize("id", sorted(vocabulary.get("licences")))
def test_every_licence_has_a_box_in_whole_sentences(app, id):
    box = licences.box(id)
    assert box.may or box.may_not
    for slot in sheet.SLOTS:
        for tag in LANGUAGES:
            with app.app_context(), force_locale(tag.replace("-", "_")):
                g.language = tag
                said = [words.right(slot, code) for code in (*box.may, *box.may_not)]
                said += [words.said(words.DUTIES, code) for code in box.must]
                assert all(sentence.endswith(".") and len(sentence) > 8 for sentence in said), said


def test_a_list_of_materials_lacks_what_would_be_needed_to_repeat_it():
    missing = completeness.missing(document.clean(pump()))
    assert "tools" in missing
    assert "pictures" in missing
    assert "bom" not in missing
    assert "quantities" not in missing
    vague = pump(hazards=["unknown"])
    vague["bom"][0]["quantity"] = "bastante"
    assert {"hazards", "quantities"} <= set(completeness.missing(document.clean(vague)))


def test_every_kind_and_every_code_has_its_test_and_sentence():
    assert set(completeness.NEEDED) == set(sheet.KINDS)
    named = {code for needed in completeness.NEEDED.values() for code in needed}
    assert named <= set(completeness.TESTS)
    assert named <= set(words.MISSING)


def test_the_samples_can_be_repeated():
    found = [sample for sample in samples.all_samples() if sample.language == "es"]
    assert found
    allowed = {"pictures"}
    assert [(s.slug, m) for s in found if (m := set(completeness.missing(s.document)) - allowed)] == []
