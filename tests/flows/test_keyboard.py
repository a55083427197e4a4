"""What people do here, by keyboard alone: Tab, Enter, Space, arrows and letters. The focus is seen at each stop."""

import uuid

import pytest

from tests import sizes
from tests.designs.examples import pump
from tests.flows.keys import Keys

pytestmark = pytest.mark.browser

PASSPHRASE = "la lluvia de noviembre"
COVERED = """() => {
  const here = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector(".savebar").getBoundingClientRect();
  return here.bottom > bar.top && here.top < bar.bottom;
}"""


WIDTHS = {"phone": 360, **({"desk": 1280} if sizes.long else {})}


@pytest.fixture(params=WIDTHS.values(), ids=WIDTHS)
def reader(visit, request):
    return visit(request.param, language="en")


@pytest.fixture
def rosa(visit):
    return visit(360, language="en").signs_in()


def keys(visitor, path: str) -> Keys:
    return Keys(visitor.goes(path).page)


def published(api, **changes) -> str:
    """The slug of a pump that stands here."""
    slug = f"bomba-{uuid.uuid4().hex[:8]}"
    sent = {"community": "comun", "slug": slug, "language": "es", "document": pump(**changes)}
    assert api.post("/designs", sent)[0] == 201
    return slug


def test_the_first_stop_leads_past_the_menus(reader):
    hand = keys(reader, "/?lang=en")
    assert hand.tab() == "Go to the page"
    hand.press("Enter")
    assert hand.page.evaluate("document.activeElement.id") == "main"
    hand.tab()
    assert hand.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_pump_is_searched_for_and_opened(reader):
    hand = keys(reader, "/?lang=en")
    hand.to("What are you looking for?").type("rope pump").goes(url="**/designs?q=*")
    hand.to("Rope pump for a dug well", "link").goes(url="**/c/comun/**")
    assert hand.page.locator("h1").inner_text() == "Rope pump for a dug well"
    hand.to("Parts list", "link").goes(url="**/parts")
    hand.to("For how many?").type("4").goes(url="**for=*")


def test_the_language_is_changed_and_kept(reader):
    hand = keys(reader, "/about?lang=en")
    hand.to("Keep a language", "link").goes(url="**/language")
    hand.to("English", "radio").press("ArrowUp")
    assert hand.name() == ("radio", "Português")
    hand.to("Keep it", "button").goes()
    assert reader.goes("/about").page.get_attribute("html", "lang") == "pt-BR"


def test_an_account_is_made_and_signed_in_to_and_out_of(reader):
    handle = f"ana-{uuid.uuid4().hex[:6]}"
    hand = keys(reader, "/?lang=en")
    hand.to("Sign in", "link").goes(url="**/sign-in")
    hand.to("Make an account", "link").goes(url="**/sign-up**")
    hand.to("Name").type(handle).to("Passphrase").type(PASSPHRASE).to("Make the account", "button").goes()
    for _ in range(2):
        hand.to(handle, "link").goes(url="**/account")
        hand.to("Sign out", "button").goes()
        assert hand.page.get_by_role("link", name=handle).count() == 0
        hand.to("Sign in", "link").goes(url="**/sign-in")
        hand.to("Name").type(handle).to("Passphrase").type(PASSPHRASE).goes()
    assert hand.page.get_by_role("link", name=handle).count() == 1


def test_a_small_machine_is_begun_and_published(rosa):
    page = rosa.page
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    title = f"Pump {uuid.uuid4().hex[:8]}"
    hand = keys(rosa, "/?lang=en")
    hand.to("New", "link").goes(url="**/new")
    while not hand.tab().startswith("Machine"):
        pass
    hand.goes(url="**kind=machine*")
    hand.to("Title").type(title)
    hand.to("Crushing or entanglement", "checkbox").press("Space")
    hand.to("Name", "textbox").type("Rope")
    hand.to("Add a material or part", "button").press("Enter")
    hand.to("Name", "textbox").type("Pipe")
    hand.to("Up", "button").press("Enter")
    parts = page.locator(".rowlist[data-part=bom] [name$='-name']")
    assert parts.evaluate_all("fields => fields.map(f => f.value)") == ["Pipe", "Rope"]
    assert hand.name() == ("group", "1. Pipe"), "the focus goes with what was moved"
    hand.to("Anything to say about it?")
    assert not page.evaluate(COVERED), "the bar hides the field"
    hand.type("first try").goes(url="**saved=*")
    rosa.sees(title).sees("Version 1 is saved.").sees("Crushing")


def test_two_versions_are_chosen_and_compared(reader, api):
    slug = published(api)
    for number, summary in ((1, "Sube agua de 35 m."), (2, "Sube agua de 40 m.")):
        assert api.put(f"/designs/comun/{slug}", {"base": number, "document": pump(summary=summary)})[0] == 200
    hand = keys(reader, f"/c/comun/{slug}?lang=en")
    hand.to("Versions", "link").goes(url="**/history")
    hand.to("Compare from version 2", "radio").press("ArrowDown")
    assert hand.name()[1] == "Compare from version 1"
    hand.to("Compare to version 3", "radio", back=True).press("ArrowDown")
    assert hand.name()[1] == "Compare to version 2"
    hand.to("Compare the two that are marked", "button", back=True).goes(url="**/compare/1..2")
    reader.sees("35 m")
    assert "40 m" not in hand.page.inner_text("main")


def test_a_conflict_is_seen_answered_and_saved(rosa, api):
    slug = published(api)
    hand = keys(rosa, f"/c/comun/{slug}/edit?lang=en")
    hand.to("In one line").press("Control+a").type("Sube agua de 50 m.")
    other = pump(summary="Sube agua de 20 m.", body="Engrase el eje.")
    assert api.put(f"/designs/comun/{slug}", {"base": 1, "document": other})[0] == 200
    hand.to("Save", "button").goes()
    rosa.sees("Both changed the same place").sees("20").sees("50")
    hand.to("What stands on the page", "radio").press("ArrowDown", "ArrowDown", "ArrowDown")
    assert hand.name() == ("radio", "Write it")
    assert hand.tab().startswith("Write it")
    hand.press("Control+a").type("Sube agua de 20 a 50 m.")
    hand.to("Save", "button").goes(url="**saved=*")
    rosa.sees("Sube agua de 20 a 50 m.").sees("Engrase el eje.")
