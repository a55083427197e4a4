"""Regions: countries (ISO 3166-1), their subdivisions (ISO 3166-2), and biomes that lie across them. Pure.

Names, parents, currencies and languages are those of `vocab/regions_latam.json`, biomes those of
`vocab/biomes_latam.json`. Which biomes lie in a subdivision or a country is in no source that we have: communities say
it, by naming both.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from designs import vocabulary

Kind = Literal["country", "subdivision", "biome"]


@dataclass(frozen=True)
class Region:
    """What is known of a region. `names` by primary language. `parent` is the smallest region that it lies in: of a
    subdivision another one (in the Dominican Republic) or its country, else "". `type` is what its country calls a
    subdivision, in English. Countries have `currencies` (ISO 4217) and `languages` (BCP 47)."""

    code: str
    kind: Kind
    names: Mapping[str, str]
    parent: str = ""
    type: str = ""
    currencies: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@functools.cache
def _known() -> Mapping[str, Region]:
    tags = {str(term.more["iso639_3"]): tag for tag, term in vocabulary.get("languages").items()}
    return {
        code: Region(
            code,
            kind(code),
            term.labels,
            str(term.more.get("parent", "")),
            str(term.more.get("type", "")),
            tuple(term.more.get("currencies", ())),
            # `nah*` is a group of languages that has no tag.
            tuple(tags.get(one, one) for one in term.more.get("languages", ()) if one.isalpha()),
        )
        for code, term in vocabulary.get("regions").items()
    }


def find(code: str) -> Region | None:
    return _known().get(code)


def get(code: str) -> Region:
    """A region by its code. Raises KeyError for an unknown one."""
    return _known()[code]


def kind(code: str) -> Kind:
    if "-" in code and code[:2].isupper():
        return "subdivision"
    return "country" if len(code) == 2 and code.isupper() else "biome"


def country(code: str) -> str:
    """The country that a region lies in, "" for a biome."""
    return code[:2] if kind(code) != "biome" else ""


def countries() -> list[str]:
    return [code for code in vocabulary.get("regions") if kind(code) == "country"]


def biomes() -> list[str]:
    return [code for code in vocabulary.get("regions") if kind(code) == "biome"]


def subdivisions(code: str) -> list[str]:
    """The subdivisions of a country."""
    return [one for one in vocabulary.get("regions") if kind(one) == "subdivision" and one[:2] == code]


def children(code: str) -> list[str]:
    """The regions whose parent this is."""
    return [one.code for one in _known().values() if one.parent and one.parent == code]


def within(code: str) -> frozenset[str]:
    """All that counts as inside a region: itself and what lies below it. Of a biome only itself is known."""
    return _within().get(code, frozenset())


@functools.cache
def _within() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {code: set() for code in _known()}
    for code in found:
        around = code
        while around:
            found[around].add(code)
            around = get(around).parent
    return {code: frozenset(inside) for code, inside in found.items()}


@dataclass(frozen=True)
class Ring:
    """A step in which a search is widened: `what` it is, and the codes that count, with all that is within them."""

    what: Literal["here", "biome", "country"]
    codes: tuple[str, ...]

    def holds(self, code: str) -> bool:
        return any(code in within(one) for one in self.codes)


def widening(codes: str | Iterable[str]) -> list[Ring]:
    """From a region, or the regions of somebody, outwards: the places themselves, the biomes among them wherever they
    lie, their countries. What follows is everything."""
    codes = [codes] if isinstance(codes, str) else codes
    own = tuple(dict.fromkeys(code for code in codes if find(code)))
    across = tuple(code for code in own if kind(code) == "biome")
    here = tuple(code for code in own if code not in across)
    rings = [Ring("here", here or own)]
    if across and here:
        rings.append(Ring("biome", across))
    around = tuple(dict.fromkeys(found for code in own if (found := country(code))))
    if set(around) - set(own):
        rings.append(Ring("country", around))
    return rings


def distance(mine: str | Iterable[str], theirs: str | Iterable[str]) -> int:
    """In which ring round one's own regions others lie first, counted from 0; the number of rings when in none."""
    rings, there = widening(mine), [theirs] if isinstance(theirs, str) else list(theirs)
    return next((step for step, ring in enumerate(rings) if any(map(ring.holds, there))), len(rings))


def currencies() -> list[str]:
    return list(vocabulary.get("currencies"))
