"""A design as linked data (schema.org), for crawlers and assistants: what a HowTo can say, and no more.

Steps are named, not told again: the words stand on the same page.
"""

import json
from collections.abc import Mapping
from typing import Any

from designs import bom, sheet, vocabulary
from wiki import document
from wiki.document import Document

Json = dict[str, Any]

MADE = frozenset({"machine", "structure", "practice", "recipe"})


def describe(content: Document) -> Json:
    """The node of a document, without what only its page knows: address, author, dates, number."""
    cell = bom.cell
    cost = bom.costs(content)
    minutes = bom.minutes(content)
    node: Json = {
        "@type": _type(content),
        "name": document.text(content, "title"),
        "description": document.text(content, "summary"),
        "keywords": sorted({*sheet.labels(content, "tasks", "en"), *sheet.labels(content, "crops", "en")}),
        "spatialCoverage": sheet.labels(content, "regions", "en"),
        "license": sorted({_licence(id) for id in sheet.licences(content).values()}),
        "creditText": ", ".join(name for row in document.rows(content, "credits") if (name := cell(row, "name"))),
        "isBasedOn": [
            url
            for row in document.rows(content, "sources")
            if (url := cell(row, "url")).startswith(("http:", "https:"))
        ],
        "creativeWorkStatus": vocabulary.label("stages", document.text(content, "stage"), "en"),
    }
    if document.text(content, "kind") in MADE:
        steps = [cell(row, "title") for row in document.rows(content, "steps")]
        tools = [cell(row, "name") for row in document.rows(content, "tools")]
        node |= {
            "supply": [_supply(line) for line in bom.lines(content)],
            "tool": [{"@type": "HowToTool", "name": name} for name in tools if name],
            "step": [{"@type": "HowToStep", "name": name} for name in steps if name],
            "totalTime": f"PT{minutes}M" if minutes else "",
        }
        if len(cost) == 1 and cost[0].currency:
            amount = {"@type": "MonetaryAmount", "currency": cost[0].currency, "value": str(cost[0].amount)}
            node["estimatedCost"] = amount
    return {name: value for name, value in node.items() if value}


def _type(content: Document) -> str | list[str]:
    kind = document.text(content, "kind")
    if kind == "recipe" and "processing" in document.items(content, "tasks"):
        return "Recipe"
    return ["HowTo", "TechArticle"] if kind in MADE else "TechArticle"


def _supply(line: bom.Line) -> Json:
    many = " ".join(filter(None, (line.quantity, bom.cell(line.row, "unit"))))
    found = {"@type": "HowToSupply", "name": bom.cell(line.row, "name")}
    return found | ({"requiredQuantity": many} if many else {})


def _licence(id: str) -> str:
    term = vocabulary.get("licences").get(id)
    return str(term.more.get("url") or id) if term else id


def written(node: Mapping[str, Any]) -> str:
    """A node as it may stand in a page's script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def joined(knows: Mapping[str, Any], kept: str) -> str:
    """One node of what a page knows and of what was `written` of its document."""
    return f"{written(knows)[:-1]},{kept[1:]}"
