"""The doors of people: signing in and out, cookies, forms of others, guessing."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.wiki.stores import everything
from wiki import accounts, throttles

ROSAS = "quinua y papa 2026"
SESSION, FORM = "minga_session", "minga_form"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(app, monkeypatch):
    """A clock that stands still at the beginning of a span, and counting switched on."""
    clock = Clock()
    monkeypatch.setattr(throttles, "clock", clock)
    throttles.use("a key of this test", True)
    yield clock
    throttles.use("", False)


def value_of(page: TestResponse, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def csrf(client, path="/sign-in") -> str:
    return value_of(client.get(path), "csrf_token")


def send(client, path, form="/sign-in", *, of="127.0.0.1", headers=None, **fields) -> TestResponse:
    """Fill in the form of a page and send it."""
    fields = {"csrf_token": csrf(client, form), **fields}
    return client.post(path, data=fields, headers=headers, environ_overrides={"REMOTE_ADDR": of})


def sign_in(client, handle="rosa", passphrase=ROSAS, **more) -> TestResponse:
    return send(client, "/sign-in", handle=handle, passphrase=passphrase, **more)


def cookie(client, name=SESSION) -> str | None:
    found = client.get_cookie(name)
    return found.value if found else None


def is_in(client) -> bool:
    answer = client.get("/account")
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def other(client):
    """Another browser."""
    return client.application.test_client()


def with_cookie(client, value):
    thief = other(client)
    thief.set_cookie(SESSION, value)
    return thief


# Coming and going


def test_somebody_makes_an_account_and_is_in(client, context):
    answer = send(
        client, "/sign-up", "/sign-up", handle="petrona", passphrase="la lluvia de noviembre", next="/changes"
    )
    assert (answer.status_code, answer.location) == (303, "/changes")
    assert is_in(client)
    assert accounts.get_by_handle("petrona").is_admin is False
    assert client.get("/people/petrona").status_code == 200
    assert client.get("/people/nadie").status_code == 404


def test_the_cookie_of_a_session_is_kept_from_scripts_and_other_sites(client, rosa):
    (given, _) = sign_in(client).headers.getlist("Set-Cookie")
    name, _, rest = given.partition("=")
    assert name == SESSION
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"} <= set(rest.split("; "))
    assert len(cookie(client)) >= 43


def test_by_tls_all_cookies_ask_for_tls_and_the_session_is_bound_to_the_host(app, client, rosa):
    app.config["BASE_URL"] = "https://minga.example"
    page = client.get("/sign-in", base_url="https://minga.example")
    assert "; Secure" in page.headers["Set-Cookie"]
    fields = {"csrf_token": value_of(page, "csrf_token"), "handle": "rosa", "passphrase": ROSAS}
    answer = client.post("/sign-in", data=fields, base_url="https://minga.example")
    given = answer.headers.getlist("Set-Cookie")[0]
    assert given.startswith("__Host-minga_session=")
    assert "; Secure" in given
    assert "; Path=/" in given
    assert "Domain" not in given
    page = client.get("/account", base_url="https://minga.example")
    assert page.status_code == 200
    fields = {"csrf_token": value_of(page, "csrf_token"), "language": "en"}
    answer = client.post("/language", data=fields, base_url="https://minga.example")
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_wrong_input_comes_back_without_the_passphrase(client, rosa):
    for path in ("/sign-in", "/sign-up"):
        answer = send(client, path, path, handle="Doña Rosa", passphrase="secreta")
        assert answer.status_code == 422
        assert 'value="Doña Rosa"' in answer.text
        assert "secreta" not in answer.text
        assert 'class="errors" role="alert"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert not cookie(client)
    assert "dona-rosa" in answer.text
    assert 'href="#handle"' in answer.text


def test_what_is_missing_is_said_at_its_field(client):
    answer = send(client, "/sign-in", handle=" ")
    assert answer.status_code == 422
    assert answer.text.count('class="error"') == 2


def test_password_managers_are_told_which_field_is_which(client, rosa):
    assert re.findall(r'autocomplete="([\w-]+)"', client.get("/sign-in").text) == ["username", "current-password"]
    assert re.findall(r'autocomplete="([\w-]+)"', client.get("/sign-up").text) == ["username", "new-password"]
    sign_in(client)
    found = re.findall(r'autocomplete="([\w-]+)"', client.get("/account").text)
    assert found == ["current-password", "new-password"]


@pytest.mark.parametrize("signup", ["invited", "closed"])
def test_no_account_is_made_when_the_site_makes_none(app, client, context, signup):
    form = csrf(client, "/sign-up")
    app.config["SIGNUP"] = signup
    assert 'name="passphrase"' not in client.get("/sign-up").text
    fields = {"csrf_token": form, "handle": "petrona", "passphrase": "la lluvia de noviembre"}
    assert client.post("/sign-up", data=fields).status_code == 403
    assert accounts.find_by_handle("petrona") is None


@pytest.mark.parametrize("place", ["/", "/changes?space=comun", "/c/comun/bomba/edit", "/search?q=a//b"])
def test_after_signing_in_one_is_where_one_wanted_to_be(client, rosa, place):
    page = client.get("/sign-in", query_string={"next": place})
    answer = sign_in(client, next=value_of(page, "next").replace("&amp;", "&"))
    assert (answer.status_code, answer.location) == (303, place)


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\r\nSet-Cookie: x=y",
        " //evil.example",
        "evil.example",
        "//[",
        "http://[",
        "",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(client, rosa, place):
    page = client.get("/sign-in", query_string={"next": place})
    assert (page.status_code, value_of(page, "next")) == (200, "/")
    answer = sign_in(client, next=place)
    assert (answer.status_code, answer.location) == (303, "/")
    assert answer.headers.get("Set-Cookie", "").startswith(SESSION)


def test_a_page_for_people_leads_to_signing_in_and_back(client):
    answer = client.get("/account")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/account")


# Reading


def test_reading_gives_no_cookie_and_writes_nothing(client, rosa):
    before = everything()
    for path in ("/", "/designs", "/changes", "/people/rosa", "/people/nadie", "/account", "/c/comun", "/healthz"):
        answer = client.get(path)
        assert answer.status_code in (200, 303, 404), path
        assert "Set-Cookie" not in answer.headers, path
    for path in ("/sign-in", "/sign-up", "/language"):
        assert [c.partition("=")[0] for c in other(client).get(path).headers.getlist("Set-Cookie")] == [FORM]
    client.set_cookie(SESSION, "x" * 43)
    client.get("/account")
    assert everything() == before


def test_a_form_keeps_its_cookie_while_it_is_one_of_ours(client):
    first = csrf(client)
    kept = cookie(client, FORM)
    assert "Set-Cookie" not in client.get("/sign-up").headers
    assert csrf(client, "/sign-up") == first
    client.set_cookie(FORM, kept[:-1] + ("0" if kept[-1] != "0" else "1"))
    assert csrf(client) != first
    assert cookie(client, FORM) != kept


@pytest.mark.parametrize("language", ["es", "pt-BR", "en"])
def test_somebody_keeps_a_language(client, language):
    answer = send(client, "/language", "/language", language=language, next="/designs")
    assert (answer.status_code, answer.location) == (303, "/designs")
    assert f'<html lang="{language}">' in client.get("/sign-in", headers={"Accept-Language": "qu"}).text


def test_a_language_that_the_site_does_not_speak_is_refused(client):
    assert send(client, "/language", "/language", language="tlh").status_code == 422
    assert cookie(client, "minga_language") is None


# Sessions


def test_a_session_planted_by_somebody_else_is_not_taken_over(client, rosa):
    client.set_cookie(SESSION, "planted" * 7)
    sign_in(client)
    assert "planted" not in cookie(client)
    assert is_in(client)
    assert not is_in(with_cookie(client, "planted" * 7))


def test_signing_in_over_a_session_gives_another_and_ends_it(client, rosa, tomas):
    sign_in(client)
    first = cookie(client)
    send(client, "/sign-in", "/account", handle="tomas", passphrase="chacra de tomas 2026")
    assert cookie(client) != first
    assert not is_in(with_cookie(client, first))
    assert ">tomas<" in client.get("/account").text


def test_the_form_given_before_signing_in_is_dead_afterwards(client, rosa):
    before = csrf(client)
    sign_in(client)
    assert client.post("/sign-out", data={"csrf_token": before}).status_code == 400
    assert is_in(client)


def test_the_old_cookie_is_dead_after_signing_out(client, rosa):
    sign_in(client)
    kept, form = cookie(client), csrf(client, "/account")
    assert send(client, "/sign-out", "/account").status_code == 303
    assert not cookie(client)
    thief = with_cookie(client, kept)
    assert not is_in(thief)
    assert thief.post("/account/tokens", data={"csrf_token": form, "name": "x"}).status_code == 400


def test_all_other_cookies_are_dead_after_another_passphrase(client, rosa):
    there = other(client)
    sign_in(client)
    sign_in(there)
    answer = send(client, "/account/passphrase", "/account", old=ROSAS, new="la lluvia de noviembre")
    assert (answer.status_code, is_in(client), is_in(there)) == (200, True, False)
    assert sign_in(there).status_code == 422
    assert sign_in(there, passphrase="la lluvia de noviembre").status_code == 303


def test_sessions_are_ended_one_by_one_or_all_others(client, rosa):
    browsers = [client, other(client), other(client), other(client)]
    for browser in browsers:
        sign_in(browser)
    numbers = re.findall(r'name="id" value="(\d+)"', client.get("/account").text)
    assert len(numbers) == 4
    send(client, "/account/sessions", "/account", id=numbers[0])
    assert [is_in(b) for b in browsers] == [True, True, True, False]
    send(client, "/account/sessions", "/account")
    assert [is_in(b) for b in browsers] == [True, False, False, False]
    assert send(client, "/account/sessions", "/account", id=numbers[-1]).status_code == 303
    assert not is_in(client)


@pytest.mark.parametrize("number", ["abc", "", "0", "-1", "1e3", "9" * 30])
def test_what_is_no_number_of_a_session_or_token_ends_nothing(client, rosa, number):
    there = other(client)
    sign_in(client)
    sign_in(there)
    send(client, "/account/tokens", "/account", name="riego")
    before = everything()
    for path, name in (("/account/sessions", "id"), ("/account/tokens", "revoke")):
        assert send(client, path, "/account", **{name: number}).status_code == 404
    assert everything() == before
    assert is_in(there)


def test_the_sessions_and_tokens_of_others_are_out_of_reach(client, rosa, tomas):
    sign_in(client)
    his, raw = accounts.sign_in(tomas), accounts.create_token("riego", by=tomas)
    (session,), (token,) = accounts.sessions(tomas), accounts.tokens(tomas)
    assert send(client, "/account/sessions", "/account", id=session.id).status_code == 303
    assert send(client, "/account/tokens", "/account", revoke=token.id).status_code == 303
    assert send(client, "/account/sessions", "/account").status_code == 303
    assert accounts.find_by_session(his)
    assert accounts.find_by_token(raw)


# Tokens for programs


def test_a_token_is_shown_once_writes_for_its_owner_and_is_revoked(client, rosa):
    sign_in(client)
    answer = send(client, "/account/tokens", "/account", name="riego <b>")
    raw = re.search(r"<code>(minga_[\w-]+)</code>", answer.text)[1]
    page = client.get("/account").text
    assert raw not in page
    assert "riego &lt;b&gt;" in page
    program = other(client)
    headers = {"Authorization": f"Bearer {raw}"}
    assert program.get("/api/v1/me", headers=headers).json["handle"] == "rosa"
    send(client, "/account/tokens", "/account", revoke=re.search(r'name="revoke" value="(\d+)"', page)[1])
    assert program.get("/api/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x", "Basic {0}", "{0}", "Bearer {0}x", "Bearer  "])
def test_only_a_token_opens_the_door_for_programs(client, rosa, header):
    raw = accounts.create_token("riego", by=rosa)
    headers = {"Authorization": header.format(raw)}
    assert client.get("/api/v1/me", headers=headers).status_code == 401
    assert client.post("/api/v1/designs", json={}, headers=headers).status_code == 401


def test_a_cookie_does_not_write_through_the_door_for_programs(client, rosa):
    sign_in(client)
    assert client.get("/api/v1/me").status_code == 401
    body = {"community": "comun", "language": "es", "document": {"title": "x"}, "note": ""}
    assert client.post("/api/v1/designs", json=body).status_code == 401
    fields = {"csrf_token": csrf(client, "/account")}
    assert client.post("/api/v1/designs", data=fields).status_code == 401


# Forms of others


def routes(app) -> list[str]:
    found = sorted(
        r.rule for r in app.url_map.iter_rules() if r.endpoint.startswith("accounts.") and "POST" in r.methods
    )
    assert len(found) >= 7
    return found


FIELDS = {"handle": "petrona", "passphrase": "la lluvia de noviembre", "language": "pt-BR", "name": "mi programa"}
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "evil.example"},
    {"Origin": "http://["},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://evil.example/localhost"},
    {"Origin": "http://localhost@evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
]


@pytest.mark.parametrize("signed_in", [False, True], ids=["signed out", "signed in"])
def test_no_form_is_taken_without_our_token_or_from_another_site(app, client, rosa, tomas, signed_in):
    stranger = other(client)
    of_stranger = csrf(stranger)
    sign_in(stranger, "tomas", "chacra de tomas 2026")
    of_tomas = csrf(stranger, "/account")
    signed_out = csrf(client)
    if signed_in:
        sign_in(client)
    good = csrf(client, "/account" if signed_in else "/sign-in")
    wrong = [None, "", "x", good[:-1], good + "0", "é", "\ufffd", of_stranger, of_tomas, *([signed_out] * signed_in)]
    before = everything()
    for path in routes(app):
        for token in wrong:
            fields = FIELDS if token is None else {**FIELDS, "csrf_token": token}
            answer = client.post(path, data=fields)
            assert (answer.status_code, SESSION in str(answer.headers)) == (400, False), (path, token)
        for headers in FOREIGN:
            answer = client.post(path, data={**FIELDS, "csrf_token": good}, headers=headers)
            assert (answer.status_code, SESSION in str(answer.headers)) == (400, False), (path, headers)
        assert client.post(f"{path}?csrf_token={good}", data=FIELDS).status_code == 400
        assert client.post(path, json={"csrf_token": good}).status_code == 400
    assert everything() == before
    assert is_in(client) == signed_in


def test_a_signed_out_form_needs_its_cookie(client, rosa):
    fields = {"csrf_token": csrf(client), "handle": "rosa", "passphrase": ROSAS}
    assert other(client).post("/sign-in", data=fields).status_code == 400
    forged = other(client)
    forged.set_cookie(FORM, cookie(client, FORM).split(".")[0] + "." + "0" * 64)
    assert forged.post("/sign-in", data=fields).status_code == 400
    assert client.post("/sign-in", data=fields).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://minga.example"},
    ],
)
def test_a_form_of_our_own_is_taken(app, client, rosa, headers):
    app.config["BASE_URL"] = "http://minga.example"
    assert sign_in(client, headers=headers).status_code == 303


def test_a_refused_form_says_what_to_do_and_gives_back_what_was_typed(client):
    text = "Primero <b>remojar</b> la semilla.\n\nDespués sembrar."
    fields = {"body": text, "note": "mi nota", "passphrase": ROSAS, "old": "vieja", "new": "nueva", "csrf_token": "x"}
    answer = client.post("/sign-in?lang=en", data=fields)
    assert answer.status_code == 400
    assert "Go back, load the page again" in answer.text
    assert "Primero &lt;b&gt;remojar&lt;/b&gt; la semilla.\n\nDespués sembrar.</textarea>" in answer.text
    assert "mi nota</textarea>" in answer.text
    for secret in (ROSAS, "vieja", "nueva"):
        assert secret not in answer.text
    assert '<html lang="es">' in client.post("/sign-in?lang=es", data=fields).text


# Guessing


def guesses(client, count=1, handle="rosa", of="127.0.0.1"):
    return [sign_in(client, handle, f"no es esta {n}", of=of).status_code for n in range(count)]


def test_the_eleventh_guess_at_a_handle_is_refused_wherever_it_comes_from(client, rosa, clock):
    clock.now += 100
    for n in range(10):
        assert guesses(client, of=f"203.0.113.{n}") == [422]
    answer = sign_in(client, of="198.51.100.1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "200")
    assert ROSAS not in answer.text
    assert not cookie(client)
    clock.now += 199
    assert sign_in(client, " ROSA ").status_code == 429
    clock.now += 1
    assert sign_in(client).status_code == 303


def test_the_eleventh_guess_from_an_address_is_refused_whomever_it_is_at(client, rosa, tomas, clock):
    for n in range(10):
        assert guesses(client, handle=f"nadie-{n}", of="203.0.113.7") == [422]
    assert sign_in(client, of="203.0.113.7").status_code == 429
    assert sign_in(client, of="203.0.113.8").status_code == 303
    clock.now += 300
    assert sign_in(other(client), "tomas", "chacra de tomas 2026", of="203.0.113.7").status_code == 303


def test_a_network_with_addresses_at_will_counts_as_one(client, rosa, clock):
    for n in range(10):
        assert guesses(client, handle=f"nadie-{n}", of=f"2001:db8:1:2:{n:x}::{n:x}") == [422]
    assert sign_in(client, of="2001:db8:1:2:ffff::1").status_code == 429
    assert sign_in(other(client), of="2001:db8:1:3::1").status_code == 303


def test_an_address_counts_as_the_same_however_it_is_written(client, rosa, clock):
    for n in range(10):
        assert guesses(client, handle=f"nadie-{n}", of="::ffff:203.0.113.7") == [422]
    assert sign_in(other(client), of="203.0.113.7").status_code == 429
    assert sign_in(other(client), of="::ffff:203.0.113.8").status_code == 303


def test_those_who_know_their_passphrase_are_not_counted(client, rosa, clock):
    for _ in range(12):
        assert sign_in(other(client)).status_code == 303


def test_somebody_who_is_in_stays_in_and_may_act_while_others_guess(client, rosa, clock):
    sign_in(client)
    guesser = other(client)
    assert guesses(guesser, 11) == [422] * 10 + [429]
    assert is_in(client)
    answer = send(client, "/account/passphrase", "/account", old=ROSAS, new="la lluvia de noviembre")
    assert answer.status_code == 200
    assert send(client, "/sign-out", "/account").status_code == 303


def test_guessing_at_the_old_passphrase_is_counted_and_a_weak_new_one_is_not(client, rosa, clock):
    sign_in(client)

    def change(old, new="la lluvia de noviembre"):
        return send(client, "/account/passphrase", "/account", old=old, new=new).status_code

    assert [change(ROSAS, "corta") for _ in range(11)] == [422] * 11
    assert [change(f"no es esta {n}") for n in range(10)] == [422] * 10
    assert change(ROSAS) == 429
    clock.now += 300
    assert change(ROSAS) == 200


def test_an_address_makes_so_many_accounts_a_day(client, context, clock, monkeypatch):
    monkeypatch.setattr("wiki.limits.SIGN_UPS_PER_DAY", 3)

    def make(handle, of="203.0.113.7", passphrase="la lluvia de noviembre"):
        return send(other(client), "/sign-up", "/sign-up", handle=handle, passphrase=passphrase, of=of).status_code

    assert [make("luz", passphrase="corta") for _ in range(4)] == [422] * 4
    assert [make(handle) for handle in ("ana", "eva", "ida", "luz")] == [303, 303, 303, 429]
    assert accounts.find_by_handle("luz") is None
    assert make("luz", of="203.0.113.8") == 303
    clock.now += 86_400
    assert make("paz") == 303


def test_the_store_does_not_say_who_guessed_or_at_whom(client, context, clock):
    guesses(client, handle="petrona-de-la-loma", of="203.0.113.77")
    send(client, "/sign-up", "/sign-up", handle="luz", passphrase="la lluvia de noviembre", of="203.0.113.77")
    held = everything()
    assert len(held["throttle"]) == 3
    told = "\n".join(row for rows in held.values() for row in rows)
    for trace in ("203.0.113.77", "petrona-de-la-loma", "no es esta", "Werkzeug"):
        assert trace not in told


def test_the_page_does_not_tell_whether_there_is_such_a_handle(client, rosa):
    pages = []
    for handle in ("rosa", "nadie"):
        answer = sign_in(client, handle, "no es esta 2026")
        assert answer.status_code == 422
        unlike = {"request": answer.headers.pop("X-Request-ID"), "handle": f'value="{handle}"'}
        text = answer.text
        for what in unlike.values():
            text = text.replace(what, "")
        pages.append((text, sorted(n for n, _ in answer.headers)))
    assert pages[0] == pages[1]
