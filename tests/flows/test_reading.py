"""Somebody who was sent a link: a small phone, no account, and perhaps no JavaScript."""

import pytest

from tests.designs.examples import pump

pytestmark = pytest.mark.browser

EVIL = "</script><script>document.title='taken'</script>"


@pytest.fixture(scope="module", autouse=True)
def published(served):
    api = served[1]
    content = pump(
        title="Bomba para leer",
        knowledge=EVIL,
        tools=[{"key": "t", "name": f"Sierra {EVIL}", "need": "helps"}],
        substitutes=[{"key": "s", "line": "soga", "name": "Cabuya", "verdict": "works_less", "why": "Dura un año."}],
    )
    sent = {"community": "comun", "slug": "para-leer", "language": "es", "document": content}
    assert api.post("/designs", sent)[0] == 201


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_it_could_i_build_it_what_would_i_buy_may_we_sell_it(visit, scripts):
    reader = visit(320, scripts=scripts, language="en")
    told = []
    reader.page.on("console", lambda message: told.append(message.text))
    reader.page.on("pageerror", lambda error: told.append(str(error)))
    reader.goes("/?lang=en")
    reader.page.get_by_label("What are you looking for?").fill("LEÉR bomba")
    reader.presses("Search")
    reader.page.locator(".card a", has_text="Bomba para leer").first.click()
    assert reader.page.locator("h1").inner_text() == "Bomba para leer"
    reader.sees("Sube agua de pozos").sees("Crushing").sees("Sell it as a cooperative.").sees("Say what you changed.")
    reader.page.get_by_role("link", name="Parts list").click()
    reader.page.get_by_label("For how many?").fill("4")
    reader.presses("Show").sees("160 m").sees("Cabuya").sees("25.4 mm")
    assert "for=4" in reader.page.url
    assert reader.context.cookies() == []
    assert reader.foreign == []
    assert told == []
    assert "taken" not in reader.page.title()


def test_the_acts_of_a_page_are_at_hand_and_hide_nothing(visit):
    reader = visit(320, language="en").goes("/c/comun/para-leer?lang=en")
    page = reader.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    bar = page.locator("nav.bar").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] <= 801
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.locator("footer a").last.bounding_box()
    bar = page.locator("nav.bar").bounding_box()
    assert last["y"] + last["height"] <= bar["y"]


def test_on_paper_there_is_a_box_to_tick_and_no_form(visit):
    reader = visit(1280, language="en").goes("/c/comun/para-leer/parts?for=2&lang=en")
    page = reader.page
    page.emulate_media(media="print")
    assert not page.locator("main form").is_visible()
    width = page.evaluate("getComputedStyle(document.querySelector('.to-tick tbody th'), '::before').width")
    assert float(width.removesuffix("px")) > 10
