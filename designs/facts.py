"""Keeping the facts of designs in step with their documents."""

import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from designs import communities, sheet
from designs.models import Design, Fact
from wiki import db, document, folding, history
from wiki.db import session
from wiki.document import Document
from wiki.models import Page, Space
from wiki.verify import Difference

LISTED = ("tasks", "crops", "regions", "power", "skills", "hazards")
SHOWN = ("photo", "drawing", "")
COLUMNS = ("kind", "summary", "picture", "alt", "folded")


def follow(page_id: int, content: Document) -> None:
    """Set the facts of a page to what its document says, within the write unit."""
    session.execute(delete(Fact).where(Fact.page_id == page_id))
    session.execute(delete(Design).where(Design.page_id == page_id))
    row, facts = of(page_id, content, _regions(session.get_one(Page, page_id), content))
    session.add(row)
    session.add_all(facts)
    session.flush()


def address_key(url: str) -> str:
    """By what the address of a design elsewhere is looked up."""
    plain = url.strip().rstrip("/").partition("://")[2].removeprefix("www.").casefold()
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def _regions(page: Page, content: Document) -> list[str]:
    """The regions of a design. Until a fork names others than those it came with, and where none are named, they are
    those of its community."""
    own = document.items(content, "regions")
    if own and page.upstream_id is not None and page.relation != "translation" and page.head > 0:
        first = history.find_document_at(page.id, 1)
        own = [] if page.head == 1 or document.items(first or {}, "regions") == own else own
    return list(own) or communities.regions_of(page.space_id) or list(document.items(content, "regions"))


def of(page_id: int, content: Document, regions: Sequence[str]) -> tuple[Design, list[Fact]]:
    picture = next((f for f in document.rows(content, "files") if f.get("sha256") and f.get("role", "") in SHOWN), {})
    names = [str(row.get("text", "")) for row in document.rows(content, "names")]
    summary = document.text(content, "summary")
    row = Design(
        page_id=page_id,
        kind=document.text(content, "kind")[:20],
        summary=summary,
        picture=str(picture.get("sha256", ""))[:64],
        alt=str(picture.get("alt", "")),
        folded=folding.fold(" ".join([document.text(content, "title"), *names, summary])),
    )
    values = {(name, value) for name in LISTED if name != "regions" for value in document.items(content, name)}
    values |= {("regions", code) for code in regions}
    values |= {("licences", licence) for licence in sheet.licences(content).values()}
    for source in document.rows(content, "sources"):
        if isinstance(url := source.get("url"), str):
            if source.get("kind") == "fork-of":
                values.add(("fork-of", address_key(url)))
            elif str(source["key"]).startswith("at-"):
                values.add(("at", address_key(url)))
    facts = [Fact(page_id=page_id, name=name, value=value[:120]) for name, value in sorted(values)]
    return row, list({(f.name, f.value): f for f in facts}.values())


def rebuild(batch: int = 200) -> int:
    """Make all facts anew from the heads of all pages; says how many pages there are."""
    done = after = 0
    while pages := session.scalars(select(Page).where(Page.id > after).order_by(Page.id).limit(batch)).all():
        db.write(functools.partial(_prepare, pages))
        done, after = done + len(pages), pages[-1].id
    return done


def renew(space: Space, batch: int = 200) -> None:
    """Make the facts of a community's designs anew, after it said otherwise where it is."""
    after = 0
    query = select(Page).where(Page.space_id == space.id).order_by(Page.id).limit(batch)
    while pages := session.scalars(query.where(Page.id > after)).all():
        db.write(functools.partial(_prepare, pages))
        after = pages[-1].id


def differences(batch: int = 200) -> Iterator[Difference]:
    """Where the facts of a page are not what its document says. `rebuild` mends them."""
    after = 0
    query = select(Page).options(joinedload(Page.space)).order_by(Page.id).limit(batch)
    while pages := session.scalars(query.where(Page.id > after)).all():
        after = pages[-1].id
        contents = history.heads(pages)
        rows = {row.page_id: row for row in session.scalars(select(Design).where(Design.page_id.in_(contents)))}
        held: dict[int, set[tuple[str, str]]] = {page_id: set() for page_id in contents}
        for fact in session.scalars(select(Fact).where(Fact.page_id.in_(contents))):
            held[fact.page_id].add((fact.name, fact.value))
        for page in pages:
            if page.id in contents:
                yield from _differences(page, contents[page.id], rows.get(page.id), held[page.id])
        session.expunge_all()


def _differences(page: Page, content: Document, row: Design | None, held: set[tuple[str, str]]) -> Iterator[Difference]:
    wanted, facts = of(page.id, content, _regions(page, content))
    wrong = [name for name in COLUMNS if row is None or getattr(row, name) != getattr(wanted, name)]
    wrong += ["title"] if page.title != document.text(content, "title") else []
    wrong += sorted({name for name, _ in held ^ {(fact.name, fact.value) for fact in facts}})
    if wrong:
        yield Difference("facts", page.name, f"lists do not say what its newest version says: {', '.join(wrong)}")


def _prepare(pages: Sequence[Page]) -> Callable[[], None]:
    def unit() -> None:
        for page in pages:
            if (content := history.find_document(page)) is not None:
                follow(page.id, content)
                title = document.text(content, "title")
                session.execute(update(Page).where(Page.id == page.id).values(title=title))

    return unit
