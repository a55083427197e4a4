"""The form of a document as it is shown: its sections, its fields and what is wrong with them."""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from designs import sheet
from designs.web import choices, forms, prompts, stencils, words
from wiki.errors import Problem

PICTURE_WIDTH = 320
"""Pixels of the kept copy of which a row shows a photo."""
SLOTS = {
    "machine": ("documentation", "hardware", "software", "data"),
    "structure": ("documentation", "hardware", "software", "data"),
    "germplasm": ("documentation", "germplasm"),
}
"""What of a design of each kind is licensed by itself."""


class Editor:
    """What the template asks of the form of one document. `language` is the reader's, `written` the document's."""

    def __init__(
        self, raw: forms.Raw, kind: str, *, language: str, written: str, problems: Sequence[Problem], section: str
    ) -> None:
        self.raw, self.kind, self.language, self.written = dict(raw), kind, language, written
        licences: list[forms.Raw] = self.raw.get("licences") or []
        if self.holds(sheet.BY_NAME["licences"]):
            keys = {row.get("key") for row in licences}
            missing = [slot for slot in SLOTS.get(kind, ("documentation",)) if slot not in keys]
            self.raw["licences"] = [*licences, *({"key": slot} for slot in missing)]
        self.said = prompts.said(language)
        self.all_sections = stencils.fields(kind, language)
        self.wrong: dict[str, Problem] = {}
        for problem in problems:
            self.wrong.setdefault(problem.place, problem)
        self.section = section if any(section == id for id, _, _ in self.all_sections) else ""
        here = {field.name for field in self.fields} | {"note", ""}
        if any(problem.place.split("/")[0].split("#")[0] not in here for problem in problems):
            self.section = ""
        self._ticks: dict[str, str] = {}
        self._called_rows: dict[str, dict[str, str]] = {}

    @property
    def fields(self) -> list[sheet.Field]:
        """The fields that are shown."""
        return [f for id, _, fields in self.all_sections if self.section in ("", id) for f in fields]

    def shown(self, here: str, opening: str, first: str, note: str, slug: str) -> Markup:
        """The sections with the list of them. `here` is the address of the page, if it stands; `opening` and `first`
        come before the first section and in it."""
        self.here, self.opening, self.first, self.note, self.slug = here, opening, first, note, slug
        self.note_is_tall = "\n" in note
        self.slug_open = Markup(" open") if slug or "slug" in self.wrong else Markup()
        asked = (self.kind, self.language, self.written, self.section, bool(here))
        if self.wrong or self.note_is_tall or any(not self.holds(f) or self.is_tall(f.name) for f in self.fields):
            return Markup(stencils.sections(*asked, self))  # noqa: S704
        html, named = stencils.form(*asked)
        gaps: dict[str, str] = {f"{kind}:{name}": getattr(self, kind)(name) for kind, name in named}
        gaps |= {"here": here, "opening": opening, "first": first, "slug_open": self.slug_open}
        gaps |= {"note": choices.escaped(note), "slug": choices.escaped(slug)}
        return Markup(html % gaps)  # noqa: S704

    @property
    def beside(self) -> Markup:
        return stencils.beside(self.kind, self.language, self.written, self.section)

    def text(self, name: str) -> Markup:
        return Markup(choices.escaped(self._text(name)))  # noqa: S704

    def _text(self, name: str) -> str:
        value = self.raw.get(name)
        return value if isinstance(value, str) else ""

    def is_tall(self, name: str) -> bool:
        """Whether what is usually one line has several."""
        field = sheet.BY_NAME[name]
        return field.shape == "text" and not field.long and name != "summary" and "\n" in self._text(name)

    def holds(self, field: sheet.Field) -> bool:
        """Whether the form can show a part: another client may have written it in another shape."""
        value = self.raw.get(field.name)
        if not value:
            return True
        if field.shape == "text":
            return isinstance(value, str)
        is_rows = isinstance(value, list) and isinstance(value[0], dict)
        return is_rows if field.shape == "rows" else isinstance(value, list) and not is_rows

    def unfolded(self, name: str) -> Markup:
        wrong = any(place.split("/")[0].split("#")[0] == name for place in self.wrong)
        return Markup(" open") if wrong or self.raw.get(name) else Markup()

    def options(self, name: str) -> Markup:
        return choices.options(sheet.BY_NAME[name].vocabulary, self.language, self._text(name))

    def ticks(self, name: str) -> Markup:
        """The ticks of a set: the whole list, or of one that is typed what is chosen."""
        field, chosen = sheet.BY_NAME[name], self.raw.get(name) or []
        if not stencils.is_typed(field):
            return choices.ticks(name, field.vocabulary, self.language, chosen)
        label = functools.partial(self._called, field.vocabulary)
        return Markup("".join(choices.tick(name, id, label(id), True) for id in chosen))  # noqa: S704

    def _called(self, listed: str, id: str) -> str:
        return choices.offered(listed, self.language).get(id, id) if listed else id

    def chosen(self, name: str) -> Markup:
        """What is chosen of a set, in words."""
        listed = sheet.BY_NAME[name].vocabulary
        return Markup(choices.escaped(", ".join(self._called(listed, id) for id in self.raw.get(name) or [])))  # noqa: S704

    def problems(self) -> list[tuple[str, str, Problem]]:
        """What is wrong: the id of its field, its place in words, the problem."""
        return [
            (self.id_of(p.place), words.place(p.place, self.raw) if p.place else "", p) for p in self.wrong.values()
        ]

    def id_of(self, place: str) -> str:
        """The id of the element at a place of the document."""
        head, _, number = place.partition("#")
        part, *rest = head.split("/")
        rows = self._rows(part)
        if number.isdigit() and rows:
            return f"{part}-{int(number) - 1}"
        index = next((i for i, row in enumerate(rows) if rest and row.get("key") == rest[0]), None)
        if index is None:
            return part or "note"
        row = f"{part}-{index}"
        name = rest[1] if len(rest) > 1 else ""
        return f"{row}-{name}" if any(cell.name == name for cell in stencils.cells(part, self.language)) else row

    def _rows(self, name: str) -> list[forms.Raw]:
        field = sheet.BY_NAME.get(name)
        found: list[forms.Raw] = self.raw.get(name) or []
        return found if field is not None and field.shape == "rows" and self.holds(field) else []

    def rows(self, part: str) -> Markup:
        if not self._rows(part):
            return Markup()
        html, columns = stencils.row(part, self.language, self.written), stencils.by_name(part, self.language)
        if not self.wrong and not any(cell.refers for cell in columns.values()):
            asked = [(index, *_frozen(row)) for index, row in enumerate(self._rows(part))]
            return Markup("".join(_row_alone(part, self.language, self.written, *one) for one in asked))  # noqa: S704
        blank = {name: self._gap(part, cell, "") if cell.refers else cell.blank for name, cell in columns.items()}
        blank |= {"+": "", "-": "", "picture": ""}
        found = [self._row(part, i, row, html, columns, blank) for i, row in enumerate(self._rows(part))]
        return Markup("".join(found))  # noqa: S704

    @classmethod
    def of_rows(cls, language: str, written: str) -> "Editor":
        """One that knows no document: enough for rows that name no others and have nothing wrong in them."""
        editor = cls.__new__(cls)
        editor.language, editor.written, editor.raw, editor.wrong = language, written, {}, {}
        return editor

    def _row(
        self,
        part: str,
        index: int,
        row: forms.Raw,
        html: str,
        columns: Mapping[str, stencils.Cell],
        blank: Mapping[str, str],
    ) -> str:
        key = str(row.get("key", ""))
        gaps = {**blank, "#": str(index), "key": choices.escaped(key)}
        gaps["="] = choices.escaped(_legend(part, row, index + 1))
        left_out, tall, more = [], [], []
        for name, value in row.items():
            cell = columns.get(name)
            if cell is None or not value:
                continue
            if isinstance(value, list) != cell.is_many:
                left_out.append(name)
                continue
            if cell.shape == "line":
                gaps[name] = choices.escaped(value)
                if "\n" in value:
                    tall.append(name)
            else:
                gaps[name] = self._gap(part, cell, value)
            if cell.less:
                more.append(self._short(cell, value))
        if more:
            gaps["-"] = choices.escaped(" · ".join(more))
        if part == "files":
            gaps["picture"] = _picture(row)
        wrong = self._wrong_in(part, index, key) if self.wrong else {}
        if not (left_out or tall or wrong):
            return stencils.filled(html, gaps)
        if any(cell.less for name, cell in columns.items() if name in wrong):
            gaps["+"] = " open"
        whole = {name: Markup(text.replace(choices.INDEX, gaps["#"])) for name, text in gaps.items()}  # noqa: S704
        return stencils.render(
            part,
            self.language,
            self.written,
            index=index,
            key=whole["key"],
            legend=whole["="],
            unfolded=whole["+"],
            short=whole["-"],
            filled=whole,
            wrong=wrong,
            left_out=left_out,
            tall=tall,
            picture=whole["picture"],
        )

    def _short(self, cell: stencils.Cell, value: Any) -> str:
        """A value under "more", as the line that folds it away tells it."""
        if cell.shape == "tick":
            return cell.label
        if cell.shape == "ticks":
            labels = self._labels(cell.refers)
            return ", ".join(labels.get(key, key) for key in value)
        return self._called(cell.listed, value)

    def _wrong_in(self, part: str, index: int, key: str) -> dict[str, Problem]:
        places = (f"{part}/{key}", f"{part}#{index + 1}")
        found = {}
        for place, problem in self.wrong.items():
            if place in places:
                found[""] = problem
            elif place.startswith(f"{places[0]}/"):
                found[place.rpartition("/")[2]] = problem
        return found

    def _gap(self, part: str, cell: stencils.Cell, value: Any) -> str:
        """What stands in the gap of a cell. Numbers of rows within stay `choices.INDEX`."""
        if cell.shape == "text":
            return choices.escaped(value)
        if cell.shape == "tick":
            return " checked"
        if cell.shape == "choose":
            return choices.escaped(choices.called(cell.listed, value, self.language))
        name = f"{part}-{choices.INDEX}-{cell.name}"
        if cell.shape == "list":
            return "".join(choices.tick(name, id, self._called(cell.listed, id), True) for id in value)
        if cell.shape == "ticks":
            html, labels = self._offered(name, cell.refers), self._labels(cell.refers)
            gone = {key: _gone(key) for key in value if key not in labels}
            return choices.marked(html, name, value, gone) if value else html
        return self._select(cell, value)

    def _select(self, cell: stencils.Cell, value: str) -> str:
        if not cell.refers:
            return choices.options(cell.listed, self.language, value)
        labels = self._labels(cell.refers)
        known = {"": ""} | labels | ({value: _gone(value)} if value not in labels and value else {})
        return "".join(choices.option(key, label, key == value) for key, label in known.items())

    def _labels(self, part: str) -> dict[str, str]:
        """What the rows of a part are called, by their keys."""
        if part not in self._called_rows:
            self._called_rows[part] = {
                str(row.get("key", "")): str(row.get("caption") or row.get("alt") or words.row(part, row, i))
                for i, row in enumerate(self._rows(part), 1)
            }
        return self._called_rows[part]

    def _offered(self, name: str, part: str) -> str:
        """The rows of a part as ticks."""
        if name not in self._ticks:
            self._ticks[name] = "".join(choices.tick(name, key, label) for key, label in self._labels(part).items())
        return self._ticks[name]


def _frozen(row: forms.Raw) -> tuple[tuple[str, ...], tuple[str | tuple[str, ...], ...]]:
    """The names and the values of a row, to be kept by."""
    return tuple(row), tuple(tuple(value) if isinstance(value, list) else value for value in row.values())


@functools.lru_cache(4096)
def _row_alone(
    part: str,
    language: str,
    written: str,
    index: int,
    names: tuple[str, ...],
    values: tuple[str | tuple[str, ...], ...],
) -> str:
    """The markup of a row that names no others. Whoever writes without a script is shown the same rows at each act."""
    given = (list(value) if isinstance(value, tuple) else value for value in values)
    html, columns = stencils.row(part, language, written), stencils.by_name(part, language)
    blank = {name: cell.blank for name, cell in columns.items()} | {"+": "", "-": "", "picture": ""}
    row = dict(zip(names, given, strict=True))
    return Editor.of_rows(language, written)._row(part, index, row, html, columns, blank)


def _legend(part: str, row: forms.Raw, position: int) -> str:
    """What a row is called: its number and name. The script says it in the same way."""
    if part != "licences":
        for name in ("title", "name", "text"):
            if called := row.get(name):
                return f"{position}. {called}"
    return words.row(part, row, position)


def _gone(key: str) -> str:
    """What is said of a row that is named and is not there."""
    return f"? {key}"


def _picture(row: forms.Raw) -> str:
    """A picture small, leading to the whole."""
    digest, name = str(row.get("sha256", "")), str(row.get("name") or "file")
    if re.fullmatch("[0-9a-f]{64}", digest) is None:
        return ""
    start, called = f"/files/{digest}", quote(name, safe="")
    is_drawing = name.lower().endswith(".svg")
    small = called if is_drawing else f"{PICTURE_WIDTH}/{quote(name.rpartition('.')[0] or name, safe='')}.webp"
    image = f'<img src="{start}/{small}" alt="{choices.escaped(name)}" loading="lazy" width="96">'
    return f'<p class="thumb"><a href="{start}/{called}">{image}</a></p>'
