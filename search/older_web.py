"""The page that finds words in older versions."""

import itertools
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from designs.web import words
from search import older
from search.grammar import LONGEST
from search.older import Hit
from search.web import marked
from wiki import errors, history
from wiki.models import Page

blueprint = Blueprint("older", __name__)

DIGITS = 18
"""Of a number in the address so many count."""


@blueprint.get("/search/older")
def page() -> ResponseReturnValue:
    """Older versions that bear the words, of all pages or of one."""
    args = request.args
    text, before = args.get("q", "")[:LONGEST], args.get("before", "")[:DIGITS]
    of = _standing(args["page"]) if args.get("page") else None
    answer = older.find(text, page=of, before=int(before) if before.isascii() and before.isdigit() else None)
    kept: dict[str, Any] = {name: value for name, value in (("q", text), ("page", of.name if of else "")) if value}
    return render_template(
        "search/older.html",
        q=text,
        of=of,
        args={**kept, "before": before} if before else kept,
        groups=_grouped(answer.hits),
        since=answer.since,
        further=url_for("older.page", **kept, before=answer.before) if answer.before else None,
        is_asked=bool(text.strip()),
        is_first=not before,
        words=words,
    )


def _grouped(hits: Sequence[Hit]) -> list[tuple[Hit, list[tuple[Hit, Markup]]]]:
    """Hits that follow each other in one page stand together, each with its piece."""
    groups = (list(found) for _page, found in itertools.groupby(hits, key=lambda hit: hit.page_id))
    return [(group[0], [(hit, marked(hit.pieces)) for hit in group]) for group in groups]


def _standing(name: str) -> Page:
    """The page of this name, if it stands in lists. Raises `errors.Missing`."""
    community, _slash, slug = name.partition("/")
    found = history.get_page(community, slug)
    if found.retired is not None:
        raise errors.Missing(name)
    return found
