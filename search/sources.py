"""What the index is made of, read from the store: pages, the journal, and what a list shows of a hit."""

import datetime
import logging
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from designs import library
from designs.models import Design, Fact
from search import entries, texts
from search.entries import Entry
from search.index import Position
from wiki import document, journal, lineages
from wiki.db import session
from wiki.document import Document
from wiki.models import Change, Page, Revision, Snapshot, Space

log = logging.getLogger("minga.search")

BATCH = 200

# Tables and not their classes: rows are enough, and cost less.
_page, _space, _revision, _snapshot, _design, _fact, _change = (
    model.__table__.c for model in (Page, Space, Revision, Snapshot, Design, Fact, Change)
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
    rows = session.execute(_standing(*columns).where(condition).order_by(_page.id).limit(limit)).all()
    roots, places = _roots([row.id for row in rows]), _places([row.id for row in rows])
    return [(row.id, _entry(row, roots[row.id].hex(), places.get(row.id, []))) for row in rows]


def _content(row: Any) -> Document | None:
    """The document of a page; None when it can't be read, which `minga verify` tells of."""
    try:
        return document.unpack(row.body)
    except Exception:
        log.exception("a page can't be read: %s", row.uid.hex())
        return None


def _entry(row: Any, family: str, regions: Sequence[str]) -> Entry | None:
    content = _content(row)
    if content is None:
        return None
    # Page by page: all files of a batch might not fit into the memory.
    known = texts.of(entries.attached(content))
    try:
        return entries.of(
            content,
            uid=row.uid.hex(),
            number=row.number,
            language=row.language,
            community=row.slug,
            changed=int(row.changed.timestamp()),
            family=family,
            regions=regions,
            texts=known,
        )
    except Exception:
        log.exception("a page can't be read: %s", row.uid.hex())
        return None


def _roots(page_ids: Sequence[int]) -> dict[int, bytes]:
    """The uids of the pages that others were made from in the end, by the ids of these."""
    above: dict[int, tuple[int | None, bytes]] = {}
    wanted = set(page_ids)
    for _ in range(lineages.ABOVE):
        if not wanted:
            break
        found = session.execute(select(_page.id, _page.upstream_id, _page.uid).where(_page.id.in_(wanted)))
        above |= {id: (upstream, uid) for id, upstream, uid in found}
        wanted = {upstream for upstream, _ in above.values() if upstream is not None} - above.keys()
    roots = {}
    for page_id in page_ids:
        seen, (upstream, uid) = {page_id}, above[page_id]
        while upstream in above and upstream not in seen:
            seen.add(upstream)
            upstream, uid = above[upstream]
        roots[page_id] = uid
    return roots


# Asked for by page only: SQLite would look for all regions of all pages first.
_borne = (
    select(_fact.page_id, _fact.name, _fact.value)
    .where(_fact.page_id.in_(bindparam("pages", expanding=True)))
    .order_by(_fact.page_id, _fact.value)
)


def _places(page_ids: Sequence[int]) -> dict[int, list[str]]:
    """The regions that pages count for."""
    found: dict[int, list[str]] = {}
    for page_id, name, value in session.execute(_borne, {"pages": page_ids}) if page_ids else ():
        if name == "regions":
            found.setdefault(page_id, []).append(value)
    return found


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


def pages_in(spaces: Collection[bytes]) -> set[int]:
    """The pages of the spaces of these uids."""
    if not spaces:
        return set()
    wanted = select(_page.id).join_from(Page.__table__, Space.__table__, _space.id == _page.space_id)
    return set(session.scalars(wanted.where(_space.uid.in_(spaces))))


def entries_by_uid(uids: Sequence[str]) -> tuple[list[Entry], list[str]]:
    """As `entries_of`, of the pages of these uids."""
    return entries_of(sorted(page_ids(uids)))


def page_ids(uids: Sequence[str]) -> set[int]:
    return set(session.scalars(select(_page.id).where(_page.uid.in_([bytes.fromhex(uid) for uid in uids]))))


def position_of(change: int) -> Position:
    """A line of the journal as a position; without a mark when there is no such line."""
    row = session.execute(select(_change.at, _change.subject).where(_change.id == change)).first()
    return Position(change, f"{int(row[0].timestamp())} {row[1].hex()}" if row else "")


def head() -> Position:
    return position_of(journal.head())


_waiting = select(_change.at).where(_change.id > bindparam("after")).order_by(_change.id).limit(1)


def waiting_since(position: int) -> datetime.datetime | None:
    """When the first change after a position was made."""
    return session.scalar(_waiting, {"after": position})


_asked_for = _page.uid.in_(bindparam("uids", expanding=True))
_cards = (
    _standing(
        *(_space.slug, _page.slug.label("name"), _page.title, _page.language, _page.changed),
        *(_design.kind, _design.summary, _design.picture, _design.alt, _page.uid, _page.id),
    )
    .join(Design.__table__, _design.page_id == _page.id)
    .where(_asked_for)
)
_documents = _standing(_page.uid, _snapshot.body).where(_asked_for)


def cards(uids: Sequence[str]) -> dict[str, library.Card]:
    """What lists show of pages that stand, by their uids."""
    rows = session.execute(_cards, {"uids": [bytes.fromhex(uid) for uid in uids]}).all() if uids else []
    places = _places([row.id for row in rows])
    found = {}
    for row in rows:
        values: tuple[Any, ...] = (*row, tuple(places.get(row.id, ())))
        found[row.uid.hex()] = library.Card(*values)
    return found


def documents(uids: Sequence[str]) -> dict[str, Document]:
    """The documents of pages that stand, by their uids."""
    rows = session.execute(_documents, {"uids": [bytes.fromhex(uid) for uid in uids]}) if uids else ()
    return {uid.hex(): document.unpack(body) for uid, body in rows}
