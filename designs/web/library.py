"""Reading: home, shelves, designs, and the forms in which they can be taken along."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from designs import library, sheet
from designs.web import api, reading, words
from wiki import access, accounts, document, errors, folding, history, markup, spaces
from wiki.models import Page, Space
from wiki.web import session, versions

blueprint = Blueprint("library", __name__)

FACETS = ("tasks", "regions")
MAX_PAGE = 10_000


@blueprint.get("/")
def home() -> ResponseReturnValue:
    everything = library.Query()
    return render_template(
        "designs/home.html",
        newest=library.browse(everything, limit=6),
        kinds=_kinds(library.counts_by_kind(everything)),
        tasks=_choices("tasks", library.counts_by_fact("tasks", everything)),
        total=library.count(everything),
    )


def _kinds(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    return [(kind, words.term("kinds", kind), counts.get(kind, 0)) for kind in sheet.KINDS]


def _choices(name: str, counts: list[tuple[str, int]]) -> list[tuple[str, str, int]]:
    listed = sheet.BY_NAME[name].vocabulary
    return [(value, words.term(listed, value), number) for value, number in counts]


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
    )


@blueprint.get("/designs")
def browse() -> ResponseReturnValue:
    return _shelf("designs/browse.html", query_from(request.args))


@blueprint.get("/c/<community>")
def community(community: str) -> ResponseReturnValue:
    space = spaces.get(community)
    may = access.allows("create", space, session.who())
    return _shelf("designs/community.html", query_from(request.args, space.slug), space=space, may_create=may)


def _shelf(template: str, query: library.Query, **more: Any) -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), MAX_PAGE)
    found = library.browse(query, page=number, limit=library.PER_PAGE + 1)
    args = {name: value for name, value in request.args.to_dict().items() if value and name not in ("page", "lang")}
    return render_template(
        template,
        cards=found[: library.PER_PAGE],
        total=library.count(query),
        query=query,
        args=args,
        page=number,
        more=len(found) > library.PER_PAGE,
        kinds=_kinds(library.counts_by_kind(query)),
        tasks=_choices("tasks", library.counts_by_fact("tasks", query)),
        regions=_choices("regions", library.counts_by_fact("regions", query)),
        communities=library.communities(),
        **more,
    )


@blueprint.get("/communities")
def communities() -> ResponseReturnValue:
    return render_template("designs/communities.html", communities=library.communities())


@blueprint.get("/c/<community>/<slug>")
def read(community: str, slug: str) -> ResponseReturnValue:
    standing = library.find_standing(community, slug, reading.language())
    if standing is None:
        page = history.find_page(community, slug)
        if page is None:
            return _unwritten(spaces.get(community), slug)
        return redirect(url_for(".read", community=community, slug=page.slug), 301)
    html = render_template(
        "designs/read.html",
        standing=standing,
        sheet=reading.sheet_of(standing),
        translations=library.translations(standing.page_id, standing.upstream_id) if standing.has_relatives else (),
        saved=request.args.get("saved", type=int),
        merged=request.args.get("merged", 0, type=int),
        shown=None,
    )
    return make_response(html, 200)


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
    version = history.get_version(page, number)
    standing = library.find_standing(community, slug, reading.language())
    assert version.revision.snapshot_id is not None
    return render_template(
        "designs/read.html",
        standing=standing,
        sheet=reading.sheet_at(version.revision.snapshot_id),
        translations=(),
        saved=None,
        merged=0,
        shown=version.revision,
    )


def _found(community: str, slug: str) -> Page:
    return history.get_page(community, slug)


@blueprint.get("/c/<community>/<slug>.json")
def as_json(community: str, slug: str) -> ResponseReturnValue:
    page = _found(community, slug)
    return api.design(page, history.get_version(page))


@blueprint.get("/c/<community>/<slug>.txt")
def as_text(community: str, slug: str) -> ResponseReturnValue:
    """A design as plain text, to be sent in messages."""
    page = _found(community, slug)
    content = history.get_version(page).document
    text = render_template(
        "designs/design.txt", document=content, plain=markup.plain, words=words, address=_address(page), page=page
    )
    return Response(text, mimetype="text/plain")


def _address(page: Page) -> str:
    return api.base_url() + url_for(".read", community=page.space.slug, slug=page.slug)


@blueprint.get("/c/<community>/<slug>/parts.csv")
def parts(community: str, slug: str) -> ResponseReturnValue:
    """The materials and parts as a table for spreadsheets."""
    content = history.get_version(_found(community, slug)).document
    columns = [c.name for c in sheet.BY_NAME["bom"].columns if c.name != "design"]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([words.column("bom", name) for name in columns])
    for row in document.rows(content, "bom"):
        table.writerow([_safe_cell(str(row.get(name, ""))) for name in columns])
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return response


def _safe_cell(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


@blueprint.get("/people/<handle>")
def person(handle: str) -> ResponseReturnValue:
    account = accounts.get_by_handle(handle)
    before = request.args.get("before", type=int)
    found = history.by_author(account, before=before, limit=library.PER_PAGE + 1)
    shown = found[: library.PER_PAGE]
    older = shown[-1].id if len(found) > len(shown) else None
    return render_template("designs/person.html", account=account, revisions=shown, older=older)
