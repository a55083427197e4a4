"""Hostile texts, in every place that Markdown has for them: nothing runs, nothing is asked of others."""

import html.parser
import json
import pathlib
import re
from collections.abc import Iterable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from wiki import markup, markup_safe

PLAIN_TAGS = "blockquote br code em hr p pre s strong sup table tbody tr ul"
ATTRIBUTES = {
    "a": {"href", "title", "rel", "role", "id"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start", "class"},
    "li": {"id", "class"},
    "td": {"class"},
    "th": {"class", "scope"},
    "thead": {"id"},
    "div": {"class", "role", "tabindex", "aria-labelledby"},
    **{heading: {"id"} for heading in ("h2", "h3", "h4", "h5", "h6")},
    **{tag: set[str]() for tag in PLAIN_TAGS.split()},
}
CLASSES = {"align-left", "align-center", "align-right", "scroll", "notes", "task"}
ADDRESS = re.compile(r"https?://[^/\\]|mailto:[^/]|tel:\+?\d|/$|/[^/\\]|#t-[a-z0-9]", re.IGNORECASE)
FILE = "0f" * 32

PLACES = [
    "{}",
    "[x]({})",
    "[x](<{}>)",
    "<{}>",
    "![x]({})",
    "![{}](https://a.example/b.png)",
    "![x](/files/" + FILE + '/a.png "{}")',
    "![{}](/files/" + FILE + "/a.png)",
    "[x](/files/" + FILE + "/{})",
    "[x](/{})",
    "[x](#{})",
    '[{}](/x "{}")',
    "[x][y]\n\n[y]: {}",
    "[{}]: /x '{}'\n\n[{}]",
    "# {}",
    "[[a/b|{}]]",
    "[[{}/b]]",
    "x[^{}]\n\n[^{}]: y",
    "x[^y]\n\n[^y]: {}",
    "|{}|{}|\n|:-:|-|\n|{}|x|",
    "- [ ] {}",
    "`{}`",
    "```{}\n{}\n```",
    "> **{}** ~~{}~~",
]

RUN = "window.ran=1"
OWN = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><a xlink:href='javascript:{RUN}'><text>x</text></a></svg>",
    f"<svg><use href='data:image/svg+xml,<svg onload={RUN}>'/></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f"<math><annotation-xml encoding='text/html'><img src=x onerror={RUN}></annotation-xml></math>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={RUN}>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<template><img src=x onerror={RUN}></template>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    "<iframe src=https://evil.example/></iframe>",
    "<object data=https://evil.example/></object><embed src=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<style>@import 'https://evil.example/a.css'</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>",
    "<form action=https://evil.example/><button>x</button></form>",
    f"<video><source onerror={RUN}></video><audio src=x onerror={RUN}>",
    f"<p style='animation-name:x' onanimationstart={RUN}>",
    "<p style='background:url(https://evil.example/a.png)'>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"</p></li></td></table></div><img src=x onerror={RUN}>",
    f'"><img src=x onerror={RUN}>',
    f"' onmouseover='{RUN}' x='",
    f'" onmouseover="{RUN}" x="',
    f"` onmouseover=`{RUN}`",
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"jav&#x09;ascript:{RUN}",
    f"jav&#10;ascript:{RUN}",
    f"jav\tascript:{RUN}",
    f"java\0script:{RUN}",
    f"&#1;javascript:{RUN}",
    f"\u00a0javascript:{RUN}",
    f"\u200bjavascript:{RUN}",
    f"java\u00adscript:{RUN}",
    f"javascript&colon;{RUN}",
    f"javascript&#x3a;{RUN}",
    f"javascript%3A{RUN}",
    f"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;:{RUN}",
    f"javascript://a.example/%0A{RUN}",
    f"javas\\cript:{RUN}",
    f"vbscript:{RUN}",
    f"data:text/html,<script>parent.{RUN}</script>",
    "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+",
    "data:image/png;base64,iVBORw0KGgo=",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    f"view-source:javascript:{RUN}",
    "//evil.example/a.png",
    "///evil.example/a.png",
    "\\\\evil.example/a.png",
    "/\\evil.example/a.png",
    "/\t/evil.example/a.png",
    "/&#9;/evil.example/a.png",
    "/&#x2F;evil.example/a.png",
    "&sol;&sol;evil.example",
    "https:evil.example/a.png",
    "https:/\\evil.example/a.png",
    "http://evil.example/a.png",
    "https://evil.example/files/" + FILE + "/a.png",
    "/files/" + FILE + "/../../sign-out",
    "mailto:a@b.example?subject=%0d%0aBcc:c@d.example",
    "body",
    "csrf_token",
    "__proto__",
    "t-note.1",
    "x' id='csrf_token",
    'x" class="align-left" style="position:fixed',
    "align-left onmouseover",
    f"[x](javascript:{RUN})",
    f"![x](x 'y' onerror={RUN})",
    f"[a]: javascript:{RUN}\n[a]",
    f"x](javascript:{RUN}) [y",
    "\u202etxt.exe\u202c",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "]]><x>",
    "&lt;script&gt;" + RUN + "&lt;/script&gt;",
    "&amp;lt;script&amp;gt;",
]


class Harmless(html.parser.HTMLParser):
    """Collects what a page may not hold."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ATTRIBUTES:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, set()) or not self.fits(tag, name, value or "", dict(attrs)):
                self.wrong.append(f"<{tag} {name}={value!r}>")

    def fits(self, tag: str, name: str, value: str, attrs: dict[str, str | None]) -> bool:
        match name:
            case "href":
                foreign = not value.startswith(("/", "#"))
                return bool(ADDRESS.match(value)) and foreign == ("rel" in attrs)
            case "src":
                return value.startswith(f"/files/{FILE}/")
            case "id" | "aria-labelledby":
                return value.startswith("t-")
            case "class":
                return value in CLASSES
            case "rel":
                return value == "nofollow noopener noreferrer ugc"
        return True

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    handle_decl = unknown_decl = handle_pi = handle_comment


@pytest.fixture(scope="session")
def vectors(shared: pathlib.Path) -> list[str]:
    owasp = json.loads((shared / "data" / "xss" / "owasp-xss-vectors.json").read_text(encoding="utf-8"))
    cases = json.loads((shared / "data" / "commonmark" / "markdown-it-xss.json").read_text(encoding="utf-8"))
    assert len(owasp["vectors"]) == 59
    return [vector["payload"] for vector in owasp["vectors"]] + [case["markdown"] for case in cases["cases"]]


def pages(vectors: Iterable[str]) -> Iterator[tuple[str, str]]:
    for vector in vectors:
        for place in PLACES:
            source = place.replace("{}", vector)
            yield source, markup.render(source)


def wrong(rendered: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    return [(source, found) for source, page in rendered if (found := Harmless(page).wrong)]


def test_own_vectors_in_every_place() -> None:
    assert len(OWN) >= 40
    assert wrong(pages(OWN)) == []


@pytest.mark.data
def test_published_vectors_in_every_place(vectors: list[str]) -> None:
    assert wrong(pages(vectors)) == []


def test_the_sanitiser_alone_lets_nothing_through() -> None:
    """Should the parser ever read raw HTML, the second layer holds on its own."""
    html = [place.replace("{}", vector) for vector in OWN for place in ("{}", "<a href='{}'>x</a>", '<img src="{}">')]
    html += [
        "<h1 id=csrf_token>x</h1><h2 id=body class=x style=color:red>x</h2>",
        "<a href='#body' onclick=x>x</a><a href=/x rel=me target=_blank>x</a>",
        "<th class='align-left evil' scope=evil>x</th><li class=evil>x</li><ol class='notes evil'></ol>",
        "<div role=alert tabindex=5 aria-labelledby=body>x</div><img src=/sign-out loading=eager>",
    ]
    allowed = ATTRIBUTES.keys() | {"details", "span", "sub", "u", "i", "b", "summary"}
    for source in html:
        cleaned = markup_safe.clean(source)
        bad = [name for name in re.findall(r"<([a-z0-9]+)", cleaned) if name not in allowed]
        assert bad == [], source
        assert not re.search(r"<[^>]*\s(on\w+|style|target|srcdoc|action|name)=", cleaned), cleaned
        for address in re.findall(r'<[^>]*\s(?:href|src)="([^"]*)"', cleaned):
            assert ADDRESS.match(address), cleaned
        assert not re.search(r'(id|labelledby)="(?!t-)', cleaned), cleaned
        assert not re.search(r'="[^"]*\b(evil|alert|eager|me|5)"', cleaned), cleaned


def test_what_no_reader_should_meet_goes_with_its_words() -> None:
    gone = ("script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea")
    for tag in gone:
        assert markup_safe.clean(f"a<{tag}>b</{tag}><!-- c -->") == "a"


@pytest.mark.parametrize(
    ("tag", "name", "value", "kept"),
    [
        ("a", "href", "java\tscript:x", None),
        ("a", "href", " \x01https://a.example", "https://a.example"),
        ("a", "href", "/\t/a.example", None),
        ("a", "href", "\\/a.example", None),
        ("a", "href", "/\u200b\\a.example", None),
        ("a", "href", "#body", None),
        ("a", "href", "#t-body", "#t-body"),
        ("a", "href", "a/b", None),
        ("img", "src", "/x.png", None),
        ("img", "src", f"/files/{FILE}/%2e.", None),
        ("img", "src", f"{FILE}/a.png", f"/files/{FILE}/a.png"),
        ("h2", "id", "csrf_token", None),
        ("h2", "id", "t-x y", None),
        ("p", "lang", "qu", "qu"),
        ("img", "alt", "javascript:", "javascript:"),
    ],
)
def test_the_filter_of_attributes(tag: str, name: str, value: str, kept: str | None) -> None:
    assert markup_safe.attribute(tag, name, value) == kept


def test_ids_of_the_page_are_never_taken() -> None:
    for word in ("body", "csrf_token", "t", "main", "note.1", "note 1", "table-1"):
        page = markup.render(f"# {word}\n\n[x](#{word}) a[^1]\n\n|a|\n|-|\n\n[^1]: b", "p")
        ids = re.findall(r'\bid="([^"]*)"', page)
        assert len(ids) == len(set(ids)) == 4
        assert all(name.startswith("t-p-") for name in ids)
        assert all(target in ids for target in re.findall(r'href="#([^"]*)"', page))


SITE = "http://minga.example"
TOUCH = """() => {
    for (const element of document.body.querySelectorAll("*"))
        for (const type of ["mouseover", "focus", "error", "load", "toggle", "animationstart"])
            element.dispatchEvent(new Event(type));
    return [...document.links].filter(link => !["http:", "https:", "mailto:", "tel:"].includes(link.protocol)
        || (link.rel === "" && link.origin !== location.origin)).map(link => link.href);
}"""


def opened(chromium: Browser, body: str) -> tuple[bool, set[str], list[str]]:
    """Whether a page ran anything, which foreign addresses it asked for, and its dangerous links."""
    page: Page = chromium.new_page()
    asked: list[str] = []
    dialogs: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if route.request.url == SITE + "/":
            route.fulfill(
                body=f"<!doctype html><meta charset=utf-8><title>x</title><body>{body}",
                content_type="text/html",
            )
        else:
            route.fulfill(status=404, body="")

    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.route("**/*", answer)
    page.goto(SITE + "/", wait_until="networkidle")
    links = page.evaluate(TOUCH)
    ran = bool(dialogs) or page.evaluate("window.ran === 1")
    page.close()
    return ran, {url for url in asked if not url.startswith(SITE + "/")}, links


@pytest.mark.browser
@pytest.mark.data
def test_chromium_runs_nothing_and_asks_nobody(chromium: Browser, vectors: list[str]) -> None:
    body = "\n".join(page for _, page in pages([*OWN, *vectors]))
    assert opened(chromium, body) == (False, set(), [])


@pytest.mark.browser
def test_chromium_would_have_run_them(chromium: Browser) -> None:
    """Shows that the test above can see: the same texts as raw HTML do run, ask and link."""
    ran, asked, links = opened(chromium, OWN[1] + "<img src=//evil.example/a.png><a href='jav&#x09;ascript:x'>x</a>")
    assert (ran, asked, len(links)) == (True, {"http://evil.example/a.png"}, 1)
