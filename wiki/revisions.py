"""How a revision is made and kept: drafted before the store is locked, appended within the write unit."""

import datetime
import json
import os
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from wiki import chain, db, document, journal, markup, meaning
from wiki.db import session
from wiki.document import Document
from wiki.models import Account, Link, Page, Parent, Rendered, Revision, Snapshot

PREFIX = re.compile("[^a-z0-9-]")
"""What may not stand in the prefix of ids that is made of a place."""


@dataclass(frozen=True)
class Draft:
    """A revision that is not yet stored."""

    header: chain.Header
    salt: bytes
    document: Document
    note: str
    packed: bytes
    html: bytes
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
    words = list(meaning.current().words(content))
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
        packed=document.pack(content),
        html=pack_html(render(content)),
        links=frozenset().union(*(markup.links(text) for _, text in words)),
        at=at,
    )


def append(page: Page, new: Draft, *, by: Account) -> Revision:
    """Store a draft as the new head of its page, with all that is derived from it."""
    sha256 = document.sha256(new.document)
    db.insert_missing(Snapshot, sha256=sha256, body=new.packed)
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
    page.head = new.header.number
    page.title = document.text(new.document, "title")
    page.language = new.header.language
    page.changed = new.at
    session.execute(delete(Link).where(Link.page_id == page.id))
    session.add_all(Link(page_id=page.id, space_slug=space, slug=slug) for space, slug in new.links)
    db.insert_missing(Rendered, snapshot_id=snapshot_id, version=markup.VERSION, html=new.html)
    session.flush()
    for follow in meaning.current().after_save:
        follow(page.id, new.document)
    journal.record(new.header.verb, subject=page.uid, by=by, page=page, number=revision.number, note=new.note)
    return revision


def render(content: Document) -> dict[str, str]:
    """The HTML of each place of a document that holds Markdown."""
    return {place: markup.render(text, PREFIX.sub("-", place)[:80]) for place, text in meaning.current().words(content)}


def pack_html(html: dict[str, str]) -> bytes:
    return zlib.compress(json.dumps(html, ensure_ascii=False).encode(), 6)


def unpack_html(packed: bytes) -> dict[str, str]:
    html: dict[str, str] = json.loads(zlib.decompress(packed))
    return html
