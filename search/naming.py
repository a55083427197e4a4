"""How well what a design is called answers a question: a design whose name is asked for stands above one that bears the
words somewhere."""

import functools
from collections.abc import Iterable, Sequence

from search import words

LOOKED_AT = 40
"""Of so many hits, the best, the names are looked at."""
CALLED = 0.8
"""How much more a design counts that is called just what is asked."""

Forms = Sequence[frozenset[str]]
"""For each word of a question the stems by which it is known."""


@functools.lru_cache(2000)
def _stems(name: str) -> tuple[Sequence[frozenset[str]], frozenset[str]]:
    """The stems of each of its telling words, and of all of them."""
    found = [words.stems(word) for word in words.folded(name) if word not in words.STOP_WORDS]
    return found, frozenset().union(*found)


def closeness(called: Iterable[str], forms: Forms) -> float:
    """From 0 to 1: the best name's overlap with the question, counted in words of both (the Dice coefficient)."""
    best = 0.0
    every = frozenset().union(*forms)
    for name in called:
        said, stems = _stems(name)
        if not every.isdisjoint(stems):
            both = sum(not every.isdisjoint(one) for one in said) + sum(not stems.isdisjoint(form) for form in forms)
            best = max(best, both / (len(said) + len(forms)))
    return best
