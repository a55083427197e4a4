"""Common ancestors, against a plain reading of what they are, and the document that two revisions merge on."""

from hypothesis import given
from hypothesis import strategies as st

from wiki import ancestry


@st.composite
def graphs(draw):
    """The parents of revisions 0 to n, each made of up to two earlier ones."""
    size = draw(st.integers(1, 14))
    return {n: draw(st.lists(st.integers(0, n - 1), max_size=2, unique=True)) if n else [] for n in range(size)}


def reached(graph, start):
    return {start}.union(*(reached(graph, parent) for parent in graph[start]))


def plain(graph, first, second):
    """The common ancestors that no other common ancestor was made of."""
    common = reached(graph, first) & reached(graph, second)
    return {one for one in common if not any(one != other and one in reached(graph, other) for other in common)}


@given(graphs(), st.data())
def test_the_best_are_those_that_are_no_ancestors_of_others(graph, data):
    first, second = (data.draw(st.sampled_from(sorted(graph))) for _ in "ab")
    found = ancestry.best(first, second, graph.__getitem__)
    assert found == plain(graph, first, second)
    assert found == ancestry.best(second, first, graph.__getitem__)
    assert ancestry.best(first, first, graph.__getitem__) == {first}
    if first in reached(graph, second):
        assert found == {first}


CROSSED = {"begun": [], "a": ["begun"], "b": ["begun"], "ab": ["a", "b"], "ba": ["b", "a"]}
TEXTS = {
    "begun": {"body": "uno\n\ndos\n\ntres\n", "title": "Bomba"},
    "a": {"body": "UNO\n\ndos\n\ntres\n", "title": "Bomba A"},
    "b": {"body": "uno\n\ndos\n\nTRES\n", "title": "Bomba B"},
}


def test_two_lines_that_were_merged_twice_merge_on_what_they_were_merged_of():
    assert ancestry.best("ab", "ba", CROSSED.__getitem__) == {"a", "b"}
    found = ancestry.base("ab", "ba", CROSSED.__getitem__, TEXTS.__getitem__)
    assert found == {"body": "UNO\n\ndos\n\nTRES\n", "title": "Bomba"}
    assert ancestry.base("a", "b", CROSSED.__getitem__, TEXTS.__getitem__) == TEXTS["begun"]


def test_what_has_nothing_in_common_merges_on_nothing():
    apart = {"a": [], "b": []}
    assert ancestry.best("a", "b", apart.__getitem__) == set()
    assert ancestry.base("a", "b", apart.__getitem__, TEXTS.__getitem__) == {}


def test_a_long_line_does_not_exhaust_the_stack():
    line = {n: [n - 1] if n else [] for n in range(100_000)}
    assert ancestry.best(99_999, 50_000, line.__getitem__) == {50_000}
