"""What is still missing for someone to repeat a design: by kind, as codes that stand for sentences.

Not a share of filled fields: that rewards filling, not usefulness.
"""

from collections.abc import Callable

from designs import bom, units
from wiki import document
from wiki.document import Document

Test = Callable[[Document], bool]


def _has_text(name: str) -> Test:
    return lambda content: bool(document.text(content, name).strip())


def _has_rows(name: str) -> Test:
    return lambda content: bool(document.rows(content, name))


def _has_set(name: str) -> Test:
    return lambda content: bool(document.items(content, name))


def _has_quantities(content: Document) -> bool:
    rows = document.rows(content, "bom")
    return all(units.number(bom.cell(row, "quantity")) is not None for row in rows)


def _has_pictures(content: Document) -> bool:
    return any(row.get("sha256") and row.get("role", "") in ("", "photo", "drawing") for row in _files(content))


def _files(content: Document) -> list[document.Row]:
    return list(document.rows(content, "files"))


def _has_steps_told(content: Document) -> bool:
    return all(bom.cell(row, "text") or bom.cell(row, "title") for row in document.rows(content, "steps"))


def _has_checked_hazards(content: Document) -> bool:
    hazards = document.items(content, "hazards")
    return bool(hazards) and "unknown" not in hazards


def _has_time(content: Document) -> bool:
    return not document.rows(content, "steps") or bom.minutes(content) > 0


TESTS: dict[str, Test] = {
    "summary": _has_text("summary"),
    "pictures": _has_pictures,
    "hazards": _has_checked_hazards,
    "bom": _has_rows("bom"),
    "quantities": _has_quantities,
    "tools": _has_rows("tools"),
    "steps": _has_rows("steps"),
    "told": _has_steps_told,
    "time": _has_time,
    "context": _has_text("context"),
    "regions": _has_set("regions"),
    "stage": _has_text("stage"),
    "body": _has_text("body"),
    "knowledge": _has_text("knowledge"),
}

_ALL = ("summary", "regions", "context")
NEEDED: dict[str, tuple[str, ...]] = {
    "machine": (*_ALL, "hazards", "pictures", "bom", "quantities", "tools", "steps", "told", "time", "body", "stage"),
    "structure": (*_ALL, "hazards", "pictures", "bom", "quantities", "tools", "steps", "told", "time", "body", "stage"),
    "practice": (*_ALL, "pictures", "steps", "told", "time", "stage"),
    "recipe": (*_ALL, "hazards", "bom", "quantities", "tools", "steps", "told", "time", "body"),
    "germplasm": (*_ALL, "knowledge", "steps", "told"),
    "organization": (*_ALL, "steps", "told"),
}


def missing(content: Document) -> list[str]:
    """Codes of what a design lacks, the most useful first; empty when somebody could repeat it."""
    needed = NEEDED.get(document.text(content, "kind"), _ALL)
    return [code for code in needed if not TESTS[code](content)]
