"""The shelf: finding designs and reading them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, case, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from designs.models import Design, Fact
from wiki import db, document, errors, folding, history, meaning, revisions
from wiki.db import session
from wiki.models import Account, Page, Rendered, Revision, Snapshot, Space

PER_PAGE = 24
WORDS_MAX = 8
"""How many words of a query count."""


@dataclass(frozen=True)
class Query:
    """What to look for. Empty means any; `facts` are pairs such as ("tasks", "water"). For a `reader` of a language a
    design stands once in a list, in that language where it can be had, else in its own."""

    words: str = ""
    kind: str = ""
    language: str = ""
    community: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    reader: str = ""


@dataclass(frozen=True)
class Card:
    """What a list shows of a design."""

    community: str
    slug: str
    title: str
    language: str
    changed: datetime.datetime
    kind: str
    summary: str
    picture: str
    alt: str
    digest: bytes
    """The page's uid, from which its band is woven."""
    page_id: int
    regions: tuple[str, ...] = ()


def _matching(query: Query, *columns: Any) -> Select[Any]:
    found = (
        select(*columns)
        .select_from(Page)
        .join(Design, Design.page_id == Page.id)
        .join(Space, Space.id == Page.space_id)
        .where(Page.retired.is_(None))
    )
    for word in folding.fold(query.words).split()[:WORDS_MAX]:
        found = found.where(Design.folded.contains(word, autoescape=True))
    if query.kind:
        found = found.where(Design.kind == query.kind)
    if query.language:
        found = found.where(Page.language == query.language)
    if query.community:
        found = found.where(Space.slug == query.community)
    for name, value in query.facts:
        bears = Fact.value == value
        if name == "regions" and "-" not in value:
            bears |= Fact.value.startswith(f"{value}-")
        bearing = select(Fact.page_id).where(Fact.page_id == Page.id, Fact.name == name, bears)
        found = found.where(bearing.correlate(Page).exists())
    is_narrow = query.words or query.language or query.community or "regions" in dict(query.facts)
    return found if is_narrow or not query.reader else found.where(_stands_for_others(query.reader))


def _stands_for_others(reader: str) -> ColumnElement[bool]:
    """Whether a page is the one of its translations that a reader is shown."""
    other = aliased(Page)
    is_translation = Page.relation == "translation"
    original = case((is_translation, Page.upstream_id), else_=Page.id)
    relatives = select(other.id).where(other.retired.is_(None), other.id != Page.id).correlate(Page)
    in_mine = relatives.where(
        other.language == reader,
        (other.id == original) | ((other.relation == "translation") & (other.upstream_id == original)),
    )
    return (Page.language == reader) | ~(
        in_mine.exists() | (is_translation & relatives.where(other.id == original).exists())
    )


def browse(query: Query, *, page: int = 1, limit: int = PER_PAGE) -> Sequence[Card]:
    """Designs that match, the last changed first; pages count from 1."""
    rows = session.execute(
        _matching(
            query,
            Space.slug,
            Page.slug,
            Page.title,
            Page.language,
            Page.changed,
            Design.kind,
            Design.summary,
            Design.picture,
            Design.alt,
            Page.uid,
            Page.id,
        )
        .order_by(Page.changed.desc(), Page.id.desc())
        .limit(limit)
        .offset((page - 1) * limit)
    )
    cards = [Card(*row) for row in rows]
    regions = _regions([card.page_id for card in cards])
    return [replace(card, regions=tuple(regions.get(card.page_id, ()))) for card in cards]


def _regions(page_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(Fact.page_id, Fact.value)
        .where(Fact.page_id.in_(page_ids), Fact.name == "regions")
        .order_by(Fact.page_id, Fact.value)
    )
    found: dict[int, list[str]] = {}
    for page_id, value in rows:
        found.setdefault(page_id, []).append(value)
    return found


def count(query: Query) -> int:
    return int(session.execute(_matching(query, func.count())).scalar_one())


def counts_by_kind(query: Query) -> dict[str, int]:
    rows = session.execute(_matching(query, Design.kind, func.count()).group_by(Design.kind))
    return {str(kind): int(number) for kind, number in rows}


def counts_by_community(query: Query) -> list[tuple[str, int]]:
    """How many matching designs each community has, the largest first."""
    rows = session.execute(
        _matching(query, Space.slug, func.count())
        .group_by(Space.id)
        .order_by(func.count().desc(), Space.slug)
        .limit(60)
    )
    return [(slug, number) for slug, number in rows]


def counts_by_language(query: Query) -> list[tuple[str, int]]:
    rows = session.execute(
        _matching(query, Page.language, func.count()).group_by(Page.language).order_by(func.count().desc())
    )
    return [(language, number) for language, number in rows]


def counts_by_fact(name: str, query: Query) -> list[tuple[str, int]]:
    """How many matching designs bear each id of a list, the commonest first."""
    rows = session.execute(
        _matching(query, Fact.value, func.count())
        .join(Fact, (Fact.page_id == Page.id) & (Fact.name == name))
        .group_by(Fact.value)
        .order_by(func.count().desc(), Fact.value)
        .limit(60)
    )
    return [(value, number) for value, number in rows]


def communities() -> Sequence[tuple[str, int]]:
    """The communities and how many designs each has, in order of name."""
    rows = session.execute(
        select(Space.slug, func.count(Page.id))
        .outerjoin(Page, (Page.space_id == Space.id) & Page.retired.is_(None))
        .group_by(Space.id)
        .order_by(Space.slug)
    )
    return [(slug, number) for slug, number in rows]


@dataclass(frozen=True)
class Standing:
    """What stands on a design's page at this moment, beside its words."""

    page_id: int
    uid: bytes
    community: str
    slug: str
    title: str
    language: str
    head: int
    retired: datetime.datetime | None
    upstream_id: int | None
    relation: str
    taken: int
    snapshot_id: int
    digest: bytes
    at: datetime.datetime
    author: str
    packed: bytes | None = field(compare=False)
    """Its words as rendered for the reader's language, when they are kept."""
    relatives: str | None
    """Its translations, as `translations` reads them."""


# Tables and not their classes: a statement without entities passes the mapper by, which halves its cost.
_page, _space, _revision, _account, _snapshot, _rendered = (
    model.__table__.c for model in (Page, Space, Revision, Account, Snapshot, Rendered)
)


class _joined(FunctionElement[str]):
    """All texts of a group, one after another. SQLAlchemy's own writes its statement anew at each execution."""

    type = Text()
    inherit_cache = True


@compiles(_joined)
def _string_agg(element: _joined, compiler: SQLCompiler, **more: Any) -> str:
    name = "group_concat" if compiler.dialect.name == "sqlite" else "string_agg"
    return f"{name}({compiler.process(element.clauses, **more)})"


# In one statement with the page itself: cut at signs that no title can hold.
FIELD, RECORD = "\x1f", "\x1e"
_others, _shelves = Page.__table__.alias("other"), Space.__table__.alias("shelf")
_other, _shelf = _others.c, _shelves.c
_original = case((_page.relation == "translation", _page.upstream_id), else_=_page.id)
_RELATIVES = (
    select(_joined(_other.language + FIELD + _shelf.slug + FIELD + _other.slug + FIELD + _other.title, literal(RECORD)))
    .join_from(_others, _shelves, _shelf.id == _other.space_id)
    .where(
        (_other.id == _original) | ((_other.upstream_id == _original) & (_other.relation == "translation")),
        _other.id != _page.id,
        _other.retired.is_(None),
    )
    .correlate(Page.__table__)
    .scalar_subquery()
)

_STANDING = (
    select(
        _page.id,
        _page.uid,
        _space.slug,
        _page.slug,
        _page.title,
        _page.language,
        _page.head,
        _page.retired,
        _page.upstream_id,
        _page.relation,
        _page.taken,
        _revision.snapshot_id,
        _revision.digest,
        _revision.at,
        _account.handle,
        _rendered.html,
        _RELATIVES,
    )
    .select_from(Page.__table__)
    .join(Space.__table__, _space.id == _page.space_id)
    .join(Revision.__table__, (_revision.page_id == _page.id) & (_revision.number == _page.head))
    .join(Account.__table__, _account.id == _revision.author_id)
    .outerjoin(
        Rendered.__table__,
        (_rendered.snapshot_id == _revision.snapshot_id)
        & (_rendered.version == bindparam("version"))
        & (_rendered.language == bindparam("language")),
    )
    .where(_space.slug == bindparam("community"), _page.slug == bindparam("slug"))
)


def find_standing(community: str, slug: str, language: str) -> Standing | None:
    """What stands at a name, for readers of a language."""
    asked = {"community": community, "slug": slug, "language": language, "version": meaning.current().version}
    row = db.first(_STANDING, asked)
    return Standing(*row._mapping.values()) if row else None


_RENDERED = select(_snapshot.body, _rendered.html).select_from(
    Snapshot.__table__.outerjoin(
        Rendered.__table__,
        (_rendered.snapshot_id == _snapshot.id)
        & (_rendered.version == bindparam("version"))
        & (_rendered.language == bindparam("language")),
    )
)


def rendered(snapshot_id: int | None, language: str) -> str:
    """A document as readers of a language see it, as kept or made now. Raises `errors.Gone`."""
    version = meaning.current().version
    query = _RENDERED.where(_snapshot.id == bindparam("snapshot"))
    row = session.execute(query, {"snapshot": snapshot_id, "version": version, "language": language}).first()
    if row is None:
        raise errors.Gone
    return revisions.unpack_html(row[1]) if row[1] else meaning.current().render(document.unpack(row[0]))[language]


Translation = tuple[str, str, str, str]


def translations(standing: Standing) -> list[Translation]:
    """The other languages of a design: language, community, slug and title of each page."""
    found = [record.split(FIELD) for record in (standing.relatives or "").split(RECORD) if record]
    return sorted((language, community, slug, title) for language, community, slug, title in found)


def upstream_of(page: Page) -> Page | None:
    return history.find_page_by_id(page.upstream_id) if page.upstream_id else None
