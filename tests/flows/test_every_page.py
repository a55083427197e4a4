"""Every kind of page, in three languages, on a small and a wide screen: readable by all, and alone on the wire."""

import contextlib

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import sizes
from tests.designs.examples import pump
from tests.flows.people import Api, Browser

pytestmark = pytest.mark.browser

READER = (
    "/",
    "/designs",
    "/designs?q=nada+de+nada",
    "/communities",
    "/c/comun",
    "/c/comun/revisada",
    "/c/comun/revisada/r/1",
    "/c/comun/revisada/history",
    "/c/comun/revisada/compare/1..2",
    "/c/comun/revisada/blame",
    "/c/comun/revisada/blame?part=bom",
    "/c/comun/revisada/links",
    "/c/comun/revisada/parts?for=4",
    "/c/comun/bomba-de-mecate",
    "/c/comun/revisada-chica",
    "/c/comun/revisada-chica/pull",
    "/c/comun/revisada/family",
    "/c/comun/revisada/proposals",
    "/c/comun/revisada/proposals/1",
    "/c/comun/pump",
    "/c/comun/-/people",
    "/c/comun/-/activity",
    "/regions",
    "/regions/BO",
    "/translations",
    "/c/comun/no-escrita",
    "/changes",
    "/search?q=bomba",
    "/search?q=bomba&kind=machine&has=bom",
    "/search?q=zzzz",
    "/search/older?q=mecate",
    "/search/older?q=mecate&page=comun/revisada",
    "/search/older?q=zzzz",
    "/search/with",
    "/search/with?have=madera,alambre&skill=carpentry",
    "/missing",
    "/people/rosa",
    "/sign-in",
    "/sign-up",
    "/language",
    "/about",
    "/nada/de/nada",
)
AUTHOR = (
    "/new",
    "/new/paste",
    "/new?kind=machine",
    "/c/comun/revisada/edit",
    "/c/comun/revisada/undo?revision=2",
    "/c/comun/revisada/manage",
    "/c/comun/revisada/files",
    "/c/comun/revisada/fork",
    "/c/comun/revisada-chica/pull",
    "/c/comun/revisada-chica/differences",
    "/c/comun/revisada/proposals/new?from=comun/revisada-chica",
    "/c/comun/revisada/proposals/1",
    "/c/comun/pump/translate",
    "/communities/new",
    "/join",
    "/c/altura/lejos/edit",
    "/account",
    "/account/notices",
    "/care/flag?of=/c/comun/revisada",
)
ADMIN = (
    "/c/comun",
    "/c/comun/revisada",
    "/c/comun/revisada/r/1",
    "/c/comun/revisada/manage",
    "/changes",
    "/account",
    "/people/rosa",
    "/people/rosa/undo",
    "/people/rosa/block",
    "/c/comun/-/about",
    "/c/comun/-/people",
    "/care",
    "/care/flags/1",
    "/care/hold?of=/c/comun/revisada/r/1",
    "/care/redact",
)
PAGES = {"reader": READER, "author": AUTHOR, "admin": ADMIN}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="module", autouse=True)
def revised(served):
    site, api = served
    jefa = Api(site.url, site.account("jefa", "la sombra del tamarindo", admin=True))
    sent = {"community": "comun", "slug": "revisada", "language": "es", "document": pump()}
    assert api.post("/designs", sent)[0] == 201
    changed = pump(summary="Sube agua de pozos de hasta 40 m.")
    changed["bom"][0]["quantity"] = "45"
    assert api.put("/designs/comun/revisada", {"base": 1, "document": changed, "note": "más hondo"})[0] == 200
    for slug, relation, language in (("revisada-chica", "variant", "es"), ("pump", "translation", "en")):
        told = {"community": "comun", "slug": slug, "relation": relation, "language": language, "note": "Otra."}
        assert api.post("/designs/comun/revisada/forks", {**told, "revision": 1})[0] == 201
    other = {**changed, "summary": "Para pozos bajos.", "context": "Pozos de 5 m."}
    assert api.put("/designs/comun/revisada-chica", {"base": 1, "document": other, "note": ""})[0] == 200
    offered = {"from": "comun/revisada-chica", "note": "También para pozos bajos."}
    assert api.post("/designs/comun/revisada/proposals", offered)[0] == 201
    assert jefa.post("/communities", {"slug": "altura", "names": {"es": "Altura"}, "regions": ["BO-P"]})[0] == 201
    far = {"community": "altura", "slug": "lejos", "language": "es", "document": pump()}
    assert jefa.post("/designs", far)[0] == 201
    with contextlib.closing(Browser(site.url)) as rosa:
        rosa.sign_in("rosa", "quinua y papa 2026")
        said = {"of": "/c/comun/revisada", "reason": "unsafe", "words": "Falta una advertencia."}
        assert rosa.submit("/care/flag", said, "/account")[0] == 303


LOOKS = [(320, "es"), (1280, "pt-BR")]
if sizes.long:
    LOOKS = [(width, language) for width in (320, 1280) for language in ("es", "pt-BR", "en")]


@pytest.mark.parametrize(("width", "language"), LOOKS)
@pytest.mark.parametrize("role", ["reader", "author", "admin"])
def test_pages_can_be_read_by_all_and_ask_nobody_else(visit, role, language, width):
    visitor = visit(width, language=language, dark=width == 320)
    if role == "author":
        visitor.signs_in()
    if role == "admin":
        visitor.signs_in("jefa", "la sombra del tamarindo")
    found = []
    # In every run each page is looked at once, in one of the two looks.
    paths = PAGES[role] if sizes.long else PAGES[role][LOOKS.index((width, language)) :: 2]
    for path in paths:
        joint = "&" if "?" in path else "?"
        visitor.goes(f"{path}{joint}lang={language}")
        page = visitor.page
        for violation in Axe().run(page, options=RULES).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found.append((path, violation["id"], nodes))
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append((path, "wider than the screen", page.evaluate(WIDEST)))
        if page.get_attribute("html", "lang") != language:
            found.append((path, "not in this language", []))
        if page.locator("h1").count() != 1:
            found.append((path, "not one h1", []))
    assert found == [], "\n".join(map(str, found))
    assert visitor.foreign == []


WIDEST = """[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
.slice(0, 3).map(e => e.outerHTML.slice(0, 120))"""
