"""The documents that the pages of a folder make: steps, body, parts, tools, files. Values in, values out."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from designs import bills, buildup, folders, foreign, manifests, pasted
from designs.folders import Folder, Tongue
from designs.manifests import Broken, Manifest, key
from wiki import document, limits, markup
from wiki.errors import Invalid

BILL = re.compile(r"bom|bill|parts|piezas|pecas|materia|stückliste", re.IGNORECASE)
NUMBERED = re.compile(r"(?:^|/)\d{1,3}[-_. ]")
NUMBER = re.compile(r"^\d{1,3}\W+")
TITLE = re.compile(r"^(#{1,6})[ \t]+([^\n]+?)[ \t]*#*[ \t]*$", re.MULTILINE)
PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)$", re.IGNORECASE)


def of(folder: Folder, kept: Mapping[str, tuple[str, str]]) -> list[Manifest]:
    """The design in each of its languages, the first one first. `kept`: the SHA-256 in hex and the name of each file
    that was kept, by its path. Raises `manifests.Broken`."""
    first = _told(folder, folder.language, kept)
    if first.is_card:
        return [first]
    return [first, *(_told(folder, tag, kept, first) for tag in folder.tongues if tag != folder.language)]


def _told(folder: Folder, tag: str, kept: Mapping[str, tuple[str, str]], first: Manifest | None = None) -> Manifest:
    made = _Made(folder, folder.tongues[tag], kept)
    base = folder.manifest or _manifest_of(folder, made)
    if base.is_card:
        return base
    content: dict[str, Any] = dict((first or base).document)
    content |= made.parts(first is None and folder.manifest is not None)
    if first is not None:
        content["summary"] = made.summary or content.get("summary", "")
        content["title"] = made.title or content["title"]
    try:
        clean = document.clean(content)
    except Invalid as invalid:
        raise Broken(f"it can't be kept: {invalid}") from None
    return Manifest(base.url, tag, clean, False)


def _manifest_of(folder: Folder, made: "_Made") -> Manifest:
    licence = folder.licence
    return manifests.make(
        title=made.title or folder.name.replace("-", " "),
        words=made.summary,
        url=folder.url,
        language=folder.language,
        licences={"documentation": licence, "hardware": licence if licence.startswith("CERN") else ""},
        people=list(folder.authors),
    )


class _Made:
    """A document as the pages of one language make it."""

    def __init__(self, folder: Folder, tongue: Tongue, kept: Mapping[str, tuple[str, str]]) -> None:
        self.folder, self.tongue, self.kept = folder, tongue, kept
        self.called: dict[str, str] = {}
        self.read: dict[str, buildup.Page] = {path: self._read(path) for path in tongue.pages}
        self.entry = folders.entry(folder, tongue)
        opening = self.read.get(self.entry, buildup.Page(""))
        for words, *addresses in foreign.LINK.findall(tongue.pages.get(self.entry, "")):
            self.called.setdefault(self._target(self.entry, "".join(addresses)), markup.plain(words).strip()[:250])
        self.opening = pasted.read(opening.text) if opening.text else {}
        self.title = str(self.opening.get("title", ""))[: manifests.TITLE]
        self.summary = str(self.opening.get("summary", "")) or _first_words(str(self.opening.get("body", "")))

    def _read(self, path: str) -> buildup.Page:
        _, text = foreign.front(self.tongue.pages[path])
        page = buildup.read(text, self.folder.reused) if self._is_built(path) else buildup.Page(text)
        page.text = foreign.clean(page.text, self._resolver(path))
        return page

    def _is_built(self, path: str) -> bool:
        built = self.folder.built
        return built is not None and (not built or path.startswith(f"{built}/"))

    def _resolver(self, path: str) -> Callable[[str], str | None]:
        lies = self.tongue.lies[path]

        def resolve(address: str) -> str | None:
            if re.match(r"https?://|mailto:|tel:", address, re.IGNORECASE):
                return None
            found = folders.find(self.folder, lies, address)
            if found is not None and found in self.kept:
                sha256, name = self.kept[found]
                return f"/files/{sha256}/{name}"
            if found is None and PICTURE.search(address):
                self.folder.missing.add(posixpath.basename(address))
            return "" if not address.startswith("#") else None

        return resolve

    def parts(self, has_manifest: bool) -> dict[str, Any]:
        """The parts of the document that come from pages; a manifest's own title and summary stay."""
        steps, rest = self._order()
        rows = [row for path in steps for row in self._step(path)]
        body = [str(self.opening.get("body", ""))]
        body += [f"## {title}\n\n{text}" for path in rest for title, text in [_titled(self.read[path].text, path)]]
        found: dict[str, Any] = {"body": _fitting(body)}
        bill, tools = self._bill(rows)
        rows = [*self.opening.get("steps", []), *rows]
        if not has_manifest and self.opening.get("summary"):
            found["summary"] = self.opening["summary"]
        found |= {"steps": rows[: limits.ROWS_PER_PART], "bom": bill, "tools": tools, "files": self._files()}
        made_of_something = bill or any(row["role"] in ("source", "export") for row in found["files"])
        found["kind"] = "machine" if made_of_something or has_manifest else "practice"
        return {name: part for name, part in found.items() if part}

    def _order(self) -> tuple[list[str], list[str]]:
        """The pages that are steps, in order, and the other ones that say something of their own."""
        pages = self.read
        told = {self._target(page, use.page) for page, one in pages.items() for use in one.uses}
        steps: list[str] = []

        def walk(path: str) -> None:
            for address, words in pages[path].steps:
                to = self._target(path, address)
                if to in pages and to not in steps and to != self.entry:
                    steps.append(to)
                    self.called[to] = words if len(words) > 2 else ""
                    walk(to)

        starts = [self.entry, *(one for one in self._built_entries() if one != self.entry)]
        for start in filter(None, starts):
            walk(start)
        for path in self.folder.navigation:
            if path in pages and path not in steps:
                steps.append(path)
                walk(path)
        left = [path for path in self._linked() if path not in (*steps, self.entry) and path not in told]
        if not steps:
            steps = [path for path in left if NUMBERED.search(path) or pasted.is_steps(posixpath.basename(path))]
        rest = [path for path in left if path not in steps and self.read[path].text]
        return steps, [path for path in rest if not self._is_built(path) or self._is_named(path)]

    def _built_entries(self) -> Iterator[str]:
        if self.folder.built is not None and (path := posixpath.join(self.folder.built, "index.md")) in self.read:
            yield path

    def _is_named(self, path: str) -> bool:
        """Whether another page leads to a page: in what GitBuilding makes, one that nothing leads to is left over."""
        if path in self._built_entries():
            return True
        name = posixpath.basename(path)
        return any(
            f"{name})" in text or f"{name}#" in text for other, text in self.tongue.pages.items() if other != path
        )

    def _target(self, page: str, address: str) -> str:
        """The page, by its path in the first language, to which an address on another leads."""
        found = folders.find(self.folder, self.tongue.lies.get(page, page), address) if address else None
        return next((plain for plain, lies in self.tongue.lies.items() if lies == found), "")

    def _linked(self) -> list[str]:
        """All pages: as their folders are numbered and named, a folder's own page before those beside it."""

        def place(path: str) -> tuple[Any, ...]:
            parts = path.split("/")
            last = parts.pop().lower()
            numbers = [[int(n) if n.isdigit() else n for n in re.split(r"(\d+)", part)] for part in parts]
            return ([[str(type(n)), n] for part in numbers for n in part], last not in folders.ENTRIES, last)

        return sorted(self.read, key=place)

    def _step(self, path: str) -> Iterator[dict[str, Any]]:
        title, text = _titled(self.read[path].text, path, self.called.get(path, ""))
        needs = buildup.total(self.read[path].uses)
        parts = [key("bom", name) for name, use in needs.items() if not use.is_tool]
        tools = [key("tool", name) for name, use in needs.items() if use.is_tool]
        for number, (heading, piece) in enumerate(_pieces(text)):
            row: dict[str, Any] = {"key": key("step", f"{path}#{number}" if number else path)}
            row["title"] = (f"{title}: {heading}" if heading else title)[:300]
            yield row | {"text": piece} | ({"parts": parts, "tools": tools} if not number else {})

    def _bill(self, steps: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        needs = buildup.total([use for page in self.read.values() for use in page.uses])
        bill: list[dict[str, Any]] = [
            {
                "key": key("bom", name),
                "name": use.name,
                "quantity": use.quantity,
                "unit": use.unit,
                "spec": self._spec(use),
            }
            for name, use in needs.items()
            if not use.is_tool
        ]
        tools: list[dict[str, Any]] = [
            {"key": key("tool", name), "name": use.name} for name, use in needs.items() if use.is_tool
        ]
        for row in () if bill else self._lists():
            is_tool = row.pop("category", "").lower() in buildup.TOOLS | self.folder.reused
            if is_tool:
                tools.append({"key": row["key"].replace("bom-", "tool-", 1), "name": row["name"]})
            else:
                bill.append(row)
        bill += [row for row in self.opening.get("bom", []) if not bill or not needs]
        unique = {row["key"]: row for row in reversed(bill)}
        return list(reversed(unique.values()))[: limits.ROWS_PER_PART], [*tools, *self.opening.get("tools", [])]

    def _lists(self) -> list[dict[str, str]]:
        """The parts of the first file that is a list of parts."""
        for path, data in sorted(self.folder.files.items(), key=lambda item: item[0].count("/")):
            if not BILL.search(posixpath.basename(path)) or len(data) > limits.DOCUMENT:
                continue
            rows: list[dict[str, str]] = []
            if path.lower().endswith((".csv", ".tsv")):
                rows = bills.read_csv(data.decode("utf-8-sig", "replace"))
            elif path.lower().endswith((".yaml", ".yml")):
                rows = bills.read_list(folders.parsed(data))
            if rows:
                return rows
        return []

    def _spec(self, use: buildup.Use) -> str:
        """What the page or the library of parts says of one: `Length: 10 mm, Material: steel`."""
        address, _, name = use.page.partition("#")
        page = next((self._target(path, address) for path in self.read if self._target(path, address)), "")
        if page:
            told: Any = folders.parsed(foreign.front(self.tongue.pages[page])[0].encode())
            told = told.get("PartData") if isinstance(told, dict) else None
        else:
            library = next((one for one in self.folder.files if one.endswith(f"/{address}") or one == address), "")
            told = folders.mapping(self.folder.files[library]).get(name) if library and name else None
        specs = told.get("Specs") if isinstance(told, dict) else None
        pairs = (
            [f"{n}: {str(v).lstrip('- ')}" for n, v in specs.items() if isinstance(v, str | int | float)]
            if isinstance(specs, dict)
            else []
        )
        return markup.plain(", ".join(pairs))[:400]

    def _files(self) -> list[dict[str, Any]]:
        rows = []
        for path in self.folder.wanted:
            if path in self.kept:
                sha256, name = self.kept[path]
                words = re.sub(r"[-_]+", " ", posixpath.basename(path).rpartition(".")[0]).strip()
                row = {"key": key("file", path), "sha256": sha256, "name": name, "role": _role(name)}
                rows.append(row | {"alt": words} if row["role"] in ("photo", "drawing") else row)
        return rows


def _role(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    if ending in ("jpg", "png", "webp"):
        return "photo"
    if ending == "svg":
        return "drawing"
    if ending in ("stl", "dxf", "3mf", "glb", "gcode", "nc"):
        return "export"
    return "source" if ending in ("step", "fcstd", "scad", "sch", "brd", "ino") else "auxiliary"


def _titled(text: str, path: str, called: str = "") -> tuple[str, str]:
    """The title of a page, and its text without it. One without a title is called as others call it, or as its file."""
    found = TITLE.search(text)
    opens = found is not None and not text[: found.start()].strip()
    if found is not None and (opens or found[1] == "#") and (found[1] == "#" or not called):
        words = markup.plain(found[2]).strip()[:250]
        return words or path, f"{text[: found.start()]}{text[found.end() :]}".strip()
    stem = posixpath.basename(path).rpartition(".")[0]
    name = posixpath.basename(posixpath.dirname(path)) if stem.lower() in ("readme", "index") else stem
    return called or NUMBER.sub("", re.sub(r"[-_]+", " ", name)).strip().capitalize() or stem, text.strip()


def _first_words(text: str) -> str:
    """The first paragraph that is words, as a summary."""
    for line in markup.plain(manifests.MARKS.sub("", text)).split("\n"):
        if len(line) > 40:
            return manifests.cut(line, manifests.SUMMARY)
    return ""


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """A text cut at its headings so that each piece fits into a field: the heading of each, "" for the first."""
    limit = limits.FIELD - 256
    heading, held = "", ""
    for number, part in enumerate(re.split(r"^(?=#{1,6}[ \t])", text, flags=re.MULTILINE)):
        if held and len((held + part).encode()) > limit:
            yield heading, _within(held, limit)
            heading, held = _titled(part, "")[0] if number else "", ""
        held += part
    yield heading, _within(held, limit)


def _within(text: str, limit: int) -> str:
    """At most so many bytes of a text, cut between lines; a single section is hardly ever longer."""
    text = text.strip()
    if len(text.encode()) <= limit:
        return text
    return text.encode()[:limit].decode("utf-8", "ignore").rpartition("\n")[0] + "\n\n…"


def _fitting(parts: list[str]) -> str:
    """Texts one after another, as many as fit."""
    text = ""
    for part in parts:
        if part and len(f"{text}\n\n{part}".encode()) < limits.TEXT_PART:
            text = f"{text}\n\n{part}".strip()
    return text
