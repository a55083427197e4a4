"""What can be made with what somebody has: what each design still lacks, and what may stand in for it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from designs import bom
from search import words
from wiki import document
from wiki.document import Document

WORKING = frozenset({"works", "works_less"})
"""The verdicts of substitutes that are known to do."""
BODILY = frozenset({"hand", "foot", "gravity"})
"""Power that everybody has."""
NAMES = 40
"""So many things that somebody has count."""

Name = tuple[str, ...]


@dataclass(frozen=True)
class Having:
    """What is at hand: names of things as folded words, skills and power by their ids, and money."""

    names: tuple[Name, ...] = ()
    skills: frozenset[str] = frozenset()
    power: frozenset[str] = frozenset()
    budget: Decimal | None = None
    currency: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.names or self.skills or self.power)


@dataclass(frozen=True)
class Lack:
    """Something that a design needs and that is not there. `what` is as the page says it, of skills and power an id, of
    money the sum that it comes to; `instead` are names of what is known to do."""

    kind: Literal["part", "tool", "skill", "power", "money"]
    what: str
    instead: tuple[str, ...] = ()


def read(text: str) -> tuple[Name, ...]:
    """The things that somebody lists, by lines or with commas."""
    told = (tuple(words.folded(piece)) for piece in text.replace("\n", ",").replace(";", ",").split(","))
    return tuple(dict.fromkeys(name for name in told if name))[:NAMES]


def lacks(content: Document, having: Having) -> list[Lack]:
    """What a design needs besides."""
    return [*_parts(content, having), *_tools(content, having), *_work(content, having), *_money(content, having)]


def _parts(content: Document, having: Having) -> Iterator[Lack]:
    """Materials, or the names of parts that don't say theirs; each once."""
    seen: set[str] = set()
    for line in bom.lines(content):
        name, material = bom.cell(line.row, "name"), bom.cell(line.row, "material")
        what = material or name
        if words.folded(what) and _key(what) not in seen and not _has(having, f"{name} {material}"):
            known = [bom.cell(one, "name") for one in line.substitutes if bom.cell(one, "verdict") in WORKING]
            if not any(_has(having, one) for one in known):
                seen.add(_key(what))
                yield Lack("part", what, tuple(known))


def _tools(content: Document, having: Having) -> Iterator[Lack]:
    for row in document.rows(content, "tools"):
        name = bom.cell(row, "name")
        if name and bom.cell(row, "need") != "helps" and not _has(having, name):
            yield Lack("tool", name)


def _work(content: Document, having: Having) -> Iterator[Lack]:
    for skill in document.items(content, "skills"):
        if skill != "none" and skill not in having.skills:
            yield Lack("skill", skill)
    power = document.items(content, "power")
    if power and not set(power) & (having.power | BODILY):
        yield Lack("power", power[0])


def _money(content: Document, having: Having) -> Iterator[Lack]:
    if having.budget is not None:
        sums = [cost.amount for cost in bom.costs(content) if cost.currency == having.currency]
        if sums and min(sums) > having.budget:
            yield Lack("money", str(min(sums)))


def _key(text: str) -> str:
    return " ".join(words.folded(text))


def _has(having: Having, text: str) -> bool:
    """Whether one of the names that somebody has stands in a text, in whatever form."""
    said = words.folded(text)
    return any(_bears(said, name) for name in having.names)


def _bears(said: Sequence[str], name: Name) -> bool:
    return all(any(words.alike(word, one) for one in said) for word in name)
