"""What each relative does otherwise at each part and step: a table computed from the keys of rows. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from designs import changes, sheet
from wiki import document
from wiki.document import Document, Row

What = Literal["kept", "changed", "added", "dropped", "absent"]
PARTS = ("bom", "steps")
FIGURES = (("quantity", "unit"), ("cost", "currency"))
"""What is told together."""
CELL = 160
"""Characters of a cell that are shown."""


@dataclass(frozen=True)
class Cell:
    """What a relative does at a place: its words there, where they are others than the first one's, and why."""

    what: What
    words: str = ""
    why: str = ""


@dataclass(frozen=True)
class Line:
    """A part or a step, with a cell for each relative, in their order."""

    part: str
    key: str
    title: str
    cells: tuple[Cell, ...]

    @property
    def is_shared(self) -> bool:
        """Whether all do the same here."""
        return all(cell.what == "kept" for cell in self.cells)


def table(documents: Sequence[Document], *, only_figures: Sequence[bool] = ()) -> list[Line]:
    """The lines of a family, those of the first document first. `only_figures`: of which relatives words are not
    compared, since they are in another language."""
    plain = list(only_figures) or [False] * len(documents)
    declared = [changes.declarations(content) for content in documents]
    lines = []
    for part in PARTS:
        rows = [{str(row["key"]): row for row in document.rows(content, part)} for content in documents]
        keys = dict.fromkeys(key for one in rows for key in one)
        for key in keys:
            first = rows[0].get(key) if rows else None
            cells = tuple(
                _cell(part, first, one.get(key), only, changes.declared_at(f"{part}/{key}", said) or "")
                for one, only, said in zip(rows, plain, declared, strict=True)
            )
            title = next((_title(one[key]) for one in rows if key in one), key)
            lines.append(Line(part, key, title, cells))
    return lines


def _cell(part: str, first: Row | None, row: Row | None, only_figures: bool, why: str) -> Cell:
    if row is None:
        return Cell("dropped" if first is not None else "absent", why=why if first is not None else "")
    if first is None:
        return Cell("added", _said(part, row, row), why)
    words = {column.name for column in sheet.BY_NAME[part].columns if column.words}
    other = [
        name
        for name in dict.fromkeys((*row, *first))
        if row.get(name) != first.get(name) and not (only_figures and name in words)
    ]
    return Cell("changed", _said(part, row, other), why) if other else Cell("kept")


def _title(row: Row) -> str:
    return str(row.get("name") or row.get("title") or row["key"])


def _said(part: str, row: Row, names: Iterable[str]) -> str:
    """The fields of a row that are named, as one line."""
    columns = [column for column in sheet.BY_NAME[part].columns if not column.refers]
    wanted = set(names)
    for figure, unit in FIGURES:
        if {figure, unit} & wanted and row.get(figure):
            wanted |= {figure, unit}
    told: dict[str, str] = {}
    for name in (column.name for column in columns if column.name in wanted and row.get(column.name)):
        value = row[name]
        figure = next((figure for figure, unit in FIGURES if name == unit and figure in told), name)
        words = value if isinstance(value, str) else ", ".join(value)
        told[figure] = f"{told[figure]} {words}" if figure in told else words
    line = " · ".join(told.values())
    return line if len(line) <= CELL else line[: CELL - 1].rpartition(" ")[0] + "…"
