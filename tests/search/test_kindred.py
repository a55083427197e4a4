"""Words of one root, in three languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import kindred

word = st.text("abcdefghilmnopqrstuvyz", min_size=1, max_size=14)


@pytest.mark.parametrize(
    "family",
    [
        "secar secado secador secadora secando",
        "incinerador incinerator incineration incineracion",
        "fotovoltaico photovoltaic fotovoltaica photovoltaics",
        "microscopio microscope microscopes",
        "grind grinder grinding",
        "plantadeira plantadora planter planting",
        "hidroponia hydroponics hidroponica",
        "esterilizador sterilizer esterilizar",
        "maquina machine",
        "motorizada motorisada motorized",
        "irrigacion irrigacao irrigation",
        "escaner scanner",
    ],
)
def test_what_is_of_one_root(family):
    assert len({kindred.root(one) for one in family.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pala", "palo"),
        ("maiz", "mani"),
        ("bomba", "bombilla"),
        ("silo", "silla"),
        ("grano", "granja"),
        ("rope", "ropa"),
    ],
)
def test_what_is_not(one, other):
    assert kindred.root(one) != kindred.root(other)


@given(word)
def test_a_root_is_short_and_never_nothing(one):
    assert 1 <= len(kindred.root(one)) <= len(one)


class Lexicon:
    """Of a reader what is asked of it here."""

    def __init__(self, **counts):
        self.counts = counts

    def expand_prefix(self, field, begin):
        return [one.encode() for one in sorted(self.counts) if one.startswith(begin)] if field == "body" else []

    def doc_frequency(self, field, word):
        return self.counts.get(word, 0)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("acumulador", "accumulator"),
        ("colector", "collector"),
        ("accumulator", "acumulador"),
        ("fotovoltaico", "photovoltaic"),
        ("escaner", "scanner"),
        ("ventilado", "ventilator"),
    ],
)
def test_it_is_found_however_the_language_spells_it(asked, known):
    assert kindred.of(Lexicon(**{known: 1}), asked) == [known]


def test_only_so_many_words_are_looked_at(monkeypatch):
    monkeypatch.setattr(kindred, "SCANNED", 5)
    reader = Lexicon(**{f"planta{letter}x": 1 for letter in "abcdefgh"}, plantio=1)
    assert kindred.of(reader, "plantadora") == []


def test_the_commonest_words_of_its_root_are_found_and_none_that_is_a_form_of_it():
    reader = Lexicon(photovoltaic=3, fotovoltaicos=9, photovoltaics=5, photograph=40, fotografia=2)
    assert kindred.of(reader, "fotovoltaica") == ["photovoltaics", "photovoltaic"]
    assert kindred.of(reader, "foto") == []
    assert kindred.of(reader, "fotovoltaico3") == []
    assert kindred.of(Lexicon(**{f"plant{end}": 1 for end in ("ar", "ing", "er", "ed", "ador")}), "plantadeira") != []
    assert len(kindred.of(Lexicon(**{f"tri{end}": 1 for end in kindred._ENDINGS}), "tria")) <= kindred.MOST
