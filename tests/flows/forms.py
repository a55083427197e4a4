"""Reading a form as a browser without JavaScript would send it."""

import html.parser
from typing import Any


class FormReader(html.parser.HTMLParser):
    """The fields of the document's form (class `document`), in order, as they stand in the page."""

    def __init__(self, css_class: str = "document") -> None:
        super().__init__()
        self.css_class, self.inside = css_class, False
        self.fields: list[tuple[str, str]] = []
        self.textarea: str | None = None
        self.select: str | None = None
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        name = given.get("name", "")
        if tag == "form":
            self.inside = self.css_class in (given.get("class") or "").split()
        if not self.inside:
            return
        if tag == "input" and name:
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked and given.get("type") not in ("submit", "file"):
                self.fields.append((name, given.get("value") or ""))
        elif tag == "textarea":
            self.textarea, self.words = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.fields.append((self.select, given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        if self.textarea is not None:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.textarea is not None:
            # A newline just after the tag belongs to the markup, not to the text.
            self.fields.append((self.textarea, self.words.removeprefix("\n").replace("\n", "\r\n")))
            self.textarea = None
        elif tag == "select":
            self.select = None
