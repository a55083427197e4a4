"""Quantities as people write them, and what the units of a region are in those of the SI.

The values of local units stand in `vocab/proposed.json`; the inch, foot, pound, ounce and US gallon are exact by the
international agreement of 1959. A unit that differs between places gives a range, and none where only asking helps.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

MOST = Decimal(1000)
LEAST = Decimal("0.5")

_DECIMAL = re.compile(r"(\d{1,12})(?:[.,](\d{1,9}))?", re.ASCII)
_FRACTION = re.compile(r"(?:(\d{1,6})[ -]+)?(\d{1,4})/(\d{1,4})", re.ASCII)
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8", "⅓": "1/3", "⅔": "2/3"}
PLACES = Decimal("0.001")


@dataclass(frozen=True)
class Measure:
    """From `low` to `high` (often the same) of `unit`: mm, m, g, kg, m2, ha or L."""

    low: Decimal
    high: Decimal
    unit: str


def number(text: str) -> Decimal | None:
    """A quantity that is a number: `12.5`, `12,5`, `1/2`, `1 1/2`, `1½`. Thirds are rounded to three places."""
    text = text.strip()
    for sign, written in _VULGAR.items():
        text = text.replace(sign, f" {written}")
    text = text.strip()
    if found := _DECIMAL.fullmatch(text):
        return Decimal(f"{found[1]}.{found[2] or 0}")
    if (found := _FRACTION.fullmatch(text)) and int(found[3]):
        exact = int(found[1] or 0) + Fraction(int(found[2]), int(found[3]))
        return (Decimal(exact.numerator) / exact.denominator).quantize(PLACES)
    return None


def plain(value: Decimal) -> str:
    """A number as documents keep it: no exponent, no zeros at the end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def times(text: str) -> Decimal | None:
    """How many of a thing somebody asks for: from a half to a thousand, in halves; None for anything else."""
    found = number(text)
    if found is None or not LEAST <= found <= MOST or found * 2 % 1:
        return None
    return found


def scaled(quantity: str, by: Decimal) -> str:
    """A quantity that many times. What is not a number (`al gusto`) stays as it is."""
    found = number(quantity)
    return quantity if found is None or by == 1 else plain(round(found * by, 6))


@dataclass(frozen=True)
class _Unit:
    """A unit by its names. `values`: for which countries (empty: all others), from, to, in `si`."""

    si: str
    names: str
    values: tuple[tuple[str, str, str], ...]


_UNITS = (
    _Unit("mm", 'pulgada pulgadas pulg plg polegada polegadas pol inch inches in " ″ “ ”', (("", "25.4", "25.4"),)),
    _Unit("mm", "pie pies pé pés foot feet ft", (("", "304.8", "304.8"),)),
    _Unit("mm", "vara varas", (("", "836", "838"),)),
    _Unit(
        "kg",
        "libra libras lb lbs pound pounds",
        (("CO", "0.5", "0.5"), ("", "0.45359237", "0.45359237")),
    ),
    _Unit("kg", "onza onzas onça onças ounce ounces oz", (("", "0.028349523", "0.028349523"),)),
    _Unit("kg", "quintal quintales quintais quintals qq", (("AR UY", "100", "100"), ("", "46", "46"))),
    _Unit("kg", "arroba arrobas @", (("BR", "14.7", "15"), ("", "11.5", "11.5"))),
    _Unit("kg", "saca sacas", (("BR", "60", "60"),)),
    _Unit("L", "galón galones galão galões gallon gallons gal", (("", "3.785411784", "3.785411784"),)),
    _Unit("m2", "manzana manzanas mz", (("", "6988", "6988"),)),
    _Unit("m2", "tarefa tarefas", (("BR", "3000", "4400"),)),
    _Unit("m2", "alqueire alqueires", (("BR", "24200", "48400"),)),
    _Unit("m2", "fanegada fanegadas", (("CO", "6400", "6400"),)),
    _Unit("m2", "topo topos", (("", "2700", "3500"),)),
    _Unit("m2", "tarea tareas", (("DO", "629", "629"),)),
    _Unit("m2", "cuadra cuadras", ()),
)
NAMES = {name: unit for unit in _UNITS for name in unit.names.split()}


def measure(quantity: str, unit: str, regions: Sequence[str] = ()) -> Measure | None:
    """What a quantity of a local unit is in the SI, where it is used (codes of regions); None where nobody can say."""
    found, many = NAMES.get(unit.strip().lower()), number(quantity)
    if found is None or many is None:
        return None
    countries = {code[:2] for code in regions if len(code) == 2 or code[2:3] == "-"}
    fit = [_value(found, country) for country in countries] if countries else list(found.values)
    if not fit or None in fit:
        return None
    ranges = [(Decimal(value[1]), Decimal(value[2])) for value in fit if value]
    return _tidy(many * min(low for low, _ in ranges), many * max(high for _, high in ranges), found.si)


def _value(unit: _Unit, country: str) -> tuple[str, str, str] | None:
    return next((value for value in unit.values if country in value[0].split() or not value[0]), None)


_LARGER = {"mm": ("m", 1000), "m2": ("ha", 10_000)}


def _tidy(low: Decimal, high: Decimal, unit: str) -> Measure:
    """In the unit that gives the handier number, to three figures."""
    if unit in _LARGER and low >= _LARGER[unit][1]:
        unit, by = _LARGER[unit]
        low, high = low / by, high / by
    elif unit == "kg" and 0 < high < 1:
        unit, low, high = "g", low * 1000, high * 1000
    return Measure(_three(low), _three(high), unit)


def _three(value: Decimal) -> Decimal:
    places = max(0, 2 - value.adjusted()) if value else 0
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


_SAID = re.compile(
    r"(?<![\w.,/])(\d{1,6} \d{1,3}/\d{1,3}|\d{1,3}/\d{1,3}|\d{1,6}(?:[.,]\d{1,4})?)"
    r"(?:\s*(″|''|[\"”](?!\w))|\s+(pulgadas?|polegadas?|inch(?:es)?|quinta(?:l|les|is|ls)|qq|arrobas?)\b)"
    r"(?!\s*\(\s*\d)|[\"”“]",
    re.IGNORECASE | re.ASCII,
)


def said(text: str, regions: Sequence[str] = ()) -> list[tuple[str, Measure | None]]:
    """A text cut after each quantity in inches, quintals or arrobas, with what it is in the SI.

    Joined, the pieces are the text. What the text itself explains in brackets is left alone, and so is a number
    before the mark that ends a quotation.
    """
    pieces: list[tuple[str, Measure | None]] = []
    done, is_quoted = 0, False
    for found in _SAID.finditer(text):
        quantity, sign, word = found.groups()
        if quantity is None or (sign in ('"', "”") and is_quoted):
            is_quoted = not is_quoted
            continue
        if (value := measure(quantity, word or '"', regions)) is not None:
            pieces.append((text[done : found.end()], value))
            done = found.end()
    if done < len(text):
        pieces.append((text[done:], None))
    return pieces
