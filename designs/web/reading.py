"""A document as people read it: its sheet as HTML, kept in memory by snapshot and language of the reader."""

import collections
import threading

from flask import g, render_template

from designs import library, sheet
from designs.web import words
from wiki import limits, revisions
from wiki.document import Document


class Kept:
    """HTML by key, the least recently read forgotten first, within a number of characters. Safe between threads."""

    def __init__(self, room: int) -> None:
        self.room, self.size = room, 0
        self.html: collections.OrderedDict[tuple[object, ...], str] = collections.OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> str | None:
        with self.lock:
            if (found := self.html.get(key)) is not None:
                self.html.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], html: str) -> None:
        with self.lock:
            self.size += len(html) - len(self.html.pop(key, ""))
            self.html[key] = html
            while self.size > self.room:
                self.size -= len(self.html.popitem(last=False)[1])


kept = Kept(limits.KEPT_HTML)


def language() -> str:
    tag: str = g.language
    return tag


def sheet_of(snapshot_id: int, written_in: str) -> str:
    """The sheet of a stored document. Raises `errors.Gone` when its words were taken away."""
    key = (snapshot_id, written_in, g.language)
    html = kept.get(key)
    if html is None:
        found = library.words_of(snapshot_id)
        html = _render(found.document, found.html, written_in)
        kept.put(key, html)
    return html


def sheet_html(content: Document, written_in: str) -> str:
    """The sheet of a document that is not stored."""
    return _render(content, revisions.render(content), written_in)


def _render(content: Document, html: dict[str, str], written_in: str) -> str:
    return render_template(
        "designs/sheet.html",
        document=content,
        html=html,
        written_in=written_in,
        words=words,
        licences=sheet.licences(content),
        fields=sheet.BY_NAME,
    )
