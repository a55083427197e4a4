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


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("cadeyra rodas", {0: "cadeira"}),
        ("vieja cadeyra rodas", {1: "cadeira"}),
        ("chave fneda", {1: "fenda"}),
        ("chave fnxda", {}),
        ("silla ruedas", {}),
        ("cosa rodas", {}),
        ("rodas", {}),
        ("", {}),
    ],
)
def test_a_name_of_several_words_is_known_though_one_is_wrong(asked, meant):
    terms = asked.split()
    assert correcting.as_named(terms, [False] * len(terms)) == meant
    assert correcting.as_named(terms, [True] * len(terms)) == {}


class Lexicon:
    """Of a reader what is asked of it here."""

    def __init__(self, **counts):
        self.counts = counts

    def doc_frequency(self, field, word):
        return self.counts.get(word, 0) if field == "body" else 0


@pytest.mark.parametrize(
    ("term", "halves"), [("windpump", "wind pump"), ("pumpwater", "pump water"), ("windx", ""), ("windxpump", "")]
)
def test_a_word_may_have_been_two(term, halves):
    assert correcting.apart(Lexicon(wind=3, pump=9, water=7, windp=0), term) == halves
