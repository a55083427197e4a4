"""Making an account, signing in and out, and one's own page."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired

from wiki import accounts, errors, flags, limits, throttles
from wiki.errors import Problem
from wiki.models import Account
from wiki.web import forms, session

blueprint = Blueprint("accounts", __name__)


class SignInForm(forms.Form):
    handle = StringField(validators=[DataRequired()])
    passphrase = PasswordField(validators=[InputRequired()])


class PassphraseForm(forms.Form):
    old = PasswordField()
    new = PasswordField()


def _next() -> str:
    """Where to go after signing in: only ever a place on this site."""
    wanted = request.values.get("next", "")
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if local and wanted.isprintable() else "/"


def _address() -> str:
    """Where a request comes from: a household has one IPv4 address, or an IPv6 network with addresses at will."""
    try:
        found = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return request.remote_addr or ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), 64), strict=False))


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
    return _signed_in(account)


def _signed_in(account: Account) -> ResponseReturnValue:
    raw = accounts.sign_in(account, instead_of=session.token())
    return session.begin(make_response(redirect(_next(), 303)), raw)


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
    return _signed_in(account)


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
        is_steward=flags.is_steward(me),
        this=session.sign_in_id(),
        made=made,
        done=done,
    )


@blueprint.post("/account/sessions")
def end_sessions() -> ResponseReturnValue:
    """End one session, or all others."""
    me = session.me()
    if "id" not in request.form:
        accounts.end_other_sessions(by=me, keep=session.token())
        return redirect(url_for(".own"), 303)
    number = _number("id")
    accounts.end_session(number, by=me)
    if number == session.sign_in_id():
        return session.end(make_response(redirect("/", 303)))
    return redirect(url_for(".own"), 303)


def _number(name: str) -> int:
    """Which row of a list is meant; nothing is meant by what is no number. Raises `errors.Missing`."""
    number = request.form.get(name, 0, type=int)
    if not 0 < number < limits.NUMBER:
        raise errors.Missing(name)
    return number


@blueprint.post("/account/tokens")
def tokens() -> ResponseReturnValue:
    """Make a token, or revoke one."""
    me = session.me()
    if "revoke" in request.form:
        accounts.revoke_token(_number("revoke"), by=me)
        return redirect(url_for(".own"), 303)
    try:
        made = accounts.create_token(request.form.get("name", ""), by=me)
    except errors.Invalid as invalid:
        return _own(422, invalid.problems)
    return _own(made=made)


@blueprint.post("/account/passphrase")
def passphrase() -> ResponseReturnValue:
    me, form = session.me(), PassphraseForm(request.form)
    # Counted apart from signing in, so that who guesses at a handle does not keep its owner from changing this.
    throttles.check("passphrase", me.handle, limits.SIGN_INS, limits.SIGN_IN_SECONDS)
    try:
        accounts.change_passphrase(form.old.data or "", form.new.data or "", by=me, keep=session.token())
    except errors.Invalid as invalid:
        if any(p.place == "old" for p in invalid.problems):
            throttles.count("passphrase", me.handle, limits.SIGN_INS, limits.SIGN_IN_SECONDS)
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
    response.set_cookie(
        "minga_language", chosen, max_age=400 * 86_400, httponly=True, samesite="Lax", secure=session.is_secure()
    )
    return response
