"""The family of a design: all that was forked from one beginning, with how each stands to another, and the designs
elsewhere that it says it was made from."""

import datetime
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from designs import adaptations
from designs.models import Fact
from wiki import history, limits
from wiki.db import session
from wiki.models import Page, Space


@dataclass(frozen=True)
class Member:
    """A page of a family. `upstream` is the name of the page it was forked from, `taken` the number of that page's
    version last taken, `behind` how many came since, `distance` how many forks lie between it and the page asked of."""

    page_id: int
    uid: bytes
    community: str
    slug: str
    title: str
    language: str
    relation: str
    head: int
    changed: datetime.datetime
    upstream_id: int | None
    upstream: str
    taken: int
    behind: int
    depth: int
    distance: int
    regions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.community}/{self.slug}"


@dataclass(frozen=True)
class Family:
    """The members as a tree is read: each after the page that it was forked from. `more`: there are others that are not
    shown. `made_from` and `made_into`: designs here that imports say were made of each other elsewhere."""

    members: tuple[Member, ...]
    more: bool
    made_from: tuple[tuple[str, str], ...] = ()
    made_into: tuple[tuple[str, str], ...] = ()


def of(page: Page, *, limit: int = limits.FAMILY) -> Family:
    """The family of a page, at most so many members."""
    root = _root(page)
    tree = select(Page.id, Page.upstream_id).where(Page.id == root).cte("tree", recursive=True)
    child = aliased(Page)
    tree = tree.union_all(select(child.id, child.upstream_id).join(tree, child.upstream_id == tree.c.id))
    above, shelf = aliased(Page), aliased(Space)
    rows = session.execute(
        select(Page, Space.slug, above.head, shelf.slug, above.slug)
        .join(tree, tree.c.id == Page.id)
        .join(Space, Space.id == Page.space_id)
        .outerjoin(above, above.id == Page.upstream_id)
        .outerjoin(shelf, shelf.id == above.space_id)
        .where(or_(Page.retired.is_(None), Page.id == root, Page.id == page.id))
        .order_by(Page.id)
        .limit(limit + 1)
    ).all()
    shown = rows[:limit]
    below: dict[int | None, list[int]] = {}
    by_id = {}
    for one, community, head, shelf_slug, slug in shown:
        by_id[one.id] = (one, community, head, f"{shelf_slug}/{slug}" if slug else "")
        below.setdefault(one.upstream_id, []).append(one.id)
    regions = _regions(list(by_id))
    far = _distances({id: row[0].upstream_id for id, row in by_id.items()}, page.id)
    members: list[Member] = []
    todo = [(id, 0) for id in by_id if by_id[id][0].upstream_id not in by_id][::-1]
    while todo:
        id, depth = todo.pop()
        one, community, head, upstream = by_id[id]
        members.append(
            Member(
                page_id=id,
                uid=one.uid,
                community=community,
                slug=one.slug,
                title=one.title,
                language=one.language,
                relation=one.relation,
                head=one.head,
                changed=one.changed,
                upstream_id=one.upstream_id,
                upstream=upstream,
                taken=one.taken,
                behind=max(0, (head or 0) - one.taken) if one.upstream_id else 0,
                depth=depth,
                distance=far.get(id, 0),
                regions=tuple(regions.get(id, ())),
            )
        )
        todo.extend((child_id, depth + 1) for child_id in reversed(below.get(id, ())))
    return Family(tuple(members), len(rows) > limit, *_elsewhere(page))


@dataclass(frozen=True)
class Table:
    """The adaptation table of a family: its columns, the page that it began with first, and its lines."""

    members: tuple[Member, ...]
    lines: tuple[adaptations.Line, ...]


def table(family: Family, asked: Page, *, limit: int = limits.FAMILY_COLUMNS) -> Table:
    """What each relative does otherwise, of at most so many: the first one, the one asked of, and those near it."""
    first = family.members[:1]
    near = sorted(family.members[1:], key=lambda one: (one.distance, one.page_id))[: limit - 1]
    pages = session.scalars(select(Page).where(Page.id.in_([one.page_id for one in (*first, *near)]))).all()
    contents = history.heads(pages)
    shown = tuple(one for one in (*first, *near) if one.page_id in contents)
    foreign = [bool(first) and one.language != first[0].language for one in shown]
    lines = adaptations.table([contents[one.page_id] for one in shown], only_figures=foreign)
    return Table(shown, tuple(lines))


def _root(page: Page) -> int:
    """The page with which a family began."""
    up = select(Page.id, Page.upstream_id).where(Page.id == page.id).cte("up", recursive=True)
    above = aliased(Page)
    up = up.union_all(select(above.id, above.upstream_id).join(up, above.id == up.c.upstream_id))
    return session.scalar(select(up.c.id).where(up.c.upstream_id.is_(None))) or page.id


def _distances(upstream: dict[int, int | None], start: int) -> dict[int, int]:
    """How many forks lie between one page and each other one of a tree."""
    near: dict[int, list[int]] = {}
    for id, above in upstream.items():
        if above in upstream and above is not None:
            near.setdefault(id, []).append(above)
            near.setdefault(above, []).append(id)
    found, todo = {start: 0}, [start]
    for id in todo:
        for other in near.get(id, ()):
            if other not in found:
                found[other] = found[id] + 1
                todo.append(other)
    return found


def _regions(ids: list[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(Fact.page_id, Fact.value).where(Fact.page_id.in_(ids), Fact.name == "regions").order_by(Fact.value)
    )
    found: dict[int, list[str]] = {}
    for id, value in rows:
        found.setdefault(id, []).append(value)
    return found


def _elsewhere(page: Page) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The designs here that a page says it was made from elsewhere, and those that say so of it: name and title."""
    mine, other = aliased(Fact), aliased(Fact)
    pairs = []
    for here, there in (("fork-of", "at"), ("at", "fork-of")):
        rows = session.execute(
            select(Space.slug, Page.slug, Page.title)
            .select_from(mine)
            .join(other, and_(other.value == mine.value, other.name == there, other.page_id != mine.page_id))
            .join(Page, Page.id == other.page_id)
            .join(Space, Space.id == Page.space_id)
            .where(mine.page_id == page.id, mine.name == here, Page.retired.is_(None), Page.upstream_id.is_(None))
            .order_by(Page.title, Page.id)
            .limit(limits.LIST_MAX)
        )
        pairs.append(tuple((f"{space}/{slug}", title) for space, slug, title in rows))
    return pairs[0], pairs[1]
