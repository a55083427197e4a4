"""What merging makes of real merges that people did with git: `python -m tests.bench.merges`."""

import json
import pathlib
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conftest import SHARED
from wiki.merge import TextMerge, merge_text


@dataclass(frozen=True)
class Case:
    id: str
    git_conflicts: int
    git_equals_human: bool
    human: str
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
                row["git_conflicts"],
                bool(row["git_clean_equals_human"]),
                row["human"],
                merged,
                time.process_time() - start,
            )


def main() -> None:
    found = list(cases(SHARED))
    easy = [case for case in found if not case.git_conflicts]
    hard = [case for case in found if case.git_conflicts]
    left = [case for case in hard if not case.clean]
    ours, gits = (sum(len(c.merged.conflicts) for c in left), sum(c.git_conflicts for c in left))
    times = sorted(1000 * case.seconds for case in found)
    print(f"{len(easy)} that git merges: {sum(c.clean for c in easy)} merge here,")
    print(f"  {sum(c.equals_human for c in easy)} of them to what was committed")
    print(f"{len(hard)} on which git gives up: {sum(c.clean for c in hard)} merge here,")
    print(f"  {sum(c.equals_human for c in hard)} of them to what was committed;")
    print(f"  in the other {len(left)}: {ours} conflicts (git: {gits})")
    print(f"{statistics.median(times):.1f} ms for the median merge, {times[-1]:.1f} ms for the slowest")


if __name__ == "__main__":
    main()
