"""The text of files: what is taken of them, and what those do not reach that are made to do harm."""

import io
import sys
import tempfile
import time

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import extracting, taking, texts
from tests.search import papers
from wiki import attachments, limits

PDF, ODT, ODS = "application/pdf", f"{papers.ODF}text", f"{papers.ODF}spreadsheet"
LOWERED = (
    "import runpy, sys; from wiki import limits; limits.{} = {}; "
    "runpy.run_module('search.extracting', run_name='__main__')"
)


def taken(data: bytes, type: str) -> str | None:
    with tempfile.TemporaryFile() as body:
        body.write(data)
        body.seek(0)
        return taking.Taking("ab" * 32, body, type).text()


def with_limit(monkeypatch, name: str, value: int) -> None:
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", LOWERED.format(name, value)))


def test_a_pdf_says_what_stands_on_its_pages():
    data = papers.pdf("Afile la cuchilla (con lima)\ny engrase el eje de la mo-\nlienda", "Página dos: ñandú")
    assert extracting.text(PDF, data) == (
        "Afile la cuchilla (con lima)\ny engrase el eje de la molienda\nPágina dos: ñandú"
    )


def test_a_sheet_says_its_cells_and_its_name():
    data = papers.odf("spreadsheet", papers.table(("Tornillo", "4"), ("Tuerca", "8"), name="Lista de corte"))
    assert extracting.text(ODS, data).split() == ["Lista", "de", "corte", "Tornillo", "4", "Tuerca", "8"]


@pytest.mark.parametrize("kind", ["text", "presentation", "graphics"])
def test_a_document_says_what_is_shown_and_not_who_wrote_it(kind):
    hidden = (
        "<text:tracked-changes><text:p>borrado</text:p></text:tracked-changes>"
        "<office:annotation><text:p>comentario</text:p></office:annotation>"
    )
    shown = "<text:h>El pozo</text:h><text:p>Uno<text:tab/>dos<text:line-break/><text:span>tr</text:span>es</text:p>"
    data = papers.odf(kind, hidden + shown, more={"meta.xml": b"<x>Juana Autora</x>"})
    assert extracting.text(f"{papers.ODF}{kind}", data) == "El pozo\nUno dos\ntres"


def test_a_text_is_itself_without_what_cannot_be_shown():
    assert extracting.text("text/plain", "\ufeffpieza;n.º\r\n\r\nrueda\u00ad;\x072".encode()) == "pieza;n.º\nrueda; 2"


def test_what_is_read_is_what_the_store_asks_to_be_read():
    assert set(texts.TYPES) == set(extracting.READERS) <= set(attachments.ENDINGS)


def test_only_so_much_is_kept(monkeypatch):
    monkeypatch.setattr(limits, "FILE_TEXT", 20)
    monkeypatch.setattr(limits, "FILE_TEXT_PAGES", 2)
    assert extracting.text(PDF, papers.pdf("una", "dos", "tres")) == "una\ndos"
    assert len(extracting.text(PDF, papers.pdf("palabra " * 9))) == 20
    assert len(extracting.text(ODT, papers.odf("text", papers.paragraphs("palabra " * 9)))) == 20
    assert len(extracting.text("text/plain", b"palabra " * 9)) == 20


def test_what_was_read_until_the_time_was_nearly_over_is_kept(monkeypatch):
    monkeypatch.setattr(limits, "FILE_TEXT", 10**8)
    monkeypatch.setattr(limits, "FILE_TEXT_CPU", 0.5)
    pages = ["palabra\n" * 2000] * 100
    found = extracting.text(PDF, papers.pdf("primera", *pages, "última"))
    assert found.startswith("primera")
    assert "última" not in found


def test_the_process_gives_the_same_text():
    assert taken(papers.pdf("Engrase el eje ñ"), PDF) == "Engrase el eje ñ"
    assert taken(papers.odf("text", papers.paragraphs("tornillo")), ODT) == "tornillo"


BROKEN = {
    "no pages": (papers.pdf(), PDF),
    "cut": (papers.pdf("hola hola")[:-330], PDF),
    "nothing of a PDF": (b"%PDF-1.4\n%%EOF\n", PDF),
    "pages in a circle": (papers.circular_pdf(), PDF),
    "entities": (papers.odf("text", papers.paragraphs("&a11;"), start=papers.LAUGHS), ODT),
    "entity of a file": (
        papers.odf("text", papers.paragraphs("&x;"), start='<!DOCTYPE x [<!ENTITY x SYSTEM "/etc/passwd">]>'), ODT),
    "no content": (papers.zipped({"mimetype": ODT.encode()}), ODT),
    "XML that was cut": (papers.zipped({"content.xml": b"<x><y>"}), ODT),
    "zip that was cut": (papers.odf("text", papers.paragraphs("hola"))[:-40], ODT),
    "zip bomb": (papers.zipped({"content.xml": b"<x>" + (b"<!--" + b" " * 9000 + b"-->") * 8000 + b"</x>"}), ODT),
    "other type": (b"hola", "image/png"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_read_has_no_text_and_is_over_soon(what):
    begin = time.monotonic()
    assert taken(*BROKEN[what]) == ""
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("start", [papers.LAUGHS, "<!DOCTYPE x [<!ENTITY a11 'ja'>]>", "<!DOCTYPE x>"])
def test_no_entities_are_declared(start):
    with pytest.raises(extracting.Refused):
        extracting.text(ODT, papers.odf("text", papers.paragraphs("hola"), start=start))


def locked(data: bytes, password: str) -> bytes:
    """A PDF that nobody may print, and that opens with a password."""
    writer, out = pypdf.PdfWriter(io.BytesIO(data)), io.BytesIO()
    writer.encrypt(password, "otra", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def test_what_asks_for_a_password_is_not_read_and_what_only_forbids_printing_is():
    assert taken(locked(papers.pdf("secreto"), "clave"), PDF) == ""
    assert taken(locked(papers.pdf("abierto"), ""), PDF) == "abierto"


def test_a_page_that_draws_itself_without_end_is_over():
    assert "y" not in (taken(papers.endless_pdf(), PDF) or "")


def test_only_so_much_is_unpacked(monkeypatch):
    data = papers.odf("text", "<text:p/>" * 9000)
    assert extracting.text(ODT, data) == ""
    monkeypatch.setattr(limits, "FILE_TEXT_UNPACKED", 70_000)
    with pytest.raises(extracting.Refused):
        extracting.text(ODT, data)


def test_too_many_parts_are_not_looked_into(monkeypatch):
    data = papers.odf("text", papers.paragraphs("hola"), more={f"Pictures/{n}": b"" for n in range(9)})
    monkeypatch.setattr(limits, "ATTACHMENT_MEMBERS", 10)
    with pytest.raises(extracting.Refused):
        extracting.text(ODT, data)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("FILE_TEXT_CPU", 1, "it was stopped by SIG"),
        ("FILE_TEXT_MEMORY", 64 << 20, "its reader ended with"),
        ("FILE_TEXT_HANDLES", 0, "its reader ended with"),
    ],
)
def test_who_asks_for_too_much_is_ended(name, value, why, monkeypatch, caplog):
    with_limit(monkeypatch, name, value)
    assert taken(papers.swollen_pdf(1_000_000), PDF) == ""
    assert why in caplog.text
    assert "ab" * 32 in caplog.text


def test_a_reader_that_does_nothing_is_ended_by_the_clock(monkeypatch, caplog):
    monkeypatch.setattr(limits, "FILE_TEXT_SECONDS", 0.3)
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    begin = time.monotonic()
    assert taken(b"", PDF) == ""
    assert time.monotonic() - begin < 5
    assert "more than 0.3 s" in caplog.text


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        ("pass", "done\n"),
        ("open('{}', 'w').write('x' * 9999)", ""),
        ("x = bytearray(500 << 20)", ""),
        ("x = [open('/dev/null') for _ in range(99)]", ""),
    ],
)
def test_what_is_confined_can_do_nothing_else(attempt, said, monkeypatch, tmp_path):
    code = f"from search import extracting; extracting.confine()\n{attempt.format(tmp_path / 'written')}\nprint('done')"
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", code))
    assert taken(b"", PDF) == said


def test_an_answer_without_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", "while True: print('x' * 99999)"))
    assert taken(b"", PDF) == ""


def test_nothing_is_known_of_a_file_whose_reader_was_stopped_with_the_server(monkeypatch):
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"))
    assert taken(b"", PDF) is None


def test_the_process_is_told_nothing_of_the_server(monkeypatch):
    monkeypatch.setenv("MINGA_SECRET_KEY", "geheim")
    monkeypatch.setattr(taking, "COMMAND", (sys.executable, "-c", "import os; print(sorted(os.environ))"))
    assert "MINGA" not in (taken(b"", PDF) or "MINGA")


@given(st.binary(max_size=300), st.sampled_from(sorted(extracting.READERS)))
def test_no_bytes_give_more_than_text(data, type):
    try:
        found = extracting.text(type, data)
    except Exception:
        return
    assert found.encode().decode() == found


@given(st.data())
def test_altered_files_give_text_or_an_error(data):
    type, whole = data.draw(
        st.sampled_from([(PDF, papers.pdf("hola")), (ODT, papers.odf("text", "<text:p>ja</text:p>"))])
    )
    altered = bytearray(whole)
    for _ in range(3):
        altered[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        extracting.text(type, bytes(altered))
    except Exception:
        return


@pytest.mark.data
def test_real_files_say_what_stands_in_them(shared):
    files = sorted((shared / "data" / "attachments" / "real").glob("*.pdf"))
    if not files:
        pytest.skip("not run: ../shared/data/attachments holds no PDF")
    said = [taken(path.read_bytes(), PDF) or "" for path in files]
    assert all("LiteFarm" in text for text in said)
    assert any("certificação" in text for text in said)
