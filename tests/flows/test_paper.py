"""On paper: a design is printed and hung beside the bench, its parts list is taken to the shop."""

import re

import pytest

pytestmark = pytest.mark.browser

DRAWN = "/c/comun/bomba-de-mecate"
"""A sample with drawings, replacements that are folded away on a screen, warnings, and tables in its words."""
PAGES = {DRAWN: 30, f"{DRAWN}/parts?for=2": 5, "/c/comun/fondo-rotatorio": 12}
"""At most so many sheets each."""
A4 = 680
"""CSS pixels between the margins of an upright sheet of A4."""
SHEET = re.compile(rb"/Type\s*/Page\b(?!s)")
FOR_SCREENS = ".top, .foot, .skip, nav, form, input, button, select, textarea, .notice"

BARE = "text => text.replace(/\\s+/g, '')"
UNPRINTED = """(selector) => {
  const bare = (text) => text.replace(/\\s+/g, "");
  const words = bare(document.body.innerText);
  return [...document.querySelectorAll(selector)].map((e) => e.innerText || e.textContent)
    .filter((text) => !words.includes(bare(text)));
}"""
"""Of the elements that a selector finds, the words that are nowhere among those that are shown."""
SHOWN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((e) => e.getClientRects().length && e.checkVisibility({visibilityProperty: true}))
  .map((e) => e.outerHTML.slice(0, 120))"""
ADDED = """() => [...document.querySelectorAll("a")].flatMap((a) => ["::before", "::after"].map(
  (pseudo) => getComputedStyle(a, pseudo).content)).filter((text) => /http|\\/|attr/.test(text))"""
STYLE = """([selector, name]) => [...new Set([...document.querySelectorAll(selector)].map(
  (e) => getComputedStyle(e)[name]))]"""


@pytest.fixture
def reader(visit):
    return visit(A4, language="es")


def printed(reader, path):
    """A page as it is laid out for paper."""
    page = reader.goes(path).page
    page.emulate_media(media="print")
    return page


def document(api, path):
    return api.get(f"/designs{path.removeprefix('/c')}")[1]["document"]


@pytest.mark.parametrize("path", PAGES)
def test_it_takes_a_sensible_number_of_sheets(visit, figure, path):
    for kind in ("A4", "Letter"):
        page = visit(360, language="es").goes(path).page
        sheets = len(SHEET.findall(page.pdf(format=kind)))
        figure(f"{path} is printed on {sheets} sheets of {kind}")
        assert 1 <= sheets <= PAGES[path]


def test_drawings_that_nobody_has_scrolled_to_are_printed_too(visit):
    page = visit(360, language="es").goes(DRAWN).page
    assert page.locator("img[loading=lazy]").count() > 5
    unseen = page.pdf(format="A4")
    page.evaluate(
        """async () => { for (const i of document.images) { i.loading = "eager"; await i.decode() } }""",
    )
    assert abs(len(page.pdf(format="A4")) - len(unseen)) < 2000


def test_every_step_part_and_replacement_is_on_the_paper(reader, api):
    page = reader.goes(DRAWN).page
    told = document(api, DRAWN)
    assert page.locator(".steps > li").count() == len(told["steps"])
    assert page.locator("#bom tbody tr").count() == len(told["bom"])
    folded = page.evaluate(UNPRINTED, ".instead li")
    assert folded, "a screen folds some of them away"
    page.emulate_media(media="print")
    for selector in (".steps > li", "#bom tbody tr", ".instead li", ".licence", ".danger", "article section"):
        assert page.locator(selector).count() > 0
        assert page.evaluate(UNPRINTED, selector) == []
    words = page.inner_text("body")
    for step in told["steps"]:
        for name in ("title", "warning", "check"):
            assert step.get(name, "") in words


def test_the_parts_list_has_every_part_and_tool_with_what_can_replace_it(reader, api):
    page = printed(reader, f"{DRAWN}/parts?for=2")
    told = document(api, DRAWN)
    assert page.locator(".parts tbody th").count() == len(told["bom"])
    assert page.locator("ul.to-tick > li").count() == len(told["tools"])
    assert page.locator(".instead li").count() == len(told["substitutes"])
    words = page.evaluate(f"({BARE})(document.body.innerText)")
    for line in (*told["bom"], *told["tools"]):
        assert page.evaluate(BARE, line["name"]) in words
    assert page.evaluate(UNPRINTED, ".parts tr, .instead li") == []


@pytest.mark.parametrize("path", ["/designs", DRAWN, f"{DRAWN}/parts?for=2", f"{DRAWN}/parts?for=x"])
@pytest.mark.parametrize("width", [360, 1280])
def test_what_only_a_screen_can_do_is_not_on_the_paper(visit, path, width):
    rosa = visit(width, language="es").signs_in()
    page = printed(rosa, path)
    assert page.evaluate(SHOWN, FOR_SCREENS) == []
    assert page.evaluate(ADDED) == [], "addresses stand behind words, and stay there"
    assert not re.search(r"https?://", page.inner_text("main"))
    assert page.evaluate(STYLE, ["main a", "textDecorationLine"]) == ["none"]


def test_it_is_black_on_white_even_for_who_reads_in_the_dark(visit):
    page = printed(visit(A4, dark=True, language="es"), DRAWN)
    grounds = page.evaluate(STYLE, ["html, body, main, .facts, .danger, .warning, .licence, table", "backgroundColor"])
    assert set(grounds) <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    assert page.evaluate(STYLE, ["h1, .steps h3, .parts tbody th", "color"]) == ["rgb(0, 0, 0)"]


def test_nothing_is_cut_where_a_sheet_ends_nor_at_its_edge(reader):
    page = printed(reader, DRAWN)
    page.evaluate("async () => { for (const i of document.images) { i.loading = 'eager'; await i.decode() } }")
    assert page.evaluate(STYLE, [".steps > li, figure, tr, .danger, .warning, .licence", "breakInside"]) == ["avoid"]
    assert page.evaluate(STYLE, ["h1, h2, h3", "breakAfter"]) == ["avoid"]
    assert page.evaluate(STYLE, [".parts thead", "display"]) == ["table-header-group"], "it is said on each sheet"
    assert page.evaluate("document.documentElement.scrollWidth") <= A4
    heights = page.locator("figure img").evaluate_all("all => all.map((i) => i.getBoundingClientRect().height)")
    assert heights
    assert max(heights) < 500, "a drawing and its words fit on one sheet"
    assert page.evaluate(UNPRINTED, "figcaption") == []
