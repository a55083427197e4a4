"""Saying that something is wrong, and the queue of what was said, until it is answered."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from wiki import access, db, errors, history, journal, limits, notices, throttles
from wiki.db import session
from wiki.errors import Problem
from wiki.models import Account, File, Flag, Page, Role

REASONS = ("unsafe", "wrong", "not-free", "not-theirs", "personal", "spam")


def flag(
    reason: str,
    words: str,
    *,
    page: Page | None = None,
    number: int | None = None,
    file: File | None = None,
    by: Account,
) -> None:
    """Say that something is wrong with a page, one of its versions, or a file.

    Raises `errors.Invalid`, `errors.Missing` for a version that is not there, and `errors.TooMany`."""
    access.check("flag", None, by)
    problems = [] if reason in REASONS else [Problem("reason", "needed")]
    try:
        said = notices.clean_words(words, "words")
    except errors.Invalid as invalid:
        problems.extend(invalid.problems)
    if problems:
        raise errors.Invalid(problems)
    if page is not None and number is not None and history.find_revision(page.id, number) is None:
        raise errors.Missing(str(number))
    throttles.count("flag", by.handle, limits.FLAGS_PER_DAY, 86_400)

    def unit() -> None:
        session.add(
            Flag(
                page_id=page.id if page else None,
                number=number,
                file_id=file.id if file else None,
                reason=reason,
                words=said,
                by_id=by.id,
            )
        )

    db.write(lambda: unit)


def _seen_by(by: Account) -> Select[Flag]:
    """Those that somebody may decide: an admin all, a steward those of their spaces' pages."""
    query = select(Flag)
    if by.is_admin:
        return query
    mine = select(Role.space_id).where(Role.account_id == by.id, Role.role == "steward")
    return query.where(Flag.page_id.in_(select(Page.id).where(Page.space_id.in_(mine))))


def waiting(*, by: Account, after: int = 0, limit: int = limits.QUEUE_PER_PAGE) -> Sequence[Flag]:
    """The flags that somebody may answer, the oldest first, after the number `after`."""
    options = joinedload(Flag.page).joinedload(Page.space), joinedload(Flag.file), joinedload(Flag.by)
    query = _seen_by(by).where(Flag.closed.is_(None), Flag.id > after).options(*options)
    return session.scalars(query.order_by(Flag.id).limit(limit)).all()


def count_waiting(*, by: Account) -> int:
    open_ = _seen_by(by).where(Flag.closed.is_(None)).subquery()
    return session.scalar(select(func.count()).select_from(open_)) or 0


def is_steward(by: Account) -> bool:
    """Whether there is a queue for somebody at all."""
    mine = select(Role.space_id).where(Role.account_id == by.id, Role.role == "steward").limit(1)
    return by.is_admin or session.scalar(mine) is not None


def get(id: int) -> Flag:
    options = joinedload(Flag.page).joinedload(Page.space), joinedload(Flag.file), joinedload(Flag.by)
    found = session.scalar(select(Flag).where(Flag.id == id).options(*options))
    if found is None:
        raise errors.Missing(str(id))
    return found


def close(flag: Flag, answer: str, *, by: Account) -> None:
    """Answer a flag; who raised it reads the answer. Raises `errors.Invalid` without words: no flag ends in silence."""
    access.check("decide", flag.page, by)
    said = notices.clean_words(answer, "answer")

    def unit() -> None:
        current = session.get_one(Flag, flag.id, with_for_update=True)
        if current.closed is not None:
            return
        current.closed, current.closed_by_id, current.answer = db.now(), by.id, said
        # That something was decided is public; what was said is not.
        journal.record("decide", subject=current.uid, by=by)
        notices.tell(current.by_id, "flag", page_id=current.page_id, number=current.number, words=said)

    db.write(lambda: unit)
