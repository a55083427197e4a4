"""The index follows what people do."""

import threading
import time

import pytest
from sqlalchemy import delete, select, update

from search import grammar, indexer
from search.grammar import Narrow
from search.index import Index, Position, Wanted
from tests.designs.examples import pump
from wiki import db, history, journal, pages
from wiki.models import Change, Snapshot


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


@pytest.fixture
def index(app) -> Index:
    return app.extensions["minga.search"]


@pytest.fixture
def page(comun, rosa):
    return pages.create(comun, pump(), slug="bomba", language="es", by=rosa)


def titles(index: Index, text: str) -> list[str]:
    while indexer.step(index):
        pass
    time.sleep(0.3)
    asked, _ = grammar.read(text)
    found = index.find(asked, Narrow(), Wanted("es", size=50))
    return [title for uid in found.uids for title in _titles(uid)]


def _titles(uid: str) -> list[str]:
    return [card.title for card in indexer.sources.cards([uid]).values()]


def differences(index: Index) -> list[str]:
    return [one.what for one in indexer.differences(index, wait=0)]


@pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_what_people_do_is_found(index, page, comun, rosa):
    assert titles(index, "mecates") == ["Bomba de mecate"]
    standing = history.get_page("comun", "bomba")
    pages.save(standing, pump(title="Bomba de soga", bom=None, body=None), base=1, by=rosa, note="")
    assert titles(index, "soga") == ["Bomba de soga"]
    assert titles(index, "nailon") == []
    pages.rename(history.get_page("comun", "bomba"), "otra", by=rosa)
    assert titles(index, "soga") == ["Bomba de soga"]
    pages.retire(history.get_page("comun", "otra"), by=rosa, note="")
    assert titles(index, "soga") == []
    pages.bring_back(history.get_page("comun", "otra"), by=rosa, note="")
    assert titles(index, "soga") == ["Bomba de soga"]
    assert differences(index) == []
    assert index.position() == journal.head()


def test_pages_that_are_saved_all_the_time_do_not_scatter_the_index(app, index, comun, rosa, monkeypatch):
    monkeypatch.setattr("search.writing.PRESSING", 4)
    monkeypatch.setattr("search.writing.ALIKE", 4)
    indexer.step(index)
    segments = []
    for turn in range(40):
        pages.create(comun, pump(title=f"Bomba {turn}"), slug=f"b{turn}", language="es", by=rosa)
        assert indexer.step(index)
        indexer.tidy(index, pressing=True)
        segments.append(len(list((app.config["DATA_DIR"] / "index").glob("index-*/*.seg"))))
    assert max(segments) <= 12
    assert len(titles(index, "bomba")) == 40
    assert differences(index) == []


def test_what_was_saved_does_not_wait_until_the_rest_is_brought_together(app, index, comun, rosa, monkeypatch):
    monkeypatch.setattr("search.writing.PRESSING", 2)
    monkeypatch.setattr("search.writing.ALIKE", 2)
    indexer.step(index)
    for turn in range(6):
        pages.create(comun, pump(title=f"Bomba {turn}"), slug=f"b{turn}", language="es", by=rosa)
        assert indexer.step(index)
    segments = len(list((app.config["DATA_DIR"] / "index").glob("index-*/*.seg")))
    assert segments >= 6
    assert not indexer.step(index)
    assert indexer.tidy(index)
    assert len(list((app.config["DATA_DIR"] / "index").glob("index-*/*.seg"))) < segments
    assert len(titles(index, "bomba")) == 6


def test_who_follows_brings_together_what_lies_scattered(app, index, comun, rosa, monkeypatch):
    monkeypatch.setattr("search.writing.ALIKE", 2)
    for turn in range(6):
        pages.create(comun, pump(title=f"Bomba {turn}"), slug=f"b{turn}", language="es", by=rosa)
        assert indexer.step(index)
    folder = app.config["DATA_DIR"] / "index"
    before = len(list(folder.glob("index-*/*.seg")))
    stopping = threading.Event()

    def follow() -> None:
        with app.app_context():
            indexer.follow(index, stopping)

    following = threading.Thread(target=follow)
    following.start()
    end = time.monotonic() + 10
    while len(list(folder.glob("index-*/*.seg"))) >= before and time.monotonic() < end:
        time.sleep(0.02)
    stopping.set()
    following.join()
    assert len(list(folder.glob("index-*/*.seg"))) < before


def test_a_fact_is_found_by_its_words_in_the_language_of_the_page(index, comun, rosa):
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa)
    pages.create(comun, pump(title="Rope pump"), slug="pump", language="en", by=rosa)
    assert titles(index, '"riego"') == ["Bomba de mecate"]
    assert titles(index, '"irrigation"') == ["Rope pump"]
    assert sorted(titles(index, "irrigação")) == ["Bomba de mecate", "Rope pump"]


@pytest.mark.parametrize("few", [500, 0])
def test_what_was_only_being_written_is_no_difference(index, page, comun, rosa, monkeypatch, few):
    """An index of thousands is compared for seconds, in which others save."""
    monkeypatch.setattr(indexer, "FEW", few)
    pages.create(comun, pump(), slug="otra", language="es", by=rosa)
    indexer.step(index)
    real, faults = index.held(), iter([["a file that was just replaced"], []])
    stale = iter([{}, dict.fromkeys(real, (0, "")), real])
    monkeypatch.setattr(index, "held", lambda: next(stale))
    monkeypatch.setattr(index, "faults", lambda: next(faults))
    assert list(indexer.differences(index, wait=5)) == []
    stale, faults = iter([{}, {}, {}]), iter([[]])
    assert len(list(indexer.differences(index, wait=0.1))) == 2
    monkeypatch.setattr(index, "faults", lambda: ["a file that the disk altered"])
    assert [one.what for one in indexer.differences(index, wait=0.3)] == ["a file that the disk altered"]


def test_differences_are_told(index, page, comun, rosa):
    titles(index, "")
    pages.create(comun, pump(title="Otra"), slug="otra", language="es", by=rosa)
    assert differences(index) == ["the page is not in it"]
    standing = history.get_page("comun", "bomba")
    pages.save(standing, pump(title="Bomba"), base=1, by=rosa, note="")
    pages.retire(history.get_page("comun", "bomba"), by=rosa, note="")
    assert sorted(differences(index)) == ["the page does not stand any more", "the page is not in it"]
    pages.bring_back(history.get_page("comun", "bomba"), by=rosa, note="")
    assert "it holds version 1, the page is at 2" in differences(index)
    titles(index, "")
    assert differences(index) == []


def test_an_index_of_another_store_is_made_anew(index, page, caplog):
    titles(index, "")
    with index.writing(wait=1) as writer:
        writer.put([], [], Position(writer.position().change, "of something else"))
    assert indexer.step(index)
    assert "another store" in caplog.text
    db.write(lambda: lambda: db.session.execute(delete(Change).where(Change.id == journal.head())))
    assert indexer.step(index)
    assert titles(index, "mecate") == ["Bomba de mecate"]
    assert differences(index) == []


def test_after_a_redaction_nothing_old_stays_on_the_disk(index, page, comun, rosa, app):
    titles(index, "")
    standing = history.get_page("comun", "bomba")
    pages.save(standing, pump(title="Bomba", bom=None), base=1, by=rosa, note="")
    titles(index, "")
    db.write(lambda: lambda: journal.record("redact", subject=standing.uid, by=rosa, page=standing))
    assert titles(index, "nailon") == []
    folder = app.config["DATA_DIR"] / "index"
    assert [path for path in folder.rglob("*") if path.is_file() and b"nailon" in path.read_bytes()] == []


def test_a_page_that_cannot_be_indexed_is_left_out_alone(index, page, comun, rosa, monkeypatch, caplog):
    titles(index, "")
    real = indexer.sources.entries.Entry.digest

    def digest(entry) -> str:
        if entry.title == "Mala":
            raise ValueError("this one is not fit")
        return real(entry)

    monkeypatch.setattr(indexer.sources.entries.Entry, "digest", digest)
    for number, title in enumerate(("Buena", "Mala", "Mejor")):
        pages.create(comun, pump(title=title), slug=f"p{number}", language="es", by=rosa)
    assert sorted(titles(index, "nailon")) == ["Bomba de mecate", "Buena", "Mejor"]
    assert "not fit" in caplog.text
    indexer.rebuild(index)
    assert sorted(titles(index, "nailon")) == ["Bomba de mecate", "Buena", "Mejor"]
    monkeypatch.undo()
    assert differences(index) == ["the page is not in it"]


def test_a_page_that_cannot_be_read_is_left_out_alone(index, page, comun, rosa, caplog):
    pages.create(comun, pump(title="Rota"), slug="rota", language="es", by=rosa)
    pages.create(comun, pump(title="Sana"), slug="sana", language="es", by=rosa)
    broken = history.get_version(history.get_page("comun", "rota")).revision.snapshot_id
    db.write(lambda: lambda: db.session.execute(update(Snapshot).where(Snapshot.id == broken).values(body=b"x")))
    assert sorted(titles(index, "nailon")) == ["Bomba de mecate", "Sana"]
    assert "can't be read" in caplog.text


def test_who_catches_up_waits_for_whoever_is_writing(index, page, app):
    titles(index, "")
    held, go = threading.Event(), threading.Event()

    def holds() -> None:
        with index.writing(wait=1):
            held.set()
            go.wait(10)

    thread = threading.Thread(target=holds)
    thread.start()
    held.wait(5)
    threading.Timer(0.7, go.set).start()
    begin = time.monotonic()
    assert indexer.catch_up(index) == journal.head()
    assert time.monotonic() - begin > 0.5
    thread.join()


def test_the_state_tells_what_the_matter_is(index, page, app, comun, rosa, monkeypatch):
    assert indexer.state(None) == ("off", 0)
    assert indexer.state(index) == ("building", 0)
    titles(index, "")
    head = journal.head()
    assert indexer.state(index) == ("ok", head)
    pages.create(comun, pump(title="Otra"), slug="otra", language="es", by=rosa)
    assert indexer.state(index) == ("ok", head)
    monkeypatch.setattr(indexer, "BEHIND_SECONDS", -5)
    assert indexer.state(index) == ("behind", head)


def test_the_verifier_of_all_is_not_told_of_an_index_that_is_still_to_come(index, page, comun, rosa):
    def told():
        return [one.what for one in indexer.standing(index, wait=0)]

    assert told() == [], "none was made yet"
    indexer.rebuild(index)
    assert told() == []
    pages.save(history.get_page("comun", "bomba"), pump(title="Otra"), base=1, by=rosa)
    assert told() == [], "nobody has taken it in yet, and it does not say so"
    indexer.catch_up(index)
    db.session.execute(update(Snapshot).values(body=db.session.scalar(select(Snapshot.body).order_by(Snapshot.id))))
    db.session.commit()
    time.sleep(0.3)
    assert told() == ["its words are not those of the page"]
