"""What somebody keeps before it is saved: theirs alone, whole, and not for ever."""

import datetime

import pytest

from wiki import db, drafts, errors, history, limits, pages
from wiki.models import Draft

FIELDS = [("title", "Bomba"), ("bom-0-name", "Soga\r\n«6 mm»"), ("bom-0-name", "otra"), ("odd", "\x00\ud800")]


@pytest.fixture
def page(rosa, comun):
    content = {
        "kind": "practice",
        "title": "Surcos",
        "licences": [{"key": "documentation", "licence": "CC0-1.0"}],
    }
    saved = pages.create(comun, content, slug="surcos", language="es", by=rosa)
    return history.find_page_by_id(saved.page_id)


def test_a_draft_gives_back_what_was_typed(rosa, comun):
    drafts.keep("new/1", FIELDS, on=comun, by=rosa, title="Bomba\n de  mecate")
    kept = drafts.find("new/1", by=rosa)
    assert kept.fields == FIELDS
    assert kept.title == "Bomba de mecate"


def test_a_draft_is_seen_by_nobody_else(rosa, tomas, comun, page):
    drafts.keep(f"page/{page.id}", FIELDS, on=page, by=rosa)
    assert drafts.find(f"page/{page.id}", by=tomas) is None
    assert drafts.of(tomas) == []
    assert drafts.on(page, by=tomas) == []
    assert not drafts.find_opened("comun", "surcos", by=tomas).has_drafts
    assert drafts.find_opened("comun", "surcos", by=rosa).has_drafts
    drafts.discard(f"page/{page.id}", by=tomas)
    assert drafts.find(f"page/{page.id}", by=rosa) is not None


def test_each_form_has_one_draft_and_the_newest_counts(rosa, comun, page):
    drafts.keep("new/1", FIELDS, on=comun, by=rosa, title="a")
    drafts.keep("new/1", [("title", "b")], on=comun, by=rosa, title="b")
    drafts.keep(f"page/{page.id}/materials", FIELDS, on=page, by=rosa, title="c")
    assert {(d.place, d.title) for d in drafts.of(rosa)} == {("new/1", "b"), (f"page/{page.id}/materials", "c")}
    assert [d.page.name for d in drafts.of(rosa) if d.page] == ["comun/surcos"]
    drafts.discard("new/1", by=rosa)
    drafts.discard("new/1", by=rosa)
    assert drafts.find("new/1", by=rosa) is None


def test_nobody_keeps_more_than_so_many(rosa, comun, monkeypatch):
    monkeypatch.setattr(limits, "DRAFTS_PER_ACCOUNT", 2)
    for n in range(2):
        drafts.keep(f"new/{n}", FIELDS, on=comun, by=rosa)
    with pytest.raises(errors.Invalid) as refused:
        drafts.keep("new/2", FIELDS, on=comun, by=rosa)
    assert refused.value.problems[0].code == "too-many-drafts"
    drafts.keep("new/1", [("title", "again")], on=comun, by=rosa)
    assert drafts.find("new/1", by=rosa).fields == [("title", "again")]


def test_old_drafts_are_swept(rosa, comun):
    drafts.keep("new/old", FIELDS, on=comun, by=rosa)

    def age() -> None:
        row = db.session.get(Draft, (rosa.id, "new/old"))
        row.at = db.now() - datetime.timedelta(days=limits.DRAFT_DAYS + 1)

    db.write(lambda: age)
    drafts.keep("new/young", FIELDS, on=comun, by=rosa)
    assert [d.place for d in drafts.of(rosa)] == ["new/young"]


def test_a_page_is_opened_as_it_stands(rosa, page):
    opened = drafts.find_opened("comun", "surcos", by=rosa)
    assert (opened.id, opened.head, opened.language) == (page.id, 1, "es")
    assert opened.document == history.get_version(page).document
    assert drafts.find_opened("comun", "otra", by=rosa) is None


def test_who_may_not_edit_keeps_and_opens_nothing(rosa, tomas, page, monkeypatch):
    space = page.space

    def close() -> None:
        db.session.merge(space).is_open = False

    db.write(lambda: close)
    fresh = history.get_page("comun", "surcos")
    with pytest.raises(errors.Forbidden):
        drafts.keep("page/x", FIELDS, on=fresh, by=tomas)
    with pytest.raises(errors.Forbidden):
        drafts.find_opened("comun", "surcos", by=tomas)
