"""Words of one root: what is derived of a word (secar, secado, secador; grind, grinder) and what Spanish, Portuguese
and English have made of one (fotovoltaico, photovoltaic).

This joins more than it should, so it is for words that stand nowhere as they are.
"""

import functools
import heapq
import itertools
import re
from typing import Any

from search import words

SHORTEST = 3
"""Letters of a root."""
BEGINNING = 4
"""Letters by which words of a root are looked for."""
SPELLINGS = 16
"""So many spellings of these at most."""
SCANNED = 2000
"""How many words that begin so are looked at, in titles and texts together."""
FIELDS = ("title", "body")
MOST = 8
"""So many words of a root count, the commonest."""

_ENGLISH = (
    "ization isation ational ations ation itions ition ators ator ated ating ates ate ings ing ers er ors or ed "
    "ments ment ness ables able ibles ible ities ity icals ical ics ic ives ive als al ances ance ences ence ants "
    "ant ents ent ys y es e s"
)
_SPANISH = (
    "aciones acion iciones icion ciones cion siones sion adores adoras adora ador edores edoras edora edor idores "
    "idora idor ando iendo ados adas ado ada idos idas ido ida ar ir amientos amiento imientos imiento mientos "
    "miento idades idad dades dad eros eras ero era erias eria arios arias ario aria osos osas oso osa icos icas "
    "ico ica ivos ivas ivo iva ismos ismo istas ista antes ante entes ente ancias ancia encias encia ales ias ia "
    "ios io as a os o"
)
_PORTUGUESE = (
    "acoes acao icoes icao coes cao soes sao endo indo amentos amento imentos imento mentos mento idade dade "
    "eiros eiras eiro eira aveis avel iveis ivel ais anca ancas enca adeiras adeira edeiras edeira"
)
_ENDINGS = sorted((_ENGLISH + " " + _SPANISH + " " + _PORTUGUESE).split(), key=lambda one: (-len(one), one))
_SOUNDS = (
    *(("ph", "f"), ("th", "t"), ("rh", "r"), ("ch", "c"), ("qu", "c"), ("ck", "c"), ("k", "c"), ("y", "i"), ("z", "s")),
    *(("lh", "l"), ("nh", "n")),
)
_SPELT = {"f": ("f", "ph"), "t": ("t", "th"), "c": ("c", "ch", "qu", "k"), "i": ("i", "y"), "s": ("s", "z")}
_UNSPELT = re.compile("[^aeiouy]{4}|^[^aeiouy]{3}(?<!str)(?<!chr)(?<!thr)(?<!phr)(?<!sch)")


@functools.lru_cache(4000)
def root(word: str) -> str:
    """What is left of a folded word without what words are derived by, spelt as all of the languages might."""
    for ending in _ENDINGS:
        left = len(word) - len(ending)
        # Short endings are part of many short words.
        if word.endswith(ending) and left >= (SHORTEST if len(ending) > 1 else SHORTEST + 1):
            word = word[:left]
            break
    for other, letters in _SOUNDS:
        word = word.replace(other, letters)
    if word[:3] in ("esc", "esp", "est"):
        word = word[1:]
    return "".join(letter for letter, _ in itertools.groupby(word))


def _beginnings(word: str) -> list[str]:
    """How words of its root may begin, in the spellings of all the languages."""
    said = root(word)[:BEGINNING]
    doubled = [said[:at] + said[at - 1] + said[at:] for at in range(2, len(said) + 1) if said[at - 1] not in "aeiou"]
    breathed = [said[:at] + "h" + said[at:] for at in range(1, len(said) + 1) if said[at - 1] in "lnr"]
    spelt = ("".join(one) for one in itertools.product(*(_SPELT.get(letter, (letter,)) for letter in said)))
    found = [word, said, *doubled, *breathed]
    if said[:2] in ("sc", "sp", "st"):
        found += ["e" + said]
    found += [one for one in spelt if not _UNSPELT.search(one)]
    return list(dict.fromkeys(one[:BEGINNING] for one in found))[:SPELLINGS]


def of(reader: Any, word: str) -> list[str]:
    """The words of titles and texts that are of a folded word's root and no forms of it, the commonest first."""
    own = root(word)
    if len(own) < SHORTEST or not word.isalpha():
        return []
    found: dict[str, int] = {}
    begun = (
        (field, told) for begin in _beginnings(word) for field in FIELDS for told in reader.expand_prefix(field, begin)
    )
    for field, told in itertools.islice(begun, SCANNED):
        other = told.decode()
        if root(other) == own and not words.alike(other, word):
            found[other] = found.get(other, 0) + reader.doc_frequency(field, other)
    return heapq.nlargest(MOST, found, key=lambda one: (found[one], one))
