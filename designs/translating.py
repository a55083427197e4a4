"""Which words of a translation render which words of the original, so that it is known when they are older."""

import copy
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from designs import sheet
from wiki import document
from wiki.document import Document, Row


def digest(text: str) -> str:
    """How a text or a place is named: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def words(content: Document) -> dict[str, str]:
    """Every place of a document that is language, with its text."""
    found: dict[str, str] = {}
    for field in sheet.FIELDS:
        if field.shape == "text" and field.words and (text := document.text(content, field.name)):
            found[field.name] = text
        for row in document.rows(content, field.name):
            for column in field.columns:
                if column.words and isinstance(cell := row.get(column.name), str):
                    found[f"{field.name}/{row['key']}/{column.name}"] = cell
    return found


@dataclass(frozen=True)
class Place:
    """A place with words: those of the original, what renders them, and whether that is `fresh`, `older` than the
    original, or `missing`."""

    place: str
    original: str
    mine: str
    state: Literal["fresh", "older", "missing"]


def places(translation: Document, original: Document) -> list[Place]:
    """Every place of the original that has words, in the order of its form."""
    rendered = words(translation)
    marks = {str(row.get("place")): str(row.get("of", "")) for row in document.rows(translation, "translated")}
    found = []
    for place, text in words(original).items():
        of, mine = marks.get(place), rendered.get(place, "")
        state: Literal["fresh", "older", "missing"] = "missing"
        if of is not None and mine:
            state = "fresh" if of == digest(text) else "older"
        found.append(Place(place, text, mine if state != "missing" else "", state))
    return found


def rendered(translation: Document, original: Document, told: Mapping[str, str], right: Collection[str]) -> Document:
    """The translation with words for some places, and with places whose words are still right though the original
    changed. What is told empty is missing from then on, and shows the words of the original."""
    content: Document = {name: copy.deepcopy(part) for name, part in translation.items()}
    marks = {str(row["key"]): dict(row) for row in document.rows(content, "translated")}
    for place, text in words(original).items():
        key = digest(place)
        if place in told:
            marks.pop(key, None)
            _put(content, place, told[place] or text)
            if told[place]:
                marks[key] = {"key": key, "place": place, "of": digest(text)}
        elif place in right and key in marks:
            marks[key] = {"key": key, "place": place, "of": digest(text)}
    return {**content, "translated": list(marks.values())}


def _put(content: Document, place: str, text: str) -> None:
    """Set a text or a field of a row that is there."""
    part, _, rest = place.partition("/")
    if not rest:
        content[part] = text
        return
    key, _, field = rest.partition("/")
    for row in document.rows(content, part):
        if row["key"] == key:
            row[field] = text


def mark(translation: Document, original: Document) -> Document:
    """The translation with its `translated` rows: one for each place that it renders, naming the original text."""
    rendered, source = words(translation), words(original)
    rows: list[Row] = [
        {"key": digest(place), "place": place, "of": digest(text)}
        for place, text in source.items()
        if place in rendered
    ]
    return {**translation, "translated": rows}
