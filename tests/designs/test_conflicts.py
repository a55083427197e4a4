"""The conflict screen offers only what can be answered."""

import pytest

from tests.designs.examples import pump
from tests.flows.people import form_fields
from wiki import accounts, history, pages


@pytest.fixture
def writer(client, comun, rosa, tomas):
    """Tomás, with the form of a page that Rosa edits meanwhile."""
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa)
    client.set_cookie("minga_session", accounts.sign_in(tomas))
    return client


def fields(client) -> dict[str, str]:
    return dict(form_fields(client.get("/c/comun/bomba/edit").text))


def save(by, **changes):
    pages.save(history.get_page("comun", "bomba"), pump(**changes), base=1, by=by)


def test_a_row_that_one_took_away_and_the_other_changed_is_kept_or_not(writer, rosa):
    sent = fields(writer)
    assert sent["bom-0-key"] == "soga"
    save(rosa, bom=[row for row in pump()["bom"] if row["key"] != "soga"])
    asked = writer.post("/c/comun/bomba/edit", data={**sent, "bom-0-quantity": "99", "do": "save"})
    assert asked.status_code == 409
    assert asked.text.count('type="radio"') == 2
    assert 'value="write"' not in asked.text
    name = "choice-" + asked.text.partition('name="choice-')[2].partition('"')[0]
    saved = writer.post("/c/comun/bomba/edit", data={**sent, "bom-0-quantity": "99", "do": "save", name: "incoming"})
    assert saved.status_code == 303
    rows = history.get_version(history.get_page("comun", "bomba")).document["bom"]
    assert [row["quantity"] for row in rows if row["key"] == "soga"] == ["99"]


def test_words_that_both_changed_can_be_written_anew(writer, rosa):
    sent = fields(writer)
    save(rosa, summary="Sube agua de 20 m.")
    asked = writer.post("/c/comun/bomba/edit", data={**sent, "summary": "Sube agua de 50 m.", "do": "save"})
    assert asked.status_code == 409
    assert asked.text.count('type="radio"') == 4
    assert "Sube agua de 50 m." in asked.text
