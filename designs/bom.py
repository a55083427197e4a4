"""The bill of materials as it is read: each line with what may stand in for it, for any number of pieces, and sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from designs import units
from wiki import document
from wiki.document import Document, Row

ONE = Decimal(1)


@dataclass(frozen=True)
class Line:
    """One line; `quantity` as documents keep it, already that many times. `substitutes` are rows."""

    row: Row
    quantity: str
    measure: units.Measure | None
    substitutes: tuple[Row, ...]


@dataclass(frozen=True)
class Cost:
    """What the priced lines of one currency and month come to."""

    currency: str
    month: str
    amount: Decimal


def cell(row: Row, name: str) -> str:
    """A field of a row that is text, or ""."""
    value = row.get(name, "")
    return value if isinstance(value, str) else ""


def lines(content: Document, times: Decimal = ONE) -> list[Line]:
    rows, others = document.rows(content, "bom"), document.rows(content, "substitutes")
    regions = document.items(content, "regions")
    found = []
    for row in rows:
        quantity = units.scaled(cell(row, "quantity"), times)
        found.append(
            Line(
                row,
                quantity,
                units.measure(quantity, cell(row, "unit"), regions),
                tuple(other for other in others if cell(other, "line") == row["key"]),
            )
        )
    return found


def costs(content: Document, times: Decimal = ONE) -> list[Cost]:
    """The sums, one for each currency and month: prices of different times are never added up."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in document.rows(content, "bom"):
        many, each = units.number(cell(row, "quantity") or "1"), units.number(cell(row, "cost"))
        if many is not None and each is not None:
            bill = cell(row, "currency"), cell(row, "month")
            sums[bill] = sums.get(bill, Decimal(0)) + many * each * times
    return [Cost(currency, month, amount) for (currency, month), amount in sums.items()]


def priced(content: Document) -> tuple[int, int]:
    """How many lines have a price, and how many lines there are."""
    rows: Sequence[Row] = document.rows(content, "bom")
    return sum(1 for row in rows if units.number(cell(row, "cost")) is not None), len(rows)


def minutes(content: Document) -> int:
    """How long all steps take together, as far as they say it."""
    found = (units.number(cell(row, "minutes")) for row in document.rows(content, "steps"))
    return int(sum(value for value in found if value is not None))
