"""What nobody else may see is nowhere to be seen: marked words are planted in all places that are private, and the
whole site is read for them, by a stranger and by somebody who is signed in."""

import collections
import contextlib
import html
import json
import pathlib
import re
import urllib.parse
import zlib
from collections.abc import Iterator

import pytest

from tests import sizes
from tests.designs.examples import pump
from tests.flows.people import Api, Browser, form_fields
from tests.wiki import pictures

PLACES = (
    "passphrase",
    "wrong passphrase",
    "wrong handle",
    "session",
    "token",
    "name of a token",
    "e-mail",
    "address",
    "browser",
    "referrer",
    "question",
    "draft",
    "title of a draft",
    "draft of a new page",
    "preview",
    "complaint",
    "answer to a complaint",
    "reply to a notice",
    "held text",
    "held note",
    "held title",
    "held text of an older version",
    "title of a page of which all is held",
    "redacted text",
    "redacted note",
    "redacted address",
    "comment in a photo",
    "text that came late",
)
MOST = 2000 if sizes.long else 600
"""How many addresses are read at most."""
PUBLIC = "kanpublico"
"""A word that everybody may read: that it is found shows that the others would be."""


def canary(place: str) -> str:
    """A word that stands nowhere else, and that looks like one, so that it is indexed and makes an address."""
    return f"kan{zlib.crc32(place.encode()):08x}"


@pytest.fixture(scope="module")
def people(served) -> Iterator[dict[str, Browser]]:
    site, _ = served
    found: dict[str, Browser] = {}
    for handle in ("jefa", "ana", "tomas"):
        secret = f"muy secreta {canary('passphrase')}"
        site.account(handle, secret, admin=handle == "jefa")
        found[handle] = Browser(site.url)
        found[handle].sign_in(handle, secret)
    yield found
    for browser in found.values():
        browser.close()


@pytest.fixture(scope="module")
def planted(served, people) -> dict[str, str]:
    """All the words, each planted where it is private."""
    site, api = served
    words = {place: canary(place) for place in PLACES}
    ana = people["ana"]
    with contextlib.closing(Browser(site.url)) as stranger:
        _say_in_passing(stranger, words)
    words["session"] = re.findall(r"session=([^;]+)", ana.cookie)[0]
    words["token"] = site.command("account", "token", "ana").splitlines()[-1]
    assert ana.submit("/account/tokens", {"name": words["name of a token"]}, "/account")[0] == 200

    document = pump(title="Molino", body=f"Está en {PUBLIC}.")
    sent = {"community": "comun", "slug": "molino", "language": "es", "document": document, "note": PUBLIC}
    assert api.post("/designs", sent)[0] == 201
    form = dict(form_fields(ana.get("/c/comun/molino/edit")[1].decode()))
    kept = {"title": words["title of a draft"], "body": words["draft"]}
    assert ana.submit("/c/comun/molino/edit/draft", {**form, **kept}, "/account")[0] in (200, 303)
    begun = {"op": "a" * 32, "title": words["draft of a new page"], "kind": "machine", "language": "es"}
    assert ana.submit("/new/draft", begun, "/account")[0] in (200, 303)
    previewed = {**form, "body": words["preview"], "do": "preview"}
    assert ana.submit("/c/comun/molino/edit", previewed, "/account")[0] == 200

    assert (
        api.put(
            "/designs/comun/molino",
            {"base": 1, "document": pump(title="Molino", summary="Muele.", body=document["body"])},
        )[0]
        == 200
    )
    late = {**form, "summary": words["text that came late"], "do": "save"}
    assert ana.submit("/c/comun/molino/edit", late, "/account")[0] == 409

    complain_and_hold(served, people, words)
    redacted = ("redacted text", "redacted note", "redacted address")
    for place in redacted:
        document = pump(title=f"Taller {words[place]}", body=f"En {words[place]}.")
        sent = {"community": "comun", "language": "es", "document": document, "note": f"de {words[place]}"}
        assert api.post("/designs", sent)[0] == 201
    site.catch_up()
    for place in redacted:
        asked = {"words": words[place]}
        status, body = people["jefa"].submit("/care/redact", {**asked, "do": "find"})
        seen = re.search(rb'name="seen" value="([0-9a-f]+)"', body)
        assert status == 200
        assert seen
        done = people["jefa"].submit("/care/redact", {**asked, "do": "redact", "seen": seen[1].decode()})
        assert done[0] == 303

    words["comment in a photo"] = words["comment in a photo"][:7]
    photo = pictures.telling("JPEG").replace(b"secreto", words["comment in a photo"].encode())
    assert send_file(Api(site.url, words["token"]), photo) == 201
    site.catch_up()
    return words


def complain_and_hold(served, people, words: dict[str, str]) -> None:
    """Ana writes what is held back and complains; who keeps the site answers, and Ana replies."""
    site, api = served
    ana, jefa = people["ana"], people["jefa"]
    sent = {"community": "comun", "slug": "retenida", "language": "es", "document": pump(title="Retenida")}
    assert api.post("/designs", sent)[0] == 201
    held = pump(title=words["held title"], summary=words["held text"])
    mine = Api(site.url, words["token"])
    assert mine.put("/designs/comun/retenida", {"base": 1, "document": held, "note": words["held note"]})[0] == 200
    older = pump(title="Retenida", summary=words["held text of an older version"])
    assert mine.post("/designs", {**sent, "slug": "retenida-antes", "document": older})[0] == 201
    assert mine.put("/designs/comun/retenida-antes", {"base": 1, "document": sent["document"], "note": ""})[0] == 200
    whole = pump(title=words["title of a page of which all is held"], body="Va con la [otra](/c/comun/retenida).")
    assert mine.post("/designs", {**sent, "slug": "retenida-toda", "document": whole})[0] == 201
    asked = {"of": "/c/comun/retenida-toda/r/1", "note": "se está viendo", "do": "hold"}
    assert jefa.submit("/care/hold", asked, "/account")[0] == 303
    asked = {"of": "/c/comun/retenida-antes/r/1", "note": "se está viendo", "do": "hold"}
    assert jefa.submit("/care/hold", asked, "/account")[0] == 303
    said = {"of": "/c/comun/retenida", "reason": "personal", "words": words["complaint"]}
    assert ana.submit("/care/flag", said, "/account")[0] == 303
    asked = {"of": "/c/comun/retenida/r/2", "note": "se está viendo", "do": "hold"}
    assert jefa.submit("/care/hold", asked, "/account")[0] == 303
    assert jefa.submit("/care/flags/1", {"answer": words["answer to a complaint"]}, "/account")[0] == 303
    told = re.search(rb'action="(/account/notices/\d+)"', ana.get("/account/notices")[1])
    assert told
    assert ana.submit(told[1].decode(), {"reply": words["reply to a notice"]}, "/account")[0] == 303


def _say_in_passing(stranger: Browser, words: dict[str, str]) -> None:
    """What a browser says of itself, and what people type where it does not belong."""
    stranger.submit("/sign-in", {"handle": "ana", "passphrase": words["wrong passphrase"]})
    stranger.submit("/sign-in", {"handle": f"{words['e-mail']}@example.org", "passphrase": "x" * 12})
    stranger.submit("/sign-in", {"handle": words["wrong handle"], "passphrase": "x" * 12})
    told = {"X-Forwarded-For": words["address"], "User-Agent": words["browser"], "Referer": f"/{words['referrer']}"}
    assert stranger.get("/designs", **told)[0] == 200
    assert stranger.get(f"/nothing/{words['referrer']}", **told)[0] == 404
    assert stranger.get(f"/search?q={words['question']}")[0] == 200


def send_file(api: Api, data: bytes) -> int:
    with contextlib.closing(Browser(f"http://{api.address}")) as browser:
        headers = {"Authorization": f"Bearer {api.token}"}
        browser.connection.request("POST", "/api/v1/files?name=pozo.jpg", data, headers)
        return browser.connection.getresponse().status


def everything(browser: Browser, words: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """All that can be reached by links, with what programs are told, and what is found when the words are asked for."""
    begin = ["/", "/designs", "/changes", "/missing", "/communities", "/about", "/feeds/changes", "/people/ana"]
    begin += ["/people/rosa", "/api/v1/openapi.json", "/api/v1/changes?since=0&limit=200", "/readyz", "/account"]
    begin += ["/api/v1/designs?limit=200", "/api/v1/search?per_page=100", "/api/v1/me", "/care", "/people/ana/undo"]
    begin += ["/search/older?q=mecate", "/search/older?q=-nada", "/search/older?q=retenida"]
    begin += ["/c/comun/molino.json", "/c/comun/molino.txt", "/api/v1/designs/comun/molino/history?documents=1"]
    waiting, seen = collections.deque(begin), set(begin)
    asked = [word for place, word in words.items() if place != "question"]
    while waiting and len(seen) < MOST:
        path = waiting.popleft()
        status, body, answer = browser.get(path)
        assert status < 500, path
        yield path, body + str(answer.headers).encode()
        if b"html" not in answer.headers.get("Content-Type", "").encode():
            continue
        for link in re.findall(r'(?:href|src)="(/[^"#]*)', body.decode(errors="replace")):
            path = html.unescape(link)
            if path not in seen and not path.startswith(("/static/", "/designs?", "/search?", "/sign-in?")):
                seen.add(path)
                waiting.append(path)
    for word in asked:
        yield (path := f"/api/v1/search?q={word}"), json.dumps(json.loads(browser.get(path)[1])["hits"]).encode()
        yield f"/search/older?q={word}", in_older_versions(browser, word)


def in_older_versions(browser: Browser, word: str) -> bytes:
    """What is found of a word in older versions, without what repeats the question."""
    status, body, _ = browser.get(f"/search/older?q={word}")
    assert status == 200
    return b"".join(re.findall(rb'(?s)<section class="found">.*?</section>', body))


@pytest.mark.parametrize("who", ["a stranger", "somebody else"])
def test_nothing_private_is_on_any_page_feed_or_answer(served, people, planted, who, figure):
    browser = Browser(served[0].url) if who == "a stranger" else people["tomas"]
    mine = re.findall(r"session=([^;]+)", browser.cookie)
    paths = public = 0
    for path, body in everything(browser, planted):
        paths += 1
        public += PUBLIC.encode() in body
        for place, word in planted.items():
            assert word.encode() not in body or word in mine, f"{place}: {path}"
            assert urllib.parse.quote(word).encode() not in body
    assert PUBLIC.encode() in in_older_versions(browser, PUBLIC)
    figure(f"{len(planted)} canaries looked for on {paths} pages by {who}: none found")
    browser.close()
    assert public > 8
    assert paths > 150


def test_nothing_private_is_in_an_export_or_the_log(served, planted, tmp_path):
    site, _ = served
    site.command("export", str(tmp_path / "commons"))
    exported = b"".join(path.read_bytes() for path in sorted((tmp_path / "commons").rglob("*")) if path.is_file())
    log = (pathlib.Path(site.folder) / "serve.log").read_bytes()
    assert PUBLIC.encode() in exported
    for place, word in planted.items():
        assert word.encode() not in exported, place
        assert word.encode() not in log, place


def test_what_was_taken_away_or_is_only_a_hash_is_not_in_the_store_either(served, planted):
    site, _ = served
    stored = b"".join(path.read_bytes() for path in sorted(pathlib.Path(site.folder).rglob("*")) if path.is_file())
    places = ("passphrase", "wrong passphrase", "wrong handle", "session", "token", "e-mail", "address", "browser")
    for place in (*places, "redacted text", "redacted note", "redacted address", "comment in a photo", "preview"):
        assert planted[place].encode() not in stored, place
