"""The texts of files, kept so that each file is read once."""

import pathlib
import zlib
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select

from search.models import FileText
from wiki import attachments, db, files, masking, storage
from wiki.db import session
from wiki.models import File

TYPES = (
    "application/pdf",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.graphics",
    attachments.TEXT,
)
"""What is read. Other files hold no words, or none that anybody looks for."""
FOR_MACHINES = frozenset((".gcode", ".nc", ".obj", ".ply", ".xyz", ".net", ".brd", ".kicad_pcb"))
"""How the names of texts end that are nearly all figures."""
BATCH = 500


def of(sha256s: Iterable[str]) -> Mapping[str, str | None]:
    """The texts of files by their SHA-256, None for one that was not read yet. Files that are held back, that are not
    here or that say nothing are left out."""
    wanted = [bytes.fromhex(sha256) for sha256 in dict.fromkeys(sha256s) if storage.SHA256.fullmatch(sha256)]
    found: dict[str, str | None] = {}
    columns = File.sha256, File.name, FileText.sha256, FileText.packed
    query = select(*columns).join_from(File, FileText, FileText.sha256 == File.sha256, isouter=True)
    query = query.where(File.type.in_(TYPES), ~File.held)
    for start in range(0, len(wanted), BATCH):
        for sha256, name, known, packed in session.execute(query.where(File.sha256.in_(wanted[start : start + BATCH]))):
            if known is None:
                if not name.lower().endswith(tuple(FOR_MACHINES)):
                    found[sha256.hex()] = None
            elif packed:
                found[sha256.hex()] = _unpacked(packed)
    return found


def place(sha256: str) -> tuple[pathlib.Path, str]:
    """Where a file lies, and its type. Raises `errors.Missing`."""
    return files.path(files.get(sha256))


def keep(sha256: str, text: str) -> None:
    """Note the text of a file that is here and not held back, "" for none."""
    digest = bytes.fromhex(sha256)

    def unit() -> None:
        if session.scalar(select(File.id).where(File.sha256 == digest, ~File.held)) is not None:
            packed = zlib.compress(text.encode()) if text else None
            db.insert_missing(FileText, sha256=digest, packed=packed, at=db.now())

    db.write(lambda: unit)


def drop_held() -> None:
    """Delete the texts of the files that are held back."""
    held = select(FileText.sha256).join(File, FileText.sha256 == File.sha256).where(File.held)
    found = session.scalars(held).all()
    if found:
        db.write(lambda: lambda: session.execute(delete(FileText).where(FileText.sha256.in_(found))))


def forget(words: masking.Words) -> None:
    """Within a write unit: texts lose words that are taken away. The files themselves keep them, and can be held."""
    for row in session.scalars(select(FileText).where(FileText.packed.is_not(None)).execution_options(yield_per=20)):
        text = _unpacked(row.packed or b"")
        if words.are_in(text):
            row.packed = zlib.compress(words.masked(text).encode())


def _unpacked(packed: bytes) -> str:
    return zlib.decompress(packed).decode()
