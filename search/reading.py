"""Answers from a Whoosh index: one state of it in memory for all threads, and a searcher for each thread.

Searchers are never shared and never refreshed: the library's answers would be wrong.
"""

import itertools
import logging
import pathlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from search import answering, evidence, gathering, held, names, schema, suggesting, words
from search.answering import Hits
from search.evidence import Segment
from search.grammar import Asked, Narrow
from search.index import Found, Unusable, Wanted

K = TypeVar("K")
V = TypeVar("V")

log = logging.getLogger("minga.search")

LOOK_SECONDS = 0.2
"""How often a process looks whether the index has changed."""
LOOK_AGAIN_SECONDS = 1.0
"""How often it reads a damaged index anew."""
KEPT = 16
"""How many questions each state remembers the hits of: for filters and further pages."""

ANSWERS = 500
"""How many answers each state remembers."""


@dataclass
class State:
    """One state of the index. A column is a list by document number; `live` are the numbers that are not deleted, and
    `standing` the same of each segment, by the numbers that it counts itself."""

    storage: held.Held
    segments: dict[str, Segment]
    columns: dict[str, list[Any]]
    live: Sequence[int]
    standing: dict[str, frozenset[int]]
    families: gathering.Families
    position: int
    kept: dict[tuple[Asked, str, bool], Hits] = field(default_factory=dict)
    answers: dict[tuple[Asked, Narrow, Wanted], Found] = field(default_factory=dict)


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
    names.variants([""])  # The table is read with the index, and not by who asks first.
    storage = held.Held(folder, files, before.storage.data if before else {})
    searcher = storage.open_index().searcher()
    try:
        segments: dict[str, Segment] = {}
        joined: dict[str, list[Any]] = {name: [] for name in ("uid", *schema.COLUMNS)}
        standing: dict[str, frozenset[int]] = {}
        for reader, _ in searcher.reader().leaf_readers():
            name = reader.segment().segment_id()
            known = before.segments.get(name) if before else None
            segments[name] = known or Segment(_columns(reader), _lengths(reader))
            standing[name] = frozenset(reader.all_doc_ids())
            for column, values in joined.items():
                values += segments[name].columns[column]
        position = schema.position(searcher.document(uid=schema.MARKER))
        live = [number for number in searcher.reader().all_doc_ids() if joined["uid"][number] != schema.MARKER]
        families = gathering.families(joined["family"], live)
        return State(storage, segments, joined, live, standing, families, position.change)
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


def _lengths(reader: Any) -> dict[str, Sequence[int]]:
    count = reader.doc_count_all()
    return {name: [reader.doc_field_length(number, name, 0) for number in range(count)] for name in evidence.FIELDS}


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
            known, is_cut = self._found(state, asked, narrow, wanted)
            if not is_cut:
                _keep(state.answers, key, known, ANSWERS)
        return known

    def _found(self, state: State, asked: Asked, narrow: Narrow, wanted: Wanted) -> tuple[Found, bool]:
        """The answer, and whether time ran out before it was whole."""
        language = words.primary(wanted.language)
        try:
            hits = self._hits(state, asked, language, any_word=wanted.any_word)
        except Exception as error:
            log.exception("the search index can't be asked")
            self._own.state = None
            raise Unusable("broken", f"{type(error).__name__}: {error}") from error
        kin = state.families if wanted.one_each else None
        numbers, scores = hits.numbers, hits.scores
        if wanted.order != "relevance" and len(hits.lacks) < len(numbers):
            numbers = [number for number in numbers if number not in hits.lacks]
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
        lacks = [hits.lacks.get(number, ()) for number in best]
        found = Found(
            uids=list(map(uids, best)),
            total=len(inside),
            others=relatives,
            facets=facets,
            mode=hits.mode,
            correction=hits.correction,
            position=state.position,
            lacks=lacks,
            whole=len(inside) - sum(number in hits.lacks for number in inside),
        )
        return found, hits.is_cut

    def suggest(self, text: str, language: str, most: int) -> list[str]:
        state = self.state()
        return suggesting.suggest(text, list(_begun(state)), language, most)

    def _hits(self, state: State, asked: Asked, language: str, *, any_word: bool) -> Hits:
        key = asked, language, any_word
        found = state.kept.get(key)
        if found is None:
            searcher = self._searcher(state)
            leaves = list(evidence.leaves(state.segments, state.standing, searcher))
            question = answering.Question(leaves, searcher, state.live, state.columns["language"], language)
            found = question.answer(asked, any_word=any_word)
            if not found.is_cut:
                _keep(state.kept, key, found, KEPT)
        return found


def _keep(known: dict[K, V], key: K, value: V, most: int) -> None:
    """Remember something, and forget the oldest for it."""
    if len(known) >= most:
        for old in list(known)[: max(1, most // 10)]:
            known.pop(old, None)
    known[key] = value


def _begun(state: State) -> Iterator[tuple[list[suggesting.Begun], frozenset[int]]]:
    """What can be typed, segment by segment; made when it is first asked for, and kept as long as the segment."""
    for name, segment in state.segments.items():
        if segment.begun is None:
            segment.begun = suggesting.begun(segment.columns)
        yield segment.begun, state.standing[name]


def _stamp(root: pathlib.Path) -> object:
    try:
        found = (root / held.MANIFEST).stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
    except OSError:
        return None
