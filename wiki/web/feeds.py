"""Recent changes, for people and as Atom, and the pages that are asked for and not yet written."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from wiki import history, journal, limits
from wiki.web import session

blueprint = Blueprint("feeds", __name__)

FEED_ENTRIES = 50


@blueprint.get("/changes")
def changes() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    found = journal.recent(limits.HISTORY_PER_PAGE + 1, before=before)
    shown = found[: limits.HISTORY_PER_PAGE]
    older = shown[-1].id if len(found) > len(shown) else None
    return render_template("wiki/changes.html", changes=shown, older=older, newer=before is not None)


@blueprint.get("/feeds/changes.atom")
def all_changes() -> ResponseReturnValue:
    return _atom("")


@blueprint.get("/feeds/c/<community>.atom")
def of_community(community: str) -> ResponseReturnValue:
    return _atom(community)


def _atom(community: str) -> Response:
    found = journal.recent(FEED_ENTRIES, space=community)
    updated = found[0].at if found else None
    response = make_response(
        render_template(
            "wiki/changes.atom", changes=found, updated=updated, community=community, base=session.base_url()
        )
    )
    response.mimetype = "application/atom+xml"
    return response


@blueprint.get("/missing")
def missing() -> ResponseReturnValue:
    return render_template("wiki/missing.html", missing=history.missing_pages())
