"""Every act that changes what anybody may read or do, in the order in which it took effect."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from wiki import db
from wiki.db import session
from wiki.models import Account, Change, Page


def record(
    verb: str,
    *,
    subject: bytes,
    by: Account | None,
    page: Page | None = None,
    number: int | None = None,
    note: str = "",
) -> None:
    """Note an act of the write unit under way; `subject` is the uid of what it was done to."""
    db.last(
        Change(
            by_id=by.id if by else None,
            verb=verb,
            subject=subject,
            page_id=page.id if page else None,
            number=number,
            note=note,
        )
    )


def _lines() -> Select[Change]:
    return select(Change).options(joinedload(Change.by), joinedload(Change.page).joinedload(Page.space))


def since(position: int, limit: int) -> Sequence[Change]:
    """The changes after a position, oldest first."""
    return session.scalars(_lines().where(Change.id > position).order_by(Change.id).limit(limit)).all()


def recent(limit: int, *, before: int | None = None, space: str = "") -> Sequence[Change]:
    """The changes to pages before a position, newest first, at will of one space only."""
    query = _lines().where(Change.page_id.is_not(None)).order_by(Change.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Change.id < before)
    if space:
        query = query.where(Change.page.has(Page.space.has(slug=space)))
    return session.scalars(query).all()


def head() -> int:
    """The position of the newest change, 0 when there is none."""
    return session.scalar(select(func.max(Change.id))) or 0
