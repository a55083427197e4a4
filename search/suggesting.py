"""What somebody may be about to type: titles, other names, parts, crops and places, from memory."""

import bisect
import functools
import itertools
from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple

from designs import vocabulary
from search import words

SHORTEST = 2
"""Letters after which something is suggested."""
LOOKED_AT = 200
"""How many of those that begin so are looked at, in each segment."""
VOCABULARIES = ("crops", "regions", "tasks")


class Begun(NamedTuple):
    """Something that can be typed: its folded words from one of them on, how it is written, what it is (0 a title, 1
    another name, 2 a word of a list, 3 a part), and the document that it is of, by its number in the segment."""

    key: str
    text: str
    rank: int
    number: int


def begun(columns: Mapping[str, Sequence[Any]]) -> list[Begun]:
    """All that can be typed of the documents of a segment, sorted."""
    found: dict[tuple[str, int], Begun] = {}
    for number, (called, parts) in enumerate(zip(columns["called"], columns["part"], strict=True)):
        told = [(name, min(at, 1)) for at, name in enumerate(called)] + [(part, 3) for part in parts]
        for text, rank in told:
            for key in _keys(text, rank):
                found[key, rank] = Begun(key, text, rank, number)
    return sorted(found.values())


def _keys(text: str, rank: int) -> list[str]:
    """The text from its beginning, and from each telling word of a title or name."""
    said = words.folded(text)
    starts = [at for at, word in enumerate(said) if at == 0 or (rank < 2 and word not in words.STOP_WORDS)]
    return [" ".join(said[at:]) for at in starts]


@functools.lru_cache(16)
def listed(language: str) -> list[Begun]:
    """The words of our lists in a language."""
    labels = {term.label(language) for name in VOCABULARIES for term in vocabulary.get(name).values()}
    return sorted(Begun(key, label, 2, -1) for label in labels for key in _keys(label, 2)[:1] if key)


def suggest(text: str, segments: Sequence[tuple[list[Begun], Container[int]]], language: str, most: int) -> list[str]:
    """What goes on from a text, the best first. `segments` come with the numbers of the documents that are deleted."""
    beginning = " ".join(words.folded(text))
    if len(beginning) < SHORTEST:
        return []
    found: dict[str, tuple[int, int]] = {}
    for lines, gone in (*segments, (listed(language), ())):
        at = bisect.bisect_left(lines, (beginning,))
        for line in itertools.islice(lines, at, at + LOOKED_AT):
            if not line.key.startswith(beginning):
                break
            if line.number not in gone:
                found[line.text] = min((line.rank, len(line.key)), found.get(line.text, (9, 0)))
    return [text for text, _ in sorted(found.items(), key=lambda pair: (*pair[1], pair[0]))[:most]]
