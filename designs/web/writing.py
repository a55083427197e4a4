"""Beginning and editing designs, and keeping what is not finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from designs import pasted, proposals, sheet, vocabulary
from designs.web import editor, forms, prompts, reading, words
from designs.web.keeping import BEGUN, blueprint, is_scripted, place_of, space_asked
from wiki import access, diff, document, drafts, errors, history, limits, meaning, pages, spaces
from wiki.errors import Problem
from wiki.models import Draft, Page
from wiki.web import conflicts, session, versions
from wiki.web.forms import lines as forms_lines
from wiki.web.forms import new_op, once
from wiki.web.words import problem as sentence


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    if request.method == "GET" and request.args.get("draft"):
        return _go_on(request.args["draft"])
    space = space_asked()
    access.check("create", space, session.who())
    me, community = session.me(), space.slug
    kind = request.values.get("kind", "")
    if kind not in sheet.KINDS:
        return render_template(
            "designs/kinds.html",
            kinds=vocabulary.get("kinds").values(),
            examples=prompts.EXAMPLES,
            community=community,
            drafts=[_Begun(d) for d in drafts.of(me) if d.place.startswith(BEGUN)],
        )
    form = _begin_form(request.form if request.method == "POST" else None)
    if request.method == "GET":
        form.language.data = reading.language()
        form.op.data = new_op()
        form.slug.data = request.args.get("slug", "")
        return _form(forms.begin(kind) | {"title": request.args.get("title", "")}, form, community=community)
    raw = forms.read(request.form, {"kind": kind}, reading.language())
    do = request.form.get("do", "")
    if do == "show" or forms.act(raw, do) is not None:
        return _form(raw, form, community=community, unsaved=True)
    if do == "preview":
        return _preview(raw, form, community=community)
    language = form.language.data or ""
    problems = [] if language in dict(languages()) else [Problem("language", "bad-language")]
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
        return _refused(raw, form, invalid.problems, community=community)
    page = history.find_page_by_id(saved.page_id)
    assert page is not None
    drafts.discard(BEGUN + (form.op.data or ""), by=me)
    return _saved(page, saved, do)


@blueprint.route("/new/paste", methods=["GET", "POST"])
def paste() -> ResponseReturnValue:
    """A text that somebody has already: the form of a new page with what could be understood of it."""
    space = space_asked()
    access.check("create", space, session.who())
    kind, text = request.values.get("kind", ""), request.form.get("text", "")
    sent = request.files.get("file")
    problems = [] if request.method == "GET" or kind in sheet.KINDS else [Problem("kind", "needed")]
    if sent is not None and sent.filename:
        try:
            text = sent.stream.read(limits.TEXT_PART + 1).decode()
        except UnicodeDecodeError:
            problems.append(Problem("file", "not-text"))
    if len(text.encode()) > limits.TEXT_PART:
        problems.append(Problem("text", "too-long", {"limit": limits.TEXT_PART}))
    elif request.method == "POST" and not text.strip() and not problems:
        problems.append(Problem("text", "needed"))
    if request.method == "GET" or problems:
        kinds = [(one.id, one.label(reading.language())) for one in vocabulary.get("kinds").values()]
        shown = {"kinds": kinds, "kind": kind, "text": text, "community": space.slug, "problems": problems}
        return render_template("designs/paste.html", **shown), 422 if problems else 200
    form = _begin_form(None)
    form.language.data, form.op.data = reading.language(), new_op()
    raw = forms.begin(kind) | pasted.read(forms_lines(text))
    return _form(raw, form, community=space.slug, unsaved=True)


def _begin_form(sent: MultiDict[str, str] | None) -> forms.BeginForm:
    form = forms.BeginForm(sent)
    form.language.choices = languages()
    return form


@dataclass(frozen=True)
class _Begun:
    """A draft of a page that is not there yet, for lists."""

    draft: Draft

    @property
    def op(self) -> str:
        return self.draft.place.removeprefix(BEGUN)

    @property
    def title(self) -> str:
        return self.draft.title

    @property
    def at(self) -> Any:
        return self.draft.at


def _go_on(op: str) -> ResponseReturnValue:
    """The form of a new page as its draft has it."""
    kept = drafts.find(BEGUN + op, by=session.me())
    if kept is None:
        raise errors.Missing(op)
    sent = MultiDict(kept.fields)
    kind, community = sent.get("kind", ""), sent.get("community", spaces.COMMON)
    access.check("create", spaces.get(community), session.who())
    raw = forms.read(sent, {"kind": kind}, reading.language())
    return _form(raw, _begin_form(sent), community=community, unsaved=True, is_kept="kept" in request.args)


@blueprint.route("/c/<community>/<slug>/edit", methods=["GET", "POST"])
def edit(community: str, slug: str) -> ResponseReturnValue:
    section = request.values.get("section", "")
    proposing = "propose" in request.values and _may_only_propose(community)
    if request.method == "GET" and not proposing and _may_only_propose(community):
        page = versions.page_or_redirect(community, slug)
        return render_template("designs/may_not.html", page=page) if isinstance(page, Page) else page
    if request.method == "GET" and "draft" not in request.args and not proposing:
        opened = drafts.find_opened(community, slug, by=session.me())
        if opened is not None:
            return _opened(opened, community, section)
    page = versions.page_or_redirect(community, slug)
    if not isinstance(page, Page):
        return page
    where: dict[str, Any] = {"page": page, "community": community, "section": section}
    access.check("propose" if proposing else "edit", page, session.who())
    me = session.me()
    sent: MultiDict[str, str] = request.form
    if proposing:
        where |= {"section": "", "proposing": True}
    if proposing and request.method == "GET":
        form = forms.SaveForm(None)
        standing = history.get_version(page, by=me)
        form.base.data, form.op.data = standing.revision.number, new_op()
        return _form(dict(standing.document), form, **where)
    if request.method == "GET":
        kept = drafts.find(place_of(page, section), by=me)
        if kept is None:
            history.get_version(page, page.head, by=me)
            return redirect(url_for(".edit", community=community, slug=slug, section=section or None), 303)
        sent = MultiDict(kept.fields)
    form = forms.SaveForm(sent)
    base = form.base.data or page.head
    try:
        history.get_version(page, page.head, by=me)
        begun = history.get_version(page, base, by=me)
    except errors.Missing:
        raise errors.Invalid([Problem("base", "no-such-version")]) from None
    except errors.Gone:
        # Nothing can be merged any more: who wrote looks over it once again, on what stands now.
        form.base.data = page.head
        raw = forms.read(sent, history.get_version(page).document, reading.language())
        return _form(raw, form, 409, problems=[Problem("", "base-gone")], unsaved=True, **where)
    raw = forms.read(sent, begun.document, reading.language())
    do = "show" if request.method == "GET" else sent.get("do", "")
    if do == "show" or forms.act(raw, do) is not None:
        return _form(raw, form, **where, unsaved=True, is_kept="kept" in request.args)
    if do == "preview":
        return _preview(raw, form, **where, begun=begun.document)
    try:
        if proposing:
            made = proposals.suggest(page, raw, base=base, note=form.note.data or "", by=me, once=once(form.op.data))
            return _proposed(page, made)
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
        return _refused(raw, form, invalid.problems, **where)
    except pages.Conflict as conflict:
        return conflicts.show(conflict, page, action=url_for(".edit", community=community, slug=slug))
    drafts.discard(place_of(page, section), by=me)
    return _saved(page, saved, do, section)


def _may_only_propose(community: str) -> bool:
    """Whether somebody signed in may not edit here, and may say what they would change."""
    me, space = session.who(), spaces.find(community)
    return (
        me is not None
        and space is not None
        and not access.allows("edit", space, me)
        and access.allows("propose", space, me)
    )


def _proposed(page: Page, made: proposals.Proposed) -> ResponseReturnValue:
    address = url_for("kin.proposal", community=page.space.slug, slug=page.slug, number=made.number, sent=1)
    return (
        jsonify(url=address, edit=address, number=made.number, merged=False)
        if is_scripted()
        else redirect(address, 303)
    )


def _opened(page: drafts.Opened, community: str, section: str) -> ResponseReturnValue:
    form = forms.SaveForm(None)
    form.base.data, form.op.data = page.head, new_op()
    waiting = _drafts_of(page) if page.has_drafts else ()
    return _form(dict(page.document), form, page=page, community=community, section=section, waiting=waiting)


def _drafts_of(page: Page | drafts.Opened) -> list[dict[str, Any]]:
    labels = {id: label for id, label, _names in words.SECTIONS}
    found = []
    for draft in drafts.on(page, by=session.me()):
        section = draft.place.removeprefix(f"page/{page.id}").removeprefix("/")
        found.append({"at": draft.at, "section": section, "label": labels.get(section, "")})
    return found


def _saved(page: Page, saved: pages.Saved, do: str, section: str = "") -> ResponseReturnValue:
    """Where to go after a save, and for the script how to go on from it."""
    community, slug = page.space.slug, page.slug
    told: dict[str, Any] = {"saved": saved.number, "merged": int(saved.merged)} if saved.saved else {"saved": 0}
    address = url_for("library.read", community=community, slug=slug, **told)
    if do == "save-pictures":
        address = f"/c/{community}/{slug}/files"
    elif do == "save-next" and (after := _next(page, section)):
        address = url_for(".edit", community=community, slug=slug, section=after)
    if is_scripted():
        edit = url_for(".edit", community=community, slug=slug)
        return jsonify(url=address, edit=edit, number=saved.number, merged=saved.merged)
    return redirect(address, 303)


def _next(page: Page, section: str) -> str:
    ids = [id for id, _label, _names in words.SECTIONS]
    after = ids.index(section) + 1 if section in ids else len(ids)
    return ids[after] if after < len(ids) else ""


def languages() -> list[tuple[str, str]]:
    """The languages a design may be written in: those of the site first, then all that are known."""
    site: list[str] = current_app.config["LANGUAGES"]
    names = {tag: term.label(reading.language()) for tag, term in vocabulary.get("languages").items()}
    first = [(tag, names.get(tag, tag)) for tag in site]
    rest = sorted(((tag, name) for tag, name in names.items() if tag not in site), key=lambda pair: pair[1])
    return first + rest


def _refused(
    raw: forms.Raw,
    form: forms.SaveForm,
    problems: Sequence[Problem],
    *,
    page: Page | None = None,
    community: str = "",
    section: str = "",
    **more: Any,
) -> ResponseReturnValue:
    if not is_scripted():
        where: dict[str, Any] = {"page": page, "community": community, "section": section, **more}
        return _form(raw, form, 422, **where, problems=problems, unsaved=True)
    shown = _editor(raw, form, page, problems, section)
    told = [{"id": id, "place": place, "sentence": sentence(found)} for id, place, found in shown.problems()]
    return jsonify(problems=told), 422


def _editor(
    raw: forms.Raw, form: forms.SaveForm, page: Page | drafts.Opened | None, problems: Sequence[Problem], section: str
) -> editor.Editor:
    written = page.language if page else str(form.language.data or "") if isinstance(form, forms.BeginForm) else ""
    return editor.Editor(
        raw,
        str(raw.get("kind", "")),
        language=reading.language(),
        written=written,
        problems=problems,
        section=section if page else "",
    )


def _form(
    raw: forms.Raw,
    form: forms.SaveForm,
    status: int = 200,
    *,
    page: Page | drafts.Opened | None = None,
    community: str = "",
    section: str = "",
    problems: Sequence[Problem] = (),
    waiting: Sequence[Mapping[str, Any]] = (),
    unsaved: bool = False,
    **more: Any,
) -> ResponseReturnValue:
    html = render_template(
        "designs/edit.html",
        e=_editor(raw, form, page, problems, section),
        form=form,
        page=page,
        community=community,
        problems=problems,
        drafts=waiting,
        unsaved=unsaved,
        languages_of_designs=() if page else languages(),
        section="" if page else "new",
        **more,
    )
    response = make_response(html, status)
    # A browser may show this form again with what was typed into it, as after a lost connection.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _preview(
    raw: forms.Raw,
    form: forms.SaveForm,
    *,
    page: Page | None = None,
    community: str = "",
    section: str = "",
    begun: document.Document | None = None,
    **more: Any,
) -> ResponseReturnValue:
    """The form again, with the page as it would be and what it would change."""
    where: dict[str, Any] = {"page": page, "community": community, "section": section, "unsaved": True, **more}
    try:
        clean = document.clean(raw)
    except errors.Invalid as invalid:
        return _form(raw, form, 422, problems=invalid.problems, **where)
    edits = [(edit, meaning.current().place(edit.place, clean)) for edit in diff.compare(begun, clean)] if begun else []
    return _form(
        raw,
        form,
        problems=meaning.current().check(clean),
        preview=Markup(reading.sheet_html(clean)),  # noqa: S704
        edits=edits,
        diff_words=diff.words,
        **where,
    )
