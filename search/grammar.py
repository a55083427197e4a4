"""What somebody asks for, read from the words that they typed. There is no text that can't be read."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TypeVar

from search import words

T = TypeVar("T")

LONGEST = 200
"""Characters of a question that count."""
MOST = 12
"""Words of a question that count, those of phrases too."""
PREFIX = 3
"""Letters that a beginning needs."""
NARROWING = (
    *("kind", "language", "region", "licence", "freedom", "community", "task", "crop", "stage", "power", "skill"),
    *("tool", "material", "cost", "has"),
)
"""What a question can be narrowed by, also in its words: `region:BO`."""

_PIECE = re.compile(r'(?P<no>-?)(?:"(?P<phrase>[^"]*)"?|(?P<name>[a-z]+):(?P<value>[\w.-]+)|(?P<word>[^\s"]+))')


@dataclass(frozen=True)
class Narrow:
    """The values that a design must bear; "" for any."""

    kind: str = ""
    language: str = ""
    region: str = ""
    licence: str = ""
    freedom: str = ""
    community: str = ""
    task: str = ""
    crop: str = ""
    stage: str = ""
    power: str = ""
    skill: str = ""
    tool: str = ""
    material: str = ""
    cost: str = ""
    has: str = ""


@dataclass(frozen=True)
class Asked:
    """Folded words: all of `terms`, each of `phrases` exactly so, a word that begins with each of `beginnings`, and
    none of `without`, where a phrase of one word is that word."""

    terms: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    beginnings: tuple[str, ...] = ()
    without: tuple[tuple[str, ...], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.phrases or self.beginnings or self.without)

    @property
    def wants_nothing(self) -> bool:
        """Whether it only says what not to find."""
        return not (self.terms or self.phrases or self.beginnings)


def read(text: str) -> tuple[Asked, Narrow]:
    """A question and what its words narrow it by. `"in this order"`, `-without`, `begin*`, `region:BO`; all else is
    words, of which those that say nothing are left out unless there are no others."""
    terms: list[str] = []
    phrases: list[tuple[str, ...]] = []
    beginnings: list[str] = []
    without: list[tuple[str, ...]] = []
    narrow = Narrow()
    room = MOST
    for piece in _PIECE.finditer(unicodedata.normalize("NFC", text[:LONGEST])):
        if piece["name"] in NARROWING and not piece["no"]:
            narrow = replace(narrow, **{piece["name"]: piece["value"]})
            continue
        found = words.folded(piece[0].removeprefix("-") if piece["phrase"] is None else piece["phrase"])[:room]
        room -= len(found)
        if not found:
            continue
        if piece["no"]:
            without.append(tuple(found))
        elif piece["phrase"] is not None:
            phrases.append(tuple(found))
        elif piece[0].endswith("*") and len(found[-1]) >= PREFIX:
            terms += found[:-1]
            beginnings.append(found[-1])
        else:
            terms += found
    telling = [term for term in terms if term not in words.STOP_WORDS]
    if not telling and not phrases and not beginnings:
        telling = terms
    return Asked(_once(telling), _once(phrases), _once(beginnings), _once(without)), narrow


def _once(found: list[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))
