"""Translating: the words of the original beside those of a page, saved place by place; and what waits for that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from designs import pulls, translating
from designs.translating import Place
from wiki import access, errors, history, limits, pages
from wiki.db import session
from wiki.errors import Problem
from wiki.history import Version
from wiki.merge import Merged, Resolution
from wiki.models import Account, Page
from wiki.operations import Once
from wiki.pages import Saved


@dataclass(frozen=True)
class Opened:
    """A translation as it is worked on: its head, the newest version of the original, every place with words, what
    those were when the original was last taken, and how many figures of the original have changed since."""

    head: Version
    original: Version
    places: list[Place]
    before: Mapping[str, str]
    figures: int
    hazards: tuple[str, ...] | None
    """The dangers that the original names by now, where they are others."""


def original_of(page: Page) -> Page:
    """Raises `errors.Invalid` for a page that translates nothing."""
    found = history.find_page_by_id(page.upstream_id) if page.upstream_id and page.relation == "translation" else None
    if found is None:
        raise errors.Invalid([Problem("from", "no-upstream")])
    return found


def opened(page: Page, *, by: Account | None = None) -> Opened:
    original = history.get_version(original_of(page), by=by)
    head = history.get_version(page, page.head, by=by)
    taken = history.get_version(original.page, page.taken, by=by).document
    offers = pulls.offered(page, number=original.revision.number, by=by).all
    theirs, mine = original.document.get("hazards"), head.document.get("hazards")
    hazards = tuple(str(one) for one in theirs) if theirs != mine and isinstance(theirs, list) else None
    return Opened(
        head,
        original,
        translating.places(head.document, original.document),
        translating.words(taken),
        sum(offer.state == "new" for offer in offers),
        hazards,
    )


def save(
    page: Page,
    told: Mapping[str, str],
    *,
    right: Collection[str] = (),
    number: int,
    take: bool,
    resolutions: Mapping[str, Resolution] | None = None,
    note: str = "",
    by: Account,
    once: Once | None = None,
) -> Saved:
    """Save words for some places of a translation of the original's version `number`; with `take`, its numbers, units,
    files and order come along, as by a pull. Raises as `pulls.pull` does."""
    access.check("edit", page, by)
    original = history.get_version(original_of(page), number, by=by)

    def decide(head: Version) -> Merged:
        merged = Merged(head.document, ())
        if take:
            found = pulls.offered(page, number=number, by=by)
            chosen = {offer.id for offer in found.all if offer.state == "new"}
            merged = pulls.merged(found, head.document, chosen, resolutions)
        content = translating.rendered(merged.document, original.document, told, right)
        return Merged(pages.publishable(content, note), merged.conflicts)

    taken = number if take and number >= page.taken else None
    source = pages.Source(original.revision.digest, taken=taken)
    return pages.join(page, decide, source=source, verb="pull" if take else "edit", by=by, note=note, once=once)


@dataclass(frozen=True)
class Waiting:
    """A design that waits for a translator: its translation and how many versions it is behind, or None."""

    design: Page
    translation: Page | None
    behind: int


def waiting(language: str, *, after: int = 0, limit: int = limits.LIST_MAX) -> Sequence[Waiting]:
    """Designs that are not in a language yet, or whose translation is older than they are, in the order in which they
    came, after one of an id."""
    own = aliased(Page)
    query = (
        select(Page, own, Page.head - func.coalesce(own.taken, 0))
        .outerjoin(
            own,
            (own.upstream_id == Page.id)
            & (own.relation == "translation")
            & (own.language == language)
            & own.retired.is_(None),
        )
        .where(Page.retired.is_(None), Page.relation != "translation", Page.language != language, Page.id > after)
        .where(own.id.is_(None) | (own.taken < Page.head))
        .options(joinedload(Page.space), joinedload(own.space))
        .order_by(Page.id)
        .limit(limit)
    )
    return [
        Waiting(design, translation, behind if translation is not None else 0)
        for design, translation, behind in session.execute(query)
    ]
