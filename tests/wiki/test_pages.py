"""The engine's verbs: what is saved stays, what others saved meanwhile stays too, and nothing happens twice."""

import pytest

from tests.designs.examples import pump
from wiki import access, accounts, db, document, errors, history, journal, pages, spaces
from wiki.operations import Once


@pytest.fixture(
    params=["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], ids=["sqlite", "postgresql"]
)
def app(request):
    """The same laws on both stores."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def page(comun, rosa):
    pages.create(comun, pump(), language="es", by=rosa, note="primera")
    return history.get_page("comun", "bomba-de-mecate")


def head(page):
    return history.get_version(history.get_page(page.space.slug, page.slug))


def test_a_page_begins_with_version_1_and_gives_back_what_was_written(page):
    version = head(page)
    assert version.revision.number == 1
    assert version.document == document.clean(pump())
    assert version.revision.note == "primera"
    assert history.parents(version.revision) == []


def test_the_name_in_the_address_is_made_of_the_title_and_free(page, comun, rosa):
    pages.create(comun, pump(), language="es", by=rosa)
    assert history.find_page("comun", "bomba-de-mecate-2") is not None
    with pytest.raises(errors.Invalid) as refused:
        pages.create(comun, pump(), slug="bomba-de-mecate", language="es", by=rosa)
    assert [(p.place, p.code) for p in refused.value.problems] == [("slug", "taken")]


def test_a_save_names_the_head_as_its_parent(page, rosa):
    first = head(page).revision
    saved = pages.save(page, pump(body="Otra cosa."), base=1, by=rosa)
    second = head(page).revision
    assert (saved.number, saved.saved, saved.merged) == (2, True, False)
    assert history.parents(second) == [first.digest]


def test_a_save_that_changes_nothing_makes_no_version(page, rosa):
    saved = pages.save(page, pump(), base=1, by=rosa)
    assert (saved.number, saved.saved) == (1, False)
    assert head(page).revision.number == 1


def test_a_late_save_is_merged_onto_what_others_saved(page, rosa, tomas):
    pages.save(page, pump(summary="Para pozos de hasta 40 m."), base=1, by=rosa)
    saved = pages.save(page, pump(body="Engrase el eje cada semana."), base=1, by=tomas)
    assert (saved.number, saved.merged) == (3, True)
    assert head(page).document["summary"] == "Para pozos de hasta 40 m."
    assert head(page).document["body"] == "Engrase el eje cada semana."


def test_the_same_place_changed_twice_is_a_conflict_that_writes_nothing_and_can_be_answered(page, rosa, tomas):
    pages.save(page, pump(summary="Para pozos de 40 m."), base=1, by=rosa)
    with pytest.raises(pages.Conflict) as met:
        pages.save(page, pump(summary="Para pozos de 50 m."), base=1, by=tomas)
    (conflict,) = met.value.merged.conflicts
    assert met.value.head == 2
    assert (conflict.here, conflict.incoming) == ("Para pozos de 40 m.", "Para pozos de 50 m.")
    assert head(page).revision.number == 2
    answer = {conflict.id: {"write": "Para pozos de 40 a 50 m."}}
    pages.save(page, pump(summary="Para pozos de 50 m."), base=1, by=tomas, resolutions=answer)
    assert head(page).document["summary"] == "Para pozos de 40 a 50 m."


def test_a_repeated_operation_applies_once_and_gets_its_first_answer(page, rosa):
    once = Once("a", b"1" * 32)
    first = pages.save(page, pump(body="Una vez."), base=1, by=rosa, once=once)
    again = pages.save(page, pump(body="Una vez."), base=1, by=rosa, once=once)
    assert again == first
    assert head(page).revision.number == 2
    with pytest.raises(errors.Invalid):
        pages.save(page, pump(body="Otra."), base=2, by=rosa, once=Once("a", b"2" * 32))


def test_one_old_edit_is_taken_back_and_the_later_ones_stay(page, rosa):
    pages.save(page, pump(summary="Mala idea."), base=1, by=rosa)
    pages.save(page, pump(summary="Mala idea.", body="Buena idea."), base=2, by=rosa)
    pages.undo(page, 2, by=rosa, note="era una broma")
    assert head(page).document == document.clean(pump(body="Buena idea."))
    assert head(page).revision.verb == "undo"
    with pytest.raises(errors.Invalid):
        pages.undo(page, 1, by=rosa)


def test_any_version_can_be_made_the_newest_again(page, rosa):
    pages.save(page, pump(body="Segunda."), base=1, by=rosa)
    pages.restore(page, 1, by=rosa)
    assert head(page).revision.number == 3
    assert head(page).document == document.clean(pump())


def test_a_renamed_page_is_found_by_both_names_and_may_take_its_old_one_back(page, rosa):
    pages.rename(page, "bomba-de-soga", by=rosa)
    assert history.get_page("comun", "bomba-de-mecate").slug == "bomba-de-soga"
    with pytest.raises(errors.Invalid):
        pages.create(page.space, pump(), slug="bomba-de-mecate", language="es", by=rosa)
    pages.rename(history.get_page("comun", "bomba-de-soga"), "bomba-de-mecate", by=rosa)
    assert history.get_page("comun", "bomba-de-soga").slug == "bomba-de-mecate"


def test_a_retired_page_can_be_read_but_not_changed_until_it_is_brought_back(page, rosa):
    pages.retire(page, by=rosa, note="repetida")
    assert head(page).document["title"] == "Bomba de mecate"
    with pytest.raises(errors.Gone):
        pages.save(page, pump(body="x"), base=1, by=rosa)
    pages.bring_back(page, by=rosa)
    assert pages.save(page, pump(body="x"), base=1, by=rosa).saved


def test_every_act_stands_in_the_journal_in_order(page, rosa):
    pages.save(page, pump(body="x"), base=1, by=rosa)
    pages.rename(page, "otra", by=rosa)
    pages.retire(page, by=rosa)
    pages.bring_back(page, by=rosa)
    lines = [(c.verb, c.number) for c in journal.since(0, 100) if c.page_id == page.id]
    assert lines == [("create", 1), ("edit", 2), ("rename", None), ("retire", None), ("bring-back", None)]


def test_links_are_known_from_both_ends(page, comun, rosa):
    assert history.missing_pages() == [("comun", "aparato-a", 1)]
    pages.create(comun, pump(title="Aparato A", body=None), language="es", by=rosa)
    assert history.missing_pages() == []
    assert [p.slug for p in history.pages_linking_to("comun", "aparato-a")] == ["bomba-de-mecate"]
    pages.save(page, pump(body="Sin enlace."), base=1, by=rosa)
    assert list(history.pages_linking_to("comun", "aparato-a")) == []


def test_a_fork_begins_with_exactly_the_document_of_its_origin_as_its_parent(page, comun, rosa):
    origin = head(page)
    pages.fork(origin, comun, slug="rope-pump", language="en", relation="translation", by=rosa)
    fork = history.get_version(history.get_page("comun", "rope-pump"))
    assert fork.revision.snapshot_id == origin.revision.snapshot_id
    assert history.parents(fork.revision) == [origin.revision.digest]
    assert (fork.page.upstream_id, fork.page.taken, fork.page.language) == (page.id, 1, "en")


def test_what_may_not_be_published_is_refused_with_all_its_reasons(comun, rosa):
    with pytest.raises(errors.Invalid) as refused:
        pages.create(comun, {"kind": "machine", "body": "a\x00b"}, language="es", by=rosa)
    assert {p.place for p in refused.value.problems} == {"body"}
    with pytest.raises(errors.Invalid) as refused:
        pages.create(comun, {"kind": "machine"}, language="es", by=rosa)
    assert {p.place for p in refused.value.problems} == {"title", "licences/documentation/licence", "hazards"}


def test_blame_names_the_version_of_each_line_and_field(page, rosa, tomas):
    content = pump()
    content["body"] = content["body"].replace("cada mes", "cada semana")
    content["bom"][0]["quantity"] = "45"
    pages.save(page, content, base=1, by=tomas)
    lines = {line.strip(): r.number for line, r in history.blamed(page, "body").lines}
    assert (lines["## Cuidado"], lines["Engrase el eje cada semana."]) == (1, 2)
    rows = history.blamed(page, "bom").rows
    assert (rows["soga"]["quantity"].number, rows["soga"]["name"].number) == (2, 1)


@pytest.mark.parametrize("act", sorted(access.RIGHTS))
def test_nobody_may_act_without_signing_in(act, comun):
    with pytest.raises(errors.Unauthorised):
        access.check(act, comun, None)


def test_in_a_closed_space_only_its_members_write(rosa, tomas):
    space = spaces.found("altiplano", by=rosa)
    with pytest.raises(errors.Forbidden):
        pages.create(space, pump(), language="es", by=tomas)
    spaces.give_role(space, tomas, "member", by=rosa)
    assert pages.create(space, pump(), language="es", by=tomas).saved
    with pytest.raises(errors.Forbidden):
        spaces.give_role(space, accounts.create("luz")[0], "member", by=tomas)
    with pytest.raises(errors.Forbidden):
        access.check("an-act-that-nobody-listed", space, rosa)


def test_what_a_failed_unit_wrote_is_not_kept(page, rosa):
    def unit():
        page_row = db.session.get_one(type(page), page.id)
        page_row.title = "a medias"
        db.session.flush()
        raise RuntimeError("corte de luz")

    with pytest.raises(RuntimeError):
        db.write(lambda: unit)
    assert history.get_page("comun", "bomba-de-mecate").title == "Bomba de mecate"
