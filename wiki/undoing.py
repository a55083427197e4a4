"""Taking back all that one account did, on many pages at once, and taking that back again.

A page goes back to what it was before the account's last edits in a row. Where somebody else has edited since, nothing
is done: what they saw and built on is theirs to judge, version by version."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from wiki import access, db, errors, history, journal, limits, revisions
from wiki.db import Moved, session
from wiki.models import Account, Change, Page, Revision

VERB = "undo-all"
What = Literal["restore", "retire", "bring-back", "edited-since", "taken-away"]


@dataclass(frozen=True)
class Fate:
    """What will become of a page: version `number` stands again after `count` versions are taken back; one that the
    account began is retired, one that it retired comes back; `edited-since` and `taken-away` stay as they are."""

    page: Page
    what: What
    head: int
    number: int = 0
    count: int = 0

    @property
    def is_done(self) -> bool:
        """Whether anything will be done."""
        return self.what in ("restore", "retire", "bring-back")


@dataclass(frozen=True)
class Plan:
    fates: Sequence[Fate]
    more: bool
    """Whether the account wrote on more pages than are taken at once."""


def plan(account: Account, *, since: datetime.datetime | None = None) -> Plan:
    """What taking back all would do, for what the account did since a moment, those it wrote on last first."""
    mine = Revision.author_id == account.id
    if since is not None:
        mine &= Revision.at >= since
    of_mine, of_others = case((mine, Revision.number)), case((~mine, Revision.number))
    standing = case((~mine & Revision.snapshot_id.is_not(None) & ~Revision.held, Revision.number))
    answers = func.max(case((Revision.verb == VERB, Revision.number)))
    lines = (
        select(
            Revision.page_id,
            func.max(of_mine).label("last"),
            func.max(of_others).label("other"),
            func.max(standing).label("standing"),
        )
        .where(Revision.page_id.in_(select(Revision.page_id).where(mine)))
        .group_by(Revision.page_id)
        # A page where this was done already is told of no more.
        .having(func.coalesce(answers, 0) < func.max(of_mine))
        .subquery()
    )
    query = select(Page, lines.c.last, lines.c.other, lines.c.standing).join(lines, lines.c.page_id == Page.id)
    pages = session.execute(
        query.options(joinedload(Page.space)).order_by(Page.changed.desc(), Page.id).limit(limits.UNDO_ALL_PAGES + 1)
    ).all()
    fates = [_fate(page, last, other or 0, standing or 0) for page, last, other, standing in pages if not page.retired]
    fates += [Fate(page, "bring-back", page.head) for page in _retired_by(account, since)]
    return Plan(fates[: limits.UNDO_ALL_PAGES], len(pages) > limits.UNDO_ALL_PAGES)


def _fate(page: Page, last: int, other: int, standing: int) -> Fate:
    if last != page.head:
        return Fate(page, "edited-since", page.head)
    if not other:
        return Fate(page, "retire", page.head, count=last)
    if standing != other:
        return Fate(page, "taken-away", page.head)
    return Fate(page, "restore", page.head, other, last - other)


def _retired_by(account: Account, since: datetime.datetime | None) -> Sequence[Page]:
    """The pages that the account retired and that nobody brought back."""
    last = (
        select(func.max(Change.id))
        .where(Change.page_id == Page.id, Change.verb.in_(("retire", "bring-back")))
        .correlate(Page)
        .scalar_subquery()
    )
    query = (
        select(Page)
        .join(Change, Change.page_id == Page.id)
        .where(Page.retired.is_not(None), Change.id == last, Change.by_id == account.id, Change.verb == "retire")
    )
    if since is not None:
        query = query.where(Change.at >= since)
    return session.scalars(query.options(joinedload(Page.space)).order_by(Page.id).limit(limits.UNDO_ALL_PAGES)).all()


def undo_all(account: Account, *, since: datetime.datetime | None = None, by: Account, note: str = "") -> int:
    """Do what `plan` says now; the number of pages it was done to. Raises `errors.Missing` when there is nothing to
    do."""
    access.check(VERB, None, by)

    def prepare() -> Callable[[], int]:
        fates = [fate for fate in plan(account, since=since).fates if fate.is_done]
        return _unit(fates, account, VERB, by=by, note=note)

    return db.write(prepare)


def take_back(change: int, *, by: Account, note: str = "") -> Sequence[Page]:
    """Undo what `undo_all` did by the number of its line in the journal. The pages that were edited since stay as they
    are, and are answered. Raises `errors.Missing` when there is nothing to do."""
    access.check(VERB, None, by)

    def prepare() -> Callable[[], Sequence[Page]]:
        line = session.get(Change, change)
        if line is None or line.verb != VERB or line.page_id is not None:
            raise errors.Missing(str(change))
        account = session.scalars(select(Account).where(Account.uid == line.subject)).one()
        fates = [_back(done) for done in _lines_of(line)]
        unit = _unit([fate for fate in fates if fate.is_done], account, f"{VERB}-back", by=by, note=note)
        left = [fate.page for fate in fates if not fate.is_done]

        def carried_out() -> Sequence[Page]:
            unit()
            return left

        return carried_out

    return db.write(prepare)


def _lines_of(line: Change) -> Sequence[Change]:
    """What was done to pages in the act that ended with this line: the lines just before it, since whoever writes
    the journal is alone with it."""
    query = select(Change).where(Change.id < line.id).order_by(Change.id.desc()).limit(line.number or 0)
    return session.scalars(query.options(joinedload(Change.page).joinedload(Page.space))).all()


def _back(done: Change) -> Fate:
    page = done.page
    assert page is not None
    if done.verb == "retire" and page.retired:
        return Fate(page, "bring-back", page.head)
    if done.verb == "bring-back" and not page.retired:
        return Fate(page, "retire", page.head)
    if done.verb == VERB and page.head == done.number and not page.retired:
        return Fate(page, "restore", page.head, page.head - 1, 1)
    return Fate(page, "edited-since", page.head)


def done(account: Account, *, limit: int = 10) -> Sequence[Change]:
    """When this was done to an account, the newest first."""
    query = select(Change).where(Change.page_id.is_(None), Change.verb == VERB, Change.subject == account.uid)
    return session.scalars(query.options(joinedload(Change.by)).order_by(Change.id.desc()).limit(limit)).all()


def _unit(fates: Sequence[Fate], account: Account, verb: str, *, by: Account, note: str) -> Callable[[], int]:
    """The unit that does all of it, or nothing when a page has moved."""
    if not fates:
        raise errors.Missing(account.handle)
    drafts = {fate.page.id: _draft(fate, verb, by=by, note=note) for fate in fates if fate.what == "restore"}

    def unit() -> int:
        ids = sorted(fate.page.id for fate in fates)
        rows = session.scalars(select(Page).where(Page.id.in_(ids)).order_by(Page.id).with_for_update())
        current = {page.id: page for page in rows.unique()}
        for fate in fates:
            page = current[fate.page.id]
            if page.head != fate.head or (page.retired is None) == (fate.what == "bring-back"):
                raise Moved
            if fate.what == "restore":
                revisions.append(page, drafts[page.id], by=by)
                continue
            page.retired = db.now() if fate.what == "retire" else None
            journal.record(fate.what, subject=page.uid, by=by, page=page, note=note)
        journal.record(verb, subject=account.uid, by=by, number=len(fates), note=note)
        return len(fates)

    return unit


def _draft(fate: Fate, verb: str, *, by: Account, note: str) -> revisions.Draft:
    version = history.get_version(fate.page, fate.number, by=by)
    return revisions.draft(
        fate.page,
        version.document,
        number=fate.head + 1,
        parents=[bytes.fromhex(history.digest_of(fate.page.id, fate.head))],
        verb=verb,
        by=by,
        note=note,
        language=version.revision.language,
    )
