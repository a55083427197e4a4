"""Merging texts three ways: over lines, and where both sides touched the same lines, over words.

Nothing is dropped and nothing doubled unasked. Changes of the two sides are kept both only where they
cannot be about the same words: on lines of their own, in cells of their own, or with a whole word between
them that neither touched. (Two neighbouring words changed by two people, "red pump" to "blue pump" and to
"red hose", are one thought each; a "blue hose" is nobody's.)"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wiki import entries, threeway, tokens
from wiki.sequences import Budget
from wiki.threeway import Region, Touch


@dataclass(frozen=True)
class TextConflict:
    """Whole lines that the sides changed differently. `line` is where they begin in *base*, counted from
    1."""

    line: int
    base: str
    here: str
    incoming: str


Piece = str | TextConflict


@dataclass(frozen=True)
class TextMerge:
    """What came of a merge: whole lines of merged text and conflicts, in order. `ended` tells whether the
    last line ends with a newline."""

    pieces: tuple[Piece, ...]
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
        return self.finished(text)

    def finished(self, text: str) -> str:
        """Whole lines as the text ends: without the last newline where one side took it away. A blank last line has
        nothing but its newline, so there taking it away would undo what the other side added."""
        is_blank = text == "\n" or text.endswith("\n\n")
        return text if self.ended or is_blank else text.removesuffix("\n")


def merge_text(base: str, here: str, incoming: str, *, deadline: float | None = None) -> TextMerge:
    """Merge what *here* and *incoming* made of *base*.

    The work is bounded; where it was too much, or went on past `deadline` (in seconds of `time.monotonic`),
    what both sides touched is one conflict."""
    b, h, i = (text.endswith("\n") for text in (base, here, incoming))
    if here == incoming or incoming == base:
        return TextMerge((_ended(here),), h)
    if here == base:
        return TextMerge((_ended(incoming),), i)
    whole = Region(0, *(tokens.lines(_ended(text)) for text in (base, here, incoming)))
    pieces = _merged(whole, Budget(deadline=deadline))
    if pieces and isinstance(last := pieces[-1], TextConflict):
        sides = zip((last.base, last.here, last.incoming), (b, h, i), strict=True)
        pieces[-1] = TextConflict(last.line, *(s if end else s.removesuffix("\n") for s, end in sides))
    return TextMerge(tuple(pieces), h if i == b else i)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _merged(whole: Region, budget: Budget) -> list[Piece]:
    settled = _agreed(whole)
    if settled is not None:
        return ["".join(settled)]
    if whole.base and not (whole.here and whole.incoming):
        return [TextConflict(1, *("".join(side) for side in whole[1:]))]
    pieces = _by_lines(whole, budget)
    # Where lines repeat or were written anew, comparing does not see that one side holds already what the
    # other brings, and would bring it in twice.
    swapped = whole._replace(here=whole.incoming, incoming=whole.here)
    held_here, held_incoming = _holds(whole, budget), _holds(swapped, budget)
    if held_here != held_incoming:
        return ["".join(whole.here if held_here else whole.incoming)]
    return pieces


def _holds(region: Region, budget: Budget) -> bool:
    """Whether *incoming*, taken back from *here* and merged in again, gives *here*."""
    if not budget.spend(sum(len(side) for side in region[1:])):
        return False
    if not (_includes(region, tokens.lines) or _includes(region, tokens.words)):
        return False
    undone = _by_lines(Region(0, region.incoming, region.here, region.base), budget)
    if not _is_clean(undone):
        return False
    before = tokens.lines("".join(map(str, undone)))
    again = _by_lines(region._replace(here=before), budget)
    return _is_clean(again) and "".join(map(str, again)) == "".join(region.here)


def _includes(region: Region, cut: Callable[[str], list[str]]) -> bool:
    """Whether *here* has and lacks, among others, what *incoming* added and removed."""
    base, here, incoming = (
        Counter(token for token in cut("".join(side)) if tokens.has_word(token)) for side in region[1:]
    )
    return incoming - base <= here - base and base - incoming <= base - here


def _is_clean(pieces: Sequence[Piece]) -> bool:
    return all(isinstance(piece, str) for piece in pieces)


def _by_lines(whole: Region, budget: Budget) -> list[Piece]:
    pieces: list[Piece] = []
    front, code = entries.front_matter(whole.base), entries.in_code(whole.base)
    for region in threeway.regions(whole, _lines_meet, budget, entries.are_edited):
        settled = _agreed(region)
        if settled is None and region.start not in code:
            settled = entries.side_by_side(*region[1:], in_front=region.start < front)
        for piece in _by_words(region, budget) if settled is None else ["".join(settled)]:
            last = pieces[-1] if pieces else None
            if isinstance(piece, TextConflict) and isinstance(last, TextConflict):
                both = (one + other for one, other in zip(_sides(last), _sides(piece), strict=True))
                pieces[-1] = TextConflict(last.line, *both)
            elif piece:
                pieces.append(piece)
    return [piece if isinstance(piece, str) else _joined(piece) for piece in pieces]


def _joined(conflict: TextConflict) -> Piece:
    settled = _agreed(Region(0, *(tokens.lines(side) for side in _sides(conflict))))
    return conflict if settled is None else "".join(settled)


def _sides(conflict: TextConflict) -> tuple[str, str, str]:
    return conflict.base, conflict.here, conflict.incoming


def _lines_meet(one: Touch, other: Touch, between: Sequence[str]) -> bool:
    if not between:
        return threeway.entangled(one, other) or (_only_adds(one) and _only_adds(other))
    # A section put in above a blank line by one side may be put in below it by the other.
    return all(line.isspace() for line in between) and threeway.alike(one, other)


def _only_adds(touch: Touch) -> bool:
    """Whether it puts text where there was none, be it in place of a blank line."""
    return not _is_blank(touch.added) and _is_blank(touch.removed)


def _is_blank(lines: Sequence[str]) -> bool:
    return all(line.isspace() for line in lines)


def _agreed(region: Region) -> Sequence[str] | None:
    """What becomes of lines that can be settled without looking into them: what one side did may be part of
    what the other did."""
    agreed = region.agreed()
    if agreed is not None:
        return agreed
    _, base, here, incoming = region
    for one, other in ((here, incoming), (incoming, here)):
        if _is_within(base, one) and _is_within(one, other):
            return other
        if _is_within(one, other) and _is_within(other, base):
            return one
        if one and _is_within(one, other) and set(base).isdisjoint(other):
            return other
    return None


def _is_within(few: Sequence[str], many: Sequence[str]) -> bool:
    rest = iter(many)
    return all(line in rest for line in few)


Part = tuple[str, str, str, str | None]
"""Base, here and incoming between two words, and what they merge to."""


def _by_words(region: Region, budget: Budget) -> list[Piece]:
    """The region's lines merged over their words, cut where all three sides end a line."""
    line = region.start + 1
    base, here, incoming = ("".join(side) for side in region[1:])
    if budget.left <= 0:
        return [_piece(line, [(base, here, incoming, None)])]
    pieces: list[Piece] = []
    parts: list[Part] = []
    whole = Region(0, *(tokens.words(side) for side in (base, here, incoming)))
    for part in threeway.regions(whole, _words_meet, budget):
        if not part.base == part.here == part.incoming:
            base, here, incoming = ("".join(side) for side in part[1:])
            agreed = part.agreed()
            if agreed is None:
                agreed = _with_marks(part)
            parts.append((base, here, incoming, None if agreed is None else "".join(agreed)))
            continue
        for same in tokens.lines("".join(part.base)):
            parts.append((same, same, same, same))
            if same.endswith("\n"):
                pieces.append(_piece(line, parts))
                line += sum(part[0].count("\n") for part in parts)
                parts = []
    return [*pieces, _piece(line, parts)] if parts else pieces


def _with_marks(part: Region) -> Sequence[str] | None:
    """What becomes of rewritten words when the sides differ in marks only, or when one of them changed nothing
    but marks and the other has those."""
    _, base, here, incoming = part
    changed = _changed_marks(here, incoming)
    if changed and all((mine in base) != (theirs in base) for mine, theirs in changed):
        pairs = zip(here, incoming, strict=True)
        return [theirs if mine in base else mine for mine, theirs in pairs]
    for one, other in ((here, incoming), (incoming, here)):
        changed = _changed_marks(base, one)
        if changed and all(new in other and old not in other for old, new in changed):
            return other
    return None


def _changed_marks(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    """The marks that changed, or none if anything else did."""
    changed = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
    if len(old) != len(new) or not all(tokens.MARK.fullmatch(word) for pair in changed for word in pair):
        return []
    return changed


def _piece(line: int, parts: Sequence[Part]) -> Piece:
    base, here, incoming = ("".join(side) for side in list(zip(*parts, strict=True))[:3])
    merged = [part[3] for part in parts if part[3] is not None]
    if len(merged) == len(parts):
        return "".join(merged)
    return TextConflict(line, base, here, incoming)


def _words_meet(one: Touch, other: Touch, between: Sequence[str]) -> bool:
    # What a link says and where it leads, a heading and its name, are things of their own.
    if (_marks(one) and other.removed) or (_marks(other) and one.removed):
        return threeway.alike(one, other)
    gap = "".join(between)
    if not any(tokens.has_word(token) for token in between):
        separate = "\n" in gap or tokens.CELL_EDGE.search(gap)
        return not separate or threeway.entangled(one, other)
    return not any(token.isspace() for token in between)


def _marks(touch: Touch) -> bool:
    """Whether only marks for the machine were put in or replaced."""
    words = [word for word in (*touch.removed, *touch.added) if not word.isspace()]
    return bool(touch.added) and bool(words) and all(tokens.MARK.fullmatch(word) for word in words)
