"""Beginning and editing designs."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from designs import sheet, vocabulary
from designs.web import forms, reading, words
from wiki import access, diff, document, errors, history, meaning, pages, spaces
from wiki.errors import Problem
from wiki.models import Page
from wiki.web import conflicts, session, versions
from wiki.web.forms import new_op, once

blueprint = Blueprint("writing", __name__)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    community = request.values.get("community") or spaces.COMMON
    space = spaces.get(community)
    access.check("create", space, session.who())
    me = session.me()
    kind = request.values.get("kind", "")
    if kind not in sheet.KINDS:
        return render_template("designs/kinds.html", kinds=vocabulary.get("kinds").values(), community=community)
    form = forms.BeginForm(request.form if request.method == "POST" else None)
    form.language.choices = _languages()
    if request.method == "GET":
        form.language.data = reading.language()
        form.op.data = new_op()
        form.slug.data = request.args.get("slug", "")
        return _form(forms.begin(kind) | {"title": request.args.get("title", "")}, form, community=community)
    raw = forms.read(request.form, {"kind": kind})
    if (part := forms.act(raw, request.form.get("do", ""))) is not None:
        return _form(raw, form, community=community, at=part)
    language = form.language.data or ""
    problems = [] if language in dict(_languages()) else [Problem("language", "bad-language")]
    if request.form.get("do") == "preview":
        return _preview(raw, form, community=community, language=language)
    try:
        if problems:
            raise errors.Invalid(problems)
        saved = pages.create(
            space,
            raw,
            slug=(form.slug.data or "").strip(),
            language=language,
            by=me,
            note=form.note.data or "",
            once=once(form.op.data),
        )
    except errors.Invalid as invalid:
        return _form(raw, form, 422, community=community, problems=invalid.problems)
    page = history.find_page_by_id(saved.page_id)
    assert page is not None
    return redirect(url_for("library.read", community=community, slug=page.slug, saved=1), 303)


@blueprint.route("/c/<community>/<slug>/edit", methods=["GET", "POST"])
def edit(community: str, slug: str) -> ResponseReturnValue:
    page = versions.page_or_redirect(community, slug)
    if not isinstance(page, Page):
        return page
    access.check("edit", page, session.who())
    me = session.me()
    form = forms.SaveForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        head = history.get_version(page)
        form.base.data, form.op.data = page.head, new_op()
        return _form(dict(head.document), form, page=page)
    base = form.base.data or page.head
    try:
        begun = history.get_version(page, base)
    except errors.Missing:
        raise errors.Invalid([Problem("base", "no-such-version")]) from None
    raw = forms.read(request.form, begun.document)
    if (part := forms.act(raw, request.form.get("do", ""))) is not None:
        return _form(raw, form, page=page, at=part)
    if request.form.get("do") == "preview":
        return _preview(raw, form, page=page, begun=begun.document)
    try:
        saved = pages.save(
            page,
            raw,
            base=base,
            by=me,
            note=form.note.data or "",
            resolutions=conflicts.read(request.form),
            once=once(form.op.data),
        )
    except errors.Invalid as invalid:
        return _form(raw, form, 422, page=page, problems=invalid.problems)
    except pages.Conflict as conflict:
        return conflicts.show(conflict, page, action=url_for(".edit", community=community, slug=slug))
    told: dict[str, Any] = {"saved": saved.number, "merged": int(saved.merged)} if saved.saved else {"saved": 0}
    return redirect(url_for("library.read", community=community, slug=page.slug, **told), 303)


def _languages() -> list[tuple[str, str]]:
    """The languages a design may be written in: those of the site first, then all that are known."""
    site: list[str] = current_app.config["LANGUAGES"]
    names = {tag: term.label(reading.language()) for tag, term in vocabulary.get("languages").items()}
    first = [(tag, names.get(tag, tag)) for tag in site]
    rest = sorted(((tag, name) for tag, name in names.items() if tag not in site), key=lambda pair: pair[1])
    return first + rest


def _form(
    raw: forms.Raw,
    form: forms.SaveForm,
    status: int = 200,
    *,
    page: Page | None = None,
    community: str = "",
    problems: Sequence[Problem] = (),
    at: str = "",
    **more: Any,
) -> ResponseReturnValue:
    kind = str(raw.get("kind", ""))
    html = render_template(
        "designs/edit.html",
        raw=raw,
        kind=kind,
        form=form,
        page=page,
        community=page.space.slug if page else community,
        fields={field.name: field for field in forms.shown_fields(kind)},
        sections=words.SECTIONS,
        problems=problems,
        at=at,
        words=words,
        vocabulary=vocabulary,
        **more,
    )
    return html, status


def _preview(
    raw: forms.Raw,
    form: forms.SaveForm,
    *,
    page: Page | None = None,
    community: str = "",
    language: str = "",
    begun: document.Document | None = None,
) -> ResponseReturnValue:
    """The form again, with the page as it would be and what it would change."""
    try:
        clean = document.clean(raw)
    except errors.Invalid as invalid:
        return _form(raw, form, 422, page=page, community=community, problems=invalid.problems)
    edits = (
        [(edit, meaning.current().place(edit.place, clean)) for edit in diff.compare(begun or {}, clean)]
        if begun
        else []
    )
    return _form(
        raw,
        form,
        page=page,
        community=community,
        problems=meaning.current().check(clean),
        preview=reading.sheet_html(clean),
        edits=edits,
        diff_words=diff.words,
    )
