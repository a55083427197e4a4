"""Reading a folder of documentation: its pages, lists of parts, pictures and files for machines, in one or more
languages. Names and bytes of files in, documents out; nothing is written here."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from designs import buildup, foreign, licence_texts, manifests
from designs.manifests import Broken, Manifest, NotADesign
from wiki import attachments, document, limits, pictures

MANIFEST = re.compile(r"okh[^/]*\.(?:toml|ya?ml)", re.IGNORECASE)
BUILD = "buildconf.yaml"
ENTRIES = ("readme.md", "index.md")
LICENCE = re.compile(r"(?:.*/)?(?:licen[cs]e|copying)[^/]*", re.IGNORECASE)
IN_LANGUAGE = re.compile(
    r"(?:translations?|traducciones|i18n|locales?|lang)/([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)/(.+)"
)
BY_NAME = re.compile(r"(.+)[._-](es|pt|pt[-_]br|en|fr|de)(\.md)", re.IGNORECASE)
TAGS = {"br": "pt-BR", "pt": "pt-BR", "ptbr": "pt-BR"}
COMMON = {
    "es": frozenset(["el", "la", "los", "las", "que", "para", "con", "una", "del", "por", "se", "es", "como"]),
    "pt-BR": frozenset(["o", "a", "os", "as", "que", "para", "com", "uma", "do", "da", "não", "é", "como", "em"]),
    "en": frozenset(["the", "and", "of", "to", "in", "is", "for", "with", "that", "this", "you", "it"]),
}
"""Words that are in any text of a language."""
DRAWN = (".scad", ".csv", ".sch", ".brd", ".gcode", ".nc", ".ino", ".kicad_sch", ".kicad_pcb")
"""How the names of texts end that are taken along as files."""
FILES, GALLERY = 300, 12
"""How many files of a folder are taken, and how many pictures of one whose pages show none."""
HERE = re.compile(r"(?:https?://(?:www\.)?github\.com/|git@github\.com:)([\w.-]+/[\w.-]+?)(?:\.git)?/?(?:/tree/.*)?$")


@dataclass
class Tongue:
    """The pages of one language by their path as the first language has it, and where each really lies."""

    pages: dict[str, str] = field(default_factory=dict)
    lies: dict[str, str] = field(default_factory=dict)

    def opening(self) -> str:
        """The path of the page that stands above the others."""
        return min(self.lies.values(), key=lambda path: (path.count("/"), path))


@dataclass
class Folder:
    """A folder as it was read. `wanted` are the paths of the files to keep, `faults` what could not be read and why,
    `missing` how many pictures its pages name that are not in it."""

    name: str
    files: Mapping[str, bytes]
    manifest: Manifest | None = None
    language: str = "en"
    tongues: dict[str, Tongue] = field(default_factory=dict)
    built: str | None = None
    reused: frozenset[str] = frozenset()
    authors: tuple[str, ...] = ()
    navigation: tuple[str, ...] = ()
    url: str = ""
    licence: str = ""
    wanted: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)


def is_one(names: Iterable[str]) -> bool:
    """Whether a folder with these names in it is the documentation of one design, and no heap of manifests."""
    low = {name.lower() for name in names}
    told = [name for name in low if MANIFEST.fullmatch(name)]
    return bool(low & {*ENTRIES, BUILD}) or any(LICENCE.fullmatch(name) for name in low) or 0 < len(told) < len(low)


def read(name: str, files: Mapping[str, bytes]) -> Folder:
    """Read the files of a folder. Raises `manifests.NotADesign` and `manifests.Broken`."""
    folder = Folder(name, files)
    _read_settings(folder)
    texts = {
        path: text
        for path, data in files.items()
        if path.lower().endswith(".md") and (text := _page(folder, path, data))
    }
    texts = {path: text for path, text in texts.items() if not LICENCE.fullmatch(path)}
    if not texts and folder.manifest is None:
        if folder.faults:
            raise Broken("none of its pages can be read")
        raise NotADesign("it has no pages in Markdown and no manifest")
    _sort_languages(folder, texts)
    _choose_files(folder)
    return folder


def _page(folder: Folder, path: str, data: bytes) -> str:
    if len(data) > limits.DOCUMENT:
        folder.faults[path] = f"it is larger than {limits.DOCUMENT // 1024} kB"
        return ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        folder.faults[path] = "it is not text in UTF-8"
        return ""
    return document.REFUSED.sub(" ", document.normal(text))


def _read_settings(folder: Folder) -> None:
    for path in sorted(folder.files, key=lambda path: (path.count("/"), path)):
        data, last = folder.files[path], posixpath.basename(path).lower()
        if MANIFEST.fullmatch(path) or last.endswith(".toml"):
            _read_manifest(folder, path, data)
        elif last == BUILD and folder.built is None:
            told = mapping(data)
            folder.built = posixpath.dirname(path)
            folder.reused = buildup.reused(told)
            folder.authors = tuple(map(str, told["Authors"])) if isinstance(told.get("Authors"), list) else ()
            folder.licence = folder.licence or manifests.licence(str(told.get("License") or ""))
            shown = told.get("Navigation")
            links = [one.get("Link") for one in shown if isinstance(one, dict)] if isinstance(shown, list) else []
            folder.navigation = tuple(posixpath.join(folder.built, str(link)) for link in links)
        elif last == "provenance.json" and "/" not in path:
            told = mapping(data)
            folder.url = folder.url or str(told.get("url") or "")
        elif path == ".git/config":
            found = re.search(rb"^\s*url\s*=\s*(\S+)", data, re.MULTILINE)
            folder.url = found[1].decode("utf-8", "replace") if found else folder.url
        elif LICENCE.fullmatch(path):
            text = data.decode("utf-8", "replace")
            folder.licence = licence_texts.find(text) or folder.licence
            holder = licence_texts.holder(text)
            folder.authors = folder.authors or ((holder,) if holder else ())
    if (found_here := HERE.match(folder.url)) is not None:
        folder.url = f"https://github.com/{found_here[1]}"


def _read_manifest(folder: Folder, path: str, data: bytes) -> None:
    try:
        found = manifests.read(path, data)
    except Broken as wrong:
        folder.faults[path] = str(wrong)
    except NotADesign:
        # Other tools keep their settings in TOML too.
        return
    else:
        folder.manifest = folder.manifest or found


def parsed(data: bytes) -> object:
    """What a small file in YAML or JSON says, None when it can't be read."""
    try:
        return manifests.load_yaml(data[: limits.DOCUMENT].decode())
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        return None


def mapping(data: bytes) -> Mapping[str, Any]:
    told = parsed(data)
    return told if isinstance(told, dict) else {}


def _sort_languages(folder: Folder, texts: Mapping[str, str]) -> None:
    first = Tongue()
    for path, text in texts.items():
        tag, plain = _language_of(path, texts)
        tongue = folder.tongues.setdefault(tag, Tongue()) if tag else first
        tongue.pages[plain] = text
        tongue.lies[plain] = path
    opening = entry(folder, first)
    said = folder.manifest.language if folder.manifest else ""
    folder.language = said or guess(first.pages.get(opening, "") or " ".join(first.pages.values()))
    if not first.pages and folder.tongues:
        folder.language = min(folder.tongues)
        first = folder.tongues.pop(folder.language)
    folder.tongues = {folder.language: first} | {
        tag: tongue
        for tag, tongue in sorted(folder.tongues.items())
        if tag != folder.language and tongue.pages.keys() & first.pages.keys()
    }


def _language_of(path: str, texts: Mapping[str, str]) -> tuple[str, str]:
    """Of which language a page is, "" for the first one, and its path as that has it."""
    found = IN_LANGUAGE.fullmatch(path)
    if found is not None:
        return _tag(found[1]), found[2]
    named = BY_NAME.fullmatch(path)
    if named is not None and (plain := named[1] + named[3]) in texts:
        return _tag(named[2]), plain
    return "", path


def _tag(said: str) -> str:
    short = said.lower().replace("_", "-")
    return TAGS.get(short, "pt-BR" if short.startswith("pt-") else short)


def guess(text: str) -> str:
    """The language of a text by its commonest words, English when it has none of them."""
    words = re.findall(r"[^\W\d_]+", text[:20_000].casefold())
    counts = {tag: sum(word in common for word in words) for tag, common in COMMON.items()}
    best = max(counts, key=lambda tag: counts[tag])
    return best if counts[best] else "en"


def entry(folder: Folder, tongue: Tongue) -> str:
    """The page with which reading begins."""
    if folder.built == "" and "index.md" in tongue.pages:
        return "index.md"
    by_depth = sorted(tongue.pages, key=lambda path: (path.count("/"), path))
    low = [path for path in by_depth if posixpath.basename(path).lower() in ENTRIES]
    low.sort(key=lambda path: (path.count("/"), ENTRIES.index(posixpath.basename(path).lower())))
    return next(iter([*low, *by_depth]), "")


def _choose_files(folder: Folder) -> None:
    shown: dict[str | None, None] = {}
    for tongue in folder.tongues.values():
        first = entry(folder, tongue)
        for plain in (first, *sorted(tongue.pages.keys() - {first})) if first else ():
            lies = tongue.lies[plain]
            shown |= dict.fromkeys(find(folder, lies, one) for one in foreign.addresses(tongue.pages[plain]))
    drawn, taken = [], []
    for path, data in sorted(folder.files.items()):
        parts = path.split("/")
        looks = folder.built is not None and "static" in parts[:-1] and path not in shown
        if looks or any(part.startswith(".") for part in parts) or path.lower().endswith(".md"):
            continue
        if pictures.kind(data):
            drawn.append(path)
        elif (type := attachments.kind(data)) and (type != attachments.TEXT or path.lower().endswith(DRAWN)):
            taken.append(path)
    seen = [path for path in shown if path in drawn]
    folder.wanted = [*filter(None, seen or drawn[:GALLERY]), *taken][:FILES]


def find(folder: Folder, page: str, address: str) -> str | None:
    """The path in the folder that an address on a page leads to, None when it leads to nothing there."""
    plain = unquote(urlsplit(address.replace("\\", "/")).path) if "://" not in address else ""
    if not plain or address.startswith(("#", "mailto:", "//")):
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), plain)) if plain[0] != "/" else plain.lstrip("/")
    if path in folder.files:
        return path
    # A page that was moved, as translations are, still names its pictures by how they lay.
    tail = "/" + plain.lstrip("./")
    same = [one for one in folder.files if f"/{one}".endswith(tail)]
    return same[0] if len(same) == 1 else None
