"""Forking, taking in what is new, offering changes, and the family of a design."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField

from designs import changes, families, forks, licences, lineage, proposals, pulls, vocabulary
from designs.models import Proposal
from designs.web import reading, words, writing
from wiki import access, diff, errors, history, limits, meaning, pages, spaces
from wiki.diff import Edit
from wiki.document import Document
from wiki.errors import Problem
from wiki.models import Page
from wiki.pages import Saved
from wiki.web import conflicts, forms, session, versions

blueprint = Blueprint("kin", __name__, url_prefix="/c/<community>/<slug>")

Answer = ResponseReturnValue
DRAWN = 60
"""How many relatives are drawn; a list tells of all."""


class ForkForm(forms.Form):
    community = SelectField(validate_choice=False)
    relation = RadioField(validate_choice=False)
    language = SelectField(validate_choice=False)
    slug = StringField()
    note = StringField()
    revision = IntegerField()
    op = HiddenField()


blueprint.before_request(versions.find_page)


def _here() -> Page:
    page: Page = g.found
    return page


def _agreed() -> frozenset[str]:
    return frozenset(request.form.getlist("agreed"))


@blueprint.route("/fork", methods=["GET", "POST"])
def fork() -> Answer:
    """Take a design to one's community, to be changed there."""
    page, me = _here(), session.me()
    form = ForkForm(request.form if request.method == "POST" else None)
    number = form.revision.data or request.args.get("revision", type=int)
    version = history.get_version(page, number, by=me)
    if request.method == "GET":
        form.op.data, form.revision.data = forms.new_op(), version.revision.number
        form.relation.data = request.args.get("relation", "adaptation")
        form.language.data = request.args.get("language") or reading.language()
        return _fork_form(page, form, version.document)
    space = spaces.find(form.community.data or "")
    try:
        if space is None:
            raise errors.Invalid([Problem("community", "bad-choice")])
        saved = forks.fork(
            version,
            space,
            relation=form.relation.data or "",
            slug=(form.slug.data or "").strip(),
            language=(form.language.data or "") if form.relation.data == "translation" else page.language,
            reasons=request.form.getlist("reasons"),
            note=forms.lines(form.note.data or ""),
            agreed=_agreed(),
            by=me,
            once=forms.once(form.op.data),
        )
    except errors.Invalid as invalid:
        return _fork_form(page, form, version.document, invalid.problems)
    made = history.find_page_by_id(saved.page_id)
    assert made is not None
    if made.relation == "translation":
        return redirect(url_for("translations.translate", **_name(made)), 303)
    return redirect(url_for("library.read", community=made.space.slug, slug=made.slug, forked=1), 303)


def _fork_form(page: Page, form: ForkForm, content: Document, problems: Sequence[Problem] = ()) -> Answer:
    me = session.me()
    asked = licences.follows(content, None)
    html = render_template(
        "designs/fork.html",
        page=page,
        form=form,
        mine=[space.slug for space in spaces.where_member(me)],
        relations=words.RELATIONS,
        languages=[pair for pair in writing.languages() if pair[0] != page.language],
        reasons=[(id, term.label(reading.language())) for id, term in vocabulary.get("reasons").items()],
        chosen=request.form.getlist("reasons"),
        agreed=_agreed(),
        conditions=[p for p in asked if p.values.get("condition")],
        refused=[p for p in asked if not p.values.get("condition")],
        problems=problems,
    )
    return html, 422 if problems else 200


@blueprint.route("/pull", methods=["GET", "POST"])
def pull() -> Answer:
    """What the upstream or another relative has new, change by change, and taking some of it."""
    page = _here()
    source = _source(request.values.get("from", ""))
    if request.method == "GET":
        return _offers(page, source)
    me = session.me()
    number = request.form.get("head", type=int) or 0
    try:
        if not number:
            raise errors.Invalid([Problem("head", "no-such-version")])
        saved = pulls.pull(
            page,
            source,
            number=number,
            take=request.form.getlist("take"),
            resolutions=conflicts.read(request.form),
            note=forms.lines(request.form.get("note", "")),
            agreed=_agreed(),
            by=me,
            once=forms.once(request.form.get("op")),
        )
    except errors.Invalid as invalid:
        return _offers(page, source, problems=invalid.problems)
    except pages.Conflict as conflict:
        said = _("Both changed the same place since. Choose for each what shall stand here; nothing is lost.")
        return conflicts.show(conflict, page, action=url_for(".pull", **_name(page)), said=said)
    return _saved(page, saved)


def _name(page: Page) -> dict[str, Any]:
    return {"community": page.space.slug, "slug": page.slug}


def _saved(page: Page, saved: Saved) -> Answer:
    return redirect(url_for("library.read", **_name(page), saved=saved.number if saved.saved else 0), 303)


def _source(name: str) -> Page | None:
    space, _slash, slug = name.strip().strip("/").removeprefix("c/").partition("/")
    return history.get_page(space, slug) if name else None


def _offers(page: Page, source: Page | None, *, problems: Sequence[Problem] = ()) -> Answer:
    me = session.who()
    found = pulls.offered(page, source, number=request.form.get("head", type=int), by=me)
    ticked = request.form.getlist("take") if request.method == "POST" else None
    html = render_template(
        "designs/pull.html",
        page=page,
        found=found,
        groups=_grouped(found, ticked),
        may=access.allows("edit", page.space, me),
        upstream=pulls.is_upstream(page, found.source),
        news=pulls.news(found),
        behind=pulls.behind(page, found.source),
        agreed=_agreed(),
        conditions=_conditions(found),
        problems=problems,
        op=request.form.get("op") or forms.new_op(),
        note=request.form.get("note", ""),
    )
    return html, 422 if problems else 200


def _conditions(found: pulls.Offers) -> list[Problem]:
    return [p for p in pulls.licences_between(found) if p.values.get("condition")]


def _grouped(
    found: pulls.Offers, ticked: Sequence[str] | None, kept: Mapping[str, str] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The offers by their state, each ready to be shown. `ticked`: the ids that were ticked; at first all new ones, but
    for the places of `kept`."""
    documents = found.version.document, history.find_document(found.page) or {}
    groups: dict[str, list[dict[str, Any]]] = {"new": [], "declared": [], "left-out": []}
    for offer in found.all:
        told = _told(offer.edit, *documents)
        told["mine"] = conflicts.text(offer.mine) if offer.mine != offer.edit.old else None
        told["why"] = offer.why
        own = changes.declared_at(offer.edit.place, kept or {}) is not None
        told["ticked"] = offer.id in ticked if ticked is not None else offer.state == "new" and not own
        groups[offer.state].append(told)
    return groups


def _told(edit: Edit, *documents: Document) -> dict[str, Any]:
    place = next(
        (said for one in documents if (said := meaning.current().place(edit.place, one)) != edit.place), edit.place
    )
    return {
        "id": edit.id,
        "edit": edit,
        "place": place,
        "pairs": diff.words(conflicts.text(edit.old), conflicts.text(edit.new)),
    }


@blueprint.get("/proposals")
def listed() -> Answer:
    page = _here()
    before = request.args.get("before", type=int)
    found = proposals.listed(page, before=before, limit=limits.QUEUE_PER_PAGE + 1)
    shown = found[: limits.QUEUE_PER_PAGE]
    older = shown[-1].number if len(found) > len(shown) else None
    return render_template("designs/proposals.html", page=page, proposals=shown, older=older, states=words.STATES)


@blueprint.route("/proposals/new", methods=["GET", "POST"])
def propose() -> Answer:
    """Offer a page changes of a relative, change by change."""
    page, me = _here(), session.me()
    access.check("propose", page, me)
    source = _source(request.values.get("from", ""))
    if source is None:
        raise errors.Missing("from")
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            made = proposals.propose(
                page,
                source,
                number=request.form.get("head", type=int),
                take=request.form.getlist("take"),
                note=forms.lines(request.form.get("note", "")),
                agreed=_agreed(),
                by=me,
                once=forms.once(request.form.get("op")),
            )
        except errors.Invalid as invalid:
            problems = invalid.problems
        else:
            return redirect(url_for(".proposal", **_name(page), number=made.number, sent=1), 303)
    found = pulls.offered(page, source, number=request.form.get("head", type=int), by=me)
    ticked = request.form.getlist("take") if request.method == "POST" else None
    html = render_template(
        "designs/propose.html",
        page=page,
        found=found,
        groups=_grouped(found, ticked, changes.own_ways(found.version.document)),
        agreed=_agreed(),
        conditions=_conditions(found),
        problems=problems,
        op=request.form.get("op") or forms.new_op(),
        note=request.form.get("note", ""),
    )
    return html, 422 if problems else 200


@blueprint.route("/proposals/<int:number>", methods=["GET", "POST"])
def proposal(number: int) -> Answer:
    """A proposal: what it changes, what was said, and deciding about it."""
    page = _here()
    row = proposals.get(page, number)
    if request.method == "GET":
        return _shown(row)
    me, do = session.me(), request.form.get("do", "")
    said = forms.lines(request.form.get("words", ""))
    try:
        if do in ("accept", "save"):
            saved = proposals.accept(
                row,
                digest=request.form.get("digest", ""),
                resolutions=conflicts.read(request.form),
                agreed=_agreed(),
                by=me,
                once=forms.once(request.form.get("op")),
            )
            return _saved(page, saved)
        if do in ("decline", "withdraw"):
            proposals.decline(row, reason=said, by=me)
        elif do == "anew":
            proposals.update(row, note=row.note, by=me)
        else:
            proposals.say(row, said, asks=do == "ask", by=me)
    except errors.Invalid as invalid:
        return _shown(row, problems=invalid.problems, said=said)
    except errors.Stale:
        return _shown(proposals.get(page, number), moved=True, said=said)
    except pages.Conflict as conflict:
        told = _("The page has changed at the same place since this was proposed. Choose what shall stand.")
        return conflicts.show(conflict, page, action=url_for(".proposal", **_name(page), number=number), said=told)
    return redirect(url_for(".proposal", **_name(page), number=number), 303)


def _shown(row: Proposal, *, problems: Sequence[Problem] = (), moved: bool = False, said: str = "") -> Answer:
    me = session.who()
    found = proposals.shown(row, by=me)
    html = render_template(
        "designs/proposal.html",
        page=row.page,
        proposal=row,
        changes=[_told(edit, found.document, found.onto.document) for edit in found.edits],
        stale=found.is_stale,
        conflicts=len(found.merged.conflicts),
        remarks=proposals.remarks(row),
        may_decide=row.state == proposals.OPEN and proposals.may_decide(row, me),
        is_mine=me is not None and me.id == row.by_id,
        may_speak=me is not None and access.allows("propose", row.page.space, me),
        newer=row.source is not None and row.source_number is not None and row.source.head > row.source_number,
        problems=problems,
        moved=moved,
        said=said,
        states=words.STATES,
        op=forms.new_op(),
    )
    return html, 422 if problems else 409 if moved else 200


@blueprint.route("/differences", methods=["GET", "POST"])
def differences() -> Answer:
    """What is otherwise here than in the original, and why."""
    page = _here()
    access.check("edit", page, session.who())
    me, problems = session.me(), tuple[Problem, ...]()
    head, found = forks.differences(page, by=me)
    if request.method == "POST":
        said = {
            one.place: (
                request.form.get(f"reason-{number}", "") if request.form.get(f"place-{number}") == one.place else "",
                forms.lines(request.form.get(f"why-{number}", "")).strip(),
            )
            for number, one in enumerate(found)
        }
        try:
            base = request.form.get("base", type=int) or head.revision.number
            once = forms.once(request.form.get("op"))
            return _saved(page, forks.declare(page, said, base=base, by=me, once=once))
        except errors.Invalid as invalid:
            problems = tuple(invalid.problems)
        except pages.Conflict as conflict:
            return conflicts.show(conflict, page, action=url_for(".differences", **_name(page)))
    html = render_template(
        "designs/differences.html",
        page=page,
        differences=[
            (one, meaning.current().place(one.place, head.document), [_told(e, head.document) for e in one.edits])
            for one in found
        ],
        reasons=[("", "–"), *((id, t.label(reading.language())) for id, t in vocabulary.get("reasons").items())],
        base=head.revision.number,
        op=forms.new_op(),
        problems=problems,
    )
    return html, 422 if problems else 200


@blueprint.get("/family")
def family() -> Answer:
    """All relatives of a design, and what each does otherwise."""
    page = _here()
    found = families.of(page)
    table = families.table(found, page)
    return render_template(
        "designs/family.html",
        page=page,
        family=found,
        table=table,
        lines=[line for line in table.lines if not line.is_shared],
        shared=sum(line.is_shared for line in table.lines),
        part=words.part,
        drawing=lineage.drawn([(one.page_id, one.upstream_id, one.depth) for one in found.members[:DRAWN]]),
        relations=words.RELATIONS,
        tongue=words.language,
        region=words.region,
        may=session.who() is not None,
    )
