"""The page and the API of search."""

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, cast, get_args
from urllib.parse import urlencode

from flask import Blueprint, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup, escape

from designs import communities, library, regions, units, vocabulary
from designs.web import figures, reading, shown, words
from search import gathering, labels, query
from search import having as having_of
from search.grammar import LONGEST, NARROWING, Narrow
from search.having import Having, Lack
from search.index import Index, Order, Unusable
from search.snippets import Piece
from wiki.errors import Problem
from wiki.web import session
from wiki.web.words import problem

blueprint = Blueprint("search", __name__)

LACKING_MORE = 8
EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)
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
    kept = {name: args[name] for name in ("q", "sort", "near", "versions", *NARROWING) if name in args}
    more = number < query.PAGES and number * query.PER_PAGE < answer.total
    return render_template(
        "search/results.html",
        answer=answer,
        hits=[(hit, marked(hit.pieces)) for hit in answer.hits],
        faces=shown.faces(hit.card.picture for hit in answer.hits),
        first=[(name, labels.choices(name, answer)) for name in labels.FIRST],
        further=[(name, labels.choices(name, answer)) for name in labels.NAMES if name not in labels.FIRST],
        labels=labels.NAMES,
        q=args.get("q", "")[:LONGEST],
        sort=_order(args),
        args=kept,
        page=number,
        before=_address(kept, page=str(number - 1)) if number > 1 else None,
        after=_address(kept, page=str(number + 1)) if more else None,
        meant=_address(kept, q=answer.suggestion),
        every=_address(kept, versions="" if args.get("versions") else "all"),
        wider=_wider(kept, answer) if not answer.total else [],
        feed=f"{url_for('search.feed')}?{urlencode({name: kept[name] for name in kept if name in ('q', *NARROWING)})}",
        older=_older(kept),
        words=words,
    )


def _older(kept: Mapping[str, str]) -> str:
    """Where the same is looked for in older versions: there all that it is narrowed by stands among the words."""
    narrowing = (f"{name}:{kept[name]}" for name in NARROWING if name in kept)
    return url_for("older.page", q=" ".join((kept.get("q", ""), *narrowing)))


def _wider(kept: Mapping[str, str], answer: query.Answer) -> list[tuple[str, str, int]]:
    """Where the same can be found when it is not found in a region: addresses with their words, and how many designs
    there are, from the nearest on outwards."""
    if not answer.narrow.region:
        return []
    counts = dict(answer.facets.get("region", ()))
    rings = regions.widening(answer.narrow.region)[1:]
    found = [(_address(kept, region=code), words.region(code), counts.get(code, 0)) for r in rings for code in r.codes]
    every = _asked({name: value for name, value in kept.items() if name != "region"}, 1, 1).total
    return [*filter(lambda one: one[2], found), *([(_address(kept, region=""), "", every)] if every else [])]


def _address(kept: Mapping[str, str], **other: str) -> str:
    asked = {name: value for name, value in {**kept, **other}.items() if value}
    return f"{url_for('search.page')}?{urlencode(asked)}"


def marked(pieces: Sequence[Piece]) -> Markup:
    """A piece of text as HTML: every part is escaped, and what was asked for is marked."""
    told = (f"<mark>{escape(text)}</mark>" if is_asked else escape(text) for text, is_asked in pieces)
    return Markup("".join(told))  # noqa: S704  (escaped above)


def _asked(args: Mapping[str, str], number: int, size: int) -> query.Answer:
    narrow = Narrow(**{name: args.get(name, "")[:120] for name in NARROWING})
    return query.search(
        index(),
        args.get("q", ""),
        narrow,
        language=reading.language(),
        order=_order(args),
        page=number,
        size=size,
        near=_near(args),
        one_each=args.get("versions") != "all",
    )


def _near(args: Mapping[str, str]) -> Sequence[str]:
    """The regions of whoever asks: those that they name, or else those of their communities."""
    if "near" in args:
        return [args["near"]]
    me = session.who()
    return communities.regions_of_member(me) if me else []


def _order(args: Mapping[str, str]) -> Order:
    asked = args.get("sort", "")
    return cast(Order, asked) if asked in get_args(Order) else "relevance"


def _number(asked: str, most: int) -> int:
    return min(max(int(asked[:9]), 1), most) if asked.isascii() and asked.isdigit() else 1


@blueprint.get("/search/with")
def with_what_there_is() -> ResponseReturnValue:
    """Designs that can be made with what somebody has."""
    args = request.args
    currency = args.get("currency", "")[:3]
    having = Having(
        names=having_of.read(args.get("have", "")[:1000]),
        skills=frozenset(args.getlist("skill")) & vocabulary.get("skills").keys(),
        power=frozenset(args.getlist("power")) & vocabulary.get("power").keys(),
        budget=units.number(args.get("budget", "")),
        currency=currency if currency in vocabulary.get("currencies") else "",
    )
    wrong: dict[str, str] = {}
    if args.get("budget"):
        wrong |= {"budget": problem(Problem("budget", "bad-number"))} if having.budget is None else {}
        wrong |= {"currency": problem(Problem("currency", "needed"))} if not having.currency else {}
    is_asked, is_ready = not having.is_empty and not wrong, True
    try:
        found = query.makeable(index(), having, language=reading.language(), near=_near({})) if is_asked else []
    except Unusable:
        found, is_ready = [], False
    steps = (_("You can make these"), _("One thing is lacking"), _("Two things are lacking"))
    more = [(one.card, one.lacks) for one in found if len(one.lacks) >= len(steps)][:LACKING_MORE]
    return render_template(
        "search/with.html",
        have=args.get("have", "")[:1000],
        budget=args.get("budget", "")[:12],
        having=having,
        asked=is_asked,
        ready=is_ready,
        wrong=wrong,
        groups=[*((title, _lacking(found, count)) for count, title in enumerate(steps)), (_("More is lacking"), more)],
        faces=shown.faces(one.card.picture for one in found),
        skills=[(id, words.term("skills", id)) for id in vocabulary.get("skills") if id != "none"],
        powers=[(id, words.term("power", id)) for id in vocabulary.get("power") if id not in having_of.BODILY],
        currencies=[("", ""), *((code, code) for code in regions.currencies())],
        money=lambda amount: figures.money(Decimal(amount), having.currency),
        words=words,
    )


def _lacking(found: Sequence[query.Makeable], count: int) -> list[tuple[library.Card, Sequence[Lack]]]:
    return [(one.card, one.lacks) for one in found if len(one.lacks) == count]


@blueprint.get("/feeds/search.atom")
def feed() -> ResponseReturnValue:
    """A question that is kept: what it finds, as news, the last changed first."""
    args = {name: value for name, value in request.args.to_dict().items() if name in ("q", *NARROWING)}
    answer = _asked({**args, "sort": "changed", "versions": "all"}, 1, query.PER_PAGE)
    base, told = session.base_url(), urlencode(args)
    html = render_template(
        "search/results.atom",
        hits=answer.hits,
        q=args.get("q", "")[:LONGEST],
        base=base,
        here=f"{base}{url_for('search.feed')}?{told}",
        page=f"{base}{url_for('search.page')}?{told}",
        epoch=EPOCH,
    )
    return current_app.response_class(html, mimetype="application/atom+xml")


@blueprint.get("/search/suggestions")
def suggestions() -> ResponseReturnValue:
    """As OpenSearch wants it: what was typed, and what it may become."""
    text = request.args.get("q", "")[:LONGEST]
    found = query.suggest(index(), text, language=reading.language())
    answer = jsonify([text, list(found)])
    answer.mimetype = "application/x-suggestions+json"
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer


@blueprint.get("/opensearch.xml")
def opensearch() -> ResponseReturnValue:
    """How browsers ask this site."""
    html = render_template("search/opensearch.xml", base=session.base_url())
    return current_app.response_class(html, mimetype="application/opensearchdescription+xml")


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
            "part": hit.part,
            "file": hit.file,
            "versions": [_version(card) for card in hit.others],
            "more_versions": hit.more,
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


def _version(card: library.Card) -> dict[str, Any]:
    url = session.base_url() + url_for("library.read", community=card.community, slug=card.slug)
    told = {name: getattr(card, name) for name in ("community", "slug", "title", "language")}
    return {"url": url, **told, "region": list(card.regions)}


def description() -> dict[str, Any]:
    """The operation for the description of the API."""
    text, count = {"type": "string"}, {"type": "integer", "minimum": 0}
    facet = {"type": "array", "items": _exactly(value=text, count=count)}
    names = ("url", "community", "slug", "title", "summary", "snippet", "kind", "language", "changed", "part", "file")
    codes = {"type": "array", "items": text}
    version = _exactly(**dict.fromkeys(("url", "community", "slug", "title", "language"), text), region=codes)
    versions = {"type": "array", "items": version, "maxItems": gathering.OTHERS}
    hit = _exactly(**dict.fromkeys(names, text), region=codes, versions=versions, more_versions=count)
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
    asked |= {"near": text, "versions": {"enum": ["", "all"]}}
    asked |= {"page": number, "per_page": number | {"maximum": query.MOST_PER_PAGE}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "/api/v1/search": {
            "get": {
                "summary": "Find designs; an empty question lists all. `snippet` is HTML with the words found marked; "
                "of a family the version nearest to `near` stands for all unless `versions` is `all`",
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
