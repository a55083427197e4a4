"""What the index knows of a page: its words, and what it can be narrowed by."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass

from designs import sheet
from search import words
from wiki import document
from wiki.document import Document

LABELLED = ("tasks", "crops", "power", "hazards", "regions")
"""Sets whose ids are found by the words for them in the language of the page."""
CREDITED = {"credits": "name", "sources": "title"}
"""Fields that are no language, and are looked for all the same."""


@dataclass(frozen=True)
class Entry:
    """One page that stands. `uid` is the page's, in hex; `number` its head; `changed` in seconds since 1970; `names`
    are (language, name). A phrase is never found across two passages."""

    uid: str
    number: int
    language: str
    kind: str
    community: str
    changed: int
    title: str
    names: tuple[tuple[str, str], ...]
    passages: tuple[str, ...]
    regions: tuple[str, ...]
    licences: tuple[str, ...]
    tasks: tuple[str, ...]

    def digest(self) -> str:
        """Equal for what is found alike."""
        content = json.dumps(dataclasses.astuple(self), separators=(",", ":")).encode("utf-8", "surrogatepass")
        return hashlib.sha256(content).hexdigest()[:32]


def of(content: Document, *, uid: str, number: int, language: str, community: str, changed: int) -> Entry:
    """The entry of a page whose head holds this document."""
    names = tuple(
        (str(row.get("language", "")), str(row["text"])) for row in document.rows(content, "names") if row.get("text")
    )
    licences = {row["licence"] for row in document.rows(content, "licences") if isinstance(row.get("licence"), str)}
    return Entry(
        uid=uid,
        number=number,
        language=language,
        kind=document.text(content, "kind"),
        community=community,
        changed=changed,
        title=document.text(content, "title"),
        names=names,
        passages=tuple(passages(content, language)),
        regions=within(document.items(content, "regions")),
        licences=tuple(sorted(str(licence) for licence in licences)),
        tasks=tuple(document.items(content, "tasks")),
    )


def within(regions: list[str]) -> tuple[str, ...]:
    """Regions and the countries that they lie in, which are found by them."""
    found = set(regions) | {code.split("-")[0] for code in regions if code[:2].isupper() and code[2:3] == "-"}
    return tuple(sorted(found))


def passages(content: Document, language: str) -> list[str]:
    """All words of a document but its title and names: one passage for each text, row or list, the summary first."""
    found: list[str] = []
    for field in sheet.FIELDS:
        if field.name in ("title", "names"):
            continue
        if field.shape == "text" and field.words:
            found.append(document.text(content, field.name))
        for row in document.rows(content, field.name):
            told = [column.name for column in field.columns if column.words]
            told += [CREDITED[field.name]] if field.name in CREDITED else []
            found.append(". ".join(str(row[name]) for name in told if row.get(name)))
    if words.primary(language) in words.STEMMERS:
        found += [", ".join(sheet.labels(content, name, language)) for name in LABELLED]
    found.append(", ".join(document.items(content, "animals")))
    return [passage for passage in found if passage]
