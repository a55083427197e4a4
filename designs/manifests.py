"""Reading Open Know-How manifests: OKH-LOSH and OKH 2.x in TOML, OKH 1 in YAML. Bytes in, a document out.

The forms are those of github.com/iop-alliance/OpenKnowHow and of what people made of them: `forkOf` and `fork-of`,
licences as SPDX ids, as names, and as `LicenseRef-CC BY-SA-4.0`.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import yaml

from designs import vocabulary
from wiki import document, folding
from wiki.document import Document
from wiki.errors import Invalid

SUMMARY, TITLE = 280, 120
"""Characters of a summary and a title, as in `sheet`."""
MANIFEST = 256 * 1024
"""Bytes of a manifest; the longest real one has 10 kB."""
UNLICENSED = "LicenseRef-AllRightsReserved"
CARD = "card"
"""The key of the row among the sources of what is only a link: its words may not be copied, nor may it be forked."""
STAGES = {"ideation": "concept", "technicaldesign": "prototype", "otrl-1": "concept", "otrl-2": "concept"}
STAGES |= {"otrl-3": "prototype", "otrl-4": "prototype", "otrl-5": "ready", "otrl-6": "produced"}
KEPT = ("es", "pt", "en")
HEADING = re.compile(r"\s*={2,}\s*([^=\n]{1,80}?)\s*={2,}\s*")
"""A heading as wikis write it, in the middle of a line after a crawler was there."""
MARKS = re.compile(r"^#+ .*$", re.MULTILINE)
LINK_ONLY = {
    "es": "Esto es solo un enlace: su licencia no permite copiar aquí lo que dice.",
    "pt": "Isto é só um link: sua licença não permite copiar aqui o que diz.",
    "en": "This is only a link: its licence does not allow its words to be copied here.",
}


class NotADesign(Exception):
    """What is no manifest of a design, and why, in words."""


class Broken(Exception):
    """What should be a manifest and can't be read, and why, in words."""


@dataclass(frozen=True)
class Manifest:
    """A design as its source tells it: where it is from or "", its language, and its document. `is_card`: only a
    link."""

    url: str
    language: str
    document: Document
    is_card: bool


def read(name: str, data: bytes) -> Manifest:
    """The design of a file of this name. Raises `NotADesign` and `Broken`."""
    ending = name.rpartition(".")[2].lower()
    if ending not in ("toml", "yml", "yaml"):
        raise NotADesign("it is no manifest in TOML or YAML")
    if len(data) > MANIFEST:
        raise Broken(f"it is larger than {MANIFEST // 1024} kB")
    told = _toml(data) if ending == "toml" else _yaml(data)
    found = _read({str(key).replace("_", "-"): value for key, value in told.items()})
    if not found.url:
        raise Broken("it names no address where the design is")
    return found


def _read(told: Mapping[str, Any]) -> Manifest:
    if "okhv" in told:
        return _of_okh_2(told)
    if any(f"{kind}-atoms" in told for kind in ("supply", "inventory")) and "description" not in told:
        raise NotADesign("it tells what a workshop or shop has, and no design")
    if "title" in told and "description" in told:
        return _of_okh_1(told)
    raise NotADesign("it has no name and description of a design")


def _toml(data: bytes) -> Mapping[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise Broken("it is not text in UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Broken(f"it is no whole TOML: {error}") from None


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Without aliases, by which a small text can unfold to anything."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("it refers to itself")
        return super().compose_node(parent, index)


def load_yaml(text: str) -> Any:
    """What a YAML text says, without aliases. Raises `yaml.YAMLError` and ValueError."""
    return yaml.load(text, _Loader)  # noqa: S506  (a SafeLoader)


def _yaml(data: bytes) -> Mapping[str, Any]:
    try:
        told = load_yaml(data.decode())
    except UnicodeDecodeError:
        raise Broken("it is not text in UTF-8") from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise Broken(f"it is no whole YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(told, dict):
        raise NotADesign("it is no manifest")
    return told


def _of_okh_2(told: Mapping[str, Any]) -> Manifest:
    if _text(told.get("license")) == "the-SPDX-ID":
        raise NotADesign("it is the template, which nobody has filled in")
    language = _language(_text(told.get("documentationLanguage") or told.get("documentation-language")))
    stage = _text(told.get("technologyReadinessLevel") or told.get("technology-readiness-level"))
    return make(
        title=_text(told.get("name")).replace("_", " "),
        words=_text(told.get("function")),
        url=_text(told.get("repo")),
        language=language,
        licences={"documentation": licence(_text(told.get("license")))},
        people=_people(told.get("licensor")),
        stage=STAGES.get(stage.lower(), ""),
        fork_of=_text(told.get("forkOf") or told.get("fork-of")),
        parts="",
    )


def _of_okh_1(told: Mapping[str, Any]) -> Manifest:
    given = told.get("license")
    slots = given if isinstance(given, dict) else {"documentation": given}
    licences = {slot: licence(_text(slots.get(slot))) for slot in ("documentation", "hardware", "software")}
    # Some put the licence of everything into the one slot they knew.
    licences["documentation"] = licences["documentation"] or licences["hardware"] or licences["software"]
    tongue = _text(told.get("documentation-language") or told.get("manifest-language"))
    title = _text(told.get("title"))
    if not tongue and re.search(r"espa[ñn]ol|spanish", title, re.IGNORECASE):
        tongue = "es"
    wanted = [_text(told.get(name)) for name in ("description", "intended-use")]
    parts = told.get("bom")
    instructions = told.get("making-instructions")
    first = instructions[0] if isinstance(instructions, list) and instructions else {}
    path = _text(first.get("path")) if isinstance(first, dict) else ""
    return make(
        title=title,
        words="\n\n".join(dict.fromkeys(text for text in wanted if text)),
        url=_text(told.get("project-link")) or _text(told.get("documentation-home")) or path,
        language=_language(tongue),
        licences={slot: id for slot, id in licences.items() if id},
        people=_people(told.get("licensor") or told.get("manifest-author")),
        stage="",
        fork_of="",
        parts=parts if isinstance(parts, str) else "",
    )


def make(
    *,
    title: str,
    words: str,
    url: str,
    language: str,
    licences: Mapping[str, str],
    people: Sequence[str],
    stage: str = "",
    fork_of: str = "",
    parts: str = "",
) -> Manifest:
    """A design by what is told of it. One whose licences don't allow more is a card. Raises `Broken`."""
    short = cut(title, TITLE)
    if not short:
        raise Broken("it has no name")
    if urlsplit(url).scheme not in ("http", "https"):
        url = ""
    main = licences.get("documentation", "")
    words = HEADING.sub(r"\n\n## \1\n\n", words).strip()
    is_card = not main or any(_forbids(id) for id in licences.values())
    if is_card and not url:
        raise Broken("it names no licence that lets its words be copied, and no address to link to")
    own = KEPT[2] if language[:2] not in KEPT else language[:2]
    summary = LINK_ONLY[own] if is_card else cut(words, SUMMARY)
    if short != " ".join(title.split()) and not is_card:
        words = f"**{title}**\n\n{words}"
    made: dict[str, Any] = {
        "kind": "machine",
        "title": short,
        "summary": summary,
        "hazards": ["unknown"],
        "stage": stage,
        "licences": [
            {"key": slot, "licence": id}
            for slot, id in ({**licences, "documentation": main or UNLICENSED}).items()
            if id
        ],
        "credits": [{"key": key("by", name), "name": name} for name in dict.fromkeys(people)],
        "sources": [],
    }
    if url:
        made["sources"].append(
            {"key": CARD if is_card else key("at", url), "kind": "web", "title": _host(url), "url": url}
        )
    if fork_of and fork_of != url:
        made["sources"].append(
            {"key": key("fork", fork_of), "kind": "fork-of", "title": _host(fork_of), "url": fork_of}
        )
    if not is_card:
        made["body"] = words if words != summary else ""
        made["bom"] = [{"key": key("bom", name), "name": name} for name in _listed(parts)]
    try:
        return Manifest(url, language, document.clean(made), is_card)
    except Invalid as invalid:
        raise Broken(f"it can't be kept: {invalid}") from None


def _text(value: object) -> str:
    """A text as it may be kept; lists are their first text."""
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), "")
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return document.REFUSED.sub(" ", document.normal(text)).strip()


def key(kind: str, what: str) -> str:
    """A key that depends on what a row is, so that a second import finds it again."""
    return f"{kind}-{hashlib.sha256(what.encode()).hexdigest()[:12]}"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url).removeprefix("www.")


def _people(value: object) -> list[str]:
    """Names, without addresses: who licensed it is credited, and need not be written to from here."""
    found = value if isinstance(value, list) else [value]
    names = [_text(one.get("name")) if isinstance(one, dict) else _text(one) for one in found]
    clean = [re.sub(r"\s*[<\[(][^>\])]*(?:@|email)[^>\])]*[>\])]", "", name)[:200].strip() for name in names]
    return [name for name in clean if name and "@" not in name]


def cut(words: str, limit: int) -> str:
    """The first sentences of a text, or else its first words, in at most so many characters."""
    text = " ".join(MARKS.sub("", words).split())
    if len(text) <= limit:
        return text
    end = max(text.rfind(sign, 0, limit) for sign in (". ", "! ", "? ")) + 1
    return text[:end] if end > 40 else text[: limit - 1].rpartition(" ")[0] + "…"


def _listed(parts: str) -> list[str]:
    """The materials that a manifest lists in one line of text; none when it names a file instead."""
    if len(parts) > 4000 or re.fullmatch(r"\S+", parts.strip()) or "\n" in parts.strip():
        return []
    return [name for name in dict.fromkeys(part.strip() for part in parts.split(",")) if 0 < len(name) < 120]


LANGUAGES = {"english": "en", "spanish": "es", "portuguese": "pt-BR", "french": "fr", "german": "de"}


def _language(said: str) -> str:
    """The language tag of what somebody wrote for a language (`En-US`, `English-UK`); English when nothing is said."""
    first = folding.fold(said).replace("_", "-").split("-")[0]
    short = LANGUAGES.get(first, first)
    return "pt-BR" if short == "pt" else short if re.fullmatch(r"[a-z]{2,3}", short) else "en"


CREATIVE = re.compile(
    r"(?:CC|CREATIVE COMMONS)[\s-]*((?:BY|NC|ND|SA)(?:[\s-]+(?:BY|NC|ND|SA))*)[\s-]*(?:LICENSE|V)?[\s-]*(\d\.\d)"
)
LONG = {
    "ATTRIBUTION": "BY",
    "SHAREALIKE": "SA",
    "SHARE ALIKE": "SA",
    "NONCOMMERCIAL": "NC",
    "NON-COMMERCIAL": "NC",
    "NODERIVATIVES": "ND",
    "NODERIVS": "ND",
}
SPELLED = {
    "CERN-OHL-1.2": "CERN-OHL-1.2",
    "CERN OHL V1.2": "CERN-OHL-1.2",
    "GNU GPL V3.0": "GPL-3.0-or-later",
    "GPL-3.0": "GPL-3.0-or-later",
    "GPL-3.0-ONLY": "GPL-3.0-only",
}


def licence(said: str) -> str:
    """The id of a licence as it may be spelled; what is not known is kept as it was said, "" when nothing is."""
    plain = said.removeprefix("LicenseRef-").strip()
    if not plain or re.search(r"no licen[sc]e|unlicensed$|all rights reserved|^none$", plain, re.IGNORECASE):
        return ""
    for id in vocabulary.get("licences"):
        if id.casefold() == plain.casefold():
            return id
    upper = plain.upper()
    if upper in SPELLED:
        return SPELLED[upper]
    for word, short in LONG.items():
        upper = upper.replace(word, short)
    if (found := CREATIVE.search(upper)) is not None:
        return f"CC-{re.sub(r'[^A-Z]+', '-', found[1])}-{found[2]}"
    return " ".join(said.split())[:120]


def _forbids(licence: str) -> bool:
    """Whether a licence keeps its work from being copied to where cooperatives and companies use it, or changed."""
    words = re.split(r"[^A-Z]+", licence.upper())
    return licence == UNLICENSED or "NC" in words or "ND" in words
