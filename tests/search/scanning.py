"""A second index, as plain as can be: it looks through everything each time. It shows what is asked of any index, and
what Whoosh answers is held against it."""

import contextlib
import dataclasses
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from search import answering, evidence, gathering, names, spelling, suggesting, words
from search.entries import Entry
from search.grammar import Asked, Narrow
from search.index import Found, Position, Unfit, Unusable, Wanted

Marks = dict[int, float]


class Scan:
    """All of an index in lists."""

    def __init__(self) -> None:
        self._shelf: dict[str, Entry] = {}
        self._position: Position | None = None
        self._lock = threading.Lock()

    # What is asked.

    def position(self) -> int:
        if self._position is None:
            raise Unusable("building")
        return self._position.change

    def held(self) -> Mapping[str, tuple[int, str]]:
        return {entry.uid: (entry.number, entry.digest()) for entry in self._shelf.values()}

    def faults(self) -> Iterator[str]:
        return iter(())

    def suggest(self, text: str, language: str, most: int) -> Sequence[str]:
        shelf = list(self._shelf.values())
        columns = {"called": [_called(one) for one in shelf], "part": [one.parts for one in shelf]}
        return suggesting.suggest(text, [(suggesting.begun(columns), ())], language, most)

    def find(self, asked: Asked, narrow: Narrow, wanted: Wanted) -> Found:
        position, shelf = self.position(), list(self._shelf.values())
        columns = _columns(shelf)
        numbers, lacks, mode, correction = self._found(shelf, asked)
        own = words.primary(wanted.language)
        numbers = {n: s * (answering.FIRST if columns["family"][n] == shelf[n].uid else 1) for n, s in numbers.items()}
        scores = {n: s * (answering.OWN if words.primary(shelf[n].language) == own else 1) for n, s in numbers.items()}
        kin = gathering.families(columns["family"], range(len(shelf))) if wanted.one_each else None
        among = list(numbers)
        if wanted.order != "relevance" and len(lacks) < len(among):
            among = [number for number in among if number not in lacks]
        inside, facets = gathering.narrowed(columns, among, narrow, kin)
        others: dict[int, list[int]] = {}
        if kin:
            inside, others = kin.representatives(inside, gathering.nearness(columns, wanted.near, own, scores))
            scores |= {one: max(scores[n] for n in (one, *rest)) for one, rest in others.items()}
        best = gathering.ordered(columns, inside, scores, wanted.order, wanted.first + wanted.size)[wanted.first :]
        return Found(
            uids=[shelf[n].uid for n in best],
            total=len(inside),
            others=[[shelf[n].uid for n in others.get(one, ())] for one in best],
            facets=facets,
            mode=mode,
            correction=correction,
            position=position,
            lacks=[lacks.get(one, ()) for one in best],
            whole=sum(n not in lacks for n in inside),
        )

    def _found(self, shelf: Sequence[Entry], asked: Asked) -> tuple[Marks, dict[int, tuple[str, ...]], str, str]:
        refused = {n for n, one in enumerate(shelf) if any(_has(one, words_) for words_ in asked.without)}
        if asked.is_empty or asked.wants_nothing:
            return {n: 0.0 for n in range(len(shelf)) if n not in refused}, {}, "all", ""
        exact = [(lambda one, said=said: _has(one, said)) for said in asked.phrases]
        exact += [(lambda one, begun=begun: _begins(one, begun)) for begun in asked.beginnings]
        allowed = [n for n, one in enumerate(shelf) if n not in refused and all(bears(one) for bears in exact)]
        parts = _parts(shelf, allowed, asked.terms)
        whole = set(allowed).intersection(*(borne for _, borne in parts))
        mode, correction, lacks = "all", "", {}
        if not whole and parts and (meant := self._meant(shelf, asked.terms)) != asked.terms:
            parts = _parts(shelf, allowed, meant)
            whole, correction = set(allowed).intersection(*(borne for _, borne in parts)), " ".join(meant)
            mode = "corrected" if whole else "some"
        found = set(whole)
        if len(parts) > 1 and len(whole) < answering.ENOUGH:
            mode = mode if whole else "some"
            tells = {term: evidence.seldomness(borne, len(shelf)) for term, borne in parts if borne}
            for number in allowed:
                share = sum(tells[term] for term, borne in parts if number in borne)
                if tells and share >= answering.LEAST * sum(tells.values()):
                    found.add(number)
            lacks = {n: told for n in found if (told := tuple(term for term, borne in parts if n not in borne))}
        scores = {n: 1.0 + sum(borne.get(n, 0.0) for _, borne in parts) / 4 ** len(lacks.get(n, ())) for n in found}
        return scores, lacks, mode, correction

    def _meant(self, shelf: Sequence[Entry], terms: Sequence[str]) -> tuple[str, ...]:
        known = {word for one in shelf for said in (*_called(one), *one.passages) for word in words.folded(said)}

        def likely(term: str) -> str:
            near = sorted((spelling.distance(term, word), word) for word in known)
            return near[0][1] if term not in known and len(term) > 3 and near and near[0][0] <= 1 else term

        return tuple(map(likely, terms))

    # What is written.

    @contextlib.contextmanager
    def writing(self, *, wait: float) -> Iterator["Scan.Writer"]:
        if not self._lock.acquire(timeout=wait):
            raise TimeoutError
        try:
            yield Scan.Writer(self)
        finally:
            self._lock.release()

    class Writer:
        def __init__(self, scan: "Scan") -> None:
            self._scan = scan

        def position(self) -> Position:
            if self._scan._position is None:
                raise Unusable("building")
            return self._scan._position

        def put(self, entries: Sequence[Entry], gone: Sequence[str], position: Position) -> None:
            for one in entries:
                try:
                    json.dumps(dataclasses.astuple(one), ensure_ascii=False).encode()
                except UnicodeEncodeError as error:
                    raise Unfit(one.uid) from error
            kept = {uid: one for uid, one in self._scan._shelf.items() if uid not in gone}
            self._scan._shelf, self._scan._position = {**kept, **{one.uid: one for one in entries}}, position

        def replace(self, entries: Iterable[Entry], position: Position) -> None:
            self._scan._shelf, self._scan._position = {one.uid: one for one in entries}, position

        def scattered(self, *, pressing: bool = False) -> Sequence[str]:
            return ()

        def bearing(self, starts: Sequence[str]) -> Sequence[str]:
            return self._those(lambda one: any(file.startswith(start) for file in one.attached for start in starts))

        def unread(self) -> str:
            return next((one.unread[0] for one in reversed(self._scan._shelf.values()) if one.unread), "")

        def lacking(self, sha256: str, most: int) -> Sequence[str]:
            return self._those(lambda one: sha256 in one.unread)[:most]

        def _those(self, wanted: Callable[[Entry], bool]) -> list[str]:
            return [one.uid for one in self._scan._shelf.values() if wanted(one)]


def _called(one: Entry) -> list[str]:
    return [one.title, *(name for _, name in one.names)]


def _columns(shelf: Sequence[Entry]) -> dict[str, list[object]]:
    plain = {
        name: [getattr(one, name) for one in shelf] for name in ("uid", "kind", "language", "community", "changed")
    }
    several = {
        name: [getattr(one, f"{name}s" if name not in ("power", "has") else name) for one in shelf]
        for name in ("region", "licence", "task", "crop", "power", "skill", "tool", "material", "cost", "has")
    }
    return {
        **plain,
        **several,
        "stage": [one.stage for one in shelf],
        "freedom": [one.freedom for one in shelf],
        "family": [one.family or one.uid for one in shelf],
        "title_key": [" ".join(words.folded(one.title)) for one in shelf],
    }


def _parts(shelf: Sequence[Entry], allowed: Sequence[int], terms: Sequence[str]) -> list[tuple[str, Marks]]:
    every = zip(terms, names.variants(terms), strict=True)
    return [(term, _bearing(shelf, allowed, [(term,), *others])) for term, others in every]


def _bearing(shelf: Sequence[Entry], allowed: Sequence[int], others: Sequence[names.Name]) -> Marks:
    """How often a word, or another name of what it names, stands in titles and texts."""
    found: Marks = {}
    for number in allowed:
        one = shelf[number]
        for said, worth in [(name, 3.0) for name in _called(one)] + [(text, 1.0) for text in one.passages]:
            told = words.folded(said)
            for place, name in enumerate(others):
                count = min(sum(_same(word, other, one.language) for other in told) for word in name)
                if count:
                    found[number] = found.get(number, 0.0) + worth * count * (1.0 if place == 0 else 0.5)
    return found


def _same(word: str, other: str, language: str) -> bool:
    return word == other if words.primary(language) not in words.STEMMERS else words.alike(word, other)


def _has(one: Entry, said: Sequence[str]) -> bool:
    """Whether words stand side by side in a title or text, one of them in any of its forms."""
    if len(said) == 1:
        return any(word == said[0] for text in (*_called(one), *one.passages) for word in words.folded(text))
    texts = [f" {' '.join(words.folded(text))} " for text in (*_called(one), *one.passages)]
    return any(f" {' '.join(said)} " in text for text in texts)


def _begins(one: Entry, begun: str) -> bool:
    return any(word.startswith(begun) for name in _called(one) for word in words.folded(name))
