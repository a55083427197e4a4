"""Spaces and the roles that people have in them."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from wiki import access, db, errors, folding, journal, limits
from wiki.db import session
from wiki.models import Account, Role, Space

COMMON = "comun"
"""The space that every server has and that is open to everybody."""
RESERVED = frozenset({"new", "-"})


def find(slug: str) -> Space | None:
    return session.scalar(select(Space).where(Space.slug == slug))


def get(slug: str) -> Space:
    found = find(slug)
    if found is None:
        raise errors.Missing(slug)
    return found


def where_member(account: Account) -> Sequence[Space]:
    """The spaces in which somebody may write, their own first."""
    own = select(Role.space_id).where(Role.account_id == account.id)
    query = select(Space).where(Space.id.in_(own) | Space.is_open).order_by(Space.is_open, Space.slug)
    return session.scalars(query.limit(limits.LIST_MAX)).all()


def ensure_common() -> Space:
    """The common space, made when this server begins."""

    def unit() -> Space:
        if (found := find(COMMON)) is not None:
            return found
        space = Space(slug=COMMON, is_open=True)
        session.add(space)
        session.flush()
        journal.record("found", subject=space.uid, by=None)
        return space

    return find(COMMON) or db.write(lambda: unit)


def found(slug: str, *, by: Account, also: Callable[[Space], None] | None = None) -> Space:
    """Begin a space, which who founds it keeps. `also` is done in the same write unit."""
    access.check("found", None, by)

    def unit() -> Space:
        if folding.SLUG.fullmatch(slug) is None or slug in RESERVED:
            raise errors.Invalid([errors.Problem("slug", "bad-slug")])
        if find(slug) is not None:
            raise errors.Invalid([errors.Problem("slug", "taken")])
        space = Space(slug=slug)
        session.add(space)
        session.flush()
        session.add(Role(space_id=space.id, account_id=by.id, role="steward"))
        if also is not None:
            also(space)
        journal.record("found", subject=space.uid, by=by, note=slug)
        return space

    return db.write(lambda: unit)


def give_role(space: Space, account: Account, role: str, *, by: Account) -> None:
    """Make somebody a member or a steward of a space; an empty role takes it away, which each may do with their own."""
    if account.id != by.id or role:
        access.check("give-role", space, by)
    if role not in ("", "member", "steward"):
        raise errors.Invalid([errors.Problem("role", "bad-choice")])

    def unit() -> None:
        row = session.get(Role, (space.id, account.id))
        if row is None and role:
            session.add(Role(space_id=space.id, account_id=account.id, role=role))
        elif row is not None and role:
            row.role = role
        elif row is not None:
            session.delete(row)
        journal.record("role", subject=account.uid, by=by, note=f"{space.slug} {role}".strip())

    db.write(lambda: unit)
