"""Quantities, times and sums in the words of the reader's language."""

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal

from babel import Locale, dates, numbers
from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from designs import bom, units
from wiki.document import Document

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
CURRENCY = re.compile("[A-Z]{3}")
SIGNS = {"m2": "m²", "L": "L"}


def _locale() -> Locale:
    return Locale.parse(g.language, sep="-")


def number(value: Decimal) -> str:
    return str(numbers.format_decimal(value, locale=_locale(), decimal_quantization=False))


def quantity(text: str) -> str:
    """A quantity of a document; what is not a number stays as it is."""
    found = units.number(text)
    return text if found is None or "/" in text else number(Decimal(units.plain(found)))


def measure(found: units.Measure | None) -> str:
    """What a local unit comes to: `50.8 mm`, `138 to 300 kg`."""
    if found is None:
        return ""
    sign = SIGNS.get(found.unit, found.unit)
    low, high = (number(Decimal(units.plain(value))) for value in (found.low, found.high))
    if low == high:
        return f"{low} {sign}"
    return str(_("%(low)s to %(high)s %(unit)s", low=low, high=high, unit=sign))


def valued(text: str, regions: Sequence[str] = ()) -> Markup:
    """A text of a document with the value in the SI after each quantity in inches, quintals or arrobas."""
    return Markup("").join(
        Markup('{} <span class="quiet">({})</span>').format(piece, measure(value)) if value else escape(piece)
        for piece, value in units.said(text, regions)
    )


def duration(minutes: int) -> str:
    if minutes < 60:
        return str(_("%(minutes)s min", minutes=minutes)) if minutes else ""
    hours, rest = divmod(minutes, 60)
    if rest:
        return str(_("%(hours)s h %(minutes)s min", hours=number(Decimal(hours)), minutes=rest))
    return str(_("%(hours)s h", hours=number(Decimal(hours))))


def money(amount: Decimal, currency: str) -> str:
    if CURRENCY.fullmatch(currency) is None:
        return f"{number(amount)} {currency}".strip()
    return str(numbers.format_currency(amount, currency, locale=_locale()))


def month(text: str) -> str:
    """`2026-10` as people write a month; anything else as it is."""
    found = MONTH.fullmatch(text)
    if found is None or found[1] == "0000":
        return text
    return str(dates.format_skeleton("yMMMM", datetime.date(int(found[1]), int(found[2]), 1), locale=_locale()))


def costs(content: Document, times: Decimal = bom.ONE) -> list[str]:
    """The sums of a bill, each with the month of its prices, and how much of the bill has a price."""
    found = []
    for cost in bom.costs(content, times):
        said = money(cost.amount, cost.currency)
        found.append(str(_("%(sum)s (prices of %(month)s)", sum=said, month=month(cost.month))) if cost.month else said)
    known, all_lines = bom.priced(content)
    if found and known < all_lines:
        found.append(
            str(ngettext("one line has a price", "%(num)d of %(all)s lines have a price", known, all=all_lines))
        )
    return found
