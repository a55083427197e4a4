"""Keeping the facts of designs in step with their documents."""

import functools
from collections.abc import Callable, Sequence

from sqlalchemy import delete, select

from designs import sheet
from designs.models import Design, Fact
from wiki import db, document, folding, history
from wiki.db import session
from wiki.document import Document
from wiki.models import Page

LISTED = ("tasks", "crops", "regions", "power", "skills", "hazards")
SHOWN = ("photo", "drawing", "")


def follow(page_id: int, content: Document) -> None:
    """Set the facts of a page to what its document says, within the write unit."""
    session.execute(delete(Fact).where(Fact.page_id == page_id))
    session.execute(delete(Design).where(Design.page_id == page_id))
    row, facts = of(page_id, content)
    session.add(row)
    session.add_all(facts)
    session.flush()


def of(page_id: int, content: Document) -> tuple[Design, list[Fact]]:
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
    values = {(name, value) for name in LISTED for value in document.items(content, name)}
    values |= {("licences", licence) for licence in sheet.licences(content).values()}
    facts = [Fact(page_id=page_id, name=name, value=value[:120]) for name, value in sorted(values)]
    return row, list({(f.name, f.value): f for f in facts}.values())


def rebuild(batch: int = 200) -> int:
    """Make all facts anew from the heads of all pages; says how many pages there are."""
    done = after = 0
    while pages := session.scalars(select(Page).where(Page.id > after).order_by(Page.id).limit(batch)).all():
        db.write(functools.partial(_prepare, pages))
        done, after = done + len(pages), pages[-1].id
    return done


def _prepare(pages: Sequence[Page]) -> Callable[[], None]:
    def unit() -> None:
        for page in pages:
            if (content := history.find_document(page)) is not None:
                follow(page.id, content)

    return unit
