"""All that one account did is taken back on one screen, others' work stays, and that can be undone too."""

import time

import pytest
from sqlalchemy import func, select

from tests import sizes
from tests.designs.examples import pump
from wiki import accounts, errors, history, pages, undoing, verify
from wiki.db import session
from wiki.models import Revision


@pytest.fixture(
    params=["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], ids=["sqlite", "postgresql"]
)
def app(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def jefa(context):
    return accounts.create("jefa", admin=True)[0]


def page(slug):
    return history.get_page("comun", slug)


def summary(slug):
    return history.get_version(page(slug)).document["summary"]


def edit(slug, by, words):
    return pages.save(page(slug), pump(title=slug, summary=words), base=page(slug).head, by=by)


def begin(comun, slug, by):
    pages.create(comun, pump(title=slug, summary="Como era."), slug=slug, language="es", by=by)


def fates(account, **since):
    return {fate.page.slug: (fate.what, fate.number, fate.count) for fate in undoing.plan(account, **since).fates}


@pytest.fixture
def vandalised(comun, rosa, tomas):
    """Tomás vandalised four pages of Rosa's, began one, and retired one."""
    for slug in ("una", "dos", "tres", "cuatro"):
        begin(comun, slug, rosa)
    for slug in ("una", "dos", "tres"):
        edit(slug, tomas, "¡¡¡COMPRE AQUÍ!!!")
        edit(slug, tomas, "¡¡¡COMPRE AQUÍ YA!!!")
    edit("dos", rosa, "Rosa lo arregló.")
    begin(comun, "suya", tomas)
    pages.retire(page("cuatro"), by=tomas)


def test_the_plan_says_what_will_become_of_each_page(vandalised, tomas):
    assert fates(tomas) == {
        "una": ("restore", 1, 2),
        "dos": ("edited-since", 0, 0),
        "tres": ("restore", 1, 2),
        "suya": ("retire", 0, 1),
        "cuatro": ("bring-back", 0, 0),
    }


def test_all_of_it_is_taken_back_and_others_keep_their_work(vandalised, tomas, jefa):
    assert undoing.undo_all(tomas, by=jefa, note="vandalismo") == 4
    assert [summary(slug) for slug in ("una", "dos", "tres")] == ["Como era.", "Rosa lo arregló.", "Como era."]
    assert page("suya").retired
    assert not page("cuatro").retired
    assert page("una").head == 4, "nothing is deleted: it is a new version"
    assert history.get_version(page("una")).revision.author.handle == "jefa"
    assert fates(tomas) == {"dos": ("edited-since", 0, 0)}
    assert verify.all_differences() == []
    with pytest.raises(errors.Missing):
        undoing.undo_all(tomas, by=jefa)


def test_that_is_undone_but_where_somebody_wrote_since(vandalised, tomas, rosa, jefa):
    undoing.undo_all(tomas, by=jefa)
    edit("tres", rosa, "Rosa siguió.")
    (line,) = undoing.done(tomas)
    left = undoing.take_back(line.id, by=jefa)
    assert [one.slug for one in left] == ["tres"]
    assert summary("una") == "¡¡¡COMPRE AQUÍ YA!!!"
    assert summary("tres") == "Rosa siguió."
    assert not page("suya").retired
    assert page("cuatro").retired
    with pytest.raises(errors.Missing):
        undoing.take_back(line.id, by=jefa)
    with pytest.raises(errors.Missing):
        undoing.take_back(line.id + 1000, by=jefa)


def test_what_was_done_before_a_day_is_left(vandalised, comun, tomas):
    first = session.scalars(select(Revision).where(Revision.page_id == page("una").id, Revision.number == 3)).one()
    later = first.at.replace(year=first.at.year + 1)
    assert fates(tomas, since=later) == {}
    assert len(fates(tomas, since=first.at.replace(year=first.at.year - 1))) == 5


def test_only_who_keeps_the_site_may(vandalised, tomas, rosa):
    with pytest.raises(errors.Forbidden):
        undoing.undo_all(tomas, by=rosa)
    with pytest.raises(errors.Forbidden):
        undoing.take_back(1, by=rosa)
    assert summary("una") == "¡¡¡COMPRE AQUÍ YA!!!"


def test_three_hundred_edits_on_a_hundred_pages_are_undone_at_once(comun, rosa, tomas, jefa, figure):
    count = sizes.of(25, 100)
    for number in range(count):
        begin(comun, f"p{number}", rosa)
        for time_ in range(3):
            edit(f"p{number}", tomas, f"mal {time_}")
        if number < 10:
            edit(f"p{number}", rosa, "bien")
    began = time.perf_counter()
    assert undoing.undo_all(tomas, by=jefa) == count - 10
    seconds = time.perf_counter() - began
    figure(f"{3 * count} edits on {count} pages were taken back in {seconds:.1f} s ({session.get_bind().dialect.name})")
    assert {summary(f"p{number}") for number in range(10)} == {"bien"}
    assert {summary(f"p{number}") for number in range(10, count)} == {"Como era."}
    assert session.scalar(select(func.count(Revision.id))) == 5 * count
    assert seconds < 10
