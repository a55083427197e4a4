import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wiki import strategies
from wiki import blame
from wiki.document import Row


def test_lines_keep_who_brought_them() -> None:
    texts = ["a\nb\n", "a\nx\nb\n", "", "a\nb", "A\nb\n", "A\nc\nb"]
    assert blame.lines(texts) == [("A", 4), ("c", 5), ("b", 3)]
    assert blame.lines(texts[:2]) == [("a", 0), ("x", 1), ("b", 0)]
    assert blame.lines(["a\n\n"]) == [("a", 0), ("", 0)]
    assert blame.lines([""]) == blame.lines([]) == []


@given(st.lists(strategies.texts, min_size=1, max_size=5))
def test_blame_shows_the_last_text_and_only_older_lines(texts: list[str]) -> None:
    shown = blame.lines(texts)
    assert "\n".join(line for line, _ in shown) == texts[-1].removesuffix("\n")
    for line, index in shown:
        assert line in texts[index].split("\n")
    assert blame.lines([*texts, texts[-1]]) == shown


def test_rows_keep_who_brought_each_field() -> None:
    first: list[Row] = [{"key": "a", "x": "1", "y": "1"}, {"key": "b", "x": "1"}]
    second: list[Row] = [{"key": "b", "x": "1", "z": ["1"]}, {"key": "a", "x": "2", "y": "1"}]
    third: list[Row] = [{"key": "a", "x": "1", "y": "1"}]
    assert blame.rows([first, second]) == {"b": {"": 0, "x": 0, "z": 1}, "a": {"": 0, "x": 1, "y": 0}}
    assert blame.rows([first, second, third]) == {"a": {"": 0, "x": 2, "y": 0}}
    assert blame.rows([first, third, first])["b"] == {"": 2, "x": 2}
    assert blame.rows([]) == {}


@given(st.lists(strategies.rows, min_size=1, max_size=3))
def test_blame_of_rows_names_a_version_that_says_so(parts: list[list[Row]]) -> None:
    shown = blame.rows(parts)
    assert set(shown) == {row["key"] for row in parts[-1]}
    for row in parts[-1]:
        assert shown[str(row["key"])].keys() - {""} == row.keys() - {"key"}
        for field, index in shown[str(row["key"])].items():
            (then,) = (other for other in parts[index] if other["key"] == row["key"])
            assert field == "" or then[field] == row[field]


@pytest.mark.data
def test_blame_of_real_histories(shared: pathlib.Path) -> None:
    for raw in (shared / "data/merges/histories.jsonl").read_text().splitlines():
        texts = [revision["text"] for revision in json.loads(raw)["revisions"]]
        shown = blame.lines(texts)
        assert "\n".join(line for line, _ in shown) == texts[-1].removesuffix("\n")
        assert len({index for _, index in shown}) > 1
        assert all(line in texts[index] for line, index in shown)
