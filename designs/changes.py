"""What one page offers another of its changes: each with what it was, what it became, and what stands here. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from designs import sheet
from wiki import diff, document, merge, sequences, tokens
from wiki.diff import Edit
from wiki.document import Document
from wiki.merge import Merged, Resolution, Value
from wiki.sequences import Budget

OWN = frozenset({"regions", "adaptations"})
"""The parts that belong to a fork alone."""
BETTER = frozenset({"repair", "improvement"})
"""The reasons that are as good for others."""
State = Literal["new", "declared", "left-out"]


@dataclass(frozen=True)
class Offer:
    """A change that may be taken. `mine` is what stands here now; `declared`: it was said why it is otherwise here."""

    edit: Edit
    mine: Value
    state: State
    why: str = ""

    @property
    def id(self) -> str:
        return self.edit.id


def offers(
    base: Document,
    theirs: Document,
    mine: Document,
    *,
    left_out: Iterable[str] = (),
    only_figures: bool = False,
) -> list[Offer]:
    """What became of `base` over there, as far as it is not here already. `only_figures`: for a translation, which has
    words of its own."""
    left, declared = set(left_out), declarations(mine)
    found = []
    for edit in diff.compare(base, theirs):
        if is_own(edit.place, only_figures=only_figures):
            continue
        here = at(base, mine, edit)
        if here == edit.new:
            continue
        why = declared_at(edit.place, declared)
        state: State = "left-out" if edit.id in left else "new" if why is None else "declared"
        found.append(Offer(edit, here, state, why or ""))
    return found


def is_own(place: str, *, only_figures: bool = False) -> bool:
    """Whether what stands at a place is never offered: what belongs to a fork, and the words of a translation."""
    part, _, rest = place.partition("#")[0].partition("/")
    if part in OWN or (only_figures and part == "translated"):
        return True
    field = sheet.BY_NAME.get(part)
    if not only_figures or field is None:
        return False
    if field.shape == "text":
        return field.words
    column = rest.partition("/")[2]
    return any(one.words for one in field.columns if one.name == column)


def declarations(content: Document) -> Mapping[str, str]:
    """The places that a fork says it wants otherwise, each with why."""
    return {
        place: str(row.get("why") or row.get("reason") or "")
        for row in document.rows(content, "adaptations")
        if isinstance(place := row.get("place"), str)
    }


def own_ways(content: Document) -> Mapping[str, str]:
    """The places at which a fork does otherwise for its place, and not because it mended or improved something."""
    mended = {row.get("place") for row in document.rows(content, "adaptations") if row.get("reason") in BETTER}
    return {place: why for place, why in declarations(content).items() if place not in mended}


def declared_at(place: str, declared: Mapping[str, str]) -> str | None:
    """Why a place is otherwise here, None where nobody said that it is."""
    plain = place.partition("#")[0]
    for one, why in declared.items():
        if plain == one or plain.startswith(f"{one}/"):
            return why
    return None


def at(base: Document, mine: Document, edit: Edit) -> Value:
    """What stands in a document at the place of a change that was found from `base`."""
    name, _, line = edit.place.partition("#")
    part, key, field = [*name.split("/"), "", ""][:3]
    if line:
        return _lines(document.text(base, part), document.text(mine, part), int(line) - 1, edit)
    if not key:
        return mine.get(part)
    if edit.kind == "moved":
        above = ""
        for row in document.rows(mine, part):
            if row["key"] == key:
                return above
            above = str(row["key"])
        return None
    for row in document.rows(mine, part):
        if row["key"] == key:
            return row.get(field) if field else row
    return None


def _lines(before: str, now: str, start: int, edit: Edit) -> str:
    """What became here of the lines that a change names."""
    old, new = tokens.lines(before), tokens.lines(now)
    end = start + len(tokens.lines(str(edit.old or "")))
    first, last = start, end
    for change in sequences.changes(old, new, Budget()):
        moved = change.d - change.b
        if change.b < start or change.b == start > change.a:
            first, last = start + moved, end + moved
        elif change.a <= end:
            first = min(first, change.c)
            last = max(change.d, end + moved)
    return "".join(new[first:last])


def picked(base: Document, chosen: Sequence[Offer]) -> Document:
    """The document over there with only some of its changes."""
    return diff.apply(base, [offer.edit for offer in chosen])


def taken(
    base: Document,
    mine: Document,
    chosen: Sequence[Offer],
    resolutions: Mapping[str, Resolution] | None = None,
) -> Merged:
    """What stands here with some changes of over there."""
    return merge.merge(base, mine, picked(base, chosen), resolutions)


def both(first: Merged, second: Merged) -> Merged:
    """Two merges, one after the other, as one."""
    return dataclasses.replace(second, conflicts=(*first.conflicts, *second.conflicts))
