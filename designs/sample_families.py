"""The families of the sample commons: invented communities adapt some samples, take in what improves, and give back.

Each file of `seed-families/` tells of one design: its forks, what the original changed later, and proposals. All is
done by the verbs that people use.
"""

import copy
import functools
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any

from designs import changes, communities, forks, manifests, proposals, pulls
from designs.communities import About
from wiki import accounts, document, history, pages, spaces
from wiki.document import Document
from wiki.models import Account, Page

FOLDER = pathlib.Path(__file__).parent / "seed-families"
HANDLE = "comunidades-de-muestra"
ABOUT = "Cuenta inventada: adapta los diseños de muestra para comunidades de muestra."

Told = Mapping[str, Any]


def add(author: Account) -> int:
    """Found the sample communities and let them adapt what `author` published; says how many forks were made."""
    by = accounts.find_by_handle(HANDLE) or accounts.create(HANDLE, sample=True, about=ABOUT)[0]
    for told in _read("communities")["community"]:
        if spaces.find(told["slug"]) is None:
            about = About(told["names"], told["regions"], told["languages"], told["currency"], {}, told["welcome"])
            communities.found(told["slug"], about, by=by, counted=False)
    families = [_read(path.stem) for path in sorted(FOLDER.glob("*.toml")) if path.stem != "communities"]
    return sum(_add(family, by, author) for family in families)


@functools.cache
def _read(name: str) -> Told:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


def names() -> list[str]:
    """The names of all sample forks, `community/slug`."""
    families = [_read(path.stem) for path in sorted(FOLDER.glob("*.toml")) if path.stem != "communities"]
    return [f"{told['community']}/{told['slug']}" for family in families for told in family["fork"]]


def _add(family: Told, by: Account, author: Account) -> int:
    if history.find_page(family["fork"][0]["community"], family["fork"][0]["slug"]) is not None:
        return 0
    for told in family["fork"]:
        _fork(told, by)
    for told in family.get("later", ()):
        page = history.get_page(spaces.COMMON, told["of"])
        content = _changed(history.get_version(page).document, told["change"])
        pages.save(page, content, base=page.head, by=author, note=told["note"])
    for told in family["fork"]:
        if "pull" in told:
            _pull(told, by)
    for told in family.get("proposal", ()):
        _propose(told, by, author)
    return len(family["fork"])


def _fork(told: Told, by: Account) -> None:
    space = spaces.get(told["community"])
    upstream = history.get_version(history.get_page(spaces.COMMON, told["of"]))
    forks.fork(
        upstream,
        space,
        relation="adaptation",
        slug=told["slug"],
        reasons=told["reasons"],
        note=told["note"],
        by=by,
    )
    page = history.get_page(told["community"], told["slug"])
    content = {**_changed(upstream.document, told["change"]), **told["set"]}
    for added in told.get("add", ()):
        content[added["part"]] = [*document.rows(content, added["part"]), added["row"]]
    for dropped in told.get("drop", ()):
        part, _, key = dropped["place"].partition("/")
        content[part] = [row for row in document.rows(content, part) if row["key"] != key]
    why = [
        {
            "key": manifests.key("why", one["place"]),
            "place": one["place"],
            "reason": one["reason"],
            "why": one["why"],
        }
        for one in (*told["change"], *told.get("drop", ()), *map(_added, told.get("add", ())))
    ]
    pages.save(page, {**content, "adaptations": why}, base=1, by=by, note=told["note"])


def _added(told: Told) -> Told:
    return {**told, "place": f"{told['part']}/{told['row']['key']}"}


def _changed(content: Document, told: list[Told]) -> dict[str, Any]:
    """A document with other words at some places."""
    made: dict[str, Any] = copy.deepcopy(content)
    for change in told:
        part, _, rest = change["place"].partition("/")
        key, _, field = rest.partition("/")
        if not rest:
            made[part] = change["value"]
            continue
        next(row for row in made[part] if row["key"] == key)[field] = change["value"]
    return made


def _pull(told: Told, by: Account) -> None:
    page = history.get_page(told["community"], told["slug"])
    found = pulls.offered(page, by=by)
    taken = [offer.id for offer in found.all if _is_at(offer, told["pull"])]
    pulls.pull(page, number=found.version.revision.number, take=taken, by=by, note="Lo que también sirve aquí")


def _is_at(offer: changes.Offer, places: list[str]) -> bool:
    return any(offer.edit.place.partition("#")[0].startswith(place) for place in places)


def _propose(told: Told, by: Account, author: Account) -> None:
    target, source = (history.get_page(*told[side].split("/")) for side in ("to", "from"))
    offers = pulls.offered(target, source, by=by).all
    take = [offer.id for offer in offers if _is_at(offer, told["places"])]
    made = proposals.propose(target, source, take=take, note=told["note"], by=by)
    row = proposals.get(target, made.number)
    if "asks" in told:
        proposals.say(row, told["asks"], asks=True, by=author)
    if told["answer"] == "accepted":
        head: Page = history.get_page(*told["to"].split("/"))
        proposals.accept(proposals.get(head, made.number), digest=made.digest, by=author)
    elif told["answer"] == "declined":
        proposals.decline(row, reason=told["reason"], by=author)
