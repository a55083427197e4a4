"""The form of a document: what it shows is what it gives back, and what is typed is understood."""

import pytest
from flask import g
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from designs import sheet, vocabulary
from designs.web import choices, editor, forms
from tests.designs.examples import pump
from tests.flows.forms import FormReader
from wiki import document

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"))
WORDS = st.text(st.one_of(st.sampled_from("a <>&\"'%\n\tñ—{}"), LETTERS), max_size=12)
KEYS = st.text(st.sampled_from(document.KEY_LETTERS), min_size=1, max_size=4)


def one_of(listed: str) -> st.SearchStrategy[str]:
    if not listed:
        return WORDS
    terms = vocabulary.get(listed)
    names = [term.label("es") for term in terms.values()]
    return st.one_of(st.sampled_from(list(terms)), st.sampled_from(names), WORDS)


def cell(column: sheet.Column) -> st.SearchStrategy[object]:
    text = st.one_of(KEYS, WORDS) if column.refers else one_of(column.vocabulary)
    many = st.lists(text, max_size=4)
    # Other programs may have written a field in another shape than the sheet says.
    return st.one_of(many, many, many, text) if column.is_set else st.one_of(text, text, text, many)


def part(field: sheet.Field) -> st.SearchStrategy[object]:
    if field.shape == "text":
        return one_of(field.vocabulary)
    if field.shape == "set":
        return st.lists(one_of(field.vocabulary), max_size=5)
    columns = {column.name: cell(column) for column in field.columns}
    row = st.fixed_dictionaries({"key": KEYS}, optional={**columns, "beside": WORDS})
    return st.lists(row, max_size=4, unique_by=lambda row: row["key"])


DOCUMENTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(sheet.KINDS)},
    optional={field.name: part(field) for field in sheet.FIELDS if field.name != "kind"} | {"unknown": WORDS},
)


@pytest.fixture
def reader(app):
    """Somebody who reads Spanish."""
    with app.test_request_context("/"):
        g.language = "es"
        yield


def shown(content, section="", problems=(), language="es"):
    """What a browser would send of the form of a document, untouched."""
    form = editor.Editor(content, content["kind"], language=language, written="es", problems=problems, section=section)
    page = FormReader()
    page.feed(f"{form.shown('/c/comun/x', '<form class=document>', '', '', '')}</form>")
    return page.fields


def sent(fields, **changes):
    return MultiDict([(name, changes.get(name, value)) for name, value in fields])


@given(content=DOCUMENTS)
def test_a_form_that_nobody_touched_gives_the_same_document(reader, content):
    stands = document.clean(content)
    assert document.clean(forms.read(sent(shown(stands)), stands, "es")) == stands


@given(content=DOCUMENTS, section=st.sampled_from(["what", "where", "safety", "materials", "making", "sharing"]))
def test_so_does_the_form_of_one_section(reader, content, section):
    stands = document.clean(content)
    assert document.clean(forms.read(sent(shown(stands, section)), stands, "es")) == stands


def test_a_section_holds_only_its_own_parts(reader):
    fields = shown(pump(), "materials")
    names = {name.split("-")[0] for name, _ in fields} | {value for name, value in fields if name == "shown"}
    assert {"bom", "tools"} <= names
    assert not names & {"title", "steps", "hazards"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Ceará", "BR-CE"), ("ceara", "BR-CE"), ("BR-CE", "BR-CE"), ("Bolívia", "BO"), ("mi valle", "mi valle")],
)
def test_a_region_is_known_by_its_name(reader, typed, meant):
    stands = document.clean(pump())
    fields = [*shown(stands), ("regions", typed)]
    assert meant in forms.read(sent(fields), stands, "es")["regions"]


def test_regions_that_are_called_the_same_are_told_apart():
    offered = choices.offered("regions", "es")
    assert len(set(offered.values())) == len(offered)
    assert all(choices.resolve("regions", label, "es") == id for id, label in offered.items())


def test_a_decimal_comma_is_a_point(reader):
    stands = document.clean(pump())
    raw = forms.read(sent(shown(stands), **{"bom-0-quantity": "2,75", "bom-0-spec": "1,5 mm"}), stands)
    assert (raw["bom"][0]["quantity"], raw["bom"][0]["spec"]) == ("2.75", "1,5 mm")


def test_what_was_unticked_is_gone(reader):
    stands = document.clean(pump())
    fields = [(name, value) for name, value in shown(stands) if name != "hazards"]
    assert "hazards" not in document.clean(forms.read(sent(fields), stands))


def test_a_row_that_is_taken_away_is_no_longer_named(reader):
    stands = document.clean(pump())
    raw = forms.read(sent(shown(stands)), stands)
    assert forms.act(raw, "bom-0-remove") == "bom"
    assert raw["steps"][0]["parts"] == []
    fields = [(name, value) for name, value in shown(stands) if not name.startswith("bom-0-")]
    assert forms.read(sent(fields), stands)["steps"][0]["parts"] == []


def test_rows_move_and_keep_their_keys(reader):
    stands = document.clean(pump())
    raw = forms.read(sent(shown(stands)), stands)
    assert forms.act(raw, "bom-1-up") == "bom"
    assert [row["key"] for row in raw["bom"]] == ["tubo", "soga"]
    assert forms.act(raw, "bom-0-down") == "bom"
    assert [row["key"] for row in raw["bom"]] == ["soga", "tubo"]
    assert forms.act(raw, "bom-add") == "bom"
    assert len(raw["bom"]) == 3
    assert forms.act(raw, "title-add") is None
    assert forms.act(raw, "save") is None
    assert forms.act(raw, "bom-99-up") == "bom"


def test_each_problem_leads_to_its_field(reader):
    content = pump(bom=[{"key": "a", "name": "x"}, {"key": "b", "quantity": "\x00", "cost": "\x00"}], title="")
    try:
        document.clean(content)
    except Exception as invalid:
        problems = [*invalid.problems, *sheet.check(document.clean(pump(title="")))]
    form = editor.Editor(content, "machine", language="es", written="es", problems=problems, section="what")
    html = str(form.shown("/c/comun/x", "<form class=document>", "", "", ""))
    for id, place, _ in form.problems():
        assert f'id="{id}"' in html, id
        assert place
    assert [id for id, _, _ in form.problems()] == ["bom-1-quantity", "bom-1-cost", "title"]
    assert form.section == "", "what is wrong elsewhere must be seen"
    assert html.count('aria-invalid="true"') == 3
