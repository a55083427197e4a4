"""Stencils of the form, which is large and mostly the same.

The templates render the form of each kind of design, and one row of each of its parts, with gaps instead of values.
That is kept for each language, and the gaps are filled for each document and each row. Only a form or a row with
something wrong or unusual in it is rendered by itself.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup

from designs import sheet
from designs.web import choices, forms, prompts, words

GAP = re.compile("\x01(.*?)\x02")

FOLDED = frozenset({"names", "power", "skills", "animals", "gear", "substitutes", "credits", "sources"})
"""Parts that stay folded until they hold something."""
FIXED = frozenset({"files", "licences"})
"""Parts to which the form adds no rows."""
LESS = {
    "bom": frozenset({"material", "critical", "cost", "currency", "month", "design"}),
    "files": frozenset({"name", "licence"}),
    "steps": frozenset({"minutes", "parts", "tools", "files"}),
    "sources": frozenset({"kind", "licence"}),
}
"""Columns that stand under "more" in each row."""
LISTS = {("tools", "need"): "needs", ("credits", "role"): "credit roles", ("files", "role"): "file roles"}
"""Short lists of the form for columns that the sheet leaves free."""
TALL = frozenset({"why", "warning", "check", "alt", "caption"})
"""Columns that often hold a sentence or two."""


@dataclass(frozen=True)
class Cell:
    """A column of rows as the template shows it. `shape`: line, text, select, choose, tick, ticks, list."""

    name: str
    label: str
    shape: str
    less: bool
    words: bool
    listed: str
    refers: str
    inputmode: str
    is_many: bool
    blank: str
    """What stands in its gap while it is empty."""


def _shape(column: sheet.Column, listed: str) -> str:
    if column.name == "critical":
        return "tick"
    if column.is_set:
        return "ticks" if column.refers else "list"
    if listed in choices.LONG:
        return "choose"
    if listed or column.refers:
        return "select"
    return "text" if column.long or column.name in TALL else "line"


@functools.lru_cache(64)
def cells(part: str, language: str) -> tuple[Cell, ...]:
    found = []
    for column in sheet.BY_NAME[part].columns:
        listed = column.vocabulary or LISTS.get((part, column.name), "")
        shape = _shape(column, listed)
        cell = Cell(
            name=column.name,
            label=words.column(part, column.name),
            shape=shape,
            less=column.name in LESS.get(part, ()),
            words=column.words,
            listed=listed,
            refers=column.refers,
            inputmode={"quantity": "decimal", "cost": "decimal", "minutes": "numeric"}.get(column.name, ""),
            is_many=column.is_set,
            blank=choices.options(listed, language, "") if shape == "select" and listed else "",
        )
        if column.name != "sha256":
            found.append(cell)
    return tuple(found)


@functools.lru_cache(64)
def by_name(part: str, language: str) -> Mapping[str, Cell]:
    return {cell.name: cell for cell in cells(part, language)}


def render(part: str, language: str, written: str, **filled: Any) -> str:
    """One row with its values."""
    columns = cells(part, language)
    return current_app.jinja_env.get_template("designs/edit/row.html").render(
        part=part,
        columns=columns,
        language=language,
        written=written,
        more=prompts.said(language).more.get(part, "") if any(cell.less for cell in columns) else "",
        **filled,
    )


def gap(name: str) -> Markup:
    return Markup(f"\x01{name}\x02")  # noqa: S704


def cut(html: str) -> str:
    """Rendered gaps as `%(name)s`."""
    return GAP.sub(r"%(\1)s", html.replace("%", "%%"))


@functools.lru_cache(256)
def row(part: str, language: str, written: str) -> str:
    """The markup of a row. `written` is the language of its words."""
    html = render(
        part,
        language,
        written,
        index=gap("#"),
        key=gap("key"),
        legend=gap("="),
        unfolded=gap("+"),
        short=gap("-"),
        filled={cell.name: gap(cell.name) for cell in cells(part, language)},
        wrong={},
        left_out=(),
        tall=(),
        picture=gap("picture") if part == "files" else "",
    )
    return cut(html)


def filled(html: str, gaps: Mapping[str, str]) -> str:
    whole = html % gaps
    return whole.replace(choices.INDEX, gaps["#"]) if choices.INDEX in whole else whole


@functools.lru_cache(64)
def beside(kind: str, language: str, written: str, section: str) -> Markup:
    """What stands beside the form: long lists that fields offer names from, and an empty row of each part, from which
    the script makes new ones. Its number and key are `__i__` and `__key__`; what it may refer to is put in there."""
    shown = [f for id, _, found in fields(kind, language) if section in ("", id) for f in found]
    asked = {f.vocabulary for f in shown} | {c.vocabulary for f in shown for c in f.columns}
    html = [choices.datalist(listed, language) for listed in sorted(asked & choices.LONG)]
    for part in (f.name for f in shown if f.shape == "rows" and f.name not in FIXED):
        gaps = {"#": "__i__", "key": "__key__", "=": "", "+": "", "-": ""}
        gaps |= {cell.name: cell.blank for cell in cells(part, language)}
        html.append(Markup(f'<template id="row-{part}">{row(part, language, written) % gaps}</template>'))  # noqa: S704
    return Markup("").join(html)


class Gaps:
    """What stands for the values of a whole form in its stencil: `kind:name`, asked of the form as `kind(name)`."""

    wrong: Mapping[str, Any] = {}
    note_is_tall = False
    here, opening, first, note, slug, slug_open = map(gap, ("here", "opening", "first", "note", "slug", "slug_open"))

    def is_tall(self, name: str) -> bool:
        return False

    def holds(self, field: sheet.Field) -> bool:
        return True

    def __getattr__(self, kind: str) -> Any:
        return lambda name: gap(f"{kind}:{name}")


NAMED = re.compile(r"%\((\w+):(\w+)\)s")


@functools.lru_cache(64)
def form(kind: str, language: str, written: str, section: str, stands: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The markup of the sections of a form, and its gaps as pairs of kind and name."""
    html = cut(sections(kind, language, written, section, stands, Gaps()))
    return html, tuple(dict.fromkeys(NAMED.findall(html)))


def sections(kind: str, language: str, written: str, section: str, stands: bool, values: Any) -> str:
    """The sections of a form. `stands`: whether the page is there already."""
    all_sections = fields(kind, language)
    ids = [id for id, _, _ in all_sections]
    after = ids.index(section) + 1 if section else len(ids)
    return current_app.jinja_env.get_template("designs/edit/sections.html").render(
        v=values,
        language=language,
        written=written,
        said=prompts.said(language),
        all_sections=all_sections,
        sections=[shown for shown in all_sections if section in ("", shown[0])],
        section=section,
        following=all_sections[after][1] if after < len(ids) else "",
        stands=stands,
        folded=FOLDED,
        fixed=FIXED,
        typed=[f for f in sheet.FIELDS if is_typed(f)],
    )


@functools.lru_cache(64)
def fields(kind: str, language: str) -> tuple[tuple[str, str, tuple[sheet.Field, ...]], ...]:
    """The sections of the form of a kind of design: id, words and fields."""
    shown = {field.name: field for field in forms.shown_fields(kind)}
    return tuple(
        (id, label, tuple(shown[name] for name in names if name in shown))
        for id, label, names in prompts.said(language).sections
    )


def is_typed(field: sheet.Field) -> bool:
    """Whether a set is added to by typing."""
    return field.shape == "set" and (not field.vocabulary or field.vocabulary in choices.LONG)
