"""What a licence lets a reader do and what it asks for, from the flags of `vocab/licenses.json`.

A reading of the texts in plain words and no advice: the licence itself is linked beside it.
"""

from dataclasses import dataclass

from designs import vocabulary

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
