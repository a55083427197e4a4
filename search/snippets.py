"""The piece of a text that shows why it was found, cut so that whoever shows it can escape each part first."""

import bisect
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from search import words
from search.grammar import Asked

Piece = tuple[str, bool]
"""Some text, and whether it is what was asked for."""

LENGTH = 240
BEFORE = 60
"""Characters shown before the first word that was asked for."""
MARKS = 100
"""How many places of a passage are looked at."""
FAR = 20_000
"""Characters that are looked at."""
LINE_SIGNS = re.compile(r"\n[ \t]{0,8}(?:[#>*+|-]{1,8}|\d{1,3}\.)[ \t]+")
SIGNS = re.compile(r"\*\*|__|``*|!\[(?:\[[^\]|[]{0,200}\|)?|\[(?:\[[^\]|[]{0,200}\|)?|\]\([^)\s]{0,300}\)|\]\]|\|")
"""The signs of Markdown that would stand in the way of reading, at the beginnings of lines and anywhere. Each way that
they go begins with one certain letter: that is looked for, and nothing is tried at the other letters of a text."""


class _Aligned(dict[int, str]):
    """Folds letters one by one, so that places in a text stay what they are."""

    def __missing__(self, letter: int) -> str:
        folded = words.fold(chr(letter)) if chr(letter).isalnum() else chr(letter)
        self[letter] = folded if len(folded) == 1 else chr(letter)
        return self[letter]


_ALIGNED = _Aligned()
_FOREIGN = re.compile("[^\x00-\x7f]")


@functools.lru_cache(128)
def _aligned(text: str) -> str:
    """A text folded letter by letter, as long as it is."""
    lower = text.lower()
    if len(lower) != len(text):
        return text.translate(_ALIGNED)
    return lower if lower.isascii() else _FOREIGN.sub(lambda letter: _ALIGNED[ord(letter[0])], lower)


def of(passages: Sequence[str], asked: Asked) -> list[Piece]:
    """The best place of some texts, the first of them when none bears a word of what was asked."""
    return best(passages, asked)[1]


def best(passages: Sequence[str], asked: Asked, *, far: int = FAR) -> tuple[int, list[Piece]]:
    """As `of`, with which of the texts it is. `far`: how many characters of them are looked at."""
    sought = _sought(tuple(_wanted(asked)), asked.beginnings)
    place, shown, most, left = 0, _plain(passages[0][:far]) if passages else "", 0, far
    found: list[tuple[int, int, str]] = []
    for at, passage in enumerate(passages):
        if left <= 0 or most == sought.count:
            break
        # Most passages bear none of the words, and need not be made plain.
        if sought.may_be_in(passage[:left]):
            text = _plain(passage[:left])
            marks = list(sought.marks(text))
            if (worth := len({word for _, _, word in marks})) > most:
                place, shown, most, found = at, text, worth, marks
        left -= len(passage)
    return place, _cut(shown, found)


def lacking(passages: Iterable[str], asked: Asked) -> Asked:
    """The words of what was asked that none of some texts bears."""
    wanted, beginnings, left = _wanted(asked), list(asked.beginnings), FAR
    for passage in passages:
        sought = _sought(tuple(wanted), tuple(beginnings))
        if not sought.count or left <= 0:
            break
        if sought.may_be_in(passage[:left]):
            borne = {word for _, _, word in sought.marks(_plain(passage[:left]))}
            wanted = [word for word in wanted if word not in borne]
            beginnings = [word for word in beginnings if word not in borne]
        left -= len(passage)
    return Asked(terms=tuple(wanted), beginnings=tuple(beginnings))


def _wanted(asked: Asked) -> list[str]:
    """The words of what was asked, without those that say nothing, unless it has no others."""
    wanted = list(dict.fromkeys((*asked.terms, *(word for phrase in asked.phrases for word in phrase))))
    return [word for word in wanted if word not in words.STOP_WORDS] or wanted


def bears(text: str, asked: Asked) -> bool:
    """Whether a text bears all words of what was asked."""
    wanted = [*asked.terms, *(word for phrase in asked.phrases for word in phrase)]
    aligned = _aligned(text)
    if aligned.isascii() and "'" not in aligned and not all(_start(one) in aligned for one in wanted):
        # Hardly any text bears them all, and most can be told without looking at their words.
        return False
    said = words.folded(text)
    return all(any(words.alike(one, word) for word in said) for one in wanted) and all(
        any(word.startswith(one) for word in said) for one in asked.beginnings
    )


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", SIGNS.sub(" ", LINE_SIGNS.sub(" ", f"\n{text}"))).split())


@functools.lru_cache(2000)
def _start(word: str) -> str:
    """How words begin that may be meant by a folded one: stems only change the end of a word, its last letter or, as
    with leão and leões, two of them."""
    length = min(len(stem) - (2 if stem.endswith("ao") else 1) for stem in words.stems(word))
    return word[: max(1, length)]


class _Sought:
    """Folded words, and beginnings of words, that texts are looked through for."""

    KNOWN = 2000
    """So many words of texts are remembered."""

    def __init__(self, wanted: Sequence[str], beginnings: Sequence[str]) -> None:
        self.count = len(wanted) + len(beginnings)
        self._beginnings = beginnings
        self._wanted = frozenset(wanted)
        self._by_stem = {stem: word for word in reversed(wanted) for stem in words.stems(word)}
        self._known: dict[str, str | None] = {}
        self._starts = sorted({*map(_start, wanted), *beginnings})

    def may_be_in(self, text: str) -> bool:
        aligned = _aligned(text)
        return any(start in aligned for start in self._starts)

    def marks(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where a text bears a word that is wanted: from, to, and which."""
        aligned, seen, end = _aligned(text), 0, 0
        for at in sorted({at for start in self._starts for at in _places(aligned, start)}):
            if at >= end and (word := words.TOKEN.match(aligned, at)) and (meant := self._meant(text[at : word.end()])):
                end = word.end()
                yield at, end, meant
                seen += 1
                if seen == MARKS:
                    return

    def _meant(self, written: str) -> str | None:
        meant = self._known.get(written, "")
        if meant == "":
            word = words.fold(written)
            alike = (self._by_stem[stem] for stem in words.stems(word) if stem in self._by_stem)
            begun = (one for one in self._beginnings if word.startswith(one))
            if len(self._known) >= self.KNOWN:
                self._known.clear()
            meant = self._known[written] = word if word in self._wanted else next(alike, None) or next(begun, None)
        return meant


def _places(text: str, start: str) -> Iterator[int]:
    """Where words begin so."""
    at = text.find(start)
    while at >= 0:
        if not at or not text[at - 1].isalnum():
            yield at
        at = text.find(start, at + 1)


@functools.lru_cache(64)
def _sought(wanted: tuple[str, ...], beginnings: tuple[str, ...]) -> _Sought:
    return _Sought(wanted, beginnings)


def _cut(text: str, marks: Sequence[tuple[int, int, str]]) -> list[Piece]:
    if len(text) <= LENGTH:
        begin, end = 0, len(text)
    else:
        begin, end = _window(text, marks)
    pieces: list[Piece] = []
    at = begin
    for start, stop, _ in marks:
        if begin <= start and stop <= end:
            pieces += [(text[at:start], False), (text[start:stop], True)]
            at = stop
    pieces.append((text[at:end], False))
    if begin:
        pieces.insert(0, ("… ", False))
    if end < len(text):
        pieces.append((" …", False))
    return [piece for piece in pieces if piece[0]]


def _window(text: str, marks: Sequence[tuple[int, int, str]]) -> tuple[int, int]:
    """Where a piece begins and ends that bears most of the different words, at the borders of words."""
    begins = [start for start, _, _ in marks]
    best, most = 0, 0
    for index, start in enumerate(begins):
        last = bisect.bisect_left(begins, start + LENGTH - BEFORE)
        worth = len({word for _, _, word in marks[index:last]})
        if worth > most:
            best, most = start, worth
    begin = max(0, min(best - BEFORE, len(text) - LENGTH)) if most else 0
    if begin:
        begin = text.rfind(" ", max(0, begin - 20), begin + 1) + 1 or begin
    end = min(len(text), begin + LENGTH)
    if end < len(text):
        space = text.rfind(" ", begin + LENGTH - 20, end)
        end = space if space > best else end
    return begin, end
