"""How near words are in their letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import spelling

word = st.text("abcdehlmnorstvz", min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("bomba", "bomba", 0),
        ("bonba", "bomba", 0.5),
        ("vomba", "bomba", 0.5),
        ("sisterna", "cisterna", 0.5),
        ("bocahsi", "bocashi", 1),
        ("biodijestor", "biodigestor", 0.5),
        ("secdor", "secador", 1),
        ("seccador", "secador", 1),
        ("silo", "pala", 3),
    ],
)
def test_how_far_words_are(one, other, far):
    assert spelling.distance(one, other) == far


@given(word, word)
def test_the_distance_is_the_same_from_both_sides_and_nothing_only_between_equals(one, other):
    far = spelling.distance(one, other)
    assert far == spelling.distance(other, one)
    assert (far == 0) == (one == other)
    assert far <= max(len(one), len(other))


@given(word, word, st.integers(0, 3))
def test_few_edits_make_a_word_of_another_just_when_its_distance_says_so(one, other, edits):
    """With letters of which none sound alike each edit costs one."""
    plain = str.maketrans("cdemnorstvz", "abhlabhlabh")
    one, other = one.translate(plain), other.translate(plain)
    assert spelling.are_within(one, other, edits) == (spelling.distance(one, other) <= edits)


@given(st.sets(word, max_size=30), word, st.integers(1, 2))
def test_a_lexicon_knows_all_that_is_near_and_begins_alike(lexicon, term, edits):
    near = list(spelling.Lexicon(lexicon).near(term, edits))
    assert (term in spelling.Lexicon(lexicon)) == (term in lexicon)
    assert all(other in spelling.Lexicon(lexicon) for other in lexicon)
    assert len(near) == len(set(near))
    assert set(near) <= {other for other in lexicon if spelling.are_within(term, other, edits)}
    assert {other for other in lexicon if other[0] == term[0] and spelling.are_within(term, other, edits)} <= set(near)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vomba", "bomba"),
        ("obmba", "bomba"),
        ("abomba", "bomba"),
        ("igado", "higado"),
        ("hazada", "azada"),
        ("sisterna", "cisterna"),
        ("señuela", "señuelo"),
    ],
)
def test_the_first_letter_may_be_wrong(typed, meant):
    lexicon = spelling.Lexicon(("bomba", "tomba", "higado", "azada", "cisterna", "señuelo"))
    assert list(lexicon.near(typed, 1)) == [meant]


def test_a_lexicon_of_nothing_and_a_word_of_nothing():
    assert list(spelling.Lexicon(()).near("bomba", 2)) == []
    assert list(spelling.Lexicon(("a", "bomba")).near("", 1)) == []
