"""The page and the API of search."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast, get_args
from urllib.parse import urlencode

from flask import Blueprint, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from designs.web import reading, shown, words
from search import query
from search.grammar import LONGEST, NARROWING, Narrow
from search.index import Index, Order
from search.snippets import Piece
from wiki.web import session

blueprint = Blueprint("search", __name__)

SHOWN_MAX = 60
"""How many values of a facet are offered."""
LISTED = {"kind": "kinds", "licence": "licences", "task": "tasks"}
"""The list of words for the values of a facet."""
ELSEWHERE = {"tasks": "task", "regions": "region"}
"""What the shelf calls what a search is narrowed by."""


def use(index: Index | None) -> None:
    """Ask this index from now on, in this app; none is asked when there is none."""
    current_app.extensions["minga.search"] = index


def index() -> Index | None:
    found: Index | None = current_app.extensions["minga.search"]
    return found


@blueprint.get("/search")
def page() -> ResponseReturnValue:
    return _page({})


def instead_of(shelf: Callable[..., Any]) -> Callable[[], ResponseReturnValue]:
    """The list of designs, whose questions are answered by the index while it knows all that was saved."""

    @functools.wraps(shelf)
    def answered() -> ResponseReturnValue:
        if request.args.get("q", "").strip() and query.is_current(index()):
            return _page(ELSEWHERE)
        return cast(ResponseReturnValue, shelf())

    return answered


def _page(named: Mapping[str, str]) -> ResponseReturnValue:
    """The page of results. `named` are the parameters that have another name here."""
    args = {named.get(name, name): value for name, value in request.args.to_dict().items() if value and name != "lang"}
    number = _number(args.get("page", "1"), query.PAGES)
    answer = _asked(args, number, query.PER_PAGE)
    kept = {name: args[name] for name in ("q", "sort", *NARROWING) if name in args}
    more = number < query.PAGES and number * query.PER_PAGE < answer.total
    return render_template(
        "search/results.html",
        answer=answer,
        hits=[(hit.card, marked(hit.pieces)) for hit in answer.hits],
        faces=shown.faces(hit.card.picture for hit in answer.hits),
        facets=[
            (name, _choices(name, answer)) for name in ("kind", "language", "region", "licence", "task", "community")
        ],
        q=args.get("q", "")[:LONGEST],
        sort=_order(args),
        args=kept,
        page=number,
        before=_address(kept, page=str(number - 1)) if number > 1 else None,
        after=_address(kept, page=str(number + 1)) if more else None,
        meant=_address(kept, q=answer.suggestion),
        words=words,
    )


def _address(kept: Mapping[str, str], **other: str) -> str:
    return f"{url_for('search.page')}?{urlencode({**kept, **other})}"


def _choices(name: str, answer: query.Answer) -> list[tuple[str, str, int]]:
    """The values of a facet with their words, the one chosen among them even if nothing bears it."""
    chosen = getattr(answer.narrow, name)
    pairs = list(answer.facets.get(name, ()))[:SHOWN_MAX]
    if chosen and chosen not in dict(pairs):
        pairs.append((chosen, dict(answer.facets.get(name, ())).get(chosen, 0)))
    return [(value, _said(name, value), count) for value, count in pairs]


def _said(name: str, value: str) -> str:
    if name == "language":
        return words.language(value)
    if name == "region":
        return words.region(value)
    return words.term(LISTED[name], value) if name in LISTED else value


def marked(pieces: Sequence[Piece]) -> Markup:
    """A piece of text as HTML: every part is escaped, and what was asked for is marked."""
    mark = Markup("<mark>{}</mark>")
    return Markup("").join(mark.format(text) if is_asked else escape(text) for text, is_asked in pieces)


def _asked(args: Mapping[str, str], number: int, size: int) -> query.Answer:
    narrow = Narrow(**{name: args.get(name, "")[:120] for name in NARROWING})
    return query.search(
        index(), args.get("q", ""), narrow, language=reading.language(), order=_order(args), page=number, size=size
    )


def _order(args: Mapping[str, str]) -> Order:
    asked = args.get("sort", "")
    return cast(Order, asked) if asked in get_args(Order) else "relevance"


def _number(asked: str, most: int) -> int:
    return min(max(int(asked[:9]), 1), most) if asked.isascii() and asked.isdigit() else 1


@blueprint.get("/api/v1/search")
def api() -> ResponseReturnValue:
    args = request.args.to_dict()
    size = _number(args["per_page"], query.MOST_PER_PAGE) if "per_page" in args else query.PER_PAGE
    answer = _asked(args, _number(args.get("page", "1"), query.PAGES), size)
    hits = [
        {
            "url": session.base_url() + url_for("library.read", community=hit.card.community, slug=hit.card.slug),
            "community": hit.card.community,
            "slug": hit.card.slug,
            "title": hit.card.title,
            "summary": hit.card.summary,
            "snippet": str(marked(hit.pieces)),
            "kind": hit.card.kind,
            "language": hit.card.language,
            "region": list(hit.card.regions),
            "changed": hit.card.changed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for hit in answer.hits
    ]
    facets = {
        name: [{"value": value, "count": count} for value, count in answer.facets.get(name, ())] for name in NARROWING
    }
    return jsonify(
        total=answer.total,
        hits=hits,
        facets=facets,
        mode=answer.mode,
        suggestion=answer.suggestion or None,
        narrow={name: value for name, value in asdict(answer.narrow).items() if value},
        position=answer.position,
        index=answer.state,
    )


def description() -> dict[str, Any]:
    """The operation for the description of the API."""
    text, count = {"type": "string"}, {"type": "integer", "minimum": 0}
    facet = {"type": "array", "items": _exactly(value=text, count=count)}
    names = ("url", "community", "slug", "title", "summary", "snippet", "kind", "language", "changed")
    hit = _exactly(**dict.fromkeys(names, text), region={"type": "array", "items": text})
    answer = _exactly(
        total=count,
        hits={"type": "array", "items": hit},
        facets=_exactly(**dict.fromkeys(NARROWING, facet)),
        mode={"enum": ["all", "corrected", "some"]},
        suggestion={"type": ["string", "null"]},
        narrow={"type": "object", "additionalProperties": text},
        position=count,
        index={"enum": ["ok", "behind", "building", "broken", "off"]},
    )
    number = {"type": "integer", "minimum": 1}
    asked = {"q": text, **dict.fromkeys(NARROWING, text), "sort": {"enum": list(get_args(Order))}}
    asked |= {"page": number, "per_page": number | {"maximum": query.MOST_PER_PAGE}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "/api/v1/search": {
            "get": {
                "summary": "Find designs; an empty question lists all. `snippet` is HTML with the words found marked",
                "parameters": [
                    {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in asked.items()
                ],
                "responses": {
                    "200": {"description": "As asked", "content": {"application/json": {"schema": answer}}},
                    "422": {"description": "Something needs to be put right", "content": problem},
                },
            }
        }
    }


def _exactly(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
