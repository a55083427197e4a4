"""Reading pages of GitBuilding: which parts and tools a page names, which pages are its steps, and its text without the
marks for them.

The marks (BuildUp) are those of gitbuilding.io/syntax: `[words]{qty: 3, cat: tool}`, `[words](page.md){step}`,
`[words][label]`, `[label]: page.md "{cat: tool}"`, `(fromstep)`, `{pagestep}`, `{{BOM}}`, `>i note`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wiki import folding

DATA = r"\{(?!\{)([^{}\n]{0,200})\}"
LINK = re.compile(
    r"(?P<shown>!?)\[(?P<words>[^\[\]\n]{1,200})\](?:\[(?P<label>[^\[\]\n]{0,200})\])?"
    rf"(?:\((?P<to>[^()\s]{{1,400}})\))?(?:{DATA})?"
)
DEFINITION = re.compile(
    rf'^\[([^\[\]\n]{{1,200}})\]:\s*(\S{{1,400}})(?:[ \t]+"(?:{DATA}|[^"\n]*)")?[ \t]*$', re.MULTILINE
)
MARKS = re.compile(r"\{\{[^{}\n]{0,200}\}\}|\{(?:pagestep|step)\b[^{}\n]{0,80}\}")
NOTE = re.compile(r"^>\s?(?:i|!{1,2}|\?)[ \t]+", re.MULTILINE)
HEADING = re.compile(r"^(#{1,6})(?=[^#\s])", re.MULTILINE)
"""A heading without the space that Markdown asks for."""
AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([A-Za-zµ²³]{0,8}\d?)\.?")
TOOLS = frozenset({"tool", "printedtool", "tools"})


@dataclass(frozen=True)
class Use:
    """That a page needs a thing: its name, the page that tells of it or "", how many, and whether it is a tool."""

    name: str
    page: str
    quantity: str
    unit: str
    is_tool: bool


@dataclass
class Page:
    """A page: its text without the marks, what it needs, and the pages that are its steps, in order, each with what it
    is called here."""

    text: str
    uses: list[Use] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)


def read(source: str, reused: frozenset[str] = frozenset()) -> Page:
    """Read the text of a page. `reused`: the categories, in small letters, whose things are not used up."""
    page = Page("")
    labels = {match[1]: (match[2], _data(match[3])) for match in DEFINITION.finditer(source)}
    parts = {label for label, (to, data) in labels.items() if data or to.startswith("missing")}

    def link(match: re.Match[str]) -> str:
        words, to = match["words"], match["to"] or ""
        data = _data(match.group(5))
        label = match["label"] or (words if match["label"] == "" or not to else "")
        defined, more = labels.get(label, ("", {}))
        if match["shown"] or (match.group(5) is None and label not in parts):
            return match[0]
        data = {**more, **data}
        if "step" in data:
            page.steps.append((to or defined, words))
            return f"[{words}]({to or defined})"
        if "hidden" in data and "output" in data:
            return ""
        if "qty" in data and "output" not in data and to != "fromstep":
            category = data.get("cat", "").lower()
            is_tool = category in TOOLS or category in reused
            found = AMOUNT.match(data["qty"])
            quantity, unit = (found[1].replace(",", "."), found[2]) if found else ("", "")
            target = to if to and to != "fromstep" else defined
            page.uses.append(Use(label if label in labels else words, target, quantity, unit, is_tool))
        return words

    text = DEFINITION.sub(lambda match: "" if match[1] in parts else match[0], source)
    page.text = HEADING.sub(r"\1 ", NOTE.sub("> ", MARKS.sub("", LINK.sub(link, text))))
    return page


def _data(written: str | None) -> dict[str, str]:
    """What stands in braces: `qty: 3, cat: tool, hidden` by name in small letters."""
    pairs = (one.partition(":") for one in (written or "").split(","))
    return {name.strip().lower(): value.strip().strip("'\"") for name, _, value in pairs if name.strip()}


def total(uses: list[Use]) -> dict[str, Use]:
    """What several pages need together, by folded name: parts in one unit are added, tools are the same ones again."""
    found: dict[str, Use] = {}
    for use in uses:
        name = folding.fold(use.name)
        before = found.get(name)
        if before is None:
            found[name] = use
        elif not before.is_tool and before.unit == use.unit and before.quantity and use.quantity:
            number = float(before.quantity) + float(use.quantity)
            found[name] = Use(before.name, before.page or use.page, f"{number:g}", use.unit, use.is_tool)
    return found


def reused(configuration: Mapping[str, object]) -> frozenset[str]:
    """The categories of a `buildconf.yaml` whose things are not used up."""
    own = configuration.get("CustomCategories")
    listed = own.items() if isinstance(own, dict) else ()
    return frozenset(str(name).lower() for name, told in listed if isinstance(told, dict) and told.get("Reuse") is True)
