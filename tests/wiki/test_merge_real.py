"""Merges that people did with git, and what they committed."""

import json
import pathlib
from collections import Counter

import pytest

from tests import timing
from tests.bench import merges
from wiki import tokens
from wiki.merge import merge_text

pytestmark = pytest.mark.data
LONG = 0.5
"""Seconds of a processor that no merge takes."""


@pytest.fixture(scope="module")
def cases(shared: pathlib.Path) -> list[merges.Case]:
    return list(merges.cases(shared))


def test_what_git_merges_merges_to_what_was_committed(cases: list[merges.Case]) -> None:
    easy = [case for case in cases if not case.git_conflicts]
    assert len(easy) == 140
    assert all(case.clean for case in easy)
    others = [case for case in easy if case.git_equals_human and not case.equals_human]
    # Both sides had added the same two paragraphs around a blank line: git put them in twice.
    assert [case.id.partition(":")[0] for case in others] == ["openaps/docs@4d5afe305162"]
    note = "Note: There are several different model numbers"
    assert (others[0].merged.text.count(note), others[0].human.count(note)) == (1, 2)


def test_where_git_gives_up(cases: list[merges.Case]) -> None:
    hard = [case for case in cases if case.git_conflicts]
    assert len(hard) == 121
    assert sum(case.clean for case in hard) >= 64
    assert sum(case.equals_human for case in hard) >= 19
    assert sum(len(case.merged.conflicts) for case in hard) <= 78
    assert not sum((merges.lost(case) for case in cases), Counter())
    # Where git gives up nobody finds a line twice, but for one that one side moved and the other wrote anew.
    doubled = [line for case in hard for line in merges.doubled(case)]
    assert [line.strip() for line in doubled] == ["<form action={formAction} ref={formRef}>", "</form>"]


def test_hunks_of_git_are_found_in_base() -> None:
    texts = [case_of("a\nb\nc\n", "A\nb\nC\n", "a\nb\nD\n"), case_of("a\nb\nc\n", "x\na\nb\nC\n", "y\na\nb\nc\n")]
    assert [merges.git_hunks(case) for case in texts] == [[merges.Hunk(2, 3)], [merges.Hunk(0, 0)]]
    assert [merges.hunks_left(case) for case in texts] == [(1, 0), (1, 1)]


def case_of(base: str, here: str, incoming: str) -> merges.Case:
    return merges.Case("", base, here, incoming, "", 1, False, merge_text(base, here, incoming), 0)


def test_no_merge_takes_long(cases: list[merges.Case]) -> None:
    for case in cases:
        if case.seconds >= LONG:
            # Once more, by itself.
            assert timing.cost(lambda case=case: merge_text(case.base, case.here, case.incoming)) < LONG, case.id


def test_real_texts_keep_the_laws(shared: pathlib.Path) -> None:
    asked: set[str] = set()
    for raw in (shared / "data/merges/merges.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(raw)
        base, here, incoming = row["base"], row["ours"], row["theirs"]
        merged = merge_text(base, here, incoming)
        swapped = merge_text(base, incoming, here)
        assert [(c.line, c.here, c.incoming) for c in merged.conflicts] == [
            (c.line, c.incoming, c.here) for c in swapped.conflicts
        ]
        kept = Counter(tokens.words(merged.text))
        for conflict in merged.conflicts:
            kept += Counter(tokens.words(conflict.incoming))
        for side in (here, incoming):
            added = Counter(tokens.words(side)) - Counter(tokens.words(base))
            assert all(token.isspace() for token in added - kept)
        if not merged.conflicts:
            for side in (here, incoming):
                again, back = merge_text(base, merged.text, side), merge_text(base, side, merged.text)
                assert again.answered(lambda c: c.here) == merged.text, row["id"]
                assert back.answered(lambda c: c.incoming) == merged.text, row["id"]
                if again.conflicts or back.conflicts:
                    asked.add(row["id"])
    assert len(asked) <= 4
