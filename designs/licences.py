"""What a licence lets a reader do, what it asks for, and what may be made of it, from `vocab/licenses.json`.

A reading of the texts in plain words and no advice: the licence itself is linked beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from designs import sheet, vocabulary
from designs.manifests import CARD
from wiki import document
from wiki.document import Document
from wiki.errors import Problem

NO_DUTIES = frozenset({"CC0-1.0"})
CHANGES_UNNAMED = frozenset({"MIT", "ODbL-1.0", "LicenseRef-OSSI-Pledge"})
"""Licences that do not ask for changes to be named. CC BY 4.0, CERN-OHL v2 3.3b, PPL 3b and the GPL do."""
ORDER = ("hardware", "germplasm", "documentation", "software", "data")
"""Slots in the order in which they answer "may I?": the thing before its description."""


@dataclass(frozen=True)
class Box:
    """Codes of sentences. `may` and `may_not`: use sell-cooperative sell-workers sell-company change.
    `must`: credit changes same same-part pledge sources. All are empty for a licence that nobody here knows."""

    licence: str
    may: tuple[str, ...] = ()
    may_not: tuple[str, ...] = ()
    must: tuple[str, ...] = ()


def box(licence: str) -> Box:
    term = vocabulary.get("licences").get(licence)
    if term is None:
        return Box(licence)
    flags = {name: str(term.more.get(name, "")) for name in ("family", "commercial", "derivatives", "share_alike")}
    is_open = flags["family"] != "none"
    rights = {
        "use": is_open,
        "sell-cooperative": flags["commercial"] == "yes",
        "sell-company": flags["commercial"] == "yes",
        "change": flags["derivatives"] == "yes",
    }
    if flags["commercial"] == "worker-owned only":
        rights = {"use": is_open, "sell-workers": True, "sell-company": False, "change": rights["change"]}
    return Box(
        licence,
        tuple(code for code, given in rights.items() if given),
        tuple(code for code, given in rights.items() if not given),
        _duties(licence, flags) if is_open else (),
    )


def _duties(licence: str, flags: dict[str, str]) -> tuple[str, ...]:
    if licence in NO_DUTIES:
        return ()
    if flags["family"] == "seed":
        return ("pledge",)
    duties = ["credit"]
    if flags["derivatives"] == "yes":
        if licence not in CHANGES_UNNAMED:
            duties.append("changes")
        if flags["share_alike"] == "same (the part)":
            duties.append("same-part")
        elif flags["share_alike"].startswith("same"):
            duties.append("same")
    if flags["family"] in ("hardware", "software") and flags["share_alike"].startswith("same"):
        duties.append("sources")
    return tuple(duties)


def slots(licences: dict[str, str]) -> list[tuple[str, Box]]:
    """The boxes of a design, that of the thing itself first."""
    known = [slot for slot in ORDER if slot in licences]
    return [(slot, box(licences[slot])) for slot in [*known, *sorted(licences.keys() - set(ORDER))]]


@dataclass(frozen=True)
class Ruling:
    """Whether what is under one licence may go on under another: at once, on a condition that somebody agrees to, or
    not. `why` is the code of a sentence."""

    verdict: Literal["ok", "cond", "no"]
    why: str = ""


WHY: Mapping[str, str] = {
    "allowed, but it narrows a free work: warn; the original stays CC BY": "narrows",
    "allowed with CC BY notices kept for the part taken": "notices",
    "one-way, declared 2015 (from memory); no way back": "one-way",
    "ShareAlike binds adaptations": "same",
    "would allow commercial use that the author refused": "commercial",
    "NC and SA bind": "commercial",
    "would drop or change the worker-owned condition (4b-4d)": "workers",
    "3.4: other terms allowed if notices are kept, the change is noted and a copy of the licence goes along": "notices",
    "8.3: only if every Available Component meets the S definition": "components",
    "3.3d: the modified source stays under W": "same",
    "3.3d": "same",
    "S 1.2a counts earlier CERN OHL versions as Compatible Licences: fine as a part of an S design, the 1.2 text still "
    "governs that part": "notices",
    "combination allowed by GPL 13": "notices",
}
"""The reasons of the table, as codes of sentences in plain words."""


def ruling(old: str, new: str) -> Ruling:
    """What the table says of an adaptation from one licence to another. A pair that it does not list is a no; a licence
    that nobody here knows may only stay, and only when somebody says that it lets its works be changed."""
    known = vocabulary.get("licences")
    if old in known and str(known[old].more.get("derivatives")) == "no":
        return Ruling("no", "no-changes")
    if old == new:
        return Ruling("ok") if old in known else Ruling("cond", "unknown")
    verdict, why = vocabulary.adaptations().get(old, {}).get(new, ("no", ""))
    if verdict == "ok":
        return Ruling("ok")
    return Ruling("cond" if verdict == "cond" else "no", WHY.get(why, "unlisted"))


def follows(before: Document, after: Document | None) -> Sequence[Problem]:
    """What keeps a document from being made of another, slot by slot where a licence changes; or, without `after`, from
    being copied to where it is changed. What is only a link is not copied, whatever its licence says."""
    old = sheet.licences(before)
    new = old if after is None else sheet.licences(after)
    if after is None and any(row["key"] == CARD for row in document.rows(before, "sources")):
        return [Problem("sources/card", "licence-card")]
    found = []
    for slot, licence in old.items():
        if after is not None and new.get(slot) == licence:
            continue
        ruled = ruling(licence, new.get(slot, ""))
        if ruled.verdict != "ok":
            arrow = licence if after is None else f"{licence} → {new.get(slot, '–')}"
            values = {"old": licence, "new": new.get(slot, "–")}
            values |= {"condition": arrow} if ruled.verdict == "cond" else {}
            found.append(Problem(f"licences/{slot}", f"licence-{ruled.why}", values))
    return found


def meets(given: Mapping[str, str], asked: Mapping[str, str]) -> Sequence[Problem]:
    """What keeps work under some licences, by slot, from going into a work under others."""
    found = []
    for slot, licence in given.items():
        ruled = ruling(licence, asked.get(slot, licence))
        if ruled.verdict != "ok" and licence != asked.get(slot, licence):
            values = {"old": licence, "new": asked.get(slot, licence)}
            values |= {"condition": f"{licence} → {asked[slot]}"} if ruled.verdict == "cond" else {}
            found.append(Problem(f"licences/{slot}", f"licence-{ruled.why}", values))
    return found
