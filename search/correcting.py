"""Words that may be meant by one that stands nowhere."""

from collections.abc import Sequence
from typing import Any

from search import names, words
from search.evidence import FIELDS
from search.spelling import Lexicon, are_within, distance

SHORTEST, LONGER = 4, 6
"""Letters of words that are corrected, and of those in which two letters may be wrong."""
SHORTEST_HALF = 4
"""Letters of the words that one may have been written of."""
MOST = 4
"""So many words are named, the likeliest first."""
UNSEEN = 0.75
"""How much farther a name is that stands in no document."""


def stands(lexicons: Sequence[Lexicon], term: str) -> bool:
    return any(term in one for one in lexicons)


def likely(reader: Any, lexicons: Sequence[Lexicon], term: str) -> list[tuple[float, str]]:
    """Words of the index that are like a folded one, each with how far it is; none for one that is too short, or whose
    stems stand nearly as often as these. `lexicons` hold the words of the index."""
    if len(term) < SHORTEST or term.isdigit():
        return []
    seldom = sum(reader.doc_frequency(f"{name}_stems", stem) for stem in words.stems(term) for name in FIELDS)
    near = {word for one in lexicons for word in one.near(term, 1)}
    if not near and len(term) >= LONGER:
        near = {word for one in (*lexicons, names.lexicon()) for word in one.near(term, 2)}
    elif not near:
        near = set(names.lexicon().near(term, 1))
    told = []
    for word in near:
        count = sum(reader.doc_frequency(name, word) for name in FIELDS)
        # A name that stands nowhere leads to what is called otherwise.
        if max(count, 1) > 2 * seldom and not words.alike(word, term):
            told.append((distance(term, word) + (0 if count else UNSEEN), -count, word))
    return [(far, word) for far, _, word in sorted(told)[:MOST]]


def apart(reader: Any, lexicons: Sequence[Lexicon], term: str) -> str:
    """A word as the two that it is made of, where both stand somewhere: those that do most often, "" if none do."""
    halves = [(term[:at], term[at:]) for at in range(SHORTEST_HALF, len(term) - SHORTEST_HALF + 1)]
    halves = [pair for pair in halves if all(stands(lexicons, one) for one in pair)]
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
            if min(len(one), len(other)) > SHORTEST and are_within(one, other, most):
                best = distance(one, other), other
                found[first + wrong[0]] = min(best, found.get(first + wrong[0], best))
    return {place: word for place, (_, word) in found.items()}
