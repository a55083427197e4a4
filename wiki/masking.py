"""Words that must go: where they stand in texts and documents, and the same without them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from wiki import document, limits
from wiki.document import Document
from wiki.errors import Invalid, Problem

MASK = "█████"
MARKS = "[\\u0300-\\u036f]"


@dataclass(frozen=True)
class Words:
    """Words that are looked for in any case, with or without accents, whatever space, hyphens, dots or ends of lines
    stand between them."""

    pattern: re.Pattern[str]

    def are_in(self, text: str) -> bool:
        return self.pattern.search(_apart(text)) is not None

    def masked(self, text: str) -> str:
        """The text, in NFC, with a mark wherever they stood."""
        apart = _apart(text)
        return unicodedata.normalize("NFC", self.pattern.sub(MASK, apart)) if self.pattern.search(apart) else text


def words(written: str) -> Words:
    """Raises `errors.Invalid` for fewer than `limits.REDACT_SHORTEST` letters and digits, which would take half the
    commons along, and for more than `limits.REDACT_LONGEST` characters."""
    plain = "".join(c for c in _apart(written) if not unicodedata.combining(c))
    found = [word for word in re.split(r"[\s._-]+", plain) if word]
    if sum(map(len, found)) < limits.REDACT_SHORTEST or len(written) > limits.REDACT_LONGEST:
        values = {"least": limits.REDACT_SHORTEST, "limit": limits.REDACT_LONGEST}
        raise Invalid([Problem("words", "words-length", values)])
    one_by_one = ("".join(f"{re.escape(c)}{MARKS}*" for c in word) for word in found)
    return Words(re.compile(r"[\s._-]+".join(one_by_one), re.IGNORECASE))


def _apart(text: str) -> str:
    """With each accent as a sign of its own."""
    return unicodedata.normalize("NFD", text)


def are_in(content: Document, found: Words) -> bool:
    return any(found.are_in(text) for text in _texts(content))


def masked(content: Document, found: Words) -> Document:
    """The document with a mark where the words stood. Keys of rows are names, and stay."""
    return {name: _masked(part, found) for name, part in content.items()}


def _masked(part: document.Part, found: Words) -> document.Part:
    if isinstance(part, str):
        return found.masked(part)
    return [  # type: ignore[return-value]
        found.masked(one) if isinstance(one, str) else {name: _field(name, one[name], found) for name in one}
        for one in part
    ]


def _field(name: str, value: str | list[str], found: Words) -> str | list[str]:
    if isinstance(value, str):
        return value if name == "key" else found.masked(value)
    return [found.masked(one) for one in value]


def _texts(content: Document) -> Iterator[str]:
    for part in content.values():
        if isinstance(part, str):
            yield part
            continue
        for one in part:
            if isinstance(one, str):
                yield one
                continue
            for value in one.values():
                yield from [value] if isinstance(value, str) else value
