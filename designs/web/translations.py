"""Translating a design beside its original, and the list of what waits for translators."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from designs import translations
from designs.translating import Place
from designs.web import reading, words, writing
from wiki import access, diff, errors, history, limits, meaning, pages
from wiki.errors import Problem
from wiki.models import Page
from wiki.web import conflicts, forms, session, versions

blueprint = Blueprint("translations", __name__)

LONG = 80
"""A text of more characters gets a field of several lines."""


@blueprint.route("/c/<community>/<slug>/translate", methods=["GET", "POST"])
def translate(community: str, slug: str) -> ResponseReturnValue:
    page = versions.page_or_redirect(community, slug)
    if not isinstance(page, Page):
        return page
    if page.relation != "translation":
        return redirect(url_for("kin.fork", community=community, slug=slug, relation="translation"), 303)
    access.check("edit", page, session.who())
    me, problems = session.me(), tuple[Problem, ...]()
    if request.method == "POST":
        try:
            return _save(page)
        except errors.Invalid as invalid:
            problems = tuple(invalid.problems)
        except pages.Conflict as conflict:
            return conflicts.show(conflict, page, action=request.path)
    found = translations.opened(page, by=me)
    html = render_template(
        "designs/translate.html",
        page=page,
        original=found.original,
        places=[_told(number, one, found) for number, one in enumerate(found.places)],
        counts={state: sum(one.state == state for one in found.places) for state in ("fresh", "older", "missing")},
        figures=found.figures,
        hazards=[words.term("hazards", id) for id in found.hazards] if found.hazards is not None else None,
        problems=problems,
        only=request.args.get("only", ""),
        op=request.form.get("op") or forms.new_op(),
        note=request.form.get("note", ""),
        said=words.language,
    )
    return html, 422 if problems else 200


def _told(number: int, one: Place, found: translations.Opened) -> dict[str, Any]:
    before = found.before.get(one.place, "")
    typed = request.form.get(f"text-{number}") if request.form.get(f"place-{number}") == one.place else None
    return {
        "number": number,
        "one": one,
        "called": meaning.current().place(one.place, found.original.document),
        "mine": typed if typed is not None else one.mine,
        "changed": diff.words(before, one.original) if one.state == "older" and before != one.original else None,
        "long": len(one.original) > LONG or "\n" in one.original,
    }


def _save(page: Page) -> ResponseReturnValue:
    original = translations.opened(page, by=session.me())
    told, right = {}, set()
    for number, one in enumerate(original.places):
        if request.form.get(f"place-{number}") != one.place:
            continue
        typed = forms.lines(request.form.get(f"text-{number}", ""))
        if typed != one.mine:
            told[one.place] = typed.strip("\n") if one.place.count("/") else typed
        elif request.form.get(f"right-{number}"):
            right.add(one.place)
    saved = translations.save(
        page,
        told,
        right=right,
        number=request.form.get("head", type=int) or original.original.revision.number,
        take="figures" in request.form,
        resolutions=conflicts.read(request.form),
        note=forms.lines(request.form.get("note", "")),
        by=session.me(),
        once=forms.once(request.form.get("op")),
    )
    number = saved.number if saved.saved else 0
    return redirect(url_for("library.read", community=page.space.slug, slug=page.slug, saved=number), 303)


@blueprint.get("/translations")
def waiting() -> ResponseReturnValue:
    """What is missing or old in a language."""
    tongues = writing.languages()
    language = request.args.get("language", "")
    language = language if language in dict(tongues) else reading.language()
    after = min(max(request.args.get("after", 0, type=int), 0), limits.NUMBER)
    found = translations.waiting(language, after=after, limit=limits.QUEUE_PER_PAGE + 1)
    shown = found[: limits.QUEUE_PER_PAGE]
    return render_template(
        "designs/translations.html",
        chosen=language,
        tongues=tongues,
        waiting=shown,
        next=shown[-1].design.id if len(found) > len(shown) else 0,
        said=words.language,
    )


def old_parts(community: str, slug: str) -> dict[str, Any]:
    """What a reader of a translation is told of it while the original has gone on: the parts that are older, and the
    dangers that the original names by now."""
    page = history.get_page(community, slug)
    found = translations.opened(page)
    old = [one for one in found.places if one.state == "older"]
    return {
        "old": [
            (one.place.partition("/")[0], meaning.current().place(one.place, found.original.document)) for one in old
        ],
        "hazards_there": [words.term("hazards", id) for id in found.hazards] if found.hazards is not None else None,
    }
