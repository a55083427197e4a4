"""The form of a document: plain indexed fields (`bom-0-name`), which work without JavaScript.

A form holds only some parts of a document; the others, and fields that it does not know, stay as they were in the
version that it was begun from. `shown` names the sets and rows that the form holds, since an empty one sends nothing.
"""

import copy
import re
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from designs import sheet
from wiki import document, limits
from wiki.document import Document
from wiki.web import forms

CELL = re.compile(r"([a-z][a-z0-9_]*)-(\d{1,4})-([a-z][a-z0-9_]*)")
ACT = re.compile(r"([a-z][a-z0-9_]*)-(?:(add)|(\d{1,4})-(up|down|remove))")

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
    return (f for f in sheet.FIELDS if kind in f.kinds and f.name not in ("adaptations", "translated"))


def read(form: MultiDict[str, str], base: Document) -> Raw:
    """The document that a form was sent for, as typed, on top of the version that it was begun from."""
    raw: Raw = copy.deepcopy(dict(base))
    held = set(form.getlist("shown"))
    cells = _cells(form)
    for field in sheet.FIELDS:
        name = field.name
        if field.shape == "text" and name in form:
            raw[name] = forms.lines(form[name])
        elif field.shape == "set" and (name in form or name in held):
            raw[name] = [v for value in form.getlist(name) if (v := value.strip())]
        elif field.shape == "rows" and (name in cells or name in held):
            before = {str(row["key"]): row for row in document.rows(base, name)}
            raw[name] = [_row(field, cell, before) for _, cell in sorted(cells.get(name, {}).items())]
    return raw


def _cells(form: MultiDict[str, str]) -> dict[str, dict[int, dict[str, list[str]]]]:
    cells: dict[str, dict[int, dict[str, list[str]]]] = {}
    for name, values in form.lists():
        if (found := CELL.fullmatch(name)) is not None:
            part, index, column = found.groups()
            cells.setdefault(part, {}).setdefault(int(index), {})[column] = values
    return cells


def _row(field: sheet.Field, cell: dict[str, list[str]], before: dict[str, document.Row]) -> Raw:
    key = cell.get("key", [""])[0] or document.new_key()
    row: Raw = {**before.get(key, {}), "key": key}
    held = set(cell.get("shown", []))
    for column in field.columns:
        if column.is_set and (column.name in cell or column.name in held):
            row[column.name] = [v for value in cell.get(column.name, []) if (v := value.strip())]
        elif not column.is_set and (column.name in cell or column.name in held):
            row[column.name] = forms.lines(cell.get(column.name, [""])[0])
    return row


def act(raw: Raw, do: str) -> str | None:
    """Add, move or remove a row as a button asks; gives the part's name, or None when the button is another."""
    found = ACT.fullmatch(do)
    if found is None or found[1] not in sheet.BY_NAME:
        return None
    part, add, index, how = found.groups()
    rows: list[Raw] = raw.setdefault(part, [])
    if add:
        if len(rows) < limits.ROWS_PER_PART:
            rows.append({"key": document.new_key()})
    elif int(index) < len(rows):
        row = rows.pop(int(index))
        if how != "remove":
            rows.insert(max(0, int(index) + (-1 if how == "up" else 1)), row)
    return part
