"""What the index knows of a document."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import entries
from tests.designs.examples import pump


def entry(**changes):
    made = {"uid": "1", "number": 1, "language": "es", "community": "comun", "changed": 0}
    return entries.of(pump(**changes), **made)


def licensed(*ids):
    return entry(licences=[{"key": str(at), "licence": one} for at, one in enumerate(ids)])


@pytest.mark.parametrize(
    ("ids", "freedom"),
    [
        (["CC-BY-SA-4.0"], "sell"),
        (["CC-BY-SA-4.0", "CERN-OHL-S-2.0"], "sell"),
        (["CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"], "no-sale"),
        (["PPL"], "sell-workers"),
        (["PPL", "CC0-1.0"], "sell-workers"),
        (["CC-BY-ND-4.0"], "no-changes"),
        (["LicenseRef-Nobody-Knows"], "unknown"),
        ([], "unknown"),
    ],
)
def test_a_design_is_as_free_as_its_strictest_licence(ids, freedom):
    assert licensed(*ids).freedom == freedom


def test_tools_and_materials_are_those_of_the_rows_whatever_their_case():
    found = entry(
        tools=[{"key": "a", "name": "Sierra  de mano"}, {"key": "b", "name": "sierra de mano"}, {"key": "c"}],
        bom=[{"key": "d", "name": "Tabla", "material": "Pino"}, {"key": "e", "name": "Clavo"}],
        steps=None,
        substitutes=None,
    )
    assert found.tools == ("sierra de mano",)
    assert found.materials == ("pino",)


def priced(*costs: str, currency: str = "BOB"):
    rows = [{"key": str(at), "name": "x", "quantity": "1", "unit": "C62"} for at in range(len(costs))]
    for row, cost in zip(rows, costs, strict=True):
        row |= {"cost": cost, "currency": currency, "month": "2026-10"} if cost else {}
    return entry(bom=rows, steps=None, substitutes=None).costs


def test_what_it_costs_is_a_span_where_all_parts_have_a_price():
    assert priced("100", "120.50") == ("BOB-200-500",)
    assert priced("99.99") == ("BOB-50-100",)
    assert priced("100") == ("BOB-100-200",)
    assert priced("0.7") == ("BOB-0.5-1",)
    assert priced("1000000", currency="COP") == ("COP-1000000-2000000",)
    assert priced("100", "") == ()
    assert priced("0") == ()


@given(st.decimals(Decimal("0.01"), Decimal(10) ** 9, places=2))
def test_a_span_holds_what_it_costs(amount):
    (span,) = priced(f"{amount:f}")
    _, low, high = span.split("-")
    assert Decimal(low) <= amount < Decimal(high)
    assert Decimal(high) / Decimal(low) in (2, Decimal("2.5"))
