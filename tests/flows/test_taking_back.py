"""Who keeps a site takes back what a vandal did, and takes words away for ever; on a phone, without scripts."""

import json
import pathlib
import tarfile

import pytest

from tests.designs.examples import pump
from tests.flows.people import Api

pytestmark = pytest.mark.browser

ADDRESS = "Callejón del Colibrí 27"


@pytest.fixture(scope="module", autouse=True)
def people(served):
    """An admin, and somebody else's program."""
    site, _ = served
    site.account("jefa", "la sombra del tamarindo", admin=True)
    return Api(site.url, site.account("malo", "nada bueno en mente"))


@pytest.fixture
def jefa(visit):
    return visit(360, scripts=False, language="es").signs_in("jefa", "la sombra del tamarindo")


def begin(api, slug, **changes):
    sent = {"community": "comun", "slug": slug, "language": "es", "document": pump(title=slug, **changes)}
    assert api.post("/designs", sent)[0] == 201


def save(api, slug, note="", **changes):
    base = api.get(f"/designs/comun/{slug}")[1]["number"]
    status, answer = api.put(
        f"/designs/comun/{slug}", {"base": base, "document": pump(title=slug, **changes), "note": note}
    )
    assert status == 200, answer


def test_what_a_vandal_did_is_taken_back_on_one_screen_and_that_is_undone(people, api, jefa):
    for slug in ("molino", "horno"):
        begin(api, slug, summary="Hecho con cuidado.")
        save(people, slug, summary="COMPRE AQUÍ")
    save(api, "horno", summary="Rosa lo arregló.")
    jefa.goes("/people/malo").page.get_by_role("link", name="Deshacer lo que hizo malo").click()
    jefa.sees("se deshace una versión").sees("otras personas la editaron después")
    jefa.page.fill("#note", "publicidad")
    jefa.presses("Deshacer en una página").sees("No hay nada que deshacer").sees("publicidad")
    assert api.get("/designs/comun/molino")[1]["document"]["summary"] == "Hecho con cuidado."
    assert api.get("/designs/comun/horno")[1]["document"]["summary"] == "Rosa lo arregló."
    jefa.presses("Revertir esto").sees("Se revirtió")
    assert api.get("/designs/comun/molino")[1]["document"]["summary"] == "COMPRE AQUÍ"


def test_words_are_taken_away_from_every_place_where_readers_could_find_them(people, api, jefa, visit, site, tmp_path):
    begin(api, "secadora", summary="Seca café.")
    save(people, "secadora", note=f"vive en {ADDRESS}", summary=f"Preguntar en {ADDRESS}.")
    save(api, "secadora", summary="Seca café y cacao.")
    begin(people, "taller", body=f"Está en\n{ADDRESS.upper()}.")
    site.catch_up()
    assert api.get("/search?q=colibri")[1]["total"] == 1
    rosa = visit(360, scripts=False).signs_in()
    rosa.goes("/c/comun/secadora/edit").page.fill("[name=summary]", "Seca café, cacao y tomate.")
    late = visit(360, language="es").signs_in()
    late.goes("/c/comun/taller/edit").page.fill("[name=summary]", "Lo que escribí mientras tanto.")

    jefa.goes("/care/redact").page.fill("#words", "callejon del colibri 27")
    jefa.presses("Buscarlas").sees("Esto se quitará").sees("versión 2").sees("versión 1")
    jefa.presses("Quitar para siempre").sees("Las palabras ya no están")
    jefa.page.fill("#words", "callejon del colibri 27")
    jefa.presses("Buscarlas").sees("Estas palabras no están en ninguna parte")

    site.catch_up()
    reader = visit(360, scripts=False, language="es")
    for slug in ("secadora", "taller"):
        for place in ("", "/history", "/r/1", "/r/2", "/r/3", "/compare/1..2", "/blame", ".json", ".txt"):
            assert "olibr" not in reader.goes(f"/c/comun/{slug}{place}").page.content().casefold(), (slug, place)
            assert reader.status < 500, (slug, place)
    assert reader.goes("/c/comun/secadora/r/2").status == 410
    reader.sees("Esto fue quitado")
    for place in ("/changes", "/feeds/changes", "/search?q=colibri", "/people/malo"):
        assert "Colibrí" not in reader.goes(place).page.content(), place
    assert api.get("/search?q=colibri")[1]["hits"] == []
    assert "Colibr" not in json.dumps(api.get("/changes?since=0")[1], ensure_ascii=False)
    site.command("export", str(tmp_path / "commons"))
    site.command("backup", str(tmp_path / "archive.tar"))
    site.command("verify")
    assert not holds(tmp_path, ADDRESS)
    assert not holds(site.folder, ADDRESS)

    rosa.presses("Guardar").sees("Seca café, cacao y tomate.")
    with late.page.expect_navigation():
        late.presses("Guardar")
    late.sees("La versión desde la que empezó fue quitada")
    assert late.page.input_value("[name=summary]") == "Lo que escribí mientras tanto."


def holds(folder: pathlib.Path, words: str) -> bool:
    """Whether the bytes of words lie in a file below a folder. The log of the server must not have them either."""
    written = {words.encode(), words.upper().encode(), words.casefold().encode()}
    paths = [path for path in folder.rglob("*") if path.is_file()]
    for path in [path for path in paths if path.suffix == ".tar"]:
        with tarfile.open(path) as archive:
            archive.extractall(folder / "unpacked", filter="data")
            paths += [found for found in (folder / "unpacked").rglob("*") if found.is_file()]
    return any(one in path.read_bytes() for path in paths for one in written)
