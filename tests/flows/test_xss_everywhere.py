"""Hostile words in every field that takes text, and every place where they show: nothing runs, nobody is asked."""

import json

import pytest

from designs import sheet
from tests import sizes
from tests.designs.examples import pump

pytestmark = [pytest.mark.data, pytest.mark.browser]

OWN = [
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "[[comun/x|<img src=x onerror=alert(1)>]]",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "&lt;img src=x onerror=alert(1)&gt;",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example/x.js",
]
PLACES = (
    "/c/comun/{slug}",
    "/c/comun/{slug}/r/1",
    "/c/comun/{slug}/history",
    "/c/comun/{slug}/compare/1..2",
    "/c/comun/{slug}/blame?part=body",
    "/c/comun/{slug}/blame?part=bom",
    "/c/comun/{slug}/links",
    "/c/comun/{slug}/undo?revision=2",
    "/c/comun/{slug}/edit",
    "/c/comun/{slug}/manage",
    "/search/older?page=comun/{slug}&q=-zzzz",
    "/search/older?page=comun/{slug}&q=script",
    "/c/comun/{slug}.txt",
    "/c/comun/{slug}/parts.csv",
)
LISTS = ("/", "/designs?q={q}", "/c/comun", "/changes", "/people/rosa", "/missing", "/feeds/changes.atom")


def hostile(vector: str) -> dict[str, object]:
    """A document with the vector in every field of every part."""
    document: dict[str, object] = {}
    for field in sheet.FIELDS:
        text = vector[: field.limit or None]
        if field.shape == "text":
            document[field.name] = text
        elif field.shape == "set":
            document[field.name] = [text]
        else:
            cells = {c.name: [vector] if c.is_set else vector for c in field.columns}
            document[field.name] = [{"key": "documentation" if field.name == "licences" else "uno", **cells}]
    return {**document, "kind": "machine", "title": vector[:120] or "x"}


def test_nothing_runs_anywhere(visit, api, shared):
    data = json.loads((shared / "data" / "xss" / "owasp-xss-vectors.json").read_text())
    theirs = next(v for v in data.values() if isinstance(v, list))
    vectors = OWN + [v if isinstance(v, str) else v.get("payload") or v.get("vector") or v["text"] for v in theirs]
    visitor = visit(1280).signs_in()
    page = visitor.page
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: ran.append(message.text) if "Refused" in message.text else None)
    used = vectors if sizes.long else vectors[:: max(1, len(vectors) // 12)]
    assert len(vectors) >= 59 + len(OWN)
    for number, vector in enumerate(used):
        slug = f"malo-{number}"
        sent = {"community": "comun", "slug": slug, "language": "es", "document": hostile(vector), "note": vector[:400]}
        status, answer = api.post("/designs", sent)
        if status == 422:
            continue
        assert status == 201, answer
        changed = {**hostile(vector), "body": f"{vector}\n\n{vector} otra vez"}
        assert api.put(f"/designs/comun/{slug}", {"base": 1, "document": changed, "note": vector[:400]})[0] == 200
        for place in PLACES:
            if place.endswith((".txt", ".csv")):
                continue
            visitor.goes(place.format(slug=slug))
            assert visitor.status == 200, (place, vector)
    visitor.goes("/search/older?q=alert")
    assert page.locator(".versions mark").count() > 1
    assert living(visitor) == 0
    for place in LISTS[:-1]:
        visitor.goes(place.format(q="%3Cscript%3Ealert(1)%3C/script%3E"))
    assert ran == []
    assert visitor.foreign == []


ALIVE = (
    "main :is([onerror], [onload], [onclick], [onmouseover], script:not([type='application/ld+json']), iframe, object)"
)


def living(visitor) -> int:
    """How many elements of a page could run something, if nothing else kept them from it."""
    return visitor.page.locator(ALIVE).count()


def sends(visitor, button: str) -> None:
    with visitor.page.expect_navigation():
        visitor.page.locator(button).last.click()


def test_nothing_runs_in_what_is_said_about_designs(visit, site, api):
    """Complaints, holds, notices, proposals and pasted texts."""
    site.account("jefa", "la sombra del tamarindo", admin=True)
    admin = visit(1280).signs_in("jefa", "la sombra del tamarindo")
    rosa = visit(1280).signs_in()
    ran: list[str] = []

    def asked(dialog) -> None:
        # A form that was not saved asks before it is left.
        if dialog.type != "beforeunload":
            ran.append(dialog.message)
        dialog.accept()

    for visitor in (admin, rosa):
        visitor.page.on("dialog", asked)
    for number, vector in enumerate(OWN if sizes.long else OWN[::7]):
        slug = f"dicho-{number}"
        sent = {"community": "comun", "slug": slug, "language": "es", "document": pump(title="Bomba"), "note": ""}
        assert api.post("/designs", sent)[0] == 201
        assert api.put(f"/designs/comun/{slug}", {"base": 1, "document": pump(title="Otra"), "note": vector})[0] == 200
        forked = {"community": "comun", "slug": f"{slug}-b", "relation": "variant", "note": vector}
        assert api.post(f"/designs/comun/{slug}/forks", forked)[0] == 201
        changed = {"base": 1, "document": pump(title=vector[:120]), "note": vector}
        assert api.put(f"/designs/comun/{slug}-b", changed)[0] == 200
        offered = {"from": f"comun/{slug}-b", "note": vector}
        assert api.post(f"/designs/comun/{slug}/proposals", offered)[0] == 201
        rosa.goes(f"/care/flag?of=/c/comun/{slug}/r/2")
        rosa.page.locator("input[name=reason]").first.check()
        rosa.page.fill("[name=words]", vector)
        sends(rosa, "main form button")
        rosa.goes("/new/paste")
        rosa.page.select_option("[name=kind]", "machine")
        rosa.page.fill("textarea[name=text]", f"# {vector}\n\n{vector}\n\n- {vector}\n")
        sends(rosa, "main form button")
        rosa.goes(f"/c/comun/{slug}/proposals/1")
        rosa.page.fill("[name=words]", vector)
        sends(rosa, "button[value=say]")
        for place in ("pull", "family", "proposals", "proposals/1", "differences", "edit"):
            rosa.goes(f"/c/comun/{slug}-b/{place}" if place != "proposals/1" else f"/c/comun/{slug}/{place}")
            assert living(rosa) == 0, (place, vector)
        admin.goes(f"/care/hold?of=/c/comun/{slug}/r/2")
        admin.page.fill("[name=note]", vector)
        sends(admin, "main form button")
        for place in ("/care", f"/c/comun/{slug}/r/2", f"/c/comun/{slug}/history", "/changes"):
            admin.goes(place)
            assert living(admin) == 0, (place, vector)
        rosa.goes("/account")
        assert living(rosa) == 0, vector
    assert ran == []
    assert admin.foreign == rosa.foreign == []
