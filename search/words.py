"""Words as they are indexed and asked for: without case, accents and apostrophes, and their light stems.

The stems only take off plurals and final vowels. On the words of farming that joins more of what belongs together than
Snowball's do (raíz and raíces, feijão and feijões) and less of what does not.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping

TOKEN = re.compile("[^\\W_]++(?:['’ʼ\u0300-\u036f]++[^\\W_]++|[\u0300-\u036f]++)*+")
"""Letters and figures, with the apostrophes (ch'aki) and the marks without composed letters (g̃) in them. Possessive, so
that a text of nothing but marks takes no longer than another."""
LONGEST = 40
"""Characters of a word that count."""


@functools.lru_cache(40_000)
def fold(word: str) -> str:
    """A word in the form in which it is compared; "" when nothing is left."""
    if word.isascii() and word.isalnum():
        return word.lower()[:LONGEST]
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if letter.isalnum())[:LONGEST]


def folded(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    return [word for found in TOKEN.findall(unicodedata.normalize("NFC", text)) if (word := fold(found))]


def _without_last_vowel(word: str) -> str:
    return word[:-1] if len(word) > 4 and word[-1] in "aeo" else word


def _spanish(word: str) -> str:
    if len(word) < 4:
        return word
    if word.endswith("ces"):
        word = f"{word[:-3]}z"
    elif word.endswith("iones") or (word.endswith("es") and word[-3] in "lrndzjsy"):
        word = word[:-2]
    elif word.endswith("s"):
        word = word[:-1]
    return _without_last_vowel(word)


def _portuguese(word: str) -> str:
    if len(word) < 4:
        return word
    if word.endswith(("oes", "aes")):
        word = f"{word[:-3]}ao"
    elif word.endswith(("ais", "eis", "ois", "uis")):
        word = f"{word[:-2]}l"
    elif word.endswith("ns"):
        word = f"{word[:-2]}m"
    elif word.endswith("es") and word[-3] in "rzs":
        word = word[:-2]
    elif word.endswith("s"):
        word = word[:-1]
    return _without_last_vowel(word)


def _english(word: str) -> str:
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word.removesuffix("s")


STEMMERS: Mapping[str, Callable[[str], str]] = {"es": _spanish, "pt": _portuguese, "en": _english}
"""What makes stems of folded words, by the primary tag of the language. Other languages are only folded."""


@functools.lru_cache(20_000)
def stems(word: str) -> frozenset[str]:
    """The stems of a folded word in all languages. What a text is said to be written in is often wrong, and words are
    borrowed: so a word is known by each of them, whatever the language of its page."""
    return frozenset(stem(word) for stem in STEMMERS.values())


@functools.lru_cache(1000)
def primary(language: str) -> str:
    return language.split("-")[0].lower()


def alike(one: str, other: str) -> bool:
    """Whether two folded words are the same or share a stem."""
    return one == other or not stems(one).isdisjoint(stems(other))


_SPANISH = (
    "a al algo ante aquel aquella asi aun cada como con contra cual cuando de del desde donde dos el ella ellas "
    "ellos en entre era es esa ese eso esta este esto fue ha hace hacer hacia han hasta hay la las le les lo los "
    "mas me mi mis muy ni no nos o otra otro para pero por porque que quien se segun ser si sin sobre son "
    "su sus tambien tiene todo todos tu tus un una unas uno unos y ya yo "
)
_PORTUGUESE = (
    "ao aos aquela aquele as ate cade com da das dela dele depois do dos e ela elas ele eles em era essa esse esta "
    "este eu faz fazer foi isso isto ja mais mas meu minha muito na nas nem no nos nossa nosso num numa ou os para "
    "pela pelo por quais qual quando que pra pras pro pros quem sao se sem ser seu seus so sua suas tem um uma "
    "uns voce "
)
_ENGLISH = (
    "about all an and any are at be been but by can could do does for from had has have how i if in into is it its "
    "make my of on one or our out so some than that the their them then there these they this to up was we were "
    "what when where which who will with you your "
)
STOP_WORDS = frozenset((_SPANISH + _PORTUGUESE + _ENGLISH).split())
"""Words that say nothing by themselves, folded. A word of one language that means something in another is not here."""
