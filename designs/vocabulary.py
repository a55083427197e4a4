"""The controlled lists of the domain: ids with words in three languages, read from `vocab/`, where each file names its
source and standing."""

import functools
import json
import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

FOLDER = pathlib.Path(__file__).parent / "vocab"


@dataclass(frozen=True)
class Term:
    """One id of a list. `labels` by primary language (`es`, `pt`, `en`); `more` holds what else the source says."""

    id: str
    labels: Mapping[str, str]
    more: Mapping[str, Any] = field(default_factory=dict)

    def label(self, language: str) -> str:
        """The word in a language given as BCP 47, in English or as the id where there is none."""
        return self.labels.get(language.split("-")[0]) or self.labels.get("en") or self.id


Vocabulary = Mapping[str, Term]


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return data


def _terms(rows: list[dict[str, Any]], key: str = "id") -> dict[str, Term]:
    known = {"es", "pt", "en", key}
    return {
        row[key]: Term(
            row[key],
            {language: row[language] for language in ("es", "pt", "en") if row.get(language)},
            {name: value for name, value in row.items() if name not in known},
        )
        for row in rows
    }


def _regions() -> dict[str, Term]:
    """Countries (ISO 3166-1), then their subdivisions (ISO 3166-2), then biomes by their own ids."""
    countries = _read("regions_latam")["countries"]
    found = _terms(countries, "code")
    for country in countries:
        for code, name, called, *parent in country["subdivisions"]:
            more = {"country": country["code"], "type": called, "parent": parent[0] if parent else country["code"]}
            found[code] = Term(code, {"en": name, "es": name, "pt": name}, more)
    return found | _terms(_read("biomes_latam")["biomes"])


def _licences() -> dict[str, Term]:
    rows = _read("licenses")["licences"]
    return {
        row["id"]: Term(
            row["id"],
            {language: row.get(language, row["name"]) for language in ("es", "pt", "en")},
            row,
        )
        for row in rows
    }


@functools.cache
def get(name: str) -> Vocabulary:
    """A list by its name. Raises KeyError for an unknown one."""
    return _SOURCES[name]()


@functools.cache
def adaptations() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Under which licences what is under one may be adapted: `ok`, `cond` or `no`, and why, by the two ids."""
    table = _read("licenses")["adaptation"]
    return {old: {new: (verdict, why) for new, (verdict, why) in rows.items()} for old, rows in table.items()}


def label(name: str, id: str, language: str) -> str:
    """The word for an id, or the id itself where the list does not have it."""
    term = get(name).get(id)
    return term.label(language) if term else id


_SOURCES: Mapping[str, Callable[[], Vocabulary]] = {
    "kinds": lambda: _terms(_read("proposed")["kinds"]),
    "tasks": lambda: _terms(_read("proposed")["tasks"]),
    "power": lambda: _terms(_read("proposed")["power"]),
    "skills": lambda: _terms(_read("proposed")["skills"]),
    "hazards": lambda: _terms(_read("proposed")["hazards"]),
    "gear": lambda: _terms(_read("proposed")["protective_gear"]),
    "verdicts": lambda: _terms(_read("proposed")["substitution_verdict"]),
    "reasons": lambda: _terms(_read("proposed")["fork_reason"]),
    "stages": lambda: _terms(_read("maturity")["plain_stage"] + _read("maturity")["practice_stage"]),
    "crops": lambda: _terms(_read("crops")["crops"]),
    "regions": _regions,
    "languages": lambda: _terms(_read("languages")["languages"], "bcp47"),
    "licences": _licences,
    "currencies": lambda: _terms(_read("regions_latam")["currencies"], "code"),
}
