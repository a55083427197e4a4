"""What a sheet shows of a document, made ready for its template: figures said, ids in words, rows joined."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from designs import bom, completeness, licences, linked, sheet, vocabulary
from designs.bom import cell
from designs.web import figures, words
from wiki import document, pictures
from wiki import files as kept
from wiki.document import Document, Row
from wiki.models import File
from wiki.web import files, speech

Shown = dict[str, Any]

PICTURES = ("", "photo", "drawing")
IN_TEXT = re.compile(r"/files/([0-9a-f]{64})/")
SMALL, MIDDLE = 320, 800
"""Widths in pixels that are kept of each photo."""


def _keys(row: Row, name: str) -> list[str]:
    value = row.get(name, [])
    return value if isinstance(value, list) else [value]


def address(row: Row) -> str:
    """Where a file of a document is to be had."""
    return f"/files/{cell(row, 'sha256')}/{quote(cell(row, 'name') or 'file', safe='')}"


def picture(row: Row, file: File | None) -> Shown:
    """A photo or drawing. One that is not here is shown by its name alone: another server may bring it."""
    name, role = cell(row, "name"), cell(row, "role")
    is_drawing = file.type == pictures.DRAWING if file else role == "drawing" or name.lower().endswith(".svg")
    copies = files.sources(file, name) if file else []
    return {
        "src": files.address(file, name, MIDDLE) if file else address(row),
        "whole": files.address(file, name) if file else address(row),
        "copies": ", ".join(f"{url} {width}w" for url, width in copies),
        "width": file.width if file else "",
        "height": file.height if file else "",
        "alt": cell(row, "alt"),
        "caption": cell(row, "caption"),
        "drawing": is_drawing,
        "shared": "" if is_drawing or not file else f"/files/{cell(row, 'sha256')}/{MIDDLE}/foto.jpg",
    }


def faces(sha256s: Iterable[str]) -> dict[str, tuple[str, bool]]:
    """The small pictures of cards by SHA-256: where each is, and whether it is a drawing."""
    found = kept.find_all(sha256s)
    return {sha256: (files.address(file, width=SMALL), file.type == pictures.DRAWING) for sha256, file in found.items()}


def part(line: bom.Line, regions: list[str]) -> Shown:
    """A line of the bill as tables show it."""
    row = line.row
    cost = cell(row, "cost")
    return {
        "key": row["key"],
        "quantity": figures.quantity(line.quantity),
        "unit": cell(row, "unit"),
        "value": figures.measure(line.measure),
        "name": figures.valued(cell(row, "name"), regions),
        "spec": figures.valued(cell(row, "spec"), regions),
        "material": cell(row, "material"),
        "critical": cell(row, "critical") not in ("", "no"),
        "cost": figures.quantity(cost) if cost else "",
        "currency": cell(row, "currency"),
        "substitutes": [
            {
                "name": figures.valued(cell(other, "name"), regions),
                "verdict": cell(other, "verdict"),
                "said": words.term("verdicts", cell(other, "verdict")),
                "why": figures.valued(cell(other, "why"), regions),
                "regions": [words.region(code) for code in _keys(other, "regions")],
            }
            for other in line.substitutes
        ],
    }


def tools(content: Document) -> list[Shown]:
    regions = document.items(content, "regions")
    return [
        {
            "name": figures.valued(cell(row, "name"), regions),
            "helps": words.said(words.NEEDS, "helps") if cell(row, "need") == "helps" else "",
        }
        for row in document.rows(content, "tools")
        if cell(row, "name")
    ]


def _steps(content: Document, html: dict[str, str], drawn: dict[str, Shown]) -> list[Shown]:
    regions = document.items(content, "regions")
    called = {row["key"]: cell(row, "name") for name in ("bom", "tools") for row in document.rows(content, name)}
    found = []
    for row in document.rows(content, "steps"):
        text = html.get(f"steps/{row['key']}/text", "")
        found.append(
            {
                "key": row["key"],
                "title": figures.valued(cell(row, "title"), regions),
                "html": Markup(text),  # noqa: S704  (it passed the sanitiser)
                "minutes": figures.quantity(cell(row, "minutes")),
                "parts": [called[key] for key in _keys(row, "parts") if called.get(key)],
                "tools": [called[key] for key in _keys(row, "tools") if called.get(key)],
                "pictures": [drawn[key] for key in _keys(row, "files") if key in drawn],
                "warning": figures.valued(cell(row, "warning"), regions),
                "check": figures.valued(cell(row, "check"), regions),
            }
        )
    return found


def _names(content: Document) -> list[Shown]:
    return [
        {
            "text": cell(row, "text"),
            "language": cell(row, "language"),
            "region": words.term("regions", cell(row, "region")) if cell(row, "region") else "",
        }
        for row in document.rows(content, "names")
        if cell(row, "text")
    ]


def _licences(content: Document) -> list[Shown]:
    found = []
    for slot, box in licences.slots(sheet.licences(content)):
        term = vocabulary.get("licences").get(box.licence)
        found.append(
            {
                "slot": words.said(words.SLOTS, slot),
                "id": box.licence,
                "name": words.term("licences", box.licence),
                "url": str(term.more.get("url", "")) if term else "",
                "known": term is not None,
                "may": [words.right(slot, code) for code in box.may],
                "may_not": [words.right(slot, code) for code in box.may_not],
                "must": [words.said(words.DUTIES, code) for code in box.must],
            }
        )
    return found


def _sources(content: Document) -> list[Shown]:
    return [
        {
            "title": cell(row, "title") or cell(row, "url"),
            "url": url if (url := cell(row, "url")).startswith(("https://", "http://")) else "",
            "kind": words.said(words.SOURCE_KINDS, cell(row, "kind")),
            "licence": words.term("licences", cell(row, "licence")) if cell(row, "licence") else "",
        }
        for row in document.rows(content, "sources")
    ]


def _credits(content: Document) -> list[tuple[str, str]]:
    return [
        (cell(row, "name"), words.said(words.ROLES, cell(row, "role"))) for row in document.rows(content, "credits")
    ]


def of(content: Document, html: dict[str, str]) -> Shown:
    """The values of `designs/sheet.html`. `html` is the rendered Markdown of each place."""
    regions = document.items(content, "regions")
    rows = [row for row in document.rows(content, "files") if cell(row, "sha256")]
    told = set(IN_TEXT.findall("".join(html.values())))
    here = kept.find_all(cell(row, "sha256") for row in rows)
    shown = {
        str(row["key"]): picture(row, here.get(cell(row, "sha256"))) for row in rows if cell(row, "role") in PICTURES
    }
    in_steps = {key for row in document.rows(content, "steps") for key in _keys(row, "files")}
    first = next(iter(shown), "")
    hazards = document.items(content, "hazards")
    stage = document.text(content, "stage")
    return {
        "kind": document.text(content, "kind"),
        "title": document.text(content, "title"),
        "summary": figures.valued(document.text(content, "summary"), regions),
        "description": document.text(content, "summary"),
        "first": shown.get(first),
        "hazards": [words.term("hazards", id) for id in hazards if id not in ("none", "unknown")],
        "unchecked": "unknown" in hazards,
        "gear": words.terms(content, "gear"),
        "licences": _licences(content),
        "texts": {name: Markup(text) for name, text in html.items() if "/" not in name},  # noqa: S704
        "parts": [part(line, regions) for line in bom.lines(content)],
        "costs": figures.costs(content),
        "tools": tools(content),
        "steps": _steps(content, html, shown),
        "pictures": [
            shown[key]
            for key, sha256 in ((str(row["key"]), cell(row, "sha256")) for row in rows)
            if key in shown and key != first and key not in in_steps and sha256 not in told
        ],
        "files": [
            (
                address(row),
                cell(row, "caption") or cell(row, "name"),
                words.said(words.FILE_ROLES, cell(row, "role")),
                speech.weight(file.bytes) if (file := here.get(cell(row, "sha256"))) else "",
            )
            for row in rows
            if cell(row, "role") not in PICTURES
        ],
        "names": _names(content),
        "credits": _credits(content),
        "sources": _sources(content),
        "missing": [words.said(words.MISSING, code) for code in completeness.missing(content)],
        "stage": words.term("stages", stage) if stage else "",
        "regions": [words.region(code) for code in regions],
        "sets": {name: words.terms(content, name) for name in ("tasks", "crops", "animals", "power", "skills")},
        "time": figures.duration(bom.minutes(content)),
        "linked": Markup(linked.written(linked.describe(content))),  # noqa: S704  (no `<` is left in it)
    }
