"""What changed between two texts or two documents."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, cast

from wiki import document, sequences, tokens
from wiki.document import Document, Part, Row
from wiki.sequences import Budget, Change

Kind = Literal["added", "removed", "changed", "moved"]
Run = tuple[Literal["=", "-", "+"], str]


@dataclass(frozen=True)
class Hunk:
    """Lines `old_start` to `old_end` of one text (counted from 0, the end left out) and what they became."""

    equal: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True)
class Edit:
    """One change of a document, None being absent.

    `place` is `part#n` for lines of a text (n counts the old lines from 1), `part` for a set, a part of
    another shape and a text that is whole on one side only, `part/key` for a row and `part/key/field` for a
    field of a row that stayed. Of a row that moved, `old` and `new` are the key of the row before it, among
    those in both documents; an added row stands behind the row `after`, both "" at the top."""

    id: str
    place: str
    kind: Kind
    old: Part | Row | None
    new: Part | Row | None
    after: str = ""


def lines(old: str, new: str) -> list[Hunk]:
    """Two texts line by line, equal and changed in turn."""
    before, after = tokens.lines(old), tokens.lines(new)
    found: list[Hunk] = []
    i = j = 0
    for a, b, c, d in [*sequences.changes(before, after, Budget()), Change(len(before), 0, len(after), 0)]:
        if i < a:
            found.append(Hunk(True, i, a, j, c))
        if a < b or c < d:
            found.append(Hunk(False, a, b, c, d))
        i, j = b, d
    return found


def words(old: str, new: str) -> list[Run]:
    """Two texts word by word for showing: the `=` and `-` runs are the old text, `=` and `+` the new one.

    A word or two that stayed by chance amid a rewritten passage is shown as rewritten."""
    before, after = tokens.words(old), tokens.words(new)
    runs: list[Run] = []
    at = 0
    for a, b, c, d in _readable(sequences.changes(before, after, Budget()), before):
        for sign, part in (("=", before[at:a]), ("-", before[a:b]), ("+", after[c:d])):
            if part:
                runs.append((cast('Literal["=", "-", "+"]', sign), "".join(part)))
        at = b
    if at < len(before):
        runs.append(("=", "".join(before[at:])))
    return runs


def _readable(changes: list[Change], before: Sequence[str]) -> list[Change]:
    """Changes joined over what stayed between them, where that is no more than the changes on either side."""
    found: list[Change] = []
    for change in changes:
        while found:
            last = found[-1]
            between = before[last.b : change.a]
            stayed = sum(tokens.has_word(token) for token in between)
            least = min(max(c.b - c.a, c.d - c.c) for c in (last, change))
            if "\n" in between or (stayed and 4 * stayed > least):
                break
            change = Change(last.a, change.b, last.c, change.d)
            found.pop()
        found.append(change)
    return found


def compare(old: Document, new: Document) -> list[Edit]:
    """The edits that make `new` of `old`, part by part; rows that moved are as few as can be."""
    edits: list[Edit] = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before != after:
            edits.extend(_part(name, before, after))
    return edits


def edit_id(place: str, old: object, new: object) -> str:
    content = json.dumps([place, old, new], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _edit(place: str, old: Part | Row | None, new: Part | Row | None, after: str = "") -> Edit:
    kind: Kind = "changed" if old and new else "removed" if old else "added"
    return Edit(edit_id(place, old, new), place, kind, old, new, after)


def _part(name: str, old: Part | None, new: Part | None) -> Iterator[Edit]:
    shapes = {document.shape(part) for part in (old, new) if part is not None}
    if shapes == {"rows"}:
        yield from _rows(name, cast("list[Row]", old or []), cast("list[Row]", new or []))
    elif isinstance(old, str) and isinstance(new, str):
        before, after = tokens.lines(old), tokens.lines(new)
        for a, b, c, d in sequences.changes(before, after, Budget()):
            yield _edit(f"{name}#{a + 1}", "".join(before[a:b]), "".join(after[c:d]))
    else:
        yield _edit(name, old, new)


def _rows(name: str, old: list[Row], new: list[Row]) -> Iterator[Edit]:
    before, after = ({str(row["key"]): row for row in rows} for rows in (old, new))
    for key in before:
        if key not in after:
            yield _edit(f"{name}/{key}", before[key], None)
    stayed = [key for key in before if key in after]
    above = {key: last for last, key in pairwise(["", *stayed])}
    moved = sequences.moved(list(before), list(after))
    last = ""
    for key, row in after.items():
        if key not in before:
            yield _edit(f"{name}/{key}", None, row, after=last)
            continue
        if key in moved:
            place = f"{name}/{key}"
            yield Edit(edit_id(place, above[key], last), place, "moved", above[key], last)
        for field in sorted(before[key].keys() | row.keys()):
            if before[key].get(field) != row.get(field):
                yield _edit(f"{name}/{key}/{field}", before[key].get(field), row.get(field))
        last = key


def apply(old: Document, edits: Sequence[Edit]) -> Document:
    """The document with some of the edits that `compare` found from it, in its order. With all of them it
    is the other document; ValueError if `old` is not what they were found from."""
    made = dict(old)
    by_part: dict[str, list[Edit]] = {}
    for edit in edits:
        by_part.setdefault(edit.place.partition("#")[0].partition("/")[0], []).append(edit)
    for name, some in by_part.items():
        if "#" in some[0].place:
            part: Part = _edited_text(document.text(old, name), some)
        elif "/" in some[0].place:
            part = _edited_rows(document.rows(old, name), some)
        else:
            part = cast("Part", some[-1].new or "")
        made[name] = part
    return {name: part for name, part in made.items() if part}


def _edited_text(text: str, edits: Sequence[Edit]) -> str:
    lines = tokens.lines(text)
    for edit in sorted(edits, key=lambda edit: int(edit.place.partition("#")[2]), reverse=True):
        start = int(edit.place.partition("#")[2]) - 1
        was = tokens.lines(cast("str", edit.old))
        if lines[start : start + len(was)] != was:
            raise ValueError(f"{edit.place} is not what it was")
        lines[start : start + len(was)] = [cast("str", edit.new)]
    return "".join(lines)


def _edited_rows(rows: Sequence[Row], edits: Sequence[Edit]) -> list[Row]:
    made = {str(row["key"]): dict(row) for row in rows}
    behind: dict[str, list[str]] = {}
    placed: set[str] = set()
    for edit in edits:
        _, key, *field = edit.place.split("/")
        if field:
            made.get(key, {})[field[0]] = cast("str", edit.new or "")
        elif edit.kind == "removed":
            made.pop(key, None)
        else:
            if edit.kind == "added":
                made[key] = dict(cast("Row", edit.new))
            behind.setdefault(edit.after if edit.kind == "added" else cast("str", edit.new), []).append(key)
            placed.add(key)
    order: list[str] = []
    todo = ["", *(key for key in made if key not in placed)][::-1]
    while todo:
        key = todo.pop()
        order.append(key)
        todo.extend(reversed(behind.pop(key, [])))
    order.extend(key for keys in behind.values() for key in keys)
    filled = [{name: value for name, value in made[key].items() if value} for key in order if key in made]
    return [row for row in filled if len(row) > 1]
