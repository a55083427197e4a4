"""Designs as linked data."""

import json

from hypothesis import given
from hypothesis import strategies as st

from designs import linked
from tests.designs.examples import pump
from wiki import document

ENDS = "</script><script>alert(1)</script><!--<script>"


def test_a_machine_is_how_to_and_names_what_it_takes():
    content = document.clean(pump(tools=[{"key": "t", "name": "Sierra"}]))
    node = linked.describe(content)
    assert node["@type"] == ["HowTo", "TechArticle"]
    assert node["supply"][0] == {"@type": "HowToSupply", "name": "Mecate de nailon", "requiredQuantity": "40 m"}
    assert node["tool"] == [{"@type": "HowToTool", "name": "Sierra"}]
    assert [step["name"] for step in node["step"]] == ["Haga la rueda", "Ponga la guía"]
    assert node["license"] == ["https://creativecommons.org/licenses/by-sa/4.0/legalcode"]


def test_only_food_is_a_recipe():
    assert linked.describe({"kind": "recipe", "title": "Queso", "tasks": ["processing"]})["@type"] == "Recipe"
    assert linked.describe({"kind": "recipe", "title": "Biol"})["@type"] == ["HowTo", "TechArticle"]


@given(st.text())
def test_no_text_ends_the_element_it_stands_in(text):
    node = linked.describe({"kind": "machine", "title": text + ENDS, "summary": text})
    whole = linked.joined({"@context": "https://schema.org", "author": ENDS}, linked.written(node))
    assert not set("<>&") & set(whole)
    assert json.loads(whole)["name"] == text + ENDS
    assert json.loads(whole)["@context"] == "https://schema.org"
