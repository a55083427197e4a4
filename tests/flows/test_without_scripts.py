"""What a person does with a small phone and no JavaScript."""

import uuid

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def rosa(visit):
    return visit(320, scripts=False, language="en").signs_in()


def begin(rosa, title):
    rosa.goes("/new?kind=machine&lang=en")
    page = rosa.page
    page.fill("#title", title)
    page.fill("#summary", "Lifts water with a rope.")
    page.check("input[name=hazards][value=crush]")
    page.fill("#note", "first try")
    return page


def test_somebody_makes_an_account_writes_a_design_and_finds_it(visit):
    handle = f"ana-{uuid.uuid4().hex[:6]}"
    ana = visit(320, scripts=False, language="en").goes("/sign-up?lang=en")
    ana.page.fill("#handle", handle)
    ana.page.fill("#passphrase", "la lluvia de noviembre")
    ana.page.locator("form", has=ana.page.locator("#passphrase")).locator("button").first.click()
    title = f"Rope pump {uuid.uuid4().hex[:6]}"
    begin(ana, title)
    ana.presses("Save").sees(title).sees("Version 1 is saved.")
    ana.goes(f"/designs?q={title.replace(' ', '+')}&lang=en").sees(title)


def test_rows_are_added_moved_and_removed_and_nothing_typed_is_lost(rosa):
    title = f"Rows {uuid.uuid4().hex[:6]}"
    page = begin(rosa, title)
    add = page.locator("button[value=bom-add]")
    page.fill("[name=bom-0-name]", "Rope")
    page.fill("[name=bom-0-quantity]", "40")
    for number, name in ((1, "Pipe"), (2, "Wheel")):
        page.locator("button[value=bom-add]").click()
        page.fill(f"[name=bom-{number}-name]", name)
    page.locator("button[value=bom-2-up]").click()
    assert page.input_value("[name=bom-1-name]") == "Wheel"
    page.locator("button[value=bom-2-remove]").click()
    assert page.locator("[name=bom-2-name]").count() == 0
    assert page.input_value("#title") == title
    assert page.is_checked("input[name=hazards][value=crush]")
    rosa.presses("Preview").sees("Rope").sees("Wheel")
    rosa.presses("Save").sees("Rope").sees("Wheel")
    assert "Pipe" not in page.inner_text("main")
    assert add is not None


def test_what_is_missing_is_said_and_the_rest_comes_back(rosa):
    rosa.goes("/new?kind=recipe&lang=en")
    rosa.page.fill("#body", "A long text that took an hour.")
    rosa.page.select_option("[name=licences-0-licence]", "")
    rosa.presses("Save")
    rosa.sees("Nothing was saved yet").sees("This is needed.")
    assert rosa.page.input_value("#body") == "A long text that took an hour."


def test_two_people_change_the_same_line_and_choose(rosa, visit):
    title = f"Conflict {uuid.uuid4().hex[:6]}"
    begin(rosa, title)
    rosa.presses("Save")
    address = rosa.page.url.split("?")[0] + "/edit?lang=en"
    tomas = visit(320, scripts=False, language="en").signs_in()
    tomas.page.goto(address)
    rosa.page.goto(address)
    rosa.page.fill("#summary", "Lifts water from 30 m.")
    rosa.presses("Save")
    tomas.page.fill("#summary", "Lifts water from 50 m.")
    tomas.page.fill("#body", "Grease the axle.")
    tomas.presses("Save").sees("Both changed the same place").sees("30").sees("50")
    tomas.page.locator("input[type=radio][value=write]").check()
    tomas.page.locator("textarea[name^=write-]").fill("Lifts water from 30 to 50 m.")
    tomas.presses("Save").sees("Lifts water from 30 to 50 m.").sees("Grease the axle.")


def test_versions_are_compared_taken_back_and_restored(rosa):
    begin(rosa, f"Versions {uuid.uuid4().hex[:6]}")
    rosa.presses("Save")
    page = rosa.page
    here = page.url.split("?")[0]
    for words in ("Bad idea.", "Bad idea, worse."):
        page.goto(f"{here}/edit?lang=en")
        page.fill("#problem" if words.endswith("worse.") else "#summary", words)
        rosa.presses("Save")
    page.goto(f"{here}/compare/1..2?lang=en")
    assert "Bad idea." in page.inner_text("main")
    page.goto(f"{here}/history?lang=en")
    page.get_by_role("link", name="take this back").last.click()
    rosa.presses("Take it back")
    rosa.sees("Lifts water with a rope.").sees("Bad idea, worse.")
    page.goto(f"{here}/r/2?lang=en")
    rosa.presses("Make this the newest again")
    rosa.sees("Bad idea.")
