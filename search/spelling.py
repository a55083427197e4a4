"""How near words are to each other in their letters, and those of many words that are near to one."""

import bisect
from array import array
from collections.abc import Iterable, Iterator

CHEAP = 0.5
"""What it costs to write one letter for another that sounds alike, of 1 for any other."""
SOUNDS = ("bv", "csz", "gjh", "ckq", "iy", "lr", "mn", "sx", "kq")
"""Letters that are taken for each other."""

_ALIKE = frozenset((one, other) for letters in SOUNDS for one in letters for other in letters if one != other)


def distance(one: str, other: str) -> float:
    """What it costs to make a word of another: letters put in, left out, changed, or two of them swapped (the optimal
    string alignment distance), where letters that sound alike cost half."""
    if one == other:
        return 0.0
    before: list[float] = []
    last = [float(at) for at in range(len(other) + 1)]
    for row, letter in enumerate(one, 1):
        now = [float(row)]
        for column, wanted in enumerate(other, 1):
            change = 0.0 if letter == wanted else CHEAP if (letter, wanted) in _ALIKE else 1.0
            least = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + change)
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                least = min(least, before[column - 2] + (1.0 if letter != wanted else 0.0))
            now.append(least)
        before, last = last, now
    return last[-1]


def are_within(one: str, other: str, edits: int) -> bool:
    """Whether one word becomes the other by at most so many letters put in, left out, changed, or swapped with the
    next."""
    if abs(len(one) - len(other)) > edits:
        return False
    same = 0
    for letter, wanted in zip(one, other, strict=False):
        if letter != wanted:
            break
        same += 1
    one, other = one[same:], other[same:]
    if not one or not other:
        return True
    if not edits:
        return False
    return (
        are_within(one[1:], other[1:], edits - 1)
        or are_within(one[1:], other, edits - 1)
        or are_within(one, other[1:], edits - 1)
        or (one[:2] == other[1::-1] and are_within(one[2:], other[2:], edits - 1))
    )


class Lexicon:
    """Words by their first letters and lengths, with the letters that stand in each: to be compared with others, in
    little memory."""

    def __init__(self, words: Iterable[str]) -> None:
        shelves: dict[tuple[str, int], list[str]] = {}
        for word in sorted(set(words)):
            shelves.setdefault((word[0], len(word)), []).append(word)
        self._shelves = {key: ("".join(those), array("I", map(_letters, those))) for key, those in shelves.items()}

    def __contains__(self, word: str) -> bool:
        length = len(word)
        those, letters_of = self._shelves.get((word[:1], length), ("", ()))
        shelf = range(len(letters_of))
        at = bisect.bisect_left(shelf, word, key=lambda at: those[at * length : (at + 1) * length])
        return at < len(shelf) and those[at * length : (at + 1) * length] == word

    def near(self, term: str, edits: int) -> Iterator[str]:
        """Its words that so many edits make of a term, but for those that begin quite differently."""
        own = _letters(term)
        for first in sorted(_beginnings(term)):
            for length in range(len(term) - edits, len(term) + edits + 1):
                those, letters_of = self._shelves.get((first, length), ("", ()))
                for at, letters in enumerate(letters_of):
                    # Each edit brings one other letter at most, and takes one away.
                    if (letters & ~own).bit_count() <= edits >= (own & ~letters).bit_count():
                        word = those[at * length : (at + 1) * length]
                        if are_within(term, word, edits):
                            yield word


def _beginnings(term: str) -> set[str]:
    """The letters with which a word may begin that is meant by another: its own, the next, one that sounds alike; an h
    is not heard."""
    first, second = term[:1], term[1:2]
    return {first, second, second if first == "h" else "h", *(other for one, other in _ALIKE if one == first)}


def _letters(word: str) -> int:
    """The letters that stand in a word, as bits."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 31)
    return found
