"""Taking back all that an account did, on one screen."""

import contextlib
import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from wiki import access, accounts, errors, limits, undoing
from wiki.db import now
from wiki.models import Account
from wiki.web import session

blueprint = Blueprint("undoing", __name__, url_prefix="/people/<handle>/undo")

DAYS = ("", "1", "7", "30")
"""How far back: all, or so many days."""


def _me() -> Account:
    access.check("undo-all", None, session.who())
    return session.me()


def _days() -> str:
    asked = request.values.get("days", "")
    return asked if asked in DAYS else ""


def _choices() -> list[tuple[str, str]]:
    return [(days, ngettext("One day", "%(num)d days", int(days)) if days else _("All of it")) for days in DAYS]


def _since() -> datetime.datetime | None:
    return now() - datetime.timedelta(days=int(_days())) if _days() else None


@blueprint.get("")
def planned(handle: str) -> ResponseReturnValue:
    _me()
    account = accounts.get_by_handle(handle)
    return render_template(
        "wiki/undoing/planned.html",
        account=account,
        plan=undoing.plan(account, since=_since()),
        days=_days(),
        choices=_choices(),
        done=undoing.done(account),
        left=None,
    )


@blueprint.post("")
def undo_all(handle: str) -> ResponseReturnValue:
    me = _me()
    account = accounts.get_by_handle(handle)
    # When it was done already, or others have edited all of it since, the screen says so.
    with contextlib.suppress(errors.Missing):
        undoing.undo_all(account, since=_since(), by=me, note=request.form.get("note", "")[: limits.NOTE // 4])
    return redirect(url_for("undoing.planned", handle=handle, days=_days() or None), 303)


@blueprint.post("/<int:change>")
def take_back(handle: str, change: int) -> ResponseReturnValue:
    me = _me()
    account = accounts.get_by_handle(handle)
    try:
        left = undoing.take_back(change, by=me)
    except errors.Missing:
        left = []
    shown = {"plan": undoing.plan(account), "done": undoing.done(account), "days": "", "choices": _choices()}
    return render_template("wiki/undoing/planned.html", account=account, left=left, **shown)
