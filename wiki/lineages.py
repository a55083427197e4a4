"""What revisions of different pages have in common.

The revisions of a page are a line, and only a page with an upstream has parents elsewhere: its first revision, and each
pull, which takes no older version than the one before. So what a revision was made of is said by one number for each
page on the way up, and found with one question for each of those pages.
"""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from wiki import history
from wiki.db import session
from wiki.models import Account, Page, Parent, Revision

ABOVE = 100
"""How many forks of forks are followed up."""
WRITERS = 200
"""So many people are named."""


def reach(revision: Revision) -> dict[int, int]:
    """The pages that a revision was made of, from its own up, each with the newest number that is in it."""
    page_id, number = revision.page_id, revision.number
    found = {page_id: number}
    for _ in range(ABOVE):
        above = _above(page_id, number)
        if above is None or above[0] in found:
            break
        page_id, number = above
        found[page_id] = number
    return found


def _above(page_id: int, number: int) -> tuple[int, int] | None:
    """The version of its upstream that a page had taken by a number."""
    if session.scalar(select(Page.upstream_id).where(Page.id == page_id)) is None:
        return None
    taken = aliased(Revision)
    row = session.execute(
        select(taken.page_id, taken.number)
        .select_from(Revision)
        .join(Parent, Parent.revision_id == Revision.id)
        .join(taken, taken.digest == Parent.digest)
        .where(
            Revision.page_id == page_id,
            Revision.number <= number,
            Revision.verb.in_(("fork", "pull")),
            taken.page_id != page_id,
        )
        .order_by(Revision.number.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def common(first: Revision, second: Revision) -> Revision | None:
    """The best common ancestor of two revisions: there is one at most, since each page has one upstream."""
    mine, theirs = reach(first), reach(second)
    for page_id, number in mine.items():
        if page_id in theirs:
            return history.find_revision(page_id, min(number, theirs[page_id]))
    return None


def writers(revision: Revision) -> list[str]:
    """The handles of all who wrote what a revision was made of, on its own page and on those above it, in the order of
    the alphabet."""
    wrote = [
        and_(Revision.page_id == page_id, Revision.number <= number) for page_id, number in reach(revision).items()
    ]
    query = select(Account.handle).join(Revision, Revision.author_id == Account.id).where(or_(*wrote)).distinct()
    return list(session.scalars(query.order_by(Account.handle).limit(WRITERS)))
