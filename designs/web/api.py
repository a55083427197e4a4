"""The JSON API: the same verbs as the pages, for programs."""

from typing import Any

from flask import Blueprint, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from designs import communities, library, openapi, regions, sheet, vocabulary
from designs.web import asked
from designs.web.asked import Json
from wiki import diff, document, errors, files, history, journal, limits, pages, spaces
from wiki.errors import Problem
from wiki.history import Version
from wiki.models import Page, Revision
from wiki.web import session

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


def _url(endpoint: str, **values: Any) -> str:
    return session.base_url() + url_for(endpoint, **values)


def design(page: Page, version: Version) -> Json:
    """A design at one of its versions, as the API gives it."""
    revision, content = version.revision, version.document
    upstream = library.upstream_of(page)
    parents = history.parents(revision)
    return {
        "uid": page.uid.hex(),
        "url": _url("library.read", community=page.space.slug, slug=page.slug),
        "community": page.space.slug,
        "slug": page.slug,
        "kind": document.text(content, "kind"),
        "language": revision.language,
        "title": document.text(content, "title"),
        "number": revision.number,
        "digest": revision.digest.hex(),
        "parents": [digest.hex() for digest in parents],
        "author": revision.author.handle,
        "at": _stamp(revision),
        "note": revision.note,
        "document": content,
        "licence": sheet.licences(content),
        "upstream": upstream
        and {
            "url": _url("library.read", community=upstream.space.slug, slug=upstream.slug),
            "number": page.taken,
            "digest": history.digest_of(upstream.id, page.taken),
            "relation": page.relation,
        },
        "behind": max(0, upstream.head - page.taken) if upstream else 0,
        "state": "held" if page.shown is not None or revision.held else "retired" if page.retired else "published",
    }


def _stamp(revision: Revision) -> str:
    return revision.at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _page(community: str, slug: str) -> Page:
    return history.get_page(community, slug)


@blueprint.get("/openapi.json")
def description() -> ResponseReturnValue:
    return jsonify(openapi.description(session.base_url(), current_app.config["SITE_NAME"]))


@blueprint.get("/designs")
def listed() -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    query = library.Query(
        words=request.args.get("q", "")[:200],
        kind=request.args.get("kind", ""),
        language=request.args.get("language", ""),
        community=request.args.get("community", ""),
    )
    size = asked.limit()
    found, more = library.browse(query, page=number, size=size)
    items = [
        {
            "url": _url("library.read", community=card.community, slug=card.slug),
            "community": card.community,
            "slug": card.slug,
            "title": card.title,
            "summary": card.summary,
            "kind": card.kind,
            "language": card.language,
        }
        for card in found
    ]
    return {"items": items, "next": number + 1 if more else None}


@blueprint.post("/designs")
def create() -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    space = spaces.find(asked.text(body, "community"))
    if space is None:
        raise errors.Invalid([Problem("community", "bad-choice")])
    language = asked.text(body, "language")
    if language not in openapi.languages():
        raise errors.Invalid([Problem("language", "bad-language")])
    saved = pages.create(
        space,
        body.get("document"),
        slug=asked.text(body, "slug", default=""),
        language=language,
        by=me,
        note=asked.text(body, "note", default=""),
        once=asked.once(body),
    )
    page = history.find_page_by_id(saved.page_id)
    assert page is not None
    return design(page, history.get_version(page, saved.number)), 201


@blueprint.get("/designs/<community>/<slug>")
def read(community: str, slug: str) -> ResponseReturnValue:
    page = _page(community, slug)
    asked = request.args.get("revision")
    if asked is not None and not (asked.isdigit() and 0 < int(asked) < limits.NUMBER):
        raise errors.Missing(asked)
    return design(page, history.get_version(page, int(asked) if asked else None, by=session.bearer()))


@blueprint.put("/designs/<community>/<slug>")
def save(community: str, slug: str) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    saved = pages.save(
        _page(community, slug),
        body.get("document"),
        base=asked.number(body, "base"),
        by=me,
        note=asked.text(body, "note", default=""),
        resolutions=asked.resolutions(body),
        agreed=asked.agreed(body),
        once=asked.once(body),
    )
    return saved.answer()


@blueprint.get("/designs/<community>/<slug>/history")
def versions(community: str, slug: str) -> ResponseReturnValue:
    page, size = _page(community, slug), asked.limit()
    before = request.args.get("before", type=int)
    found = history.listed(page, before=before, limit=size + 1)
    shown = found[:size]
    documents = history.documents(shown) if request.args.get("documents") == "1" else {}
    parents = history.parents_of(shown)
    items = [
        {
            "number": r.number,
            "digest": r.digest.hex(),
            "parents": [digest.hex() for digest in parents[r.id]],
            "origin": r.origin.hex() if r.origin else "",
            "author": r.author.handle,
            "at": _stamp(r),
            "verb": r.verb,
            "language": r.language,
            "note": "" if r.held else r.note,
            **({"document": documents.get(r.number)} if documents else {}),
        }
        for r in shown
    ]
    return {"items": items, "next": shown[-1].number if len(found) > size else None}


def _version_asked(page: Page, name: str) -> Version:
    asked = request.args.get(name, "")
    if not (asked.isdigit() and 0 < int(asked) < limits.NUMBER):
        raise errors.Invalid([Problem(name, "no-such-version")])
    return history.get_version(page, int(asked), by=session.bearer())


@blueprint.get("/designs/<community>/<slug>/compare")
def compare(community: str, slug: str) -> ResponseReturnValue:
    page = _page(community, slug)
    old, new = _version_asked(page, "from"), _version_asked(page, "to")
    changes = [
        {"id": e.id, "place": e.place, "kind": e.kind, "old": e.old, "new": e.new}
        for e in diff.compare(old.document, new.document)
    ]
    return {"changes": changes}


@blueprint.get("/designs/<community>/<slug>/blame")
def blame(community: str, slug: str) -> ResponseReturnValue:
    found = history.blamed(_page(community, slug), request.args.get("part", "body"))

    def told(revision: Revision) -> Json:
        return {"number": revision.number, "author": revision.author.handle, "at": _stamp(revision)}

    return {
        "lines": [{"text": line, **told(revision)} for line, revision in found.lines],
        "rows": {
            key: {name: told(revision) for name, revision in fields.items()} for key, fields in found.rows.items()
        },
    }


@blueprint.post("/designs/<community>/<slug>/undo")
def undo(community: str, slug: str) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    saved = pages.undo(
        _page(community, slug),
        asked.number(body, "revision"),
        by=me,
        note=asked.text(body, "note", default=""),
        resolutions=asked.resolutions(body),
        once=asked.once(body),
    )
    return saved.answer()


@blueprint.post("/designs/<community>/<slug>/restore")
def restore(community: str, slug: str) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    saved = pages.restore(
        _page(community, slug),
        asked.number(body, "revision"),
        by=me,
        note=asked.text(body, "note", default=""),
        once=asked.once(body),
    )
    return saved.answer()


@blueprint.post("/designs/<community>/<slug>/rename")
def rename(community: str, slug: str) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    page = _page(community, slug)
    renamed = pages.rename(page, asked.text(body, "slug"), by=me)
    return {"slug": renamed.slug, "url": _url("library.read", community=page.space.slug, slug=renamed.slug)}


@blueprint.route("/designs/<community>/<slug>/retirement", methods=["PUT", "DELETE"])
def retirement(community: str, slug: str) -> ResponseReturnValue:
    me, page = asked.me(), _page(community, slug)
    note = asked.text(asked.body(), "note", default="") if request.content_length else ""
    if request.method == "PUT":
        pages.retire(page, by=me, note=note)
        return {"state": "retired"}
    pages.bring_back(page, by=me, note=note)
    return {"state": "published"}


@blueprint.post("/files")
def upload() -> ResponseReturnValue:
    """Keep a file, a picture after it was made safe; a page names it by its SHA-256."""
    me = asked.me()
    file = files.put(request.get_data(cache=False), request.args.get("name", "")[:200], by=me)
    sha256 = file.sha256.hex()
    url = _url("files.whole", sha256=sha256, name=file.name)
    return {"sha256": sha256, "type": file.type, "bytes": file.bytes, "url": url}, 201


@blueprint.get("/communities")
def communities_listed() -> ResponseReturnValue:
    size = asked.limit()
    found = communities.listed(after=request.args.get("after", ""), limit=size + 1)
    items = [_community(one.slug, one.about) | {"designs": one.designs, "people": one.people} for one in found[:size]]
    return {"items": items, "next": items[-1]["slug"] if len(found) > size else None}


def _community(slug: str, about: communities.About) -> Json:
    told = {"names": dict(about.names), "regions": list(about.regions), "languages": list(about.languages)}
    url = _url("library.community", community=slug)
    return {"slug": slug, "url": url, **told, "currency": about.currency, "licences": dict(about.licences)}


@blueprint.post("/communities")
def found_community() -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    about = communities.About(
        names=asked.by_name(body, "names"),
        regions=asked.texts(body, "regions"),
        languages=asked.texts(body, "languages"),
        currency=asked.text(body, "currency", default=""),
        licences=asked.by_name(body, "licences"),
        welcome=asked.text(body, "welcome", default=""),
    )
    space = communities.found(asked.text(body, "slug"), about, by=me)
    return _community(space.slug, communities.about(space)), 201


@blueprint.route("/communities/<community>/people/<handle>", methods=["PUT", "DELETE"])
def role(community: str, handle: str) -> ResponseReturnValue:
    """Give somebody a role in a community, or take it away."""
    me, space = asked.me(), spaces.get(community)
    given = asked.text(asked.body(), "role") if request.method == "PUT" else ""
    if request.method == "PUT" and not given:
        raise errors.Invalid([Problem("role", "needed")])
    communities.give_role(space, handle, given, by=me)
    return {"handle": handle, "role": given}


@blueprint.get("/regions")
def region_codes() -> ResponseReturnValue:
    """Countries, their subdivisions, and biomes that lie across them."""
    items = [
        {"code": code, "kind": regions.kind(code), "country": regions.country(code), "names": dict(term.labels)}
        for code, term in vocabulary.get("regions").items()
    ]
    return {"items": items, "next": None}


@blueprint.get("/me")
def me() -> ResponseReturnValue:
    account = session.bearer()
    if account is None:
        raise errors.Unauthorised
    return {"uid": account.uid.hex(), "handle": account.handle, "admin": account.is_admin}


@blueprint.get("/changes")
def changes() -> ResponseReturnValue:
    since = min(max(request.args.get("since", 0, type=int), 0), limits.NUMBER)
    size = asked.limit()
    found = journal.since(since, size + 1)
    items = [
        {
            "id": c.id,
            "at": c.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "by": c.by.handle if c.by else None,
            "verb": c.verb,
            "subject": c.subject.hex(),
            "page": c.page and {"community": c.page.space.slug, "slug": c.page.slug, "number": c.number},
            "note": c.note,
        }
        for c in found[:size]
    ]
    return {"items": items, "next": items[-1]["id"] if len(found) > size else None}
