"""The form of a document: plain indexed fields (`bom-0-name`), which work without JavaScript.

A form holds only some parts of a document; the others, and fields that it does not know, stay as they were in the
version that it was begun from. `shown` names the sets and rows that the form holds, since an empty one sends nothing.
"""

import copy
import re
from collections.abc import Collection, Iterable
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from designs import sheet
from designs.web import choices
from wiki import document, limits
from wiki.document import Document
from wiki.web import forms

CELL = re.compile(r"([a-z][a-z0-9_]*)-(\d{1,4})-([a-z][a-z0-9_]*)")
ACT = re.compile(r"([a-z][a-z0-9_]*)-(?:(add)|(\d{1,4})-(up|down|remove))")
NUMBERS = frozenset({"quantity", "cost", "minutes"})
TICKED = frozenset({"critical"})
"""Columns whose field is a tick: any text in it counts as yes."""
COMMA = re.compile(r"\s*(\d+),(\d+)\s*")
"""A number as most of the continent writes it."""

Raw = dict[str, Any]
"""A document as it was typed: not yet clean, so that it can be shown again just so."""


class SaveForm(forms.Form):
    base = IntegerField(validators=[Optional()])
    op = HiddenField()
    note = TextAreaField()


class BeginForm(SaveForm):
    community = StringField()
    slug = StringField()
    language = SelectField(choices=[])


def begin(kind: str) -> Raw:
    """What a new design of a kind starts from: the proposed licences and a first empty row where rows are usual."""
    raw: Raw = {"kind": kind, "licences": [{"key": "documentation", "licence": "CC-BY-SA-4.0"}]}
    if kind in ("machine", "structure"):
        raw["licences"].append({"key": "hardware", "licence": "CERN-OHL-S-2.0"})
        raw["bom"] = [{"key": document.new_key()}]
    raw["steps"] = [{"key": document.new_key()}]
    return raw


def shown_fields(kind: str) -> Iterable[sheet.Field]:
    return (f for f in sheet.FIELDS if kind in f.kinds and f.name not in ("kind", "adaptations", "translated"))


def read(form: MultiDict[str, str], base: Document, language: str = "") -> Raw:
    """The document that a form was sent for, as typed, on top of the version that it was begun from.

    What somebody types is put right where it is plain what is meant (names of regions, decimal commas); what stood in
    `base` already stays as it is. `language` is the one in which names are looked up first."""
    raw: Raw = copy.deepcopy(dict(base))
    held = set(form.getlist("shown"))
    cells, gone = _cells(form), dict[str, Collection[object]]()
    for field in sheet.FIELDS:
        name = field.name
        if field.shape == "text" and name in form:
            raw[name] = forms.lines(form[name])
        elif field.shape == "set" and (name in form or name in held):
            raw[name] = _set(form.getlist(name), field.vocabulary, document.items(base, name), language)
        elif field.shape == "rows" and (name in cells or name in held):
            before = {str(row["key"]): row for row in document.rows(base, name)}
            raw[name] = [_row(field, cell, before, language) for _, cell in sorted(cells.get(name, {}).items())]
            gone[name] = before.keys() - {row["key"] for row in raw[name]}
    for name, keys in gone.items():
        _forget(raw, name, keys)
    return raw


def _cells(form: MultiDict[str, str]) -> dict[str, dict[int, dict[str, list[str]]]]:
    cells: dict[str, dict[int, dict[str, list[str]]]] = {}
    for name, values in form.lists():
        if (found := CELL.fullmatch(name)) is not None:
            part, index, column = found.groups()
            cells.setdefault(part, {}).setdefault(int(index), {})[column] = values
    return cells


def _set(values: Iterable[str], listed: str, before: Collection[str], language: str) -> list[str]:
    found = []
    for value in map(forms.lines, values):
        if value in before:
            found.append(value)
        elif text := value.strip():
            found.append(choices.resolve(listed, text, language) if listed in choices.LONG else text)
    return found


def _row(field: sheet.Field, cell: dict[str, list[str]], known: dict[str, document.Row], language: str) -> Raw:
    key = cell.get("key", [""])[0] or document.new_key()
    before = known.get(key, {})
    row: Raw = {**before, "key": key}
    held = set(cell.get("shown", []))
    for column in field.columns:
        if column.name not in cell and column.name not in held:
            continue
        old = before.get(column.name, "")
        values = cell.get(column.name, [])
        if column.is_set:
            row[column.name] = _set(values, column.vocabulary, old if isinstance(old, list) else (), language)
        else:
            text = forms.lines(values[0]) if values else ""
            ticked = bool(text) and column.name in TICKED
            row[column.name] = old if text == old or (ticked and old) else _put_right(column, text, language)
    return row


def _put_right(column: sheet.Column, text: str, language: str) -> str:
    if column.vocabulary in choices.LONG:
        return choices.resolve(column.vocabulary, text.strip(), language)
    if column.name in NUMBERS and (found := COMMA.fullmatch(text)) is not None:
        return f"{found[1]}.{found[2]}"
    return text


def _forget(raw: Raw, part: str, keys: Collection[object]) -> None:
    """Rows that were taken away are no longer named by others."""
    if not keys:
        return
    for field in sheet.FIELDS:
        for column in field.columns:
            if column.refers == part:
                for row in _rows(raw, field.name):
                    held = row.get(column.name)
                    if isinstance(held, list):
                        row[column.name] = [key for key in held if key not in keys]
                    elif held in keys:
                        row[column.name] = ""


def _rows(raw: Raw, name: str) -> list[Raw]:
    part = raw.get(name)
    return part if isinstance(part, list) and part and isinstance(part[0], dict) else []


def act(raw: Raw, do: str) -> str | None:
    """Add, move or remove a row as a button asks; gives the part's name, or None when the button is another."""
    found = ACT.fullmatch(do)
    if found is None or found[1] not in sheet.BY_NAME or sheet.BY_NAME[found[1]].shape != "rows":
        return None
    part, add, index, how = found.groups()
    rows: list[Raw] = raw.setdefault(part, [])
    if add:
        if len(rows) < limits.ROWS_PER_PART:
            rows.append({"key": document.new_key()})
    elif int(index) < len(rows):
        row = rows.pop(int(index))
        if how == "remove":
            _forget(raw, part, [row["key"]])
        else:
            rows.insert(max(0, int(index) + (-1 if how == "up" else 1)), row)
    return part
