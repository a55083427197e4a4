"""The pages of designs, as somebody without an account asks for them."""

import csv
import io
import json
import re

import pytest
from PIL import Image

from designs import library
from designs.web import library as web
from designs.web import reading
from tests.designs.examples import pump
from wiki import files, history, pages

EVIL = '"><script>alert(1)</script></title></script><img src=x onerror=alert(1)>'
JSON_LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)


@pytest.fixture
def published(rosa, comun):
    def publish(slug="bomba", language="es", **changes):
        pages.create(comun, pump(**changes), slug=slug, language=language, by=rosa, note="")
        return f"/c/comun/{slug}"

    return publish


def page(client, address, language="en", status=200):
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.text[:2000]
    return answer


READ = ("", "/r/1", "/parts", "/parts?for=2", ".txt", ".json", "/parts.csv", "/history")


def test_reading_leaves_no_cookie(client, published):
    home = published()
    for address in ("/", "/designs", "/c/comun", "/communities", "/about", *(home + path for path in READ)):
        assert "Set-Cookie" not in page(client, address).headers, address


def test_labels_are_in_the_language_of_the_reader_and_words_in_their_own(client, published):
    home = published()
    told = page(client, home, "en").text
    assert '<html lang="en">' in told
    assert re.search(r"<h2>Materials and parts</h2>\s*<table", told)
    assert '<h1 lang="es">Bomba de mecate</h1>' in told
    assert '<ol class="steps" lang="es">' in told
    assert '<em class="tag" lang="en">Must not be replaced</em>' in told
    own = page(client, home, "es").text
    assert '<ol class="steps">' in own
    assert not set("\x1a\x1b\x1e") & set(told + own)


def test_a_design_says_what_one_needs_to_know_of_it(client, published):
    home = published(
        gear=["gloves"],
        names=[{"key": "n", "text": "Bomba de soga", "language": "es", "region": "PE"}],
        substitutes=[{"key": "s", "line": "soga", "name": "Cabuya", "verdict": "unsafe", "why": "Se pudre."}],
        tools=[{"key": "t", "name": "Sierra", "need": "helps"}],
        sources=[
            {"key": "a", "title": "Manual", "kind": "book", "url": "https://example.org/m"},
            {"key": "b", "title": "Malo", "url": "javascript:alert(1)"},
        ],
        credits=[{"key": "c", "name": "Ana", "role": "drawing"}],
    )
    told = page(client, home).text
    for words in (
        "Crushing or entanglement",
        "Gloves",
        "Bomba de soga",
        "Peru",
        "Unsafe:",
        "Se pudre.",
        "makes it easier",
        "the drawings",
        "Sell it as a cooperative.",
        "Say what you changed.",
        "Ceará (Brazil), Nicaragua",
        "What is still missing",
        "A drawing or a photo.",
    ):
        assert words in told, words
    assert '<a href="https://example.org/m" rel="nofollow noopener noreferrer ugc">' in told
    assert "javascript:" not in told


def test_hazards_that_nobody_reviewed_are_a_warning(client, published):
    assert "Nobody has checked yet" in page(client, published(hazards=["unknown"])).text
    assert 'class="danger"' not in page(client, published("otra", hazards=["none"])).text


def test_times_and_sums_are_said(client, published):
    rows = [
        {"key": "a", "name": "Tubo", "quantity": "2", "cost": "1250", "currency": "NIO", "month": "2026-10"},
        {"key": "b", "name": "Soga"},
    ]
    steps = [{"key": "x", "title": "Uno", "minutes": "80"}, {"key": "y", "title": "Dos", "minutes": "25"}]
    told = page(client, published(bom=rows, steps=steps)).text
    assert "1 h 45 min" in told
    assert "NIO2,500.00 (prices of October 2026)" in told
    assert "one line has a price" in told


def test_a_link_shows_what_it_leads_to(client, published):
    home = published()
    told = page(client, f"{home}?lang=en&saved=1").text
    for tag in (
        '<link rel="canonical" href="http://localhost/c/comun/bomba">',
        '<meta property="og:title" content="Bomba de mecate">',
        '<meta property="og:type" content="article">',
        '<meta property="og:locale" content="es_LA">',
        '<meta property="og:description" content="Sube agua',
    ):
        assert tag in told, tag
    assert "og:image" not in told


def photo(width=1200, height=800):
    out = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(out, "JPEG")
    return out.getvalue()


DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480"><title>Corte</title><path d="M0 0h9"/></svg>'


def test_only_photos_are_shown_with_a_link(client, published, rosa, context):
    drawn = files.put(DRAWING, "corte.svg", by=rosa).sha256.hex()
    taken = files.put(photo(), "bomba.jpg", by=rosa).sha256.hex()
    drawing = [{"key": "d", "sha256": drawn, "name": "corte.svg", "role": "drawing", "alt": "Corte"}]
    told = page(client, published(files=drawing)).text
    assert "og:image" not in told
    assert f'<img src="/files/{drawn}/corte.svg" alt="Corte" width="640" height="480">' in told
    told = page(
        client, published("con-foto", files=[{"key": "p", "sha256": taken, "name": "b.jpg", "alt": "La bomba"}])
    ).text
    assert f'<meta property="og:image" content="http://localhost/files/{taken}/800/' in told
    assert f'<img src="/files/{taken}/800/b.webp" srcset="/files/{taken}/320/b.webp 320w, ' in told
    assert f'<a href="/files/{taken}/b.jpg">' in told
    listed = page(client, "/designs").text
    assert f'<img src="/files/{taken}/320/' in listed
    assert re.search(rf'<img src="/files/{drawn}/[^>]* class="drawn"', listed)


def test_a_picture_that_is_not_here_leaves_no_hole_on_the_shelf(client, published):
    published(files=[{"key": "p", "sha256": "ab" * 32, "name": "x.jpg", "alt": "x"}])
    listed = page(client, "/designs").text
    assert "/files/" not in listed
    assert '<svg class="band"' in listed


def test_linked_data_stands_in_its_element_whatever_people_write(client, published):
    home = published(title=EVIL[:120], summary=EVIL, tools=[{"key": "t", "name": EVIL}])
    told = page(client, home).text
    found = JSON_LD.findall(told)
    assert len(found) == 1
    node = json.loads(found[0])
    assert node["name"] == EVIL[:120]
    assert node["url"] == "http://localhost/c/comun/bomba"
    assert (node["inLanguage"], node["version"], node["author"]["name"]) == ("es", 1, "rosa")
    assert "<script>" not in told
    assert "<img src=x" not in told


def test_each_picture_of_a_step_stands_by_it(client, published):
    files = [{"key": f"f{n}", "sha256": f"{n}" * 64, "name": f"{n}.svg", "alt": f"Dibujo {n}"} for n in range(1, 4)]
    steps = [{"key": "uno", "title": "Uno", "files": ["f2", "gone"], "parts": ["soga", "gone"]}]
    told = page(client, published(files=files, steps=steps)).text
    step = told[told.index('id="steps-uno"') : told.index("</ol>", told.index('id="steps-uno"'))]
    assert 'alt="Dibujo 2"' in step
    assert "Mecate de nailon" in step
    assert told.count('alt="Dibujo 1"') == told.count('alt="Dibujo 3"') == 1


def test_the_parts_list_is_for_as_many_as_are_wanted(client, published):
    home = published()
    told = page(client, f"{home}/parts?for=4").text
    assert '<td class="quantity">160 m' in told
    assert '<td class="quantity">10 m' in told
    assert "25.4 mm" in told
    assert '<td class="quantity">20 m' in page(client, f"{home}/parts?for=0,5").text
    assert '<td class="quantity">1.250 m' not in page(client, f"{home}/parts?for=0.5", "es").text
    assert '<td class="quantity">1,25 m' in page(client, f"{home}/parts?for=0.5", "es").text


@pytest.mark.parametrize("asked", ["0", "x", "1e9", "-1", "1.3", "100000", "%00"[:0] + "<b>"])
def test_a_number_that_cannot_be_is_said_and_nothing_breaks(client, published, asked):
    home = published()
    told = client.get(f"{home}/parts", query_string={"for": asked}, headers={"Accept-Language": "en"})
    assert told.status_code == 422
    assert 'aria-invalid="true"' in told.text
    assert "<b>" not in told.text.replace("<b>All", "")
    assert client.get(f"{home}/parts.csv", query_string={"for": asked}).status_code == 422


def test_the_table_for_spreadsheets_is_reckoned_and_harmless(client, published):
    rows = [{"key": "a", "name": "=1+1", "quantity": "2.5", "unit": "m"}]
    answer = page(client, published(bom=rows) + "/parts.csv?for=2")
    assert answer.mimetype == "text/csv"
    _head, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert row[:3] == ["5", "m", "'=1+1"]


def test_text_for_a_message_can_be_read(client, published):
    home = published(
        tools=[{"key": "t", "name": "Sierra"}],
        substitutes=[{"key": "s", "line": "soga", "name": "Cabuya", "verdict": "works_less"}],
    )
    text = page(client, home + ".txt").text
    assert text.startswith("BOMBA DE MECATE\nSube agua")
    assert text.rstrip("\n").endswith("\n\nhttp://localhost/c/comun/bomba")
    assert "\nMATERIALS AND PARTS\n- 40 m Mecate de nailon (6 mm)\n- 2.5 m Tubo de PVC" in text
    assert "\n\nSTEPS\n1. Haga la rueda\nCorte dos flancos de llanta.\n\n2. Ponga la guía\n! No meta" in text
    assert "- Mecate de nailon → Cabuya: Works with limits" in text
    assert "\n\n\n" not in text
    assert "&" not in text
    assert "<" not in text


def test_translations_point_to_each_other_and_lists_show_the_readers(client, published, rosa, comun, context):
    home = published()
    original = history.get_version(history.get_page("comun", "bomba"))
    begun = pages.fork(original, comun, slug="pump", language="en", relation="translation", by=rosa, note="")
    pages.save(
        history.get_page("comun", "pump"), pump(title="Rope pump"), base=begun.number, by=rosa, note="translated"
    )
    told = page(client, home, "en").text
    assert '<link rel="alternate" hreflang="en" href="http://localhost/c/comun/pump">' in told
    assert '<link rel="alternate" hreflang="es" href="http://localhost/c/comun/bomba">' in told
    assert '<a href="/c/comun/pump">Read this in English</a>' in told
    assert "English: Rope pump" in told
    assert "Read this in" not in page(client, home, "es").text
    for language, shown, other in (("en", "pump", "bomba"), ("es", "bomba", "pump"), ("pt-BR", "bomba", "pump")):
        for address in ("/", "/designs", "/designs?tasks=water"):
            listed = page(client, address, language).text
            assert f'href="/c/comun/{shown}"' in listed, (language, address)
            assert f'href="/c/comun/{other}"' not in listed, (language, address)
    assert 'href="/c/comun/bomba"' in page(client, "/designs?language=es", "en").text
    assert 'href="/c/comun/bomba"' in page(client, "/designs?q=mecate", "en").text
    assert 'href="/c/comun/bomba"' in page(client, "/c/comun", "en").text


def test_a_translation_alone_is_still_to_be_found(client, published, rosa, comun, context):
    published()
    original = history.get_version(history.get_page("comun", "bomba"))
    pages.fork(original, comun, slug="pump", language="en", relation="translation", by=rosa, note="")
    pages.retire(history.get_page("comun", "bomba"), by=rosa, note="")
    for language in ("en", "es"):
        assert 'href="/c/comun/pump"' in page(client, "/designs", language).text


def test_the_shelf_is_filtered_and_says_where_things_are_from(client, published):
    published()
    published("silo", title="Silo", kind="structure", regions=["BO"], tasks=["postharvest"])
    listed = page(client, "/designs").text
    assert "Nicaragua" in listed
    assert 'value="BR-CE">Ceará (Brazil) (1)' in listed
    for query, shown, hidden in (
        ("kind=structure", "silo", "bomba"),
        ("tasks=water", "bomba", "silo"),
        ("regions=BO", "silo", "bomba"),
        ("regions=BR", "bomba", "silo"),
        ("q=BOMBA", "bomba", "silo"),
    ):
        found = page(client, f"/designs?{query}").text
        assert f'href="/c/comun/{shown}"' in found, query
        assert f'href="/c/comun/{hidden}"' not in found, query
    assert "Nothing found" in page(client, "/designs?q=zzz").text


def test_a_new_place_says_how_to_begin(client, context):
    assert "Somebody has to begin" in page(client, "/designs").text
    assert "Somebody has to begin" in page(client, "/").text


def test_an_older_version_may_become_the_newest_by_those_who_may_edit(client, published, rosa, context):
    home = published()
    pages.save(history.get_page("comun", "bomba"), pump(summary="Otra."), base=1, by=rosa, note="")
    told = page(client, f"{home}/r/1").text
    assert "This is version 1 of" in told
    assert "Make this the newest again" not in told
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)[1]
    sent = {"handle": "rosa", "passphrase": "quinua y papa 2026", "csrf_token": token}
    assert client.post("/sign-in", data=sent).status_code == 303
    assert "Make this the newest again" not in page(client, f"{home}/r/2").text
    form = page(client, f"{home}/r/1").text
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    answer = client.post(f"{home}/restore", data=sent)
    assert answer.status_code == 303
    assert "Version 3 is saved." in page(client, answer.headers["Location"]).text


@pytest.mark.parametrize("quantity", ["1e999999", "NaN", "9" * 400])
def test_a_quantity_that_is_no_number_is_shown_as_it_is(client, published, quantity):
    told = page(client, published(bom=[{"key": "a", "name": "x", "quantity": quantity}])).text
    assert f'<td class="quantity">{quantity}' in told


def test_the_source_of_what_runs_is_offered_where_the_site_says_it(app):
    assert "https://example.org/minga.git" not in app.test_client().get("/about").text
    app.config["SOURCE_URL"] = "https://example.org/minga.git"
    assert 'href="https://example.org/minga.git"' in app.test_client().get("/about").text


@pytest.mark.parametrize("language", ["es", "pt-BR", "en"])
def test_a_page_from_the_stencil_is_the_page_that_the_template_renders(app, comun, rosa, language):
    title = 'Bomba <b>de</b> "mecate" %(number)s & {{ 7 * 7 }}'
    pages.create(comun, pump(title=title), slug="bomba", language="es", by=rosa)
    with app.test_request_context(f"/c/comun/bomba?lang={language}"):
        app.preprocess_request()
        standing = library.find_standing("comun", "bomba", language)
        kept = reading.sheet_of(standing, "http://localhost")
        filled = web._page(standing, kept, "http://localhost")
        assert filled == web._page(standing, kept, "http://localhost", notice="")
        assert "Bomba &lt;b&gt;de&lt;/b&gt;" in filled
