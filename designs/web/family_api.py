"""The JSON API of relatives: forks, pulls, proposals, the family."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from designs import families, forks, proposals, pulls
from designs.changes import Offer
from designs.models import Proposal
from designs.web import api, asked
from designs.web.asked import Json
from wiki import errors, history, limits, merge, spaces
from wiki.errors import Problem
from wiki.models import Page
from wiki.web import session

blueprint = Blueprint("relatives", __name__, url_prefix="/api/v1")


def _from(name: str | None) -> Page | None:
    """The page that `C/S` names; None when nothing does. Raises `errors.Invalid` for one that is not here."""
    if not name:
        return None
    space, _, slug = name.partition("/")
    found = history.find_page(space, slug)
    if found is None:
        raise errors.Invalid([Problem("from", "no-such-page")])
    return found


def _optional(body: Json, name: str) -> int | None:
    return asked.number(body, name) if body.get(name) is not None else None


@blueprint.post("/designs/<community>/<slug>/forks")
def fork(community: str, slug: str) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    page = history.get_page(community, slug)
    space = spaces.find(asked.text(body, "community"))
    if space is None:
        raise errors.Invalid([Problem("community", "bad-choice")])
    saved = forks.fork(
        history.get_version(page, _optional(body, "revision"), by=me),
        space,
        relation=asked.text(body, "relation"),
        slug=asked.text(body, "slug", default=""),
        language=asked.text(body, "language", default=""),
        reasons=asked.texts(body, "reasons"),
        note=asked.text(body, "note", default=""),
        agreed=asked.agreed(body),
        by=me,
        once=asked.once(body),
    )
    made = history.find_page_by_id(saved.page_id)
    assert made is not None
    return api.design(made, history.get_version(made, saved.number, by=me)), 201


@blueprint.get("/designs/<community>/<slug>/pull")
def offers(community: str, slug: str) -> ResponseReturnValue:
    """What may be taken from the upstream or another relative, change by change."""
    page = history.get_page(community, slug)
    found = pulls.offered(page, _from(request.args.get("from")), by=session.bearer())
    return {
        "from": found.source.name,
        "head": found.version.revision.number,
        "ancestor": found.ancestor,
        "changes": [_offer(offer) for offer in found.all],
        "conflicts": [_conflict(conflict) for conflict in found.conflicts],
    }


def _offer(offer: Offer) -> Json:
    edit = offer.edit
    told: Json = {"id": edit.id, "place": edit.place, "kind": edit.kind, "old": edit.old, "new": edit.new}
    return told | {"mine": offer.mine, "state": offer.state}


def _conflict(conflict: merge.Conflict) -> Json:
    sides = {"base": conflict.base, "here": conflict.here, "incoming": conflict.incoming}
    return {"id": conflict.id, "place": conflict.place, **sides}


@blueprint.post("/designs/<community>/<slug>/pulls")
def pull(community: str, slug: str) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    saved = pulls.pull(
        history.get_page(community, slug),
        _from(asked.text(body, "from", default="")),
        number=asked.number(body, "head"),
        take=asked.texts(body, "take") if body.get("take") is not None else None,
        resolutions=asked.resolutions(body),
        note=asked.text(body, "note", default=""),
        agreed=asked.agreed(body),
        by=me,
        once=asked.once(body),
    )
    return saved.answer()


@blueprint.get("/designs/<community>/<slug>/proposals")
def listed(community: str, slug: str) -> ResponseReturnValue:
    page, size = history.get_page(community, slug), asked.limit()
    found = proposals.listed(page, before=request.args.get("before", type=int), limit=size + 1)
    items = [_proposal(row) for row in found[:size]]
    return {"items": items, "next": items[-1]["number"] if len(found) > size else None}


def _proposal(row: Proposal) -> Json:
    return {
        "number": row.number,
        "digest": row.digest.hex(),
        "from": row.source.name if row.source else None,
        "revision": row.source_number,
        "onto": row.onto,
        "author": row.by.handle,
        "at": row.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "note": row.note,
        "state": row.state,
        "reason": row.reason,
        "became": row.became,
    }


@blueprint.get("/designs/<community>/<slug>/proposals/<int:number>")
def proposal(community: str, slug: str, number: int) -> ResponseReturnValue:
    row = proposals.get(history.get_page(community, slug), number)
    shown = proposals.shown(row, by=session.bearer())
    changes = [{"id": e.id, "place": e.place, "kind": e.kind, "old": e.old, "new": e.new} for e in shown.edits]
    conflicts = [_conflict(conflict) for conflict in shown.merged.conflicts]
    return _proposal(row) | {"changes": changes, "conflicts": conflicts, "stale": shown.is_stale}


@blueprint.post("/designs/<community>/<slug>/proposals")
def propose(community: str, slug: str) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    source = _from(asked.text(body, "from"))
    if source is None:
        raise errors.Invalid([Problem("from", "needed")])
    made = proposals.propose(history.get_page(community, slug), source, **_offered(body), by=me, once=asked.once(body))
    return vars(made), 201


def _offered(body: Json) -> dict[str, Any]:
    return {
        "number": _optional(body, "revision"),
        "take": asked.texts(body, "changes") if body.get("changes") is not None else None,
        "note": asked.text(body, "note", default=""),
        "agreed": asked.agreed(body),
    }


@blueprint.put("/designs/<community>/<slug>/proposals/<int:number>")
def update(community: str, slug: str, number: int) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    row = proposals.get(history.get_page(community, slug), number)
    return vars(proposals.update(row, **_offered(body), by=me))


@blueprint.post("/designs/<community>/<slug>/proposals/<int:number>/acceptance")
def accept(community: str, slug: str, number: int) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    saved = proposals.accept(
        proposals.get(history.get_page(community, slug), number),
        digest=asked.text(body, "digest"),
        resolutions=asked.resolutions(body),
        note=asked.text(body, "note", default=""),
        agreed=asked.agreed(body),
        by=me,
        once=asked.once(body),
    )
    return saved.answer()


@blueprint.post("/designs/<community>/<slug>/proposals/<int:number>/refusal")
def decline(community: str, slug: str, number: int) -> ResponseReturnValue:
    me, body = asked.me(), asked.body()
    row = proposals.get(history.get_page(community, slug), number)
    proposals.decline(row, reason=asked.text(body, "reason", default=""), by=me)
    return {"number": number, "state": proposals.get(row.page, number).state}


@blueprint.get("/designs/<community>/<slug>/family")
def family(community: str, slug: str) -> ResponseReturnValue:
    page = history.get_page(community, slug)
    found = families.of(page)
    items = [
        {
            "uid": one.uid.hex(),
            "url": session.base_url() + f"/c/{one.name}",
            "community": one.community,
            "slug": one.slug,
            "title": one.title,
            "language": one.language,
            "regions": list(one.regions),
            "relation": one.relation,
            "upstream": one.upstream and f"{one.upstream}",
            "taken": one.taken,
            "behind": one.behind,
            "distance": one.distance,
        }
        for one in found.members[: limits.LIST_MAX]
    ]
    return {"items": items, "next": None}
