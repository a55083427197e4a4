"""What merging makes of real merges that people did with git, beside `git merge-file`: `python -m tests.bench.merges`.

`--show` prints every file on which git gives up and that merges here to something else than was committed, for a
reader who judges it."""

import argparse
import difflib
import json
import pathlib
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conftest import SHARED
from wiki import sequences, tokens
from wiki.merge import TextMerge, merge_text

MARKER = 31
"""Git writes so many `<`, `|`, `=` and `>`: no text of ours has such a line."""


@dataclass(frozen=True)
class Hunk:
    """Lines of *base*, from 0, that git leaves to people."""

    start: int
    end: int


@dataclass(frozen=True)
class Case:
    id: str
    base: str
    here: str
    incoming: str
    human: str
    git_conflicts: int
    git_equals_human: bool
    merged: TextMerge
    seconds: float

    @property
    def clean(self) -> bool:
        return not self.merged.conflicts

    @property
    def equals_human(self) -> bool:
        return self.clean and self.merged.text == self.human


def cases(shared: pathlib.Path) -> Iterator[Case]:
    with (shared / "data/merges/merges.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            start = time.process_time()
            merged = merge_text(row["base"], row["ours"], row["theirs"])
            yield Case(
                row["id"],
                row["base"],
                row["ours"],
                row["theirs"],
                row["human"],
                row["git_conflicts"],
                bool(row["git_clean_equals_human"]),
                merged,
                time.process_time() - start,
            )


def git_hunks(case: Case) -> list[Hunk]:
    """What `git merge-file` leaves, at its places in *base*."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("here", case.here), ("base", case.base), ("incoming", case.incoming)):
            (pathlib.Path(folder) / name).write_text(text, encoding="utf-8", newline="")
        command = ["git", "merge-file", "-p", "--diff3", f"--marker-size={MARKER}", "here", "base", "incoming"]
        printed = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout.decode()
    kept: list[str] = []
    found: list[Hunk] = []
    side, start = "", 0
    for line in tokens.lines(printed):
        mark = line[:1] if line[:MARKER] in {c * MARKER for c in "<|=>"} else ""
        if mark == ">":
            found.append(Hunk(start, len(kept)))
            side = ""
        elif mark == "<":
            side, start = mark, len(kept)
        elif mark:
            side = mark
        elif side in ("", "|"):
            kept.append(line)
    # What is kept is base with the clean changes in it: its lines are found again in base.
    places = _places(kept, tokens.lines(case.base))
    return [Hunk(places[hunk.start], max(places[hunk.start], places[hunk.end])) for hunk in found]


def _places(some: list[str], base: list[str]) -> list[int]:
    """Where in *base* each line stands or would stand, and at last its end."""
    places = [0] * (len(some) + 1)
    at = 0
    for change in [*sequences.changes(base, some, sequences.Budget()), sequences.Change(len(base), 0, len(some), 0)]:
        for line in range(at, change.c):
            places[line] = change.a - (change.c - line)
        for line in range(change.c, change.d):
            places[line] = min(change.a + line - change.c, change.b)
        at = max(at, change.d)
    places[len(some)] = len(base)
    return places


def hunks_left(case: Case) -> tuple[int, int]:
    """How many of git's hunks a conflict of ours touches, and how many only by two insertions that may both
    stay."""
    left = both = 0
    for hunk in git_hunks(case):
        touching = [
            conflict
            for conflict in case.merged.conflicts
            if conflict.line - 1 <= hunk.end and hunk.start <= conflict.line - 1 + len(tokens.lines(conflict.base))
        ]
        left += bool(touching)
        both += bool(touching) and not any(conflict.base for conflict in touching)
    return left, both


def lost(case: Case) -> Counter[str]:
    """Words that one side added and that stand neither in the result nor in a conflict."""
    kept = Counter(tokens.words(case.merged.text))
    for conflict in case.merged.conflicts:
        kept += Counter(tokens.words(conflict.incoming))
    missing: Counter[str] = Counter()
    for side in (case.here, case.incoming):
        missing |= Counter(tokens.words(side)) - Counter(tokens.words(case.base)) - kept
    return Counter({word: count for word, count in missing.items() if not word.isspace()})


def doubled(case: Case) -> Counter[str]:
    """Lines with words that stand in the result more often than in any of the texts it came from."""
    sides = [Counter(tokens.lines(text)) for text in (case.base, case.here, case.incoming)]
    more = Counter(tokens.lines(case.merged.text)) - (sides[0] | sides[1] | sides[2])
    made = Counter({line: count for line, count in more.items() if tokens.has_word(line)})
    # A line that neither side has was put together; another stands there twice.
    return Counter({line: count for line, count in made.items() if any(line in side for side in sides)})


def show(found: list[Case]) -> None:
    for case in found:
        print(f"=== {case.id}")
        for name, text in (("here", case.here), ("incoming", case.incoming), ("committed", case.human)):
            print(f"--- merged, from {name}")
            diff = difflib.unified_diff(text.splitlines(), case.merged.text.splitlines(), lineterm="", n=1)
            print("\n".join(list(diff)[2:]))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--show", action="store_true")
    asked = options.parse_args()
    found = list(cases(SHARED))
    easy = [case for case in found if not case.git_conflicts]
    hard = [case for case in found if case.git_conflicts]
    if asked.show:
        show([case for case in hard if case.clean and not case.equals_human])
        return
    hunks = sum(len(git_hunks(case)) for case in hard)
    left, both = (sum(counts) for counts in zip(*map(hunks_left, hard), strict=True))
    times = sorted(1000 * case.seconds for case in found)
    print(f"{len(easy)} files that git merges: {sum(c.clean for c in easy)} merge here,")
    print(f"  {sum(c.equals_human for c in easy)} of them to what was committed")
    print(f"{len(hard)} files on which git gives up: {sum(c.clean for c in hard)} merge here,")
    print(f"  {sum(c.equals_human for c in hard)} of them to what was committed")
    print(f"{hunks} hunks that git leaves: {left} are touched by a conflict here ({left / hunks:.0%}),")
    print(f"  {both} of them two insertions, with both already chosen")
    print(f"words lost: {sum(lost(c).total() for c in found)}, lines doubled: {sum(doubled(c).total() for c in found)}")
    print(f"{statistics.median(times):.1f} ms for the median merge, {times[-1]:.1f} ms for the slowest")


if __name__ == "__main__":
    main()
