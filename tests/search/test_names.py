"""The names of things in other regions and languages."""

import json

import pytest

from search import names, words


def others(question: str) -> list[list[names.Name]]:
    return names.variants(words.folded(question))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("azada", "enxada"),
        ("azadas", "enxada"),
        ("papa", "patata"),
        ("patata", "papa"),
        ("milho", "choclo"),
        ("elotes", "maiz"),
        ("yuca", "mandioca"),
        ("chancho", "porco"),
        ("plantadeira", "sembradora"),
        ("invernadero", "greenhouse"),
    ],
)
def test_other_names(asked, found):
    assert (found,) in others(asked)[0]


def test_names_of_several_words_are_found_and_looked_up_whole():
    assert ("sweet", "potato") in others("camote")[0]
    assert ("camote",) not in others("sweet")[0]
    for asked in ("sweet potato", "sweet potatoes"):
        assert all(("camote",) in found for found in others(asked))
    chair, wheels, wood = others("silla ruedas madera")
    assert ("wheelchair",) in chair
    assert ("wheelchair",) in wheels
    assert ("wheelchair",) not in wood
    assert ("wood",) in wood


def test_the_words_that_say_nothing_do_not_stand_in_the_way():
    assert ("rope", "pump") in others("bomba mecate")[0]
    assert all("de" not in name for found in others("bomba mecate") for name in found)


def test_what_is_left_of_a_name_without_such_words_is_not_looked_up():
    assert ("by", "hand") not in others("hand")[0]
    assert all(len(name) == 1 or not set(name) <= words.STOP_WORDS for name in others("mano")[0])


def test_a_word_is_no_variant_of_itself_and_there_are_not_too_many():
    for term in ("maiz", "cerdo", "calabaza", "bomba", "xyzzy"):
        found = others(term)[0]
        assert (term,) not in found
        assert len(found) <= names.MOST
        assert len(set(found)) == len(found)


def test_the_table_can_be_edited_by_hand():
    groups = json.loads(names.TABLE.read_text(encoding="utf-8"))["names"]
    assert all(len(group) == len(set(group)) > 1 for group in groups)
    assert all(words.folded(name) for group in groups for name in group)
    told = [frozenset(tuple(words.folded(name)) for name in group) for group in groups]
    assert len(set(told)) == len(told)


def test_known_names_are_those_of_one_word():
    assert list(names.lexicon().near("azzada", 1)) == ["azada"]
    assert list(names.lexicon().near("ruedas", 1)) == ["rueda"]
