"""The versions of a page: history, comparison, who wrote what, taking back, renaming, retiring."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired

from wiki import access, diff, errors, history, holds, limits, lineages, meaning, pages
from wiki.document import Document
from wiki.models import Account, Page
from wiki.web import conflicts, forms, session

blueprint = Blueprint("versions", __name__, url_prefix="/c/<community>/<slug>")


class UndoForm(forms.Form):
    revision = IntegerField(validators=[InputRequired()])
    note = StringField()
    op = HiddenField()


def page_or_redirect(community: str, slug: str) -> Page | ResponseReturnValue:
    """The page of this name, or the way to it when it has another name now."""
    page = history.get_page(community, slug)
    if page.slug == slug:
        return page
    values = dict(request.view_args or {}, slug=page.slug, **request.args.to_dict())
    return redirect(url_for(request.endpoint or "", **values), 301 if request.method == "GET" else 308)


@blueprint.before_request
def find_page() -> ResponseReturnValue | None:
    """Where every door is of one page, it is found before the door opens, as `g.found`."""
    values = request.view_args or {}
    found = page_or_redirect(values["community"], values["slug"])
    if not isinstance(found, Page):
        return found
    g.found = found
    del values["community"], values["slug"]
    return None


def _show(template: str, status: int = 200, **context: Any) -> ResponseReturnValue:
    page: Page = g.found
    return render_template(f"wiki/versions/{template}.html", page=page, community=page.space.slug, **context), status


def _place(place: str, *documents: Document) -> str:
    """A place in the words of readers; what it is called may stand in only one of two documents."""
    return next(
        (words for document in documents if (words := meaning.current().place(place, document)) != place),
        place,
    )


@blueprint.get("/history")
def listed() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    found = history.listed(g.found, before=before, limit=limits.HISTORY_PER_PAGE + 1)
    shown = found[: limits.HISTORY_PER_PAGE]
    older = shown[-1].number if len(found) > len(shown) else None
    me = session.who()
    return _show(
        "history",
        revisions=shown,
        older=older,
        newer=before is not None,
        may_edit=access.allows("edit", g.found.space, me),
        may_hold=access.allows("hold", g.found.space, me),
        writers=lineages.writers(found[0]) if found and before is None else [],
        held=holds.reasons(g.found) if any(revision.held for revision in shown) else {},
    )


@blueprint.get("/compare")
def choose() -> ResponseReturnValue:
    """The two versions that were ticked in the history."""
    head = g.found.head
    old, new = (request.args.get(name, head, type=int) for name in ("from", "to"))
    return redirect(_url("versions.compared", old=min(old, new), new=max(old, new)))


@blueprint.get("/compare/<int:old>..<int:new>")
def compared(old: int, new: int) -> ResponseReturnValue:
    before, after = (history.get_version(g.found, number, by=session.who()) for number in (old, new))
    edits = diff.compare(before.document, after.document)
    shown = [(edit, _place(edit.place, after.document, before.document)) for edit in edits]
    return _show("compare", before=before, after=after, edits=shown, words=diff.words)


@blueprint.get("/blame")
def blamed() -> ResponseReturnValue:
    version = history.get_version(g.found)
    part = request.args.get("part") or next(
        (p for p in ("body", "steps", "bom") if p in version.document), next(iter(version.document))
    )
    blame = history.blamed(g.found, part)
    parts = [(name, _place(name, version.document)) for name in sorted(version.document)]
    return _show("blame", blame=blame, part=part, parts=parts)


@blueprint.get("/links")
def linking() -> ResponseReturnValue:
    page: Page = g.found
    after = request.args.get("after", "")
    found = history.pages_linking_to(page.space.slug, page.slug, after=after)
    more = found[-1].title if len(found) == limits.LIST_MAX else None
    return _show("links", linking=found, more=more)


def _me(act: str) -> Account:
    """Who is signed in and may do this; asked before a form is shown, so that nobody writes in vain."""
    access.check(act, g.found, session.who())
    return session.me()


@blueprint.route("/undo", methods=["GET", "POST"])
def undo() -> ResponseReturnValue:
    me = _me("undo")
    form = UndoForm(request.values)
    if not form.validate():
        raise errors.Invalid([errors.Problem("revision", "needed")])
    number: int = form.revision.data
    if request.method == "GET":
        before, after = (history.get_version(g.found, n, by=me) for n in (number - 1, number))
        edits = diff.compare(after.document, before.document)
        shown = [(edit, _place(edit.place, before.document, after.document)) for edit in edits]
        return _show("undo", number=number, edits=shown, words=diff.words, op=forms.new_op())
    try:
        saved = pages.undo(
            g.found,
            number,
            by=me,
            note=form.note.data or "",
            resolutions=conflicts.read(request.form),
            once=forms.once(form.op.data),
        )
    except pages.Conflict as conflict:
        return conflicts.show(conflict, g.found, action=_url("versions.undo"))
    return _to_page(saved.number if saved.saved else None)


@blueprint.post("/restore")
def restore() -> ResponseReturnValue:
    me = _me("restore")
    form = UndoForm(request.form)
    if not form.validate():
        raise errors.Invalid([errors.Problem("revision", "needed")])
    saved = pages.restore(g.found, form.revision.data, by=me, note=form.note.data or "", once=forms.once(form.op.data))
    return _to_page(saved.number if saved.saved else None)


@blueprint.get("/manage")
def manage() -> ResponseReturnValue:
    _me("rename")
    return _show("manage")


class RenameForm(forms.Form):
    slug = StringField(validators=[InputRequired()])


@blueprint.post("/rename")
def rename() -> ResponseReturnValue:
    me = _me("rename")
    form = RenameForm(request.form)
    try:
        slug = (form.slug.data or "").strip()
        renamed = pages.rename(g.found, slug, by=me)
    except errors.Invalid as invalid:
        return _show("manage", 422, problems=invalid.problems, typed=form.slug.data)
    return redirect(url_for("library.read", community=g.found.space.slug, slug=renamed.slug), 303)


@blueprint.post("/retire")
def retire() -> ResponseReturnValue:
    pages.retire(g.found, by=_me("retire"), note=request.form.get("note", "")[: limits.NOTE])
    return _to_page()


@blueprint.post("/bring-back")
def bring_back() -> ResponseReturnValue:
    pages.bring_back(g.found, by=_me("bring-back"), note=request.form.get("note", "")[: limits.NOTE])
    return _to_page()


def _url(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, community=g.found.space.slug, slug=g.found.slug, **values)


def _to_page(saved: int | None = None) -> ResponseReturnValue:
    return redirect(_url("library.read", **({"saved": saved} if saved else {})), 303)
