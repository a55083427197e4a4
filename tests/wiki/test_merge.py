import hashlib
import itertools
import random
from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import timing
from tests.wiki import strategies
from wiki import document, limits, merge, tokens
from wiki.document import Document
from wiki.errors import Invalid
from wiki.merge import merge_text

Texts = tuple[str, str, str]
Documents = tuple[Document, Document, Document]


def answers(merged: merge.Merged, answer: merge.Resolution) -> dict[str, merge.Resolution]:
    return {conflict.id: answer for conflict in merged.conflicts}


def repeats(text: str) -> bool:
    """Whether a text says a line or a word twice, so that what moved where is a matter of taste."""
    words = [token for token in tokens.words(text) if not token.isspace()]
    return len(words) != len(set(words))


# What people do, by example.


@pytest.mark.parametrize(
    ("base", "here", "incoming", "merged"),
    [
        pytest.param("uno\ndos\n", "UNO\ndos\n", "uno\nDOS\n", "UNO\nDOS\n", id="neighbouring lines"),
        pytest.param("uno\ndos", "UNO\ndos", "uno\nDOS", "UNO\nDOS", id="no last newline"),
        pytest.param("uno\ndos", "uno\ndos\n", "UNO\ndos", "UNO\ndos\n", id="one adds the last newline"),
        pytest.param("uno\ndos", "uno\ndos\ntres", "uno\nDOS", "uno\nDOS\ntres", id="one appends"),
        pytest.param("a b c d e", "A b c d e", "a b c d E", "A b c d E", id="one line, words apart"),
        pytest.param("a b c", "A b c", "a b C", "A b C", id="one word between"),
        pytest.param("| 4 | M8 |\n", "| 6 | M8 |\n", "| 4 | M10 |\n", "| 6 | M10 |\n", id="cells of a table"),
        pytest.param("- a\n", "- a\n- b\n", "- a\n- c\n", "- a\n- b\n- c\n", id="items of a list"),
        pytest.param("- a\n", "- a\n- b\n", "- a\n- c\n- b\n", "- a\n- c\n- b\n", id="an item added by both"),
        pytest.param(
            "- a\n", "- a\n- b\n- x\n", "- a\n- y\n- b\n", "- a\n- b\n- x\n- y\n", id="two items, one of them alike"
        ),
        pytest.param("b\na\na\n", "a\na\na\n", "b\na\n", "a\na\n", id="one drops a line, the other another"),
        pytest.param("", "- a\n- a\n", "- b\n- a\n", "- a\n- a\n- b\n", id="an item that one side has twice"),
        pytest.param("", "- b\n- a\n", "- a\n- a\n", "- b\n- a\n- a\n", id="an item that the other has twice"),
        pytest.param("uno(dos)tres", "UNO(dos)tres", "uno(dos)TRES", None, id="no space between"),
        pytest.param("- a\n", "- a\n  - x\n- b\n", "- a\n- c\n  - x\n", None, id="items of other depth"),
        pytest.param("1. a\n", "1. a\n2. b\n   c\n", "1. a\n2. d\n", "1. a\n2. b\n   c\n2. d\n", id="numbered"),
        pytest.param("| a |\n", "| a |\n| b |\n", "| a |\n| c |\n", "| a |\n| b |\n| c |\n", id="rows of a table"),
        pytest.param("", "|a|\n|-|\n|b|\n", "|c|\n|-|\n|d|\n", None, id="two tables"),
        pytest.param("", "- Tubo de 2\n", "- Tubo de 2 cm\n", "- Tubo de 2 cm\n", id="one item, said better"),
        pytest.param("a\nb\n", "b\n", "a\nc\nb\n", None, id="one drops a line, the other adds one below it"),
        pytest.param("a b\n", "x b c\n", "a b c\n", "x b c\n", id="both add words, one writes the rest anew"),
        pytest.param("- a\n", "- a\n- 1\n", "- a\n- 10\n", "- a\n- 1\n- 10\n", id="items that begin alike"),
        pytest.param("", "- a\n- b\n", "- b\n- b c\n", "- a\n- b\n- b c\n", id="an item of both and one more"),
        pytest.param("", "- Tubo de 2\n", "- Tubo de 2.\n", "- Tubo de 2.\n", id="one item, and its full stop"),
        pytest.param("uno\n", "uno\ndos\n", "uno\ntres\n", None, id="both add a line"),
        pytest.param(
            "ver [la noria](a.org/b)",
            "see [the wheel](a.org/b)",
            "ver [la noria](a.org/c)",
            "see [the wheel](a.org/c)",
            id="what a link says, and where it leads",
        ),
        pytest.param(
            "ver [la noria](a.org/b)",
            "ver [la noria](a.org/c)",
            "ver [la noria](a.org/d)",
            None,
            id="one link, two addresses",
        ),
        pytest.param(
            "en (b.org/a) ver [la noria](a.org/b)",
            "in [the wheel](a.org/c)",
            "en (b.org/a) ver [la noria](a.org/c)",
            "in [the wheel](a.org/c)",
            id="all rewritten, with the new address",
        ),
        pytest.param(
            "## La rueda\n",
            "## The wheel\n",
            "## La rueda {#rueda}\n",
            "## The wheel {#rueda}\n",
            id="a heading, and its name",
        ),
        pytest.param(
            "## La rueda\n",
            "## La rueda y yo\n",
            "## La rueda {#rueda}\n",
            None,
            id="a heading that grows, and its name",
        ),
        pytest.param(
            "a\n\n\nb\n", "a\nuno\n\nb\n", "a\ndos\n\n\nb\n", None, id="text in place of a blank line, and above it"
        ),
        pytest.param(
            "- a\n\n\nb\n",
            "- a\n- c\n\nb\n",
            "- a\n- d\n\n\nb\n",
            "- a\n- c\n- d\n\nb\n",
            id="an item in place of a blank line, and above it",
        ),
        pytest.param("", "- [A](x.org/1)\n", "- [A](x.org/2)\n", None, id="two items of one name"),
        pytest.param(
            "",
            "- [A](x.org/1)\n",
            "- [A b](x.org/2)\n",
            "- [A](x.org/1)\n- [A b](x.org/2)\n",
            id="two names that begin alike",
        ),
        pytest.param("- a\n", "- a\n- b\n", "- a\n* c\n", None, id="another mark begins another list"),
        pytest.param("```\n- a\n```\n", "```\n- a\n- b\n```\n", "```\n- a\n- c\n```\n", None, id="no items, but code"),
        pytest.param(
            "| a |\n|---|\n| 1 |\n| 3 |\n",
            "| a | b |\n|---|---|\n| 1 | x |\n| 3 | y |\n",
            "| a |\n|---|\n| 1 |\n| 2 |\n| 3 |\n",
            "| a | b |\n|---|---|\n| 1 | x |\n| 2 |\n| 3 | y |\n",
            id="a column and a row",
        ),
        pytest.param(
            "- agua fría\n- sal fina\n",
            "- agua tibia\n- sal gruesa\n",
            "- agua fría\n- azúcar\n- sal fina\n",
            "- agua tibia\n- azúcar\n- sal gruesa\n",
            id="items written anew, and one between them",
        ),
        pytest.param(
            "---\na: 1\n---\n",
            "---\na: 1\nb: 2\n---\n",
            "---\na: 1\nc: 3\n---\n",
            "---\na: 1\nb: 2\nc: 3\n---\n",
            id="fields of the front matter",
        ),
        pytest.param(
            "---\na: 1\n---\n", "---\na: 1\nb: 2\n---\n", "---\na: 1\nb: 3\n---\n", None, id="one field with two values"
        ),
        pytest.param("a: 1\n", "a: 1\nb: 2\n", "a: 1\nc: 3\n", None, id="no front matter"),
        pytest.param("la bomba roja", "la bomba azul", "la manguera roja", None, id="words side by side"),
        pytest.param("miden 12 mm", "miden 15 mm", "miden 12 cm", None, id="a number and its unit"),
        pytest.param("ver a.org/b/c hoy", "ver x.org/b/c hoy", "ver a.org/b/d hoy", None, id="one address"),
        pytest.param("a\nb\n", "a\na\nb\n", "b\n", None, id="one doubles what the other drops"),
        pytest.param("a\n", "b\n", "b\na\n", "b\n", id="both add a line, one drops the next"),
        pytest.param("uno\ndos\n", "", "uno\nDOS\n", None, id="all dropped, one line edited"),
        pytest.param("uno\ndos\n", "", "uno\n", "", id="both drop"),
        pytest.param("a\nb\nc\nd\n", "c\na\nb\nd\n", "a\nb\nc\nD\n", "c\na\nb\nD\n", id="one moves a line"),
    ],
)
def test_texts(base: str, here: str, incoming: str, merged: str | None) -> None:
    found = merge_text(base, here, incoming)
    if merged is None:
        assert found.conflicts
        assert found.text == here
    else:
        assert (found.text, found.conflicts) == (merged, ())


def test_a_text_conflict_holds_whole_lines_and_where_they_are() -> None:
    base = "uno\ndos\ntres\ncuatro cinco seis\nsiete\n"
    here = "UNO\ndos\ntres\ncuatro cinco SEIS\nsiete\n"
    incoming = "uno\ndos\ntres\nCUATRO cinco sees\nsiete\nocho\n"
    found = merge_text(base, here, incoming)
    assert found.text == "UNO\ndos\ntres\ncuatro cinco SEIS\nsiete\nocho\n"
    (conflict,) = found.conflicts
    assert (conflict.line, conflict.base) == (4, "cuatro cinco seis\n")
    assert (conflict.here, conflict.incoming) == ("cuatro cinco SEIS\n", "CUATRO cinco sees\n")


def test_answers_may_lack_the_last_newline() -> None:
    found = merge_text("a\nb\nc\n", "a\nB\nc\n", "a\nbb\nc\n")
    assert found.answered(lambda c: "x") == "a\nx\nc\n"
    assert found.answered(lambda c: "") == "a\nc\n"
    assert merge_text("a\nb", "a\nB", "a\nbb").answered(lambda c: c.incoming) == "a\nbb"
    assert merge_text("a\nb", "a\nB", "a\nbb").conflicts[0].here == "B"


BASE: Document = document.clean(
    {
        "title": "Bomba",
        "body": "uno\n",
        "tags": ["agua", "mano"],
        "bom": [
            {"key": "a", "name": "tubo", "quantity": "1", "tags": ["x", "y"]},
            {"key": "b", "name": "tuerca"},
            {"key": "c", "name": "válvula", "note": "Va al fondo.\nSe cambia cada año.\n"},
        ],
    }
)


def with_rows(*rows: Mapping[str, object], **parts: object) -> Document:
    return document.clean({**BASE, "bom": list(rows), **parts})


A, B, C = ({**row} for row in document.rows(BASE, "bom"))


def keys(merged: merge.Merged) -> list[str]:
    return [str(row["key"]) for row in document.rows(merged.document, "bom")]


def test_rows_merge_field_by_field() -> None:
    here = with_rows(
        {**A, "quantity": "2", "tags": ["x", "y", "z"]}, B, {**C, "note": "Va arriba.\nSe cambia cada año.\n"}
    )
    incoming = with_rows(
        {**A, "name": "tubo de 2", "tags": ["y"]}, B, {**C, "note": "Va al fondo.\nSe cambia cada mes.\n"}
    )
    merged = merge.merge(BASE, here, incoming)
    assert merged.conflicts == ()
    assert merged.document == with_rows(
        {"key": "a", "name": "tubo de 2", "quantity": "2", "tags": ["y", "z"]},
        B,
        {**C, "note": "Va arriba.\nSe cambia cada mes.\n"},
    )


def test_a_short_field_is_never_pieced_together() -> None:
    base = with_rows({"key": "a", "name": "tubo de acero de 2 pulgadas"})
    here = with_rows({"key": "a", "name": "caño de acero de 2 pulgadas"})
    incoming = with_rows({"key": "a", "name": "tubo de acero de 3 pulgadas"})
    (conflict,) = merge.merge(base, here, incoming).conflicts
    assert conflict.place == "bom/a/name"
    assert conflict.here == "caño de acero de 2 pulgadas"


def test_rows_added_moved_and_removed_merge_on_their_own() -> None:
    n, m = {"key": "n", "name": "nuevo"}, {"key": "m", "name": "más"}
    assert keys(merge.merge(BASE, with_rows(A, B, n, C), with_rows(A, B, m, C))) == ["a", "b", "n", "m", "c"]
    assert keys(merge.merge(BASE, with_rows(B, C, A), with_rows(A, C))) == ["c", "a"]
    assert keys(merge.merge(BASE, with_rows(C, A, B), with_rows(A, B, n, C))) == ["c", "a", "b", "n"]
    assert keys(merge.merge(BASE, with_rows(A, m, B, C), with_rows(C, A, B))) == ["c", "a", "m", "b"]


def test_removing_a_row_that_the_other_edited_is_a_conflict() -> None:
    edited = {**B, "name": "tuerca M8"}
    merged = merge.merge(BASE, with_rows(A, C), with_rows(A, edited, C))
    (conflict,) = merged.conflicts
    assert (conflict.place, conflict.here, conflict.incoming) == ("bom/b", None, edited)
    assert keys(merged) == ["a", "c"]
    for answer, kept in {"here": False, "incoming": True, "both": True}.items():
        again = merge.merge(BASE, with_rows(A, C), with_rows(A, edited, C), answers(merged, answer))
        assert (again.conflicts, "b" in keys(again)) == ((), kept)
    written = answers(merged, {"write": {"name": "perno"}})
    assert document.rows(merge.merge(BASE, with_rows(A, C), with_rows(A, edited, C), written).document, "bom")[1] == {
        "key": "b",
        "name": "perno",
    }


def test_what_both_added_under_one_key_merges_field_by_field() -> None:
    here, incoming = (
        with_rows(A, B, C, {"key": "n", "name": "x", "spec": "1"}),
        with_rows(A, B, C, {"key": "n", "name": "y"}),
    )
    merged = merge.merge(BASE, here, incoming)
    assert [c.place for c in merged.conflicts] == ["bom/n/name"]
    assert document.rows(merged.document, "bom")[-1] == {"key": "n", "name": "x", "spec": "1"}


def test_a_row_that_lost_all_its_fields_is_gone() -> None:
    both = with_rows(A, {"key": "n", "name": "x", "spec": "y"})
    merged = merge.merge(both, with_rows(A, {"key": "n", "name": "x"}), with_rows(A, {"key": "n", "spec": "y"}))
    assert merged == merge.Merged(with_rows(A), ())


def test_a_part_that_changed_its_shape_or_went_is_one_conflict() -> None:
    here, incoming = {**BASE, "body": ["uno", "dos"]}, {**BASE, "body": "dos\n"}
    (conflict,) = merge.merge(BASE, here, incoming).conflicts
    assert (conflict.place, conflict.here, conflict.incoming) == ("body", ["uno", "dos"], "dos\n")
    with pytest.raises(Invalid, match="not-both"):
        merge.merge(BASE, here, incoming, {conflict.id: "both"})
    gone = {name: part for name, part in BASE.items() if name != "body"}
    (conflict,) = merge.merge(BASE, gone, incoming).conflicts
    assert (conflict.place, conflict.base, conflict.here, conflict.incoming) == (
        "body",
        "uno\n",
        None,
        "dos\n",
    )
    assert merge.merge(BASE, gone, incoming, {conflict.id: "both"}).document["body"] == "dos\n"


def test_answers_to_lines_and_fields() -> None:
    here, incoming = {**BASE, "body": "uno\ndos\n"}, {**BASE, "body": "uno\ntres\n"}
    merged = merge.merge(BASE, here, incoming)
    (conflict,) = merged.conflicts
    assert (conflict.place, conflict.suggestion) == ("body#2", "both")

    def answer(resolution: merge.Resolution) -> object:
        return merge.merge(BASE, here, incoming, {conflict.id: resolution, "0" * 16: "here"}).document["body"]

    assert answer("here") == "uno\ndos\n"
    assert answer("incoming") == "uno\ntres\n"
    assert answer("both") == "uno\ndos\ntres\n"
    assert answer({"write": "dos y tres"}) == "uno\ndos y tres\n"
    assert answer({"write": "dos\r\ntres"}) == "uno\ndos\ntres\n"
    assert answer({"write": ""}) == "uno\n"
    here, incoming = with_rows({**A, "quantity": "2"}), with_rows({**A, "quantity": "3"})
    (conflict,) = (c for c in merge.merge(with_rows(A), here, incoming).conflicts)
    for resolution, value in ((("both"), "2\n3"), ({"write": "4"}, "4"), ({"write": ""}, None)):
        found = merge.merge(with_rows(A), here, incoming, {conflict.id: resolution})
        assert document.rows(found.document, "bom")[0].get("quantity") == value


@pytest.mark.parametrize(
    ("resolution", "code"),
    [
        ("theirs", "bad-answer"),
        ({"write": "x", "and": 1}, "bad-answer"),
        (None, "bad-answer"),
        ({"write": 5}, "not-text"),
        ({"write": None}, "not-text"),
        ({"write": ["a"]}, "not-text"),
        ({"write": "a\x07"}, "control-character"),
        ({"write": "\ud800"}, "control-character"),
        ({"write": "x" * (limits.TEXT_PART + 1)}, "too-long"),
    ],
)
def test_an_answer_that_cannot_stand_is_refused(resolution: merge.Resolution, code: str) -> None:
    here, incoming = {**BASE, "body": "dos\n"}, {**BASE, "body": "tres\n"}
    (conflict,) = merge.merge(BASE, here, incoming).conflicts
    with pytest.raises(Invalid) as refused:
        merge.merge(BASE, here, incoming, {conflict.id: resolution})
    assert [(p.place, p.code) for p in refused.value.problems] == [("body#1", code)]


def test_a_row_is_written_as_a_row() -> None:
    here, incoming = with_rows(A, C), with_rows(A, {**B, "name": "M8"}, C)
    (conflict,) = merge.merge(BASE, here, incoming).conflicts
    for value, code in (("x", "not-an-object"), ({"Name": "x"}, "bad-field-name"), ({"name": 5}, "not-text")):
        with pytest.raises(Invalid, match=code):
            merge.merge(BASE, here, incoming, {conflict.id: {"write": value}})
    assert keys(merge.merge(BASE, here, incoming, {conflict.id: {"write": {}}})) == ["a", "c"]


def test_ids_are_the_first_16_digits_over_place_and_sides() -> None:
    expected = hashlib.sha256('["bom/a/q","1",null,{"key":"a","q":"ñ"}]'.encode()).hexdigest()[:16]
    assert merge.conflict_id("bom/a/q", "1", None, {"q": "ñ", "key": "a"}) == expected


# Laws.


@given(strategies.text_triples())
def test_one_sided_and_equal_changes_of_texts(triple: Texts) -> None:
    base, here, _ = triple
    for merged, whole in (
        (merge_text(base, here, base), here),
        (merge_text(base, base, here), here),
        (merge_text(base, here, here), here),
    ):
        assert (merged.text, merged.conflicts) == (whole, ())


@given(strategies.text_triples())
def test_swapping_the_sides_of_texts(triple: Texts) -> None:
    base, here, incoming = triple
    one, other = merge_text(base, here, incoming), merge_text(base, incoming, here)
    assert [(c.line, c.base, c.here, c.incoming) for c in one.conflicts] == [
        (c.line, c.base, c.incoming, c.here) for c in other.conflicts
    ]
    one_text, other_text = (merged.answered(lambda c: "").removesuffix("\n") + "\n" for merged in (one, other))
    assert Counter(tokens.lines(one_text)) == Counter(tokens.lines(other_text))


def test_a_blank_line_added_at_the_end_is_not_undone_by_who_takes_the_last_newline_away() -> None:
    for sides in (("agua", "agua\n\n"), ("agua\n\n", "agua")):
        assert merge_text("agua\n", *sides).text == "agua\n\n"
    assert merge_text("agua\nsal\n", "agua\nsal", "AGUA\nsal\n").text == "AGUA\nsal"


@given(strategies.text_triples())
def test_texts_merged_already(triple: Texts) -> None:
    """Merging once more changes nothing. Seldom it asks, and what is merged already is one of the answers: from three
    texts it cannot be told whether a line was written in place of one that the other side removed, or beside it.
    Blank lines have no words to be known by, so texts with some are left to the real merges."""
    base, here, incoming = triple
    merged = merge_text(base, here, incoming)
    texts = (*triple, merged.text)
    if merged.conflicts or any(repeats(text) or "\n" in tokens.lines(text) for text in texts):
        return
    for side in (here, incoming):
        assert merge_text(base, merged.text, side).answered(lambda c: c.here) == merged.text
        assert merge_text(base, side, merged.text).answered(lambda c: c.incoming) == merged.text


def test_merging_twice_doubles_nothing_even_where_lines_repeat() -> None:
    """All texts of up to three lines out of two. A handful cannot be told from a line that was moved."""
    texts = ["".join(lines) for size in range(4) for lines in itertools.product(("a\n", "b\n"), repeat=size)]
    merged = [(t, merge_text(*t)) for t in itertools.product(texts, repeat=3)]
    clean = [(base, incoming, m.text) for (base, _, incoming), m in merged if not m.conflicts]
    other = [text for base, incoming, text in clean if merge_text(base, text, incoming).text != text]
    assert len(clean) > 1400
    assert len(other) <= 12


@given(strategies.text_triples())
def test_no_word_of_a_text_is_lost(triple: Texts) -> None:
    base, here, incoming = triple
    merged = merge_text(base, here, incoming)
    kept = Counter(tokens.words(merged.text))
    for conflict in merged.conflicts:
        kept += Counter(tokens.words(conflict.incoming))
    for side in (here, incoming):
        assert not Counter(
            w for w in (Counter(tokens.words(side)) - Counter(tokens.words(base)) - kept) if not w.isspace()
        )


@given(strategies.text_triples())
def test_conflicts_quote_their_sides(triple: Texts) -> None:
    base, here, incoming = triple
    merged = merge_text(base, here, incoming)
    for conflict in merged.conflicts:
        assert ("".join(tokens.lines(base)[conflict.line - 1 :]) + "\n").startswith(conflict.base)
        assert conflict.here in here + "\n"
        assert conflict.incoming in incoming + "\n"
        assert conflict.here != conflict.incoming
    assert "<<<<" not in merged.text


@given(strategies.document_triples())
def test_one_sided_and_equal_changes(triple: Documents) -> None:
    base, here, _ = triple
    for merged in (
        merge.merge(base, here, base),
        merge.merge(base, base, here),
        merge.merge(base, here, here),
    ):
        assert merged == merge.Merged(here, ())


@given(strategies.document_triples())
def test_swapping_the_sides(triple: Documents) -> None:
    base, here, incoming = triple
    one, other = merge.merge(base, here, incoming), merge.merge(base, incoming, here)
    assert {(c.place, str(c.base), str(c.here), str(c.incoming), c.suggestion) for c in one.conflicts} == {
        (c.place, str(c.base), str(c.incoming), str(c.here), c.suggestion) for c in other.conflicts
    }


@given(strategies.document_triples())
def test_the_result_is_canonical_and_answers_settle_it(triple: Documents) -> None:
    base, here, incoming = triple
    merged = merge.merge(base, here, incoming)
    assert document.clean(merged.document) == merged.document
    assert len({c.id for c in merged.conflicts}) == len(merged.conflicts)
    if not merged.conflicts:
        return
    for answer in ("here", "incoming"):
        settled = merge.merge(base, here, incoming, answers(merged, answer))
        assert settled.conflicts == ()
        assert document.clean(settled.document) == settled.document
    assert merge.merge(base, here, incoming, answers(merged, "here")).document == merged.document
    some = dict(list(answers(merged, "incoming").items())[:1])
    assert merge.merge(base, here, incoming, some).conflicts == merged.conflicts[1:]


@given(strategies.document_triples())
def test_taking_incoming_everywhere_where_all_clashes_gives_incoming(triple: Documents) -> None:
    base, here, incoming = triple
    merged = merge.merge(base, here, incoming)
    settled = merge.merge(base, here, incoming, answers(merged, "incoming")).document
    for name in {*here, *incoming}:
        if {c.place for c in merged.conflicts} >= {name}:
            assert settled.get(name) == incoming.get(name)
        if here.get(name) == base.get(name):
            assert settled.get(name) == incoming.get(name)


def clean_cases() -> st.SearchStrategy[Documents]:
    return strategies.document_triples().filter(lambda t: not merge.merge(*t).conflicts)


@given(clean_cases())
def test_merged_already(triple: Documents) -> None:
    base, here, incoming = triple
    merged = merge.merge(base, here, incoming).document
    for side in (here, incoming):
        again = merge.merge(base, merged, side)
        for name in {*merged, *again.document}:
            content = [doc.get(name, "") for doc in (base, here, incoming, merged)]
            if not any(repeats(str(part)) for part in content):
                assert again.document.get(name) == merged.get(name)
    assert merge.merge(merged, merged, merged) == merge.Merged(merged, ())


@given(strategies.document_triples())
def test_no_field_and_no_item_is_lost(triple: Documents) -> None:
    base, here, incoming = triple
    merged = merge.merge(base, here, incoming)
    whole = str(merged.document) + "".join(str(c.incoming) for c in merged.conflicts)
    for side in (here, incoming):
        for item in set(document.items(side, "tags")) - set(document.items(base, "tags")):
            assert item in whole
        before = {str(row["key"]): row for row in document.rows(base, "bom")}
        for row in document.rows(side, "bom"):
            for field, value in row.items():
                if value != before.get(str(row["key"]), {}).get(field):
                    words = tokens.words(" ".join(value)) if isinstance(value, list) else tokens.words(value)
                    old = before.get(str(row["key"]), {}).get(field, "")
                    for word in set(words) - set(tokens.words(old if isinstance(old, str) else " ".join(old))):
                        assert word.isspace() or word in whole


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.data())
def test_orders(base: list[str], data: st.DataObject) -> None:
    here, incoming = data.draw(reordered(base, "x")), data.draw(reordered(base, "y"))
    merged = merge.merge_order(base, here, incoming)
    assert sorted(merged) == sorted({*here, *incoming})
    assert merge.merge_order(base, base, incoming) == incoming
    assert merge.merge_order(base, here, base) == here
    assert merge.merge_order(base, here, here) == here
    for side in (here, incoming):
        assert merge.merge_order(base, merged, side) == merged


@st.composite
def reordered(draw: st.DrawFn, keys: list[str], new: str) -> list[str]:
    """The keys after one move and one addition, perhaps."""
    made = list(keys)
    if made and draw(st.booleans()):
        made.insert(draw(st.integers(0, len(made))), made.pop(draw(st.integers(0, len(made) - 1))))
    if draw(st.booleans()):
        made.insert(draw(st.integers(0, len(made))), new)
    return made


# Bounds.

SIZE = limits.TEXT_PART
RANDOM = random.Random(7)


def three(make: Callable[[str], str]) -> Texts:
    return make("a"), make("b"), make("c")


def numbered(end: str, keys: list[Callable[[int], float]]) -> Texts:
    base, here, incoming = ("".join(f"{n}{end}" for n in sorted(range(40_000), key=key)) for key in keys)
    return base, here, incoming


def chosen(items: list[str]) -> Texts:
    return three(lambda _: "".join(RANDOM.choices(items, k=SIZE // 2)))


HOSTILE: dict[str, Callable[[], Texts]] = {
    "equal lines": lambda: ("a\n" * (SIZE // 2), "a\n" * (SIZE // 2 - 9), "b\n" + "a\n" * (SIZE // 2 - 1)),
    "alternating": lambda: ("a\nb\n" * (SIZE // 4), "b\na\n" * (SIZE // 4), "a\nb\nb\n" * (SIZE // 6)),
    "one line": lambda: ("a b " * (SIZE // 4), "b a " * (SIZE // 4), "a b c " * (SIZE // 6)),
    "one word": lambda: ("a" * SIZE, "b" * SIZE, "a" * (SIZE - 1)),
    "punctuation": lambda: (".," * (SIZE // 2), ",." * (SIZE // 2), ".,;" * (SIZE // 3)),
    "newlines": lambda: ("\n" * SIZE, "\n" * (SIZE - 5) + "x", "y" + "\n" * (SIZE - 1)),
    "reversed lines": lambda: numbered("\n", [lambda n: n, lambda n: -n, lambda n: -n if n % 2 else n]),
    "reversed words": lambda: numbered(" ", [lambda n: n, lambda n: -n, lambda n: -n if n % 2 else n]),
    "shuffled": lambda: numbered("\n", [lambda n: n, lambda n: RANDOM.random(), lambda n: RANDOM.random()]),
    "random lines": lambda: chosen(["a\n", "b\n"]),
    "random words": lambda: chosen(["a ", "b "]),
    "all rewritten": lambda: three(lambda side: "\n".join(f"{n} {side}" for n in range(20_000))),
    "every other line": lambda: three(lambda s: "\n".join(f"{n} {s if n % 2 else ''}" for n in range(20_000))),
    "every tenth word": lambda: three(
        lambda side: " ".join(f"{n}{side if n % 10 == ord(side) % 10 else ''}" for n in range(40_000))
    ),
    "items added": lambda: ("# a\n", *("# a\n" + "".join(f"- {s}{n}\n" for n in range(SIZE // 9)) for s in "ab")),
    "items that begin alike": lambda: (
        "",
        *("".join("- " + "x " * (n % 300) + f"{s}\n" for n in range(SIZE // 300)) for s in "ab"),
    ),
    "table": lambda: three(lambda side: "| a | b |\n" * (SIZE // 10 - ord(side)) + f"| {side} |\n"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_less_than_a_second_and_merge_to_the_same_again(name: str) -> None:
    texts, found = HOSTILE[name](), []
    assert timing.cost(lambda: found.append(merge_text(*texts))) < 1
    assert found == [merge_text(*texts)]


def test_past_its_time_a_merge_is_coarse_and_honest() -> None:
    base, here, incoming = (f"{'uno '}{s}\n" + "dos\n" * 5 + f"{s} tres\n" for s in "abc")
    merged = merge.merge({"body": base}, {"body": here}, {"body": incoming}, seconds=-1)
    (conflict,) = merged.conflicts
    assert (conflict.here, conflict.incoming) == (here, incoming)
    assert merged.document == {"body": here}
    assert len(merge.merge({"body": base}, {"body": here}, {"body": incoming}).conflicts) == 2
