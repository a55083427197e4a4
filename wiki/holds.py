"""Holding a version or a file back from readers until somebody has decided, and releasing it.

What is held is not shown, listed, found, fed or exported; its place, its author and the reason are. A page whose newest
version is held shows the newest that is not; when none is left, it leaves all lists. It is not edited meanwhile but by
those who decide: nobody else could see what they would merge with."""

from collections.abc import Mapping

from sqlalchemy import func, select, update

from wiki import access, db, document, errors, journal, meaning, notices
from wiki.db import session
from wiki.models import Account, Change, File, Page, Revision, Snapshot


def hold(page: Page, number: int, *, by: Account, note: str) -> None:
    """Hold a version back. `note`, the reason, is public. Raises `errors.Missing` and `errors.Invalid`."""
    access.check("hold", page, by)
    _set(page, number, True, by=by, note=notices.clean_words(note, "note"))


def release(page: Page, number: int, *, by: Account, note: str = "") -> None:
    access.check("hold", page, by)
    _set(page, number, False, by=by, note=notices.clean_words(note, "note", needed=False))


def _set(page: Page, number: int, held: bool, *, by: Account, note: str) -> None:
    def unit() -> None:
        current = session.get_one(Page, page.id, with_for_update=True)
        revision = session.scalar(select(Revision).where(Revision.page_id == page.id, Revision.number == number))
        if revision is None or revision.snapshot_id is None:
            raise errors.Missing(str(number))
        if revision.held == held:
            return
        revision.held = held
        session.flush()
        # The words about a held version are part of it; the journal gets them back with it.
        line = Change.page_id == page.id, Change.number == number, Change.verb == revision.verb
        session.execute(update(Change).where(*line).values(note="" if held else revision.note))
        settle(current)
        verb = "hold" if held else "release"
        journal.record(verb, subject=current.uid, by=by, page=current, number=number, note=note)
        if revision.author_id != by.id:
            notices.tell(revision.author_id, verb, page_id=page.id, number=number, words=note)

    db.write(lambda: unit)


def settle(page: Page) -> None:
    """Within a write unit: find anew which version readers see, and set what lists know of the page to it."""
    session.flush()
    before = page.shown
    readable = Revision.page_id == page.id, ~Revision.held, Revision.snapshot_id.is_not(None)
    newest: int = session.scalar(select(func.max(Revision.number)).where(*readable)) or 0
    page.shown = None if newest == page.head else newest
    if page.shown == 0:
        page.retired = page.retired or db.now()
        # Its title is one of its words; lists that tell of the page call it by its place.
        page.title = page.slug
        return
    if before == 0:
        page.retired = None
    body = session.scalar(
        select(Snapshot.body)
        .join(Revision, Revision.snapshot_id == Snapshot.id)
        .where(Revision.page_id == page.id, Revision.number == newest)
    )
    assert body is not None
    content = document.unpack(body)
    page.title = document.text(content, "title")
    session.flush()
    for follow in meaning.current().after_save:
        follow(page.id, content)


def reasons(page: Page) -> Mapping[int, str]:
    """Why versions of a page are held, by number."""
    query = select(Change.number, Change.note).where(Change.page_id == page.id, Change.verb == "hold")
    return {number: note for number, note in session.execute(query.order_by(Change.id)) if number is not None}


def hold_file(file: File, *, by: Account, note: str) -> None:
    """Hold a file back, wherever it is shown."""
    access.check("hold-file", None, by)
    _set_file(file, True, by=by, note=notices.clean_words(note, "note"))


def release_file(file: File, *, by: Account, note: str = "") -> None:
    access.check("hold-file", None, by)
    _set_file(file, False, by=by, note=notices.clean_words(note, "note", needed=False))


def _set_file(file: File, held: bool, *, by: Account, note: str) -> None:
    def unit() -> None:
        current = session.get_one(File, file.id, with_for_update=True)
        if current.held == held:
            return
        current.held = held
        verb = "hold" if held else "release"
        journal.record(verb, subject=current.sha256[:16], by=by, note=note)
        if current.by_id != by.id:
            notices.tell(current.by_id, f"{verb}-file", words=note)

    db.write(lambda: unit)


def check_file(file: File, *, by: Account | None) -> None:
    """Raises `errors.Held` for who may not see it."""
    if file.held and not access.allows("hold-file", None, by):
        raise errors.Held("read")
