"""The pages of accounts, and what proves that a form is one of ours."""

import re

import pytest

from wiki import accounts, limits, throttles

GOOD = "quinua y papa 2026"


def token(client, path):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))[1]


def post(client, path, page=None, **fields):
    headers = fields.pop("headers", {})
    data = {"csrf_token": token(client, page or path), **fields}
    return client.post(path, data=data, headers=headers)


@pytest.fixture
def signed_in(client, rosa):
    assert post(client, "/sign-in", handle="rosa", passphrase=GOOD).status_code == 303
    return client


def test_reading_leaves_nothing_in_the_browser(client):
    for path in ("/", "/designs", "/changes", "/c/comun", "/healthz", "/communities", "/missing"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-cache" or path == "/healthz"


def test_signing_in_and_out(client, rosa):
    answer = post(client, "/sign-in", handle="ROSA ", passphrase=GOOD, next="/changes")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/changes")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("minga_session"))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "rosa" in client.get("/").get_data(as_text=True)
    old = client.get_cookie("minga_session").value
    assert post(client, "/sign-out", "/account").status_code == 303
    client.set_cookie("minga_session", old)
    assert client.get("/account").status_code == 303


def test_a_session_that_somebody_else_planted_is_not_used(client, rosa):
    client.set_cookie("minga_session", "planted")
    answer = post(client, "/sign-in", handle="rosa", passphrase=GOOD)
    assert answer.status_code == 303
    assert client.get_cookie("minga_session").value != "planted"


def test_a_wrong_passphrase_is_said_and_what_was_typed_comes_back_but_for_it(client, rosa):
    answer = post(client, "/sign-in", handle="rosa", passphrase="no es esta frase")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="rosa"' in html
    assert "no es esta frase" not in html


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"])
def test_after_signing_in_one_stays_on_this_site(client, rosa, wanted):
    assert post(client, "/sign-in", handle="rosa", passphrase=GOOD, next=wanted).headers["Location"] == "/"


def test_an_account_is_made_and_is_signed_in(client, context):
    assert post(client, "/sign-up", handle="ana", passphrase="la lluvia de noviembre").status_code == 303
    assert "ana" in client.get("/account").get_data(as_text=True)
    answer = post(client, "/sign-up", handle="Ana Pérez", passphrase="corta")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "ana-perez" in html
    assert 'value="Ana Pérez"' in html


@pytest.mark.parametrize("signup", ["invited", "closed"])
def test_where_accounts_are_not_open_none_is_made(app, client, signup):
    app.config["SIGNUP"] = signup
    data = {"handle": "ana", "passphrase": "la lluvia de noviembre", "csrf_token": token(client, "/sign-in")}
    assert client.post("/sign-up", data=data).status_code == 403


FORMS = {
    "/sign-in": {"handle": "rosa", "passphrase": GOOD},
    "/sign-up": {"handle": "ana", "passphrase": "la lluvia de noviembre"},
    "/sign-out": {},
    "/language": {"language": "es"},
    "/account/sessions": {},
    "/account/tokens": {"name": "sensor"},
    "/account/passphrase": {"old": GOOD, "new": "maíz morado y ají"},
}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("trick", ["no token", "another token", "another site", "a site's frame"])
def test_a_form_that_is_not_ours_does_nothing(signed_in, path, trick):
    data = {**FORMS[path], "csrf_token": token(signed_in, "/account"), "note": "una hora de trabajo"}
    headers = {}
    if trick == "no token":
        del data["csrf_token"]
    elif trick == "another token":
        data["csrf_token"] = "0" * 64
    elif trick == "another site":
        headers = {"Origin": "https://evil.example"}
    else:
        headers = {"Sec-Fetch-Site": "cross-site"}
    answer = signed_in.post(path, data=data, headers=headers)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "una hora de trabajo" in html
    assert GOOD not in html
    assert "rosa" in signed_in.get("/account").get_data(as_text=True)


def test_a_token_of_a_form_counts_for_one_browser_only(app, client, context):
    theirs = token(client, "/sign-in")
    other = app.test_client()
    other.get("/sign-in")
    answer = other.post("/sign-in", data={"csrf_token": theirs, "handle": "x", "passphrase": "y"})
    assert answer.status_code == 400


def test_sessions_are_listed_and_ended(app, signed_in, rosa):
    other = app.test_client()
    post(other, "/sign-in", handle="rosa", passphrase=GOOD)
    assert other.get("/account").status_code == 200
    post(signed_in, "/account/sessions", "/account")
    assert other.get("/account").status_code == 303
    assert signed_in.get("/account").status_code == 200


def test_a_token_is_made_shown_once_and_revoked(signed_in, rosa):
    html = post(signed_in, "/account/tokens", "/account", name="sensor").get_data(as_text=True)
    raw = re.search(r"minga_[\w-]+", html)[0]
    assert accounts.find_by_token(raw).handle == "rosa"
    html = signed_in.get("/account").get_data(as_text=True)
    assert raw not in html
    number = re.search(r'name="revoke" value="(\d+)"', html)[1]
    post(signed_in, "/account/tokens", "/account", revoke=number)
    assert accounts.find_by_token(raw) is None


def test_the_eleventh_guess_is_refused_and_an_open_session_is_not_harmed(app, signed_in, rosa):
    throttles.use("a key", True)
    try:
        guesser = app.test_client()
        statuses = [
            post(guesser, "/sign-in", handle="rosa", passphrase=f"intento {n} de tantos").status_code
            for n in range(limits.SIGN_INS + 1)
        ]
        assert statuses == [422] * limits.SIGN_INS + [429]
        assert post(guesser, "/sign-in", handle="rosa", passphrase=GOOD).status_code == 429
        assert signed_in.get("/account").status_code == 200
    finally:
        throttles.use("a key", False)


def test_a_language_is_kept_by_choice_only(client):
    assert 'lang="en"' in client.get("/?lang=en").get_data(as_text=True)
    assert 'lang="es"' in client.get("/").get_data(as_text=True)
    assert post(client, "/language", language="pt-BR").status_code == 303
    assert 'lang="pt-BR"' in client.get("/").get_data(as_text=True)
    assert post(client, "/language", language="xx").status_code == 422


@pytest.mark.parametrize(
    ("header", "language"),
    [("pt", "pt-BR"), ("pt-PT,es;q=0.5", "pt-BR"), ("fr, es-AR;q=0.8", "es"), ("en-US", "en"), ("de", "es"), ("", "es")],
)
def test_the_browser_says_which_language(client, header, language):
    html = client.get("/", headers={"Accept-Language": header}).get_data(as_text=True)
    assert f'<html lang="{language}">' in html


def test_the_cookie_is_bound_to_the_host_where_the_site_is_secure(app, client, rosa):
    app.config["BASE_URL"] = "https://minga.example"
    answer = post(client, "/sign-in", handle="rosa", passphrase=GOOD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "session" in c)
    assert cookie.startswith("__Host-minga_session=")
    assert "Secure" in cookie


def test_every_page_carries_the_headers_of_the_house(client):
    for path in ("/", "/nada", "/api/v1/openapi.json", "/feeds/changes.atom"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-ID"]


def test_an_error_shows_its_number_and_nothing_of_the_inside(app, client):
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/broken")
    def broken():
        raise RuntimeError("a secret of the house")

    answer = client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.get_data(as_text=True)
    assert "secret" not in answer.get_data(as_text=True)
