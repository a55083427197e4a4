"""Reading: home, shelves, designs, and the forms in which they can be taken along."""

import functools
import re
import types
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from jinja2 import Environment
from markupsafe import Markup, escape
from werkzeug.http import generate_etag

from designs import bom, library, linked, sheet, units
from designs.web import api, communities, figures, plain, reading, shown, translations, words
from wiki import access, accounts, db, document, errors, folding, history, spaces
from wiki.document import Document
from wiki.errors import Problem
from wiki.models import Page, Revision, Space
from wiki.web import forms, session, speech, versions

blueprint = Blueprint("library", __name__)

FACETS = ("tasks", "regions")
MAX_PAGE = 10_000
KEPT = 512
"""How many pages of designs each process keeps as they were last sent; the largest weigh 100 kB."""
PLACES = {"es": "es_LA", "pt-BR": "pt_BR", "en": "en_US"}
"""How those who show links name a language."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    everything = library.Query(reader=reading.language())
    newest, _more = library.browse(everything, size=6)
    counts = library.counts(everything)
    return render_template(
        "designs/home.html",
        newest=newest,
        faces=shown.faces(card.picture for card in newest),
        kinds=_kinds(counts),
        tasks=_choices("tasks", counts.tasks),
        total=counts.total,
        words=words,
    )


@blueprint.get("/about")
def about() -> ResponseReturnValue:
    """What this is, what may be done with it, and how programs reach it."""
    return render_template("designs/about.html", source=current_app.config["SOURCE_URL"])


def _kinds(counts: library.Counts) -> list[tuple[str, str, int]]:
    of = dict(counts.kinds)
    return [(kind, words.term("kinds", kind), of.get(kind, 0)) for kind in sheet.KINDS]


def _choices(name: str, counts: Sequence[tuple[str, int]]) -> list[tuple[str, str, int]]:
    listed = sheet.BY_NAME[name].vocabulary
    said = words.region if name == "regions" else lambda id: words.term(listed, id)
    return [(value, said(value), number) for value, number in counts]


def query_from(args: Any, community: str = "") -> library.Query:
    facts = [(name, args[name]) for name in FACETS if args.get(name)]
    if args.get("licence"):
        facts.append(("licences", args["licence"]))
    return library.Query(
        words=args.get("q", "")[:200],
        kind=args.get("kind", ""),
        language=args.get("language", ""),
        community=community or args.get("community", ""),
        facts=tuple(facts),
        reader=reading.language(),
    )


@blueprint.get("/designs")
def browse() -> ResponseReturnValue:
    return _shelf("designs/browse.html", query_from(request.args))


@blueprint.get("/c/<community>")
def community(community: str) -> ResponseReturnValue:
    space = spaces.get(community)
    may = access.allows("create", space, session.who())
    head = communities.header(space)
    return _shelf("designs/community.html", query_from(request.args, space.slug), space=space, may_create=may, **head)


def _shelf(template: str, query: library.Query, **also: Any) -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), MAX_PAGE)
    cards, more = library.browse(query, page=number)
    counts = library.counts(query)
    args = {name: value for name, value in request.args.to_dict().items() if value and name not in ("page", "lang")}
    return render_template(
        template,
        cards=cards,
        faces=shown.faces(card.picture for card in cards),
        total=counts.total,
        query=query,
        args=args,
        page=number,
        more=more,
        kinds=_kinds(counts),
        tasks=_choices("tasks", counts.tasks),
        regions=_choices("regions", counts.regions),
        spoken=[(tag, words.language(tag), number) for tag, number in counts.languages],
        communities=[(slug, slug, number) for slug, number in counts.communities],
        words=words,
        **also,
    )


@blueprint.get("/c/<community>/<slug>")
def read(community: str, slug: str) -> ResponseReturnValue:
    standing = library.find_standing(community, slug, reading.language())
    if standing is None:
        page = history.find_page(community, slug)
        if page is None:
            return _unwritten(spaces.get(community), slug)
        if page.slug == slug:
            raise errors.Held("read")
        return redirect(url_for(".read", community=community, slug=page.slug), 301)
    me, base = session.who(), session.base_url()
    if request.query_string and ("saved" in request.args or "forked" in request.args):
        return _page(standing, reading.sheet_of(standing, base), base, notice=_saved())
    html, etag = _kept_page(standing, reading.language(), me.handle if me else "", base)
    response = Response(html)
    response.set_etag(etag)
    return response


@functools.lru_cache(KEPT)
def _kept_page(standing: library.Standing, language: str, handle: str, base: str) -> tuple[bytes, str]:
    """The page of what stands with its tag, kept for as long as all stands that it depends on: its arguments."""
    html = _page(standing, reading.sheet_of(standing, base), base).encode()
    return html, generate_etag(html)


def _saved() -> str:
    """What to say to somebody who comes from saving."""
    if "forked" in request.args:
        return str(_("This is your community's own version now. Edit it so that it fits your place."))
    saved = request.args.get("saved", type=int)
    if saved is None:
        return ""
    if not saved:
        return str(_("Nothing had changed, so no new version was needed."))
    said = str(_("Version %(number)s is saved.", number=saved))
    if request.args.get("merged", 0, type=int):
        said += " " + str(_("What others wrote meanwhile has been joined in."))
    return said


def _page(
    standing: library.Standing, kept: reading.Sheet, base: str, *, version: Revision | None = None, **more: Any
) -> str:
    """The page of a design, at its head or at an older version."""
    home = f"/c/{standing.community}/{standing.slug}"
    number, at, author = (
        (version.number, version.at, version.author.handle)
        if version
        else (standing.head, standing.at, standing.author)
    )
    knows = {
        "@context": "https://schema.org",
        "@id": base + home,
        "url": base + home,
        "inLanguage": standing.language,
        "version": number,
        "dateModified": at.isoformat(),
        "author": {"@type": "Person", "name": author, "url": f"{base}/people/{author}"},
    }
    at_once = {"number": str(number), "iso": at.isoformat(), "when": speech.moment(at), "author": author}
    joined = linked.joined(knows, kept.linked)
    locale = PLACES.get(standing.language, standing.language.replace("-", "_"))
    others = [] if version else library.translations(standing)
    kin = standing.above or standing.forks or standing.proposals
    if not (version or others or kin or standing.retired or standing.shown is not None or more):
        me = session.who()
        filled = {**at_once, "title": str(escape(standing.title)), "linked": joined, "locale": locale, "home": home}
        filled |= {"head": kept.head, "top": kept.top, "rest": kept.rest}
        pieces = _stencil(reading.language(), me.handle if me else "", current_app.jinja_env)
        return "".join(filled[piece] if place % 2 else piece for place, piece in enumerate(pieces))
    above = None if version else library.upstream(standing)
    is_old = above is not None and above.behind > 0 and standing.relation == "translation" and standing.shown is None
    mine = next((one for one in others if one[0] == reading.language() != standing.language), None)
    return render_template(
        "designs/read.html",
        standing=standing,
        sheet=kept,
        linked=Markup(joined),  # noqa: S704  (no `<` is left in it)
        locale=locale,
        base=base,
        home=home,
        said=words.language,
        translations=others,
        mine=mine,
        above=above,
        **(translations.old_parts(standing.community, standing.slug) if is_old else {}),
        relations=words.RELATIONS,
        shown=version,
        **at_once,
        **more,
    )


GAP = re.compile("\x01(\\w+)\x02")


@functools.lru_cache(64)
def _stencil(language: str, handle: str, _templates: Environment) -> list[str]:
    """What all pages of designs that stand in one language share, for one reader: text and the names of gaps in turn.
    The frame of a page costs as much as all that is said in it."""
    gap = {name: Markup(f"\x01{name}\x02") for name in ("title", "head", "top", "rest", "linked", "locale", "home")}  # noqa: S704
    gap |= {name: Markup(f"\x01{name}\x02") for name in ("number", "iso", "when", "author")}  # noqa: S704
    bare = types.SimpleNamespace(title=gap.pop("title"), language=language, retired=None, shown=None)
    kept = reading.Sheet(gap.pop("head"), "", gap.pop("top"), gap.pop("rest"))
    html = render_template("designs/read.html", standing=bare, sheet=kept, translations=(), **gap)
    return GAP.split(html)


def _unwritten(space: Space, slug: str) -> ResponseReturnValue:
    """The page that stands at a name which nobody has used yet: how to begin it, and who asks for it."""
    if folding.SLUG.fullmatch(slug) is None:
        raise errors.Missing(slug)
    linking = history.pages_linking_to(space.slug, slug)
    return render_template("designs/unwritten.html", space=space, slug=slug, linking=linking), 404


@blueprint.get("/c/<community>/<slug>/r/<int:number>")
def revision(community: str, slug: str, number: int) -> ResponseReturnValue:
    page = versions.page_or_redirect(community, slug)
    if not isinstance(page, Page):
        return page
    version = history.get_version(page, number, by=session.who())
    standing = library.find_standing(community, slug, reading.language(), number=number)
    assert standing is not None
    base = session.base_url()
    kept = reading.sheet_at(standing, version.revision, base)
    may = number != page.head and not version.revision.held and access.allows("restore", page.space, session.who())
    more: dict[str, Any] = {}
    if may and page.retired is None:
        more = {"restore": url_for("versions.restore", community=community, slug=slug), "op": forms.new_op()}
    return _page(standing, kept, base, version=version.revision, **more)


def _found(community: str, slug: str) -> tuple[Page, Document]:
    page = history.get_page(community, slug)
    return page, history.get_version(page).document


@blueprint.get("/c/<community>/<slug>.json")
def as_json(community: str, slug: str) -> ResponseReturnValue:
    page = history.get_page(community, slug)
    return api.design(page, history.get_version(page))


@blueprint.get("/c/<community>/<slug>.txt")
def as_text(community: str, slug: str) -> ResponseReturnValue:
    """A design as plain text, to be sent in messages."""
    page, content = _found(community, slug)
    text = render_template(
        "designs/design.txt",
        title=document.text(content, "title"),
        summary=document.text(content, "summary"),
        sections=plain.sections(content),
        address=session.base_url() + url_for(".read", community=page.space.slug, slug=page.slug),
    )
    return Response(text, mimetype="text/plain")


def _times() -> Decimal | None:
    """How many of a thing the address asks for; None for what can't be."""
    asked = request.args.get("for", "").strip()
    return units.times(asked) if asked else bom.ONE


@blueprint.get("/c/<community>/<slug>/parts")
def parts(community: str, slug: str) -> ResponseReturnValue:
    """The list to take to the shop, for as many as are wanted."""
    page = versions.page_or_redirect(community, slug)
    if not isinstance(page, Page):
        return page
    content, asked = history.get_version(page).document, _times()
    times = bom.ONE if asked is None else asked
    html = render_template(
        "designs/parts.html",
        page=page,
        times=units.plain(times),
        typed=request.args.get("for", "1")[:20],
        wrong=asked is None,
        rows=[shown.part(line, document.items(content, "regions")) for line in bom.lines(content, times)],
        tools=shown.tools(content),
        costs=figures.costs(content, times),
        number=figures.number(Decimal(units.plain(times))),
    )
    return html, 422 if asked is None else 200


@blueprint.get("/c/<community>/<slug>/parts.csv")
def parts_csv(community: str, slug: str) -> ResponseReturnValue:
    """The materials and parts as a table for spreadsheets."""
    _page, content = _found(community, slug)
    times = _times()
    if times is None:
        raise errors.Invalid([Problem("for", "bad-number")])
    response = Response(plain.table(content, times), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return response


@blueprint.get("/people/<handle>")
def person(handle: str) -> ResponseReturnValue:
    account = accounts.get_by_handle(handle)
    before = request.args.get("before", type=int)
    found = history.by_author(account, before=before, limit=library.PER_PAGE + 1)
    shown = found[: library.PER_PAGE]
    older = shown[-1].id if len(found) > len(shown) else None
    may_undo = access.allows("undo-all", None, session.who())
    told = {"account": account, "revisions": shown, "older": older, "may_undo": may_undo, "now": db.now()}
    return render_template("designs/person.html", **told)
