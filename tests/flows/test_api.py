"""The API as its description says it is, and what it does with bodies that mean no good."""

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests import sizes
from tests.designs.examples import pump
from wiki import accounts


@pytest.fixture
def token(app, rosa):
    return accounts.create_token("prueba", by=rosa)


@pytest.fixture
def call(client, token):
    def call(method, path, body=None, key="", **more):
        headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
        sent = {"json": body} if body is not None else {}
        answer = client.open(f"/api/v1{path}", method=method, headers=headers, **sent, **more)
        return answer.status_code, answer.get_json()

    return call


def begin(call, **changes):
    sent = {"community": "comun", "language": "es", "document": pump(**changes), "note": "primera"}
    status, design = call("POST", "/designs", sent)
    assert status == 201
    return design


def test_a_design_is_begun_read_saved_and_read_at_each_version(call):
    design = begin(call)
    assert design["url"].endswith("/c/comun/bomba-de-mecate")
    assert (design["number"], design["parents"], design["author"], design["state"]) == (
        1,
        [],
        "rosa",
        "published",
    )
    assert design["licence"] == {"documentation": "CC-BY-SA-4.0"}
    status, saved = call("PUT", "/designs/comun/bomba-de-mecate", {"base": 1, "document": pump(body="x")})
    assert (status, saved["number"], saved["saved"], saved["merged"]) == (200, 2, True, False)
    status, older = call("GET", "/designs/comun/bomba-de-mecate?revision=1")
    assert older == design
    status, listed = call("GET", "/designs/comun/bomba-de-mecate/history?documents=1")
    assert [item["number"] for item in listed["items"]] == [2, 1]
    assert listed["items"][0]["parents"] == [design["digest"]]
    assert listed["items"][1]["document"] == design["document"]


def test_a_conflict_says_what_each_side_has_and_takes_an_answer(call):
    begin(call)
    address = "/designs/comun/bomba-de-mecate"
    call("PUT", address, {"base": 1, "document": pump(summary="Uno.")})
    status, conflict = call("PUT", address, {"base": 1, "document": pump(summary="Dos.")})
    assert (status, conflict["type"], conflict["head"]) == (409, "/problems/conflict", 2)
    (place,) = conflict["conflicts"]
    assert (place["place"].split("#")[0], place["here"], place["incoming"]) == ("summary", "Uno.", "Dos.")
    answer = {"base": 1, "document": pump(summary="Dos."), "resolutions": {place["id"]: "incoming"}}
    assert call("PUT", address, answer)[0] == 200
    assert call("GET", address)[1]["document"]["summary"] == "Dos."


def test_a_repeated_request_gets_its_first_answer_and_another_under_its_key_is_refused(call):
    sent = {"community": "comun", "language": "es", "document": pump()}
    first, again = (call("POST", "/designs", sent, key="una-vez") for _ in range(2))
    assert first == again
    assert len(call("GET", "/designs")[1]["items"]) == 1
    assert call("POST", "/designs", {**sent, "language": "en"}, key="una-vez")[0] == 422


def test_undo_restore_rename_and_retirement(call):
    begin(call)
    address = "/designs/comun/bomba-de-mecate"
    call("PUT", address, {"base": 1, "document": pump(summary="Mala idea.")})
    call("PUT", address, {"base": 2, "document": pump(summary="Mala idea.", body="Buena.")})
    assert call("POST", f"{address}/undo", {"revision": 2})[1]["number"] == 4
    assert call("GET", address)[1]["document"]["body"] == "Buena."
    assert call("POST", f"{address}/restore", {"revision": 1})[1]["number"] == 5
    changes = call("GET", f"{address}/compare?from=1&to=2")[1]["changes"]
    assert [c["place"].split("#")[0] for c in changes] == ["summary"]
    assert call("GET", f"{address}/blame?part=body")[1]["lines"][0]["author"] == "rosa"
    assert call("POST", f"{address}/rename", {"slug": "bomba"})[1]["slug"] == "bomba"
    assert call("GET", address)[1]["slug"] == "bomba"
    assert call("PUT", "/designs/comun/bomba/retirement", {"note": "repetida"})[1] == {"state": "retired"}
    assert call("GET", "/designs")[1]["items"] == []
    assert call("PUT", "/designs/comun/bomba", {"base": 5, "document": pump(body="y")})[0] == 410
    assert call("DELETE", "/designs/comun/bomba/retirement")[1] == {"state": "published"}
    verbs = [c["verb"] for c in call("GET", "/changes?since=0")[1]["items"] if c["page"]]
    assert verbs == ["create", "edit", "edit", "undo", "restore", "rename", "retire", "bring-back"]


def test_what_may_not_be_published_is_named_place_by_place(call):
    sent = {"community": "comun", "language": "es", "document": {"kind": "machine", "title": "x"}}
    status, problem = call("POST", "/designs", sent)
    assert (status, problem["type"]) == (422, "/problems/invalid")
    assert {e["place"] for e in problem["errors"]} == {"licences/documentation/licence", "hazards"}
    assert all(e["message"] for e in problem["errors"])


def test_nobody_writes_without_a_token(client):
    for method, path in (
        ("POST", "/designs"),
        ("PUT", "/designs/comun/x"),
        ("POST", "/designs/comun/x/undo"),
    ):
        answer = client.open(f"/api/v1{path}", method=method, json={})
        assert (answer.status_code, answer.get_json()["type"]) == (401, "/problems/unauthorised")


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "sent",
    [
        DEEP,
        '{"base": 1, "document": ' + DEEP + "}",
        '{"base": 1, "document": {"title": "a\\u0000b"}}',
        '{"base": 1, "document": {"title": "\\ud800"}}',
        '{"base": 1e999, "document": {}}',
        '{"base": 99999999999999999999, "document": {}}',
        '{"base": true, "document": {}}',
        '{"base": 1, "document": {"title": 12}}',
        '{"base": 1, "document": {"title": {"a": {"b": []}}}}',
        '{"base": 1, "document": [], "resolutions": []}',
        '{"base": 1, "document": {}, "resolutions": {"x": 1}}',
        '{"base": 1',
        "null",
        "",
        "\x00",
        '{"base": 1, "document": {"body": "' + "a" * 300_000 + '"}}',
    ],
    ids=range(16),
)
def test_hostile_bodies_get_a_clear_refusal(client, token, call, sent):
    begin(call)
    answer = client.put(
        "/api/v1/designs/comun/bomba-de-mecate",
        data=sent,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.get_json()["type"] == "/problems/invalid"
    assert call("GET", "/designs/comun/bomba-de-mecate")[1]["number"] == 1


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(client, token):
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post("/api/v1/designs", data=b"x" * 10_000_000, headers=headers)
    assert (answer.status_code, answer.get_json()["type"]) == (413, "/problems/too-large")
    answer = client.post(
        "/sign-in", data="handle=" + "a" * 10_000_000, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/c/comun/x%00y", "/designs?q=%00", "/c/comun/x/r/99999999999999999999", "/%ff"])
def test_hostile_addresses_get_a_clear_refusal(client, path):
    assert 400 <= client.get(path).status_code < 500


CHECKED = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
)


def test_every_answer_is_as_the_description_says(app, call, token):
    begin(call)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    seen = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=sizes.of(20, 700), phases=[Phase.generate])
        def explore(case):
            nonlocal seen
            seen += 1
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
            case.call_and_validate(checks=CHECKED)

        explore()
    assert seen > 200
