"""What is wrong is said, held back, decided and released; who wrote it is told and answers; nothing private leaks."""

import datetime

import pytest
from sqlalchemy import select

from tests.designs.examples import pump
from tests.wiki import pictures
from wiki import (
    access,
    accounts,
    blocks,
    db,
    drafts,
    errors,
    exports,
    files,
    flags,
    history,
    holds,
    limits,
    notices,
    pages,
    redaction,
    spaces,
    undoing,
    verify,
)
from wiki.db import session
from wiki.models import Change


@pytest.fixture(
    params=["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], ids=["sqlite", "postgresql"]
)
def app(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def jefa(context):
    return accounts.create("jefa", admin=True)[0]


@pytest.fixture
def page(comun, rosa, tomas):
    """Rosa's pump, on which Tomás wrote something bad last."""
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa)
    pages.save(here(), pump(title="Palabra fea", summary="Algo feo."), base=1, by=tomas, note="una nota fea")
    return here()


def here(slug="bomba"):
    return history.get_page("comun", slug)


def test_readers_see_the_version_before_until_it_is_released(page, rosa, tomas, jefa):
    holds.hold(page, 2, by=jefa, note="insulta")
    assert history.get_version(here()).revision.number == 1
    assert here().title == "Bomba de mecate"
    for who in (None, rosa, tomas):
        with pytest.raises(errors.Held):
            history.get_version(here(), 2, by=who)
    assert history.get_version(here(), 2, by=jefa).document["title"] == "Palabra fea"
    assert holds.reasons(here()) == {2: "insulta"}
    holds.release(here(), 2, by=jefa)
    assert history.get_version(here()).revision.number == 2
    assert here().title == "Palabra fea"
    assert here().shown is None
    assert verify.all_differences() == []


def test_the_note_of_what_is_held_goes_from_the_journal_and_comes_back(page, jefa):
    def said():
        return session.scalars(select(Change.note).where(Change.note == "una nota fea")).all()

    holds.hold(page, 2, by=jefa, note="insulta")
    assert said() == []
    holds.release(here(), 2, by=jefa)
    assert len(said()) == 1


def test_a_page_whose_only_version_is_held_leaves_the_lists_and_comes_back(comun, tomas, jefa):
    pages.create(comun, pump(), slug="sola", language="es", by=tomas)
    holds.hold(here("sola"), 1, by=jefa, note="insulta")
    assert here("sola").retired
    assert here("sola").title == "sola"
    with pytest.raises(errors.Held):
        history.get_version(here("sola"))
    with pytest.raises(errors.Held):
        pages.bring_back(here("sola"), by=tomas)
    holds.release(here("sola"), 1, by=jefa)
    assert not here("sola").retired
    assert here("sola").title == pump()["title"]
    assert history.get_version(here("sola")).revision.number == 1


def test_nobody_writes_on_what_is_held_but_who_decides(page, rosa, jefa):
    holds.hold(page, 2, by=jefa, note="insulta")
    acts = (
        lambda: pages.save(here(), pump(body="Otra."), base=1, by=rosa),
        lambda: pages.undo(here(), 2, by=rosa),
        lambda: pages.restore(here(), 1, by=rosa),
        lambda: drafts.find_opened("comun", "bomba", by=rosa),
    )
    for act in acts:
        with pytest.raises(errors.Held):
            act()
    pages.restore(here(), 1, by=jefa)
    assert (here().head, here().shown) == (3, None)
    assert pages.save(here(), pump(body="Otra."), base=3, by=rosa).saved
    with pytest.raises(errors.Held):
        pages.save(here(), pump(body="Otra más."), base=2, by=rosa)
    with pytest.raises(errors.Held):
        pages.restore(here(), 2, by=rosa)


def test_a_version_in_between_is_held_alone(page, rosa, jefa):
    pages.save(here(), pump(), base=2, by=rosa)
    holds.hold(here(), 2, by=jefa, note="insulta")
    assert (history.get_version(here()).revision.number, here().shown) == (3, None)
    assert set(history.documents(history.listed(here()))) == {1, 3}
    assert {r.number for _, r in history.blamed(here(), "body").lines} <= {1, 3}


def test_an_export_has_nothing_of_it(page, jefa, tmp_path):
    holds.hold(page, 2, by=jefa, note="insulta")
    exports.save(tmp_path / "commons")
    for path in (tmp_path / "commons").rglob("*.jsonl"):
        told = path.read_text()
        assert not [words for words in ("Palabra fea", "Algo feo", "una nota fea") if words in told], path


def test_a_held_file_is_for_who_decides(rosa, jefa):
    file = files.put(pictures.telling("JPEG"), "pozo.jpg", by=rosa)
    holds.hold_file(file, by=jefa, note="una cara")
    with pytest.raises(errors.Held):
        holds.check_file(files.get(file.sha256.hex()), by=rosa)
    holds.check_file(files.get(file.sha256.hex()), by=jefa)
    holds.release_file(file, by=jefa)
    holds.check_file(files.get(file.sha256.hex()), by=None)
    assert [n.kind for n in notices.of(rosa)] == ["release-file", "hold-file"]


def test_only_stewards_hold_and_a_reason_is_needed(page, rosa, jefa):
    with pytest.raises(errors.Forbidden):
        holds.hold(page, 2, by=rosa, note="x")
    with pytest.raises(errors.Invalid):
        holds.hold(page, 2, by=jefa, note=" ")
    with pytest.raises(errors.Missing):
        holds.hold(page, 9, by=jefa, note="x")
    assert here().shown is None


def test_undoing_all_never_brings_back_what_is_held(page, rosa, tomas, jefa):
    pages.save(here(), pump(title="Otra cosa fea"), base=2, by=rosa)
    pages.save(here(), pump(summary="Compre."), base=3, by=tomas)
    holds.hold(here(), 3, by=jefa, note="insulta")
    assert [(fate.what, fate.number) for fate in undoing.plan(tomas).fates] == [("taken-away", 0)]


def test_redacting_a_held_version_does_not_show_it(page, jefa):
    holds.hold(page, 2, by=jefa, note="insulta")
    found = redaction.find("palabra fea", by=jefa)
    redaction.redact("palabra fea", seen=found.seen(), by=jefa)
    assert (here().head, here().shown) == (3, 1)
    assert history.get_version(here()).document["title"] == "Bomba de mecate"


def test_who_is_blocked_reads_and_answers_and_does_not_write(page, tomas, jefa):
    blocks.block(tomas, 7, by=jefa, note="insultos")
    blocked = accounts.get_by_handle("tomas")
    with pytest.raises(errors.Blocked) as refused:
        pages.save(here(), pump(), base=2, by=blocked)
    assert refused.value.until > db.now() + datetime.timedelta(days=6)
    assert not access.allows("edit", spaces.get("comun"), blocked)
    assert history.get_version(here(), by=blocked)
    (told,) = notices.of(blocked)
    assert (told.kind, told.words) == ("block", "insultos")
    notices.reply(told.id, "Perdón.", by=blocked)
    assert [n.reply for n in notices.replies(by=jefa)] == ["Perdón."]
    with pytest.raises(errors.Missing):
        notices.reply(told.id, "Otra vez.", by=blocked)
    blocks.unblock(blocked, by=jefa)
    assert pages.save(here(), pump(), base=2, by=accounts.get_by_handle("tomas")).saved


def test_a_block_ends_by_itself(page, tomas, jefa, monkeypatch):
    blocks.block(tomas, 1, by=jefa, note="insultos")
    later = db.now() + datetime.timedelta(days=2)
    monkeypatch.setattr(db, "now", lambda: later)
    assert pages.save(here(), pump(), base=2, by=accounts.get_by_handle("tomas")).saved


@pytest.mark.parametrize("days", [0, -1, limits.BLOCK_DAYS + 1])
def test_a_block_has_a_length(tomas, jefa, days):
    with pytest.raises(errors.Invalid):
        blocks.block(tomas, days, by=jefa, note="x")
    with pytest.raises(errors.Invalid):
        blocks.block(jefa, 1, by=jefa, note="x")


def test_what_is_said_waits_oldest_first_and_is_answered(page, rosa, tomas, jefa):
    flags.flag("unsafe", "Se puede caer.", page=page, by=rosa)
    flags.flag("spam", "Vende algo.", page=page, number=2, by=rosa)
    first, second = flags.waiting(by=jefa)
    assert [(f.reason, f.number) for f in (first, second)] == [("unsafe", None), ("spam", 2)]
    assert flags.waiting(by=jefa, after=first.id) == [second]
    assert list(flags.waiting(by=tomas)) == []
    with pytest.raises(errors.Forbidden):
        flags.close(first, "nada", by=tomas)
    with pytest.raises(errors.Invalid):
        flags.close(first, " ", by=jefa)
    flags.close(first, "Se puso una advertencia.", by=jefa)
    assert flags.count_waiting(by=jefa) == 1
    assert [(n.kind, n.words) for n in notices.of(rosa)] == [("flag", "Se puso una advertencia.")]
    notes = session.scalars(select(Change.note)).all()
    assert not any("caer" in note or "advertencia" in note for note in notes), "what was said is not public"


def test_a_steward_sees_what_is_of_their_community(page, rosa, tomas, jefa):
    space = spaces.found("altiplano", by=tomas)
    pages.create(space, pump(), slug="suya", language="es", by=tomas)
    flags.flag("wrong", "La medida.", page=history.get_page("altiplano", "suya"), by=rosa)
    flags.flag("wrong", "La medida.", page=page, by=rosa)
    assert len(flags.waiting(by=tomas)) == 1
    assert len(flags.waiting(by=jefa)) == 2
    assert flags.is_steward(tomas)
    assert not flags.is_steward(rosa)


def test_a_flag_says_what_and_why(page, rosa):
    for reason, words, places in (("", "x", ["reason"]), ("spam", " ", ["words"]), ("otra", "", ["reason", "words"])):
        with pytest.raises(errors.Invalid) as refused:
            flags.flag(reason, words, page=page, by=rosa)
        assert [p.place for p in refused.value.problems] == places
    with pytest.raises(errors.Missing):
        flags.flag("spam", "x", page=page, number=99, by=rosa)


@pytest.mark.parametrize("app", ["app_on_sqlite"], indirect=True)
def test_programs_are_told_so_in_words_that_the_description_knows(page, client, jefa):
    holds.hold(page, 2, by=jefa, note="insulta")
    described = client.get("/api/v1/openapi.json").json
    read = described["paths"]["/api/v1/designs/{community}/{slug}"]["get"]["responses"]
    assert (
        client.get("/api/v1/designs/comun/bomba").json["state"]
        in (described["components"]["schemas"]["Design"]["properties"]["state"]["enum"])
    )
    refused = client.get("/api/v1/designs/comun/bomba?revision=2")
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/forbidden")
    assert "403" in read
