"""Ana publishes a press. Bento, in another region, makes it his community's own, takes in one of her changes and leaves
the other, and gives her a mended measure back. Carmen translates it. All on phones of 360 px without scripts."""

import pytest

from tests.flows.conftest import SCREENSHOTS
from tests.flows.people import Api

pytestmark = pytest.mark.browser

SECRET = "la sombra del tamarindo"
PRESS = {
    "kind": "machine",
    "title": "Prensa de bloques",
    "summary": "Hace bloques de tierra a mano.",
    "hazards": ["crush"],
    "regions": ["CO"],
    "licences": [{"key": "documentation", "licence": "CC-BY-SA-4.0"}],
    "bom": [
        {"key": "molde", "name": "Molde", "quantity": "1", "unit": "u", "material": "acero", "spec": "30 x 15 cm"},
        {"key": "palanca", "name": "Palanca", "quantity": "1", "unit": "u", "material": "tubo de hierro"},
        {"key": "base", "name": "Base", "quantity": "1", "unit": "u", "material": "concreto"},
        {"key": "pasador", "name": "Pasador", "quantity": "2", "unit": "u", "spec": "12 mm"},
    ],
    "steps": [
        {"key": "arme", "title": "Arme el molde", "text": "Con tornillos."},
        {"key": "llene", "title": "Llene el molde", "text": "De tierra húmeda."},
        {"key": "prense", "title": "Baje la palanca", "text": "Con todo el peso."},
    ],
}


class Person:
    """Somebody with a phone."""

    def __init__(self, visit, site, handle, language="es"):
        self.token = site.account(handle, SECRET)
        self.visitor = visit(360, scripts=False, language=language).signs_in(handle, SECRET)
        self.page, self.handle, self.language = self.visitor.page, handle, language

    def goes(self, path):
        self.visitor.goes(f"{path}{'&' if '?' in path else '?'}lang={self.language}")
        assert self.visitor.status == 200, (path, self.page.inner_text("main"))
        return self

    def presses(self, words):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).first.click()
        return self

    def sees(self, words):
        self.visitor.sees(words)
        return self

    def founds(self, slug, name, region):
        self.goes("/communities/new")
        self.page.fill("[name=name-es]", name)
        self.page.fill("[name=slug]", slug)
        self.page.locator("details", has=self.page.locator(f"[value='{region}']")).locator("summary").first.click()
        self.page.check(f"[name=regions][value='{region}']")
        self.presses("Fundarla").sees("Su comunidad está fundada")

    def edits(self, home, **fields):
        self.goes(f"{home}/edit")
        for name, value in fields.items():
            field = self.page.locator(f"[name='{name.replace('__', '-')}']")
            for summary in field.locator("xpath=ancestor::details[not(@open)]/summary").all():
                summary.click()
            field.fill(value)
        self.presses("Guardar").sees("está guardada")

    def looks(self, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"family-{name}.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, name
        return self


def test_a_design_goes_to_another_region_and_improvements_come_back(visit, site, api):
    ana, bento, carmen = (
        Person(visit, site, handle, language) for handle, language in (("ana", "es"), ("bento", "es"), ("carmen", "es"))
    )
    ana.founds("ribera", "Ribera", "CO-ANT")
    bento.founds("sertao", "Sertão", "BR-PE")
    sent = {"community": "ribera", "slug": "prensa", "language": "es", "document": PRESS, "note": ""}
    assert Api(site.url, ana.token).post("/designs", sent)[0] == 201

    # Bento reads it, may not edit it, and makes his own.
    bento.goes("/c/ribera/prensa/edit").sees("Dos maneras de cambiar esto").looks("may-not")
    bento.goes("/c/ribera/prensa/fork").looks("fork")
    bento.page.select_option("[name=community]", "sertao")
    bento.page.check("[name=reasons][value=materials]")
    bento.page.fill("[name=note]", "Con lo que hay en el sertão.")
    bento.presses("Hacer nuestra versión").sees("la versión de su comunidad")
    bento.edits(
        "/c/sertao/prensa-de-bloques",
        bom__0__material="madera de algaroba",
        bom__1__material="eucalipto",
        bom__2__material="piedra",
        bom__3__spec="16 mm",
    )
    bento.goes("/c/sertao/prensa-de-bloques/differences").looks("differences")
    for number, why in enumerate(["No hay quien suelde.", "El hierro es caro.", "Hay piedra.", ""]):
        bento.page.select_option(f"[name=reason-{number}]", "materials" if why else "repair")
        bento.page.fill(f"[name=why-{number}]", why or "Con 12 mm se dobla.")
    bento.presses("Guardar").sees("está guardada").looks("fork-read")

    # Ana changes two steps; Bento takes one and leaves the other.
    ana.edits(
        "/c/ribera/prensa",
        steps__0__text="Con tornillos y tuercas.",
        steps__2__text="Con todo el peso, entre dos.",
        note="Así no se afloja.",
    )
    bento.goes("/c/sertao/prensa-de-bloques").sees("1 versión nueva")
    bento.goes("/c/sertao/prensa-de-bloques/pull").sees("tuercas").sees("entre dos").looks("pull")
    bento.page.get_by_text("1 versión nueva desde la última vez").click()
    bento.sees("Versión 2: Así no se afloja. (ana,")
    bento.page.locator("section.offer", has_text="entre dos").locator("[name=take]").uncheck()
    bento.presses("Tomar lo marcado").sees("está guardada")
    document = api.get("/designs/sertao/prensa-de-bloques")[1]
    assert [step["text"] for step in document["document"]["steps"]] == [
        "Con tornillos y tuercas.", "De tierra húmeda.", "Con todo el peso.",
    ]  # fmt: skip
    assert document["document"]["bom"][0]["material"] == "madera de algaroba"
    assert document["behind"] == 0
    bento.goes("/c/sertao/prensa-de-bloques/pull").sees("1 cambio que se dejó fuera antes")

    # He offers only the mended measure, and she accepts.
    bento.goes("/c/ribera/prensa/proposals/new?from=sertao/prensa-de-bloques").looks("propose")
    ticked = bento.page.locator("section.offer", has=bento.page.locator("[name=take]:checked"))
    assert "algaroba" not in " ".join(ticked.all_text_contents()), "what is done so for the place stays unticked"
    for offer in bento.page.locator("section.offer").all():
        tick = offer.locator("[name=take]")
        for summary in tick.locator("xpath=ancestor::details[not(@open)]/summary").all():
            summary.click()
        tick.set_checked("16 mm" in offer.text_content())
    bento.page.fill("[name=note]", "Con 12 mm el pasador se dobla.")
    bento.presses("Ofrecer lo marcado").sees("espera respuesta")
    ana.goes("/c/ribera/prensa").sees("1 propuesta espera respuesta")
    ana.goes("/c/ribera/prensa/proposals/1").sees("16 mm").looks("proposal")
    assert "algaroba" not in ana.page.inner_text("main")
    ana.presses("Aceptar").sees("está guardada")
    answer = api.get("/designs/ribera/prensa")[1]
    assert (answer["document"]["bom"][3]["spec"], answer["document"]["bom"][0]["material"]) == ("16 mm", "acero")
    assert len(answer["parents"]) == 1
    bento.goes("/c/ribera/prensa/proposals/1").sees("aceptada")

    # Carmen translates it; Ana edits again; exactly one part is old.
    carmen.goes("/c/ribera/prensa/fork?relation=translation&language=pt-BR")
    carmen.page.select_option("[name=community]", "comun")
    carmen.presses("Hacer nuestra versión")
    assert "/c/comun/prensa-de-bloques/translate" in carmen.page.url
    carmen.looks("translate")
    for place, words in {"title": "Prensa de blocos", "steps/llene/text": "De terra úmida."}.items():
        number = carmen.page.locator(f"input[value='{place}']").get_attribute("name").removeprefix("place-")
        carmen.page.fill(f"[name=text-{number}]", words)
    carmen.presses("Guardar").sees("Prensa de blocos")
    ana.edits("/c/ribera/prensa", steps__1__text="De tierra apenas húmeda.", steps__0__text="Con tornillos nuevos.")
    carmen.goes("/c/comun/prensa-de-bloques").sees("1 parte de aquí es más vieja que el original").looks("old")
    carmen.goes("/c/comun/prensa-de-bloques/translate").sees("1 es más viejo que el original")
    assert carmen.page.locator("section.is-older").count() == 1
    carmen.goes("/c/ribera/prensa/family").sees("Lo que cada comunidad").looks("family")
    assert "madera de algaroba" in carmen.page.inner_text("table.adapted")
    assert site.command("verify")
