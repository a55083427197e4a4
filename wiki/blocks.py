"""Keeping an account from writing for a time. It may read, see why, and answer."""

import datetime

from wiki import access, db, errors, journal, limits, notices
from wiki.db import session
from wiki.errors import Problem
from wiki.models import Account


def block(account: Account, days: int, *, by: Account, note: str) -> None:
    """Block an account for so many days. `note`, the reason, is public. Raises `errors.Invalid`."""
    access.check("block", None, by)
    if not 0 < days <= limits.BLOCK_DAYS:
        raise errors.Invalid([Problem("days", "bad-number")])
    if account.is_admin:
        raise errors.Invalid([Problem("days", "block-admin")])
    until = db.now() + datetime.timedelta(days=days)
    _set(account, until, by=by, note=notices.clean_words(note, "note"))


def unblock(account: Account, *, by: Account, note: str = "") -> None:
    access.check("block", None, by)
    _set(account, None, by=by, note=notices.clean_words(note, "note", needed=False))


def _set(account: Account, until: datetime.datetime | None, *, by: Account, note: str) -> None:
    def unit() -> None:
        current = session.get_one(Account, account.id, with_for_update=True)
        if current.blocked is None and until is None:
            return
        current.blocked = until
        verb = "block" if until else "unblock"
        journal.record(verb, subject=current.uid, by=by, note=note)
        notices.tell(current.id, verb, words=note)

    db.write(lambda: unit)
