"""Telling an account what was decided about it or what it wrote, and hearing its answer, once for each."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from wiki import access, db, document, errors, limits
from wiki.db import session
from wiki.errors import Problem
from wiki.models import Account, Notice, Page


def tell(account_id: int, kind: str, *, page_id: int | None = None, number: int | None = None, words: str = "") -> None:
    """Within a write unit: leave a notice. Nobody is told of their own doing: that is the caller's to see."""
    session.add(Notice(account_id=account_id, kind=kind, page_id=page_id, number=number, words=words))


def of(account: Account, *, limit: int = limits.NOTICES_SHOWN) -> Sequence[Notice]:
    """An account's own notices, the newest first."""
    query = select(Notice).where(Notice.account_id == account.id).order_by(Notice.id.desc()).limit(limit)
    return session.scalars(query.options(joinedload(Notice.page).joinedload(Page.space))).all()


def replies(*, by: Account, limit: int = limits.NOTICES_SHOWN) -> Sequence[Notice]:
    """What people answered, the newest first, for those who decide: whoever keeps the site."""
    access.check("block", None, by)
    query = select(Notice).where(Notice.replied.is_not(None)).order_by(Notice.replied.desc(), Notice.id.desc())
    options = joinedload(Notice.page).joinedload(Page.space), joinedload(Notice.account)
    return session.scalars(query.options(*options).limit(limit)).all()


def reply(id: int, words: str, *, by: Account) -> None:
    """Answer a notice of one's own, once. Also who is blocked may. Raises `errors.Missing` and `errors.Invalid`."""
    said = clean_words(words, "reply")

    def unit() -> None:
        notice = session.get(Notice, id, with_for_update=True)
        if notice is None or notice.account_id != by.id or notice.replied is not None:
            raise errors.Missing(str(id))
        notice.reply, notice.replied = said, db.now()

    db.write(lambda: unit)


def clean_words(words: str, place: str, *, needed: bool = True) -> str:
    """What somebody wrote to others, without white space round it. Raises `errors.Invalid`."""
    said = document.clean_text(words, place).strip()
    if needed and not said:
        raise errors.Invalid([Problem(place, "needed")])
    if len(said.encode()) > limits.FLAG_WORDS:
        raise errors.Invalid([Problem(place, "too-long", {"limit": limits.FLAG_WORDS})])
    return said
