"""Photos, drawings and other files: giving them out, and putting one on a page."""

import hashlib
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField

from wiki import access, document, errors, files, history, holds, limits, pictures
from wiki.errors import Problem
from wiki.models import Account, File, Page
from wiki.operations import Once
from wiki.web import forms, session, versions, words

blueprint = Blueprint("files", __name__)

ROLES = ("photo", "drawing", "source", "export", "auxiliary")
FOR_EVER = "public, max-age=31536000, immutable"


class UploadForm(forms.Form):
    sha256 = HiddenField()
    alt = StringField()
    caption = StringField()
    role = StringField()
    op = HiddenField()


def address(file: File, name: str = "", width: int | None = None) -> str:
    """Where a file is to be had: as it is kept, or the WebP of the stored width that is enough for `width`."""
    name = name or file.name
    start = f"/files/{file.sha256.hex()}"
    if width is None or file.type == pictures.DRAWING:
        return f"{start}/{quote(name, safe='')}"
    return f"{start}/{width}/{quote(name.rpartition('.')[0] or name, safe='')}.webp"


def sources(file: File, name: str = "") -> list[tuple[str, int]]:
    """The addresses of a photo at each width in pixels that is kept, for a `srcset`; none for a drawing."""
    if file.type == pictures.DRAWING:
        return []
    return [(address(file, name, width), width) for width in pictures.widths(file.width)]


@blueprint.get("/files/<sha256>/<name>")
def whole(sha256: str, name: str) -> ResponseReturnValue:
    return _given(files.get(sha256), name)


@blueprint.get("/files/<sha256>/<int:width>/<name>")
def fitted(sha256: str, width: int, name: str) -> ResponseReturnValue:
    """A photo for a width: the smallest copy that is enough, as WebP when the name ends so."""
    file = files.get(sha256)
    if width not in limits.PICTURE_WIDTHS and width != file.width:
        raise errors.Missing(str(width))
    return _given(file, name, width)


def _given(file: File, name: str, width: int | None = None) -> ResponseReturnValue:
    """A file with the headers that keep it from being anything but a picture, even when it is opened by itself, and
    from being opened here at all when it is none."""
    if file.held:
        holds.check_file(file, by=session.who())
    path, type = files.path(file, width, "webp" if name.lower().endswith(".webp") else "")
    zipped = files.zipped(file) if request.accept_encodings.quality("gzip") else None
    try:
        response = Response((zipped or path).read_bytes(), mimetype=type)
    except FileNotFoundError:
        raise errors.Missing(file.sha256.hex()) from None
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    how = "inline" if files.is_picture(file) else "attachment"
    response.headers.set("Content-Disposition", how, filename=files.clean_name(name, type))
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{file.sha256.hex()[:32]}-{(zipped or path).name}")
    return response.make_conditional(request)


@blueprint.route("/c/<community>/<slug>/files", methods=["GET", "POST"])
def upload(community: str, slug: str) -> ResponseReturnValue:
    """The pictures of a page, and a form for one more."""
    page = versions.page_or_redirect(community, slug)
    if not isinstance(page, Page):
        return page
    access.check("edit", page, session.who())
    me = session.me()
    form = UploadForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        form.op.data = forms.new_op()
        return _show(page, form, added=request.args.get("added", type=int))
    try:
        file = _sent(form, by=me)
    except errors.Invalid as invalid:
        return _show(page, form, 422, problems=invalid.problems)
    except (errors.TooMany, errors.TooLarge, errors.Busy) as refused:
        status = 413 if isinstance(refused, errors.TooLarge) else 429 if isinstance(refused, errors.TooMany) else 503
        return _show(page, form, status, refused=words.refusal(refused))
    alt = forms.lines(form.alt.data or "").strip()
    if (not alt and files.is_picture(file)) or len(alt.encode()) > limits.ALT:
        # The picture is kept and asked to be described: sending it once more can take minutes.
        problem = Problem("alt", "too-long", {"limit": limits.ALT}) if alt else Problem("alt", "alt-needed")
        form.alt.data = alt or files.title(file)
        return _show(page, form, 422, problems=[problem], file=file)
    try:
        saved = files.attach(
            page,
            file,
            role=_role(file, form.role.data or ""),
            alt=alt,
            caption=forms.lines(form.caption.data or "").strip(),
            by=me,
            note=file.name,
            once=_once(form, file),
        )
    except errors.Invalid as invalid:
        return _show(page, form, 422, problems=invalid.problems, file=file)
    here = url_for(".upload", community=page.space.slug, slug=page.slug, added=saved.number)
    return redirect(f"{here}#pictures", 303)


def _sent(form: UploadForm, *, by: Account) -> File:
    """The file that came with a form, or the one that an earlier try of it left here."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return files.put(sent.stream.read(limits.UPLOAD + 1), sent.filename, by=by)
    found = files.find(form.sha256.data or "")
    if found is None:
        raise errors.Invalid([Problem("file", "file-needed")])
    return found


def _role(file: File, said: str) -> str:
    if file.type == pictures.DRAWING:
        return "drawing"
    if files.is_picture(file):
        return said if said in ("photo", "drawing") else "photo"
    return said if said in ("source", "export") else "auxiliary"


def _once(form: UploadForm, file: File) -> Once | None:
    """The same form with another file is another request."""
    once = forms.once(form.op.data)
    if once is None:
        return None
    digest = hashlib.sha256(once.request + file.sha256).digest()
    return Once(digest.hex(), digest)


def _show(page: Page, form: UploadForm, status: int = 200, **more: Any) -> ResponseReturnValue:
    content = history.find_document(page) or {}
    rows = document.rows(content, "files")
    kept = files.find_all(str(row.get("sha256", "")) for row in rows)
    html = render_template(
        "wiki/files/upload.html",
        page=page,
        community=page.space.slug,
        form=form,
        shown=[(row, kept.get(str(row.get("sha256", "")))) for row in rows],
        is_picture=files.is_picture,
        address=address,
        sources=sources,
        drawing=pictures.DRAWING,
        largest=limits.UPLOAD // limits.MIB,
        **more,
    )
    return html, status
