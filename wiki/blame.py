"""Which version brought each line of a text, and each field of each row."""

from collections.abc import Sequence

from wiki import sequences
from wiki.document import Row
from wiki.sequences import Budget


def lines(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Each line of the last text, without its newline, with the place among `texts` (oldest first) of the
    one that brought it."""
    known: list[tuple[str, int]] = []
    for index, text in enumerate(texts):
        new = text.removesuffix("\n").split("\n") if text else []
        changes = sequences.changes([line for line, _ in known], new, Budget())
        for a, b, c, d in reversed(changes):
            known[a:b] = [(line, index) for line in new[c:d]]
    return known


def rows(parts: Sequence[list[Row]]) -> dict[str, dict[str, int]]:
    """For each row of the last part, by key, and each of its fields, the place among `parts` (oldest first)
    of the one that brought its value; "" stands for the row itself."""
    known: dict[str, dict[str, int]] = {}
    before: dict[object, Row] = {}
    for index, part in enumerate(parts):
        found: dict[str, dict[str, int]] = {}
        for row in part:
            was, by = before.get(row["key"], {}), known.get(str(row["key"]), {"": index})
            found[str(row["key"])] = {
                "": by[""],
                **{
                    field: by[field] if value == was.get(field) else index
                    for field, value in row.items()
                    if field != "key"
                },
            }
        known, before = found, {row["key"]: row for row in part}
    return known
