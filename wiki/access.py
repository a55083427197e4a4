"""Who may do what: one table, asked in the first line of every verb that writes. What stands in no row is refused."""

from sqlalchemy import bindparam, select

from wiki import db, errors
from wiki.models import Account, Page, Role, Space

RANKS = {"": 0, "person": 1, "member": 2, "steward": 3, "admin": 4}
"""The roles in a space. Somebody signed in is a person everywhere, and a member of each open space."""

RIGHTS: dict[str, str] = {
    "create": "member",
    "edit": "member",
    "undo": "member",
    "restore": "member",
    "rename": "member",
    "retire": "member",
    "bring-back": "member",
    "give-role": "steward",
    "found": "person",
    "join": "person",
    "describe": "steward",
    "upload": "person",
    "propose": "person",
    "accept": "steward",
    "flag": "person",
    "decide": "steward",
    "hold": "steward",
    "hold-file": "admin",
    "block": "admin",
    "undo-all": "admin",
    "redact": "admin",
}
"""The least role that each act needs. Other rooms add their acts at wiring."""


_role = Role.__table__.c
_GIVEN = select(_role.role).where(_role.space_id == bindparam("space"), _role.account_id == bindparam("account"))


def role(space: Space | None, by: Account | None) -> str:
    if by is None:
        return ""
    if by.is_admin:
        return "admin"
    if space is None:
        return "person"
    given = db.first(_GIVEN, {"space": space.id, "account": by.id})
    usual = "member" if space.is_open else "person"
    return max(given[0] if given else "", usual, key=RANKS.__getitem__)


def is_blocked(by: Account | None) -> bool:
    return by is not None and by.blocked is not None and by.blocked > db.now()


def allows(act: str, space: Space | None, by: Account | None) -> bool:
    return act in RIGHTS and not is_blocked(by) and RANKS[role(space, by)] >= RANKS[RIGHTS[act]]


def check(act: str, on: Space | Page | None, by: Account | None) -> None:
    """Raises `errors.Unauthorised` when nobody is signed in, `errors.Blocked` when somebody may not write at all, and
    `errors.Forbidden` when the role is too low."""
    if by is not None and by.blocked is not None and is_blocked(by):
        raise errors.Blocked(act, by.blocked)
    space = on.space if isinstance(on, Page) else on
    if allows(act, space, by):
        return
    raise errors.Unauthorised if by is None else errors.Forbidden(act)
