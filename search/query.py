"""Searching: what somebody asks for, answered from the index, or by the store itself while there is none to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from designs import library, regions
from search import entries, gathering, grammar, indexer, names, snippets, sources, within
from search import having as having_of
from search.grammar import Asked, Narrow
from search.having import Having, Lack
from search.index import Found, Index, Mode, Order, Unusable, Wanted
from search.snippets import Piece
from search.words import STOP_WORDS
from search.words import folded as folded_words
from wiki import journal

PER_PAGE = 20
MOST_PER_PAGE = 100
SUGGESTED = 8
LOOKED_INTO = 120
"""How many designs are looked into for what they need."""
PAGES = 500
"""How far a list can be leafed through."""


@dataclass(frozen=True)
class Hit:
    """A design that was found, the piece of it that shows why, and the part of the document that it stands in, with the
    name of the `file` if it stands within one. Of its family `others` were found too, the nearest first; `more` says
    how many are not named. It `lacks` these words, as they were typed."""

    card: library.Card
    pieces: Sequence[Piece]
    part: str = "summary"
    file: str = ""
    others: Sequence[library.Card] = ()
    more: int = 0
    lacks: Sequence[str] = ()


@dataclass(frozen=True)
class Answer:
    """What was found. `state` is the index's: unless it is ok or behind, the store answered, which knows words as they
    are and whole lists only. `narrow` holds what the words of the question asked for too. `whole` of the hits bear all
    words."""

    hits: Sequence[Hit]
    total: int
    narrow: Narrow
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    mode: Mode = "all"
    suggestion: str = ""
    position: int = 0
    state: str = "ok"
    whole: int = 0


def search(
    index: Index | None,
    text: str,
    narrow: Narrow,
    *,
    language: str,
    order: Order = "relevance",
    page: int = 1,
    size: int = PER_PAGE,
    near: Sequence[str] = (),
    one_each: bool = True,
) -> Answer:
    """The page of hits of this number, from 1, for a reader of a language. Of each family only the member is shown that
    is nearest to the reader, whose regions are `near`, or those that are asked for; an empty question lists all."""
    asked, told = grammar.read(text)
    narrow = replace(narrow, **{f.name: value for f in fields(told) if (value := getattr(told, f.name))})
    first = (page - 1) * size
    try:
        if index is None:
            raise Unusable("off")
        found = index.find(
            asked,
            narrow,
            Wanted(language, order, first, size, _rings(narrow.region or near), one_each and not asked.is_empty),
        )
    except Unusable as error:
        return _from_store(asked, narrow, page, size, error.state)
    return Answer(
        _hits(found, asked, text),
        found.total,
        narrow,
        found.facets,
        found.mode,
        found.correction,
        found.position,
        indexer.state(index)[0],
        found.whole,
    )


def _hits(found: Found, asked: Asked, text: str) -> list[Hit]:
    """The hits with what shows why each was found."""
    meant = grammar.read(found.correction)[0] if found.mode != "all" and found.correction else asked
    meant = replace(asked, terms=meant.terms)
    named = [name[0] for told in names.variants(meant.terms) for name in told if len(name) == 1]
    shown = replace(meant, terms=(*meant.terms, *named, *found.also))
    typed = {folded: word for word in text.split() for folded in folded_words(word)}
    kin = [uid for others in found.others for uid in others[: gathering.OTHERS]]
    cards = sources.cards([*found.uids, *kin])
    told = {uid: [("summary", cards[uid].summary)] for uid in found.uids if uid in cards}
    # Most pages say in their summary what they are found by, and need not be read as a whole.
    documents = sources.documents([uid for uid in told if not _says(cards[uid], meant)])
    for uid, content in documents.items():
        told[uid] += entries.told(content, cards[uid].language)
    pages = [([cards[uid].title, *(said for _, said in told[uid])], content) for uid, content in documents.items()]
    files = dict(zip(documents, within.pieces(pages, meant), strict=True))
    hits = []
    for uid, others, lacks in zip(found.uids, found.others, found.lacks, strict=True):
        if uid not in told:
            continue
        place, pieces = snippets.best([said for _part, said in told[uid]], shown)
        part, file = told[uid][place][0], ""
        if inside := files.get(uid):
            part, (file, pieces) = "files", inside
        relatives = [cards[one] for one in others[: gathering.OTHERS] if one in cards]
        lacking = [typed.get(word, word) for word in lacks]
        hits.append(Hit(cards[uid], pieces, part, file, relatives, len(others) - len(relatives), lacking))
    return hits


def _says(card: library.Card, asked: Asked) -> bool:
    return snippets.bears(card.title, asked) or snippets.bears(card.summary, asked)


def _rings(near: str | Sequence[str]) -> tuple[frozenset[str], ...]:
    """Regions round a reader, from the nearest on outwards, with all that lies in them."""
    rings = regions.widening(near)
    return tuple(frozenset(one for code in ring.codes for one in regions.within(code)) for ring in rings)


def _from_store(asked: Asked, narrow: Narrow, page: int, size: int, state: str) -> Answer:
    """Titles, names and summaries that hold the words as they are, the last changed first."""
    words = [*asked.terms, *(word for phrase in asked.phrases for word in phrase), *asked.beginnings]
    named = {
        "tasks": narrow.task,
        "regions": narrow.region,
        "licences": narrow.licence,
        "crops": narrow.crop,
        "power": narrow.power,
        "skills": narrow.skill,
    }
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


@dataclass(frozen=True)
class Makeable:
    """A design, and what somebody lacks to make it."""

    card: library.Card
    lacks: Sequence[Lack]


def makeable(index: Index | None, having: Having, *, language: str, near: Sequence[str] = ()) -> list[Makeable]:
    """Of the designs that bear most of what somebody has, those first that need nothing else, then those that lack
    least. Raises Unusable."""
    if index is None:
        raise Unusable("off")
    terms = tuple(dict.fromkeys(word for name in having.names for word in name if word not in STOP_WORDS))
    wanted = Wanted(language, size=LOOKED_INTO, near=_rings(near), one_each=True, any_word=bool(terms))
    found = index.find(Asked(terms=terms[: having_of.NAMES]), Narrow(), wanted)
    cards, documents = sources.cards(found.uids), sources.documents(found.uids)
    uids = [uid for uid in found.uids if uid in cards and uid in documents]
    told = [Makeable(cards[uid], having_of.lacks(documents[uid], having)) for uid in uids]
    return sorted(told, key=lambda one: len(one.lacks))


def suggest(index: Index | None, text: str, *, language: str) -> Sequence[str]:
    """What somebody may be about to type, from memory; nothing while there is no index."""
    try:
        return index.suggest(text[: grammar.LONGEST], language, SUGGESTED) if index else ()
    except Unusable:
        return ()


def is_current(index: Index | None) -> bool:
    """Whether the index knows all that was saved until now."""
    try:
        return index is not None and index.position() >= journal.head()
    except Unusable:
        return False
