"""Communities and regions: founding, describing, inviting, joining, and what there is where."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from designs import communities, facts, library, maps, regions, sheet, vocabulary
from designs.communities import About
from designs.web import reading, shown, words
from wiki import access, errors, folding, journal, limits, markup, spaces
from wiki.errors import Problem
from wiki.models import Space
from wiki.web import forms, session

blueprint = Blueprint("communities", __name__)

Answer = ResponseReturnValue
NEAR = 12
"""How many designs a region's page shows of each ring round it."""


def header(space: Space) -> dict[str, Any]:
    """What the page of a community says of it above its shelf."""
    about = communities.about(space)
    return {
        "about": about,
        "name": about.name(reading.language(), space.slug),
        "welcome": Markup(markup.render(about.welcome, "welcome")),  # noqa: S704  (it passed the sanitiser)
        "places": [(code, words.region(code)) for code in about.regions],
        "speaks": [words.language(tag) for tag in about.languages],
        "may_describe": access.allows("describe", space, session.who()),
        "may_join": session.who() is not None and not space.is_open,
    }


@blueprint.get("/communities")
def listed() -> Answer:
    after = request.args.get("after", "")
    found = communities.listed(after=after, limit=limits.QUEUE_PER_PAGE + 1)
    shown_ = found[: limits.QUEUE_PER_PAGE]
    return render_template(
        "designs/communities.html",
        communities=[(one, one.about.name(reading.language(), one.slug)) for one in shown_],
        region=words.region,
        next=shown_[-1].slug if len(found) > len(shown_) else "",
    )


@blueprint.route("/communities/new", methods=["GET", "POST"])
def new() -> Answer:
    access.check("found", None, session.who())
    me = session.me()
    if request.method == "GET":
        return _form(None, About(languages=[reading.language()]), slug="")
    about = _sent()
    slug = (request.form.get("slug") or "").strip() or folding.slug(about.name(reading.language(), ""))
    try:
        space = communities.found(slug, about, by=me)
    except errors.Invalid as invalid:
        return _form(None, about, slug=request.form.get("slug", ""), problems=invalid.problems)
    return redirect(url_for("library.community", community=space.slug, founded=1), 303)


@blueprint.route("/c/<community>/-/about", methods=["GET", "POST"])
def about(community: str) -> Answer:
    space = spaces.get(community)
    access.check("describe", space, session.who())
    if request.method == "GET":
        return _form(space, communities.about(space), slug=space.slug)
    told = _sent()
    try:
        communities.describe(space, told, by=session.me())
    except errors.Invalid as invalid:
        return _form(space, told, slug=space.slug, problems=invalid.problems)
    # Designs that name no region of their own lie where their community does.
    facts.renew(space)
    return redirect(url_for("library.community", community=space.slug), 303)


def _sent() -> About:
    return About(
        names={tag: request.form.get(f"name-{tag}", "") for tag in communities.TAGS},
        regions=[code for code in request.form.getlist("regions") if code],
        languages=[tag for tag in request.form.getlist("languages") if tag],
        currency=request.form.get("currency", ""),
        licences={slot: id for slot in sheet.SLOTS if (id := request.form.get(f"licence-{slot}", ""))},
        welcome=forms.lines(request.form.get("welcome", "")),
    )


def _form(space: Space | None, about: About, *, slug: str, problems: Sequence[Problem] = ()) -> Answer:
    language = reading.language()
    html = render_template(
        "designs/community_form.html",
        space=space,
        about=about,
        slug=slug,
        problems=problems,
        countries=[
            (
                words.region(code),
                [(one, vocabulary.label("regions", one, language)) for one in (code, *regions.subdivisions(code))],
            )
            for code in sorted(regions.countries(), key=words.region)
        ],
        biomes=_named(regions.biomes()),
        tongues=[("es", "Español"), ("pt-BR", "Português"), ("en", "English"), *_others()],
        currencies=[
            ("", "–"),
            *((id, f"{id} – {t.label(language)}") for id, t in vocabulary.get("currencies").items()),
        ],
        licences={slot: _licences(slot) for slot in sheet.SLOTS},
        slots=words.SLOTS,
    )
    return html, 422 if problems else 200


def _named(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Regions with their names, in the order of these."""
    return sorted(((code, words.region(code)) for code in codes), key=lambda pair: pair[1])


def _others() -> list[tuple[str, str]]:
    names = vocabulary.get("languages")
    return [(tag, term.label(reading.language())) for tag, term in names.items() if tag not in ("es", "pt", "en")]


def _licences(slot: str) -> list[tuple[str, str]]:
    offered = [
        (id, f"{term.label(reading.language())} ({id})")
        for id, term in vocabulary.get("licences").items()
        if str(term.more.get("offer")) in ("default", "offered") and slot in term.more.get("slots", ())
    ]
    return [("", "–"), *offered]


@blueprint.route("/c/<community>/-/people", methods=["GET", "POST"])
def people(community: str) -> Answer:
    """Who belongs to a community; stewards give roles and invite, and everybody may leave."""
    space = spaces.get(community)
    if request.method == "GET":
        return _people(space)
    me, do = session.me(), request.form.get("do", "")
    try:
        if do in ("invite", "invite-steward"):
            code = communities.invite(space, "steward" if do == "invite-steward" else "member", by=me)
            return _people(space, code=code)
        if do == "withdraw":
            communities.withdraw(space, by=me)
        elif do == "leave":
            communities.give_role(space, me.handle, "", by=me)
        else:
            role = {"member": "member", "steward": "steward"}.get(do, "")
            communities.give_role(space, request.form.get("handle", "").strip(), role, by=me)
    except errors.Invalid as invalid:
        return _people(space, problems=invalid.problems)
    return redirect(url_for(".people", community=space.slug), 303)


def _people(space: Space, *, code: str = "", problems: Sequence[Problem] = ()) -> Answer:
    me = session.who()
    after = request.args.get("after", "")
    found = communities.people(space, after=after, limit=limits.QUEUE_PER_PAGE + 1)
    html = render_template(
        "designs/people.html",
        space=space,
        name=communities.about(space).name(reading.language(), space.slug),
        people=found[: limits.QUEUE_PER_PAGE],
        next=found[limits.QUEUE_PER_PAGE - 1][0] if len(found) > limits.QUEUE_PER_PAGE else "",
        may=access.allows("give-role", space, me),
        belongs=me is not None and access.role(space, me) in ("member", "steward") and not space.is_open,
        code=code,
        address=f"{session.base_url()}/join",
        problems=problems,
        typed=request.form.get("handle", ""),
    )
    return html, 422 if problems else 200


@blueprint.get("/c/<community>/-/activity")
def activity(community: str) -> Answer:
    space = spaces.get(community)
    found = journal.recent(limits.HISTORY_PER_PAGE + 1, before=request.args.get("before", type=int), space=space.slug)
    shown_ = found[: limits.HISTORY_PER_PAGE]
    return render_template(
        "designs/activity.html",
        space=space,
        name=communities.about(space).name(reading.language(), space.slug),
        changes=shown_,
        older=shown_[-1].id if len(found) > len(shown_) else None,
    )


@blueprint.route("/join", methods=["GET", "POST"])
@blueprint.route("/join/<code>", methods=["GET"])
def join(code: str = "") -> Answer:
    """Typing the code of an invitation, or coming by its link."""
    me = session.who()
    if me is None:
        return redirect(url_for("accounts.sign_in", next=request.path), 303) if request.method == "GET" else _refuse()
    if request.method == "GET":
        return render_template("designs/join.html", code=code, problems=())
    typed = request.form.get("code", "")
    try:
        space = communities.join(typed, by=session.me())
    except errors.Invalid as invalid:
        return render_template("designs/join.html", code=typed, problems=invalid.problems), 422
    return redirect(url_for("library.community", community=space.slug, joined=1), 303)


def _refuse() -> Answer:
    raise errors.Unauthorised


@blueprint.get("/regions")
def everywhere() -> Answer:
    """The map, and the regions of each country that have something."""
    counts = communities.counts()
    return render_template(
        "designs/regions.html",
        map=maps.drawn(counts, (), words.region),
        countries=[
            (code, words.region(code), counts.get(code, 0)) for code in sorted(regions.countries(), key=words.region)
        ],
        biomes=[(code, words.region(code), counts.get(code, 0)) for code in sorted(regions.biomes(), key=words.region)],
    )


@blueprint.get("/regions/<code>")
def region(code: str) -> Answer:
    """What there is in a region, and then round it."""
    if not regions.find(code):
        raise errors.Missing(code)
    counts = communities.counts()
    rings = [(ring.what, _near(ring)) for ring in regions.widening([code])]
    return render_template(
        "designs/region.html",
        code=code,
        name=words.region(code),
        kind=regions.kind(code),
        country=regions.country(code),
        map=maps.drawn(counts, {regions.country(code)}, words.region),
        within=[(one, words.region(one), counts.get(one, 0)) for one in regions.subdivisions(code)],
        communities=[
            (one, one.about.name(reading.language(), one.slug)) for one in communities.listed(region=[code], limit=NEAR)
        ],
        rings=_once(rings),
        said=words.region,
        words=words,
    )


def _near(ring: regions.Ring) -> list[library.Card]:
    cards: dict[int, library.Card] = {}
    for code in ring.codes:
        found, _more = library.browse(library.Query(facts=(("regions", code),), reader=reading.language()), size=NEAR)
        cards |= {card.page_id: card for card in found}
    return list(cards.values())[:NEAR]


def _once(rings: Sequence[tuple[str, list[library.Card]]]) -> list[tuple[str, list[library.Card], Mapping[str, Any]]]:
    """Each design in the first ring that it lies in, with the pictures."""
    seen: set[int] = set()
    told: list[tuple[str, list[library.Card], Mapping[str, Any]]] = []
    for what, cards in rings:
        fresh = [card for card in cards if card.page_id not in seen]
        seen |= {card.page_id for card in fresh}
        told.append((what, fresh, shown.faces(card.picture for card in fresh)))
    return told
