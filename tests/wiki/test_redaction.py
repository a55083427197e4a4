"""Words that must go are gone from everywhere, and what is left still proves itself."""

import unicodedata
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.designs.examples import pump
from tests.wiki import stores
from tests.wiki.strategies import WORDS as WORDS_OF_DOCUMENTS
from tests.wiki.strategies import documents
from wiki import (
    accounts,
    backups,
    document,
    drafts,
    errors,
    exports,
    folding,
    history,
    limits,
    masking,
    pages,
    redaction,
    verify,
)
from wiki.db import session
from wiki.models import Change, Draft, Redirect, Snapshot

WORDS = "Calle del Molino 14"


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


@pytest.fixture
def told(comun, rosa, tomas):
    """Rosa's address stands in two versions, in a fork, in a note, in a draft and in the address of a page."""
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa)
    body = "Preguntar en CALLE del\nmolino 14.\n"
    pages.save(page("bomba"), pump(body=body), base=1, by=tomas, note="dirección")
    pages.fork(
        history.get_version(page("bomba")), comun, slug="bomba-andina", language="es", relation="adaptation", by=tomas
    )
    pages.save(page("bomba"), pump(body="Otra cosa.\n"), base=2, by=rosa)
    pages.save(page("bomba"), pump(body="Engrase.\n"), base=3, by=tomas, note=f"quité {WORDS}")
    pages.create(comun, pump(title=f"Taller de la {WORDS}"), language="es", by=tomas)
    drafts.keep("new", [("body", body)], on=comun, by=tomas, title="apunte")
    drafts.keep("new2", [("body", "nada")], on=comun, by=tomas, title="apunte")


def redact(by, words=WORDS, note=""):
    return redaction.redact(words, seen=redaction.find(words, by=by).seen(), by=by, note=note)


def everywhere():
    """All that is stored, unpacked."""
    said = [line for lines in stores.everything().values() for line in lines]
    for body in session.scalars(select(Snapshot.body)):
        said.append(document.canonical(document.unpack(body)).decode())
    for fields in session.scalars(select(Draft.fields)):
        said.append(zlib.decompress(fields).decode())
    session.rollback()
    return "\n".join(said)


def test_it_is_found_in_versions_forks_notes_drafts_and_addresses(told, jefa):
    found = redaction.find("calle  del molino-14", by=jefa)
    assert [(r.page.slug, r.number) for r in found.revisions] == [
        ("bomba", 2),
        ("bomba", 4),
        ("bomba-andina", 1),
        ("taller-de-la-calle-del-molino-14", 1),
    ]
    assert [place for _, place in found.drafts] == ["new"]
    assert [one.slug for one in found.addresses] == ["taller-de-la-calle-del-molino-14"]
    assert not redaction.find("calle que no existe", by=jefa)


def test_it_is_gone_and_the_chain_still_holds(told, jefa):
    assert masking.words(WORDS).are_in(everywhere())
    assert redact(jefa, note="una persona lo pidió")
    assert not masking.words(WORDS).are_in(everywhere())
    assert verify.all_differences() == []
    with pytest.raises(errors.Gone):
        history.get_version(page("bomba"), 2)
    assert history.get_version(page("bomba"), 3).document["body"] == "Otra cosa.\n"
    assert history.get_version(page("bomba")).document["body"] == "Engrase.\n"
    assert history.get_version(page("bomba-andina")).document["body"] == f"Preguntar en {masking.MASK}.\n"
    assert session.scalars(select(Draft.place)).all() == ["new2"]
    assert session.scalars(select(Redirect)).all() == []
    verbs = session.scalars(select(Change.verb).order_by(Change.id.desc()).limit(4)).all()
    assert set(verbs) == {"redact"}


def test_it_is_gone_from_an_export_and_a_backup_made_afterwards(told, jefa, tmp_path):
    redact(jefa)
    exports.save(tmp_path / "commons")
    backups.save(tmp_path / "archive.tar")
    for path in [tmp_path / "archive.tar", *(tmp_path / "commons").rglob("*.jsonl")]:
        assert not masking.words(WORDS).are_in(path.read_bytes().decode(errors="replace")), path


@pytest.mark.parametrize("app", ["app_on_sqlite"], indirect=True)
def test_nothing_of_it_lies_in_the_files_of_the_database(app, told, jefa):
    """Neither the words, where a table holds them plainly, nor the packed document, in used and in free pages."""
    packed = document.pack(history.get_version(page("bomba"), 2).document)
    place = app.config["DATA_DIR"]

    def lies(data):
        return any(data in path.read_bytes() for path in place.glob("minga.db*"))

    session.close()
    assert lies(f"quité {WORDS}".encode())
    assert lies(packed[20:120])
    assert redact(jefa)
    assert not lies(b"Molino")
    assert not lies(b"molino")
    assert not lies(packed[20:120])


def test_who_has_not_seen_what_will_go_takes_nothing(told, jefa, rosa):
    seen = redaction.find(WORDS, by=jefa).seen()
    pages.save(page("bomba"), pump(summary=f"Vive en la {WORDS}."), base=4, by=rosa)
    with pytest.raises(errors.Stale):
        redaction.redact(WORDS, seen=seen, by=jefa)
    assert history.get_version(page("bomba"), 2)


def test_only_who_keeps_the_site_may(told, rosa):
    with pytest.raises(errors.Forbidden):
        redaction.find(WORDS, by=rosa)
    with pytest.raises(errors.Forbidden):
        redaction.redact(WORDS, seen="", by=rosa)


@pytest.mark.parametrize("words", ["", "abc", "x" * (limits.REDACT_LONGEST + 1)])
def test_words_that_are_too_short_or_too_long_are_refused(jefa, words):
    with pytest.raises(errors.Invalid):
        redaction.find(words, by=jefa)


def test_a_reason_does_not_repeat_the_words(told, jefa):
    with pytest.raises(errors.Invalid) as refused:
        redact(jefa, note=f"estaba {WORDS}")
    assert [(p.place, p.code) for p in refused.value.problems] == [("note", "words-in-note")]


def test_a_page_that_can_not_do_without_is_named(comun, rosa, jefa):
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa)
    with pytest.raises(errors.Invalid) as refused:
        redact(jefa, words="machine")
    assert [(p.code, p.values) for p in refused.value.problems] == [("words-needed", {"page": "comun/bomba"})]
    assert history.get_version(page("bomba"), 1)


def test_nothing_to_take_is_said(told, jefa):
    with pytest.raises(errors.Missing):
        redact(jefa, words="nunca escrito aquí")


def test_too_many_versions_at_once_are_refused(told, jefa, monkeypatch):
    monkeypatch.setattr(limits, "REDACT_REVISIONS", 3)
    with pytest.raises(errors.Invalid) as refused:
        redaction.find(WORDS, by=jefa)
    assert refused.value.problems[0].code == "words-everywhere"


@given(documents, st.sampled_from(WORDS_OF_DOCUMENTS) | st.text(min_size=4, max_size=12))
def test_a_masked_document_holds_the_words_no_more_but_in_keys(content, words):
    try:
        wanted = masking.words(words)
    except errors.Invalid:
        return
    masked = masking.masked(content, wanted)
    without_keys = {
        name: [{k: v for k, v in row.items() if k != "key"} if isinstance(row, dict) else row for row in part]
        if isinstance(part, list)
        else part
        for name, part in masked.items()
    }
    assert not masking.are_in(without_keys, wanted)
    assert masked.keys() == content.keys()


@given(st.text(max_size=30), st.sampled_from(["María López", "55 1234-5678", "ñandú rojo"]), st.text(max_size=30))
def test_words_are_found_whatever_their_case_accents_and_what_stands_between(before, words, after):
    plain = folding.fold(words).replace("-", " ")
    for spelling in (words, words.upper(), plain, plain.replace(" ", "-"), plain.replace(" ", "\n ")):
        text = unicodedata.normalize("NFC", f"{before} {spelling} {after}")
        found = masking.words(words)
        assert found.are_in(text)
        assert masking.MASK in found.masked(text)
        assert not found.are_in(found.masked(text))


@given(st.text(max_size=60))
def test_a_text_without_the_words_stays_as_it_is(text):
    found = masking.words("una calle que nadie nombra")
    assert found.masked(text) == text
