"""The page and the API of search."""

import dataclasses
import time
from xml.etree import ElementTree

import pytest

from designs import communities, facts, forks
from search import indexer, reading
from tests.designs.examples import pump
from tests.search import hostile
from wiki import history, pages, spaces


@pytest.fixture
def shelf(context, comun, rosa, app):
    """Some designs, and an index that knows them."""
    for slug, language, changes in (
        ("bomba", "es", {}),
        ("silo", "es", {"title": "Silo para maíz", "tasks": ["postharvest"], "regions": ["GT"], "kind": "structure"}),
        ("rope", "en", {"title": "Rope pump", "summary": 'Lifts water. <b>Bold</b> & "quoted"'}),
    ):
        pages.create(comun, pump(**changes), slug=slug, language=language, by=rosa)
    index = app.extensions["minga.search"]
    while indexer.step(index):
        pass
    return index


def hits(client, address: str) -> list[str]:
    answer = client.get(f"/api/v1/search?{address}")
    assert answer.status_code == 200, answer.text
    return [hit["slug"] for hit in answer.json["hits"]]


def test_the_api_answers_as_it_is_described(client, shelf):
    answer = client.get("/api/v1/search?q=mecates&per_page=1&lang=es").json
    assert set(answer) >= {"total", "hits", "facets", "suggestion", "position"}
    hit = answer["hits"][0]
    assert (hit["url"], hit["title"], hit["language"]) == ("http://localhost/c/comun/bomba", "Bomba de mecate", "es")
    assert hit["region"] == ["BR-CE", "NI"]
    assert answer["position"] == indexer.journal.head()
    assert answer["index"] == "ok"
    assert client.get("/api/v1/openapi.json").json["paths"]["/api/v1/search"]


def test_a_page_says_which_words_are_lacking_as_they_were_typed(client, shelf, comun, rosa):
    for slug, title in (("barro", "Silo de barro"), ("dos", "Silo de barro para maíz")):
        pages.create(comun, pump(title=title), slug=slug, language="es", by=rosa)
    while indexer.step(shelf):
        pass
    time.sleep(reading.LOOK_SECONDS)
    page = client.get("/search?q=Silo+Ma%C3%ADces+Xy%C3%B1zy&lang=es").text
    assert "Ningún diseño tiene todas estas palabras" in page
    assert "Sin: Xyñzy" in page
    page = client.get("/search?q=silo+barro+Ma%C3%ADz&lang=es").text
    assert "3 diseños; 2 de ellos tienen todas las palabras" in page
    assert "Sin: Maíz" in page


@pytest.mark.parametrize(
    ("address", "slugs"),
    [
        ("q=maiz", ["silo"]),
        ("q=ma%C3%ADces", ["silo"]),
        ("q=&kind=structure", ["silo"]),
        ("region=BR", ["bomba", "rope"]),
        ("region=BR-CE&language=en", ["rope"]),
        ("q=kind:structure", ["silo"]),
        ("licence=CC-BY-SA-4.0&task=water&sort=title", ["bomba", "rope"]),
        ("community=nada", []),
        ("sort=title", ["bomba", "rope", "silo"]),
        ("sort=title&per_page=2&page=2", ["silo"]),
        ("q=nailon&sort=xx&page=-3", ["bomba", "rope", "silo"]),
        ("sort=title&per_page=0", ["bomba"]),
        ("q=nailon&per_page=x&page=99999999999999999999", []),
    ],
)
def test_filters_and_pages(client, shelf, address, slugs):
    found = hits(client, address)
    assert (found if "sort=title" in address else sorted(found)) == slugs


def test_snippets_escape_first_and_mark_then(client, shelf):
    snippet = client.get("/api/v1/search?q=lifts").json["hits"][0]["snippet"]
    assert snippet == "<mark>Lifts</mark> water. &lt;b&gt;Bold&lt;/b&gt; &amp; &#34;quoted&#34;"
    assert snippet in client.get("/search?q=lifts").text


def test_the_page_offers_what_narrows_and_what_may_be_meant(client, shelf):
    html = client.get("/search?q=nailon&lang=en").text
    assert "3 designs" in html
    assert '<option value="pt-BR">' not in html
    assert '<option value="es">Español (2)</option>' in html
    assert "These bear some of them" in client.get("/search?q=maiz+xyzzy&lang=en").text
    corrected = client.get("/search?q=nailot&lang=en").text
    assert "Nothing bears the words “nailot”. This is what was found for “nailon”." in corrected
    assert "Nothing found" in client.get("/search?q=xyzzy&lang=en").text
    chosen = client.get("/search?q=maiz&kind=recipe&lang=en").text
    assert '<option value="recipe" selected>' in chosen


@pytest.mark.parametrize(("language", "words"), [("es", "Buscar"), ("pt-BR", "Buscar"), ("en", "Search")])
def test_it_speaks_three_languages(client, shelf, language, words):
    html = client.get(f"/search?q=agua&lang={language}").text
    assert f"<h1>{words}</h1>" in html
    assert f'<html lang="{language}">' in html


def test_each_reader_is_told_of_kinds_parts_and_places_in_their_own_language(client, shelf, comun, rosa):
    pages.create(comun, pump(regions=["BR-CE", "BR", "NI", "MX"]), slug="varias", language="es", by=rosa)
    while indexer.step(shelf):
        pass
    time.sleep(reading.LOOK_SECONDS)
    for language, kind, part, countries in (
        ("es", "Máquina", "Se encontró en: Materiales y piezas", "Brasil, Ceará +2"),
        ("pt-BR", "Máquina", "Encontrado em: Materiais e peças", "Brasil, Ceará +2"),
        ("en", "Machine", "Found in: Materials and parts", "Brazil, Ceará +2"),
    ):
        html = client.get(f"/search?q=nailon&versions=all&lang={language}").text
        assert f"{kind}</span>" in html
        assert part in html
        assert f"</svg> {countries} · comun" in html


def test_the_shelf_asks_the_index_while_it_knows_all(client, shelf, comun, rosa):
    assert "<mark>" in client.get("/designs?q=mecates").text
    assert 'href="/c/comun/bomba"' in client.get("/designs?q=mecate&regions=NI&tasks=water").text
    pages.create(comun, pump(title="Bomba nueva"), slug="nueva", language="es", by=rosa)
    html = client.get("/designs?q=nueva").text
    assert "Bomba nueva" in html
    assert "<mark>" not in html


def test_a_page_retired_meanwhile_is_not_shown(client, shelf, rosa):
    pages.retire(history.get_page("comun", "bomba"), by=rosa, note="")
    assert sorted(hits(client, "q=mecate")) == ["rope", "silo"]


def test_the_store_answers_while_there_is_no_index(client, context, comun, rosa, app):
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa)
    pages.create(comun, pump(title="Silo", regions=["GT"]), slug="silo", language="es", by=rosa)
    assert hits(client, "q=mecate") == ["bomba"]
    assert hits(client, "q=&region=GT&licence=CC-BY-SA-4.0") == ["silo"]
    answer = client.get("/search?q=mecate&lang=en")
    assert "is being prepared" in answer.text
    assert client.get("/readyz").json["index"]["state"] == "building"
    app.extensions["minga.search"] = None
    assert "is limited at the moment" in client.get("/search?q=mecate&lang=en").text


def test_a_damaged_index_is_no_error(client, shelf, app):
    folder = app.config["DATA_DIR"] / "index"
    for path in folder.glob("index-*/*.seg"):
        path.write_bytes(b"")
    assert hits(client, "q=mecate") == ["bomba"]
    assert client.get("/api/v1/search").json["index"] == "broken"
    assert "is limited at the moment" in client.get("/search?q=mecate&lang=en").text
    state = client.get("/readyz")
    assert (state.status_code, state.json["status"], state.json["index"]["state"]) == (200, "degraded", "broken")
    assert indexer.step(shelf)
    time.sleep(1.1)
    assert len(hits(client, "q=mecates")) == 3
    assert client.get("/readyz").json["status"] == "ok"


def test_a_hostile_question_gets_a_page(client, shelf):
    for text in hostile.QUESTIONS.values():
        for path in ("/search", "/api/v1/search", "/designs"):
            assert client.get(path, query_string={"q": text[:5000], "kind": text[:50]}).status_code == 200, text


def test_reading_makes_no_cookie(client, shelf):
    answer = client.get("/search?q=agua")
    assert "Set-Cookie" not in answer.headers
    assert client.get("/search?q=agua", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.fixture
def altiplano(shelf, comun, tomas):
    """Rosa's pump was made anew in the Altiplano."""
    about = communities.About(names={"es": "Altiplano"}, regions=("BO-L",), languages=("es",), currency="BOB")
    made = communities.found("altiplano", about, by=tomas)
    version = history.get_version(history.get_page("comun", "bomba"))
    forks.fork(version, made, relation="adaptation", reasons=["materials"], note="Con eucalipto.", by=tomas)
    while indexer.step(shelf):
        pass


def test_a_family_stands_once_as_it_is_nearest_to_the_reader(client, altiplano):
    """Who asks from there sees that one, and the other below it."""
    (hit,) = client.get("/api/v1/search?q=mecate&near=BO-O&kind=machine&language=es").json["hits"]
    assert (hit["community"], [one["community"] for one in hit["versions"]]) == ("altiplano", ["comun"])
    (hit,) = client.get("/api/v1/search?q=mecate&near=NI&kind=machine&language=es").json["hits"]
    assert (hit["community"], [one["community"] for one in hit["versions"]]) == ("comun", ["altiplano"])
    html = client.get("/search?q=mecate&near=BO-O&language=es&lang=en").text
    assert "1 more version" in html
    every = client.get("/api/v1/search?q=mecate&kind=machine&language=es&versions=all").json
    assert (every["total"], [hit["versions"] for hit in every["hits"]]) == (2, [[], []])
    assert client.get("/api/v1/search?q=&kind=machine&language=es").json["total"] == 2


def test_who_belongs_to_a_community_asks_from_there(client, altiplano):
    assert hits(client, "q=mecate&kind=machine&language=es") == ["bomba"]
    form = client.get("/sign-in").text
    token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
    client.post("/sign-in", data={"csrf_token": token, "handle": "tomas", "passphrase": "chacra de tomas 2026"})
    assert hits(client, "q=mecate&kind=machine&language=es") == ["bomba-de-mecate"]


def test_designs_move_with_their_community(client, altiplano, shelf, tomas):
    space = spaces.get("altiplano")
    communities.describe(space, dataclasses.replace(communities.about(space), regions=("PE-PUN",)), by=tomas)
    facts.renew(space)
    while indexer.step(shelf):
        pass
    assert hits(client, "q=mecate&region=PE-PUN") == ["bomba-de-mecate"]
    assert hits(client, "q=mecate&region=BO-L") == []
    assert list(indexer.differences(shelf, wait=0)) == []


def test_it_says_where_the_words_stand(client, shelf):
    html = client.get("/search?q=nailon&lang=en").text
    assert "Found in: Materials and parts" in html


def test_suggestions_come_as_browsers_want_them(client, shelf, app):
    answer = client.get("/search/suggestions?q=bom&lang=es")
    assert answer.mimetype == "application/x-suggestions+json"
    assert answer.json == ["bom", ["Bomba de mecate"]]
    described = client.get("/opensearch.xml")
    assert described.mimetype == "application/opensearchdescription+xml"
    assert 'template="http://localhost/search/suggestions?q={searchTerms}"' in described.text
    assert 'href="/opensearch.xml"' in client.get("/search?q=bomba").text
    app.extensions["minga.search"] = None
    assert client.get("/search/suggestions?q=bom").json == ["bom", []]


def test_a_question_can_be_kept_as_news(client, shelf):
    address = "/feeds/search.atom?q=mecate&kind=machine"
    assert address.replace("&", "&amp;") in client.get("/search?q=mecate&kind=machine&near=NI").text
    answer = client.get(address)
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    assert [one.text for one in feed.iter("{http://www.w3.org/2005/Atom}title")][1:] == ["Rope pump", "Bomba de mecate"]


def test_what_is_not_found_in_a_region_is_found_farther_away(client, shelf):
    html = client.get("/search?q=mecate&region=BR-PE&lang=en").text
    assert "Farther away" in html
    assert '<a href="/search?q=mecate&amp;region=BR">Brazil</a> <span class="quiet">(2 designs)' in html
    assert '<a href="/search?q=mecate">everywhere</a> <span class="quiet">(3 designs)' in html
