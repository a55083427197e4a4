"""A translation knows which of its words are older than the original, and takes its figures along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designs import forks, translating, translations
from tests.designs.examples import pump
from wiki import document, errors, history, pages
from wiki.db import session


@pytest.fixture
def original(comun, rosa):
    saved = pages.create(comun, pump(), language="es", by=rosa)
    return history.find_page_by_id(saved.page_id)


@pytest.fixture
def page(original, comun, rosa):
    told = {"relation": "translation", "language": "pt-BR", "slug": "bomba-de-corda", "note": ""}
    saved = forks.fork(history.get_version(original), comun, **told, by=rosa)
    return history.find_page_by_id(saved.page_id)


def fresh(page):
    session.close()
    return history.find_page_by_id(page.id)


def states(page):
    return {one.place: one.state for one in translations.opened(fresh(page)).places}


def edit(page, by, **parts):
    page = fresh(page)
    pages.save(page, {**history.get_version(page).document, **parts}, base=page.head, by=by)


def save(page, by, told, number=1, **more):
    return translations.save(fresh(page), told, number=number, by=by, **{"take": True, **more})


def test_at_first_all_is_missing_and_what_is_said_is_fresh(page, rosa):
    assert set(states(page).values()) == {"missing"}
    save(page, rosa, {"title": "Bomba de corda", "steps/rueda/title": "Faça a roda", "bom/soga/name": "Corda"})
    now = states(page)
    assert {place for place, state in now.items() if state == "fresh"} == {
        "title",
        "steps/rueda/title",
        "bom/soga/name",
    }
    content = history.get_version(fresh(page)).document
    assert (content["title"], content["steps"][0]["title"], content["bom"][0]["name"]) == (
        "Bomba de corda", "Faça a roda", "Corda",
    )  # fmt: skip
    assert content["summary"] == pump()["summary"]


def test_only_what_changed_in_the_original_is_older(page, original, rosa):
    save(page, rosa, {"title": "Bomba de corda", "steps/rueda/title": "Faça a roda"})
    edit(original, rosa, title="Bomba de soga", hazards=["crush", "fall"])
    now = states(page)
    assert [place for place, state in now.items() if state == "older"] == ["title"]
    found = translations.opened(fresh(page))
    assert (found.hazards, found.figures, found.before["title"]) == (("crush", "fall"), 1, "Bomba de mecate")
    save(page, rosa, {}, number=2, right={"title"})
    assert states(page)["title"] == "fresh"
    content = history.get_version(fresh(page)).document
    assert (content["title"], content["hazards"], fresh(page).taken) == ("Bomba de corda", ["crush", "fall"], 2)
    assert translations.opened(fresh(page)).hazards is None


def test_words_can_be_saved_without_the_figures(page, original, rosa):
    edit(original, rosa, bom=[{**row, "quantity": "50"} if row["key"] == "soga" else row for row in pump()["bom"]])
    save(page, rosa, {"title": "Bomba"}, number=2, take=False)
    assert fresh(page).taken == 1
    assert history.get_version(fresh(page)).document["bom"][0]["quantity"] == "40"
    save(page, rosa, {}, number=2)
    assert fresh(page).taken == 2
    assert history.get_version(fresh(page)).document["bom"][0]["quantity"] == "50"
    assert history.get_version(fresh(page)).document["title"] == "Bomba"


def test_a_new_row_comes_in_the_words_of_the_original_until_it_is_translated(page, original, rosa):
    save(page, rosa, {"title": "Bomba"})
    edit(original, rosa, bom=[*pump()["bom"], {"key": "freno", "name": "Freno", "quantity": "1"}])
    save(page, rosa, {}, number=2)
    assert states(page)["bom/freno/name"] == "missing"
    assert history.get_version(fresh(page)).document["bom"][2]["name"] == "Freno"
    save(page, rosa, {"bom/freno/name": "Freio"}, number=2)
    assert states(page)["bom/freno/name"] == "fresh"
    save(page, rosa, {"bom/freno/name": ""}, number=2)
    assert states(page)["bom/freno/name"] == "missing"
    assert history.get_version(fresh(page)).document["bom"][2]["name"] == "Freno"


def test_nothing_is_saved_where_nothing_was_said(page, rosa):
    assert not save(page, rosa, {}, take=False).saved
    with pytest.raises(errors.Invalid):
        translations.opened(translations.original_of(page))


def test_what_waits_for_a_translator(page, original, comun, rosa):
    pages.create(comun, pump(title="Arado"), language="es", by=rosa)

    def waits(language, **more):
        return [
            (w.design.title, w.translation and w.translation.slug, w.behind)
            for w in translations.waiting(language, **more)
        ]

    assert waits("pt-BR") == [("Arado", None, 0)]
    assert waits("en") == [("Bomba de mecate", None, 0), ("Arado", None, 0)]
    assert waits("en", limit=1) == [("Bomba de mecate", None, 0)]
    assert waits("es") == []
    edit(original, rosa, title="Bomba de soga")
    assert waits("pt-BR")[0] == ("Bomba de soga", "bomba-de-corda", 1)


TEXTS = st.dictionaries(st.sampled_from(sorted(translating.words(document.clean(pump())))), st.text("abc ", max_size=9))


@given(TEXTS)
def test_what_is_rendered_is_fresh_and_nothing_else_moves(told):
    source = document.clean(pump())
    made = document.clean(translating.rendered(source, source, told, ()))
    found = {one.place: one for one in translating.places(made, source)}
    for place, one in found.items():
        assert one.state == ("fresh" if told.get(place) else "missing")
        if told.get(place):
            assert one.mine == told[place]
    same = {place: text for place, text in translating.words(made).items() if not told.get(place)}
    assert same == {place: text for place, text in translating.words(source).items() if not told.get(place)}
