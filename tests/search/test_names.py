"""The names of things in other regions and languages."""

import json

import pytest

from search import names, words


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("azada", "enxada"),
        ("azadas", "enxada"),
        ("papa", "patata"),
        ("batata", "papa"),
        ("milho", "choclo"),
        ("elotes", "maiz"),
        ("yuca", "mandioca"),
        ("chancho", "porco"),
        ("plantadeira", "sembradora"),
    ],
)
def test_other_names(asked, found):
    assert (found,) in names.variants(asked)


def test_names_of_several_words_are_looked_for_and_not_looked_up():
    assert ("sweet", "potato") in names.variants("camote")
    assert names.variants("sweet") == []


def test_a_word_is_no_variant_of_itself_and_there_are_not_too_many():
    for term in ("maiz", "cerdo", "calabaza", "bomba", "xyzzy"):
        found = names.variants(term)
        assert (term,) not in found
        assert len(found) <= names.MOST
        assert len(set(found)) == len(found)


def test_the_table_can_be_edited_by_hand():
    groups = json.loads(names.TABLE.read_text(encoding="utf-8"))["names"]
    assert all(len(group) == len(set(group)) > 1 for group in groups)
    assert all(words.folded(name) for group in groups for name in group)
