"""Searching: what somebody asks for, answered from the index, or by the store itself while there is none to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from designs import library
from search import entries, grammar, indexer, snippets, sources
from search.grammar import Asked, Narrow
from search.index import Index, Mode, Order, Unusable
from search.snippets import Piece
from wiki import journal

PER_PAGE = 20
MOST_PER_PAGE = 100
PAGES = 500
"""How far a list can be leafed through."""


@dataclass(frozen=True)
class Hit:
    """A design that was found, and the piece of it that shows why."""

    card: library.Card
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Answer:
    """What was found. `state` is the index's: unless it is ok or behind, the store answered, which knows words as they
    are and whole lists only. `narrow` holds what the words of the question asked for too."""

    hits: Sequence[Hit]
    total: int
    narrow: Narrow
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    mode: Mode = "all"
    suggestion: str = ""
    position: int = 0
    state: str = "ok"


def search(
    index: Index | None,
    text: str,
    narrow: Narrow,
    *,
    language: str,
    order: Order = "relevance",
    page: int = 1,
    size: int = PER_PAGE,
) -> Answer:
    """The page of hits of this number, from 1, for a reader of a language."""
    asked, told = grammar.read(text)
    narrow = replace(narrow, **{f.name: value for f in fields(told) if (value := getattr(told, f.name))})
    first = (page - 1) * size
    try:
        if index is None:
            raise Unusable("off")
        found = index.find(asked, narrow, language=language, order=order, first=first, size=size)
    except Unusable as error:
        return _from_store(asked, narrow, page, size, error.state)
    meant = grammar.read(found.correction)[0] if found.mode != "all" and found.correction else asked
    meant = replace(asked, terms=meant.terms)
    hits = [
        Hit(card, snippets.of([card.summary, *entries.passages(content, card.language)], meant))
        for card, content in sources.shown(found.uids)
    ]
    return Answer(
        hits, found.total, narrow, found.facets, found.mode, found.correction, found.position, indexer.state(index)[0]
    )


def _from_store(asked: Asked, narrow: Narrow, page: int, size: int, state: str) -> Answer:
    """Titles, names and summaries that hold the words as they are, the last changed first."""
    words = [*asked.terms, *(word for phrase in asked.phrases for word in phrase), *asked.beginnings]
    named = {"tasks": narrow.task, "regions": narrow.region, "licences": narrow.licence}
    query = library.Query(
        words=" ".join(words),
        kind=narrow.kind,
        language=narrow.language,
        community=narrow.community,
        facts=tuple((name, value) for name, value in named.items() if value),
    )
    cards, _more = library.browse(query, page=page, size=size)
    counts = library.counts(query)
    facets = {
        "kind": counts.kinds,
        "language": counts.languages,
        "community": counts.communities,
        "task": counts.tasks,
        "region": counts.regions,
    }
    hits = [Hit(card, snippets.of([card.summary], asked)) for card in cards]
    return Answer(hits, counts.total, narrow, facets, state=state)


def is_current(index: Index | None) -> bool:
    """Whether the index knows all that was saved until now."""
    try:
        return index is not None and index.position() >= journal.head()
    except Unusable:
        return False
