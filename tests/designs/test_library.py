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
        found = {card.slug for card in library.browse(query)[0]}
        counts = library.counts(query)
        assert counts.total == len(found)
        assert sum(number for _, number in counts.languages) == len(found)
        assert sum(number for _, number in counts.kinds) == len(found)
        assert counts.communities == ((("comun", len(found)),) if found else ())
        return found

    assert listed() == {"bomba", "pump", "bomba-b", "bomba-andina"}
    assert listed(reader="es") == {"bomba", "bomba-andina"}
    assert listed(reader="en", facts=(("tasks", "water"),)) == {"pump", "bomba-andina"}
    assert listed(reader="qu") == {"bomba", "bomba-andina"}
    assert listed(reader="es", language="en") == {"pump"}
    assert library.counts(library.Query(facts=(("tasks", "water"),))).tasks == (("water", 4),)
    assert library.browse(library.Query(words="andina")) == ([], False)
    assert library.browse(library.Query(reader="es"))[0][0].regions == ("BR-CE", "NI")


def test_a_part_of_a_country_is_found_by_the_country(store):
    rosa = accounts.create("rosa", passphrase="quinua y papa 2026")[0]
    pages.create(spaces.get("comun"), pump(), slug="bomba", language="es", by=rosa, note="")
    for region, found in (("BR", 1), ("BR-CE", 1), ("BR-PE", 0), ("BO", 0)):
        assert library.counts(library.Query(facts=(("regions", region),))).total == found


def test_pages_of_a_list_hold_each_design_once(store):
    rosa = accounts.create("rosa", passphrase="quinua y papa 2026")[0]
    for number in range(7):
        pages.create(spaces.get("comun"), pump(), slug=f"bomba-{number}", language="es", by=rosa, note="")
    read = [library.browse(library.Query(), page=page, size=3) for page in (1, 2, 3, 4)]
    assert [card.slug for cards, _ in read for card in cards] == [f"bomba-{number}" for number in reversed(range(7))]
    assert [more for _, more in read] == [True, True, False, False]


def test_counts_follow_what_is_written_and_taken_away(store):
    rosa = accounts.create("rosa", passphrase="quinua y papa 2026")[0]
    pages.create(spaces.get("comun"), pump(), slug="bomba", language="es", by=rosa, note="")
    assert library.counts(library.Query()).total == 1
    pages.create(spaces.get("comun"), pump(), slug="otra", language="pt-BR", by=rosa, note="")
    assert library.counts(library.Query()).languages == (("es", 1), ("pt-BR", 1))
    pages.retire(history.get_page("comun", "bomba"), by=rosa, note="ya no")
    assert library.counts(library.Query()).languages == (("pt-BR", 1),)
