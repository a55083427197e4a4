"""How a revision is made and kept: drafted before the store is locked, appended within the write unit."""

import datetime
import functools
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from wiki import chain, db, document, journal, markup, meaning
from wiki.db import session
from wiki.document import Document
from wiki.models import Account, Link, Page, Parent, Rendered, Revision, Snapshot


@dataclass(frozen=True)
class Draft:
    """A revision that is not yet stored."""

    header: chain.Header
    salt: bytes
    document: Document
    note: str
    packed: bytes
    html: dict[str, bytes]
    links: frozenset[tuple[str, str]]
    at: datetime.datetime


def draft(
    page: Page,
    content: Document,
    *,
    number: int,
    parents: Sequence[bytes],
    verb: str,
    by: Account,
    note: str,
    origin: bytes | None = None,
    language: str = "",
) -> Draft:
    salt = os.urandom(32)
    at = db.now()
    words = [text for _place, text in meaning.current().words(content) if "[[" in text]
    packed, html = _known(document.sha256(content)) or (document.pack(content), _packed(content))
    return Draft(
        header=chain.Header(
            page=page.uid.hex(),
            number=number,
            parents=tuple(parent.hex() for parent in parents),
            origin=origin.hex() if origin else "",
            author=by.uid.hex(),
            at=chain.stamp(at),
            verb=verb,
            language=language or page.language,
            commitment=chain.commitment(salt, document.sha256(content), note).hex(),
        ),
        salt=salt,
        document=content,
        note=note,
        packed=packed,
        html=html,
        links=frozenset().union(*map(markup.links, words)),
        at=at,
    )


def _known(sha256: bytes) -> tuple[bytes, dict[str, bytes]] | None:
    """A document that is here and rendered already, as forks begin with, is neither packed nor rendered again."""
    rows = session.execute(
        select(Snapshot.body)
        .join(Rendered, Rendered.snapshot_id == Snapshot.id)
        .where(Snapshot.sha256 == sha256, Rendered.version == meaning.current().version)
    ).all()
    return (rows[0][0], {}) if rows else None


def append(page: Page, new: Draft, *, by: Account) -> Revision:
    """Store a draft as the new head of its page, with all that is derived from it."""
    sha256 = document.sha256(new.document)
    db.insert_missing(Snapshot, sha256=sha256, body=new.packed, crc=zlib.crc32(new.packed))
    snapshot_id = session.scalars(select(Snapshot.id).where(Snapshot.sha256 == sha256)).one()
    revision = Revision(
        page_id=page.id,
        number=new.header.number,
        digest=new.header.digest(),
        origin=bytes.fromhex(new.header.origin) or None,
        author_id=by.id,
        at=new.at,
        verb=new.header.verb,
        language=new.header.language,
        commitment=bytes.fromhex(new.header.commitment),
        salt=new.salt,
        snapshot_id=snapshot_id,
        note=new.note,
    )
    session.add(revision)
    session.flush()
    session.add_all(
        Parent(revision_id=revision.id, position=position, digest=bytes.fromhex(digest))
        for position, digest in enumerate(new.header.parents)
    )
    page.head, page.shown = new.header.number, None
    page.title = document.text(new.document, "title")
    page.language = new.header.language
    page.changed = new.at
    session.execute(delete(Link).where(Link.page_id == page.id))
    session.add_all(Link(page_id=page.id, space_slug=space, slug=slug) for space, slug in new.links)
    _keep_rendered(snapshot_id, new.html)
    session.flush()
    for follow in meaning.current().after_save:
        follow(page.id, new.document)
    journal.record(new.header.verb, subject=page.uid, by=by, page=page, number=revision.number, note=new.note)
    return revision


def pack_html(html: str) -> bytes:
    return zlib.compress(html.encode(), 6)


def unpack_html(packed: bytes) -> str:
    return zlib.decompress(packed).decode()


def _keep_rendered(snapshot_id: int, html: Mapping[str, bytes]) -> None:
    version = meaning.current().version
    session.execute(delete(Rendered).where(Rendered.snapshot_id == snapshot_id, Rendered.version != version))
    for language, packed in html.items():
        db.insert_missing(Rendered, snapshot_id=snapshot_id, language=language, version=version, html=packed)


def _packed(content: Document) -> dict[str, bytes]:
    return {language: pack_html(html) for language, html in meaning.current().render(content).items()}


def _keep_all(html: Mapping[int, Mapping[str, bytes]]) -> None:
    for snapshot_id, packed in html.items():
        _keep_rendered(snapshot_id, packed)


def rerender(batch: int = 50) -> int:
    """Render anew the heads that an older renderer made; says how many there were."""
    done = 0
    heads = (
        select(Snapshot)
        .join(Revision, Revision.snapshot_id == Snapshot.id)
        .join(Page, (Page.id == Revision.page_id) & (Page.head == Revision.number))
        .where(
            ~select(Rendered.snapshot_id)
            .where(Rendered.snapshot_id == Snapshot.id, Rendered.version == meaning.current().version)
            .exists()
        )
        .distinct()
        .limit(batch)
    )
    while found := session.scalars(heads).all():
        html = {row.id: _packed(document.unpack(row.body)) for row in found}
        db.write(functools.partial(functools.partial, _keep_all, html))
        done += len(html)
    return done
