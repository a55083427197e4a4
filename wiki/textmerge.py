"""Merging texts three ways: over lines, and where both sides touched the same lines, over words.

Nothing is dropped and nothing doubled unasked. Changes of the two sides are kept both only where they
cannot be about the same words: on lines of their own, in cells of their own, or with a whole word between
them that neither touched. (Two neighbouring words changed by two people, "red pump" to "blue pump" and to
"red hose", are one thought each; a "blue hose" is nobody's.)"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wiki import threeway, tokens
from wiki.sequences import Budget
from wiki.threeway import Region, Touch

ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]")
TABLE_ROW = re.compile(r"[ \t]*\|")
TABLE_RULE = re.compile(r"[ \t]*\|[-:| \t]*\n?")


@dataclass(frozen=True)
class TextConflict:
    """Whole lines that the sides changed differently. `line` is where they begin in *base*, counted from
    1."""

    line: int
    base: str
    here: str
    incoming: str


@dataclass(frozen=True)
class TextMerge:
    """What came of a merge: merged text and conflicts, in order. `ended` tells whether the whole ends with
    a newline; the pieces do in any case."""

    pieces: tuple[str | TextConflict, ...]
    ended: bool

    @property
    def conflicts(self) -> tuple[TextConflict, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, TextConflict))

    @property
    def text(self) -> str:
        """The merged text, with *here* at each conflict."""
        return self.answered(lambda conflict: conflict.here)

    def answered(self, answer: Callable[[TextConflict], str]) -> str:
        """The merged text with an answer, whole lines, in place of each conflict."""
        text = "".join(piece if isinstance(piece, str) else _ended(answer(piece)) for piece in self.pieces)
        return text if self.ended else text.removesuffix("\n")


def merge_text(base: str, here: str, incoming: str, *, deadline: float | None = None) -> TextMerge:
    """Merge what *here* and *incoming* made of *base*.

    The work is bounded; where it was too much, or went on past `deadline` (in seconds of `time.monotonic`),
    what both sides touched is one conflict."""
    b, h, i = (text.endswith("\n") for text in (base, here, incoming))
    if here == incoming or incoming == base:
        return TextMerge(_some(_ended(here)), h)
    if here == base:
        return TextMerge(_some(_ended(incoming)), i)
    whole = Region(0, *(tokens.lines(_ended(text)) for text in (base, here, incoming)))
    pieces = _merged(whole, Budget(deadline=deadline))
    if pieces and isinstance(last := pieces[-1], TextConflict):
        sides = zip((last.base, last.here, last.incoming), (b, h, i), strict=True)
        pieces[-1] = TextConflict(last.line, *(s if end else s.removesuffix("\n") for s, end in sides))
    return TextMerge(tuple(pieces), h if i == b else i)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _merged(whole: Region, budget: Budget) -> list[str | TextConflict]:
    settled = _settled(whole)
    if settled is not None:
        return list(_some("".join(settled)))
    conflict = TextConflict(1, *("".join(side) for side in whole[1:]))
    if whole.base and not (whole.here and whole.incoming):
        return [conflict]
    pieces = _by_lines(whole, budget)
    held = _holds(whole, budget), _holds(whole._replace(here=whole.incoming, incoming=whole.here), budget)
    if all(held):
        return [conflict]
    if any(held):
        return ["".join(whole.here if held[0] else whole.incoming)]
    return pieces


def _holds(whole: Region, budget: Budget) -> bool:
    """Whether *here* already holds what *incoming* brings: taken back from *here* and merged in again, it
    gives *here*. Where lines repeat, comparing alone does not see that, and would bring it in twice."""
    if not budget.spend(sum(len(side) for side in whole[1:])):
        return False
    base, here, incoming = (Counter(filter(tokens.is_word, tokens.words("".join(side)))) for side in whole[1:])
    if not (incoming - base <= here - base and base - incoming <= base - here):
        return False
    undone = _by_lines(Region(0, whole.incoming, whole.here, whole.base), budget)
    if not _is_clean(undone):
        return False
    before = tokens.lines("".join(map(str, undone)))
    again = _by_lines(whole._replace(here=before), budget)
    return _is_clean(again) and "".join(map(str, again)) == "".join(whole.here)


def _is_clean(pieces: Sequence[str | TextConflict]) -> bool:
    return all(isinstance(piece, str) for piece in pieces)


def _by_lines(whole: Region, budget: Budget) -> list[str | TextConflict]:
    pieces: list[str | TextConflict] = []
    for region in threeway.regions(*whole[1:], _lines_meet, budget):
        settled = _settled(region)
        for piece in _by_words(region, budget) if settled is None else _some("".join(settled)):
            last = pieces[-1] if pieces else None
            if isinstance(piece, TextConflict) and isinstance(last, TextConflict):
                both = (one + other for one, other in zip(_sides(last), _sides(piece), strict=True))
                pieces[-1] = TextConflict(last.line, *both)
            elif piece:
                pieces.append(piece)
    return pieces


def _sides(conflict: TextConflict) -> tuple[str, str, str]:
    return conflict.base, conflict.here, conflict.incoming


def _lines_meet(one: Touch, other: Touch, between: Sequence[str]) -> bool:
    if not between:
        return threeway.entangled(one, other)
    # A section put in above a blank line by one side may be put in below it by the other.
    return all(line.isspace() for line in between) and threeway.alike(one, other)


def _settled(region: Region) -> Sequence[str] | None:
    """What becomes of lines that can be settled without looking into them: what one side did may be part of
    what the other did, and items that both added may both stay."""
    agreed = region.agreed()
    if agreed is not None:
        return agreed
    _, base, here, incoming = region
    for one, other in ((here, incoming), (incoming, here)):
        if _is_within(base, one) and _is_within(one, other):
            return other
        if _is_within(one, other) and _is_within(other, base):
            return one
    return _side_by_side(here, incoming) if not base else None


def _is_within(few: Sequence[str], many: Sequence[str]) -> bool:
    rest = iter(many)
    return all(line in rest for line in few)


def _side_by_side(here: Sequence[str], incoming: Sequence[str]) -> list[str] | None:
    """Items of a list or rows of a table that both sides added, each once; None if they are anything else,
    or if one begins like another and is likely to be the same, written better."""
    for start in (ITEM, TABLE_ROW):
        first, then = _entries(here, start), _entries(incoming, start)
        if first and then and _indent(here[0]) == _indent(incoming[0]):
            then = [entry for entry in then if entry not in first]
            if any(_is_alike(one, other) for one in first for other in then):
                return None
            return [line for entry in (*first, *then) for line in entry]
    return None


def _entries(lines: Sequence[str], start: re.Pattern[str]) -> list[list[str]]:
    """The entries with the deeper lines below each, or none if there is anything else."""
    entries: list[list[str]] = []
    for line in lines:
        deeper = _indent(line) - _indent(lines[0])
        if start.match(line) and deeper == 0 and not TABLE_RULE.fullmatch(line):
            entries.append([line])
        elif entries and start is ITEM and deeper > 0 and not line.isspace():
            entries[-1].append(line)
        else:
            return []
    return entries


def _is_alike(one: list[str], other: list[str]) -> bool:
    short, long = sorted((one[0].strip(" \t\n|."), other[0].strip(" \t\n|.")), key=len)
    return long.startswith(short)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _by_words(region: Region, budget: Budget) -> Iterator[str | TextConflict]:
    """The region's lines merged over their words, cut where all three sides end a line."""
    line = region.start + 1
    if budget.left <= 0:
        yield _piece(line, ["".join(side) for side in region[1:]], None)
        return
    sides = ["", "", ""]
    merged: str | None = ""
    base, here, incoming = (tokens.words("".join(side)) for side in region[1:])
    for part in threeway.regions(base, here, incoming, _words_meet, budget):
        stable = part.base == part.here == part.incoming
        for same in tokens.lines("".join(part.base)) if stable else [""]:
            agreed = same if stable else _joined(part.agreed())
            given = [same] * 3 if stable else ["".join(side) for side in part[1:]]
            sides = [side + more for side, more in zip(sides, given, strict=True)]
            merged = None if merged is None or agreed is None else merged + agreed
            if same.endswith("\n"):
                yield _piece(line, sides, merged)
                line += sides[0].count("\n")
                sides, merged = ["", "", ""], ""
    if any(sides):
        yield _piece(line, sides, merged)


def _piece(line: int, sides: list[str], merged: str | None) -> str | TextConflict:
    if merged is None:
        merged = _joined(_settled(Region(0, *(tokens.lines(side) for side in sides))))
    return TextConflict(line, *sides) if merged is None else merged


def _joined(items: Sequence[str] | None) -> str | None:
    return None if items is None else "".join(items)


def _words_meet(one: Touch, other: Touch, between: Sequence[str]) -> bool:
    gap = "".join(between)
    if not any(tokens.is_word(token) for token in between):
        separate = "\n" in gap or tokens.CELL_EDGE.search(gap)
        return not separate or threeway.entangled(one, other)
    return not any(token.isspace() for token in between)
