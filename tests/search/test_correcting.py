"""Words that may be meant by one that stands nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import correcting

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
    assert correcting.distance(one, other) == far


@given(word, word)
def test_the_distance_is_the_same_from_both_sides_and_nothing_only_between_equals(one, other):
    far = correcting.distance(one, other)
    assert far == correcting.distance(other, one)
    assert (far == 0) == (one == other)
    assert far <= max(len(one), len(other))
