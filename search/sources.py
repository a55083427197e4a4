"""What the index is made of, read from the store: pages, the journal, and what a list shows of a hit."""

import datetime
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from designs import library
from designs.models import Design, Fact
from search import entries
from search.entries import Entry
from search.index import Position
from wiki import document, journal
from wiki.db import session
from wiki.document import Document
from wiki.models import Change, Page, Revision, Snapshot, Space

log = logging.getLogger("minga.search")

BATCH = 200

# Tables and not their classes: rows are enough, and cost less.
_page, _space, _revision, _snapshot, _design, _fact = (
    model.__table__.c for model in (Page, Space, Revision, Snapshot, Design, Fact)
)


def _standing(*columns: Any) -> Select[Any]:
    """Pages that stand and whose words can be read, with the versions that readers see."""
    return (
        select(*columns)
        .select_from(Page.__table__)
        .join(Space.__table__, _space.id == _page.space_id)
        .join(Revision.__table__, _revision.page_id == _page.id)
        .join(Snapshot.__table__, _snapshot.id == _revision.snapshot_id)
        .where(_revision.number == func.coalesce(_page.shown, _page.head), _page.retired.is_(None))
    )


def _entries(condition: ColumnElement[bool], limit: int) -> list[tuple[int, Entry | None]]:
    columns = (_page.id, _page.uid, _revision.number, _page.language, _space.slug, _page.changed, _snapshot.body)
    rows = session.execute(_standing(*columns).where(condition).order_by(_page.id).limit(limit))
    return [(row[0], _entry(*row[1:])) for row in rows]


def _entry(
    uid: bytes, number: int, language: str, community: str, changed: datetime.datetime, body: bytes
) -> Entry | None:
    """The entry of a page; None when its document can't be read, which `minga verify` tells of."""
    at = int(changed.timestamp())
    try:
        content = document.unpack(body)
        return entries.of(content, uid=uid.hex(), number=number, language=language, community=community, changed=at)
    except Exception:
        log.exception("a page can't be read: %s", uid.hex())
        return None


def all_entries() -> Iterator[Entry]:
    """The entries of all pages that stand, by and by. Each batch is as the store is at that moment."""
    after = 0
    while found := _entries(_page.id > after, BATCH):
        session.close()
        yield from (entry for _, entry in found if entry)
        after = found[-1][0]


def entries_of(page_ids: Sequence[int]) -> tuple[list[Entry], list[str]]:
    """The entries of some pages as they stand now, and the uids of those that stand no more."""
    uids = {uid.hex() for (uid,) in session.execute(select(_page.uid).where(_page.id.in_(page_ids)))}
    found = [entry for _, entry in _entries(_page.id.in_(page_ids), len(page_ids)) if entry]
    return found, sorted(uids - {entry.uid for entry in found})


def entries_by_uid(uids: Sequence[str]) -> tuple[list[Entry], list[str]]:
    """As `entries_of`, of the pages of these uids."""
    wanted = select(_page.id).where(_page.uid.in_([bytes.fromhex(uid) for uid in uids]))
    return entries_of(list(session.scalars(wanted)))


def position_of(change: int) -> Position:
    """A line of the journal as a position; without a mark when there is no such line."""
    _change = Change.__table__.c
    row = session.execute(select(_change.at, _change.subject).where(_change.id == change)).first()
    return Position(change, f"{int(row[0].timestamp())} {row[1].hex()}" if row else "")


def head() -> Position:
    return position_of(journal.head())


def waiting_since(position: int) -> datetime.datetime | None:
    """When the first change after a position was made."""
    _change = Change.__table__.c
    return session.scalar(select(_change.at).where(_change.id > position).order_by(_change.id).limit(1))


def shown(uids: Sequence[str]) -> list[tuple[library.Card, Document]]:
    """What lists show of pages, and their documents, in this order, without those that stand no more."""
    columns = (
        _space.slug,
        _page.slug.label("name"),
        _page.title,
        _page.language,
        _page.changed,
        _design.kind,
        _design.summary,
        _design.picture,
        _design.alt,
        _page.uid,
        _page.id,
        _snapshot.body,
    )
    wanted = _standing(*columns).join(Design.__table__, _design.page_id == _page.id)
    rows = session.execute(wanted.where(_page.uid.in_([bytes.fromhex(uid) for uid in uids]))).all()
    places: dict[int, list[str]] = {}
    # Asked for by page only: SQLite would look for all regions of all pages first.
    borne = select(_fact.page_id, _fact.name, _fact.value).where(_fact.page_id.in_([row.id for row in rows]))
    for page_id, name, value in session.execute(borne.order_by(_fact.page_id, _fact.value)):
        if name == "regions":
            places.setdefault(page_id, []).append(value)
    found = {
        row.uid.hex(): (
            replace(library.Card(*row[:-1]), regions=tuple(places.get(row.id, ()))),
            document.unpack(row.body),
        )
        for row in rows
    }
    return [found[uid] for uid in uids if uid in found]
