"""Taking words away everywhere. The words travel in the bodies of forms only, never in an address."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wiki import access, errors, limits, redaction
from wiki.errors import Problem
from wiki.models import Account
from wiki.web import session

blueprint = Blueprint("redaction", __name__, url_prefix="/care/redact")


def _me() -> Account:
    access.check("redact", None, session.who())
    return session.me()


def _show(
    status: int = 200, found: redaction.Found | None = None, problems: Sequence[Problem] = (), moved: bool = False
) -> ResponseReturnValue:
    shown = {"words": request.form.get("words", ""), "note": request.form.get("note", "")}
    done = request.args.get("done", "")
    html = render_template(
        "wiki/redaction/redact.html", found=found, problems=problems, moved=moved, done=done, **shown
    )
    return html, status


@blueprint.get("")
def begin() -> ResponseReturnValue:
    _me()
    return _show()


@blueprint.post("")
def redact() -> ResponseReturnValue:
    me = _me()
    words, note = request.form.get("words", ""), request.form.get("note", "")[: limits.NOTE // 4]
    try:
        if request.form.get("do") != "redact":
            return _show(found=redaction.find(words, by=me))
        emptied = redaction.redact(words, seen=request.form.get("seen", ""), by=me, note=note)
    except errors.Invalid as invalid:
        return _show(422, problems=invalid.problems)
    except (errors.Stale, errors.Missing):
        return _show(409, found=redaction.find(words, by=me), moved=True)
    return redirect(url_for("redaction.begin", done="all" if emptied else "later"), 303)
