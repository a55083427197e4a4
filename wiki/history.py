"""Reading pages and what they were: heads, revisions, differences, who brought what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from wiki import access, blame, document, errors, folding, limits
from wiki.db import session
from wiki.document import Document
from wiki.models import Account, Link, Page, Parent, Redirect, Revision, Snapshot, Space


@dataclass(frozen=True)
class Version:
    """A revision with its document."""

    page: Page
    revision: Revision
    document: Document


def find_page(space: str, slug: str) -> Page | None:
    """The page of this name or that once had it: compare its slug to know which."""
    query = select(Page).join(Page.space).where(Space.slug == space).options(joinedload(Page.space))
    return session.scalar(query.where(Page.slug == slug)) or session.scalar(
        query.join(Redirect, Redirect.page_id == Page.id).where(
            Redirect.slug == slug, Redirect.space_id == Page.space_id
        )
    )


def get_page(space: str, slug: str) -> Page:
    found = find_page(space, slug)
    if found is None:
        raise errors.Missing(f"{space}/{slug}")
    return found


def find_page_by_id(page_id: int) -> Page | None:
    return session.scalar(select(Page).where(Page.id == page_id).options(joinedload(Page.space)))


def find_revision(page_id: int, number: int) -> Revision | None:
    return session.scalar(
        select(Revision)
        .where(Revision.page_id == page_id, Revision.number == number)
        .options(joinedload(Revision.author), joinedload(Revision.snapshot))
    )


def number_shown(page: Page) -> int:
    """The number of the version that readers see, 0 when there is none."""
    return page.head if page.shown is None else page.shown


def get_version(page: Page, number: int | None = None, *, by: Account | None = None) -> Version:
    """A version of a page for somebody, the one that readers see unless a number is given.

    Raises `errors.Gone` when its words were taken away, and `errors.Held` when it is held back from them."""
    wanted = number_shown(page) if number is None else number
    revision = find_revision(page.id, wanted)
    if not wanted or (revision is not None and revision.held and not _may_see(page, by)):
        raise errors.Held("read")
    if revision is None:
        raise errors.Missing(f"{page.id} {number}")
    if revision.snapshot is None:
        raise errors.Gone
    return Version(page, revision, document.unpack(revision.snapshot.body))


def _may_see(page: Page, by: Account | None) -> bool:
    return access.allows("hold", session.get_one(Space, page.space_id), by)


def find_document(page: Page) -> Document | None:
    """The document of a page's head, None when it was taken away."""
    try:
        return get_version(page).document
    except (errors.Gone, errors.Held, errors.Missing):
        return None


def find_document_at(page_id: int, number: int) -> Document | None:
    """The document of a version as it is kept, whoever asks: for what is derived from it."""
    revision = find_revision(page_id, number)
    return document.unpack(revision.snapshot.body) if revision is not None and revision.snapshot is not None else None


def heads(found: Sequence[Page]) -> dict[int, Document]:
    """The documents that readers see of pages, by the pages' ids, without those that were taken away."""
    newest = (Revision.page_id == Page.id) & (Revision.number == func.coalesce(Page.shown, Page.head))
    query = select(Page.id, Snapshot.body).join(Revision, newest).join(Snapshot, Snapshot.id == Revision.snapshot_id)
    rows = session.execute(query.where(Page.id.in_([page.id for page in found])))
    return {page_id: document.unpack(body) for page_id, body in rows}


def parents(revision: Revision) -> list[bytes]:
    return list(
        session.scalars(select(Parent.digest).where(Parent.revision_id == revision.id).order_by(Parent.position))
    )


def parents_of(found: Sequence[Revision]) -> dict[int, list[bytes]]:
    """The parents of several revisions by the revisions' ids, in order."""
    by_id: dict[int, list[bytes]] = {revision.id: [] for revision in found}
    query = select(Parent).where(Parent.revision_id.in_(by_id)).order_by(Parent.revision_id, Parent.position)
    for parent in session.scalars(query):
        by_id[parent.revision_id].append(parent.digest)
    return by_id


def digest_of(page_id: int, number: int) -> str:
    """The digest of a revision in hex, "" when there is none."""
    digest = session.scalar(select(Revision.digest).where(Revision.page_id == page_id, Revision.number == number))
    return digest.hex() if digest else ""


def listed(page: Page, *, before: int | None = None, limit: int = limits.HISTORY_PER_PAGE) -> Sequence[Revision]:
    """Revisions of a page, newest first, below the number `before`."""
    query = select(Revision).where(Revision.page_id == page.id).options(joinedload(Revision.author))
    if before is not None:
        query = query.where(Revision.number < before)
    return session.scalars(query.order_by(Revision.number.desc()).limit(limit)).all()


def documents(found: Sequence[Revision]) -> dict[int, Document]:
    """The documents of revisions by number, without those that were taken away or are held."""
    found = [r for r in found if not r.held]
    rows = session.execute(select(Snapshot.id, Snapshot.body).where(Snapshot.id.in_({r.snapshot_id for r in found})))
    bodies: dict[int | None, bytes] = {snapshot_id: body for snapshot_id, body in rows}  # noqa: C416
    return {r.number: document.unpack(bodies[r.snapshot_id]) for r in found if r.snapshot_id in bodies}


@dataclass(frozen=True)
class Blame:
    """Who brought each line of a text, or each field of each row, as revisions. One of the two is empty."""

    lines: list[tuple[str, Revision]]
    rows: dict[str, dict[str, Revision]]
    part: document.Part


def blamed(page: Page, part: str) -> Blame:
    newest = None if page.shown is None else page.shown + 1
    seen = listed(page, before=newest, limit=limits.BLAME_REVISIONS)
    found = [r for r in reversed(seen) if r.snapshot_id is not None and not r.held]
    by_number = documents(found)
    if not found or part not in by_number[found[-1].number]:
        raise errors.Missing(part)
    last = by_number[found[-1].number][part]
    contents = [by_number[r.number] for r in found]
    if isinstance(last, str):
        texts = [document.text(content, part) for content in contents]
        return Blame([(line, found[index]) for line, index in blame.lines(texts)], {}, last)
    tables = [document.rows(content, part) for content in contents]
    return Blame(
        [],
        {key: {field: found[index] for field, index in fields.items()} for key, fields in blame.rows(tables).items()},
        last,
    )


def authors(page: Page) -> set[int]:
    """The ids of the accounts that wrote versions of a page."""
    return set(session.scalars(select(Revision.author_id).where(Revision.page_id == page.id).distinct()))


def pages_linking_to(space: str, slug: str, *, after: str = "", limit: int = limits.LIST_MAX) -> Sequence[Page]:
    return session.scalars(
        select(Page)
        .join(Link, Link.page_id == Page.id)
        .where(Link.space_slug == space, Link.slug == slug, Page.retired.is_(None), Page.title > after)
        .options(joinedload(Page.space))
        .order_by(Page.title)
        .limit(limit)
    ).all()


def missing_pages(*, limit: int = limits.LIST_MAX) -> Sequence[tuple[str, str, int]]:
    """Names that pages link to and that nobody has written yet: space, slug, how many pages ask for it."""
    known = select(Page.id).join(Space).where(Space.slug == Link.space_slug, Page.slug == Link.slug).exists()
    count = func.count()
    rows = session.execute(
        select(Link.space_slug, Link.slug, count)
        .where(~known)
        .group_by(Link.space_slug, Link.slug)
        .order_by(count.desc(), Link.space_slug, Link.slug)
        .limit(limit)
    )
    return [(space, slug, number) for space, slug, number in rows]


def by_author(account: Account, *, before: int | None = None, limit: int) -> Sequence[Revision]:
    """What somebody wrote, newest first."""
    query = (
        select(Revision)
        .where(Revision.author_id == account.id)
        .options(joinedload(Revision.page).joinedload(Page.space))
        .order_by(Revision.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Revision.id < before)
    return session.scalars(query).all()


def free_slug(space: Space, content: object) -> str:
    """A name for a page, made of its title, that no page of the space has or had."""
    title = content.get("title") if isinstance(content, Mapping) else None
    stem = folding.slug(title if isinstance(title, str) else "", 70) or "pagina"
    taken = set(session.scalars(select(Page.slug).where(Page.space_id == space.id, Page.slug.startswith(stem)))) | set(
        session.scalars(select(Redirect.slug).where(Redirect.space_id == space.id, Redirect.slug.startswith(stem)))
    )
    return next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)
