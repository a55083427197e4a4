"""What documents bear of a word: read from the postings of the index, and remembered as long as a segment stands.

The forms of a word - its stems and the other names of what it names - count as one word, as in the "synonym queries" of
search engines: it is as seldom as the documents that bear any of them, so that a foreign name weighs no more for being
seldom. How often a form stands in a field counts as in BM25 (Robertson and Zaragoza, "The Probabilistic Relevance
Framework", 2009).
"""

import itertools
import math
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.matching import FilterMatcher

from search import held, words
from search.spelling import Lexicon
from search.suggesting import Begun

K1 = 1.2
B = {"title": 0.25, "body": 0.5, "files": 0.5}
"""How much a long field counts for less: other names make a title long, and worth no less."""
FIELDS = {"body": 1.0, "title": 3.0, "files": 0.3}
"""The fields that are searched, and how much a word counts in each. The fullest comes first."""
USUAL = {"title": 10, "body": 300, "files": 2000}
"""Words of a usual field. A fixed figure: what a posting weighs is remembered over all changes of the index."""
OTHER_NAME = 0.65
"""How much a name counts that a thing has elsewhere."""
AKIN = 0.5
"""A word of the same root."""
SCATTERED = 0.5
"""And a name of several words that need not stand side by side in a text."""
REMEMBERED, LEAST = 60, 20_000
"""Postings that are remembered of a segment for each of its documents, of 8 bytes, and of a small one in all."""
BESIDE = 40
"""What each word takes besides, in postings; one that stands nowhere too."""
CHECKED = 256
"""After so many documents it is looked whether there is time for more."""
STEMS = {name: f"{name}_stems" for name in FIELDS}

Found = dict[int, float]
"""How well documents bear something, by their numbers; from 0, seldom above 10."""
Postings = tuple[Sequence[int], Sequence[float]]


@dataclass
class Segment:
    """What is remembered of a segment: columns and `usual`, what a word weighs that stands once in a field, by its own
    numbers of documents, its words, and postings."""

    columns: dict[str, list[Any]]
    usual: dict[str, Sequence[float]]
    lexicon: Lexicon
    postings: dict[tuple[str, str], Postings] = field(default_factory=dict)
    size: int = 0
    begun: list[Begun] | None = None


@dataclass(frozen=True)
class Leaf:
    """A segment with a reader of this thread, the number that its first document has in the whole, and its documents
    that are deleted."""

    segment: Segment
    reader: Any
    offset: int
    gone: Collection[int]


def postings(leaf: Leaf, name: str, term: str) -> Postings:
    """Where a term stands in a field, and how much it weighs there."""
    segment, key = leaf.segment, (name, term)
    known = segment.postings.get(key)
    if known is None:
        known = _read(leaf, name, term)
        if segment.size > max(LEAST, REMEMBERED * len(segment.usual["title"])):
            segment.postings, segment.size = {}, 0
        segment.postings[key] = known
        segment.size += len(known[0]) + BESIDE
    return known


def _read(leaf: Leaf, name: str, term: str) -> Postings:
    if (name, term) not in leaf.reader:
        return (), ()
    usual = leaf.segment.usual[name.partition("_")[0]]
    numbers, weights = array("I"), array("f")
    for some, counts in _blocks(leaf.reader.postings(name, term)):
        told = list(map(usual.__getitem__, some))
        for at, count in enumerate(counts):
            if count != 1.0:
                told[at] = _weight(count, told[at])
        numbers.extend(some)
        weights.extend(told)
    return numbers, weights


def once_in(name: str, lengths: Iterable[int]) -> Sequence[float]:
    """What a word weighs that stands once in a field, for each of its lengths in words."""
    long, usual = B[name], USUAL[name]
    return array("f", ((K1 + 1) / (1 + K1 * (1 - long + long * length / usual)) for length in lengths))


def _weight(count: float, once: float) -> float:
    """What a word weighs that stands so often in a field where one that stands once weighs `once`: BM25, without asking
    for the length again."""
    return count * (K1 + 1) / (count - 1 + (K1 + 1) / once)


def _blocks(matcher: Any) -> Iterator[tuple[Sequence[int], Sequence[float]]]:
    """Numbers of documents and how often the term stands there."""
    for at in _at_blocks(matcher):
        if _is_known(at):
            at._read_data()
            at._read_weights()
            yield list(itertools.accumulate(at._data[0])), at._weights
        else:
            yield [at.id()], [at.weight()]


def _at_blocks(matcher: Any) -> Iterator[Any]:
    """A matcher at each of the blocks that lie in the file, or document by document, which takes twice as long."""
    if isinstance(matcher, FilterMatcher):
        # Without it, deleted documents are told too; whoever asks knows which these are.
        matcher = matcher.child
    go = matcher._next_block if _is_known(matcher) else matcher.next
    while matcher.is_active():
        yield matcher
        go()


def _is_known(matcher: Any) -> bool:
    # A type is hashable, though mypy does not see it.
    return type(matcher) is W3LeafMatcher and held.is_known(W3LeafMatcher, held.KNOWN_POSTINGS)  # type: ignore[arg-type]


def of_forms(leaves: Sequence[Leaf], name: str, forms: Mapping[str, float]) -> Found:
    """The documents that bear any of some stems in a field, each counted by the strongest of these."""
    found: Found = {}
    # Of equally strong stems the shorter one comes later: what bears the longer one bears it too.
    weakest_first = sorted(forms.items(), key=lambda pair: (pair[1], -len(pair[0]), pair[0]))
    for leaf in leaves:
        # Thousands of documents for a common word: no step of this is taken in Python for each of them.
        for form, strength in weakest_first:
            numbers, weights = postings(leaf, STEMS[name], form)
            found.update(
                zip(
                    map(leaf.offset.__add__, numbers) if leaf.offset else numbers,
                    map(strength.__mul__, weights) if strength != 1.0 else weights,
                    strict=True,
                )
            )
        for number in leaf.gone:
            found.pop(leaf.offset + number, None)
    return found


def of_word(leaves: Sequence[Leaf], term: str, others: Sequence[Sequence[str]], akin: Sequence[str] = ()) -> Found:
    """The documents that bear a folded word, others of its root, or other names of what it names: each a sequence of
    folded words."""
    forms = {stem: AKIN for word in akin for stem in words.stems(word)}
    forms |= {stem: OTHER_NAME for other in others if len(other) == 1 for stem in words.stems(other[0])}
    forms |= dict.fromkeys(words.stems(term), 1.0)
    found: Found = {}
    for name, worth in FIELDS.items():
        best = of_forms(leaves, name, forms)
        for other in others:
            if len(other) > 1:
                for number, weight in _of_all(leaves, name, other).items():
                    weight *= OTHER_NAME if name == "title" else SCATTERED
                    if best.get(number, 0.0) < weight:
                        best[number] = weight
        if not found and worth == 1.0:
            found = best
        else:
            for number, weight in best.items():
                found[number] = found.get(number, 0.0) + worth * weight
    return found


def _of_all(leaves: Sequence[Leaf], name: str, said: Sequence[str]) -> Found:
    """The documents that bear all of some words in one field, counted by the weakest of them."""
    every = [of_forms(leaves, name, dict.fromkeys(words.stems(word), 1.0)) for word in said]
    every.sort(key=len)
    first, rest = every[0], every[1:]
    return {
        number: min(weight, *(other[number] for other in rest))
        for number, weight in first.items()
        if all(number in other for other in rest)
    }


def of_titles(words_of: Iterable[tuple[Leaf, Sequence[str]]]) -> Found:
    """The documents whose titles or other names bear any of some folded words as they are, given for each segment; each
    counted by the strongest of these."""
    found: Found = {}
    for leaf, said in words_of:
        for word in said:
            for number, weight in zip(*postings(leaf, "title", word), strict=True):
                if number not in leaf.gone and found.get(leaf.offset + number, 0.0) < weight:
                    found[leaf.offset + number] = weight
    return found


def of_phrase(leaves: Sequence[Leaf], phrase: Sequence[str], has_time: Callable[[], bool]) -> Found:
    """The documents that bear some folded words as they are, one right after the other; only some of these when time
    runs out."""
    found: Found = {}
    for name, worth in FIELDS.items():
        for leaf in leaves:
            if not has_time():
                return found
            usual = leaf.segment.usual[name]
            for number, count in _side_by_side(leaf, name, phrase, has_time):
                weight = worth * _weight(count, usual[number])
                found[leaf.offset + number] = found.get(leaf.offset + number, 0.0) + weight
    return found


def _side_by_side(
    leaf: Leaf, name: str, phrase: Sequence[str], has_time: Callable[[], bool]
) -> Iterator[tuple[int, int]]:
    """The documents of a segment in a field of which words stand so, and how often."""
    reader = leaf.reader
    if not all((name, word) in reader for word in phrase):
        return
    every = sorted(((reader.doc_frequency(name, word), at, word) for at, word in enumerate(phrase)))
    # The places of the seldom words first: the others only count where these stand.
    known: dict[str, Mapping[int, bytes]] = {}
    for _, _, word in every:
        if not has_time():
            return
        known[word] = known.get(word) or _places(leaf, name, word)
    told = [(at, known[word]) for _, at, word in every]
    decode = reader.schema[name].format.decode_positions
    (first, of_first), *rest = told
    for turn, number in enumerate(of_first.keys() - leaf.gone):
        if not turn % CHECKED and not has_time():
            return
        if all(number in places for _, places in rest):
            begins = {place - first for place in decode(of_first[number])}
            for at, places in rest:
                begins.intersection_update([place - at for place in decode(places[number])])
                if not begins:
                    break
            if begins:
                yield number, len(begins)


def _places(leaf: Leaf, name: str, word: str) -> Mapping[int, bytes]:
    """Where in a field a word stands, by the numbers of documents, as the library writes it."""
    found: dict[int, bytes] = {}
    for matcher in _at_blocks(leaf.reader.postings(name, word)):
        if _is_known(matcher):
            matcher._read_data()
            matcher._read_values()
            found.update(zip(itertools.accumulate(matcher._data[0]), matcher._values, strict=True))
        else:
            found[matcher.id()] = matcher.value()
    return found


def seldomness(found: Found, count: int) -> float:
    """How much it tells that something stands in these of so many documents: the inverse document frequency of BM25."""
    return math.log(1 + (count - len(found) + 0.5) / (len(found) + 0.5))


def leaves(segments: Mapping[str, Segment], gone: Mapping[str, Collection[int]], searcher: Any) -> Iterator[Leaf]:
    """The segments of a state with this searcher's readers."""
    for reader, offset in searcher.reader().leaf_readers():
        name = reader.segment().segment_id()
        yield Leaf(segments[name], reader, offset, gone[name])
