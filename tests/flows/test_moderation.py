"""Somebody says that something is wrong; it is held back, its author answers, and it is released. On a phone, without
scripts."""

import json

import pytest

from tests.designs.examples import pump
from tests.flows.people import Api

pytestmark = pytest.mark.browser

SECRET = "muy secreta y larga"


@pytest.fixture(scope="module", autouse=True)
def people(served):
    site, _ = served
    site.account("jefa", SECRET, admin=True)
    site.account("ana", SECRET)
    return Api(site.url, site.account("bento", SECRET))


@pytest.fixture
def someone(visit):
    return lambda handle: visit(360, scripts=False, language="es").signs_in(handle, SECRET)


def begin(api, slug, **changes):
    sent = {"community": "comun", "slug": slug, "language": "es", "document": pump(title=slug, **changes)}
    assert api.post("/designs", sent)[0] == 201


def test_what_is_wrong_is_said_held_back_answered_and_released(people, api, someone, visit, site):
    begin(api, "molino", summary="Muele maíz.")
    bad = {"base": 1, "document": pump(title="molino", summary="Palabra horrible."), "note": "nota horrible"}
    assert people.put("/designs/comun/molino", bad)[0] == 200

    ana = someone("ana").goes("/c/comun/molino")
    ana.page.get_by_role("link", name="Aquí hay algo mal").click()
    ana.page.get_by_label("Publicidad o vandalismo").check()
    ana.page.fill("[name=words]", "Insulta a mi comunidad.")
    ana.presses("Enviar").sees("Gracias")

    jefa = someone("jefa").goes("/account")
    jefa.page.get_by_role("link", name="Lo que espera una decisión").click()
    jefa.sees("Insulta a mi comunidad.").sees("desde hace")
    jefa.page.get_by_role("link", name="Publicidad o vandalismo").click()
    jefa.page.get_by_role("link", name="Retener la versión 2").click()
    jefa.page.fill("#note", "insulta")
    jefa.presses("Retener").sees("Retenido")

    site.catch_up()
    reader = visit(360, scripts=False, language="es")
    reader.goes("/c/comun/molino").sees("Muele maíz.").sees("más nueva retenida")
    assert reader.goes("/c/comun/molino/r/2").status == 403
    reader.sees("Esto está retenido")
    reader.goes("/c/comun/molino/history").sees("Retenida: insulta")
    places = ("", "/history", "/blame", "/links", ".json", ".txt", "/compare/1..2", "/parts", "/r/2")
    for path in [f"/c/comun/molino{place}" for place in places] + ["/changes", "/feeds/changes.atom", "/people/bento"]:
        assert "horrible" not in reader.goes(path).page.content(), path
    for path in ("/designs/comun/molino/history?documents=1", "/changes?since=0&limit=200", "/search?q=horrible"):
        found = api.get(path)[1]
        assert "horrible" not in json.dumps(found.get("hits", found), ensure_ascii=False), path
    assert api.get("/designs/comun/molino?revision=2")[1]["type"] == "/problems/forbidden"
    assert api.get("/designs/comun/molino")[1]["state"] == "held"
    late = {"base": 1, "document": pump(title="molino", summary="Otra."), "note": ""}
    assert api.put("/designs/comun/molino", late)[0] == 403

    bento = someone("bento").goes("/account/notices").sees("Lo que escribió está retenido").sees("insulta")
    bento.page.locator("summary").first.click()
    bento.page.fill("[name=reply]", "Era una broma, perdón.")
    bento.presses("Enviar").sees("Era una broma, perdón.")
    jefa.goes("/care").sees("Era una broma, perdón.")
    jefa.page.get_by_role("link", name="Publicidad o vandalismo").click()
    jefa.page.fill("[name=answer]", "Se retuvo y se habló con quien lo escribió.")
    jefa.presses("Responder y cerrar").sees("Nada espera.")
    ana.goes("/account/notices").sees("Se retuvo y se habló con quien lo escribió.")

    jefa.goes("/care/hold?of=/c/comun/molino/r/2").presses("Liberar").sees("Retener")
    site.catch_up()
    reader.goes("/c/comun/molino").sees("Palabra horrible.")
    assert api.get("/search?q=horrible")[1]["total"] == 1
    site.command("verify")


def test_who_is_blocked_keeps_what_was_typed_and_reads_why(people, api, someone):
    begin(api, "horno", summary="Hornea.")
    bento = someone("bento").goes("/c/comun/horno/edit")
    jefa = someone("jefa").goes("/people/bento")
    jefa.page.get_by_role("link", name="Bloquear a bento").click()
    jefa.page.fill("#note", "sigue insultando")
    jefa.presses("Bloquear").sees("No puede escribir hasta")
    bento.page.fill("[name=summary]", "Lo que alcancé a escribir.")
    bento.presses("Guardar").sees("Su cuenta puede leer, pero no escribir")
    typed = bento.page.locator("textarea").evaluate_all("all => all.map(one => one.value)")
    assert "Lo que alcancé a escribir." in typed
    answer = {"base": 1, "document": pump(title="horno"), "note": ""}
    assert people.put("/designs/comun/horno", answer)[1]["type"] == "/problems/forbidden"
    bento.goes("/account/notices").sees("No puede escribir por un tiempo").sees("sigue insultando")
    jefa.goes("/people/bento/block").presses("Dejar escribir de nuevo")
    assert people.put("/designs/comun/horno", answer)[0] == 200
