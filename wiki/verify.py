"""Whether all that is stored is as it was written: chain, parents, snapshots."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from wiki import chain, document, files
from wiki.db import session
from wiki.models import Page, Parent, Revision, Snapshot

BATCH = 500


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was written: its kind, which one (hex or a name), and what differs."""

    kind: str
    id: str
    what: str


def all_differences() -> list[Difference]:
    session.close()
    return [difference for check in (snapshots, revisions, heads, stored_files) for difference in check()]


def snapshots() -> Iterator[Difference]:
    """Snapshots that can't be read or are not what their name says."""
    after = 0
    while rows := session.scalars(select(Snapshot).where(Snapshot.id > after).order_by(Snapshot.id).limit(BATCH)).all():
        for row in rows:
            try:
                content = document.unpack(row.body)
                same = document.sha256(content) == row.sha256 and zlib.crc32(row.body) == row.crc
            except Exception:
                same = False
            if not same:
                yield Difference("snapshot", row.sha256.hex(), "the document is not the one of this digest")
        after = rows[-1].id
        session.expunge_all()


def revisions() -> Iterator[Difference]:
    """Revisions whose header or commitment no longer gives their digest, or whose number or parents leave the line."""
    after = 0
    query = select(Revision).options(
        joinedload(Revision.page), joinedload(Revision.author), joinedload(Revision.snapshot)
    )
    while rows := session.scalars(query.where(Revision.id > after).order_by(Revision.id).limit(BATCH)).all():
        parents: dict[int, list[bytes]] = {row.id: [] for row in rows}
        edges = select(Parent).where(Parent.revision_id.in_(parents)).order_by(Parent.revision_id, Parent.position)
        for edge in session.scalars(edges):
            parents[edge.revision_id].append(edge.digest)
        before = _digests_before(rows)
        for row in rows:
            yield from _of_revision(row, parents[row.id], before.get((row.page_id, row.number - 1)))
        after = rows[-1].id
        session.expunge_all()


def _digests_before(rows: Sequence[Revision]) -> dict[tuple[int, int], bytes]:
    """The digests of the versions just before these, by page and number."""
    wanted = [(row.page_id, row.number - 1) for row in rows if row.number > 1]
    query = select(Revision.page_id, Revision.number, Revision.digest)
    found = session.execute(query.where(tuple_(Revision.page_id, Revision.number).in_(wanted)))
    return {(page_id, number): digest for page_id, number, digest in found}


def _of_revision(row: Revision, parents: list[bytes], before: bytes | None) -> Iterator[Difference]:
    name = row.digest.hex()
    if row.page is None or row.author is None:
        yield Difference("revision", name, "its page or its author is gone")
        return
    header = chain.Header(
        page=row.page.uid.hex(),
        number=row.number,
        parents=tuple(parent.hex() for parent in parents),
        origin=row.origin.hex() if row.origin else "",
        author=row.author.uid.hex(),
        at=chain.stamp(row.at),
        verb=row.verb,
        language=row.language,
        commitment=row.commitment.hex(),
    )
    if header.digest() != row.digest:
        yield Difference("revision", name, "its header does not give its digest")
    if row.number > 1 and (before is None or before not in parents):
        yield Difference("revision", name, f"version {row.number - 1} is not its parent")
    if row.snapshot is None or row.salt is None:
        if row.snapshot is not None or row.salt is not None or row.note:
            yield Difference("revision", name, "it was taken away only in part")
    elif chain.commitment(row.salt, row.snapshot.sha256, row.note) != row.commitment:
        yield Difference("revision", name, "its document or note is not the one it was written with")


def heads() -> Iterator[Difference]:
    """Pages whose head is not their newest revision, or that lack a number in between."""
    newest, number = func.max(Revision.number), func.count(Revision.id)
    rows = session.execute(
        select(Page.uid, Page.head, newest, number).outerjoin(Revision, Revision.page_id == Page.id).group_by(Page.id)
    )
    for uid, head, top, count in rows:
        if head != top or count != top:
            yield Difference("page", uid.hex(), f"its head is {head}, its newest version {top}, of {count} kept")


def stored_files() -> Iterator[Difference]:
    """Files whose bytes are gone or altered."""
    for sha256, what in files.faults():
        yield Difference("file", sha256, what)
