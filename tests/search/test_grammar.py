import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import grammar
from search.grammar import Asked, Narrow
from tests.search import hostile


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Bombas de agua", Asked(("bombas", "agua"))),
        ("de la", Asked(("de", "la"))),
        ("agua agua", Asked(("agua",))),
        ('"bomba de mecate" pozo', Asked(("pozo",), (("bomba", "de", "mecate"),))),
        ('"bomba de', Asked((), (("bomba", "de"),))),
        ("pozo -motor", Asked(("pozo",), without=(("motor",),))),
        ('-"a motor"', Asked(without=(("a", "motor"),))),
        ("agro-ecología", Asked(("agro", "ecologia"))),
        ("bio*", Asked(beginnings=("bio",))),
        ("bi*", Asked(("bi",))),
        ("http://x.org/a", Asked(("http", "x", "org"))),
        ("", Asked()),
    ],
)
def test_what_is_asked(text, asked):
    assert grammar.read(text) == (asked, Narrow())


def test_words_may_narrow():
    asked, narrow = grammar.read("bombas region:BO-L kind:machine licence:CC-BY-SA-4.0 nada:x")
    assert narrow == Narrow(region="BO-L", kind="machine", licence="CC-BY-SA-4.0")
    assert asked.terms == ("bombas", "nada", "x")


@pytest.mark.parametrize("text", hostile.QUESTIONS.values(), ids=hostile.QUESTIONS)
def test_a_hostile_question_is_a_short_one(text):
    assert_short(grammar.read(text)[0])


@given(st.text() | st.text('ab"-*: \u0300¶', max_size=300))
def test_every_text_can_be_read(text):
    assert_short(grammar.read(text)[0])


def assert_short(asked: Asked) -> None:
    groups = [asked.terms, asked.beginnings, *asked.phrases, *asked.without]
    assert sum(map(len, groups)) <= grammar.MOST
    assert all(0 < len(word) <= 40 and word.isalnum() for group in groups for word in group)
    assert all(len(word) >= grammar.PREFIX for word in asked.beginnings)
