"""Writing pages. Each verb checks the right, decides, stores a revision or a name, and tells the journal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from wiki import (
    access,
    db,
    document,
    errors,
    folding,
    history,
    journal,
    limits,
    meaning,
    merge,
    models,
    operations,
    revisions,
)
from wiki.db import Moved, session
from wiki.document import Document
from wiki.errors import Problem
from wiki.history import Version
from wiki.models import Account, Page, Redirect, Space
from wiki.operations import Once


class Conflict(errors.Refusal):
    """Both sides changed the same place. `head` is the number merged onto, `merged` the outcome with its conflicts."""

    def __init__(self, head: int, merged: merge.Merged) -> None:
        super().__init__(f"{len(merged.conflicts)} places")
        self.head = head
        self.merged = merged


@dataclass(frozen=True)
class Saved:
    """What came of a save: the number and digest (hex) that now stand, whether a new revision was needed, and whether
    what others wrote meanwhile was merged in."""

    page_id: int
    number: int
    digest: str
    saved: bool
    merged: bool

    def answer(self) -> dict[str, Any]:
        return {"number": self.number, "digest": self.digest, "saved": self.saved, "merged": self.merged}


def create(
    space: Space,
    content: object,
    *,
    slug: str = "",
    language: str,
    by: Account,
    note: str = "",
    once: Once | None = None,
) -> Saved:
    """Begin a page with its first revision. Without a slug one is made of the title, free in the space.

    Raises `errors.Invalid` when the document may not be published so or the slug is taken."""
    access.check("create", space, by)

    def prepare() -> Callable[[], Saved]:
        if (answer := operations.find(once, by)) is not None:
            return lambda: Saved(**answer)
        name = slug or free_slug(space, content)
        problems = [] if folding.SLUG.fullmatch(name) else [Problem("slug", "bad-slug")]
        if not problems and history.find_page(space.slug, name) is not None:
            problems = [Problem("slug", "taken")]
        clean = _publishable(content, note, problems)
        page = Page(uid=models.new_uid(), space_id=space.id, slug=name, language=language)
        new = revisions.draft(page, clean, number=1, parents=(), verb="create", by=by, note=note)
        return lambda: _begin(page, new, once, by=by)

    return db.write(prepare)


def fork(
    version: Version,
    space: Space,
    *,
    slug: str,
    language: str,
    relation: str,
    by: Account,
    note: str = "",
    once: Once | None = None,
) -> Saved:
    """Begin a page with exactly the document of another page's revision, which becomes the parent of its own first."""
    access.check("create", space, by)

    def prepare() -> Callable[[], Saved]:
        if (answer := operations.find(once, by)) is not None:
            return lambda: Saved(**answer)
        if folding.SLUG.fullmatch(slug) is None:
            raise errors.Invalid([Problem("slug", "bad-slug")])
        if history.find_page(space.slug, slug) is not None:
            raise errors.Invalid([Problem("slug", "taken")])
        page = Page(
            uid=models.new_uid(),
            space_id=space.id,
            slug=slug,
            language=language,
            upstream_id=version.page.id,
            relation=relation,
            taken=version.revision.number,
        )
        new = revisions.draft(
            page, version.document, number=1, parents=[version.revision.digest], verb="fork", by=by, note=note
        )
        return lambda: _begin(page, new, once, by=by)

    return db.write(prepare)


def _begin(page: Page, new: revisions.Draft, once: Once | None, *, by: Account) -> Saved:
    session.add(page)
    session.flush()
    revision = revisions.append(page, new, by=by)
    saved = Saved(page.id, revision.number, revision.digest.hex(), saved=True, merged=False)
    operations.remember(once, by, vars(saved))
    return saved


def free_slug(space: Space, content: object) -> str:
    """A name for a page, made of its title, that no page of the space has or had."""
    title = content.get("title") if isinstance(content, Mapping) else None
    stem = folding.slug(title if isinstance(title, str) else "", 70) or "pagina"
    taken = set(session.scalars(select(Page.slug).where(Page.space_id == space.id, Page.slug.startswith(stem)))) | set(
        session.scalars(select(Redirect.slug).where(Redirect.space_id == space.id, Redirect.slug.startswith(stem)))
    )
    return next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)


def _publishable(content: object, note: str, problems: list[Problem]) -> Document:
    """The clean document, or `errors.Invalid` with all that is wrong with it, with its note and beside."""
    clean: Document = {}
    found = list(problems)
    if len(note.encode()) > limits.NOTE or "\0" in note:
        found.append(Problem("note", "too-long", {"limit": limits.NOTE}))
    try:
        clean = document.clean(content)
    except errors.Invalid as invalid:
        raise errors.Invalid([*found, *invalid.problems]) from None
    found.extend(meaning.current().check(clean))
    if found:
        raise errors.Invalid(found)
    return clean


def save(
    page: Page,
    content: object,
    *,
    base: int,
    by: Account,
    note: str = "",
    resolutions: Mapping[str, Any] | None = None,
    once: Once | None = None,
) -> Saved:
    """Save a document that was begun from version `base`. What others saved meanwhile is merged in.

    Raises `Conflict` when both changed the same place and `resolutions` does not answer it; nothing is written.
    """
    access.check("edit", page, by)

    def decide(head: Version) -> tuple[Document, bool]:
        clean = _publishable(content, note, [])
        if base == head.revision.number:
            return clean, False
        begun = _version_of(page, base, "base", by)
        return _merged(begun.document, head, clean, resolutions), True

    return _revise(page, decide, verb="edit", by=by, note=note, once=once)


def undo(
    page: Page,
    number: int,
    *,
    by: Account,
    note: str = "",
    resolutions: Mapping[str, Any] | None = None,
    once: Once | None = None,
) -> Saved:
    """Take back what one version changed and keep what came later. Raises `Conflict` where later versions built
    on it."""
    access.check("undo", page, by)

    def decide(head: Version) -> tuple[Document, bool]:
        if number < 2:
            raise errors.Invalid([Problem("revision", "first-version")])
        there, before = (_version_of(page, n, "revision", by) for n in (number, number - 1))
        return _merged(there.document, head, before.document, resolutions), False

    return _revise(page, decide, verb="undo", by=by, note=note, once=once)


def restore(page: Page, number: int, *, by: Account, note: str = "", once: Once | None = None) -> Saved:
    """Make an older version the newest again."""
    access.check("restore", page, by)

    def decide(head: Version) -> tuple[Document, bool]:
        return _version_of(page, number, "revision", by).document, False

    return _revise(page, decide, verb="restore", by=by, note=note, once=once)


def _version_of(page: Page, number: int, place: str, by: Account) -> Version:
    try:
        return history.get_version(page, number, by=by)
    except errors.Missing:
        raise errors.Invalid([Problem(place, "no-such-version")]) from None


def _merged(base: Document, head: Version, incoming: Document, resolutions: Mapping[str, Any] | None) -> Document:
    merged = merge.merge(base, head.document, incoming, resolutions)
    if merged.conflicts:
        raise Conflict(head.revision.number, merged)
    return merged.document


def _revise(
    page: Page,
    decide: Callable[[Version], tuple[Document, bool]],
    *,
    verb: str,
    by: Account,
    note: str,
    once: Once | None,
) -> Saved:
    """Append what `decide` makes of the head, a document and whether others' work was merged into it."""

    def prepare() -> Callable[[], Saved]:
        if (answer := operations.find(once, by)) is not None:
            return lambda: Saved(**answer)
        fresh = session.get_one(Page, page.id, with_for_update=db.is_writing())
        if fresh.retired is not None:
            raise errors.Gone
        # While the newest is held, only who may decide about it writes on: nobody else has seen what they would merge.
        head = history.get_version(fresh, fresh.head, by=by)
        content, merged = decide(head)
        if content == head.document:
            same = Saved(page.id, head.revision.number, head.revision.digest.hex(), saved=False, merged=merged)
            return lambda: _answered(same, once, by=by)
        content = _publishable(content, note, [])
        new = revisions.draft(
            fresh,
            content,
            number=head.revision.number + 1,
            parents=[head.revision.digest],
            verb=verb,
            by=by,
            note=note,
        )

        def unit() -> Saved:
            current = session.get_one(Page, page.id, with_for_update=True)
            if current.head != head.revision.number or current.retired is not None:
                raise Moved
            revision = revisions.append(current, new, by=by)
            saved = Saved(page.id, revision.number, revision.digest.hex(), saved=True, merged=merged)
            return _answered(saved, once, by=by)

        return unit

    return db.write(prepare)


def _answered(saved: Saved, once: Once | None, *, by: Account) -> Saved:
    operations.remember(once, by, vars(saved))
    return saved


def rename(page: Page, slug: str, *, by: Account) -> Page:
    """Give a page another name in its space; the old one leads to it from now on."""
    access.check("rename", page, by)

    def unit() -> Page:
        current = session.get_one(Page, page.id, with_for_update=True)
        if current.slug == slug:
            return current
        holder = history.find_page(page.space.slug, slug)
        problem = "bad-slug" if folding.SLUG.fullmatch(slug) is None else "taken"
        if problem == "bad-slug" or (holder is not None and holder.id != page.id):
            raise errors.Invalid([Problem("slug", problem)])
        session.execute(delete(Redirect).where(Redirect.page_id == page.id, Redirect.slug == slug))
        session.add(Redirect(space_id=page.space_id, slug=current.slug, page_id=page.id))
        journal.record("rename", subject=page.uid, by=by, page=page, note=f"{current.slug} → {slug}")
        current.slug = slug
        return current

    return db.write(lambda: unit)


def retire(page: Page, *, by: Account, note: str = "") -> None:
    """Take a page out of all lists. It stays readable with its history, and can be brought back."""
    access.check("retire", page, by)
    _set_retired(page, True, by=by, note=note)


def bring_back(page: Page, *, by: Account, note: str = "") -> None:
    access.check("bring-back", page, by)
    _set_retired(page, False, by=by, note=note)


def _set_retired(page: Page, retired: bool, *, by: Account, note: str) -> None:
    def unit() -> None:
        current = session.get_one(Page, page.id, with_for_update=True)
        if (current.retired is not None) == retired:
            return
        if current.shown == 0:
            raise errors.Held("bring-back")
        current.retired = db.now() if retired else None
        journal.record("retire" if retired else "bring-back", subject=page.uid, by=by, page=page, note=note)

    db.write(lambda: unit)
