"""A served commons and a real browser, for the stories told here."""

import pathlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.flows.people import Api, commons
from tests.flows.serving import Site


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[tuple[Site, Api]]:
    """A site with the sample commons and an account, rosa, for the tests of a module."""
    with commons(tmp_path_factory.mktemp("served"), request, empty=False) as found:
        yield found


@pytest.fixture
def site(served: tuple[Site, Api]) -> Site:
    return served[0]


@pytest.fixture
def api(served: tuple[Site, Api]) -> Api:
    return served[1]


class Visitor:
    """Somebody with a browser at a site; what the browser asked of others is kept in `foreign`."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.page: Page = context.new_page()
        self.foreign: list[str] = []
        self.page.on("request", lambda request: self._seen(request.url))

    def _seen(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.foreign.append(url)

    def goes(self, path: str) -> "Visitor":
        answer = self.page.goto(self.url + path)
        assert answer is not None
        self.status = answer.status
        return self

    def presses(self, words: str) -> "Visitor":
        self.page.get_by_role("button", name=words, exact=True).last.click()
        return self

    def signs_in(self, handle: str = "rosa", passphrase: str = "quinua y papa 2026") -> "Visitor":
        self.goes("/sign-in?lang=en")
        self.page.fill("#handle", handle)
        self.page.fill("#passphrase", passphrase)
        self.page.locator("form", has=self.page.locator("#passphrase")).locator("button").first.click()
        assert "/sign-in" not in self.page.url, self.page.inner_text("main")
        return self

    def sees(self, words: str) -> "Visitor":
        assert words in self.page.inner_text("body"), self.page.inner_text("body")[:3000]
        return self


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[object]:
    """Makes visitors: `visit(width=320, scripts=False, dark=False, language="es")`."""
    contexts: list[BrowserContext] = []

    def visitor(width: int = 360, *, scripts: bool = True, dark: bool = False, language: str = "es") -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            locale=language,
        )
        contexts.append(context)
        return Visitor(context, site.url)

    yield visitor
    for context in contexts:
        context.close()


SCREENSHOTS = pathlib.Path(__file__).parents[2] / "instance" / "screenshots"
