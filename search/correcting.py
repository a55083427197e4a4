"""Words that may be meant by one that stands nowhere."""

from collections.abc import Iterator, Sequence
from typing import Any

from search import names, words
from search.evidence import FIELDS

SHORTEST, LONGER = 4, 6
"""Letters of words that are corrected, and of those in which two letters may be wrong."""
SHORTEST_HALF = 4
"""Letters of the words that one may have been written of."""
MOST = 4
"""So many words are named, the likeliest first."""
CHEAP = 0.5
"""What it costs to write one letter for another that sounds alike, of 1 for any other."""
UNSEEN = 0.75
"""How much farther a name is that stands in no document."""
SOUNDS = ("bv", "csz", "gjh", "ckq", "iy", "lr", "mn", "sx", "kq")
"""Letters that are taken for each other."""

_ALIKE = frozenset((one, other) for letters in SOUNDS for one in letters for other in letters if one != other)
_BEGINNINGS = {one: sorted(other for first, other in _ALIKE if first == one) for one in {a for a, _ in _ALIKE}}


def stands(reader: Any, term: str) -> bool:
    return any(reader.doc_frequency(name, term) for name in FIELDS)


def likely(reader: Any, term: str) -> list[tuple[float, str]]:
    """Words of the index that are like a folded one, each with how far it is; none for one that is too short, or whose
    stems stand nearly as often as these."""
    if len(term) < SHORTEST or term.isdigit():
        return []
    seldom = sum(reader.doc_frequency(f"{name}_stems", stem) for stem in words.stems(term) for name in FIELDS)
    near = set(_within(reader, term, 1))
    if not near:
        letters = 2 if len(term) >= LONGER else 1
        near = {*(_within(reader, term, letters) if letters == 2 else ()), *_named(term, letters)}
    told = []
    for word in near:
        count = sum(reader.doc_frequency(name, word) for name in FIELDS)
        # A name that stands nowhere leads to what is called otherwise.
        if max(count, 1) > 2 * seldom and not words.alike(word, term):
            told.append((distance(term, word) + (0 if count else UNSEEN), -count, word))
    return [(far, word) for far, _, word in sorted(told)[:MOST]]


def apart(reader: Any, term: str) -> str:
    """A word as the two that it is made of, where both stand somewhere: those that do most often, "" if none do."""
    halves = [(term[:at], term[at:]) for at in range(SHORTEST_HALF, len(term) - SHORTEST_HALF + 1)]
    counted = [(min(sum(reader.doc_frequency(name, one) for name in FIELDS) for one in pair), pair) for pair in halves]
    count, pair = max(counted, default=(0, ("", "")))
    return " ".join(pair) if count else ""


def as_named(terms: Sequence[str], stands: Sequence[bool]) -> dict[int, str]:
    """Where some of a question's words are a known name of several words but for one that is nearly as there: that
    word, by its place in the question. What `stands` somewhere as it is, is right, and so is a question that
    holds a name as it is."""
    found: dict[int, tuple[float, str]] = {}
    for at, term in enumerate(terms):
        for name, place in names.of_several(term):
            first = at - place
            if first < 0 or first + len(name) > len(terms):
                continue
            said = terms[first : first + len(name)]
            wrong = [n for n, (one, other) in enumerate(zip(said, name, strict=True)) if not words.alike(one, other)]
            if not wrong:
                return {}
            if len(wrong) != 1 or stands[first + wrong[0]]:
                continue
            one, other = said[wrong[0]], name[wrong[0]]
            most = 2 if len(other) >= LONGER else 1
            is_long = min(len(one), len(other)) > SHORTEST
            differing = names.letters(one) ^ names.letters(other)
            if is_long and _may_be(one, other, differing, most) and (far := distance(one, other)) <= most:
                best = far, other
                found[first + wrong[0]] = min(best, found.get(first + wrong[0], best))
    return {place: word for place, (_, word) in found.items()}


def _may_be(one: str, other: str, differing: int, far: int) -> bool:
    """Whether words can be so near, by their lengths and the letters in which they differ alone."""
    return abs(len(one) - len(other)) <= far and differing.bit_count() <= 2 * far


def _named(term: str, far: int) -> Iterator[str]:
    """Names of things that are so far from a term."""
    own = names.letters(term)
    for letter in {term[0], *_BEGINNINGS.get(term[0], ())}:
        those, letters_of = names.known().get(letter, ("", ()))
        for word, letters in zip(those.split(), letters_of, strict=True):
            if _may_be(term, word, own ^ letters, far) and distance(term, word) <= far:
                yield word


def _within(reader: Any, term: str, letters: int) -> Iterator[str]:
    """Words that begin with the same letter or one that sounds alike, and so many letters from a term."""
    starts = [term, *(other + term[1:] for other in _BEGINNINGS.get(term[0], ()))]
    starts += [term[1:]] if term[0] == "h" else ["h" + term]
    if letters == 1:
        starts += [term[:at] + term[at + 1] + term[at] + term[at + 2 :] for at in range(len(term) - 1)]
    for at, start in enumerate(starts):
        for name in FIELDS:
            if at == 0:
                yield from reader.terms_within(name, start, letters, 1)
            elif (name, start) in reader:
                yield start
            elif letters == 2 and start[0] != term[0]:
                yield from reader.terms_within(name, start, 1, 1)


def distance(one: str, other: str) -> float:
    """What it costs to make a word of another: letters put in, left out, changed, or two of them swapped (the optimal
    string alignment distance), where letters that sound alike cost half."""
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
