"""Answers from a Whoosh index: one state of it in memory for all threads, and a searcher for each thread.

Searchers are never shared and never refreshed: the library's answers would be wrong.
"""

import heapq
import itertools
import logging
import pathlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from whoosh import query

from search import gathering, held, names, schema, suggesting, words
from search.grammar import Asked, Narrow
from search.index import Found, Mode, Unusable, Wanted

log = logging.getLogger("minga.search")

LOOK_SECONDS = 0.2
"""How often a process looks whether the index has changed."""
LOOK_AGAIN_SECONDS = 1.0
"""How often it reads a damaged index anew."""
TITLE = 3.0
"""How much more a word counts in a title."""
OTHER_NAME = 0.7
"""How much a name counts that a thing has elsewhere."""
WITHIN = 0.3
"""How much a word counts within a file."""
OWN = 1.25
"""How much more a page in the reader's language counts."""
FEW = 3
"""With fewer hits than this a question is tried in other ways."""
BEGINNINGS = 30
"""How many words that begin as asked are looked for, the commonest."""
SCANNED = 3000
"""How many words are looked at to find these."""
CORRECTED = 3
"""How many words of a question are corrected at most."""
CPU_SECONDS = 0.15
"""After so long a question is answered with what was found until then."""
KEPT = 16
"""How many questions each state remembers the hits of: for filters and further pages."""

BEGUN = "begun"
ANSWERS = 500
"""How many answers each state remembers."""

Hits = tuple[Sequence[int], Mapping[int, float]]


@dataclass
class State:
    """One state of the index. A column is a list by document number; `live` are the numbers that are not deleted, and
    `standing` the same of each segment, by the numbers that it counts itself."""

    storage: held.Held
    by_segment: dict[str, dict[str, list[Any]]]
    columns: dict[str, list[Any]]
    live: Sequence[int]
    standing: dict[str, frozenset[int]]
    families: gathering.Families
    position: int
    kept: dict[tuple[Asked, str, bool], tuple[Hits, Mode, str]] = field(default_factory=dict)
    answers: dict[tuple[Asked, Narrow, Wanted], Found] = field(default_factory=dict)


names.variants("")  # The table is read when a process begins, and not by who asks first.


def load(root: pathlib.Path, before: State | None) -> State:
    """The state that stands, with what it shares with one known before. Raises Unusable."""
    for turn in itertools.count(1):
        try:
            manifest = held.find_manifest(root)
            if manifest is None or manifest.layout != schema.LAYOUT:
                raise Unusable("building")
            return _loaded(root / manifest.folder, manifest.files, before)
        except Unusable:
            raise
        except FileNotFoundError as error:
            # The writer may have gone on to the next state meanwhile.
            if turn == 5:
                raise Unusable("broken", str(error)) from error
            time.sleep(0.02)
        except Exception as error:
            raise Unusable("broken", f"{type(error).__name__}: {error}") from error
    raise AssertionError("the loop above only ends by return or raise")


def _loaded(folder: pathlib.Path, files: Mapping[str, str], before: State | None) -> State:
    storage = held.Held(folder, files, before.storage.data if before else {})
    searcher = storage.open_index().searcher()
    try:
        by_segment: dict[str, dict[str, list[Any]]] = {}
        joined: dict[str, list[Any]] = {name: [] for name in ("uid", *schema.COLUMNS)}
        standing: dict[str, frozenset[int]] = {}
        for reader, _ in searcher.reader().leaf_readers():
            name = reader.segment().segment_id()
            known = before.by_segment.get(name) if before else None
            by_segment[name] = known or _columns(reader)
            standing[name] = frozenset(reader.all_doc_ids())
            for column, values in joined.items():
                values += by_segment[name][column]
        position = schema.position(searcher.document(uid=schema.MARKER))
        live = [number for number in searcher.reader().all_doc_ids() if joined["uid"][number] != schema.MARKER]
        families = gathering.families(joined["family"], live)
        return State(storage, by_segment, joined, live, standing, families, position.change)
    finally:
        searcher.close()


def _columns(reader: Any) -> dict[str, list[Any]]:
    count = reader.doc_count_all()
    found: dict[str, list[Any]] = {"uid": [""] * count}
    # Deleted documents have no fields that anybody asks for, but keep their numbers.
    for number in reader.all_doc_ids():
        found["uid"][number] = reader.stored_fields(number)["uid"]
    shared: dict[bytes, Any] = {}
    for name in schema.COLUMNS:
        column = reader.column_reader(name)
        raw = [bytes(column[number]) for number in range(count)]
        if name in ("number", "changed"):
            found[name] = [int(value or 0) for value in raw]
        elif name in schema.SEVERAL:
            found[name] = [_kept(shared, value, lambda v: tuple(filter(None, v.decode().split("\n")))) for value in raw]
        else:
            found[name] = [value.decode() for value in raw]
    return found


def _kept(shared: dict[bytes, Any], value: bytes, made: Callable[[bytes], Any]) -> Any:
    """One object for equal values."""
    if value not in shared:
        shared[value] = made(value)
    return shared[value]


class Reader:
    """Asks the index in a folder. Safe to use from many threads."""

    def __init__(self, root: pathlib.Path) -> None:
        self._root = root
        self._loading = threading.Lock()
        self._own = threading.local()
        self._state: State | None = None
        self._unusable: Unusable | None = None
        self._stamp: object = None
        self._due = 0.0

    def state(self) -> State:
        """The newest state that can be had, the last good one while the stored index is damaged. Raises Unusable."""
        if time.monotonic() >= self._due and self._loading.acquire(blocking=self._state is None):
            try:
                if time.monotonic() >= self._due:
                    self._look()
            finally:
                self._loading.release()
        if self._state is None:
            raise self._unusable or Unusable("building")
        return self._state

    def _look(self) -> None:
        stamp = _stamp(self._root)
        if stamp != self._stamp or self._unusable:
            try:
                self._state, self._unusable = load(self._root, self._state), None
            except Unusable as error:
                if self._unusable is None and error.state == "broken":
                    log.warning("the search index can't be read: %s", error)
                self._unusable = error
        pause = LOOK_AGAIN_SECONDS if self._unusable and self._unusable.state == "broken" else LOOK_SECONDS
        self._stamp, self._due = stamp, time.monotonic() + pause

    def _searcher(self, state: State) -> Any:
        if getattr(self._own, "state", None) is not state:
            old, self._own.searcher, self._own.state = getattr(self._own, "searcher", None), None, None
            if old is not None:
                old.close()
            self._own.searcher, self._own.state = state.storage.open_index().searcher(), state
        return self._own.searcher

    def find(self, asked: Asked, narrow: Narrow, wanted: Wanted) -> Found:
        state = self.state()
        key = asked, narrow, wanted
        if (known := state.answers.get(key)) is None:
            known = self._found(state, asked, narrow, wanted)
            if len(state.answers) >= ANSWERS:
                for old in list(state.answers)[: ANSWERS // 10]:
                    state.answers.pop(old, None)
            state.answers[key] = known
        return known

    def _found(self, state: State, asked: Asked, narrow: Narrow, wanted: Wanted) -> Found:
        language = words.primary(wanted.language)
        try:
            (numbers, scores), mode, correction = self._hits(state, asked, language, any_word=wanted.any_word)
        except Exception as error:
            log.exception("the search index can't be asked")
            self._own.state = None
            raise Unusable("broken", f"{type(error).__name__}: {error}") from error
        kin = state.families if wanted.one_each else None
        inside, facets = gathering.narrowed(state.columns, numbers, narrow, kin)
        others: dict[int, list[int]] = {}
        if kin:
            inside, others = kin.representatives(
                inside, gathering.nearness(state.columns, wanted.near, language, scores)
            )
            # A family stands where the best of its members would.
            best_of = {first: max(scores[one] for one in (first, *rest)) for first, rest in others.items() if scores}
            scores = {**scores, **best_of} if best_of else scores
        until = wanted.first + wanted.size
        best = gathering.ordered(state.columns, inside, scores, wanted.order, until)[wanted.first :]
        uids = state.columns["uid"].__getitem__
        relatives = [list(map(uids, others.get(number, ()))) for number in best]
        return Found(list(map(uids, best)), len(inside), relatives, facets, mode, correction, state.position)

    def suggest(self, text: str, language: str, most: int) -> list[str]:
        state = self.state()
        return suggesting.suggest(text, list(_begun(state)), language, most)

    def _hits(self, state: State, asked: Asked, language: str, *, any_word: bool) -> tuple[Hits, Mode, str]:
        key = asked, language, any_word
        found = state.kept.get(key)
        if found is None:
            found = Question(state, self._searcher(state), language).answer(asked, any_word=any_word)
            if len(state.kept) >= KEPT:
                state.kept.clear()
            state.kept[key] = found
        return found


def _begun(state: State) -> Iterator[tuple[list[suggesting.Begun], frozenset[int]]]:
    """What can be typed, segment by segment; made when it is first asked for, and kept as long as the segment."""
    for name, columns in state.by_segment.items():
        if BEGUN not in columns:
            columns[BEGUN] = suggesting.begun(columns)
        yield columns[BEGUN], state.standing[name]


def _stamp(root: pathlib.Path) -> object:
    try:
        found = (root / held.MANIFEST).stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
    except OSError:
        return None


def _within(term: str, boost: float) -> list[Any]:
    """A word and its stems in the texts of files."""
    stemmed = [query.Term("files_stems", stem, boost=boost) for stem in words.stems(term)]
    return [query.Term("files", term, boost=boost), *stemmed]


class Question:
    """One question to one state, for readers of a language."""

    def __init__(self, state: State, searcher: Any, language: str) -> None:
        self._state, self._searcher, self._language = state, searcher, language
        self._until = time.thread_time() + CPU_SECONDS

    def answer(self, asked: Asked, *, any_word: bool = False) -> tuple[Hits, Mode, str]:
        """All words; with few hits all words as they may have been meant; then some of the words, or these at once."""
        if asked.is_empty:
            return (self._state.live, {}), "all", ""
        if any_word:
            return self._some(asked), "some", ""
        found = self._all(asked)
        if len(found[0]) >= FEW or asked.wants_nothing:
            return found, "all", ""
        meant = self._corrected(asked)
        correction = " ".join(meant.terms) if meant else ""
        if meant and not found[0] and (corrected := self._all(meant))[0]:
            return corrected, "corrected", correction
        if len(asked.terms) > 1 and not found[0]:
            some = self._some(meant or asked)
            if some[0]:
                return some, "some", correction
        return found, "all", correction

    def _all(self, asked: Asked) -> Hits:
        clauses = [self._word(term) for term in asked.terms]
        clauses += [self._phrase(phrase) for phrase in asked.phrases]
        clauses += [self._beginning(beginning) for beginning in asked.beginnings]
        return self._without(self._matching(query.And(clauses)) if clauses else (self._state.live, {}), asked)

    def _some(self, asked: Asked) -> Hits:
        """Most of the words count for more than one of them often."""
        clauses: list[Any] = [query.Or([self._word(term) for term in asked.terms], scale=0.5)]
        clauses += [self._phrase(phrase) for phrase in asked.phrases]
        return self._without(self._matching(query.And(clauses)), asked)

    def _without(self, found: Hits, asked: Asked) -> Hits:
        if not asked.without:
            return found
        unwanted = query.Or([self._word(one[0]) if len(one) == 1 else self._phrase(one) for one in asked.without])
        no = set(self._searcher.docs_for_query(unwanted))
        return [number for number in found[0] if number not in no], found[1]

    def _word(self, term: str) -> Any:
        """A word as it is, its stems, and the other names of what it names."""
        clauses = self._borne(term)
        for name in names.variants(term):
            said = [query.Or(self._borne(word, OTHER_NAME)) for word in name]
            clauses.append(said[0] if len(said) == 1 else query.And(said))
        return query.Or(clauses)

    def _borne(self, term: str, boost: float = 1.0) -> list[Any]:
        clauses = [query.Term("title", term, boost=TITLE * boost), query.Term("body", term, boost=boost)]
        for stem in words.stems(term):
            clauses.append(query.Term("title_stems", stem, boost=TITLE * boost))
            clauses.append(query.Term("body_stems", stem, boost=boost))
        return [*clauses, *_within(term, WITHIN * boost)]

    def _phrase(self, phrase: tuple[str, ...]) -> Any:
        if len(phrase) == 1:
            found = [query.Term("title", phrase[0], boost=TITLE), query.Term("body", phrase[0])]
            return query.Or([*found, query.Term("files", phrase[0], boost=WITHIN)])
        found = [query.Phrase("title", list(phrase), boost=TITLE), query.Phrase("body", list(phrase))]
        return query.Or([*found, query.Phrase("files", list(phrase), boost=WITHIN)])

    def _beginning(self, beginning: str) -> Any:
        """In titles only: a beginning may open thousands of words of texts."""
        reader = self._searcher.reader()
        found = itertools.islice(reader.expand_prefix("title", beginning), SCANNED)
        counted = [(reader.doc_frequency("title", word), word.decode()) for word in found]
        common = [word for _, word in heapq.nlargest(BEGINNINGS, counted)]
        return query.Or([query.Term("title", word) for word in common]) if common else query.NullQuery

    def _corrected(self, asked: Asked) -> Asked | None:
        """The question with the words that stand nowhere, or seldom and only by their stems, replaced by others like
        them; None if there are none."""
        terms, left = list(asked.terms), CORRECTED
        for place, term in enumerate(asked.terms):
            if len(term) < 4 or left == 0 or term.isdigit() or self._stands(term):
                continue
            left -= 1
            seldom = self._by_stems(term)
            near = self._near(term, 1, 1)
            if not near and len(term) >= 6:
                near = self._near(term, 2, 2)
            near = [(count, word) for count, word in near if count > 2 * seldom and not words.alike(word, term)]
            if near:
                terms[place] = max(near)[1]
        return replace(asked, terms=tuple(dict.fromkeys(terms))) if tuple(terms) != asked.terms else None

    def _near(self, term: str, distance: int, prefix: int) -> list[tuple[int, str]]:
        """Words that stand somewhere, so many letters from a term, with how often."""
        reader = self._searcher.reader()
        near = {word for part in PARTS for word in reader.corrector(part).suggest(term, 5, distance, prefix)}
        return [(sum(reader.doc_frequency(part, word) for part in PARTS), word) for word in near]

    def _stands(self, term: str) -> bool:
        reader = self._searcher.reader()
        return any(reader.doc_frequency(part, term) for part in (*PARTS, "files"))

    def _by_stems(self, term: str) -> int:
        """How often a word stands in another form."""
        reader = self._searcher.reader()
        return sum(
            reader.doc_frequency(f"{part}_stems", stem) for stem in words.stems(term) for part in (*PARTS, "files")
        )

    def _matching(self, asked: Any) -> Hits:
        """The numbers and scores of all that match, until the time is over."""
        asked = asked.normalize()
        context = self._searcher.context()
        found: list[tuple[int, float]] = []
        for searcher, offset in self._searcher.leaf_searchers():
            matcher = asked.matcher(searcher, context)
            while matcher.is_active():
                found.append((offset + matcher.id(), matcher.score()))
                matcher.next()
                if not len(found) % 256 and time.thread_time() > self._until:
                    break
        spoken = self._state.columns["language"]
        scores = {
            number: score * OWN if words.primary(spoken[number]) == self._language else score for number, score in found
        }
        return list(scores), scores


PARTS = ("title", "body")
