"""Making an account, signing in and out, and one's own page."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from wiki import accounts, errors, limits, throttles
from wiki.errors import Problem
from wiki.web import forms, session

blueprint = Blueprint("accounts", __name__)


class SignInForm(forms.Form):
    handle = StringField(validators=[InputRequired()])
    passphrase = PasswordField(validators=[InputRequired()])


class PassphraseForm(forms.Form):
    old = PasswordField()
    new = PasswordField()


def _next() -> str:
    """Where to go after signing in: only ever a place on this site."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if local and wanted.isprintable() else "/"


def _address() -> str:
    return request.remote_addr or ""


def _show(template: str, status: int = 200, problems: Sequence[Problem] = (), **more: Any) -> ResponseReturnValue:
    html = render_template(f"wiki/accounts/{template}.html", problems=problems, next=_next(), **more)
    return html, status


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    form = SignInForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _show("sign-in", form=form)
    handle = (form.handle.data or "").strip().lower()
    if not form.validate():
        return _show("sign-in", 422, [Problem(name, "needed") for name in form.errors], form=form)
    counted = (("handle", handle), ("address", _address()))
    for what, who in counted:
        throttles.check(f"sign-in {what}", who, limits.SIGN_INS, limits.SIGN_IN_SECONDS)
    try:
        account = accounts.authenticate(handle, form.passphrase.data or "")
    except errors.Invalid as invalid:
        for what, who in counted:
            throttles.count(f"sign-in {what}", who, limits.SIGN_INS, limits.SIGN_IN_SECONDS)
        return _show("sign-in", 422, invalid.problems, form=form)
    return session.begin(make_response(redirect(_next(), 303)), accounts.sign_in(account))


@blueprint.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> ResponseReturnValue:
    is_open = current_app.config["SIGNUP"] == "open"
    form = SignInForm(request.form if request.method == "POST" else None)
    if request.method == "GET" or not is_open:
        return _show("sign-up", 200 if request.method == "GET" else 403, form=form, is_open=is_open)
    throttles.check("sign-up", _address(), limits.SIGN_UPS_PER_DAY, 86_400)
    try:
        account = accounts.sign_up((form.handle.data or "").strip(), form.passphrase.data or "")
    except errors.Invalid as invalid:
        return _show("sign-up", 422, invalid.problems, form=form, is_open=True)
    throttles.count("sign-up", _address(), limits.SIGN_UPS_PER_DAY, 86_400)
    return session.begin(make_response(redirect(_next(), 303)), accounts.sign_in(account))


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    accounts.sign_out(session.token())
    return session.end(make_response(redirect("/", 303)))


@blueprint.get("/account")
def own() -> ResponseReturnValue:
    session.me()
    return _own()


def _own(status: int = 200, problems: Sequence[Problem] = (), made: str = "", done: str = "") -> ResponseReturnValue:
    me = session.me()
    return _show(
        "own",
        status,
        problems,
        sessions=accounts.sessions(me),
        tokens=accounts.tokens(me),
        this=session.sign_in_id(),
        made=made,
        done=done,
    )


@blueprint.post("/account/sessions")
def end_sessions() -> ResponseReturnValue:
    """End one session, or all others."""
    me = session.me()
    only = request.form.get("id", type=int)
    accounts.end_sessions(by=me, only=only, keep=session.token())
    if only is not None and only == session.sign_in_id():
        return session.end(make_response(redirect("/", 303)))
    return redirect(url_for(".own"), 303)


@blueprint.post("/account/tokens")
def tokens() -> ResponseReturnValue:
    """Make a token, or revoke one."""
    me = session.me()
    revoked = request.form.get("revoke", type=int)
    if revoked is not None:
        accounts.revoke_token(revoked, by=me)
        return redirect(url_for(".own"), 303)
    try:
        made = accounts.create_token(request.form.get("name", "").strip() or "?", by=me)
    except errors.Invalid as invalid:
        return _own(422, invalid.problems)
    return _own(made=made)


@blueprint.post("/account/passphrase")
def passphrase() -> ResponseReturnValue:
    me, form = session.me(), PassphraseForm(request.form)
    throttles.check("sign-in handle", me.handle, limits.SIGN_INS, limits.SIGN_IN_SECONDS)
    try:
        accounts.change_passphrase(form.old.data or "", form.new.data or "", by=me, keep=session.token())
    except errors.Invalid as invalid:
        throttles.count("sign-in handle", me.handle, limits.SIGN_INS, limits.SIGN_IN_SECONDS)
        return _own(422, invalid.problems)
    return _own(done="passphrase")


@blueprint.route("/language", methods=["GET", "POST"])
def language() -> ResponseReturnValue:
    """Keep a language for the next visits, in a cookie that only says which."""
    if request.method == "GET":
        return _show("language")
    chosen = request.form.get("language", "")
    if chosen not in current_app.config["LANGUAGES"]:
        raise errors.Invalid([Problem("language", "bad-choice")])
    response = make_response(redirect(_next(), 303))
    response.set_cookie("minga_language", chosen, max_age=400 * 86_400, httponly=True, samesite="Lax")
    return response
