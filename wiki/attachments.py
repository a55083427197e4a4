"""Files that are taken along and not shown: what a file is by its first bytes and its structure, never by its name.

Sources of the structures: ISO 10303-21 (STEP), the StL interface specification of 3D Systems, Autodesk's DXF reference,
the 3MF core specification, OASIS OpenDocument 1.3 part 2 (the stored member `mimetype`), FreeCAD's `Document.xml`,
Khronos' glTF 2.0 (binary form), ISO 32000-1 (PDF).
"""

import io
import re
import struct
import zipfile

from wiki import limits

TEXT = "text/plain"
ENDINGS = {
    "application/pdf": ".pdf",
    "model/stl": ".stl",
    "model/step": ".step",
    "image/vnd.dxf": ".dxf",
    "model/gltf-binary": ".glb",
    "model/3mf": ".3mf",
    "application/x-freecad": ".fcstd",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.graphics": ".odg",
    TEXT: ".txt",
}
"""The types that are taken, each with how the name of such a file ends."""
TEXT_ENDINGS = frozenset(
    (".scad", ".csv", ".tsv", ".md", ".sch", ".brd", ".gcode", ".nc", ".ino", ".py", ".c", ".h", ".yaml", ".yml")
).union((".json", ".toml", ".obj", ".ply", ".kicad_sch", ".kicad_pcb", ".net", ".xyz", ".txt"))
"""How the names of texts may end. None of these is opened as a page by a browser."""

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|\?xml|svg)\b", re.IGNORECASE)
"""How a page for a browser begins. Nobody builds anything with one."""
_FACET = re.compile(rb"\bfacet\s+normal\b")
_SECTION = re.compile(rb"\s*(?:999\r?\n[^\n]*\n\s*)*0\r?\n\s*SECTION\r?\n")


def kind(data: bytes) -> str:
    """The MIME type of a file to be taken along, "" for what is none of those in `ENDINGS`."""
    start = data[:1024]
    if b"%PDF-" in start:
        return "application/pdf" if b"%%EOF" in data[-2048:] else ""
    if data[:4] == b"PK\x03\x04":
        return _zipped(data)
    if data[:4] == b"glTF" and len(data) >= 12:
        return "model/gltf-binary" if struct.unpack_from("<II", data, 4) == (2, len(data)) else ""
    if _is_binary_stl(data):
        return "model/stl"
    if data.startswith(b"AutoCAD Binary DXF\r\n\x1a\x00"):
        return "image/vnd.dxf"
    return _written(data)


def _is_binary_stl(data: bytes) -> bool:
    """An 80 byte header, the number of triangles, 50 bytes for each, and not one byte more."""
    return len(data) > 84 and len(data) == 84 + 50 * struct.unpack_from("<I", data, 80)[0]


def _written(data: bytes) -> str:
    if _CONTROLS.search(data) or _PAGE.match(data):
        return ""
    end = data[-256:].rstrip()
    if data.lstrip().startswith(b"ISO-10303-21;"):
        return "model/step" if end.endswith(b"END-ISO-10303-21;") else ""
    if data.lstrip()[:5].lower() == b"solid" and _FACET.search(data[:4096]):
        return "model/stl" if b"endsolid" in end else ""
    if _SECTION.match(data):
        return "image/vnd.dxf" if end.endswith(b"EOF") else ""
    try:
        words = data.decode()
    except UnicodeDecodeError:
        return ""
    return TEXT if words.strip() else ""


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > limits.ATTACHMENT_MEMBERS:
                return ""
            names = {member.filename for member in members}
            first = members[0] if members else None
            if first is not None and first.filename == "mimetype" and first.file_size < 100:
                said = archive.read(first).decode("ascii", "replace").strip()
                return said if said in ENDINGS and "opendocument" in said and "content.xml" in names else ""
            if "Document.xml" in names:
                return "application/x-freecad" if archive.open("Document.xml").read(200).startswith(b"<?xml") else ""
            if "[Content_Types].xml" in names and any(re.fullmatch(r"3D/[^/]+\.model", name) for name in names):
                return "model/3mf"
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, NotImplementedError, OSError, ValueError, EOFError):
        return ""
    return ""


def ending(type: str, name: str) -> str:
    """How the name of a file of this type ends: as it did, where that is one of a text's endings, else as its type."""
    own = "." + name.rpartition(".")[2].lower()
    return own if type == TEXT and own in TEXT_ENDINGS else ENDINGS[type]
