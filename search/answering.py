"""One question to one state of the index: what bears all its words; if that is little, what was meant or bears most."""

import gc
import heapq
import itertools
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from search import correcting, evidence, kindred, names, naming, spelling, words
from search.evidence import Found, Leaf
from search.grammar import Asked
from search.index import Mode

OWN = 1.4
"""How much more a page in the reader's language counts."""
FIRST = 1.05
"""And the first of a family: with nothing else to tell them apart, before what was made of it."""
FEW = 3
"""With fewer hits than this a question is tried in other ways."""
ENOUGH = 20
"""With fewer hits than this those are shown too that lack some of the words."""
LEAST = 0.3
"""The share of what a question tells that these must bear."""
BEGINNINGS = 30
"""How many words that begin as asked are looked for, the commonest."""
SCANNED = 3000
"""How many words of a segment are looked at to find these."""
CORRECTED = 3
"""How many words of a question are corrected at most."""
CPU_SECONDS = 0.15
"""After so long a question is answered with what was found until then."""


@dataclass(frozen=True)
class Hits:
    """The documents found, by number, with their scores, {} where there are none; and which of the question's words
    those lack that don't bear all."""

    numbers: Sequence[int]
    scores: Mapping[int, float]
    lacks: Mapping[int, tuple[str, ...]]
    mode: Mode = "all"
    correction: str = ""
    also: Sequence[str] = ()
    """Words that were looked for besides: others of a root, or what two make together."""
    is_cut: bool = False
    """Whether time ran out, and only a part of the question was answered."""


@dataclass(frozen=True)
class _Part:
    """A part of a question: what bears it, and how much that tells. `word` is "" for one that nothing may lack;
    `is_akin`: it stands nowhere, others of its root do."""

    found: Found
    tells: float
    word: str = ""
    is_akin: bool = False


class _Collecting(threading.local):
    """Seconds of a processor that this thread has collected garbage for: all threads leave some, and who happens to be
    asked when it is collected is not to answer less for it."""

    seconds = 0.0
    begun = 0.0

    def note(self, phase: str, _told: object) -> None:
        if phase == "start":
            self.begun = time.thread_time()
        else:
            self.seconds += time.thread_time() - self.begun


_collecting = _Collecting()
gc.callbacks.append(_collecting.note)


class Question:
    """Answers for readers of a language. `languages` are those of the documents, `live` the documents that stand."""

    def __init__(
        self, leaves: Sequence[Leaf], searcher: Any, live: Sequence[int], languages: Sequence[str], language: str
    ) -> None:
        self._leaves, self._searcher, self._live = leaves, searcher, live
        self._languages, self._language = languages, language
        self._also: list[str] = []
        self._lexicons = [leaf.segment.lexicon for leaf in leaves]
        self._until = time.thread_time() - _collecting.seconds + CPU_SECONDS

    def answer(self, asked: Asked, *, any_word: bool = False) -> Hits:
        """All words; with few hits all words as they may have been meant, and what bears most of the words, or of
        these at once."""
        if asked.is_empty or asked.wants_nothing:
            unwanted = self._excluded(asked)
            return Hits([number for number in self._live if number not in unwanted], {}, {})
        # First, while there is time: what is not wanted must not come back for want of it.
        self._unwanted = self._excluded(asked)
        exact = self._exact(asked)
        parts = [*self._words(asked.terms), *exact]
        if any_word:
            return self._hits(asked, parts, self._some(parts, 0.0), "some")
        found = self._all(parts)
        if asked.terms and len(found) < (ENOUGH if len(asked.terms) > 1 else FEW) and self._has_time():
            # A part of the words, for want of time, would say less than what is known.
            wide = self._words(asked.terms, widely=True)
            if len(wide) == len(asked.terms):
                parts = [*wide, *exact]
                found = self._all(parts)
        mode: Mode = "all"
        correction = ""
        is_sure = len(found) >= FEW and not any(part.is_akin for part in parts)
        if not is_sure and (meant := self._meant(asked, parts)):
            correction = " ".join(meant.terms)
            said = self._words(meant.terms) if not found else []
            if said and len(said) == len(meant.terms):
                parts = [*said, *exact]
                found = self._all(parts)
                mode = "corrected" if found else "some"
        if len(found) < ENOUGH and len(asked.terms) > 1:
            mode = mode if found else "some"
            found = self._some(parts, LEAST)
        return self._hits(asked, parts, found, mode, correction)

    def _words(self, terms: Sequence[str], *, widely: bool = False) -> list[_Part]:
        """The parts of words; fewer than these when time runs out. `widely`: also what two of them make together, and
        for those that stand nowhere others of their root."""
        count, reader = len(self._live), self._searcher.reader()
        parts: list[_Part] = []
        joined = self._joined(terms) if widely else {}
        for place, (term, others) in enumerate(zip(terms, names.variants(terms), strict=True)):
            if not parts or self._has_time():
                told = [*others, *joined.get(place, ())]
                self._also += [name[0] for name in joined.get(place, ()) if len(name) == 1]
                found = evidence.of_word(self._leaves, term, told)
                akin = kindred.of(reader, term) if widely and not found else ()
                if akin:
                    self._also += akin
                    found = evidence.of_word(self._leaves, term, told, akin)
                parts.append(_Part(found, evidence.seldomness(found, count), term, bool(akin)))
        return parts

    def _exact(self, asked: Asked) -> list[_Part]:
        exact = [evidence.of_phrase(self._leaves, phrase, self._has_time) for phrase in asked.phrases]
        for beginning in asked.beginnings:
            if not exact or self._has_time():
                exact.append(self._beginning(beginning))
        return [_Part(found, 1.0) for found in exact]

    def _joined(self, terms: Sequence[str]) -> dict[int, list[names.Name]]:
        """The words that two beside each other make, with their other names, for each of the two."""
        found: dict[int, list[names.Name]] = {}
        for place, pair in enumerate(itertools.pairwise(terms)):
            word = "".join(pair)
            others = names.variants([word])[0]
            if others or correcting.stands(self._lexicons, word):
                for one in (place, place + 1):
                    found.setdefault(one, []).extend([(word,), *others])
        return found

    def _all(self, parts: Sequence[_Part]) -> Found:
        """What bears all, with its score."""
        first, *rest = sorted((part.found for part in parts), key=len)
        numbers = set(first).intersection(*rest) if rest else first
        found = dict.fromkeys(numbers, 0.0)
        for part in parts:
            borne, tells = part.found, part.tells
            for number in found:
                found[number] += tells * borne[number]
        return found

    def _some(self, parts: Sequence[_Part], least: float) -> Found:
        """What bears so large a share of what the words tell that stand somewhere. The share counts most."""
        needed = [part.found for part in parts if not part.word]
        told = sum(part.tells for part in parts if part.word and part.found) or 1.0
        score: Found = {}
        share: Found = {}
        for part in parts:
            tells, of_all = part.tells, part.tells / told
            for number, weight in part.found.items() if part.word else ():
                score[number] = score.get(number, 0.0) + tells * weight
                share[number] = share.get(number, 0.0) + of_all
        return {
            number: total * share[number] ** 2
            for number, total in score.items()
            if share[number] >= least and all(number in one for one in needed)
        }

    def _hits(self, asked: Asked, parts: Sequence[_Part], found: Found, mode: Mode, correction: str = "") -> Hits:
        own = self._language
        numbers = [number for number in found if number not in self._unwanted]
        spoken = self._languages
        scores = {n: found[n] * OWN if words.primary(spoken[n]) == own else found[n] for n in numbers}
        scores |= self._as_called(scores, parts)
        lacks = {}
        for number in numbers:
            lacking = tuple(part.word for part in parts if part.word and number not in part.found)
            if lacking:
                lacks[number] = lacking
        also = tuple(dict.fromkeys(self._also))
        return Hits(list(numbers), scores, lacks, mode, correction, also, not self._has_time())

    def _as_called(self, scores: Mapping[int, float], parts: Sequence[_Part]) -> Found:
        """The scores of the best, more for those that are called as is asked."""
        asked = [part.word for part in parts if part.word]
        forms = [
            words.stems(word).union(*(words.stems(other[0]) for other in others if len(other) == 1))
            for word, others in zip(asked, names.variants(asked), strict=True)
        ]
        found: Found = {}
        for number in heapq.nlargest(naming.LOOKED_AT, scores, key=scores.__getitem__) if forms else ():
            leaf = next(leaf for leaf in reversed(self._leaves) if leaf.offset <= number)
            columns, own = leaf.segment.columns, number - leaf.offset
            is_first = columns["family"][own] == columns["uid"][own]
            close = naming.closeness(columns["called"][own], forms)
            found[number] = scores[number] * (1 + naming.CALLED * close**3) * (FIRST if is_first else 1.0)
        return found

    def _excluded(self, asked: Asked) -> set[int]:
        no: set[int] = set()
        for one in asked.without:
            if len(one) > 1:
                no.update(evidence.of_phrase(self._leaves, one, self._has_time))
            else:
                no.update(evidence.of_word(self._leaves, one[0], ()))
        return no

    def _beginning(self, beginning: str) -> Found:
        """In titles only: a beginning may open thousands of words of texts."""
        counts: Counter[bytes] = Counter()
        opened: list[tuple[Leaf, Collection[bytes]]] = []
        for leaf in self._leaves:
            # Segment by segment: most are small, and hold hardly any of the words of the others.
            if opened and not self._has_time():
                break
            begun = list(itertools.islice(leaf.reader.expand_prefix("title", beginning), SCANNED))
            counts.update({word: leaf.reader.doc_frequency("title", word) for word in begun})
            opened.append((leaf, begun))
        commonest = heapq.nlargest(BEGINNINGS, ((count, word) for word, count in counts.items()))
        wanted = {word for _, word in commonest}
        return evidence.of_titles((leaf, [word.decode() for word in begun if word in wanted]) for leaf, begun in opened)

    def _has_time(self) -> bool:
        return time.thread_time() - _collecting.seconds < self._until

    def _meant(self, asked: Asked, parts: Sequence[_Part]) -> Asked | None:
        """The question with the words that stand nowhere, or seldom and only by their stems, replaced by others like
        them; None if there are none. Of words that are as near, that is taken which stands with the others."""
        reader = self._searcher.reader()
        terms, left = list(asked.terms), CORRECTED
        others = names.variants(terms)
        stands = [bool(others[place]) or correcting.stands(self._lexicons, term) for place, term in enumerate(terms)]
        beside = [set(part.found) for part, is_right in zip(parts, stands, strict=False) if is_right and part.found]
        for place, word in correcting.as_named(terms, stands).items() if self._has_time() else ():
            terms[place], stands[place] = word, True
        for place, term in enumerate(asked.terms):
            if stands[place] or left == 0 or not self._has_time():
                continue
            left -= 1
            near = correcting.likely(reader, self._lexicons, term)
            near = [(far, word) for far, word in near if far <= near[0][0] + spelling.CHEAP]
            if (not near or near[0][0] > 1) and (two := correcting.apart(reader, self._lexicons, term)):
                terms[place] = two
            elif near and (near[0][0] <= 1 or not kindred.of(reader, term)):
                best = max(near, key=lambda one: (self._together(one[1], beside), -one[0])) if beside else near[0]
                terms[place] = best[1]
        meant = tuple(dict.fromkeys(word for term in terms for word in term.split()))
        return replace(asked, terms=meant) if meant != asked.terms else None

    def _together(self, word: str, beside: Sequence[set[int]]) -> int:
        found = evidence.of_word(self._leaves, word, names.variants([word])[0])
        return len(beside[0].intersection(*beside[1:], found)) if beside else len(found)
