"""Small PDF and OpenDocument files, written by hand, and others that are made to do harm."""

import io
import zipfile
import zlib
from collections.abc import Sequence

ODF = "application/vnd.oasis.opendocument."
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "drawing")
)


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of objects, the first of which is its catalogue."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Root 1 0 R /Size %d %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(data: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<</Filter /FlateDecode %s /Length %d>>\nstream\n%s\nendstream" % (more, len(packed), packed)


def pdf(*pages: str, trailer: bytes = b"") -> bytes:
    """A PDF with some text on each page; each line of it is one on the page too."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(len(pages)))
    objects = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Count %d /Kids [%s]>>" % (len(pages), kids),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
    ]
    for number, words in enumerate(pages):
        said = [line.translate({ord(c): f"\\{c}" for c in "()\\"}).encode("cp1252") for line in words.split("\n")]
        shown = b"BT /F1 12 Tf 14 TL 72 720 Td %s ET" % b" ".join(b"(%s) Tj T*" % line for line in said)
        page = (
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources <</Font <</F1 3 0 R>>>> /Contents %d 0 R>>"
        )
        objects += [page % (5 + 2 * number), stream(shown)]
    return pdf_of(objects, trailer)


def endless_pdf(depth: int = 60) -> bytes:
    """Its page draws a form that draws the next one twice, and so on."""
    forms = [
        stream(
            b"/F Do " * 2 if number < depth else b"BT (x) Tj ET",
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</F %d 0 R>>>>" % (6 + number),
        )
        for number in range(depth + 1)
    ]
    return pdf_of(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources <</XObject <</F 5 0 R>>>> /Contents 4 0 R>>",
            stream(b"/F Do"),
            *forms,
        ]
    )


def circular_pdf() -> bytes:
    """Its tree of pages leads back to where it began."""
    return pdf_of([b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Count 9 /Kids [2 0 R 2 0 R]>>"])


def swollen_pdf(times: int, act: bytes = b"(a) Tj ") -> bytes:
    """Its page does the same very many times, which takes little room."""
    return pdf_of(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources <</Font <</F1 5 0 R>>>> /Contents 4 0 R>>",
            stream(b"BT /F1 9 Tf " + act * times + b" ET"),
            b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
        ]
    )


def odf(kind: str, body: str, *, start: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """An OpenDocument of a kind (`text`, `spreadsheet`…) with this in its body."""
    said = f"{start}<office:document-content {SPACES}><office:body>{body}</office:body></office:document-content>"
    return zipped({"mimetype": f"{ODF}{kind}".encode(), "content.xml": said.encode(), **(more or {})})


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def paragraphs(*words: str) -> str:
    return "".join(f"<text:p>{one}</text:p>" for one in words)


def table(*rows: Sequence[str], name: str = "Hoja1") -> str:
    cells = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    return f'<office:spreadsheet><table:table table:name="{name}">{cells}</table:table></office:spreadsheet>'


LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ja'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
)
