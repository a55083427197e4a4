"""The facets of a search and their values, in the reader's words."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as __

from designs import regions, units, vocabulary
from designs.web import figures, words
from search import query

INDENT = "\u2003"
SHOWN_MAX = 60
"""How many values of a facet are offered."""
LISTED = {
    "kind": "kinds",
    "licence": "licences",
    "task": "tasks",
    "crop": "crops",
    "stage": "stages",
    "power": "power",
    "skill": "skills",
}
"""The list of words for the values of a facet."""
NAMES = {
    "kind": __("Kind"),
    "language": __("Language"),
    "region": __("Region"),
    "licence": __("Licence"),
    "freedom": __("What the licences allow"),
    "task": __("For which work"),
    "community": __("Community"),
    "crop": __("Crops"),
    "stage": __("How mature it is"),
    "power": __("Power"),
    "skill": __("Skills"),
    "tool": __("Tools"),
    "material": __("Materials"),
    "cost": __("What the parts cost"),
    "has": __("There is"),
}
FIRST = ("kind", "task", "region", "language")
"""The facets that are offered at once; the others are folded away until one of them is used."""
HAS = {
    "drawing": __("drawings"),
    "cad": __("files to make it or to change it"),
    "bom": __("a list of parts"),
    "steps": __("steps"),
}
FREEDOM = {
    "sell": __("all may change and sell"),
    "sell-workers": __("only businesses of their own workers may sell"),
    "no-sale": __("not to be sold"),
    "no-changes": __("not to be changed"),
    "unknown": __("not known"),
}


def choices(name: str, answer: query.Answer) -> list[tuple[str, str, int]]:
    """The values of a facet with their words, the one chosen among them even if nothing bears it."""
    chosen = getattr(answer.narrow, name)
    pairs = list(answer.facets.get(name, ()))[:SHOWN_MAX]
    if chosen and chosen not in dict(pairs):
        pairs.append((chosen, dict(answer.facets.get(name, ())).get(chosen, 0)))
    if name == "region":
        return _tree(pairs)
    return [(value, _said(name, value), count) for value, count in pairs]


def _tree(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, str, int]]:
    """Regions below their countries, the biomes at the end."""

    def place(code: str) -> tuple[bool, str, bool, str]:
        country = regions.country(code)
        return not country, words.region(country) if country else "", code != country, words.region(code)

    found = sorted(pairs, key=lambda pair: place(pair[0]))
    inside = {code for code, _ in found if regions.kind(code) == "subdivision"}
    return [(code, INDENT * (code in inside) + words.region(code), count) for code, count in found]


def _said(name: str, value: str) -> str:
    if name == "language":
        return words.language(value)
    if name == "region":
        return words.region(value)
    if name in ("has", "freedom"):
        return str((HAS | FREEDOM).get(value, value))
    if name == "cost":
        return _span(value)
    return words.term(LISTED[name], value) if name in LISTED else value


def _span(value: str) -> str:
    """A span such as `BOB-200-500` in the reader's figures."""
    currency, *ends = value.split("-")
    amounts = [units.number(end) for end in ends]
    if len(amounts) != 2 or currency not in vocabulary.get("currencies"):
        return value
    return " – ".join(figures.money(amount, currency) for amount in amounts if amount is not None)
