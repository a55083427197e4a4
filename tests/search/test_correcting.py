"""Words that may be meant by one that stands nowhere."""

import pytest

from search import correcting
from search.spelling import Lexicon


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


class Counts:
    """Of a reader what is asked of it here."""

    def __init__(self, **counts):
        self.counts = counts

    def doc_frequency(self, field, word):
        return self.counts.get(word, 0) if field == "body" else 0


@pytest.mark.parametrize(
    ("term", "halves"), [("windpump", "wind pump"), ("pumpwater", "pump water"), ("windx", ""), ("windxpump", "")]
)
def test_a_word_may_have_been_two(term, halves):
    assert (
        correcting.apart(Counts(wind=3, pump=9, water=7), [Lexicon(("wind", "pump")), Lexicon(("water",))], term)
        == halves
    )
