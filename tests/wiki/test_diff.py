import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import timing
from tests.wiki import strategies
from tests.wiki.test_merge import HOSTILE
from wiki import diff, document, sequences, tokens
from wiki.document import Document
from wiki.sequences import Budget

letters = st.lists(st.sampled_from("abcd"), max_size=12)


@given(letters, letters, st.sampled_from([0, 3, 10, 10_000]))
def test_changes_make_one_sequence_of_the_other(old: list[str], new: list[str], steps: int) -> None:
    """Whatever the budget."""
    made, at, last = [], 0, -1
    for a, b, c, d in sequences.changes(old, new, Budget(steps)):
        assert a > last
        made += old[at:a] + new[c:d]
        assert made == new[:d]
        at = last = b
    assert made + old[at:] == new


@given(letters, letters)
def test_what_was_put_in_or_taken_out_lies_as_far_down_as_it_can(old: list[str], new: list[str]) -> None:
    found = sequences.changes(old, new, Budget())
    for change, end in zip(found, [*(change.a for change in found[1:]), len(old) + 1], strict=False):
        assert sequences.slide(change, old, new, end - 1 - change.b) == 0


@given(letters, letters)
def test_myers_finds_the_longest_common_subsequence(old: list[str], new: list[str]) -> None:
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, item in enumerate(old):
        for j, other in enumerate(new):
            longest[i + 1][j + 1] = longest[i][j] + 1 if item == other else max(longest[i][j + 1], longest[i + 1][j])
    blocks, *end = sequences._myers(old, 0, len(old), new, 0, len(new), Budget())
    assert end == [len(old), len(new)]
    assert sum(block.size for block in blocks) == longest[-1][-1]


def test_a_search_that_is_cut_off_goes_on() -> None:
    choice = random.Random(3)
    old, new = (choice.choices("ab", k=3_000) for _ in range(2))
    kept = sum(block.size for block in sequences.matches(old, new, Budget(10_000_000)))
    assert kept > 2_000
    assert sequences.matches(old, new, Budget(0)) != []


@given(st.permutations("abcdefg"))
def test_the_fewest_rows_move(order: list[str]) -> None:
    moved = sequences.moved("abcdefg", order)
    stayed = [key for key in order if key not in moved]
    assert stayed == sorted(stayed)
    assert len(stayed) == len(sequences.longest_rise([ord(key) for key in order]))


def test_of_two_rows_that_may_have_moved_the_wanted_one_is_told() -> None:
    assert sequences.moved("abc", "bac", rather={"a"}) == {"a"}
    assert sequences.moved("abc", "bac", rather={"b"}) == {"b"}
    assert sequences.moved("abc", "bca", rather={"b", "c"}) == {"a"}


@given(strategies.texts, strategies.texts)
def test_lines(old: str, new: str) -> None:
    before, after = tokens.lines(old), tokens.lines(new)
    assert "".join(before) == old
    hunks = diff.lines(old, new)
    at = (0, 0)
    for hunk, following in zip(hunks, [*hunks[1:], None], strict=False):
        assert (hunk.old_start, hunk.new_start) == at
        at = (hunk.old_end, hunk.new_end)
        same = before[hunk.old_start : hunk.old_end] == after[hunk.new_start : hunk.new_end]
        assert same == hunk.equal
        assert following is None or following.equal != hunk.equal
    assert at == (len(before), len(after))


def test_only_a_line_feed_ends_a_line() -> None:
    assert tokens.lines("a\u2028b\x85c\x0bd\ne\n\nf") == ["a\u2028b\x85c\x0bd\n", "e\n", "\n", "f"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12.5 mm", ["12.5", " ", "mm"]),
        ("bien-hecho, sí.", ["bien-hecho", ",", " ", "sí", "."]),
        ("a/b  c\n", ["a/b", "  ", "c", "\n"]),
        ("(x)", ["(", "x", ")"]),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert tokens.words(text) == words


@given(st.text(), st.text())
def test_what_is_shown_is_both_texts(old: str, new: str) -> None:
    runs = diff.words(old, new)
    assert "".join(text for sign, text in runs if sign in "=-") == old
    assert "".join(text for sign, text in runs if sign in "=+") == new
    assert all(text for _, text in runs)


def test_words_that_stayed_by_chance_are_not_picked_out() -> None:
    assert diff.words("la bomba roja", "la bomba azul") == [("=", "la bomba "), ("-", "roja"), ("+", "azul")]
    assert diff.words("a b", "c d") == [("-", "a b"), ("+", "c d")]
    old, new = "Cavar un pozo de tres metros junto al río", "Comprar en el mercado de Oruro una cuba grande"
    assert [sign for sign, _ in diff.words(old, new)] == ["-", "+"]


@given(strategies.document_triples())
def test_edits_make_one_document_of_the_other(triple: tuple[Document, Document, Document]) -> None:
    _, old, new = triple
    edits = diff.compare(old, new)
    assert diff.apply(old, edits) == new
    assert diff.apply(old, []) == old
    assert bool(edits) == (old != new)
    assert len({edit.id for edit in edits}) == len({(edit.place, str(edit.old), str(edit.new)) for edit in edits})
    assert diff.compare(old, new) == edits


@given(strategies.documents, strategies.documents)
def test_edits_between_any_two_documents(old: Document, new: Document) -> None:
    assert diff.apply(old, diff.compare(old, new)) == new


@given(strategies.document_triples(), st.data())
def test_some_of_the_edits_make_a_document_too(
    triple: tuple[Document, Document, Document], data: st.DataObject
) -> None:
    base, _, new = triple
    edits = diff.compare(base, new)
    picked = [edit for edit in edits if data.draw(st.booleans())]
    made = diff.apply(base, picked)
    assert document.clean(made) == made
    for edit in picked:
        if edit.kind == "added" and edit.place.startswith("bom/") and edit.place.count("/") == 1:
            assert edit.new in document.rows(made, "bom")
    rest = {name for edit in edits for name in [edit.place.partition("#")[0].partition("/")[0]]}
    assert all(made.get(name) == base.get(name) for name in {*base, *made} - rest)


def test_what_edits_say() -> None:
    old = document.clean(
        {
            "title": "Bomba",
            "body": "uno\ndos\ntres\n",
            "tags": ["a"],
            "summary": "x",
            "bom": [
                {"key": "a", "name": "x", "q": "1"},
                {"key": "b", "name": "y"},
                {"key": "c", "name": "z"},
            ],
        }
    )
    new = document.clean(
        {
            "title": "Bomba",
            "body": "uno\nDOS\ntres\ncuatro\n",
            "tags": ["a", "b"],
            "problem": "y",
            "bom": [{"key": "c", "name": "z"}, {"key": "n", "name": "n"}, {"key": "a", "name": "xx"}],
        }
    )
    edits = diff.compare(old, new)
    assert [(e.place, e.kind, e.old, e.new, e.after) for e in edits] == [
        ("body#2", "changed", "dos\n", "DOS\n", ""),
        ("body#4", "added", "", "cuatro\n", ""),
        ("bom/b", "removed", {"key": "b", "name": "y"}, None, ""),
        ("bom/n", "added", None, {"key": "n", "name": "n"}, "c"),
        ("bom/a", "moved", "", "c", ""),
        ("bom/a/name", "changed", "x", "xx", ""),
        ("bom/a/q", "removed", "1", None, ""),
        ("problem", "added", None, "y", ""),
        ("summary", "removed", "x", None, ""),
        ("tags", "changed", ["a"], ["a", "b"], ""),
    ]
    assert diff.apply(old, [edits[3]])["bom"] == [old["bom"][0], old["bom"][1], old["bom"][2], edits[3].new]


def test_a_row_that_is_added_stands_behind_its_neighbour_alone_too() -> None:
    old = document.clean({"bom": [{"key": k, "x": k} for k in "abc"]})
    new = document.clean({"bom": [{"key": k, "x": k} for k in "nambcop"]})
    for edit in diff.compare(old, new):
        keys = "".join(str(row["key"]) for row in document.rows(diff.apply(old, [edit]), "bom"))
        assert keys == {"bom/n": "nabc", "bom/m": "ambc", "bom/o": "abco", "bom/p": "abcp"}[edit.place]


def test_edits_fit_only_the_document_they_are_of() -> None:
    edits = diff.compare({"body": "uno\n"}, {"body": "dos\n"})
    with pytest.raises(ValueError, match="body#1"):
        diff.apply({"body": "tres\n"}, edits)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_less_than_a_second(name: str) -> None:
    old, new, _ = HOSTILE[name]()
    for compare in (diff.lines, diff.words):
        assert timing.cost(lambda compare=compare: compare(old, new)) < 1


def test_a_row_that_lost_all_its_fields_is_gone() -> None:
    old: Document = {"bom": [{"key": "a", "x": "1"}, {"key": "b", "x": "1"}]}
    edits = diff.compare(old, {"bom": [{"key": "a", "y": "2"}, {"key": "b", "x": "1"}]})
    assert diff.apply(old, [edit for edit in edits if edit.place == "bom/a/x"]) == {"bom": [{"key": "b", "x": "1"}]}
