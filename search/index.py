"""What the site asks of an index. Whoosh, in this process's memory, is the first that answers; one for a whole network
would fulfil the same.

An index is derived: it may be lost at any time, and is made anew from the pages.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from search.entries import Entry
from search.grammar import NARROWING, Asked, Narrow

Order = Literal["relevance", "changed", "title"]
Mode = Literal["all", "corrected", "some"]
"""Whether what was found bears all words, all after a correction, or only some."""

FACETS = NARROWING
REDACTING = frozenset({"redact"})
"""Acts after which nothing of the old index may stay on the disk."""


class Unusable(Exception):
    """The index can't be asked or written now: `state` says why, in a word of `/readyz`."""

    def __init__(self, state: Literal["off", "building", "broken"], why: str = "") -> None:
        super().__init__(why or state)
        self.state = state


class Unfit(Exception):
    """An entry that the index can't take; the others can be tried without it."""


@dataclass(frozen=True)
class Position:
    """A line of the journal: its number, and what it is about, by which the journal of another store is told apart."""

    change: int
    mark: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which of the hits, and for whom: `size` of them from number `first` (0 is the best), for a reader of a language,
    with the regions round the reader from the nearest on outwards. `one_each`: of each family only the member that is
    nearest to the reader. `any_word`: what bears any of the words, those that bear most first."""

    language: str
    order: Order = "relevance"
    first: int = 0
    size: int = 20
    near: tuple[frozenset[str], ...] = ()
    one_each: bool = False
    any_word: bool = False


@dataclass(frozen=True)
class Found:
    """A page of what was found: uids, the best first, of `total`, each with the `others` of its family that were found
    too, the nearest first, and the words of the question that it `lacks`; `whole` of them lack none. A facet counts
    what would be found with each of its values and all else that the question is narrowed by; of a family it counts
    one. `correction` is the question as it was read or as it may have been meant, "" when it was understood. `also` are
    words that were looked for beside those of the question and their other names."""

    uids: Sequence[str]
    total: int
    others: Sequence[Sequence[str]] = ()
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    mode: Mode = "all"
    correction: str = ""
    position: int = 0
    lacks: Sequence[Sequence[str]] = ()
    whole: int = 0
    also: Sequence[str] = ()


class Index(Protocol):
    """All of these raise Unusable."""

    def find(self, asked: Asked, narrow: Narrow, wanted: Wanted) -> Found:
        """What bears what is asked."""

    def suggest(self, text: str, language: str, most: int) -> Sequence[str]:
        """What goes on from a text: titles, other names, parts and words of our lists in a language, the best first."""

    def position(self) -> int:
        """How far in the journal the pages are known that `find` finds. Costs nearly nothing."""

    def held(self) -> Mapping[str, tuple[int, str]]:
        """The number and digest of each entry, by uid."""

    def writing(self, *, wait: float) -> AbstractContextManager["Writer"]:
        """The one writer of the index. Raises TimeoutError when another is at it for so many seconds."""

    def faults(self) -> Iterator[str]:
        """What is wrong with the stored index itself, read from the disk."""


class Writer(Protocol):
    def position(self) -> Position:
        """How far in the journal the stored index is. Raises Unusable when it must be made anew."""

    def put(self, entries: Sequence[Entry], gone: Sequence[str], position: Position) -> None:
        """Replace entries and drop those of the uids in `gone`; all of it and the position at once. Raises Unfit and
        OSError, after which nothing has changed."""

    def scattered(self, *, pressing: bool = False) -> Sequence[str]:
        """The uids of entries that make questions slow by where they lie, until they are put again. `pressing`: only
        where there are so many that this can't wait until nothing else is to be done."""

    def bearing(self, starts: Sequence[str]) -> Sequence[str]:
        """The uids of entries of pages with a file whose SHA-256 begins so (32 hex digits)."""

    def unread(self) -> str:
        """The SHA-256 of a file that entries lack the text of, "" when there is none. The newest entries come first."""

    def lacking(self, sha256: str, most: int) -> Sequence[str]:
        """The uids of entries that lack the text of a file, so many at most."""

    def replace(self, entries: Iterable[Entry], position: Position) -> None:
        """Make the index anew beside the one that stands, then let it take its place."""
