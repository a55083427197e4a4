"""What somebody has written and not saved yet. It is theirs alone: never listed for others, indexed or exported."""

import datetime
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, exists, func, select
from sqlalchemy.orm import joinedload, undefer

from wiki import access, db, document, errors, limits
from wiki.db import now, session
from wiki.document import Document
from wiki.errors import Problem
from wiki.models import Account, Draft, Page, Revision, Snapshot, Space

Fields = Sequence[tuple[str, str]]
"""The fields of a form in their order, as they were sent."""


@dataclass(frozen=True)
class Kept:
    """A draft with its fields."""

    place: str
    title: str
    at: datetime.datetime
    fields: Fields


@dataclass(frozen=True)
class Opened:
    """A page as it is opened to be written: its head with its document, and whether its reader has drafts of it."""

    id: int
    slug: str
    title: str
    language: str
    head: int
    document: Document
    has_drafts: bool


# Tables and not their classes, as for the doors that are asked most: the form of a page is five queries otherwise.
_page, _space, _revision, _snapshot, _draft = (model.__table__.c for model in (Page, Space, Revision, Snapshot, Draft))
_OPENED = (
    select(
        _page.id,
        _page.slug,
        _page.title,
        _page.language,
        _page.head,
        _page.shown,
        _snapshot.body,
        exists().where(_draft.account_id == bindparam("account"), _draft.page_id == _page.id),
        _space.id,
        _space.is_open,
    )
    .select_from(Page.__table__)
    .join(Space.__table__, _space.id == _page.space_id)
    .join(Revision.__table__, (_revision.page_id == _page.id) & (_revision.number == _page.head))
    .join(Snapshot.__table__, _snapshot.id == _revision.snapshot_id)
    .where(_space.slug == bindparam("space"), _page.slug == bindparam("slug"))
)


def find_opened(space: str, slug: str, *, by: Account) -> Opened | None:
    """The page that stands at a name, for somebody who may edit it. None when another page, or none, is to be had
    there, or its words were taken away. Raises `errors.Held` when it is held from them."""
    row = db.first(_OPENED, {"space": space, "slug": slug, "account": by.id})
    if row is None:
        return None
    id, name, title, language, head, shown, body, has_drafts, space_id, is_open = row
    where = Space(id=space_id, is_open=is_open)
    access.check("edit", where, by)
    if shown is not None and not access.allows("hold", where, by):
        raise errors.Held("edit")
    return Opened(id, name, title, language, head, document.unpack(body), has_drafts)


def keep(place: str, fields: Fields, *, on: Page | Space, by: Account, title: str = "") -> None:
    """Keep what a form holds, instead of what was kept of it before. `place` says which form it is, at most 80
    characters; `on` is the page that is edited, or the space in which one is begun.

    Raises `errors.Invalid` when somebody keeps too many."""
    access.check("edit" if isinstance(on, Page) else "create", on, by)
    packed = zlib.compress(json.dumps([list(pair) for pair in fields]).encode())
    called = " ".join("".join(c if c.isprintable() else " " for c in title).split())[: limits.DRAFT_TITLE]

    def unit() -> None:
        _sweep()
        row = session.get(Draft, (by.id, place), with_for_update=True)
        if row is None:
            if _count(by) >= limits.DRAFTS_PER_ACCOUNT:
                raise errors.Invalid([Problem("draft", "too-many-drafts", {"limit": limits.DRAFTS_PER_ACCOUNT})])
            row = Draft(account_id=by.id, place=place, page_id=on.id if isinstance(on, Page) else None)
            session.add(row)
        row.title, row.fields, row.at = called, packed, now()

    db.write(lambda: unit)


def _sweep() -> None:
    session.execute(delete(Draft).where(Draft.at < now() - datetime.timedelta(days=limits.DRAFT_DAYS)))


def _count(by: Account) -> int:
    return session.scalar(select(func.count()).select_from(Draft).where(Draft.account_id == by.id)) or 0


def find(place: str, *, by: Account) -> Kept | None:
    """Somebody's own draft of a form."""
    row = session.scalar(
        select(Draft).where(Draft.account_id == by.id, Draft.place == place).options(undefer(Draft.fields))
    )
    if row is None:
        return None
    return Kept(row.place, row.title, row.at, fields(row))


def fields(row: Draft) -> Fields:
    """What a draft holds; its `fields` must have been loaded."""
    return [(str(name), str(value)) for name, value in json.loads(zlib.decompress(row.fields))]


def on(page: Page | Opened, *, by: Account) -> Sequence[Draft]:
    """Somebody's own drafts of a page, the newest first, without their fields."""
    query = select(Draft).where(Draft.account_id == by.id, Draft.page_id == page.id)
    return session.scalars(query.order_by(Draft.at.desc(), Draft.place)).all()


def of(by: Account) -> Sequence[Draft]:
    """All of somebody's own drafts with the pages they are of, the newest first, without their fields."""
    query = select(Draft).where(Draft.account_id == by.id).options(joinedload(Draft.page).joinedload(Page.space))
    return session.scalars(query.order_by(Draft.at.desc(), Draft.place)).all()


def discard(place: str, *, by: Account) -> None:
    """Throw one's own draft away, if there is one: what it held was saved, or is no longer wanted."""
    mine = (Draft.account_id == by.id, Draft.place == place)
    if session.scalar(select(Draft.place).where(*mine)) is None:
        return

    def unit() -> None:
        session.execute(delete(Draft).where(*mine))

    db.write(lambda: unit)
