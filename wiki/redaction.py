"""Taking words away everywhere, for ever: somebody's address or telephone number, or what a court forbids.

Every version that holds them loses its document, its salt and its note; its digest stays, and with it the chain. A
page whose newest version holds them gets a new one with a mark in their place. Drafts, lines of the journal and
addresses of pages go too. What was kept elsewhere (older backups, exports, other people's copies) is not reached."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import joinedload, undefer

from wiki import (
    access,
    db,
    document,
    drafts,
    errors,
    folding,
    history,
    holds,
    journal,
    limits,
    masking,
    meaning,
    revisions,
)
from wiki.db import Moved, session
from wiki.errors import Invalid, Problem
from wiki.masking import Words
from wiki.models import Account, Change, Draft, File, Flag, Notice, Page, Redirect, Revision, Snapshot

BATCH = 200
TOLD: dict[type[Flag] | type[Notice], tuple[str, ...]] = {Flag: ("words", "answer"), Notice: ("words", "reply")}


@dataclass(frozen=True)
class Found:
    """Where words stand: versions, the snapshots that hold them, drafts (account and place), lines of the journal,
    pages whose address is made of them, names that pages once had, files and accounts that tell of them, and what
    people said to who decides (table and row)."""

    revisions: Sequence[Revision] = ()
    snapshots: frozenset[int] = frozenset()
    drafts: Sequence[tuple[int, str]] = ()
    changes: Sequence[int] = ()
    addresses: Sequence[Page] = ()
    redirects: Sequence[tuple[int, str]] = ()
    files: Sequence[int] = ()
    accounts: Sequence[int] = ()
    complaints: Sequence[tuple[str, int]] = ()
    pages: Sequence[Page] = ()

    def __bool__(self) -> bool:
        return any((self.revisions, self.snapshots, self.drafts, self.changes, self.addresses, self.redirects)) or any(
            (self.files, self.accounts, self.complaints)
        )

    def seen(self) -> str:
        """A name for exactly this find, by which somebody says that they saw it."""
        parts = (
            [revision.id for revision in self.revisions],
            sorted(self.snapshots),
            [(page.id, page.head) for page in self.pages],
            (self.drafts, self.changes, [page.id for page in self.addresses], self.redirects, self.files),
            (self.accounts, self.complaints),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def find(words: str, *, by: Account) -> Found:
    """All that holds these words, as `masking.Words` finds them. Reads the whole store.

    Raises `errors.Invalid` for words that are too short or too long, and for too many versions at once."""
    access.check("redact", None, by)
    return _find(masking.words(words), folding.slug(words, limits.REDACT_LONGEST))


def _find(wanted: Words, slug: str) -> Found:
    snapshots = frozenset(_snapshots(wanted))
    changes = sorted(_noted(Change, wanted))
    _check_count(len(snapshots) + len(changes))
    ids = {*_noted(Revision, wanted)}
    ids |= set(session.scalars(select(Revision.id).where(Revision.snapshot_id.in_(snapshots))))
    _check_count(len(ids))
    query = select(Revision).where(Revision.id.in_(ids)).order_by(Revision.page_id, Revision.number)
    found = session.scalars(query.options(joinedload(Revision.page).joinedload(Page.space))).all()
    addressed, redirects = _addresses(slug) if len(slug) >= limits.REDACT_SHORTEST else ([], [])
    about = session.execute(select(Account.id, Account.about).where(Account.about != "").order_by(Account.id))
    named = session.execute(select(File.id, File.name).order_by(File.id))
    return Found(
        found,
        snapshots,
        sorted(_drafts(wanted)),
        changes,
        addressed,
        redirects,
        [id for id, name in named if wanted.are_in(name)],
        [id for id, words in about if wanted.are_in(words)],
        sorted(_complaints(wanted)),
        list({revision.page_id: revision.page for revision in found}.values()),
    )


def _check_count(count: int) -> None:
    if count > limits.REDACT_REVISIONS:
        raise Invalid([Problem("words", "words-everywhere", {"limit": limits.REDACT_REVISIONS, "count": count})])


def _snapshots(wanted: Words) -> Iterator[int]:
    after = 0
    query = select(Snapshot.id, Snapshot.body).order_by(Snapshot.id).limit(BATCH)
    while rows := session.execute(query.where(Snapshot.id > after)).all():
        yield from (id for id, body in rows if masking.are_in(document.unpack(body), wanted))
        after = rows[-1][0]


def _noted(model: type[Revision] | type[Change], wanted: Words) -> Iterator[int]:
    rows = session.execute(select(model.id, model.note).where(model.note != "").execution_options(yield_per=1000))
    return (id for id, note in rows if wanted.are_in(note))


def _drafts(wanted: Words) -> Iterator[tuple[int, str]]:
    rows = session.scalars(select(Draft).options(undefer(Draft.fields)).execution_options(yield_per=20))
    for row in rows:
        if any(wanted.are_in(words) for words in (row.title, *(value for _, value in drafts.fields(row)))):
            yield row.account_id, row.place


def _complaints(wanted: Words) -> Iterator[tuple[str, int]]:
    for model, columns in TOLD.items():
        for row in session.execute(select(model.id, *(getattr(model, name) for name in columns))):
            if any(wanted.are_in(text) for text in row[1:]):
                yield model.__tablename__, row[0]


def _addresses(slug: str) -> tuple[Sequence[Page], Sequence[tuple[int, str]]]:
    pages = select(Page).where(Page.slug.contains(slug, autoescape=True)).options(joinedload(Page.space))
    names = select(Redirect.space_id, Redirect.slug).where(Redirect.slug.contains(slug, autoescape=True))
    return session.scalars(pages.order_by(Page.id)).all(), [(id, name) for id, name in session.execute(names)]


def redact(words: str, *, seen: str, by: Account, note: str = "") -> bool:
    """Take away all that `find` finds, if it is still what was seen. It can't be undone. `note` says why, without the
    words. Answers whether nothing of them is left on the disk either: who reads an older state at this moment can
    keep the store's log from being emptied.

    Raises `errors.Stale` when something else is found by now, `errors.Missing` when nothing is, and `errors.Invalid`
    when a newest version can't do without the words: it must be edited first."""
    access.check("redact", None, by)
    wanted, slug = masking.words(words), folding.slug(words, limits.REDACT_LONGEST)
    if wanted.are_in(note):
        raise Invalid([Problem("note", "words-in-note")])

    def prepare() -> Callable[[], None]:
        found = _find(wanted, slug)
        if not found:
            raise errors.Missing
        if found.seen() != seen:
            raise errors.Stale
        numbers = {(revision.page_id, revision.number) for revision in found.revisions}
        heads = [page for page in found.pages if (page.id, page.head) in numbers]
        masked = [(page, _masked(page, wanted, by=by, note=note)) for page in heads]

        def unit() -> None:
            for page, new in masked:
                current = session.get_one(Page, page.id, with_for_update=True)
                if current.head != new.header.number - 1:
                    raise Moved
                _succeed(current, new, by=by)
            _take_away(found, wanted)
            for follow in meaning.current().after_redact:
                follow(wanted)
            for page in {page.id: page for page in (*found.pages, *found.addresses)}.values():
                if page not in heads:
                    journal.record("redact", subject=page.uid, by=by, page=page, note=note)
            journal.record("redact", subject=by.uid, by=by, number=len(found.revisions), note=note)

        return unit

    db.write(prepare)
    return db.forget()


def _masked(page: Page, wanted: Words, *, by: Account, note: str) -> revisions.Draft:
    head = history.get_version(page, page.head, by=by)
    content = masking.masked(head.document, wanted)
    if masking.are_in(content, wanted):
        raise Invalid([Problem("words", "words-in-key", {"page": page.name})])
    problems = meaning.current().check(document.clean(content))
    if problems:
        raise Invalid([Problem("words", "words-needed", {"page": page.name})])
    return revisions.draft(
        page,
        content,
        number=head.revision.number + 1,
        parents=[head.revision.digest],
        verb="redact",
        by=by,
        note=note,
    )


def _succeed(page: Page, new: revisions.Draft, *, by: Account) -> None:
    """Append the version with marks. What was held back stays so."""
    head = select(Revision.held).where(Revision.page_id == page.id, Revision.number == page.head)
    held, shown = session.scalar(head), page.shown
    revision = revisions.append(page, new, by=by)
    if held:
        revision.held, page.shown = True, shown


def _take_away(found: Found, wanted: Words) -> None:
    ids = [revision.id for revision in found.revisions]
    kept = {revision.snapshot_id for revision in found.revisions if revision.snapshot_id} | found.snapshots
    session.execute(update(Revision).where(Revision.id.in_(ids)).values(salt=None, snapshot_id=None, note=""))
    used = select(Revision.id).where(Revision.snapshot_id == Snapshot.id).exists()
    session.execute(delete(Snapshot).where(Snapshot.id.in_(kept), ~used))
    lines = [and_(Change.page_id == r.page_id, Change.number == r.number) for r in found.revisions]
    for start in range(0, len(lines), BATCH):
        session.execute(update(Change).where(or_(*lines[start : start + BATCH])).values(note=""))
    session.execute(update(Change).where(Change.id.in_(found.changes)).values(note=""))
    for account_id, place in found.drafts:
        session.execute(delete(Draft).where(Draft.account_id == account_id, Draft.place == place))
    for table, id in found.complaints:
        model = next(one for one in TOLD if one.__tablename__ == table)
        row = session.get_one(model, id)
        for name in TOLD[model]:
            setattr(row, name, wanted.masked(getattr(row, name)))
    for page in found.pages:
        holds.settle(session.get_one(Page, page.id))
    for space_id, slug in found.redirects:
        session.execute(delete(Redirect).where(Redirect.space_id == space_id, Redirect.slug == slug))
    for page in found.addresses:
        session.execute(update(Page).where(Page.id == page.id).values(slug=f"p-{page.uid.hex()[:12]}"))
    session.execute(update(File).where(File.id.in_(found.files)).values(name=masking.MASK))
    session.execute(update(Account).where(Account.id.in_(found.accounts)).values(about=""))
