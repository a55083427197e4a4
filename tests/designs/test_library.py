"""Finding designs, on both stores."""

import pytest

from designs import library
from tests.designs.examples import pump
from wiki import accounts, history, pages, spaces
from wiki.db import db


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request):
    app = request.getfixturevalue(f"app_on_{request.param}")
    with app.app_context():
        yield app
        db.session.remove()


def test_a_design_knows_its_translations_and_lists_show_it_once(store):
    rosa = accounts.create("rosa", passphrase="quinua y papa 2026")[0]
    comun = spaces.get("comun")
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa, note="")
    original = history.get_version(history.get_page("comun", "bomba"))
    for slug, language, relation in (("pump", "en", "translation"), ("bomba-b", "pt-BR", "translation")):
        pages.fork(original, comun, slug=slug, language=language, relation=relation, by=rosa, note="")
    pages.fork(original, comun, slug="bomba-andina", language="es", relation="adaptation", by=rosa, note="")

    def others(slug):
        standing = library.find_standing("comun", slug, "es")
        return [(language, name) for language, _community, name, _title in library.translations(standing)]

    assert others("bomba") == [("en", "pump"), ("pt-BR", "bomba-b")]
    assert others("pump") == [("es", "bomba"), ("pt-BR", "bomba-b")]
    assert others("bomba-andina") == []

    def listed(**asked):
        query = library.Query(**asked)
        found = {card.slug for card in library.browse(query)}
        assert library.count(query) == len(found)
        assert sum(number for _, number in library.counts_by_language(query)) == len(found)
        assert sum(library.counts_by_kind(query).values()) == len(found)
        assert dict(library.counts_by_community(query)) == ({"comun": len(found)} if found else {})
        return found

    assert listed() == {"bomba", "pump", "bomba-b", "bomba-andina"}
    assert listed(reader="es") == {"bomba", "bomba-andina"}
    assert listed(reader="en", facts=(("tasks", "water"),)) == {"pump", "bomba-andina"}
    assert listed(reader="qu") == {"bomba", "bomba-andina"}
    assert listed(reader="es", language="en") == {"pump"}
    assert library.counts_by_fact("tasks", library.Query(facts=(("tasks", "water"),))) == [("water", 4)]
    assert library.browse(library.Query(words="andina"))[:1] == []
    assert library.browse(library.Query(reader="es"))[0].regions == ("BR-CE", "NI")


def test_a_part_of_a_country_is_found_by_the_country(store):
    rosa = accounts.create("rosa", passphrase="quinua y papa 2026")[0]
    pages.create(spaces.get("comun"), pump(), slug="bomba", language="es", by=rosa, note="")
    for region, found in (("BR", 1), ("BR-CE", 1), ("BR-PE", 0), ("BO", 0)):
        assert library.count(library.Query(facts=(("regions", region),))) == found
