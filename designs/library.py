"""The shelf: finding designs and reading them."""

import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, bindparam, case, cast, func, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from designs.models import Design, Fact, Proposal
from wiki import db, document, errors, folding, history, journal, meaning, revisions
from wiki.db import session
from wiki.models import Account, Page, Rendered, Revision, Snapshot, Space

PER_PAGE = 24
WORDS_MAX = 8
"""How many words of a query count."""
SHOWN_MAX = 60
"""How many ways to narrow a list down are counted and shown of each sort."""


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


# Tables and not their classes: a statement without entities passes the mapper by, which halves its cost.
_page, _space, _revision, _account, _snapshot, _rendered, _design, _fact = (
    model.__table__.c for model in (Page, Space, Revision, Account, Snapshot, Rendered, Design, Fact)
)
_proposal = Proposal.__table__.c
_others, _shelves = Page.__table__.alias("other"), Space.__table__.alias("shelf")
_other, _shelf = _others.c, _shelves.c
_original = case((_page.relation == "translation", _page.upstream_id), else_=_page.id)


def _matching(query: Query, *columns: Any) -> Select[Any]:
    found = (
        select(*columns)
        .select_from(Page.__table__)
        .join(Design.__table__, _design.page_id == _page.id)
        .join(Space.__table__, _space.id == _page.space_id)
        .where(_page.retired.is_(None))
    )
    for word in folding.fold(query.words).split()[:WORDS_MAX]:
        found = found.where(_design.folded.contains(word, autoescape=True))
    if query.kind:
        found = found.where(_design.kind == query.kind)
    if query.language:
        found = found.where(_page.language == query.language)
    if query.community:
        found = found.where(_space.slug == query.community)
    for name, value in query.facts:
        bears = _fact.value == value
        if name == "regions" and "-" not in value:
            bears |= _fact.value.startswith(f"{value}-")
        bearing = select(_fact.page_id).where(_fact.page_id == _page.id, _fact.name == name, bears)
        found = found.where(bearing.correlate(Page.__table__).exists())
    is_narrow = query.words or query.language or query.community or "regions" in dict(query.facts)
    return found if is_narrow or not query.reader else found.where(_stands_for_others(query.reader))


def _stands_for_others(reader: str) -> ColumnElement[bool]:
    """Whether a page is the one of its translations that a reader is shown."""
    is_translation = _page.relation == "translation"
    relatives = select(_other.id).where(_other.retired.is_(None), _other.id != _page.id).correlate(Page.__table__)
    in_mine = relatives.where(
        _other.language == reader,
        (_other.id == _original) | ((_other.relation == "translation") & (_other.upstream_id == _original)),
    )
    return (_page.language == reader) | ~(
        in_mine.exists() | (is_translation & relatives.where(_other.id == _original).exists())
    )


def browse(query: Query, *, page: int = 1, size: int = PER_PAGE) -> tuple[Sequence[Card], bool]:
    """A page of the designs that match, the last changed first, and whether there are more; pages count from 1."""
    rows = session.execute(_listing(query), {"size": size + 1, "skipped": (page - 1) * size}).all()
    cards = [Card(*row) for row in rows[:size]]
    regions = _regions([card.page_id for card in cards])
    return [replace(card, regions=tuple(regions.get(card.page_id, ()))) for card in cards], len(rows) > size


@functools.lru_cache(256)
def _listing(query: Query) -> Select[Any]:
    return (
        _matching(
            query,
            _space.slug,
            _page.slug.label("name"),
            _page.title,
            _page.language,
            _page.changed,
            _design.kind,
            _design.summary,
            _design.picture,
            _design.alt,
            _page.uid,
            _page.id,
        )
        .order_by(_page.changed.desc(), _page.id.desc())
        .limit(bindparam("size", type_=Integer))
        .offset(bindparam("skipped", type_=Integer))
    )


def _regions(page_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(_fact.page_id, _fact.value)
        .where(_fact.page_id.in_(page_ids), _fact.name == "regions")
        .order_by(_fact.page_id, _fact.value)
    )
    found: dict[int, list[str]] = {}
    for page_id, value in rows:
        found.setdefault(page_id, []).append(value)
    return found


@dataclass(frozen=True)
class Counts:
    """How many matching designs there are, and how many of them are of each kind, language and community and bear each
    task and region: pairs, the commonest first."""

    total: int
    kinds: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    communities: tuple[tuple[str, int], ...] = ()
    tasks: tuple[tuple[str, int], ...] = ()
    regions: tuple[tuple[str, int], ...] = ()


def counts(query: Query) -> Counts:
    """Counted anew only after somebody changed something."""
    return _counts(query, session.get_bind(), journal.head())


@functools.lru_cache(256)
def _counts(query: Query, engine: object, position: int) -> Counts:
    matching = _matching(query, _page.id, _page.language, _space.slug, _design.kind).cte("matching")
    bearing = select(_fact.value, _fact.name).join_from(matching, Fact.__table__, _fact.page_id == matching.c.id)
    asked = {"kinds": matching.c.kind, "languages": matching.c.language, "communities": matching.c.slug}
    each = [
        select(column, func.count().label("number"), literal(name)).group_by(column) for name, column in asked.items()
    ]
    each += [
        bearing.with_only_columns(_fact.value, func.count().label("number"), literal(name))
        .where(_fact.name == name)
        .group_by(_fact.value)
        for name in ("tasks", "regions")
    ]
    found: dict[str, list[tuple[str, int]]] = {}
    for value, number, name in session.execute(union_all(*(_commonest(one) for one in each))):
        found.setdefault(name, []).append((value, number))
    total = sum(number for _, number in found.get("kinds", ()))
    return Counts(total, **{name: tuple(sorted(pairs, key=_commonest_first)) for name, pairs in found.items()})


def _commonest(counted: Select[Any]) -> Select[Any]:
    value, number = counted.selected_columns[:2]
    return select(counted.order_by(number.desc(), value).limit(SHOWN_MAX).subquery())


def _commonest_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


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
    """The number of the version that readers see."""
    shown: int | None
    """The same while a newer one is held back from them, else None."""
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
    above: str | None
    """What it was forked from, as `upstream` reads it."""
    forks: int
    """How many forks it has, without translations."""
    proposals: int
    """How many proposals to it wait for an answer."""


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

_ABOVE = (
    select(_shelf.slug + FIELD + _other.slug + FIELD + _other.title + FIELD + cast(_other.head, Text))
    .join_from(_others, _shelves, _shelf.id == _other.space_id)
    .where(_other.id == _page.upstream_id, _other.retired.is_(None))
    .correlate(Page.__table__)
    .scalar_subquery()
)
_FORKS = (
    select(func.count())
    .select_from(_others)
    .where(_other.upstream_id == _page.id, _other.relation != "translation", _other.retired.is_(None))
    .correlate(Page.__table__)
    .scalar_subquery()
)
_WAITING = (
    select(func.count())
    .select_from(Proposal.__table__)
    .where(_proposal.page_id == _page.id, _proposal.state == "open")
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
        _revision.number,
        _page.shown,
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
        _ABOVE,
        _FORKS,
        _WAITING,
    )
    .select_from(Page.__table__)
    .join(Space.__table__, _space.id == _page.space_id)
    .join(Revision.__table__, _revision.page_id == _page.id)
    .join(Account.__table__, _account.id == _revision.author_id)
    .outerjoin(
        Rendered.__table__,
        (_rendered.snapshot_id == _revision.snapshot_id)
        & (_rendered.version == bindparam("version"))
        & (_rendered.language == bindparam("language")),
    )
    .where(_space.slug == bindparam("community"), _page.slug == bindparam("slug"))
)
_STANDING_NOW = _STANDING.where(_revision.number == func.coalesce(_page.shown, _page.head))
_STANDING_AT = _STANDING.where(_revision.number == bindparam("number"))


def find_standing(community: str, slug: str, language: str, *, number: int | None = None) -> Standing | None:
    """What stands at a name, for readers of a language: what they may see, or the version of a number."""
    asked = {"community": community, "slug": slug, "language": language, "version": meaning.current().version}
    statement, more = (_STANDING_NOW, {}) if number is None else (_STANDING_AT, {"number": number})
    row = db.first(statement, asked | more)
    return Standing(*row) if row else None


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


@dataclass(frozen=True)
class Above:
    """The page that another was forked from, and how many versions of it have not been taken yet."""

    community: str
    slug: str
    title: str
    behind: int


def upstream(standing: Standing) -> Above | None:
    if not standing.above:
        return None
    community, slug, title, head = standing.above.split(FIELD)
    return Above(community, slug, title, max(0, int(head) - standing.taken))


def upstream_of(page: Page) -> Page | None:
    return history.find_page_by_id(page.upstream_id) if page.upstream_id else None
