"""The words for the parts and fields of a design, and for places in it."""

import functools
from collections.abc import Mapping, Sequence

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __

from designs import sheet, vocabulary
from wiki import document
from wiki.document import Document
from wiki.web.site import NAMES

PLACES = 2
"""How many regions are named where there is little room."""

PARTS = {
    "kind": __("Kind"),
    "title": __("Title"),
    "summary": __("In one line"),
    "names": __("Other names"),
    "problem": __("What it solves"),
    "context": __("Where it works and where not"),
    "stage": __("How mature it is"),
    "tasks": __("For which work"),
    "crops": __("Crops"),
    "animals": __("Animals"),
    "regions": __("Regions"),
    "power": __("Power"),
    "skills": __("Skills"),
    "hazards": __("Dangers"),
    "gear": __("Protective gear"),
    "files": __("Drawings, photos and files"),
    "bom": __("Materials and parts"),
    "substitutes": __("What can replace what"),
    "tools": __("Tools"),
    "steps": __("Steps"),
    "body": __("Use, care and repair"),
    "knowledge": __("Whose knowledge this is"),
    "licences": __("Licences"),
    "credits": __("Credits"),
    "sources": __("Sources"),
    "adaptations": __("What was adapted and why"),
    "translated": __("State of the translation"),
}

HINTS = {
    "title": __("A short name that people would search for."),
    "summary": __("What it does and for whom, in at most 280 characters."),
    "problem": __("What was hard before? For whom?"),
    "context": __("Sizes, climates, soils; also where it fails."),
    "hazards": __("What can hurt somebody. Choose “no known hazards” if there are none."),
    "regions": __("The places it was made for."),
    "body": __("Upkeep, repairs, what goes wrong. Headings begin with ##."),
    "knowledge": __("Your own, learnt from somebody, of a community? Name them as they want to be named."),
    "licences": __("What others may do with it. The one proposed keeps it free for all."),
    "bom": __("One line for each thing to buy, find or make."),
    "steps": __("One act each, in the order of the work."),
}

COLUMNS = {
    "names": {"text": __("Name"), "language": __("Language"), "region": __("Region")},
    "files": {
        "name": __("File name"),
        "role": __("What it is"),
        "alt": __("What it shows, for those who can't see it"),
        "caption": __("Caption"),
        "licence": __("Licence"),
        "sha256": __("File"),
    },
    "bom": {
        "quantity": __("Quantity"),
        "unit": __("Unit"),
        "name": __("Name"),
        "spec": __("Size and make"),
        "material": __("Material"),
        "critical": __("Must not be replaced"),
        "cost": __("Cost of one"),
        "currency": __("Currency"),
        "month": __("Month of the price"),
        "design": __("Design of this part"),
    },
    "substitutes": {
        "line": __("Instead of"),
        "name": __("Use"),
        "regions": __("Where"),
        "verdict": __("How well"),
        "why": __("Why"),
    },
    "tools": {"name": __("Name"), "need": __("Needed?")},
    "steps": {
        "title": __("Title"),
        "text": __("What to do"),
        "minutes": __("Minutes"),
        "parts": __("Parts used"),
        "tools": __("Tools used"),
        "files": __("Drawings"),
        "warning": __("Take care"),
        "check": __("It is right when"),
    },
    "licences": {"licence": __("Licence")},
    "credits": {"name": __("Who"), "role": __("For what")},
    "sources": {"kind": __("Kind"), "title": __("Title"), "url": __("Address"), "licence": __("Licence")},
    "adaptations": {"place": __("Place"), "reason": __("Reason"), "why": __("Why")},
    "translated": {"place": __("Place"), "of": __("Of")},
}

SLOTS = {
    "documentation": __("Texts and drawings"),
    "hardware": __("The thing itself"),
    "software": __("Programs"),
    "data": __("Data"),
    "germplasm": __("Seeds and breeds"),
}

RELATIONS = {
    "adaptation": __("an adaptation to another place"),
    "translation": __("a translation"),
    "variant": __("a variant for another purpose"),
}
STATES = {
    "open": __("waits for an answer"),
    "accepted": __("accepted"),
    "declined": __("declined"),
    "withdrawn": __("withdrawn"),
}
PROBLEMS = {
    "licence-card": __("This is only a link to a work elsewhere: its licence does not let it be copied or changed."),
    "licence-no-changes": __("The licence %(old)s does not let anybody change this work."),
    "licence-same": __("What is under %(old)s stays under %(old)s: %(new)s is not possible."),
    "licence-commercial": __("Whoever made this does not let it be sold: %(new)s would let others sell it."),
    "licence-workers": __("Only those who work in it may sell this (%(old)s): %(new)s would drop that."),
    "licence-unlisted": __("We know of no way from %(old)s to %(new)s."),
    "licence-narrows": __("%(new)s lets people do less than %(old)s. The original stays free; is that what you want?"),
    "licence-notices": __(
        "From %(old)s to %(new)s, the notices and names of the original must stay with what was taken from it."
    ),
    "licence-one-way": __("From %(old)s to %(new)s there is no way back."),
    "licence-components": __("%(new)s asks that every part that can be bought or made meets it too."),
    "licence-unknown": __(
        "We do not know the licence “%(old)s”. I have read it, and it lets the work be changed and shared again."
    ),
    "no-upstream": __("This design was not forked from another one."),
    "no-relative": __("These two designs have nothing in common: there is nothing to take from one to the other."),
    "no-such-page": __("There is no such design here."),
    "not-offered": __("One of the changes is not offered any more. Look at the list again."),
    "taken-already": __("A newer version was taken already."),
    "nothing-changed": __("Nothing was changed or chosen, so there is nothing to offer."),
    "other-language": __("Choose a language other than that of the original."),
    "too-many-proposals": __("You have %(limit)s proposals waiting here. Withdraw one, or wait for an answer."),
    "too-many-remarks": __("Enough has been said here: at most %(limit)s remarks."),
    "not-texts": __("A list of texts is needed."),
    "no-such-person": __("Nobody has this name here."),
    "last-steward": __("A community needs a steward: make somebody else one first."),
    "bad-code": __("This code does not count. Look at each letter again, or ask for a new one."),
    "too-many": __("These are too many: at most %(limit)s."),
}
"""What may be wrong with what is asked of designs, in sentences."""

SECTIONS = (
    ("what", __("What it is"), ("title", "summary", "names", "problem", "context", "stage")),
    ("where", __("For what and where"), ("tasks", "crops", "animals", "regions", "power", "skills")),
    ("safety", __("Safety"), ("hazards", "gear")),
    ("pictures", __("Drawings and photos"), ("files",)),
    ("materials", __("Materials and tools"), ("bom", "substitutes", "tools")),
    ("making", __("How it is done"), ("steps", "body")),
    ("sharing", __("Sharing and credit"), ("licences", "knowledge", "credits", "sources")),
)
"""The form in the order in which people write it: id, words, parts."""


def part(name: str) -> str:
    return _part(name, g.language) if name in PARTS else name


@functools.cache
def _part(name: str, _language: str) -> str:
    return str(PARTS[name])


def column(part_name: str, name: str) -> str:
    return str(COLUMNS.get(part_name, {}).get(name, name))


def row(name: str, row: document.Row | None, position: int) -> str:
    """What a row is called among its neighbours: its title, name or text, else its position."""
    if name == "licences" and row is not None:
        return str(SLOTS.get(str(row["key"]), row["key"]))
    called = next((str(row[f]) for f in ("title", "name", "text") if row and row.get(f)), "")
    return called or _("line %(number)s", number=position)


def place(where: str, content: Document) -> str:
    """A place of a document in words: `bom/tubo/quantity` gives "Materials and parts › Tubo de 1/2 › Quantity"."""
    head, _hash, line = where.partition("#")
    name, *rest = head.split("/")
    said = [part(name)]
    if line:
        said.append(_("line %(number)s", number=line))
    if rest:
        rows = document.rows(content, name)
        position, found = next(((i, r) for i, r in enumerate(rows, 1) if r["key"] == rest[0]), (0, None))
        said.append(row(name, found, position) if found else rest[0])
    if len(rest) > 1:
        said.append(column(name, rest[1]))
    return " › ".join(said)


def term(listed: str, id: str) -> str:
    """The word for an id in the reader's language."""
    return vocabulary.label(listed, id, g.language)


def places(codes: Sequence[str]) -> str:
    """The first of some regions, and how many more there are."""
    return _places(tuple(codes), g.language)


@functools.lru_cache(2000)
def _places(codes: tuple[str, ...], language: str) -> str:
    told = ", ".join(vocabulary.label("regions", code, language) for code in codes[:PLACES])
    return f"{told} +{len(codes) - PLACES}" if len(codes) > PLACES else told


def terms(content: Document, name: str) -> list[str]:
    return sheet.labels(content, name, g.language)


NEEDS = {"must": __("needed"), "helps": __("makes it easier")}
ROLES = {
    "idea": __("the idea"),
    "text": __("the words"),
    "drawing": __("the drawings"),
    "photo": __("the photos"),
    "build": __("building it"),
    "translation": __("the translation"),
    "land user": __("trying it on their land"),
}
SOURCE_KINDS = {
    "book": __("Book"),
    "manual": __("Manual"),
    "article": __("Article"),
    "law": __("Law"),
    "web": __("Page on the web"),
    "video": __("Video"),
    "design": __("Design"),
    "oral": __("Told by somebody"),
    "fork-of": __("This was adapted from it"),
}
FILE_ROLES = {
    "source": __("to change it"),
    "export": __("to make it"),
    "drawing": __("drawing"),
    "photo": __("photo"),
    "data": __("figures"),
    "auxiliary": __("more"),
}

USES = {
    "hardware": __("Build it for yourself."),
    "germplasm": __("Sow it, keep its seed and share it."),
    "software": __("Use it yourself, copy it and share it."),
    "data": __("Use it yourself, copy it and share it."),
    "documentation": __("Do it yourself, and copy and share this page."),
}
RIGHTS = {
    "sell-cooperative": __("Sell it as a cooperative."),
    "sell-workers": __("Sell it as a cooperative that belongs to those who work in it."),
    "sell-company": __("Sell it as a company."),
    "change": __("Change it, translate it, and share what you made of it."),
}
DUTIES = {
    "credit": __("Say who made it and where it comes from."),
    "changes": __("Say what you changed."),
    "same": __("Share what you make of it under the same licence."),
    "same-part": __("Share your changes to this part under the same licence."),
    "sources": __("Give the plans to whoever gets one from you."),
    "pledge": __("Not restrict what others do with it or its offspring, and pass this on with the seed."),
}
MISSING = {
    "summary": __("One line that says what it does and for whom."),
    "regions": __("The regions it was made for."),
    "context": __("Where it works and where not."),
    "hazards": __("What can hurt somebody, and how to prevent it."),
    "pictures": __("A drawing or a photo."),
    "bom": __("The list of materials and parts."),
    "quantities": __("How much is needed, for each line of the list."),
    "tools": __("The tools that are needed."),
    "steps": __("How it is done, step by step."),
    "told": __("What to do, for each step."),
    "time": __("How long the steps take."),
    "body": __("How it is used, looked after and repaired."),
    "knowledge": __("Where it comes from and whose knowledge it is."),
    "stage": __("How mature it is: an idea, tried once, in use?"),
}


def said(table: Mapping[str, object], id: str) -> str:
    """The word for an id of one of these tables, or the id itself."""
    return str(table.get(id, id))


def right(slot: str, code: str) -> str:
    """The sentence for something that a licence lets do, or does not."""
    return str(USES.get(slot, USES["documentation"])) if code == "use" else said(RIGHTS, code)


def language(tag: str) -> str:
    """A language as those who speak it call it, where the site speaks it too; else in the reader's."""
    return NAMES.get(tag) or term("languages", tag)


def region(id: str) -> str:
    """A region as people of other places know it: a subdivision with its country."""
    found = vocabulary.get("regions").get(id)
    country = found.more.get("country") if found else None
    return f"{term('regions', id)} ({term('regions', country)})" if country else term("regions", id)
