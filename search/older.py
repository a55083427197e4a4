"""Versions that were replaced, read from the store from the newest backwards: no index holds them.

Only those are looked at that everybody may read, of pages that stand in lists. The texts of files are not looked into.
"""

import datetime
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select

from search import entries, grammar, snippets, words
from search.grammar import Asked, Narrow
from search.snippets import Piece
from wiki import document
from wiki.db import session
from wiki.document import Document
from wiki.models import Page, Revision, Snapshot, Space

log = logging.getLogger("minga.search")

HITS = 20
"""So many versions are shown at once."""
VERSIONS = 3000
"""So many are read for one answer at most."""
CPU_SECONDS = 0.5
"""After so long an answer ends with what was found until then."""
NEWEST_SECONDS = 0.2
"""How long the newest versions are looked at besides."""
BATCH = 50

# Tables and not their classes: rows are enough, and cost less.
_page, _space, _revision, _snapshot = (model.__table__.c for model in (Page, Space, Revision, Snapshot))
_shown = func.coalesce(_page.shown, _page.head)


@dataclass(frozen=True)
class Hit:
    """An older version that bears what was asked, the piece of it that shows it, and the part that this stands in.
    `title` and `language` are the page's as it is now, `newest` is the number that readers see now, and `is_gone` that
    the words stand there no more."""

    community: str
    slug: str
    title: str
    language: str
    number: int
    newest: int
    at: datetime.datetime
    spoken: str
    part: str
    pieces: Sequence[Piece]
    page_id: int
    is_gone: bool = False


@dataclass(frozen=True)
class Answer:
    """What was found. Unless all was read, `before` is where to go on, and `since` how far back this looked."""

    hits: Sequence[Hit] = ()
    before: int | None = None
    since: datetime.datetime | None = None


def find(text: str, *, page: Page | None = None, before: int | None = None) -> Answer:
    """Older versions, of one page or of all, that bear all that is asked for; from the newest backwards, below the
    revision `before`."""
    asked, narrow = grammar.read(text)
    if asked.is_empty:
        return Answer()
    question, until = Question(asked), time.thread_time() + CPU_SECONDS
    hits: list[Hit] = []
    rows = _older(narrow.community, page, before)
    for looked, row in enumerate(rows, 1):
        if hit := _hit(row, question, narrow):
            hits.append(hit)
        if len(hits) == HITS or looked == VERSIONS or time.thread_time() > until:
            if next(rows, None) is None:
                break
            return Answer(_compared(hits, question), row.id, row.at)
    return Answer(_compared(hits, question))


class Question:
    """What texts bear of a question, as bits: one for each word, beginning and phrase. Versions of a page have most of
    their texts in common, so each text is read once."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        needed = (*asked.terms, *asked.beginnings, *asked.phrases)
        bits = [1 << place for place in range(len(needed) + len(asked.without))]
        self._wanted, self._refused = sum(bits[: len(needed)]), sum(bits[len(needed) :])
        given = iter(bits)
        self._alike = [(next(given), term) for term in asked.terms]
        self._beginnings = [(next(given), beginning) for beginning in asked.beginnings]
        self._phrases = [(next(given), phrase) for phrase in asked.phrases]
        for bit, refused in zip(given, asked.without, strict=True):
            if len(refused) == 1:
                self._alike.append((bit, refused[0]))
            else:
                self._phrases.append((bit, refused))
        self._words: dict[str, int] = {}
        self._texts: dict[str, int] = {}

    def is_met(self, passages: Iterable[str]) -> bool:
        """Whether these texts together bear all that is wanted and nothing that is not."""
        borne = self._borne(passages)
        return borne & self._wanted == self._wanted and not borne & self._refused

    def is_lacking(self, passages: Iterable[str]) -> bool:
        """Whether something that is wanted stands in none of these texts."""
        return self._borne(passages) & self._wanted != self._wanted

    def _borne(self, passages: Iterable[str]) -> int:
        borne = 0
        for passage in passages:
            known = self._texts.get(passage)
            if known is None:
                known = self._texts[passage] = self._read(passage)
            borne |= known
        return borne

    def _read(self, passage: str) -> int:
        said = words.folded(passage)
        several = frozenset(said)
        borne = 0
        for word in several:
            known = self._words.get(word)
            if known is None:
                known = self._words[word] = self._meaning(word)
            borne |= known
        for bit, phrase in self._phrases:
            if several.issuperset(phrase) and _holds(said, phrase):
                borne |= bit
        return borne

    def _meaning(self, word: str) -> int:
        bits = [bit for bit, term in self._alike if words.alike(term, word)]
        return sum(bits) + sum(bit for bit, beginning in self._beginnings if word.startswith(beginning))


def _holds(said: Sequence[str], phrase: Sequence[str]) -> bool:
    length = len(phrase)
    return any(tuple(said[at : at + length]) == phrase for at in range(len(said) - length + 1))


def _readable(*columns: Any) -> Select[Any]:
    """Versions that everybody may read, of pages that stand in lists."""
    return (
        select(*columns)
        .select_from(Revision.__table__)
        .join(Page.__table__, _page.id == _revision.page_id)
        .join(Space.__table__, _space.id == _page.space_id)
        .join(Snapshot.__table__, _snapshot.id == _revision.snapshot_id)
        .where(~_revision.held, _page.retired.is_(None))
    )


def _older(community: str, page: Page | None, before: int | None) -> Iterator[Any]:
    named = _page.title, _page.language, _page.id.label("page_id"), _page.slug, _space.slug.label("community")
    told = _revision.id, _revision.number, _revision.at, _revision.language.label("spoken"), _snapshot.body
    query = _readable(*named, *told, _shown.label("newest")).where(_revision.number < _shown)
    if page is not None:
        query = query.where(_page.id == page.id)
    if community:
        query = query.where(_space.slug == community)
    query = query.order_by(_revision.id.desc()).limit(BATCH)
    while rows := session.execute(query if before is None else query.where(_revision.id < before)).all():
        yield from rows
        before = rows[-1].id


def _hit(row: Any, question: Question, narrow: Narrow) -> Hit | None:
    content = _content(row)
    if content is None:
        return None
    told = _told(content, row.spoken)
    if not question.is_met(passage for _part, passage in told) or not _is_within(content, row, narrow):
        return None
    # The page's title stands above the piece, so that only another one need be shown.
    shown = [one for one in told if one != ("title", row.title)] or told
    far = sum(len(passage) for _part, passage in shown)
    place, pieces = snippets.best([passage for _part, passage in shown], question.asked, far=far)
    return Hit(
        community=row.community,
        slug=row.slug,
        title=row.title,
        language=row.language,
        number=row.number,
        newest=row.newest,
        at=row.at,
        spoken=row.spoken,
        part=shown[place][0],
        pieces=pieces,
        page_id=row.page_id,
    )


def _content(row: Any) -> Document | None:
    """The document of a version; None when it can't be read, which `minga verify` tells of."""
    try:
        return document.unpack(row.body)
    except Exception:
        log.exception("a version can't be read: %s of page %s", row.number, row.page_id)
        return None


def _told(content: Document, language: str) -> list[tuple[str, str]]:
    """All words of a document by passages, each with its part."""
    title = document.text(content, "title")
    names = [("names", str(row["text"])) for row in document.rows(content, "names") if row.get("text")]
    return [("title", title), *entries.told(content, language), *names]


def _is_within(content: Document, row: Any, narrow: Narrow) -> bool:
    """Whether a version bears what the words of the question narrow it by."""
    asked = {name: value for name in grammar.NARROWING if (value := getattr(narrow, name))}
    if not asked:
        return True
    entry = entries.of(
        content,
        uid="",
        number=row.number,
        language=row.spoken,
        community=row.community,
        changed=int(row.at.timestamp()),
    )
    borne = {
        "kind": (entry.kind,),
        "language": (entry.language,),
        "region": entry.regions,
        "licence": entry.licences,
        "community": (entry.community,),
        "task": entry.tasks,
        "crop": entry.crops,
        "stage": (entry.stage,),
        "power": entry.power,
        "skill": entry.skills,
        "has": entry.has,
    }
    return all(value in borne[name] for name, value in asked.items())


def _compared(hits: Sequence[Hit], question: Question) -> list[Hit]:
    """The hits, with whether the words stand in the newest versions of their pages, as far as there is time."""
    if not hits or question.asked.wants_nothing:
        return list(hits)
    until = time.thread_time() + NEWEST_SECONDS
    columns = _page.id.label("page_id"), _revision.number, _revision.language.label("spoken"), _snapshot.body
    newest = _readable(*columns).where(_revision.number == _shown, _page.id.in_({hit.page_id for hit in hits}))
    lacking: set[int] = set()
    for row in session.execute(newest):
        if time.thread_time() > until:
            break
        content = _content(row)
        told = _told(content, row.spoken) if content is not None else []
        if content is not None and question.is_lacking(passage for _part, passage in told):
            lacking.add(row.page_id)
    return [replace(hit, is_gone=True) if hit.page_id in lacking else hit for hit in hits]
