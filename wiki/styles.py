"""What a drawing may say of its looks: names of properties, and values that ask for nothing outside the drawing."""

import re
from collections.abc import Iterator


def names(words: str) -> frozenset[str]:
    return frozenset(words.split())


PROPERTIES = names(
    "clip-path clip-rule color color-interpolation direction display dominant-baseline alignment-baseline "
    "baseline-shift fill fill-opacity fill-rule font-family font-size font-size-adjust font-stretch font-style "
    "font-variant font-weight letter-spacing marker marker-end marker-mid marker-start mask opacity overflow "
    "paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap "
    "stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration text-rendering "
    "unicode-bidi vector-effect visibility word-spacing writing-mode"
)
SHORT = {"marker": ("marker-start", "marker-mid", "marker-end")}
"""Properties that stand for several: there is no attribute for them."""

_REFERRING = names("fill stroke clip-path mask marker marker-start marker-mid marker-end")
_FUNCTIONS = names("rgb rgba hsl hsla translate translatex translatey rotate scale skewx skewy matrix")
_PLAIN = re.compile(r"[\w\s.,%#()+*/'\"!:-]*")
_ADDRESS = re.compile(r"""url\(\s*["']?#([A-Za-z_][\w.:-]{0,200})["']?\s*\)\s*([\w#]*)""", re.A)
_SELECTOR = re.compile(r"\*|[.#]?[A-Za-z_][\w-]{0,100}")
RULES = 2000
"""How many rules of a style sheet are read."""


def is_plain(value: str) -> bool:
    """Whether a value names only figures, words and harmless functions."""
    return _PLAIN.fullmatch(value) is not None and all(
        _last_word(before) in _FUNCTIONS for before in value.split("(")[:-1]
    )


def _last_word(text: str) -> str:
    words = re.findall(r"[\w-]+", text[-40:])
    return words[-1].lower() if words else ""


def value(name: str, given: str) -> str | None:
    """The value of a property as it may stand in a drawing, None when it may not."""
    if name not in PROPERTIES:
        return None
    shown = given.strip().removesuffix("!important").strip()
    if name in _REFERRING and (match := _ADDRESS.fullmatch(shown)) is not None:
        return f"url(#{match[1]}) {match[2]}".rstrip()
    return shown if shown and is_plain(shown) else None


def declarations(text: str) -> dict[str, str]:
    """The properties that a `style` sets, as the attributes that say the same."""
    found = {}
    for declaration in _without_comments(text).split(";"):
        name, _, given = declaration.partition(":")
        name = name.strip().lower()
        clean = value(name, given)
        if clean is not None:
            found.update(dict.fromkeys(SHORT.get(name, (name,)), clean))
    return found


def rules(sheet: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Pairs of a simple selector (`*`, a name, `.class`, `#id`) and what it sets; all others are passed over."""
    found = 0
    for block in _without_comments(sheet).split("}"):
        selectors, _, body = block.rpartition("{")
        declared = declarations(body)
        for selector in selectors.rpartition(";")[2].split(",") if declared else ():
            found += 1
            if found > RULES:
                return
            if _SELECTOR.fullmatch(selector.strip()):
                yield selector.strip(), declared


def _without_comments(text: str) -> str:
    first, *others = text.split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)
