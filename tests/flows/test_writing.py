"""Writing on a phone: with a script and without, and with a line that is cut. Nothing is lost."""

import uuid

import pytest

pytestmark = pytest.mark.browser

TABLE = (
    "Cantidad\tNombre\tMedida\tPrecio\n"
    "40 m\tMecate de nailon\t6 mm\t2,5\n"
    "2\tTubo de PVC\t1 pulgada\t\n"
    '4\t"Tuerca ""G"""\t\t1\n'
)
PASTE = """([field, text]) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  return !field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(params=[True, False], ids=["scripted", "plain"])
def rosa(visit, request):
    visitor = visit(360, scripts=request.param, language="en").signs_in()
    visitor.scripted = request.param
    return visitor


@pytest.fixture
def scripted(visit):
    visitor = visit(360, language="en").signs_in()
    visitor.page.on("pageerror", lambda error: pytest.fail(str(error)))
    return visitor


def unused():
    return f"Pump {uuid.uuid4().hex[:8]}"


def begin(visitor, title, language="en"):
    page = visitor.goes(f"/new?kind=machine&lang={language}").page
    page.fill("#title", title)
    page.fill("#summary", "Lifts water with a rope.")
    page.check("input[name=hazards][value=crush]")
    return page


def saved(visitor):
    with visitor.page.expect_navigation(url="**saved=*"):
        visitor.presses("Save")
    return visitor.page.url.split("?")[0]


def paste(page, selector, text):
    """Whether the page took it upon itself."""
    return page.locator(selector).evaluate(f"(field, text) => ({PASTE})([field, text])", text)


def names(page, part="bom", column="name"):
    return page.locator(f".rowlist[data-part={part}] [name$='-{column}']").evaluate_all(
        "fields => fields.map(f => [f.name, f.value])"
    )


def test_rows_are_added_moved_and_removed(rosa):
    page = begin(rosa, unused())
    for number, name in enumerate(("Rope", "Pipe", "Wheel")):
        if number:
            page.click("button[value=bom-add]")
        page.fill(f"[name=bom-{number}-name]", name)
    page.click("button[value=bom-2-up]")
    page.click("button[value=bom-0-remove]")
    assert names(page) == [["bom-0-name", "Wheel"], ["bom-1-name", "Pipe"]]
    rosa.presses("Preview")
    page.wait_for_selector(".preview")
    rosa.sees("Wheel")
    saved(rosa)
    rosa.sees("Wheel").sees("Pipe")
    assert "Rope" not in page.inner_text("#bom")


def test_regions_are_found_by_name_and_a_comma_is_understood(rosa, api):
    title = unused()
    page = begin(rosa, title)
    page.fill("#add-regions", "Ceará")
    page.fill("[name=bom-0-quantity]", "2,5")
    page.fill("[name=bom-0-name]", "Rope")
    address = saved(rosa)
    document = api.get(f"/designs/comun/{address.rpartition('/')[2]}")[1]["document"]
    assert document["regions"] == ["BR-CE"]
    assert document["bom"][0]["quantity"] == "2.5"


def test_what_is_missing_is_said_beside_its_field(rosa):
    page = rosa.goes("/new?kind=recipe&lang=en").page
    page.fill("#body", "A long text that took an hour.")
    rosa.presses("Save")
    page.wait_for_selector("#problems:not([hidden])")
    rosa.sees("Nothing was saved yet")
    page.click("#problems a[href='#title']")
    assert page.evaluate("document.activeElement.id || location.hash") in ("title", "#title")
    assert page.get_attribute("#title", "aria-invalid") == "true"
    assert "This is needed." in page.locator(".field", has=page.locator("#title")).inner_text()
    assert page.input_value("#body") == "A long text that took an hour."
    page.fill("#title", unused())
    page.check("input[name=hazards][value=none]")
    saved(rosa)
    rosa.sees("A long text that took an hour.")


def test_one_section_is_written_and_the_others_stay(rosa, api):
    title = unused()
    page = begin(rosa, title)
    page.fill("[name=bom-0-name]", "Rope")
    here = saved(rosa)
    page.goto(f"{here}/edit?section=materials&lang=en")
    assert page.locator("#title").count() == 0
    page.click("button[value=tools-add]")
    page.fill("[name=tools-0-name]", "Saw")
    with page.expect_navigation(url="**section=making*"):
        page.click("button[value=save-next]")
    document = api.get(f"/designs/comun/{here.rpartition('/')[2]}")[1]["document"]
    assert (document["title"], document["tools"][0]["name"], document["bom"][0]["name"]) == (title, "Saw", "Rope")


def test_a_draft_is_kept_gone_on_with_and_thrown_away(rosa):
    title = unused()
    begin(rosa, title)
    here = saved(rosa)
    page = rosa.page
    page.goto(f"{here}/edit?lang=en")
    page.fill("#problem", "Carrying water.")
    page.click("button[value=draft]")
    page.wait_for_url("**draft=1*")
    rosa.sees("kept as a draft")
    page.goto(f"{here}/edit?lang=en")
    assert page.input_value("#problem") == ""
    page.get_by_role("link", name="Go on with it").click()
    assert page.input_value("#problem") == "Carrying water."
    saved(rosa)
    rosa.sees("Carrying water.")
    page.goto(f"{here}/edit?lang=en")
    assert page.get_by_role("link", name="Go on with it").count() == 0
    page.fill("#problem", "Something else.")
    page.click("button[value=draft]")
    page.wait_for_url("**draft=1*")
    page.goto(f"{here}/edit?lang=en")
    page.get_by_role("button", name="Throw it away").click()
    assert page.get_by_role("link", name="Go on with it").count() == 0


def test_a_new_design_is_kept_as_a_draft_and_found_again(rosa):
    title = unused()
    page = begin(rosa, title)
    page.click("button[value=bom-add]")
    page.fill("[name=bom-1-name]", "Pipe")
    page.click("button[value=draft]")
    page.wait_for_url("**/new?draft=*")
    rosa.goes("/new?lang=en").sees(title)
    page.get_by_role("link", name=title).click()
    assert page.input_value("[name=bom-1-name]") == "Pipe"
    saved(rosa)
    rosa.goes("/new?lang=en")
    assert title not in page.inner_text("main")


def test_a_table_is_pasted_into_the_materials(scripted, api):
    page = begin(scripted, unused(), "es")
    paste(page, "[name=bom-0-name]", TABLE)
    assert [value for _, value in names(page)] == ["Mecate de nailon", "Tubo de PVC", 'Tuerca "G"']
    assert [value for _, value in names(page, column="unit")] == ["m", "", ""]
    scripted.page.get_by_role("button", name="Deshacer").or_(page.get_by_role("button", name="Undo")).click()
    assert [value for _, value in names(page)] == [""]
    paste(page, "[name=bom-0-quantity]", "3\tkg\tCal\n0,5\tkg\tAzufre\n")
    with page.expect_navigation(url="**saved=*"):
        page.locator(".savebar .main").click()
    bom = api.get(f"/designs/comun/{page.url.split('?')[0].rpartition('/')[2]}")[1]["document"]["bom"]
    assert [(row["quantity"], row["unit"], row["name"]) for row in bom] == [("3", "kg", "Cal"), ("0.5", "kg", "Azufre")]
    assert len({row["key"] for row in bom}) == 2


def test_plain_words_are_pasted_as_they_are(scripted):
    page = begin(scripted, unused())
    assert not paste(page, "[name=bom-0-name]", "Rope, of nylon"), "the browser pastes it"


def test_a_removed_row_comes_back_and_steps_name_the_rows_as_they_stand(scripted, api):
    page = begin(scripted, unused())
    page.fill("[name=bom-0-name]", "Rope")
    page.click("button[value=bom-add]")
    page.fill("[name=bom-1-name]", "Pipe")
    page.fill("[name=steps-0-title]", "Join them")
    page.click(".rowlist[data-part=steps] summary")
    page.get_by_role("checkbox", name="Pipe").check()
    page.click("button[value=bom-1-remove]")
    page.click("#told button")
    page.click("button[value=bom-1-up]")
    saved(scripted)
    document = api.get(f"/designs/comun/{page.url.split('?')[0].rpartition('/')[2]}")[1]["document"]
    assert [row["name"] for row in document["bom"]] == ["Pipe", "Rope"]
    assert document["steps"][0]["parts"] == [document["bom"][0]["key"]]


def test_what_was_typed_comes_back_after_a_crash(scripted):
    title = unused()
    page = begin(scripted, title)
    page.click("button[value=bom-add]")
    page.fill("[name=bom-1-name]", "Pipe")
    page.wait_for_selector("#kept:not(:empty)")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert page.input_value("#title") == ""
    scripted.sees("was kept")
    page.get_by_role("button", name="Restore").click()
    page.wait_for_load_state()
    assert page.input_value("#title") == title
    assert page.input_value("[name=bom-1-name]") == "Pipe"
    assert page.is_hidden("#found")
    saved(scripted)
    scripted.goes("/new?kind=machine&lang=en")
    assert page.is_hidden("#found"), "what was saved is not offered again"


def test_nobody_leaves_unsaved_work_without_a_word(scripted):
    page = begin(scripted, unused())
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(scripted.url + "/designs")
    assert asked == ["beforeunload"]


def test_a_save_without_a_connection_keeps_everything(scripted):
    title = unused()
    page = begin(scripted, title)
    scripted.context.set_offline(True)
    scripted.presses("Save")
    page.wait_for_selector("#told.error")
    scripted.sees("No connection. Everything is kept here; press Save again.")
    assert page.input_value("#title") == title
    scripted.context.set_offline(False)
    saved(scripted)
    scripted.sees(title)


def test_a_save_whose_answer_was_lost_is_carried_out_once(scripted, api):
    title = unused()
    page = begin(scripted, title)
    lost = []

    def swallow(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route("**/new", swallow)
    scripted.presses("Save")
    page.wait_for_selector("#told.error")
    page.fill("#summary", "Lifts water from 30 m.")
    saved(scripted)
    scripted.sees("Lifts water from 30 m.")
    assert lost
    assert lost[0].ok
    slug = page.url.split("?")[0].rpartition("/")[2]
    assert [version["number"] for version in api.all_versions(slug)] == [2, 1]
    assert [d["title"] for d in api.all_designs()].count(title) == 1


def test_without_a_script_going_back_finds_what_was_typed(visit):
    ana = visit(360, scripts=False, language="en").signs_in()
    title = unused()
    page = begin(ana, title)
    ana.context.set_offline(True)
    with page.expect_event("requestfailed"):
        ana.presses("Save")
    page.wait_for_timeout(300)
    ana.context.set_offline(False)
    page.go_back()
    assert page.input_value("#title") == title
    assert page.is_checked("input[name=hazards][value=crush]")
    saved(ana)
    ana.sees(title)


def test_the_summary_is_counted_and_words_are_picked(scripted):
    page = begin(scripted, unused())
    here = saved(scripted)
    page.goto(f"{here}/edit?lang=en")
    page.fill("#summary", "x" * 281)
    assert page.inner_text("#c-summary") == "281 of 280 characters"
    page.fill("#summary", "Lifts more water.")
    page.get_by_role("button", name="Corrected a measure").click()
    assert page.input_value("#note") == "Corrected a measure"
    saved(scripted)


def test_the_form_asks_nobody_else(scripted):
    begin(scripted, unused())
    saved(scripted)
    assert scripted.foreign == []


def test_the_site_keeps_a_draft_now_and_then(scripted):
    page = scripted.page
    page.clock.install()
    title = unused()
    begin(scripted, title)
    with page.expect_response("**/new/draft") as answer:
        page.clock.fast_forward(21_000)
    assert answer.value.status == 204
    page.on("dialog", lambda dialog: dialog.accept())
    scripted.goes("/new?lang=en").sees(title)
