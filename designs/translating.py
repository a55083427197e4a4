"""Which words of a translation render which words of the original, so that it is known when they are older."""

import hashlib

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


def mark(translation: Document, original: Document) -> Document:
    """The translation with its `translated` rows: one for each place that it renders, naming the original text."""
    rendered, source = words(translation), words(original)
    rows: list[Row] = [
        {"key": digest(place), "place": place, "of": digest(text)}
        for place, text in source.items()
        if place in rendered
    ]
    return {**translation, "translated": rows}
