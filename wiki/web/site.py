"""What every page and answer has in common: request id, language, limits of bodies, headers, errors in plain words."""

import datetime
import functools
import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sessions import SessionInterface
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from wiki import assets, bands, errors, limits, pages
from wiki.db import db
from wiki.web import compiled, session, speech, words

log = logging.getLogger("minga")

HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Vary", "Cookie, Accept-Language"),
)
NAMES_OF_HEADERS = frozenset(name for name, _ in HEADERS)

STATUS: Mapping[type[errors.Refusal], tuple[int, str]] = {
    errors.Invalid: (422, "invalid"),
    errors.Missing: (404, "missing"),
    errors.Unauthorised: (401, "unauthorised"),
    errors.Forbidden: (403, "forbidden"),
    errors.Blocked: (403, "forbidden"),
    errors.Held: (403, "held"),
    errors.Gone: (410, "gone"),
    errors.TooMany: (429, "too-many"),
    errors.TooLarge: (413, "too-large"),
    errors.Busy: (503, "busy"),
    pages.Conflict: (409, "conflict"),
    errors.Stale: (409, "stale"),
}
PROBLEM_OF_STATUS = {400: "invalid", 401: "unauthorised", 403: "forbidden", 404: "missing", 413: "too-large"}

EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)
NAMES = {"es": "Español", "pt-BR": "Português", "en": "English"}


class NoSession(SessionInterface):
    """Flask's own sessions are not used: they would put what people do into a cookie."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None

    def is_null_session(self, obj: object) -> bool:
        return True


def setup(app: Flask) -> None:
    """Give an app the habits of the house. Needs `LANGUAGES`, `SITE_NAME` and `ASSETS` in its config."""
    db.init_app(app)
    app.session_interface = NoSession()
    app.jinja_options = {"bytecode_cache": compiled.Compiled(app.config["DATA_DIR"] / "templates")}
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", app.config["TRANSLATIONS"])
    Babel(app, locale_selector=lambda: g.language.replace("-", "_"), default_locale="en")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=lambda name: assets.url(app.config["ASSETS"], name),
        site_name=app.config["SITE_NAME"],
        languages=[(tag, NAMES.get(tag, tag)) for tag in app.config["LANGUAGES"]],
        csrf_token=session.csrf_token,
    )
    app.jinja_env.globals.update(problem_words=words.problem, epoch=EPOCH, band=bands.band)
    speech.setup(app)
    app.context_processor(lambda: {"me": session.who(), "language": g.language})
    app.before_request(_begin)
    app.after_request(_finish)
    app.wsgi_app = _with_headers(app.wsgi_app)  # type: ignore[assignment,method-assign]
    app.register_error_handler(errors.Refusal, refuse)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RecursionError, lambda error: refuse(errors.Invalid([errors.Problem("", "nested")])))
    app.register_error_handler(Exception, _unexpected)


def _begin() -> ResponseReturnValue | None:
    g.request_id = secrets.token_hex(6)
    g.language = _language()
    if request.method != "GET":
        request.max_content_length = limits.BODY.get(request.endpoint or "", limits.FORM)
    if "\0" in request.path or b"%00" in request.query_string:
        return refuse(errors.Invalid([errors.Problem("", "control-character")]))
    return session.refuse_foreign_forms() if request.method != "GET" else None


def _language() -> str:
    """What the address asks for, else what the reader once chose, else what the browser prefers."""
    known: list[str] = current_app.config["LANGUAGES"]
    asked = request.args.get("lang") if request.query_string else None
    if asked not in known and "HTTP_COOKIE" in request.environ:
        asked = request.cookies.get("minga_language")
    if asked in known:
        return asked
    return _preferred(request.headers.get("Accept-Language", ""), tuple(known))


@functools.lru_cache(1024)
def _preferred(header: str, known: tuple[str, ...]) -> str:
    """The first language of a browser's list that the site speaks, in whatever country; else the site's first."""
    for tag, quality in parse_accept_header(header, LanguageAccept):
        primary = tag.split("-")[0].lower()
        if quality > 0 and (found := next((k for k in known if k.split("-")[0] == primary), None)):
            return found
    return known[0]


def _finish(response: Response) -> Response:
    session.remember_form(response)
    headers = response.headers
    headers["X-Request-ID"] = g.get("request_id", "")
    if "Cache-Control" not in headers:
        is_public = request.method in ("GET", "HEAD") and not session.is_signed_in()
        headers["Cache-Control"] = "no-cache" if is_public else "no-store"
        if is_public and response.status_code == 200 and not response.is_streamed:
            if "ETag" not in headers:
                response.add_etag()
            if "HTTP_IF_NONE_MATCH" in request.environ:
                response.make_conditional(request)
    return response


def _with_headers(app: WSGIApplication) -> WSGIApplication:
    """Give each answer the headers of the house, unless it has its own. Below Flask, where a list is only a list."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            own = {name for name, _ in headers} & NAMES_OF_HEADERS
            headers.extend(HEADERS if not own else [pair for pair in HEADERS if pair[0] not in own])
            return start(status, headers, error)

        return app(environ, begin)

    return answer


def is_api() -> bool:
    return request.path.startswith("/api/")


def refuse(error: errors.Refusal) -> ResponseReturnValue:
    """The answer to a refusal: a problem for programs, a page with what was typed for people."""
    if isinstance(error, errors.Unauthorised) and request.method == "GET" and not is_api():
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
    status, kind = STATUS[type(error)]
    if is_api():
        # To programs what is held is forbidden: the kinds of problems that they know are few, and stay so.
        named = "forbidden" if kind == "held" else kind
        return problem(named, status, detail=words.refusal(error), **_details(error))
    page = render_template("wiki/error.html", status=status, kind=kind, error=error, words=words, typed=typed())
    return _with_retry(make_response(page, status), error)


def _details(error: errors.Refusal) -> dict[str, Any]:
    if isinstance(error, errors.Invalid):
        return {"errors": [{"place": p.place, "message": str(words.problem(p))} for p in error.problems]}
    if isinstance(error, pages.Conflict):
        return {
            "head": error.head,
            "conflicts": [
                {"id": c.id, "place": c.place, "base": c.base, "here": c.here, "incoming": c.incoming}
                for c in error.merged.conflicts
            ],
        }
    return {}


def problem(kind: str, status: int, *, detail: str = "", **more: Any) -> Response:
    """An answer in the form of RFC 9457."""
    body = {
        "type": f"/problems/{kind}",
        "title": str(words.KINDS[kind]),
        "status": status,
        "detail": detail,
        "request_id": g.get("request_id", ""),
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _with_retry(response: Response, error: errors.Refusal) -> Response:
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    elif isinstance(error, errors.Busy):
        response.headers["Retry-After"] = "5"
    return response


def typed() -> list[tuple[str, str]]:
    """What somebody sent with a form, so that a page which refuses it can give it back."""
    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        return []
    try:
        return [(name, value) for name, value in request.form.items(multi=True) if name not in session.SECRET and value]
    except HTTPException:
        return []


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    status = error.code or 500
    kind = PROBLEM_OF_STATUS.get(status, "invalid" if status < 500 else "failed")
    if is_api():
        response = problem(kind, status, detail=str(words.KINDS[kind]))
    else:
        response = make_response(
            render_template("wiki/error.html", status=status, kind=kind, error=None, words=words, typed=typed()),
            status,
        )
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    log.error("request %s failed", g.get("request_id", "-"), exc_info=error)
    db.session.rollback()
    if is_api():
        return problem("failed", 500, detail=str(words.KINDS["failed"]))
    page = render_template("wiki/error.html", status=500, kind="failed", error=None, words=words, typed=typed())
    return make_response(page, 500)
