"""Taking in what became of a relative: preview change by change, and the pull itself."""

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from designs import changes, licences, sheet
from designs.changes import Offer
from designs.models import LeftOut
from wiki import access, errors, history, lineages, pages
from wiki.db import session
from wiki.document import Document
from wiki.errors import Problem
from wiki.history import Version
from wiki.merge import Conflict, Merged, Resolution
from wiki.models import Account, Page, Revision
from wiki.operations import Once
from wiki.pages import Saved

NEWS = 20
"""So many new versions are told one by one."""


@dataclass(frozen=True)
class Span:
    """What became of a source from one document of it to another, as far as it is offered. The numbers are those of its
    versions; 0 where the first is a common ancestor elsewhere."""

    after: int
    until: int
    base: Document
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Offers:
    """All that a source offers a page at one of its versions, from what was left out long ago to what is new, and the
    conflicts that taking everything new would ask."""

    page: Page
    source: Page
    version: Version
    ancestor: str
    spans: tuple[Span, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def all(self) -> list[Offer]:
        return [offer for span in self.spans for offer in span.offers]


def is_upstream(page: Page, source: Page) -> bool:
    return page.upstream_id == source.id


def behind(page: Page, upstream: Page) -> int:
    """How many versions of its upstream a page has not taken."""
    return max(0, upstream.head - page.taken)


def news(found: Offers) -> Sequence[Revision]:
    """What was done to the upstream since a page last took from it, newest first; the last few of it."""
    after, until = found.spans[-1].after, found.spans[-1].until
    # A form may ask for an older version than has been taken meanwhile.
    if not is_upstream(found.page, found.source) or until <= after:
        return []
    return history.listed(found.source, before=until + 1, limit=min(until - after, NEWS))


def offered(page: Page, source: Page | None = None, *, number: int | None = None, by: Account | None = None) -> Offers:
    """What a source, one's own upstream unless another is named, offers at its newest version or one of a number.

    Raises `errors.Invalid` when the two have no common ancestor."""
    page = _as_it_stands(page)
    source = _as_it_stands(source) if source is not None else _upstream(page)
    version = history.get_version(source, number, by=by)
    return _offered(page, history.get_version(page, page.head, by=by), source, version, by)


def _as_it_stands(page: Page) -> Page:
    found = history.find_page_by_id(page.id)
    assert found is not None
    return found


def _upstream(page: Page) -> Page:
    found = history.find_page_by_id(page.upstream_id) if page.upstream_id is not None else None
    if found is None:
        raise errors.Invalid([Problem("from", "no-upstream")])
    return found


def _offered(page: Page, head: Version, source: Page, version: Version, by: Account | None) -> Offers:
    mine, only_figures = head.document, "translation" in (page.relation, source.relation)
    only_figures = only_figures and page.language != source.language
    rows = session.scalars(select(LeftOut).where(LeftOut.page_id == page.id, LeftOut.source_id == source.id)).all()
    spans = []
    for after, until in sorted({(row.after, row.until) for row in rows}):
        ids = {row.change.hex() for row in rows if (row.after, row.until) == (after, until)}
        known = _documents(page, source, head, version, after, until, by)
        if known is not None:
            base, theirs = known
            found = changes.offers(base, theirs, mine, left_out=ids, only_figures=only_figures)
            spans.append(Span(after, until, base, tuple(offer for offer in found if offer.id in ids)))
    if is_upstream(page, source):
        begun = history.get_version(source, page.taken, by=by)
        after, base, ancestor = page.taken, begun.document, begun.revision.digest.hex()
    else:
        after, base, ancestor = 0, *_common(head, version, by)
    told = {offer.id for span in spans for offer in span.offers}
    found = changes.offers(base, version.document, mine, left_out=told, only_figures=only_figures)
    fresh = tuple(offer for offer in found if offer.id not in told)
    spans.append(Span(after, version.revision.number, base, fresh))
    merged = changes.taken(base, mine, [offer for offer in fresh if offer.state == "new"])
    return Offers(page, source, version, ancestor, tuple(spans), merged.conflicts)


def _common(head: Version, version: Version, by: Account | None) -> tuple[Document, str]:
    """The document that two versions merge on, and its digest (hex)."""
    found = lineages.common(head.revision, version.revision)
    page = history.find_page_by_id(found.page_id) if found else None
    if found is None or page is None:
        raise errors.Invalid([Problem("from", "no-relative")])
    return history.get_version(page, found.number, by=by).document, found.digest.hex()


def _documents(
    page: Page, source: Page, head: Version, version: Version, after: int, until: int, by: Account | None
) -> tuple[Document, Document] | None:
    """The documents of a source between which a change was left out; None when one of them was taken away."""
    try:
        theirs = history.get_version(source, until, by=by).document
        base = history.get_version(source, after, by=by).document if after else _common(head, version, by)[0]
    except (errors.Gone, errors.Held, errors.Missing):
        return None
    return base, theirs


def pull(
    page: Page,
    source: Page | None = None,
    *,
    number: int,
    take: Collection[str] | None = None,
    resolutions: Mapping[str, Resolution] | None = None,
    note: str = "",
    agreed: frozenset[str] = frozenset(),
    by: Account,
    once: Once | None = None,
) -> Saved:
    """Take changes of a source, one's own upstream unless another is named, as they stood at its version `number`:
    those of some ids, or all that are new. What is not taken is remembered. The upstream's version becomes a parent;
    anyone else's is credited and no more.

    Raises `pages.Conflict`, and `errors.Invalid` for ids that are not offered and for what licences do not let in."""
    access.check("edit", page, by)
    page = _as_it_stands(page)
    source = source or _upstream(page)
    version = history.get_version(source, number, by=by)
    if is_upstream(page, source) and number < page.taken:
        raise errors.Invalid([Problem("head", "taken-already")])
    kept: list[LeftOut] = []

    def decide(head: Version) -> Merged:
        found = _offered(_as_it_stands(page), head, source, version, by)
        chosen = _chosen(found, take)
        _check_licences(version.document, head.document, agreed)
        kept[:] = _left(found, chosen)
        return merged(found, head.document, chosen, resolutions)

    return pages.join(
        page,
        decide,
        source=pages.Source(
            version.revision.digest,
            taken=number if is_upstream(page, source) else None,
            also=functools.partial(_remember, page.id, source.id, kept),
        ),
        verb="pull" if is_upstream(page, source) else "take",
        by=by,
        note=note,
        agreed=agreed,
        once=once,
    )


def merged(
    found: Offers, mine: Document, chosen: Collection[str], resolutions: Mapping[str, Resolution] | None = None
) -> Merged:
    """What stands on a page with some of the changes that are offered to it."""
    result = Merged(mine, ())
    for span in found.spans:
        picked = [offer for offer in span.offers if offer.id in chosen]
        if picked:
            result = changes.both(result, changes.taken(span.base, result.document, picked, resolutions))
    return result


def _chosen(found: Offers, take: Collection[str] | None) -> set[str]:
    if take is None:
        return {offer.id for offer in found.all if offer.state == "new"}
    unknown = set(take) - {offer.id for offer in found.all}
    if unknown:
        raise errors.Invalid([Problem("take", "not-offered", {"id": id}) for id in sorted(unknown)[:5]])
    return set(take)


def licences_between(found: Offers) -> Sequence[Problem]:
    """What keeps changes of a source from coming in, and on which conditions they may."""
    mine = history.find_document(found.page) or {}
    return licences.meets(sheet.licences(found.version.document), sheet.licences(mine))


def _check_licences(theirs: Document, mine: Document, agreed: frozenset[str]) -> None:
    problems = licences.meets(sheet.licences(theirs), sheet.licences(mine))
    left = [p for p in problems if not (p.values.get("condition") and p.place in agreed)]
    if left:
        raise errors.Invalid(left)


def _left(found: Offers, chosen: Collection[str]) -> list[LeftOut]:
    """What is to be remembered as left out: of what is new and was not declared otherwise."""
    last = found.spans[-1]
    return [
        LeftOut(source_id=found.source.id, change=bytes.fromhex(offer.id), after=last.after, until=last.until)
        for offer in last.offers
        if offer.id not in chosen and offer.state == "new"
    ]


def _remember(page_id: int, source_id: int, rows: Sequence[LeftOut], revision: Revision) -> None:
    known = set(
        session.scalars(select(LeftOut.change).where(LeftOut.page_id == page_id, LeftOut.source_id == source_id))
    )
    for row in rows:
        if row.change not in known:
            session.add(
                LeftOut(page_id=page_id, source_id=source_id, change=row.change, after=row.after, until=row.until)
            )
