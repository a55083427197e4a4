"""The sentences of the form for writing: what its buttons say, what it proposes, what its script tells."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as __

from designs.web import words

ADD = {
    "names": __("Add a name"),
    "bom": __("Add a material or part"),
    "substitutes": __("Add a replacement"),
    "tools": __("Add a tool"),
    "steps": __("Add a step"),
    "credits": __("Add a person"),
    "sources": __("Add a source"),
}
MORE = {
    "bom": __("Material, price and more"),
    "files": __("File name and licence"),
    "steps": __("Time, parts, tools and drawings"),
    "sources": __("Kind and licence"),
}
EXAMPLES = {
    "machine": __("A pump, a seeder, a solar dryer, a hoe"),
    "structure": __("A cistern, a greenhouse, a hen house"),
    "practice": __("Terraces, pruning, planting together"),
    "recipe": __("Bocashi, a lime broth, feed, a cheese"),
    "germplasm": __("A maize of your valley, a bean, a hen"),
    "organization": __("A seed house, a fund, a fair, a work party"),
}
READY = (
    __("Corrected a measure"),
    __("Made a step clearer"),
    __("Added a step"),
    __("Added materials"),
    __("Added a warning"),
    __("Corrected the spelling"),
    __("Changed after trying it"),
)
"""Summaries to pick from."""
HEADINGS = {
    "quantity": __("quantity, qty, amount, number, pieces"),
    "unit": __("unit, units, measure"),
    "name": __("name, part, material, item, description"),
    "spec": __("size, size and make, specification, dimensions, type"),
    "material": __("made of, substance"),
    "cost": __("cost, price, unit price, cost of one"),
    "currency": __("currency, money"),
}
"""By which words the columns of a pasted table are known; commas between them."""


SAYS = {
    "added": __("Added."),
    "moved": __("Moved."),
    "removed": __("Removed."),
    "undo": __("Undo"),
    "line": __("line {0}"),
    "pasted": __("{0} lines were pasted."),
    "saving": __("Saving …"),
    "offline": __("No connection. Everything is kept here; press Save again."),
    "busy": __("The site did not answer. Everything is kept here; press Save again."),
    "away": __("No connection. Everything is kept here."),
    "device": __("Kept on this device, {0}."),
    "both": __("Kept on this device and as a draft, {0}."),
    "found": __("What you wrote on {0} was kept."),
    "restore": __("Restore"),
    "discard": __("Discard"),
    "count": __("{0} of {1} characters"),
    "ready": __("Words to pick"),
}
"""What the form's script says."""


@dataclass(frozen=True)
class Said:
    """The sentences of the form in one language, looked up once."""

    parts: Mapping[str, str]
    hints: Mapping[str, str]
    add: Mapping[str, str]
    more: Mapping[str, str]
    ready: Sequence[str]
    sections: Sequence[tuple[str, str, tuple[str, ...]]]
    scripted: str
    headings: str


@functools.lru_cache(64)
def said(language: str) -> Said:
    """Asked in the language that it is for."""
    headings = {
        name: [words.column("bom", name), name, *(word.strip() for word in str(listed).split(","))]
        for name, listed in HEADINGS.items()
    }
    return Said(
        {name: str(text) for name, text in words.PARTS.items()},
        {name: str(text) for name, text in words.HINTS.items()},
        {name: str(text) for name, text in ADD.items()},
        {name: str(text) for name, text in MORE.items()},
        [str(text) for text in READY],
        [(id, str(label), names) for id, label, names in words.SECTIONS],
        json.dumps({name: str(text) for name, text in SAYS.items()}),
        json.dumps(headings),
    )
