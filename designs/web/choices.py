"""The lists of the form: what there is to choose, in the reader's words, and what somebody meant who typed a name.

Made once for each language and kept as markup; what is chosen is marked by a replacement.
"""

import functools
import re
from collections.abc import Collection, Mapping

from markupsafe import Markup, escape

from designs import vocabulary
from designs.web import words
from wiki import folding

LONG = frozenset({"regions", "crops", "languages"})
"""Lists that nobody reads through: they are offered while a name is typed."""
INDEX = "\x01#\x02"
"""Stands for the number of a row in markup that many rows share."""


SHORT = {"needs": words.NEEDS, "credit roles": words.ROLES, "file roles": words.FILE_ROLES}
"""Lists of a few words that only the form knows as lists."""


@functools.lru_cache(256)
def labels(listed: str, language: str) -> Mapping[str, str]:
    """The words for each id of a list, asked in the language that they are for."""
    if listed in SHORT:
        return {id: str(label) for id, label in SHORT[listed].items()}
    return {id: term.label(language) for id, term in vocabulary.get(listed).items()}


@functools.lru_cache(256)
def offered(listed: str, language: str) -> Mapping[str, str]:
    """The words for each id of a list. Where several are called the same, all but a country say their id too."""
    known = labels(listed, language)
    called: dict[str, int] = {}
    for label in known.values():
        called[folding.fold(label)] = called.get(folding.fold(label), 0) + 1
    return {
        id: label if called[folding.fold(label)] == 1 or _is_country(listed, id) else f"{label} ({id})"
        for id, label in known.items()
    }


def _is_country(listed: str, id: str) -> bool:
    return listed == "regions" and len(id) == 2


@functools.lru_cache(64)
def _meant(listed: str, language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for tag in dict.fromkeys((language, "es", "pt", "en")):
        for id, label in offered(listed, tag).items():
            found.setdefault(folding.fold(label), id)
    return {id.casefold(): id for id in vocabulary.get(listed)} | found


def resolve(listed: str, text: str, language: str) -> str:
    """The id that is meant by an id or a name in any language, the reader's first; else the text as it was typed."""
    if text in vocabulary.get(listed):
        return text
    return _meant(listed, language).get(folding.fold(text), text)


def called(listed: str, id: str, language: str) -> str:
    """What stands in a field for an id: its name, if the name leads back to it."""
    label = offered(listed, language).get(id)
    return label if label is not None and resolve(listed, label, language) == id else id


@functools.lru_cache(64)
def datalist(listed: str, language: str) -> Markup:
    names = "".join(f"<option>{escape(label)}" for label in offered(listed, language).values())
    return Markup(f'<datalist id="list-{listed}">{names}</datalist>')  # noqa: S704


@functools.lru_cache(256)
def _options(listed: str, language: str) -> str:
    listed_options = [option(id, label) for id, label in labels(listed, language).items()]
    return '<option value=""></option>' + "".join(listed_options)


def options(listed: str, language: str, chosen: str) -> Markup:
    """The options of a select; what is chosen and stands in no list comes last, as it is."""
    html = _options(listed, language)
    if not chosen:
        return Markup(html)  # noqa: S704
    value = f'value="{escaped(chosen)}"'
    if value in html:
        return Markup(html.replace(value, f"{value} selected", 1))  # noqa: S704
    return Markup(html + option(chosen, chosen, True))  # noqa: S704


SPECIAL = re.compile("[&<>\"']")


def escaped(text: str) -> str:
    """As `escape`, at a third of its cost where there is nothing to escape: a form has a thousand short texts."""
    return text if SPECIAL.search(text) is None else str(escape(text))


def option(value: str, label: str, selected: bool = False) -> str:
    mark = " selected" if selected else ""
    return f'<option value="{escaped(value)}"{mark}>{escaped(label)}</option>'


def tick(name: str, value: str, label: str, checked: bool = False) -> str:
    mark = " checked" if checked else ""
    box = f'<input type="checkbox" name="{name}" value="{escaped(value)}"{mark}>'
    return f"<label>{box} <span>{escaped(label)}</span></label>"


@functools.lru_cache(256)
def _ticks(name: str, listed: str, language: str) -> str:
    return "".join(tick(name, term.id, term.label(language)) for term in vocabulary.get(listed).values())


def ticks(name: str, listed: str, language: str, chosen: Collection[str]) -> Markup:
    """A tick for each id of a list, and for what is chosen beside it."""
    known = vocabulary.get(listed)
    return marked(_ticks(name, listed, language), name, chosen, {id: id for id in chosen if id not in known})


def marked(html: str, name: str, chosen: Collection[str], beside: Mapping[str, str]) -> Markup:
    """Ticks with the chosen ones set; `beside` gives values and labels that are not among them."""
    for value in chosen:
        if value not in beside:
            mark = f'value="{escaped(value)}"'
            html = html.replace(f"{mark}>", f"{mark} checked>", 1)
    return Markup(html + "".join(tick(name, value, label, True) for value, label in beside.items()))  # noqa: S704
