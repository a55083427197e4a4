"""What a file to be taken along is: told by its bytes, whatever it is called."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wiki import pictures as made
from wiki import attachments, errors, files, limits, storage

TRIANGLE = b"\x00" * 50


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, words in members.items():
            archive.writestr(name.replace("__", "/"), words)
    return out.getvalue()


ODS = zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"})
KINDS = {
    "application/pdf": b"%PDF-1.7\n1 0 obj\n%%EOF\n",
    "model/stl": bytes(80) + struct.pack("<I", 2) + TRIANGLE * 2,
    "model/step": b"ISO-10303-21;\nHEADER;\nENDSEC;\nEND-ISO-10303-21;\n",
    "image/vnd.dxf": b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n  0\r\nENDSEC\r\n  0\r\nEOF\r\n",
    "model/gltf-binary": b"glTF" + struct.pack("<II", 2, 12),
    "model/3mf": zipped(**{"[Content_Types].xml": "<x/>", "3D__part.model": "<model/>"}),
    "application/x-freecad": zipped(**{"Document.xml": "<?xml version='1.0'?><Document/>"}),
    "application/vnd.oasis.opendocument.spreadsheet": ODS,
    "text/plain": b"pieza,cantidad\nrueda,2\n",
}
NOTHING = {
    "program": b"\x7fELF\x02\x01\x01" + bytes(60),
    "zip": zipped(**{"a.txt": "hola"}),
    "document of an office": zipped(**{"[Content_Types].xml": "<x/>", "word__document.xml": "<x/>"}),
    "PDF that was cut": b"%PDF-1.7\n1 0 obj\n",
    "STL that was cut": KINDS["model/stl"][:-1],
    "STEP that was cut": KINDS["model/step"][:30],
    "DXF that was cut": KINDS["image/vnd.dxf"][:-6],
    "zip that was cut": ODS[:-30],
    "other type in a table": zipped(mimetype="text/html", **{"content.xml": "<x/>"}),
    "Latin-1": "año".encode("latin-1"),
    "text with a zero": b"hola\x00",
    "page": b"\n<!DOCTYPE html><p>hola",
    "script": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("type", KINDS)
def test_what_a_file_is_stands_in_its_structure(type):
    assert attachments.kind(KINDS[type]) == type


def test_a_model_written_as_text_is_one_too():
    written = b"solid pieza\n facet normal 0 0 1\n outer loop\n endloop\n endfacet\nendsolid pieza\n"
    assert attachments.kind(written) == "model/stl"
    assert attachments.kind(written[:-16]) == ""


@pytest.mark.parametrize("what", NOTHING)
def test_what_is_none_of_these_is_not_taken(what, rosa):
    assert attachments.kind(NOTHING[what]) == ""
    with pytest.raises(errors.Invalid) as refused:
        files.put(NOTHING[what], "plano.pdf", by=rosa)
    assert refused.value.problems[0].code == "file-kind"
    assert not list(storage._folder.glob("??/*"))


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"glTF", b"%PDF-", b"ISO-10303-21;", b"solid "]))
def test_no_bytes_are_too_strange(data, start):
    assert attachments.kind(start + data) in (*attachments.ENDINGS, "")


def test_an_archive_of_very_many_members_is_not_looked_into(monkeypatch):
    monkeypatch.setattr(limits, "ATTACHMENT_MEMBERS", 1)
    assert attachments.kind(ODS) == ""


def test_a_file_is_kept_byte_by_byte_and_called_by_what_it_is(rosa):
    file = files.put(KINDS["model/stl"], "Rueda de la prensa.html", by=rosa)
    assert (file.name, file.type) == ("Rueda-de-la-prensa.stl", "model/stl")
    assert files.path(file)[0].read_bytes() == KINDS["model/stl"]
    assert files.put(KINDS["text/plain"], "lista.csv", by=rosa).name == "lista.csv"
    assert files.put(b"a <b> c", "pagina.html", by=rosa).name == "pagina.txt"


@pytest.mark.parametrize("type", KINDS)
def test_it_is_given_to_be_saved_and_never_opened_here(type, client, rosa):
    file = files.put(KINDS[type], "cosa.html", by=rosa)
    got = client.get(f"/files/{file.sha256.hex()}/cosa.html")
    assert got.data == KINDS[type]
    assert got.mimetype == type
    assert got.headers["Content-Disposition"].startswith("attachment; filename=cosa.")
    assert not got.headers["Content-Disposition"].endswith("html")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.data
def test_real_files_are_told_by_their_bytes(shared):
    found = {}
    for path in (shared / "data" / "designs").rglob("*"):
        if path.is_file() and path.suffix.lower() in (".stl", ".dxf", ".fcstd", ".pdf", ".ods"):
            found.setdefault(path.suffix.lower(), set()).add(attachments.kind(path.read_bytes()))
    assert found == {
        ".stl": {"model/stl"},
        ".dxf": {"image/vnd.dxf"},
        ".fcstd": {"application/x-freecad"},
        ".pdf": {"application/pdf"},
        ".ods": {"application/vnd.oasis.opendocument.spreadsheet"},
    }


def test_pictures_are_not_taken_for_anything_else():
    assert attachments.kind(made.saved(made.scene(20, 20), "PNG")) == ""
