"""What can be made with what somebody has."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import having, indexer
from search.having import Having, Lack
from tests.designs.examples import pump
from wiki import pages

DRYER = {
    "bom": [
        {"key": "marco", "name": "Marco", "material": "madera", "cost": "40", "currency": "BOB", "quantity": "2"},
        {"key": "malla", "name": "Malla de acero inoxidable", "cost": "60", "currency": "BOB"},
        {"key": "patas", "name": "Patas", "material": "madera"},
    ],
    "substitutes": [
        {"key": "a", "line": "malla", "name": "Tela de mosquitero", "verdict": "works"},
        {"key": "b", "line": "malla", "name": "Saco", "verdict": "fails"},
    ],
    "tools": [{"key": "sierra", "name": "Sierra de mano"}, {"key": "lija", "name": "Lija", "need": "helps"}],
    "skills": ["carpentry"],
    "power": ["sun_heat", "grid"],
}
MESH = Lack("part", "Malla de acero inoxidable", ("Tela de mosquitero",))
ALL = Having(having.read("maderas, sierra\nmalla de acero"), frozenset({"carpentry"}), frozenset({"sun_heat"}))


@pytest.mark.parametrize(
    ("changed", "lacking"),
    [
        ({}, []),
        ({"names": having.read("madera; sierra; mosquitero")}, []),
        ({"names": having.read("madera, sierra")}, [MESH]),
        ({"names": having.read("madera, sierra, sacos")}, [MESH]),
        ({"names": having.read("sierra, malla")}, [Lack("part", "madera")]),
        ({"names": having.read("madera, malla")}, [Lack("tool", "Sierra de mano")]),
        ({"skills": frozenset()}, [Lack("skill", "carpentry")]),
        ({"power": frozenset({"wind"})}, [Lack("power", "grid")]),
        ({"budget": Decimal(100), "currency": "BOB"}, [Lack("money", "140.00")]),
        ({"budget": Decimal(140), "currency": "BOB"}, []),
        ({"budget": Decimal(1), "currency": "PEN"}, []),
    ],
)  # fmt: skip
def test_what_is_lacking(changed, lacking):
    assert having.lacks({**DRYER, "power": ["grid", "sun_heat"]}, Having(**{**vars(ALL), **changed})) == lacking


def test_strength_of_ones_own_is_always_there():
    assert having.lacks({"power": ["hand", "tractor"]}, Having()) == []


@given(st.text(max_size=200))
def test_any_list_can_be_read(text):
    found = having.read(text)
    assert len(found) <= having.NAMES
    assert len(set(found)) == len(found)
    assert all(name and all(name) for name in found)


def test_the_page_tells_what_is_lacking(client, context, comun, rosa, app):
    for title, changes in (("Secador de cabina", {}), ("Secador con torno", {"skills": ["carpentry", "lathe"]})):
        pages.create(comun, pump(title=title, steps=None, **{**DRYER, **changes}), language="es", by=rosa)
    while indexer.step(app.extensions["minga.search"]):
        pass
    html = client.get("/search/with?lang=es").text
    assert "Con lo que tengo" in html
    assert "card" not in html.partition("<main")[2].partition("<form")[2].partition("</form>")[2]
    html = client.get("/search/with?lang=es&have=madera%0Asierra&skill=carpentry&power=sun_heat").text
    assert "Falta una cosa" in html
    assert 'Falta: <span lang="es">Malla de acero inoxidable</span>' in html
    assert 'Se puede reemplazar por: <span lang="es">Tela de mosquitero</span>' in html
    assert html.index("Secador de cabina") < html.index("Faltan dos cosas") < html.index("Secador con torno")
    done = client.get(
        "/search/with?lang=es&have=madera,sierra,mosquitero&skill=carpentry&skill=lathe&power=sun_heat"
    ).text
    assert "Puede hacer estos" in done
    assert "Falta:" not in done
    wrong = client.get("/search/with?lang=es&have=madera&budget=mucho").text
    assert "Escriba un número" in wrong
    assert "Esto hace falta" in wrong
    assert 'value="mucho"' in wrong
    assert "Falta una cosa" not in wrong
    app.extensions["minga.search"] = None
    unready = client.get("/search/with?lang=es&have=madera").text
    assert "Todavía no se puede buscar" in unready
    assert "Solo con esto" not in unready
