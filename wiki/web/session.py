"""Who is asking, and whether a form is one of ours."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from wiki import accounts, errors, limits
from wiki.models import Account

FORM_COOKIE = "minga_form"


def base_url() -> str:
    """The address of the site, without a slash at its end, as its settings or else the request say it."""
    return current_app.config["BASE_URL"] or f"{request.scheme}://{request.host}"


def is_secure() -> bool:
    """Whether people come by TLS, so that cookies must."""
    base: str = current_app.config["BASE_URL"]
    return base.startswith("https:")


def cookie_name() -> str:
    return "__Host-minga_session" if is_secure() else "minga_session"


def token() -> str:
    """The token of the session that the request says it is of, or ""."""
    return request.cookies.get(cookie_name(), "") if "HTTP_COOKIE" in request.environ else ""


def who() -> Account | None:
    """The person who is signed in, looked up once a request."""
    if "who" not in g:
        found = accounts.find_by_session(token()) if token() else None
        g.who = found[0] if found else None
        g.sign_in_id = found[1] if found else None
    account: Account | None = g.who
    return account


def me() -> Account:
    """The person who is signed in. Raises `errors.Unauthorised`."""
    account = who()
    if account is None:
        raise errors.Unauthorised
    return account


def sign_in_id() -> int | None:
    """The number of the session of this request."""
    who()
    found: int | None = g.sign_in_id
    return found


def is_signed_in() -> bool:
    return bool(token())


def bearer() -> Account | None:
    """Whose token the request carries."""
    kind, _, raw = request.headers.get("Authorization", "").partition(" ")
    return accounts.find_by_token(raw.strip()) if kind.lower() == "bearer" and raw else None


def begin(response: Response, raw: str) -> Response:
    """Give the browser the cookie of a session just begun."""
    response.set_cookie(
        cookie_name(),
        raw,
        max_age=limits.SESSION_DAYS * 86_400,
        httponly=True,
        samesite="Lax",
        secure=is_secure(),
        path="/",
    )
    response.delete_cookie(FORM_COOKIE, samesite="Lax", httponly=True)
    return response


def end(response: Response) -> Response:
    response.delete_cookie(cookie_name(), samesite="Lax", httponly=True, secure=is_secure(), path="/")
    return response


def _sign(words: str) -> str:
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"form\0{words}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def csrf_token() -> str:
    """What a form of this browser proves itself with. Those who are not signed in get a cookie with the page."""
    if who() is not None:
        return _sign(f"session\0{token()}")
    if "form" not in g:
        kept, _, signature = request.cookies.get(FORM_COOKIE, "").partition(".")
        if kept and hmac.compare_digest(signature.encode(), _sign(f"cookie\0{kept}").encode()):
            g.form, g.new_form = kept, False
        else:
            g.form, g.new_form = secrets.token_urlsafe(18), True
    return _sign(f"form\0{g.form}")


def remember_form(response: Response) -> None:
    """Set the cookie of a form that was given to somebody who is not signed in."""
    if g.get("new_form"):
        signature = _sign(f"cookie\0{g.form}")
        value = f"{g.form}.{signature}"
        response.set_cookie(FORM_COOKIE, value, httponly=True, samesite="Lax", secure=is_secure(), path="/")


def _expected() -> str | None:
    if who() is not None:
        return _sign(f"session\0{token()}")
    kept, _, signature = request.cookies.get(FORM_COOKIE, "").partition(".")
    if kept and hmac.compare_digest(signature.encode(), _sign(f"cookie\0{kept}").encode()):
        return _sign(f"form\0{kept}")
    return None


def refuse_foreign_forms() -> ResponseReturnValue | None:
    """Each form that writes must come from a page that we gave to this browser."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith("/api/"):
        return None
    expected, given = _expected(), request.form.get("csrf_token", "")
    if expected and hmac.compare_digest(given.encode(), expected.encode()) and not _is_from_elsewhere():
        return None
    typed = [(n, v) for n, v in request.form.items(multi=True) if n not in SECRET and v]
    return make_response(render_template("wiki/foreign.html", typed=typed), 400)


SECRET = frozenset({"csrf_token", "passphrase", "new", "old", "op", "base", "do"})
"""Fields that no page gives back."""


def _is_from_elsewhere() -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    if origin in (None, "null"):
        return origin == "null"
    ours = {request.host, urlsplit(current_app.config["BASE_URL"]).netloc}
    return origin.partition("://")[2] not in ours - {""}
