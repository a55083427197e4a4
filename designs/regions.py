"""Regions: countries (ISO 3166-1), their subdivisions (ISO 3166-2), and biomes that lie across them. Pure.

Names and currencies are those of `vocab/regions_latam.json`, biomes those of `vocab/biomes_latam.json`. Which biomes
lie in a subdivision is in no source that we have: communities say it, by naming both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from designs import vocabulary

Kind = Literal["country", "subdivision", "biome"]


def find(code: str) -> bool:
    """Whether there is such a region."""
    return code in vocabulary.get("regions")


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


@dataclass(frozen=True)
class Ring:
    """A step in which a search is widened: `what` it is, and the codes that count. `also` are countries whose
    subdivisions count too."""

    what: Literal["here", "biome", "country"]
    codes: tuple[str, ...]
    also: tuple[str, ...] = ()

    def holds(self, code: str) -> bool:
        return code in self.codes or country(code) in self.also


def widening(codes: Iterable[str]) -> list[Ring]:
    """From the regions of somebody outwards: those themselves, the biomes among them wherever they lie, their
    countries. What follows is everything."""
    own = tuple(dict.fromkeys(code for code in codes if find(code)))
    rings = [Ring("here", own, tuple(code for code in own if kind(code) == "country"))]
    across = tuple(code for code in own if kind(code) == "biome")
    if across and across != own:
        rings.append(Ring("biome", across))
    around = tuple(dict.fromkeys(found for code in own if (found := country(code))))
    if set(around) - set(own):
        rings.append(Ring("country", around, around))
    return rings


def distance(mine: Iterable[str], theirs: Iterable[str]) -> int:
    """In which ring round one's own regions others lie first, counted from 0; the number of rings when in none."""
    rings, there = widening(mine), list(theirs)
    return next((step for step, ring in enumerate(rings) if any(map(ring.holds, there))), len(rings))


def currencies() -> list[str]:
    return list(vocabulary.get("currencies"))
