"""Files: photos and drawings made safe and others as they are, stored by the SHA-256 of what is kept, put on pages.

The bytes are stored first and the row after them, so that no row is without its bytes. A picture is never kept as it
came: it is rebuilt, and its name here is the SHA-256 of that. What is only taken along, such as a file for a machine,
is kept byte by byte.
"""

import datetime
import gzip
import hashlib
import pathlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from wiki import (
    access,
    attachments,
    db,
    document,
    drawings,
    errors,
    history,
    journal,
    limits,
    pages,
    pictures,
    storage,
    throttles,
)
from wiki.db import now, session
from wiki.document import Document
from wiki.models import Account, File, Page
from wiki.operations import Once

TURNS = 5
"""How often a picture is put on a page anew when somebody else changed the same place."""


@dataclass(frozen=True)
class _Made:
    """What is kept of a file that was sent: the bytes of each part by name, `main` with its ending first."""

    type: str
    width: int
    height: int
    parts: dict[str, bytes]

    @property
    def main(self) -> bytes:
        return next(iter(self.parts.values()))


def put(data: bytes, name: str, *, by: Account, counted: bool = True) -> File:
    """Store a file, a picture after it was made safe. The same file again gives the same row. What whoever runs the
    server brings in is not `counted`.

    Raises `errors.Invalid` for what can't be taken, `errors.TooLarge`, and `errors.TooMany` for too much in a day.
    """
    access.check("upload", None, by)
    if len(data) > limits.UPLOAD:
        raise errors.TooLarge(limits.UPLOAD)
    known = find(hashlib.sha256(data).hexdigest())
    if known is not None and storage.has(known.sha256.hex()):
        return known
    if counted:
        throttles.count("upload", by.handle, limits.UPLOADS_PER_DAY, 86_400)
        _check_share(by)
    session.close()
    made = _make(data)
    digest = hashlib.sha256(made.main)
    storage.keep(digest.hexdigest(), made.parts)

    def unit() -> File:
        row = session.scalar(select(File).where(File.sha256 == digest.digest()))
        if row is None:
            row = File(
                sha256=digest.digest(),
                type=made.type,
                bytes=len(made.main),
                stored=sum(map(len, made.parts.values())),
                width=made.width,
                height=made.height,
                name=clean_name(name, made.type),
                by_id=by.id,
            )
            session.add(row)
            journal.record("upload", subject=row.sha256[:16], by=by, note=row.name)
        return row

    row = db.write(lambda: unit)
    if not storage.has(digest.hexdigest()):
        # A sweep took the bytes between the two steps: they were an orphan's, stored long ago.
        storage.keep(digest.hexdigest(), made.parts)
    return row


def named(data: bytes, name: str) -> tuple[str, str]:
    """The SHA-256 (hex) and name that a file would have here, without storing it. Raises `errors.Invalid` as `put`
    does."""
    made = _make(data)
    return hashlib.sha256(made.main).hexdigest(), clean_name(name, made.type)


def is_picture(file: File) -> bool:
    """Whether a file is shown; others are taken along."""
    return file.type in pictures.ENDINGS


def clean_name(name: str, type: str) -> str:
    """A name as it may stand in an address and on a disk, ending as a file of this type does."""
    return pictures.clean_name(name, pictures.ENDINGS.get(type) or attachments.ending(type, name))


def _make(data: bytes) -> _Made:
    if not data:
        raise pictures.refusal("file-empty")
    type = pictures.kind(data)
    if not type:
        type = attachments.kind(data)
        if not type:
            raise pictures.refusal("file-kind")
        return _Made(type, 0, 0, {f"main{attachments.ENDINGS[type]}": data})
    if type == pictures.DRAWING:
        drawing = drawings.safe(data)
        zipped = gzip.compress(drawing.body, 9, mtime=0)
        return _Made(type, drawing.width, drawing.height, {"main.svg": drawing.body, "main.svg.gz": zipped})
    photo = pictures.safe_photo(data)
    parts = {f"main{pictures.ENDINGS[photo.type]}": photo.body}
    for (width, format), body in photo.variants.items():
        parts[f"{width}{pictures.ENDINGS[f'image/{format}']}"] = body
    return _Made(photo.type, photo.width, photo.height, parts)


def _check_share(by: Account) -> None:
    """Raises `errors.TooMany` when what is kept of an account's files of the last 24 hours is too much."""
    since = now() - datetime.timedelta(days=1)
    kept = session.scalar(select(func.sum(File.stored)).where(File.by_id == by.id, File.at > since)) or 0
    if kept >= limits.UPLOAD_BYTES_PER_DAY:
        oldest = session.scalar(select(func.min(File.at)).where(File.by_id == by.id, File.at > since))
        raise errors.TooMany(max(60, int((oldest - since).total_seconds())) if oldest else 3600)


def find(sha256: str) -> File | None:
    """The file of this SHA-256 in lower-case hex; None also for what is no SHA-256."""
    return find_all([sha256]).get(sha256)


def get(sha256: str) -> File:
    found = find(sha256)
    if found is None:
        raise errors.Missing(sha256)
    return found


def find_all(sha256s: Iterable[str]) -> dict[str, File]:
    """The files that are here of these, by SHA-256 in hex."""
    wanted = [bytes.fromhex(sha256) for sha256 in sha256s if storage.SHA256.fullmatch(sha256)]
    found = session.scalars(select(File).where(File.sha256.in_(wanted))) if wanted else ()
    return {file.sha256.hex(): file for file in found}


def path(file: File, width: int | None = None, format: str = "") -> tuple[pathlib.Path, str]:
    """Where a file lies and the type of what lies there: as it is kept, or the copy for a width in pixels, as
    `webp` or, for any other format, in its own. A drawing is the same at every width."""
    sha256 = file.sha256.hex()
    ending = pictures.ENDINGS.get(file.type) or attachments.ENDINGS[file.type]
    main = storage.path(sha256, f"main{ending}"), file.type
    if file.type == pictures.DRAWING or not is_picture(file) or (width is None and format != "webp"):
        return main
    stored = pictures.width_for(width or file.width, file.width)
    if format == "webp":
        return storage.path(sha256, f"{stored}.webp"), "image/webp"
    return main if stored == file.width else (storage.path(sha256, f"{stored}{ending}"), file.type)


def zipped(file: File) -> pathlib.Path | None:
    """Where a drawing lies compressed by gzip; None for a photo."""
    return storage.path(file.sha256.hex(), "main.svg.gz") if file.type == pictures.DRAWING else None


def title(file: File) -> str:
    """What a drawing says of itself, "" when it says nothing."""
    if file.type != pictures.DRAWING:
        return ""
    drawing = drawings.safe(path(file)[0].read_bytes())
    return " ".join((drawing.title or drawing.description).split())[:500]


def attach(
    page: Page,
    file: File,
    *,
    role: str,
    alt: str,
    caption: str,
    by: Account,
    note: str = "",
    once: Once | None = None,
) -> pages.Saved:
    """Put a file on a page as a row of its part `files`, with what to say for who does not see it. A file that is there
    already is described anew. Raises as `pages.save` does."""
    access.check("edit", page, by)
    told = {"sha256": file.sha256.hex(), "role": role, "alt": alt, "caption": caption}
    for turn in range(TURNS):
        head = history.get_version(history.find_page_by_id(page.id) or page)
        content = _with_file(head.document, file, told)
        try:
            return pages.save(page, content, base=head.revision.number, by=by, note=note, once=once)
        except pages.Conflict:
            if turn == TURNS - 1:
                raise
    raise AssertionError("the loop above only ends by return or raise")


def _with_file(content: Document, file: File, told: dict[str, str]) -> Document:
    rows = [dict(row) for row in document.rows(content, "files")]
    there = next((row for row in rows if row.get("sha256") == told["sha256"]), None)
    if there is None:
        rows.append({"key": document.new_key(), "name": file.name, **told})
    else:
        there.update(told)
    return {**content, "files": rows}


def faults() -> Iterator[tuple[str, str]]:
    """The SHA-256 of each file whose bytes are not here or are not those of its name, and what is wrong."""
    after = 0
    while rows := session.scalars(select(File).where(File.id > after).order_by(File.id).limit(500)).all():
        for file in rows:
            try:
                same = hashlib.sha256(path(file)[0].read_bytes()).digest() == file.sha256
            except OSError:
                yield file.sha256.hex(), "its bytes are not here"
                continue
            if not same:
                yield file.sha256.hex(), "its bytes are others than its name says"
        after = rows[-1].id


def sweep() -> int:
    """Delete the bytes that no row names and that were stored more than `limits.ORPHAN_HOURS` ago; says how many."""
    found = [sha256 for sha256 in storage.old() if find(sha256) is None]
    storage.clear_unfinished()
    return sum(_sweep(sha256) for sha256 in found)


def _sweep(sha256: str) -> bool:
    def unit() -> bool:
        return find(sha256) is None and storage.remove_old(sha256)

    return db.write(lambda: unit)
