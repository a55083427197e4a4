"""A design without its looks: as text for messages, and its bill as a table for spreadsheets."""

import csv
import io
from decimal import Decimal

from designs import bom, sheet
from designs.bom import cell
from designs.web import figures, words
from wiki import document, markup
from wiki.document import Document

Section = tuple[str, list[str]]


def sections(content: Document) -> list[Section]:
    """The parts of a design in the order of its page: a heading and lines, the empty ones left out."""
    called = {row["key"]: cell(row, "name") for row in document.rows(content, "bom")}
    licences = [
        f"{words.said(words.SLOTS, slot)}: {words.term('licences', id)} ({id})"
        for slot, id in sheet.licences(content).items()
    ]
    hazards = [id for id in document.items(content, "hazards") if id != "none"]
    found: list[Section] = [
        (words.part("hazards"), [", ".join(words.term("hazards", id) for id in hazards)]),
        (words.part("gear"), [", ".join(words.terms(content, "gear"))]),
        *((words.part(name), _told(content, name)) for name in ("problem", "context")),
        (words.part("bom"), [f"- {_line(line)}" for line in bom.lines(content)]),
        (words.part("substitutes"), [_instead(row, called) for row in document.rows(content, "substitutes")]),
        (words.part("tools"), [f"- {cell(row, 'name')}" for row in document.rows(content, "tools")]),
        (words.part("steps"), _steps(content)),
        *((words.part(name), _told(content, name)) for name in ("body", "knowledge")),
        (words.part("licences"), licences),
    ]
    return [(heading, lines) for heading, lines in found if any(lines)]


def _told(content: Document, name: str) -> list[str]:
    return markup.plain(document.text(content, name)).splitlines()


def _line(line: bom.Line) -> str:
    row, value = line.row, figures.measure(line.measure)
    many = " ".join(filter(None, (figures.quantity(line.quantity), cell(row, "unit"), value and f"({value})")))
    spec = cell(row, "spec")
    return " ".join(filter(None, (many, cell(row, "name"), spec and f"({spec})")))


def _instead(row: document.Row, called: dict[str | list[str], str]) -> str:
    verdict, why = words.term("verdicts", cell(row, "verdict")), cell(row, "why")
    pair = " → ".join(filter(None, (called.get(cell(row, "line"), ""), cell(row, "name"))))
    return f"- {pair}" + (f": {verdict}" if verdict else "") + (f". {why}" if why else "")


def _steps(content: Document) -> list[str]:
    lines: list[str] = []
    for number, row in enumerate(document.rows(content, "steps"), 1):
        lines.append(f"{number}. {cell(row, 'title')}".rstrip())
        lines += markup.plain(cell(row, "text")).splitlines()
        if warning := cell(row, "warning"):
            lines.append(f"! {warning}")
        if check := cell(row, "check"):
            lines.append(f"{words.column('steps', 'check')}: {check}")
        lines.append("")
    return lines[:-1]


def table(content: Document, times: Decimal) -> str:
    """The bill as CSV, that many times."""
    columns = [c.name for c in sheet.BY_NAME["bom"].columns if c.name != "design"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([words.column("bom", name) for name in columns])
    for line in bom.lines(content, times):
        cells = {**line.row, "quantity": line.quantity}
        writer.writerow([_safe_cell(cell(cells, name)) for name in columns])
    return "\ufeff" + out.getvalue()


def _safe_cell(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
