"""Answers from a Whoosh index: one state of it in memory for all threads, and a searcher for each that is at it.

Two threads never have one searcher at a time. Searchers are not refreshed as the library does it, its answers would be
wrong: a new one is given the readers of those segments of a former one that are as they were.
"""

import contextlib
import itertools
import logging
import pathlib
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from whoosh.reading import MultiReader, SegmentReader
from whoosh.searching import Searcher

from search import answering, evidence, gathering, held, names, schema, suggesting, words
from search.answering import Hits
from search.evidence import Segment
from search.grammar import Asked, Narrow
from search.index import Found, Unusable, Wanted
from search.spelling import Lexicon

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
ASKED_FOR = tuple(name for name in schema.COLUMNS if name not in ("number", "digest"))
"""The columns that questions need, and those of them that they need of all segments at once."""
JOINED = ("uid", *(name for name in ASKED_FOR if name not in ("called", "part")))


@dataclass
class State:
    """One state of the index. A column is a list by document number; `live` are the numbers that are not deleted, and
    `gone` those that are, of each segment by the numbers that it counts itself. `stored` are the segments as the
    library knows them, in their order."""

    storage: held.Held
    schema: Any
    stored: Sequence[Any]
    segments: dict[str, Segment]
    columns: dict[str, list[Any]]
    live: Sequence[int]
    gone: Mapping[str, frozenset[int]]
    families: gathering.Families
    position: int
    kept: dict[tuple[Asked, str, bool], Hits] = field(default_factory=dict)
    answers: dict[tuple[Asked, Narrow, Wanted], Found] = field(default_factory=dict)


def load(root: pathlib.Path, before: State | None, also: Sequence[str] = ()) -> State:
    """The state that stands, with what it shares with one known before, and other columns if they are named. Raises
    Unusable."""
    for turn in itertools.count(1):
        try:
            manifest = held.find_manifest(root)
            if manifest is None or manifest.layout != schema.LAYOUT:
                raise Unusable("building")
            return _loaded(root / manifest.folder, manifest.files, before, also)
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


def _loaded(folder: pathlib.Path, files: Mapping[str, str], before: State | None, also: Sequence[str]) -> State:
    storage = held.load(folder, files, before.storage.data if before else {})
    contents = storage.open_index()._read_toc()
    segments: dict[str, Segment] = {}
    joined: dict[str, list[Any]] = {name: [] for name in (*JOINED, *also)}
    gone: dict[str, frozenset[int]] = {}
    live = array("I")
    position = None
    for stored in contents.segments:
        name, offset = stored.segment_id(), len(joined["uid"])
        known = before.segments.get(name) if before else None
        if known is None:
            reader = SegmentReader(storage.of(name), contents.schema, stored)
            known = Segment(_columns(reader, (*ASKED_FOR, *also)), _usual(reader), _lexicon(reader))
        segments[name], without = known, frozenset(stored.deleted_docs())
        gone[name] = without
        for column, values in joined.items():
            values += known.columns[column]
        for number, uid in enumerate(known.columns["uid"]):
            if number not in without:
                if uid != schema.MARKER:
                    live.append(offset + number)
                else:
                    position = SegmentReader(storage, contents.schema, stored).stored_fields(number)
    families = gathering.families(joined["family"], live)
    change = schema.position(position).change
    return State(storage, contents.schema, contents.segments, segments, joined, live, gone, families, change)


def _columns(reader: Any, names_of: Sequence[str]) -> dict[str, list[Any]]:
    """Columns of a segment, with one object for values that are equal."""
    count = reader.doc_count_all()
    uids = [""] * count
    # Deleted documents have no fields that anybody asks for, but keep their numbers.
    for number in reader.all_doc_ids():
        uids[number] = reader.stored_fields(number)["uid"]
    found: dict[str, list[Any]] = {"uid": uids}
    texts = {uid.encode(): uid for uid in uids}
    for name in names_of:
        column = reader.column_reader(name)
        raw = (bytes(column[number]) for number in range(count))
        if name in ("number", "changed"):
            found[name] = [int(value or 0) for value in raw]
        elif name in schema.SEVERAL:
            several: dict[bytes, tuple[str, ...]] = {}
            found[name] = [_shared(several, value, _lines) for value in raw]
        else:
            found[name] = [_shared(texts, value, bytes.decode) for value in raw]
    return found


def _lines(value: bytes) -> tuple[str, ...]:
    return tuple(filter(None, value.decode().split("\n")))


def _shared(known: dict[bytes, V], value: bytes, made: Callable[[bytes], V]) -> V:
    if value not in known:
        known[value] = made(value)
    return known[value]


def _usual(reader: Any) -> dict[str, Sequence[float]]:
    numbers = range(reader.doc_count_all())
    return {
        name: evidence.once_in(name, (reader.doc_field_length(number, name) or 0 for number in numbers))
        for name in evidence.FIELDS
    }


def _lexicon(reader: Any) -> Lexicon:
    return Lexicon(word.decode() for name in evidence.FIELDS for word in reader.lexicon(name) if word.isalnum())


def _opened(state: State, readers: Mapping[str, Any], gone: Mapping[str, frozenset[int]]) -> Any:
    """A searcher of a state, with the readers known before, where the same documents were deleted."""
    found = []
    for stored in state.stored:
        name = stored.segment_id()
        is_known = name in readers and gone[name] == state.gone[name]
        found.append(readers[name] if is_known else SegmentReader(state.storage.of(name), state.schema, stored))
    return Searcher(found[0] if len(found) == 1 else MultiReader(found))


class Reader:
    """Asks the index in a folder. Safe to use from many threads."""

    def __init__(self, root: pathlib.Path) -> None:
        self._root = root
        self._loading = threading.Lock()
        self._state: State | None = None
        self._idle: list[tuple[Mapping[str, frozenset[int]], Any]] = []
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
                before = self._state
                self._state, self._unusable = load(self._root, before), None
                self._drop_idle(before)
            except Unusable as error:
                if self._unusable is None and error.state == "broken":
                    log.warning("the search index can't be read: %s", error)
                self._unusable = error
        pause = LOOK_AGAIN_SECONDS if self._unusable and self._unusable.state == "broken" else LOOK_SECONDS
        self._stamp, self._due = stamp, time.monotonic() + pause

    def _drop_idle(self, before: State | None) -> None:
        """Let go of searchers that nobody wanted while the last state stood: they would hold what is past."""
        kept = []
        with contextlib.suppress(IndexError):
            # One by one: what was taken from here, nobody else has.
            while True:
                one = self._idle.pop()
                if before and one[0] is before.gone:
                    kept.append(one)
        self._idle += kept

    @contextlib.contextmanager
    def _searcher(self, state: State) -> Iterator[Any]:
        """A searcher that nobody else has meanwhile. One that failed is not used again."""
        try:
            gone, searcher = self._idle.pop()
        except IndexError:
            searcher = _opened(state, {}, {})
        else:
            if gone is not state.gone:
                readers = {one.segment().segment_id(): one for one, _ in searcher.reader().leaf_readers()}
                searcher = _opened(state, readers, gone)
        yield searcher
        self._idle.append((state.gone, searcher))

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
            also=hits.also,
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
            names.ready()  # Else it would be read within the time of whoever asks first.
            with self._searcher(state) as searcher:
                leaves = list(evidence.leaves(state.segments, state.gone, searcher))
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
        yield segment.begun, state.gone[name]


def _stamp(root: pathlib.Path) -> object:
    try:
        found = (root / held.MANIFEST).stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
    except OSError:
        return None
