"""Merging documents three ways. *Here* is what stands on the page being written, *incoming* what the act
brings.

Text merges over lines and words (`textmerge`), sets item by item, rows by key, field by field and in their
order. What cannot be merged is a conflict; until it is answered the merged document holds *here* there."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from wiki import document, limits, sequences
from wiki.document import Document, Part, Row
from wiki.errors import Invalid, Problem
from wiki.textmerge import TextConflict, TextMerge, merge_text

__all__ = ["Conflict", "Merged", "Resolution", "TextConflict", "TextMerge", "merge", "merge_text"]

Value = Part | Row | None
Resolution = str | Mapping[str, object]
"""`here`, `incoming`, `both`, or `{"write": value}`. *Both* of two texts is here's, then incoming's on a
line of its own; of two sets all their items; of a removal and an edit what was edited. What is written for
whole lines of a text may lack the last newline, and "" leaves nothing there; a row is written without its
key."""

SHORT = 60
"""A field up to so many characters on one line is merged whole: two sizes or names make no third one."""


@dataclass(frozen=True)
class Conflict:
    """A place that both sides changed differently; None is absent.

    `place` is `part`, `part/key`, `part/key/field` or, in text, `part#n`, n being the line of *base* where
    it starts. `suggestion` is `both` where both sides added something at the same place of a text."""

    id: str
    place: str
    base: Value
    here: Value
    incoming: Value
    suggestion: Literal["", "both"] = ""


@dataclass(frozen=True)
class Merged:
    document: Document
    conflicts: tuple[Conflict, ...]


def merge(
    base: Document,
    here: Document,
    incoming: Document,
    resolutions: Mapping[str, Resolution] | None = None,
    *,
    seconds: float = limits.MERGE_SECONDS,
) -> Merged:
    """Merge two canonical documents that began as `base`, answering conflicts by their ids.

    After `seconds` what both sides touched is no longer looked into. Raises `errors.Invalid` for an answer
    that cannot stand; answers to other conflicts than those found are left aside."""
    work = _Merge(resolutions or {}, time.monotonic() + seconds)
    merged: Document = {}
    for name in sorted({*here, *incoming}):
        if part := work.part(name, base.get(name), here.get(name), incoming.get(name)):
            merged[name] = part
    if work.problems:
        raise Invalid(work.problems)
    return Merged(merged, tuple(work.conflicts))


def conflict_id(place: str, base: Value, here: Value, incoming: Value) -> str:
    """The same place with the same three sides has the same id, so that an answer still fits after a new
    merge."""
    content = json.dumps([place, base, here, incoming], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


class _Merge:
    """One merge of documents: the answers it may use, and the conflicts and bad answers found on the way."""

    def __init__(self, resolutions: Mapping[str, Resolution], deadline: float) -> None:
        self.resolutions = resolutions
        self.deadline = deadline
        self.conflicts: list[Conflict] = []
        self.problems: list[Problem] = []

    def part(self, name: str, base: Part | None, here: Part | None, incoming: Part | None) -> Part | None:
        if here == incoming or incoming == base:
            return here
        if here == base:
            return incoming
        shapes = {document.shape(part) for part in (here, incoming) if part is not None}
        known = base if base is not None and document.shape(base) in shapes else None
        removed = here is None or incoming is None
        if len(shapes) == 1 and not (removed and known is None):
            if "set" in shapes:
                return merge_sets(*(cast("list[str]", part or []) for part in (known, here, incoming)))
            if "rows" in shapes:
                return self._rows(name, *(cast("list[Row]", part or []) for part in (known, here, incoming)))
            text = self._text(name, *(cast("str", part or "") for part in (known, here, incoming)), removed=removed)
            if text is not None:
                return text
        return cast("Part | None", self._decide(name, base, here, incoming))

    def _text(self, name: str, base: str, here: str, incoming: str, *, removed: bool) -> str | None:
        """The merged text; None when one side removed what the other edited, which is to be decided as a
        whole."""
        merged = merge_text(base, here, incoming, deadline=self.deadline)
        if removed and merged.conflicts:
            return None

        def answer(conflict: TextConflict) -> str:
            adds = not conflict.base and (base or "\n" in conflict.here + conflict.incoming)
            decided = self._decide(
                f"{name}#{conflict.line}",
                conflict.base,
                conflict.here,
                conflict.incoming,
                suggestion="both" if adds and conflict.here and conflict.incoming else "",
            )
            return cast("str", decided or "")

        return merged.answered(answer)

    def _rows(self, name: str, base: Sequence[Row], here: Sequence[Row], incoming: Sequence[Row]) -> list[Row]:
        before, mine, theirs = ({str(row["key"]): row for row in rows} for rows in (base, here, incoming))
        merged: list[Row] = []
        for key in merge_order(list(before), list(mine), list(theirs)):
            if row := self._row(f"{name}/{key}", before.get(key), mine.get(key), theirs.get(key)):
                merged.append(row)
        return merged

    def _row(self, place: str, base: Row | None, here: Row | None, incoming: Row | None) -> Row | None:
        if here == incoming or incoming == base:
            return here
        if here == base:
            return incoming
        if here is None or incoming is None:
            return cast("Row | None", self._decide(place, base, here, incoming))
        merged: Row = {}
        for field in {**here, **incoming}:
            value = self._field(f"{place}/{field}", (base or {}).get(field), here.get(field), incoming.get(field))
            if value:
                merged[field] = value
        return merged if len(merged) > 1 else None

    def _field(
        self,
        place: str,
        base: str | list[str] | None,
        here: str | list[str] | None,
        incoming: str | list[str] | None,
    ) -> str | list[str] | None:
        if here == incoming or incoming == base:
            return here
        if here == base:
            return incoming
        sides = [side for side in (base, here, incoming) if side is not None]
        if all(isinstance(side, list) for side in sides):
            return merge_sets(*(cast("list[str]", side or []) for side in (base, here, incoming)))
        if all(isinstance(side, str) for side in sides) and any(len(side) > SHORT or "\n" in side for side in sides):
            texts = (cast("str", side or "") for side in (base, here, incoming))
            merged = merge_text(*texts, deadline=self.deadline)
            if not merged.conflicts:
                return merged.text
        return cast("str | list[str] | None", self._decide(place, base, here, incoming))

    def _decide(
        self,
        place: str,
        base: Value,
        here: Value,
        incoming: Value,
        suggestion: Literal["", "both"] = "",
    ) -> Value:
        """What stands at a place of conflict: the answer given to it, or *here* until there is one."""
        id = conflict_id(place, base, here, incoming)
        if id not in self.resolutions:
            self.conflicts.append(Conflict(id, place, base, here, incoming, suggestion))
            return here
        try:
            return answered(self.resolutions[id], place, here, incoming)
        except Invalid as invalid:
            self.problems.extend(invalid.problems)
            return here


def answered(resolution: object, place: str, here: Value, incoming: Value) -> Value:
    """What an answer puts at a place. Raises `errors.Invalid` when it cannot stand there."""
    if resolution == "here":
        return here
    if resolution == "incoming":
        return incoming
    if resolution == "both":
        if here is None or incoming is None:
            return incoming if here is None else here
        if isinstance(here, str) and isinstance(incoming, str):
            return (here if here.endswith("\n") or not here else here + "\n") + incoming
        if document.shape(cast("Part", here)) == document.shape(cast("Part", incoming)) == "set":
            return merge_sets([], cast("list[str]", here), cast("list[str]", incoming))
        raise Invalid([Problem(place, "not-both")])
    if isinstance(resolution, Mapping) and set(resolution) == {"write"}:
        return written(resolution["write"], place)
    raise Invalid([Problem(place, "bad-answer")])


def written(value: object, place: str) -> Value:
    """A value as it may stand at a place, or `errors.Invalid`; nothing leaves the place empty."""
    name, _, line = place.partition("#")
    part, key, field = [*name.split("/"), "", ""][:3]
    content = value
    if line and not isinstance(value, str):
        raise Invalid([Problem(place, "not-text")])
    if field:
        content = [{"key": key, field: value}]
    elif value in (None, "", [], {}):
        return None
    elif key:
        if not isinstance(value, Mapping):
            raise Invalid([Problem(place, "not-an-object")])
        content = [{**value, "key": key}]
    try:
        clean = document.clean({part: content})
    except Invalid as invalid:
        raise Invalid([Problem(place if line else p.place, p.code, p.values) for p in invalid.problems]) from None
    if not key:
        return clean.get(part)
    row = next(iter(document.rows(clean, part)), None)
    return row.get(field) if row and field else row


def merge_sets(base: Sequence[str], here: Sequence[str], incoming: Sequence[str]) -> list[str]:
    """All that both have or one side added; sets never clash."""
    added = {*here, *incoming} - set(base)
    return sorted(added | (set(here) & set(incoming)))


def merge_order(base: Sequence[str], here: Sequence[str], incoming: Sequence[str]) -> list[str]:
    """The keys of both sides in one order: here's, with what incoming added or moved put after the key that
    it follows there. What both moved stays where here has it; what both added at one place has here's
    first."""
    in_base = set(base)
    added_here = {*here} - in_base - {*incoming}
    # Where two rows changed places either may have moved: both sides are read as having moved the same.
    moved_here = sequences.moved(base, here, rather=sequences.moved(base, incoming))
    moved = sequences.moved(base, incoming, rather=moved_here) - moved_here
    order = [key for key in here if key not in moved]
    placed = set(order)
    after = 0
    for key in incoming:
        if key in placed:
            after = order.index(key) + 1
            continue
        while after < len(order) and order[after] in added_here:
            after += 1
        order.insert(after, key)
        after += 1
    return order
