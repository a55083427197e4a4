"""A pasted text becomes a form that is half filled in, and nothing of it is lost."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designs import pasted, sheet
from tests.flows.people import form_fields
from tests.wiki.test_account_pages import value_of
from wiki import accounts, document

RECIPE = """# Jabón de ceniza

Jabón para lavar ropa con lo que queda del fogón.

Se usa en toda la sierra.

## Materiales

- 2,5 kg de ceniza de leña
- 1 L aceite usado
- Agua de lluvia

## Herramientas

* Olla vieja
* Palo

## Preparación

1. Hierva la ceniza. Dos horas en bastante agua.
2. Cuele
   con una tela limpia.

### Reposo

Deje reposar un mes.

## Peligros

La lejía quema.
"""


def test_a_text_with_headings_and_lists_gives_parts_tools_and_steps():
    found = pasted.read(RECIPE)
    assert (found["title"], found["summary"]) == (
        "Jabón de ceniza",
        "Jabón para lavar ropa con lo que queda del fogón.",
    )
    assert [(row.get("quantity"), row.get("unit"), row["name"]) for row in found["bom"]] == [
        ("2.5", "kg", "ceniza de leña"),
        ("1", "L", "aceite usado"),
        (None, None, "Agua de lluvia"),
    ]
    assert [row["name"] for row in found["tools"]] == ["Olla vieja", "Palo"]
    assert [(row["title"], row.get("text", "")) for row in found["steps"]] == [
        ("Hierva la ceniza", "Dos horas en bastante agua."),
        ("Cuele con una tela limpia", ""),
        ("Reposo", "Deje reposar un mes."),
    ]
    assert found["body"] == "Se usa en toda la sierra.\n\n## Peligros\n\nLa lejía quema."
    assert pasted.read(RECIPE) == found, "keys do not depend on chance"


def test_a_text_without_headings_is_a_title_and_words():
    found = pasted.read("Una nota de voz que alguien escribió.\n\nOtra línea.")
    assert found["title"].startswith("Una nota de voz")
    assert "Otra línea." in found["body"]


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)
LINES = [
    "# Título",
    "## Materiales",
    "## Pasos",
    "### Uno",
    "## Otra cosa",
    "- 2 kg de sal",
    "- soga",
    "1. Corte.",
    "",
    "a\n",
]


@given(st.lists(st.sampled_from(LINES) | words, max_size=14).map("\n".join))
def test_nothing_that_was_written_is_lost(text):
    found = pasted.read(text)
    said = document.canonical(document.clean({"kind": "machine", **found})).decode() if found else ""
    told = "\n".join(line for line in document.normal(text).split("\n") if line not in ("## Materiales", "## Pasos"))
    for word in re.findall(r"[^\W\d_]{4,}", told):
        assert word.casefold() in said.casefold()
    assert all(sheet.BY_NAME[name] for name in found)


@pytest.fixture
def writer(client, comun, rosa):
    client.set_cookie("minga_session", accounts.sign_in(rosa))
    return client


def paste(client, **fields):
    token = value_of(client.get("/new/paste"), "csrf_token")
    return client.post("/new/paste", data={"csrf_token": token, **fields}, content_type="multipart/form-data")


def test_the_form_is_filled_and_nothing_is_saved(writer):
    answer = paste(writer, kind="recipe", text=RECIPE)
    assert answer.status_code == 200
    sent = dict(form_fields(answer.text))
    assert (sent["title"], sent["bom-0-name"], sent["steps-0-title"]) == (
        "Jabón de ceniza",
        "ceniza de leña",
        "Hierva la ceniza",
    )
    assert writer.get("/c/comun/jabon-de-ceniza").status_code == 404
    saved = writer.post("/new", data={**sent, "hazards": "caustic", "do": "save"})
    assert saved.status_code == 303, saved.text
    assert "Jabón de ceniza" in writer.get("/c/comun/jabon-de-ceniza").text


def test_a_file_is_read_too_and_what_is_no_text_is_refused(writer):
    answer = paste(writer, kind="recipe", file=(io.BytesIO(RECIPE.encode()), "jabon.md"))
    assert dict(form_fields(answer.text))["title"] == "Jabón de ceniza"
    refused = paste(writer, kind="recipe", text="lo que pegué", file=(io.BytesIO(b"\xff\xfe\x00"), "foto.md"))
    assert refused.status_code == 422
    assert "lo que pegué" in refused.text


@pytest.mark.parametrize("fields", [{"kind": "recipe", "text": " "}, {"kind": "", "text": "algo"}])
def test_what_is_missing_is_asked_for(writer, fields):
    answer = paste(writer, **fields)
    assert answer.status_code == 422
    assert fields["text"].strip() in answer.text
