"""How well what a design is called answers a question: a design whose name is asked for stands above one that bears the
words somewhere."""

import functools
from collections.abc import Iterable, Sequence

from search import words

LOOKED_AT = 60
"""Of so many hits, the best, the names are looked at."""
CALLED = 0.8
"""How much more a design counts that is called just what is asked."""

Forms = Sequence[frozenset[str]]
"""For each word of a question the stems by which it is known."""


@functools.lru_cache(8000)
def _stems(name: str) -> tuple[frozenset[str], ...]:
    return tuple(words.stems(word) for word in words.folded(name) if word not in words.STOP_WORDS)


def closeness(called: Iterable[str], forms: Forms) -> float:
    """From 0 to 1: the best name's overlap with the question, counted in words of both (the Dice coefficient)."""
    best = 0.0
    for name in called:
        said = _stems(name)
        if not said:
            continue
        meant = sum(any(not one.isdisjoint(form) for form in forms) for one in said)
        asked = sum(any(not one.isdisjoint(form) for one in said) for form in forms)
        best = max(best, (meant + asked) / (len(said) + len(forms)))
    return best
