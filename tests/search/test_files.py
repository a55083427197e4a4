"""What stands in the files of a design is found, while and after others are read."""

import contextlib
import logging
import sys
import threading
import time

import pytest
from sqlalchemy import delete, select

from search import indexer, query, reading, taking, texts
from search.grammar import Narrow
from search.index import Index
from search.models import FileText
from tests.designs.examples import pump
from tests.search import papers
from wiki import accounts, db, files, history, holds, limits, masking, pages, redaction, storage
from wiki.db import session


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


@pytest.fixture
def index(app) -> Index:
    return app.extensions["minga.search"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """A change of the index is seen by the next question, and pages get a text by twos."""
    monkeypatch.setattr(reading, "LOOK_SECONDS", 0)
    monkeypatch.setattr(indexer, "TOGETHER", 2)


@pytest.fixture
def jefa(context):
    return accounts.create("jefa", admin=True)[0]


@pytest.fixture
def page(comun, rosa):
    return pages.create(comun, pump(), slug="bomba", language="es", by=rosa)


@pytest.fixture
def shelf():
    with contextlib.closing(indexer.Shelf()) as made:
        yield made


def attach(data: bytes, name: str, *, by, slug: str = "bomba"):
    file = files.put(data, name, by=by)
    files.attach(history.get_page("comun", slug), file, role="auxiliary", alt="", caption="", by=by)
    return file


def settle(index: Index, shelf: indexer.Shelf) -> None:
    """As the indexer does, until nothing waits."""
    end = time.monotonic() + 20
    while indexer.step(index) or shelf.step(index) or shelf._taking:
        assert time.monotonic() < end
        time.sleep(0.01)


def slugs(index: Index, text: str) -> list[str]:
    """What bears all words just as they were asked for."""
    answer = query.search(index, text, Narrow(), language="es")
    return sorted(hit.card.slug for hit in answer.hits) if answer.mode == "all" else []


def differences(index: Index) -> list[str]:
    return [one.what for one in indexer.differences(index, wait=0)]


MANUAL = "Manual de la bomba\nCambie el retén cerámico cada dos años"
both = pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)


@both
def test_a_word_that_stands_only_in_a_file_is_found_and_lost_again(index, shelf, page, rosa, jefa, client):
    file = attach(papers.pdf(MANUAL), "guia-de-taller.pdf", by=rosa)
    settle(index, shelf)
    for asked in ("retén", "RETENES", '"retén cerámico"', "taller", "bomba cerámicos"):
        assert slugs(index, asked) == ["bomba"], asked
    assert slugs(index, '"cerámico retén"') == []
    hit = query.search(index, "retenes", Narrow(), language="es").hits[0]
    assert (hit.part, hit.file) == ("files", "guia-de-taller.pdf")
    assert ("retén", True) in hit.pieces
    told = client.get("/api/v1/search?q=retén").json["hits"][0]
    assert (told["part"], told["file"]) == ("files", "guia-de-taller.pdf")
    assert "Cambie el <mark>retén</mark> cerámico" in told["snippet"]
    for language, words in (("es", "Archivos"), ("pt-BR", "Arquivos"), ("en", "Files")):
        assert f"{words} (guia-de-taller.pdf)" in client.get(f"/search?q=retén&lang={language}").text
    assert differences(index) == []

    holds.hold_file(file, by=jefa, note="no es suyo")
    settle(index, shelf)
    assert slugs(index, "retén") == []
    assert session.scalars(select(FileText)).all() == []
    assert differences(index) == []
    indexer.rebuild(index)
    settle(index, shelf)
    assert slugs(index, "retén") == []

    holds.release_file(file, by=jefa)
    settle(index, shelf)
    assert slugs(index, "retén") == ["bomba"]
    assert differences(index) == []


def test_words_of_the_page_are_shown_rather_than_those_of_its_files(index, shelf, page, rosa):
    attach(papers.pdf("El mecate de nailon y el retén"), "guia.pdf", by=rosa)
    settle(index, shelf)
    for asked, part in (("nailon", "bom"), ("bomba nailon", "bom"), ("rueda nailon", "bom"), ("retén nailon", "files")):
        hit = query.search(index, asked, Narrow(), language="es").hits[0]
        assert (hit.part, bool(hit.file)) == (part, part == "files"), asked
    assert query.search(index, "bomba", Narrow(), language="es").hits[0].part == "summary"


def test_a_page_comes_before_another_that_only_has_a_file_about_it(index, shelf, page, comun, rosa):
    pages.create(comun, pump(title="Silo", summary="Guarda grano.", bom=None, body="Con un retén."), slug="silo",
                 language="es", by=rosa)  # fmt: skip
    attach(papers.pdf("retén retén retén"), "guia.pdf", by=rosa)
    settle(index, shelf)
    assert [hit.card.slug for hit in query.search(index, "retén", Narrow(), language="es").hits] == ["silo", "bomba"]


def test_sheets_documents_and_texts_are_found_and_files_for_machines_are_not(index, shelf, page, rosa):
    attach(papers.odf("spreadsheet", papers.table(("arandela", "4"))), "lista.ods", by=rosa)
    attach(papers.odf("text", papers.paragraphs("pasador")), "carta.odt", by=rosa)
    attach(b"pieza;biela\n", "piezas.csv", by=rosa)
    attach(b"G1 X1 (cigarra)\n", "corte.gcode", by=rosa)
    settle(index, shelf)
    for word in ("arandelas", "pasadores", "bielas"):
        assert slugs(index, word) == ["bomba"], word
    assert slugs(index, "cigarra") == []
    assert session.query(FileText).count() == 3


def test_what_was_taken_away_does_not_stand_in_the_text_any_more(index, shelf, page, rosa, jefa, app):
    attach(papers.pdf("Escriba a Calle del Molino 14, o a la bodega"), "guia.pdf", by=rosa)
    current = history.get_page("comun", "bomba")
    content = history.get_version(current).document
    pages.save(current, {**content, "body": "Calle del Molino 14"}, base=2, by=rosa)
    settle(index, shelf)
    found = redaction.find("calle del molino", by=jefa)
    redaction.redact("calle del molino", seen=found.seen(), by=jefa)
    settle(index, shelf)
    assert slugs(index, "molino") == []
    assert slugs(index, "bodega") == ["bomba"]
    (text,) = texts.of([row.sha256.hex() for row in session.scalars(select(FileText))]).values()
    assert text == f"Escriba a {masking.MASK} 14, o a la bodega"
    assert b"molino" not in b"".join(p.read_bytes() for p in (app.config["DATA_DIR"] / "index").rglob("*.seg"))


def test_each_file_is_read_once_and_again_for_a_new_index_only_if_it_is_not_known(index, shelf, page, comun, rosa):
    file = attach(papers.pdf(MANUAL), "guia.pdf", by=rosa)
    for slug in ("uno", "dos", "tres"):
        pages.create(comun, pump(title=f"Otra {slug}"), slug=slug, language="es", by=rosa)
        files.attach(history.get_page("comun", slug), file, role="source", alt="", caption="", by=rosa)
    settle(index, shelf)
    everywhere = ["bomba", "dos", "tres", "uno"]
    assert slugs(index, "retén") == everywhere
    indexer.rebuild(index)
    assert slugs(index, "retén") == everywhere
    db.write(lambda: lambda: session.execute(delete(FileText)))
    indexer.rebuild(index)
    assert slugs(index, "retén") == []
    settle(index, shelf)
    assert slugs(index, "retén") == everywhere
    assert differences(index) == []


def test_what_is_saved_is_found_while_a_file_is_being_read(index, shelf, page, comun, rosa, monkeypatch):
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", "import time; time.sleep(30)"))
    for number in range(5):
        attach(papers.pdf(f"manual {number}"), "guia.pdf", by=rosa)
    while indexer.step(index):
        pass
    assert not shelf.step(index)
    assert shelf._taking
    begin = time.monotonic()
    pages.create(comun, pump(title="Silo pronto"), slug="silo", language="es", by=rosa)
    indexer.step(index)
    shelf.step(index)
    assert slugs(index, "pronto") == ["silo"]
    assert time.monotonic() - begin < 2


def test_what_was_read_is_found_before_the_next_file_is_begun(index, shelf, page, comun, rosa):
    attach(papers.pdf("manual del retén"), "guia.pdf", by=rosa)
    while indexer.step(index):
        pass
    shelf.step(index)
    assert shelf._taking
    pages.create(comun, pump(title="Silo"), slug="silo", language="es", by=rosa)
    attach(papers.pdf("manual del silo"), "silo.pdf", by=rosa, slug="silo")
    while indexer.step(index):
        pass
    while not shelf._taking.is_over():
        time.sleep(0.01)
    assert shelf.step(index)
    assert slugs(index, "retén manual") == ["bomba"]
    assert differences(index) == []


def test_the_indexer_reads_by_itself_and_ends_its_reader_with_it(index, page, comun, rosa, app):
    for number in range(4):
        attach(papers.pdf(f"cosa{number}ita", f"otra {number}"), f"guia{number}.pdf", by=rosa)
    attach(papers.swollen_pdf(3_000_000), "larga.pdf", by=rosa)
    stopping = threading.Event()

    def run() -> None:
        with app.app_context():
            indexer.follow(index, stopping)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        end = time.monotonic() + 8
        while not all(slugs(index, f"cosa{number}ita") for number in range(4)) and time.monotonic() < end:
            time.sleep(0.05)
        assert [slugs(index, f"cosa{number}ita") for number in range(4)] == [["bomba"]] * 4
    finally:
        begin = time.monotonic()
        stopping.set()
        thread.join()
        assert time.monotonic() - begin < 3


def test_a_file_without_bytes_or_text_waits_no_longer(index, shelf, page, rosa, caplog):
    gone = attach(papers.pdf("perdida"), "perdida.pdf", by=rosa)
    attach(papers.circular_pdf(), "circulo.pdf", by=rosa)
    attach(papers.pdf("saludable"), "guia.pdf", by=rosa)
    for path in storage.folder_of(gone.sha256.hex()).iterdir():
        path.unlink()
    with caplog.at_level(logging.WARNING, "minga.search"):
        settle(index, shelf)
    assert slugs(index, "saludables") == ["bomba"]
    assert sorted(row.packed is None for row in session.scalars(select(FileText))) == [False, True, True]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert not [line for line in said if "circulo" in line or "perdida.pdf" in line or "rosa" in line]
    with index.writing(wait=1) as writer:
        assert writer.unread() == ""


def test_a_file_that_came_after_the_page_that_names_it_is_found(index, shelf, page, rosa):
    data = papers.pdf("tardía")
    sha256, name = files.named(data, "despues.pdf")
    row = {"key": "tarde", "sha256": sha256, "name": name, "role": "auxiliary"}
    pages.save(history.get_page("comun", "bomba"), pump(files=[row]), base=1, by=rosa)
    settle(index, shelf)
    assert slugs(index, "tardía") == []
    files.put(data, "despues.pdf", by=rosa)
    settle(index, shelf)
    assert slugs(index, "tardía") == ["bomba"]
    assert differences(index) == []


def test_a_page_takes_only_so_much_of_its_files(index, shelf, page, rosa, monkeypatch):
    monkeypatch.setattr(limits, "FILE_TEXTS", 30)
    attach(papers.pdf("primera palabra cabe"), "una.pdf", by=rosa)
    attach(papers.pdf("segunda entra larguísima"), "dos.pdf", by=rosa)
    settle(index, shelf)
    assert slugs(index, "primera") == slugs(index, "segunda") == ["bomba"]
    assert slugs(index, "larguísima") == []


def test_the_place_is_found_far_into_a_file(index, shelf, page, rosa):
    lines = "\n".join("palabra " * 10 for _ in range(700))
    attach(f"{lines}\ntermina con el retén\n{lines}".encode(), "larga.txt", by=rosa)
    settle(index, shelf)
    hit = query.search(index, "retén", Narrow(), language="es").hits[0]
    assert ("retén", True) in hit.pieces


def test_names_that_nobody_can_misread_stay_names(client, index, shelf, page, rosa):
    """The name of a file and its text are shown as text."""
    attach(b"<script>alert(1)</script> estranguladora\n".replace(b"<script>", b"x <script>"), "a'b.txt", by=rosa)
    settle(index, shelf)
    html = client.get("/search?q=estranguladora").text
    assert "<script>alert" not in html
    assert "<mark>estranguladora</mark>" in html
