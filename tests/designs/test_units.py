"""Quantities and local units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designs import units, vocabulary

quantities = st.decimals(min_value=0, max_value=10**6, places=3).map(units.plain)
halves = st.integers(1, 2000).map(lambda n: Decimal(n) / 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", "12.5"),
        ("12,5", "12.5"),
        ("1/2", "0.5"),
        ("1 1/2", "1.5"),
        ("1½", "1.5"),
        ("3/4", "0.75"),
        ("1/3", "0.333"),
        (" 7 ", "7"),
    ],
)
def test_a_quantity_is_read_as_people_write_it(text, value):
    assert units.number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "al gusto", "NaN", "1e999999", "Infinity", "-3", "1/0", "1.2.3", "٣", "9" * 20])
def test_what_is_no_number_is_left_as_it_is(text):
    assert units.number(text) is None
    assert units.scaled(text, Decimal(4)) == text


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_not_and_takes_no_time(text):
    found = units.number(text)
    assert found is None or 0 <= found < 10**12
    assert "".join(piece for piece, _ in units.said(text)) == text


@given(quantities)
def test_one_of_it_changes_nothing(quantity):
    assert units.scaled(quantity, Decimal(1)) == quantity


@given(quantities, st.integers(1, 40), st.integers(1, 25))
def test_for_some_and_again_for_some_is_for_the_product(quantity, a, b):
    twice = units.scaled(units.scaled(quantity, Decimal(a)), Decimal(b))
    assert units.number(twice) == units.number(units.scaled(quantity, Decimal(a * b)))


@given(quantities, halves)
def test_what_is_reckoned_is_exact(quantity, times):
    assert units.number(units.scaled(quantity, times)) == Decimal(quantity) * times


@given(st.one_of(halves.map(units.plain), halves.map(lambda n: units.plain(n).replace(".", ","))))
def test_halves_up_to_a_thousand_may_be_asked_for(text):
    assert units.times(text) == units.number(text)


@pytest.mark.parametrize("text", ["0", "0.25", "1.3", "1000.5", "x", "-1", "1e3", "", "99999999999"])
def test_nothing_else_may_be_asked_for(text):
    assert units.times(text) is None


@pytest.mark.parametrize(
    ("quantity", "unit", "regions", "low", "high", "si"),
    [
        ("2", "pulgadas", [], "50.8", "50.8", "mm"),
        ("1 1/2", '"', [], "38.1", "38.1", "mm"),
        ("3/4", "polegada", ["BR"], "19.1", "19.1", "mm"),
        ("3", "quintal", ["NI"], "138", "138", "kg"),
        ("3", "quintales", ["AR-N"], "300", "300", "kg"),
        ("3", "qq", ["AR", "BO"], "138", "300", "kg"),
        ("1", "arroba", ["BO"], "11.5", "11.5", "kg"),
        ("2", "manzanas", ["NI"], "1.40", "1.40", "ha"),
        ("1", "tarea", ["DO"], "629", "629", "m2"),
        ("1", "saca", ["BR-PR", "caatinga"], "60", "60", "kg"),
        ("10", "oz", [], "283", "283", "g"),
    ],
)
def test_a_local_unit_has_its_value(quantity, unit, regions, low, high, si):
    found = units.measure(quantity, unit, regions)
    assert found == units.Measure(Decimal(low), Decimal(high), si)


@pytest.mark.parametrize(
    ("quantity", "unit", "regions"),
    [("1", "saca", ["AR"]), ("1", "cuadra", []), ("1", "tarea", ["MX"]), ("2", "kg", []), ("unas", "pulgadas", [])],
)
def test_where_nobody_can_say_nothing_is_said(quantity, unit, regions):
    assert units.measure(quantity, unit, regions) is None


def test_every_local_unit_of_the_vocabulary_is_known_with_the_value_it_gives():
    rows = vocabulary._read("proposed")["local_units"]
    assert len(rows) >= 12
    for row in rows:
        unit = units.NAMES[row["unit"]]
        figures = {Decimal(n) for values in unit.values for n in values[1:]}
        said = row["si"].replace(",", "")
        shown = [n for n in figures if any(units.plain(n / by) in said for by in (1, 1000, 10_000))]
        assert len(shown) == len(figures), (row, figures)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('Tubo de 1" x 2 pulgadas', ["25.4", "50.8"]),
        ("2 pulgadas (50 mm)", []),
        ('clase "10" y tornillo de 3/8"', ["9.53"]),
        ('el "tubo 40"', []),
        ("5 quintales", ["230"]),
        ("6 mm, 3 m de 2x4", []),
    ],
)
def test_a_text_says_what_its_inches_are(text, values):
    pieces = units.said(text, ["NI"])
    assert "".join(piece for piece, _ in pieces) == text
    assert [units.plain(value.low) for _, value in pieces if value] == values
