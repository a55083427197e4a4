"""The typed reading of a document: one list of fields, from which the form, the checks and the API's schema are made.

`words` says that a field is language, which a translation renders; the others are the same in every language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from designs import vocabulary
from wiki import document
from wiki.document import Document
from wiki.errors import Problem

KINDS = ("machine", "structure", "practice", "recipe", "germplasm", "organization")
SLOTS = ("documentation", "hardware", "software", "data", "germplasm")
NEEDS_HAZARDS = frozenset({"machine", "recipe"})


@dataclass(frozen=True)
class Column:
    """A field of the rows of a part. `refers` names the part whose row keys it holds."""

    name: str
    words: bool = False
    vocabulary: str = ""
    is_set: bool = False
    refers: str = ""
    long: bool = False
    """Whether it is written in several lines, as Markdown."""


@dataclass(frozen=True)
class Field:
    """A part of a document. `shape` is text, set or rows; `long` text is Markdown; `limit` counts characters (0: the
    engine's own limit)."""

    name: str
    shape: str = "text"
    words: bool = False
    vocabulary: str = ""
    long: bool = False
    limit: int = 0
    columns: tuple[Column, ...] = ()
    kinds: frozenset[str] = frozenset(KINDS)


_BUILT = frozenset({"machine", "structure"})
_THINGS = frozenset({"machine", "structure", "practice", "recipe"})

FIELDS: tuple[Field, ...] = (
    Field("kind", vocabulary="kinds"),
    Field("title", words=True, limit=120),
    Field("summary", words=True, limit=280),
    Field(
        "names",
        "rows",
        columns=(
            Column("text", words=True),
            Column("language", vocabulary="languages"),
            Column("region", vocabulary="regions"),
        ),
    ),
    Field("problem", words=True, long=True),
    Field("context", words=True, long=True),
    Field("stage", vocabulary="stages"),
    Field("tasks", "set", vocabulary="tasks"),
    Field("crops", "set", vocabulary="crops", kinds=frozenset(KINDS) - {"organization"}),
    Field("animals", "set"),
    Field("regions", "set", vocabulary="regions"),
    Field("power", "set", vocabulary="power", kinds=_THINGS),
    Field("skills", "set", vocabulary="skills"),
    Field("hazards", "set", vocabulary="hazards"),
    Field("gear", "set", vocabulary="gear"),
    Field(
        "files",
        "rows",
        columns=(
            Column("sha256"),
            Column("name"),
            Column("role"),
            Column("alt", words=True),
            Column("caption", words=True),
            Column("licence", vocabulary="licences"),
        ),
    ),
    Field(
        "bom",
        "rows",
        columns=(
            Column("quantity"),
            Column("unit"),
            Column("name", words=True),
            Column("spec", words=True),
            Column("material", words=True),
            Column("critical"),
            Column("cost"),
            Column("currency"),
            Column("month"),
            Column("design"),
        ),
    ),
    Field(
        "substitutes",
        "rows",
        columns=(
            Column("line", refers="bom"),
            Column("name", words=True),
            Column("regions", vocabulary="regions", is_set=True),
            Column("verdict", vocabulary="verdicts"),
            Column("why", words=True),
        ),
    ),
    Field("tools", "rows", columns=(Column("name", words=True), Column("need"))),
    Field(
        "steps",
        "rows",
        columns=(
            Column("title", words=True),
            Column("text", words=True, long=True),
            Column("minutes"),
            Column("parts", refers="bom", is_set=True),
            Column("tools", refers="tools", is_set=True),
            Column("files", refers="files", is_set=True),
            Column("warning", words=True),
            Column("check", words=True),
        ),
    ),
    Field("body", words=True, long=True),
    Field("knowledge", words=True, long=True),
    Field("licences", "rows", columns=(Column("licence", vocabulary="licences"),)),
    Field("credits", "rows", columns=(Column("name"), Column("role"))),
    Field(
        "sources",
        "rows",
        columns=(Column("kind"), Column("title"), Column("url"), Column("licence", vocabulary="licences")),
    ),
    Field(
        "adaptations",
        "rows",
        columns=(Column("place"), Column("reason", vocabulary="reasons"), Column("why", words=True)),
    ),
    Field("translated", "rows", columns=(Column("place"), Column("of"))),
)

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


def markdown(content: Document) -> Iterable[tuple[str, str]]:
    """The places of a document that hold Markdown, with their text."""
    for field in FIELDS:
        if field.shape == "text" and field.long and (text := document.text(content, field.name)):
            yield field.name, text
        for column in field.columns:
            if column.long:
                for row in document.rows(content, field.name):
                    if isinstance(cell := row.get(column.name), str):
                        yield f"{field.name}/{row['key']}/{column.name}", cell


def check(content: Document) -> Sequence[Problem]:
    """What keeps a document from being published. The gate is low: everything else only raises completeness."""
    found = [
        Problem(field.name, "bad-shape")
        for field in FIELDS
        if field.name in content and document.shape(content[field.name]) != field.shape
    ]
    if not document.text(content, "title").strip():
        found.append(Problem("title", "needed"))
    kind = document.text(content, "kind")
    if kind not in KINDS:
        found.append(Problem("kind", "bad-choice" if kind else "needed"))
    licences = {row["key"]: row.get("licence") for row in document.rows(content, "licences")}
    if not licences.get("documentation"):
        found.append(Problem("licences/documentation/licence", "needed"))
    if kind in NEEDS_HAZARDS and not document.items(content, "hazards"):
        found.append(Problem("hazards", "needed"))
    found.extend(
        Problem(field.name, "too-long", {"limit": field.limit})
        for field in FIELDS
        if field.limit and len(document.text(content, field.name)) > field.limit
    )
    return found


def licences(content: Document) -> dict[str, str]:
    """The licence of each slot."""
    return {
        str(row["key"]): licence
        for row in document.rows(content, "licences")
        if isinstance(licence := row.get("licence"), str)
    }


def labels(content: Document, name: str, language: str) -> list[str]:
    """The words for the ids of a set."""
    listed = BY_NAME[name].vocabulary
    ids = document.items(content, name)
    return [vocabulary.label(listed, id, language) for id in ids] if listed else list(ids)
