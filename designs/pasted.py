"""What a text says of a design: its title, parts, tools and steps, by headings and lists as people write them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from designs import manifests
from wiki import document, folding, markup_rules

PARTS = ("materiales", "materiais", "materials", "parts", "piezas", "pecas", "bill of materials", "ingredient")
TOOLS = ("herramienta", "ferramenta", "tools", "equipo", "equipment")
STEPS = (
    *("pasos", "passos", "steps", "instruc", "instruct", "procedimiento", "procedimento", "preparacion", "preparo"),
    *("como se hace", "como fazer", "construc", "montaje", "montagem", "assembly", "elaboracion"),
)
"""The beginnings of words, folded, by which a heading is known."""
UNITS = "kg|g|mg|t|l|ml|m|cm|mm|m2|m3|h|min|u|lb|oz"
AMOUNT = re.compile(rf"(\d+(?:[.,]\d+)?)\s*({UNITS})?\b\.?(?:\s+(?:de|of))?\s+(.+)", re.IGNORECASE)
LITRES = {"l": "L", "ml": "mL"}
MARKER = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])(?:\s+|$)(?:\[[ xX]\]\s+)?")
STEP_TITLE = 80


@dataclass
class _Section:
    """A heading with its level and words, and the lines below it with their blocks."""

    level: int
    words: str
    blocks: list[tuple[Token, str]] = field(default_factory=list)

    def text(self) -> str:
        return "\n\n".join(text for _, text in self.blocks)


def read(text: str) -> dict[str, Any]:
    """The parts of a document that a Markdown text of a design gives; nothing that it says is left out."""
    source = document.REFUSED.sub(" ", document.normal(text))
    sections = _sections(source)
    titled = next((one for one in sections if one.words), None)
    made: dict[str, Any] = {"title": "", "summary": "", "body": "", "bom": [], "tools": [], "steps": []}
    body: list[str] = []
    depth = 0
    kind = ""
    for section in sections:
        named = _kind(section.words)
        if section is titled and not named:
            made["title"] = section.words
            body += _introduced(made, section)
            continue
        if not section.words:
            body += _introduced(made, section)
            continue
        if named or section.level <= depth:
            kind, depth = named, section.level
        if kind == "steps" and section.level > depth:
            made["steps"].append({"title": section.words, "text": section.text()})
            continue
        left = _sorted(made, kind, section) if named else section.text()
        if left or not named:
            body.append(f"{'#' * max(section.level, 2)} {section.words}\n\n{left}".strip())
    made["body"] = "\n\n".join(part for part in body if part)
    made["title"] = made["title"] or " ".join(source.split())[:60]
    for part in ("bom", "tools", "steps"):
        made[part] = _keyed(part, made[part])
    return {name: part for name, part in made.items() if part}


def _sections(source: str) -> list[_Section]:
    lines = source.split("\n")
    found = [_Section(0, "")]
    tokens = markup_rules.tokens(source)
    for index, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type == "heading_open":
            words = markup_rules.words(tokens[index + 1].children).strip()
            found.append(_Section(int(token.tag[1:]), " ".join(words.split())))
        elif token.nesting >= 0:
            found[-1].blocks.append((token, "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")))
    return [one for one in found if one.words or one.blocks]


def is_steps(words: str) -> bool:
    """Whether a heading or a name of a file tells of steps."""
    return _kind(re.sub(r"[-_.]+", " ", words)) == "steps"


def _kind(words: str) -> str:
    plain = folding.fold(words)
    for kind, names in (("tools", TOOLS), ("bom", PARTS), ("steps", STEPS)):
        if any(re.search(rf"\b{re.escape(name)}", plain) for name in names):
            return kind
    return ""


def _introduced(made: dict[str, Any], section: _Section) -> list[str]:
    """What stands under the title: its first paragraph is the summary, when it is one line's worth."""
    rest = list(section.blocks)
    if rest and not made["summary"] and rest[0][0].type == "paragraph_open":
        words = " ".join(rest[0][1].split())
        if len(words) <= manifests.SUMMARY and "![" not in words:
            made["summary"] = words
            rest = rest[1:]
    return ["\n\n".join(text for _, text in rest)] if rest else []


def _sorted(made: dict[str, Any], kind: str, section: _Section) -> str:
    """Take the lists of a section for rows; what is no list is given back."""
    left = []
    for token, text in section.blocks:
        if token.type not in ("bullet_list_open", "ordered_list_open"):
            left.append(text)
            continue
        made[kind] += [_row(kind, item) for item in _items(text)]
    return "\n\n".join(left)


def _items(text: str) -> Iterator[str]:
    """The items of a list, each with its deeper lines."""
    item: list[str] = []
    for line in text.split("\n"):
        if MARKER.match(line) and len(line) - len(line.lstrip()) < 2 and item:
            yield _undented(item)
            item = []
        item.append(line)
    if item:
        yield _undented(item)


def _undented(item: Sequence[str]) -> str:
    first = MARKER.sub("", item[0], count=1)
    return "\n".join([first, *(re.sub(r"^ {1,4}", "", line) for line in item[1:])]).strip()


def _row(kind: str, item: str) -> dict[str, str]:
    if kind == "steps":
        paragraph, _, rest = item.partition("\n\n")
        first = " ".join(paragraph.split())
        title, end, more = first.partition(". ")
        if len(first) <= STEP_TITLE:
            return {"title": first.rstrip("."), "text": rest.strip()} if not end else _step(title, more, rest)
        if len(title) <= STEP_TITLE:
            return _step(title, more, rest)
        return {"title": f"{first[: STEP_TITLE - 1].rpartition(' ')[0]}…", "text": item}
    words = " ".join(item.split())
    found = AMOUNT.fullmatch(words)
    if kind == "bom" and found is not None:
        unit = (found[2] or "u").lower()
        return {"quantity": found[1].replace(",", "."), "unit": LITRES.get(unit, unit), "name": found[3]}
    return {"name": words}


def _step(title: str, more: str, rest: str) -> dict[str, str]:
    return {"title": title, "text": f"{more}\n\n{rest}".strip()}


def _keyed(part: str, rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with keys that depend on what they are; of two that are the same, the second has another."""
    made: list[dict[str, str]] = []
    for row in rows:
        said = " ".join(filter(None, row.values()))
        key = manifests.key(part, said)
        same = sum(one["key"].startswith(key) for one in made)
        made.append({"key": f"{key}-{same}" if same else key, **row})
    return made
