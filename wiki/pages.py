"""Writing pages. Each verb checks the right, decides, stores a revision or a name, and tells the journal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

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
from wiki.models import Account, Page, Redirect, Revision, Space
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
        name = slug or history.free_slug(space, content)
        problems = [] if folding.SLUG.fullmatch(name) else [Problem("slug", "bad-slug")]
        if not problems and history.find_page(space.slug, name) is not None:
            problems = [Problem("slug", "taken")]
        clean = publishable(content, note, problems)
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
    agreed: frozenset[str] = frozenset(),
    once: Once | None = None,
) -> Saved:
    """Begin a page with exactly the document of another page's revision, which becomes the parent of its own first.
    Without a slug one is made of the title. Raises `errors.Invalid` when nothing may be made of the document."""
    access.check("create", space, by)

    def prepare() -> Callable[[], Saved]:
        if (answer := operations.find(once, by)) is not None:
            return lambda: Saved(**answer)
        name = slug or history.free_slug(space, version.document)
        problems = [] if folding.SLUG.fullmatch(name) else [Problem("slug", "bad-slug")]
        if not problems and history.find_page(space.slug, name) is not None:
            problems = [Problem("slug", "taken")]
        if note and len(note.encode()) > limits.NOTE:
            problems.append(Problem("note", "too-long", {"limit": limits.NOTE}))
        left, conditions = _agreed(meaning.current().follows(version.document, None), agreed)
        if problems := [*problems, *left]:
            raise errors.Invalid(problems)
        page = Page(
            uid=models.new_uid(),
            space_id=space.id,
            slug=name,
            language=language,
            upstream_id=version.page.id,
            relation=relation,
            taken=version.revision.number,
        )
        new = revisions.draft(
            page,
            version.document,
            number=1,
            parents=[version.revision.digest],
            verb="fork",
            by=by,
            note=note + conditions,
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


def publishable(content: object, note: str, problems: Sequence[Problem] = ()) -> Document:
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
    agreed: frozenset[str] = frozenset(),
    once: Once | None = None,
) -> Saved:
    """Save a document that was begun from version `base`. What others saved meanwhile is merged in. `agreed`: the
    places of the conditions that were agreed to.

    Raises `Conflict` when both changed the same place and `resolutions` does not answer it; nothing is written.
    """
    access.check("edit", page, by)

    def decide(head: Version) -> tuple[Document, bool]:
        clean = publishable(content, note)
        if base == head.revision.number:
            return clean, False
        begun = _version_of(page, base, "base", by)
        return _merged(begun.document, head, clean, resolutions), True

    return _revise(page, decide, verb="edit", by=by, note=note, once=once, agreed=agreed)


@dataclass(frozen=True)
class Source:
    """Where what is joined to a page comes from: the digest that is credited, and, of one's own upstream, the number
    that was taken, whose digest becomes a parent. `also` is done in the same write unit, with the revision."""

    digest: bytes
    taken: int | None = None
    also: Callable[[Revision], None] | None = None


def join(
    page: Page,
    decide: Callable[[Version], merge.Merged],
    *,
    source: Source,
    verb: str,
    by: Account,
    note: str = "",
    agreed: frozenset[str] = frozenset(),
    once: Once | None = None,
) -> Saved:
    """Append what `decide` makes of the head and of another page. That a version of one's own upstream was looked at is
    noted once even when nothing of it was taken. Raises `Conflict` as `save` does."""
    access.check("edit", page, by)

    def document_of(head: Version) -> tuple[Document, bool]:
        merged = decide(head)
        if merged.conflicts:
            raise Conflict(head.revision.number, merged)
        return merged.document, False

    return _revise(page, document_of, verb=verb, by=by, note=note, once=once, agreed=agreed, source=source)


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
    agreed: frozenset[str] = frozenset(),
    source: Source | None = None,
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
        if content == head.document and (source is None or source.taken in (None, fresh.taken)):
            same = Saved(page.id, head.revision.number, head.revision.digest.hex(), saved=False, merged=merged)
            return lambda: _answered(same, once, by=by)
        content = publishable(content, note)
        conditions = _check_follows(fresh, head.document, content, agreed, by=by)
        parents = [head.revision.digest]
        if source is not None and source.taken is not None:
            parents.append(source.digest)
        new = revisions.draft(
            fresh,
            content,
            number=head.revision.number + 1,
            parents=parents,
            origin=source.digest if source is not None else None,
            verb=verb,
            by=by,
            note=note + conditions,
        )

        def unit() -> Saved:
            current = session.get_one(Page, page.id, with_for_update=True)
            if current.head != head.revision.number or current.retired is not None:
                raise Moved
            revision = revisions.append(current, new, by=by)
            if source is not None and source.taken is not None:
                current.taken = source.taken
            if source is not None and source.also is not None:
                source.also(revision)
            saved = Saved(page.id, revision.number, revision.digest.hex(), saved=True, merged=merged)
            return _answered(saved, once, by=by)

        return unit

    return db.write(prepare)


def _check_follows(page: Page, before: Document, after: Document, agreed: frozenset[str], *, by: Account) -> str:
    """What the note keeps of conditions that were agreed to. Raises `errors.Invalid` when a document may not be made
    of another. Who wrote a page alone may do so with it."""
    problems = meaning.current().follows(before, after)
    if not problems or (page.upstream_id is None and history.authors(page) == {by.id}):
        return ""
    left, conditions = _agreed(problems, agreed)
    if left:
        raise errors.Invalid(left)
    return conditions


def _agreed(problems: Sequence[Problem], agreed: frozenset[str]) -> tuple[list[Problem], str]:
    """The problems that are left when the conditions at some places are agreed to, and what the note keeps of those."""
    met = [p for p in problems if p.values.get("condition") and p.place in agreed]
    said = "; ".join(str(p.values["condition"]) for p in met)
    return [p for p in problems if p not in met], f" [{said}]" if said else ""


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
