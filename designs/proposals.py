"""Offering changes to a page of others: proposing, talking about it, accepting, declining."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from designs import licences, pulls, sheet
from designs.models import Proposal, Remark
from wiki import (
    access,
    db,
    diff,
    document,
    errors,
    history,
    journal,
    limits,
    masking,
    merge,
    notices,
    operations,
    pages,
)
from wiki.db import Moved, session
from wiki.document import Document
from wiki.errors import Problem
from wiki.history import Version
from wiki.merge import Merged, Resolution
from wiki.models import Account, Page, Revision, Role
from wiki.operations import Once
from wiki.pages import Saved

OPEN, ACCEPTED, DECLINED, WITHDRAWN = "open", "accepted", "declined", "withdrawn"


@dataclass(frozen=True)
class Proposed:
    """What came of proposing: the number of the proposal on its page, and the digest (hex) that is agreed to."""

    number: int
    digest: str


@dataclass(frozen=True)
class Offer:
    """What a proposal is of: its document, the version it was made of, and the version that it comes from."""

    onto: Version
    document: Document
    source: Version | None
    note: str

    def digest(self) -> bytes:
        source = self.source.revision.digest.hex() if self.source else ""
        told = [self.onto.revision.digest.hex(), source, document.sha256(self.document).hex(), self.note]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def propose(
    page: Page,
    source: Page,
    *,
    number: int | None = None,
    take: Collection[str] | None = None,
    note: str,
    agreed: frozenset[str] = frozenset(),
    by: Account,
    once: Once | None = None,
) -> Proposed:
    """Offer a page changes of a relative of its, those of some ids or all that are new to it, as they stand at the
    relative's newest version or one of a number. Where both changed a place, what is offered is the relative's."""
    access.check("propose", page, by)
    return _open(page, lambda: _picked(page, source, number, take, note, agreed, by), by=by, once=once)


def suggest(page: Page, content: object, *, base: int, note: str, by: Account, once: Once | None = None) -> Proposed:
    """Offer a page a document that was begun from its version `base`, for who may not edit it."""
    access.check("propose", page, by)

    def offer() -> Offer:
        onto = history.get_version(page, base, by=by)
        clean = pages.publishable(content, note)
        if clean == onto.document:
            raise errors.Invalid([Problem("", "nothing-changed")])
        return Offer(onto, clean, None, _note(note))

    return _open(page, offer, by=by, once=once)


def _note(note: str) -> str:
    said = document.clean_text(note, "note").strip()
    problem = "needed" if not said else "too-long" if len(said.encode()) > limits.NOTE else ""
    if problem:
        raise errors.Invalid([Problem("note", problem, {"limit": limits.NOTE})])
    return said


def _picked(
    page: Page,
    source: Page,
    number: int | None,
    take: Collection[str] | None,
    note: str,
    agreed: frozenset[str],
    by: Account,
) -> Offer:
    found = pulls.offered(page, source, number=number, by=by)
    chosen = {offer.id for offer in found.all if offer.state == "new"} if take is None else set(take)
    unknown = chosen - {offer.id for offer in found.all}
    problems = [Problem("changes", "not-offered", {"id": id}) for id in sorted(unknown)[:5]]
    if not chosen:
        problems.append(Problem("changes", "nothing-changed"))
    onto = history.get_version(found.page, found.page.head, by=by)
    asked = licences.meets(sheet.licences(found.version.document), sheet.licences(onto.document))
    problems += [p for p in asked if not (p.values.get("condition") and p.place in agreed)]
    if problems:
        raise errors.Invalid(problems)
    first = pulls.merged(found, onto.document, chosen)
    answers = {conflict.id: "incoming" for conflict in first.conflicts}
    merged = pulls.merged(found, onto.document, chosen, answers)
    clean = pages.publishable(merged.document, note)
    return Offer(onto, clean, found.version, _note(note))


def _open(page: Page, offer: Callable[[], Offer], *, by: Account, once: Once | None) -> Proposed:
    def prepare() -> Callable[[], Proposed]:
        if (answer := operations.find(once, by)) is not None:
            return lambda: Proposed(**answer)
        made = offer()

        def unit() -> Proposed:
            current = session.get_one(Page, page.id, with_for_update=True)
            if current.retired is not None:
                raise errors.Gone
            waiting = session.scalar(
                select(func.count()).where(Proposal.page_id == page.id, Proposal.by_id == by.id, Proposal.state == OPEN)
            )
            if (waiting or 0) >= limits.PROPOSALS_OPEN:
                raise errors.Invalid([Problem("", "too-many-proposals", {"limit": limits.PROPOSALS_OPEN})])
            last = session.scalar(select(func.max(Proposal.number)).where(Proposal.page_id == page.id)) or 0
            row = Proposal(
                page_id=page.id,
                number=last + 1,
                onto=made.onto.revision.number,
                source_id=made.source.page.id if made.source else None,
                source_number=made.source.revision.number if made.source else None,
                packed=document.pack(made.document),
                digest=made.digest(),
                note=made.note,
                by_id=by.id,
            )
            session.add(row)
            session.flush()
            journal.record("propose", subject=row.uid, by=by, page=current, note=f"#{row.number} {made.note}")
            for account_id in _deciding(page) - {by.id}:
                notices.tell(account_id, "proposal", page_id=page.id, words=f"#{row.number} {made.note}"[:500])
            said = Proposed(row.number, row.digest.hex())
            operations.remember(once, by, vars(said))
            return said

        return unit

    return db.write(prepare)


def _deciding(page: Page) -> set[int]:
    """Who is told of a proposal: those who keep the community; in an open one, who wrote the newest version."""
    if page.space.is_open:
        found = history.find_revision(page.id, page.head)
        return {found.author_id} if found is not None else set()
    stewards = select(Role.account_id).where(Role.space_id == page.space_id, Role.role == "steward")
    return set(session.scalars(stewards.limit(limits.STEWARDS_TOLD)))


def update(
    proposal: Proposal,
    *,
    number: int | None = None,
    take: Collection[str] | None = None,
    note: str,
    agreed: frozenset[str] = frozenset(),
    by: Account,
) -> Proposed:
    """Offer anew, from a newer version of where it comes from: what was agreed to before no longer counts."""
    access.check("propose", proposal.page, by)
    if proposal.by_id != by.id:
        raise errors.Forbidden("propose")
    source = history.find_page_by_id(proposal.source_id) if proposal.source_id else None
    if source is None:
        raise errors.Invalid([Problem("from", "needed")])

    def prepare() -> Callable[[], Proposed]:
        made = _picked(proposal.page, source, number, take, note, agreed, by)

        def unit() -> Proposed:
            row = _still_open(proposal.id)
            row.onto, row.packed, row.note = made.onto.revision.number, document.pack(made.document), made.note
            row.source_number = made.source.revision.number if made.source else None
            row.digest, row.changed = made.digest(), db.now()
            journal.record("propose", subject=row.uid, by=by, page=proposal.page, note=f"#{row.number} {made.note}")
            return Proposed(row.number, row.digest.hex())

        return unit

    return db.write(prepare)


def _still_open(id: int) -> Proposal:
    row = session.get_one(Proposal, id, with_for_update=True)
    if row.state != OPEN:
        raise errors.Stale
    return row


def accept(
    proposal: Proposal,
    *,
    digest: str,
    resolutions: Mapping[str, Resolution] | None = None,
    note: str = "",
    agreed: frozenset[str] = frozenset(),
    by: Account,
    once: Once | None = None,
) -> Saved:
    """Merge a proposal into its page, exactly as it was read: raises `errors.Stale` when its digest is another by now,
    or it is no longer open. Raises `pages.Conflict` where the page has changed the same places since."""
    _check_deciding(proposal, by)
    onto = history.get_version(proposal.page, proposal.onto, by=by)
    told = proposal_digest(proposal)

    def decide(head: Version) -> Merged:
        current = session.get_one(Proposal, proposal.id)
        if current.state != OPEN or current.digest.hex() != digest:
            raise errors.Stale
        return merge.merge(onto.document, head.document, document.unpack(current.packed), resolutions)

    def close(revision: Revision) -> None:
        row = _still_open(proposal.id)
        if row.digest.hex() != digest:
            raise Moved
        row.state, row.decided_by_id, row.changed, row.became = ACCEPTED, by.id, db.now(), revision.number
        _tell(row, "proposal-accepted", by=by, number=revision.number)

    said = note or f"#{proposal.number} {proposal.note}"[: limits.NOTE // 2]
    return pages.join(
        proposal.page,
        decide,
        source=pages.Source(told, also=close),
        verb="accept",
        by=by,
        note=said,
        agreed=agreed,
        once=once,
    )


def proposal_digest(proposal: Proposal) -> bytes:
    """What is credited: the version that a proposal comes from, or else the proposal itself."""
    if proposal.source_id is not None and proposal.source_number is not None:
        found = history.digest_of(proposal.source_id, proposal.source_number)
        return bytes.fromhex(found) if found else proposal.digest
    return proposal.digest


def _check_deciding(proposal: Proposal, by: Account | None) -> None:
    """Whoever keeps the page's community decides; where everybody is a member, whoever may edit."""
    access.check("edit" if proposal.page.space.is_open else "accept", proposal.page, by)


def may_decide(proposal: Proposal, by: Account | None) -> bool:
    return access.allows("edit" if proposal.page.space.is_open else "accept", proposal.page.space, by)


def decline(proposal: Proposal, *, reason: str, by: Account) -> None:
    """Decline a proposal, with the reason in words. Who proposed may withdraw it so."""
    if proposal.by_id != by.id:
        _check_deciding(proposal, by)
    else:
        access.check("propose", proposal.page, by)
    said = notices.clean_words(reason, "reason")

    def unit() -> None:
        row = _still_open(proposal.id)
        row.state = WITHDRAWN if row.by_id == by.id else DECLINED
        row.decided_by_id, row.reason, row.changed = by.id, said, db.now()
        verb = "withdraw" if row.by_id == by.id else "decline"
        journal.record(verb, subject=row.uid, by=by, page=proposal.page, note=f"#{row.number} {said}")
        _tell(row, "proposal-declined", by=by, words=said)

    db.write(lambda: unit)


def say(proposal: Proposal, words: str, *, asks: bool = False, by: Account) -> None:
    """Say something about a proposal; who decides may ask for changes so."""
    access.check("propose", proposal.page, by)
    if asks:
        _check_deciding(proposal, by)
    said = notices.clean_words(words, "words")

    def unit() -> None:
        row = session.get_one(Proposal, proposal.id, with_for_update=True)
        count = session.scalar(select(func.count()).where(Remark.proposal_id == row.id)) or 0
        if count >= limits.REMARKS:
            raise errors.Invalid([Problem("words", "too-many-remarks", {"limit": limits.REMARKS})])
        session.add(Remark(proposal_id=row.id, by_id=by.id, words=said, asks=asks))
        row.changed = db.now()
        _tell(row, "proposal-asked" if asks else "proposal-remark", by=by, words=said)

    db.write(lambda: unit)


def _tell(row: Proposal, kind: str, *, by: Account, words: str = "", number: int | None = None) -> None:
    if row.by_id != by.id:
        notices.tell(
            row.by_id, kind, page_id=row.page_id, number=number, words=words or f"#{row.number} {row.note}"[:500]
        )


def get(page: Page, number: int) -> Proposal:
    options = joinedload(Proposal.by), joinedload(Proposal.decided_by)
    source = joinedload(Proposal.source).joinedload(Page.space)
    found = session.scalar(
        select(Proposal)
        .where(Proposal.page_id == page.id, Proposal.number == number)
        .options(*options, source, joinedload(Proposal.page).joinedload(Page.space))
    )
    if found is None:
        raise errors.Missing(f"{page.name} #{number}")
    return found


def listed(page: Page, *, before: int | None = None, limit: int) -> Sequence[Proposal]:
    """The proposals to a page, the newest first."""
    query = select(Proposal).where(Proposal.page_id == page.id).order_by(Proposal.number.desc()).limit(limit)
    if before is not None:
        query = query.where(Proposal.number < before)
    source = joinedload(Proposal.source).joinedload(Page.space)
    return session.scalars(query.options(joinedload(Proposal.by), source)).all()


def remarks(proposal: Proposal) -> Sequence[Remark]:
    query = select(Remark).where(Remark.proposal_id == proposal.id).order_by(Remark.id).options(joinedload(Remark.by))
    return session.scalars(query.limit(limits.REMARKS)).all()


@dataclass(frozen=True)
class Shown:
    """A proposal as it is read: what it changes of the version that it was made of, what merging it now would ask, and
    whether the page has moved on since."""

    proposal: Proposal
    onto: Version
    edits: list[diff.Edit]
    document: Document
    merged: Merged
    is_stale: bool


def shown(proposal: Proposal, *, by: Account | None) -> Shown:
    onto = history.get_version(proposal.page, proposal.onto, by=by)
    content = document.unpack(proposal.packed)
    head = history.get_version(proposal.page, by=by)
    merged = merge.merge(onto.document, head.document, content)
    edits = diff.compare(onto.document, content)
    return Shown(proposal, onto, edits, content, merged, is_stale=head.revision.number != proposal.onto)


def forget(words: masking.Words) -> None:
    """Within a write unit: proposals and remarks lose words that are taken away. What was read is not what stands any
    more, so it is agreed to anew."""
    for row in session.scalars(select(Proposal).execution_options(yield_per=100)):
        content = document.unpack(row.packed)
        if masking.are_in(content, words):
            content = masking.masked(content, words)
            row.packed, row.digest = document.pack(content), document.sha256(content)
        row.note, row.reason = words.masked(row.note), words.masked(row.reason)
    for remark in session.scalars(select(Remark).execution_options(yield_per=100)):
        remark.words = words.masked(remark.words)
