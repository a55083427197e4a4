"""What the index knows of a page: its words, and what it can be narrowed by."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from designs import bom, licences, sheet
from search import words
from wiki import document, limits
from wiki.document import Document

LABELLED = ("tasks", "crops", "power", "hazards", "regions")
"""Sets whose ids are found by the words for them in the language of the page."""
CREDITED = {"credits": "name", "sources": "title", "files": "name"}
"""Fields that are no language, and are looked for all the same."""
NAMED = 24
"""So many tools and materials can be narrowed by."""
PARTS, PART = 12, 60
"""So many parts are suggested while somebody types, and so many letters of each."""


@dataclass(frozen=True)
class Entry:
    """One page that stands. `uid` is the page's, in hex; `number` its head; `changed` in seconds since 1970; `names`
    are (language, name). A phrase is never found across two passages. `family` is the uid of the design that it was
    made from in the end, its own if from none; `has` says what there is to build from; `parts` are names of them.
    `attached` are the SHA-256 of its files, `files` the texts of those that were read, `unread` those that wait.
    `freedom` is what all its licences together let anybody do; `costs` are spans such as `BOB-200-500`."""

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
    family: str = ""
    stage: str = ""
    crops: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    freedom: str = ""
    tools: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()

    def digest(self) -> str:
        """Equal for what is found alike."""
        content = json.dumps(dataclasses.astuple(self), separators=(",", ":")).encode("utf-8", "surrogatepass")
        return hashlib.sha256(content).hexdigest()[:32]


def of(
    content: Document,
    *,
    uid: str,
    number: int,
    language: str,
    community: str,
    changed: int,
    family: str = "",
    regions: Sequence[str] | None = None,
    texts: Mapping[str, str | None] = {},
) -> Entry:
    """The entry of a page whose head holds this document. `regions`: those it counts for, if not only those that it
    names. `texts`: what stands in its files, None for one that was not read yet."""
    names = tuple(
        (str(row.get("language", "")), str(row["text"])) for row in document.rows(content, "names") if row.get("text")
    )
    files = attached(content)
    licences_ = {row["licence"] for row in document.rows(content, "licences") if isinstance(row.get("licence"), str)}
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
        regions=within(document.items(content, "regions") if regions is None else regions),
        licences=tuple(sorted(str(licence) for licence in licences_)),
        tasks=tuple(document.items(content, "tasks")),
        family=family or uid,
        stage=document.text(content, "stage"),
        crops=tuple(document.items(content, "crops")),
        power=tuple(document.items(content, "power")),
        skills=tuple(document.items(content, "skills")),
        has=tuple(_has(content)),
        parts=tuple(str(row["name"])[:PART] for row in document.rows(content, "bom")[:PARTS] if row.get("name")),
        attached=tuple(files),
        files=tuple(_within(texts.get(sha256) or "" for sha256 in files)),
        unread=tuple(sha256 for sha256 in files if sha256 in texts and texts[sha256] is None),
        freedom=_freedom(sorted(str(licence) for licence in licences_)),
        tools=_named(document.rows(content, "tools"), "name"),
        materials=_named(document.rows(content, "bom"), "material"),
        costs=tuple(_costs(content)),
    )


def _freedom(found: Sequence[str]) -> str:
    """What the strictest of some licences lets anybody do with the design and what is made by it."""
    boxes = [licences.box(one) for one in found]
    if not boxes or not all(box.may for box in boxes):
        return "unknown"
    may = set.intersection(*(set(box.may) for box in boxes))
    if "change" not in may:
        return "no-changes"
    if "sell-company" in may:
        return "sell"
    workers = all(not {"sell-workers", "sell-company"}.isdisjoint(box.may) for box in boxes)
    return "sell-workers" if workers else "no-sale"


def _named(rows: Sequence[document.Row], column: str) -> tuple[str, ...]:
    """Names in rows, in small letters, each once."""
    told = (" ".join(str(row.get(column) or "").split()).casefold()[:PART] for row in rows)
    return tuple(dict.fromkeys(name for name in told if name))[:NAMED]


def _costs(content: Document) -> Iterator[str]:
    """Spans of what it costs, by currency, where all parts have a price: from one of 1, 2, 5, 10, ... to the next."""
    priced, lines = bom.priced(content)
    for cost in bom.costs(content) if priced == lines else ():
        if cost.amount > 0 and cost.currency:
            power = Decimal(1).scaleb(cost.amount.adjusted())
            low = max(step * power for step in (1, 2, 5) if step * power <= cost.amount)
            high = min(step * power for step in (2, 5, 10) if step * power > cost.amount)
            yield f"{cost.currency}-{low.normalize():f}-{high.normalize():f}"


def attached(content: Document) -> list[str]:
    """The SHA-256 of the files of a document, each once."""
    named = (row.get("sha256") for row in document.rows(content, "files"))
    return list(dict.fromkeys(sha256 for sha256 in named if isinstance(sha256, str) and sha256))


def _within(texts: Iterable[str]) -> Iterator[str]:
    """The texts of files, as far as they count for a page."""
    left = limits.FILE_TEXTS
    for text in texts:
        if text and left:
            yield text[:left]
            left -= len(text[:left])


def _has(content: Document) -> Iterator[str]:
    """What there is to build from, as values of the facet `has`."""
    roles = {row.get("role") for row in document.rows(content, "files") if row.get("sha256")}
    if "drawing" in roles:
        yield "drawing"
    if "source" in roles or "export" in roles:
        yield "cad"
    yield from (name for name in ("bom", "steps") if document.rows(content, name))


def within(regions: Sequence[str]) -> tuple[str, ...]:
    """Regions and the countries that they lie in, which are found by them."""
    found = set(regions) | {code.split("-")[0] for code in regions if code[:2].isupper() and code[2:3] == "-"}
    return tuple(sorted(found))


def passages(content: Document, language: str) -> list[str]:
    """All words of a document but its title and names: one passage for each text, row or list, the summary first."""
    return [passage for _field, passage in told(content, language)]


def _columns(field: sheet.Field) -> tuple[str, ...]:
    """The columns of its rows that are words."""
    credited = (CREDITED[field.name],) if field.name in CREDITED else ()
    return (*(column.name for column in field.columns if column.words), *credited)


_SPOKEN = tuple(
    (field.name, field.shape == "text" and field.words, _columns(field))
    for field in sheet.FIELDS
    if field.name not in ("title", "names") and (field.shape != "text" or field.words)
)
"""The parts of a document that passages are made of: name, whether it is a text, and the columns of its rows."""


def told(content: Document, language: str) -> list[tuple[str, str]]:
    """The passages, each with the part of the document that it stands in."""
    found: list[tuple[str, str]] = []
    for name, is_text, columns in _SPOKEN:
        if is_text:
            found.append((name, document.text(content, name)))
        for row in document.rows(content, name):
            found.append((name, ". ".join(str(row[column]) for column in columns if row.get(column))))
    if words.primary(language) in words.STEMMERS:
        found += [(name, ", ".join(sheet.labels(content, name, language))) for name in LABELLED]
    found.append(("animals", ", ".join(document.items(content, "animals"))))
    return [(name, passage) for name, passage in found if passage]
