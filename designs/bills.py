"""Lists of parts as people keep them beside their pages: tables in CSV, and lists in YAML. Values in, rows out."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from designs import manifests, units
from wiki import document, folding

ROWS = 300
"""Lines of a list that are taken."""
COLUMNS = {
    "name": "name part component item pieza parte nombre componente componentes material peca nome artikel titel",
    "quantity": "qty quantity cantidad cant qtd quantidade amount count menge anzahl pcs",
    "unit": "unit units unidad unidade einheit",
    "spec": "spec specs specification notes note notas full size value description descripcion descricao",
    "cost": "price cost precio costo preco custo",
    "currency": "currency moneda moeda",
    "category": "category categoria type tipo",
}
"""The words, folded, with which the heading of a column begins."""


def read_csv(text: str) -> list[dict[str, str]]:
    """The parts of a table; none when its first line does not say where names and numbers of parts are."""
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, line))]
    except csv.Error:
        return []
    if not lines:
        return []
    places = _places(lines[0])
    if not {"name", "quantity"} <= places.keys():
        return []
    return _rows(
        {what: line[place].strip() for what, place in places.items() if place < len(line)} for line in lines[1:]
    )


def read_list(told: object) -> list[dict[str, str]]:
    """The parts of a list in YAML, or of a mapping of names to what is said of each."""
    if isinstance(told, Mapping):
        lists = [value for value in told.values() if isinstance(value, list)]
        told = lists[0] if len(lists) == 1 else [{"name": k, **v} for k, v in told.items() if isinstance(v, dict)]
    if not isinstance(told, Sequence) or isinstance(told, str):
        return []
    found = []
    for one in told:
        if isinstance(one, Mapping):
            places = _places([str(name) for name in one])
            values: list[Any] = list(one.values())
            found.append({what: _text(values[place]) for what, place in places.items()})
    return _rows(found) if any("quantity" in row for row in found) else []


def _places(headings: Sequence[str]) -> dict[str, int]:
    """Which column, counted from 0, says what."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        words = re.findall(r"[a-z]+", folding.fold(heading))
        for what, names in COLUMNS.items():
            if words and what not in found and words[0] in names.split():
                found[what] = place
                break
    return found


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _rows(lines: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        name = " ".join(document.REFUSED.sub(" ", line.get("name", "")).split())[:200]
        key = manifests.key("bom", folding.fold(name))
        if not name or key in found or len(found) == ROWS:
            continue
        row = {"key": key, "name": name}
        for what in ("unit", "spec", "category"):
            if said := " ".join(document.REFUSED.sub(" ", line.get(what, "")).split())[:400]:
                row[what] = said
        quantity = line.get("quantity", "").replace(",", ".")
        if units.number(quantity) is not None:
            row["quantity"] = quantity
        cost = re.sub(r"[^\d.,]", "", line.get("cost", "")).replace(",", ".")
        if re.fullmatch(r"[A-Z]{3}", line.get("currency", "")) and units.number(cost) is not None:
            row |= {"cost": cost, "currency": line["currency"]}
        found[key] = row
    return list(found.values())
