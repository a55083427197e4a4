"""The parser against CommonMark 0.31.2, and a page against it: equal but for the rules of `wiki.markup`."""

import html.parser
import json
import pathlib
import re
import unicodedata
from urllib.parse import unquote

import pytest

from wiki import markup, markup_rules

pytestmark = pytest.mark.data

EMPTY_QUOTES = {218, 239, 240}
"""The parser writes no line end into an empty quotation. The other 72 that it misses show raw HTML."""

Event = tuple[str, ...]
VOID = {"br", "hr", "img"}
FOREIGN = ("http://", "https://", "mailto:")
REL = "nofollow noopener noreferrer ugc"


class Events(html.parser.HTMLParser):
    """HTML as a list of events: how a void tag is closed and how a sign is escaped does not count."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[Event] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.emit(tag, {name: value or "" for name, value in attrs})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.events.append(("end", tag))

    def handle_data(self, data: str) -> None:
        if self.events and self.events[-1][0] == "words":
            data = self.events.pop()[1] + data
        self.events.append(("words", data))

    def emit(self, tag: str, attrs: dict[str, str]) -> None:
        self.events.append(("start", tag, *(f"{name}={attrs[name]}" for name in sorted(attrs))))


class Narrowed(Events):
    """What a page shows instead of this HTML, by rules 1 to 6 of `wiki.markup`."""

    def __init__(self, source: str) -> None:
        self.links: list[bool] = []
        self.tables = 0
        self.ids: list[str] = []
        super().__init__(source)
        for i, event in enumerate(self.events):
            if event[0] == "start" and re.fullmatch("h[2-6]", event[1]):
                said = self.words(i)
                self.events[i] = (*event, f"id=t-{self.unique(fold(said))}") if said.strip() else event

    def unique(self, name: str) -> str:
        self.ids.append(name)
        return name if self.ids.count(name) == 1 else f"{name}-{self.ids.count(name)}"

    def words(self, start: int) -> str:
        end = self.events.index(("end", self.events[start][1]), start)
        return "".join(event[1] for event in self.events[start:end] if event[0] == "words")

    def emit(self, tag: str, attrs: dict[str, str]) -> None:
        if tag == "img":
            self.picture(attrs["src"], attrs["alt"], attrs.get("title"))
        elif tag == "a":
            found = link(attrs["href"], attrs.get("title"))
            self.links.append(bool(found) and True not in self.links)
            if self.links[-1]:
                super().emit("a", found)
        elif tag == "table":
            self.tables += 1
            label = f"t-table.{self.tables}"
            box = {"class": "scroll", "role": "group", "tabindex": "0", "aria-labelledby": label}
            super().emit("div", box)
            self.handle_data("\n")
            super().emit("table", {})
        elif tag == "thead":
            super().emit("thead", {"id": f"t-table.{self.tables}"})
        elif tag in ("td", "th"):
            aligned = {"class": attrs["style"].replace("text-align:", "align-")} if "style" in attrs else {}
            super().emit(tag, aligned | ({"scope": "col"} if tag == "th" else {}))
        else:
            attrs.pop("class", None)
            super().emit(lower(tag), attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag != "a" or self.links.pop():
            super().handle_endtag(lower(tag))
        if tag == "table":
            self.handle_data("\n")
            super().handle_endtag("div")

    def picture(self, address: str, alt: str, title: str | None) -> None:
        found = None if True in self.links else link(address, title)
        words = alt or ("" if ":" in address and not link(address, None) else address)
        if found:
            super().emit("a", found)
        if words:
            self.handle_data(words)
        if found:
            super().handle_endtag("a")


def link(address: str, title: str | None) -> dict[str, str]:
    if address.startswith("#"):
        attrs = {"href": "#t-" + fold(unquote(address))}
    elif address.lower().startswith(FOREIGN):
        attrs = {"href": address, "rel": REL}
    elif address.startswith("/") and not address.startswith("//"):
        attrs = {"href": address}
    else:
        return {}
    return attrs | ({"title": title} if title else {})


def lower(tag: str) -> str:
    return f"h{min(6, int(tag[1]) + 1)}" if re.fullmatch("h[1-6]", tag) else tag


def fold(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-") or "s"


def load(path: pathlib.Path) -> list[dict[str, str]]:
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, list) else found["cases"]


def exact(shared: pathlib.Path) -> list[dict[str, str]]:
    examples = load(shared / "data" / "commonmark" / "commonmark-0.31.2.json")
    return [example for example in examples if markup_rules.parser().render(example["markdown"]) == example["html"]]


def test_the_parser_gives_every_example_without_raw_html(shared: pathlib.Path) -> None:
    examples = load(shared / "data" / "commonmark" / "commonmark-0.31.2.json")
    found = {example["example"] for example in exact(shared)}
    others = [example for example in examples if example["example"] not in found]
    assert (len(examples), len(found)) == (652, 577)
    assert {e["example"] for e in others if not re.search("<[a-zA-Z/!?]", e["markdown"])} == EMPTY_QUOTES


def test_a_page_shows_these_examples_by_the_written_rules(shared: pathlib.Path) -> None:
    differing = [
        (
            example["example"],
            Narrowed(example["html"]).events,
            Events(markup.render(example["markdown"])).events,
        )
        for example in exact(shared)
    ]
    assert [case for case in differing if case[1] != case[2]] == []


@pytest.mark.parametrize("name", ["markdown-it-tables.json", "markdown-it-strikethrough.json"])
def test_tables_and_struck_words(shared: pathlib.Path, name: str) -> None:
    for case in load(shared / "data" / "commonmark" / name):
        assert markup_rules.parser().render(case["markdown"]) == case["html"].replace("<br>", "<br />")
        assert Events(markup.render(case["markdown"])).events == Narrowed(case["html"]).events
