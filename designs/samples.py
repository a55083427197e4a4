"""The sample commons: designs written for Minga, loaded through the same verbs that people use.

Each is a TOML file in `seed/<language>/`; one that translates another names it. Adding them twice changes nothing.
"""

import pathlib
import tomllib
from dataclasses import dataclass
from typing import Any

from designs import sample_families, translating
from wiki import accounts, document, files, history, pages, spaces
from wiki.models import Account, Space

FOLDER = pathlib.Path(__file__).parent / "seed"
HANDLE = "taller-de-muestra"
ABOUT = "Cuenta inventada: publica los diseños de muestra con que empieza una instalación de Minga."


@dataclass(frozen=True)
class Sample:
    """A design of the sample commons; `translates` is the slug of the one it renders, or ""."""

    slug: str
    language: str
    translates: str
    document: dict[str, Any]


def read(path: pathlib.Path) -> Sample:
    data = tomllib.loads(path.read_text())
    return Sample(data["slug"], data["language"], data.get("translates", ""), data["document"])


def _with_files(sample: Sample, author: Account) -> dict[str, Any]:
    """The document with its drawings stored and named by what is kept of them."""
    rows = []
    for row in sample.document.get("files", []):
        path = FOLDER / "files" / row["path"]
        kept = files.put(path.read_bytes(), path.name, by=author)
        named = {name: value for name, value in row.items() if name != "path"}
        rows.append({**named, "sha256": kept.sha256.hex(), "name": row.get("name") or kept.name})
    return {**sample.document, "files": rows}


def all_samples() -> list[Sample]:
    """The samples, originals before their translations."""
    found = [read(path) for path in sorted(FOLDER.glob("*/*.toml"))]
    return sorted(found, key=lambda sample: bool(sample.translates))


def add() -> int:
    """Publish the samples that are not here yet; says how many were."""
    author = accounts.find_by_handle(HANDLE) or accounts.create(HANDLE, sample=True, about=ABOUT)[0]
    space = spaces.get(spaces.COMMON)
    published = sum(_publish(sample, space, author) for sample in all_samples())
    return published + sample_families.add(author)


def _publish(sample: Sample, space: Space, author: Account) -> bool:
    if history.find_page(space.slug, sample.slug) is not None:
        return False
    note, content = "Diseño de muestra", _with_files(sample, author)
    if not sample.translates:
        pages.create(space, content, slug=sample.slug, language=sample.language, by=author, note=note)
        return True
    original = history.get_version(history.get_page(space.slug, sample.translates))
    begun = pages.fork(
        original,
        space,
        slug=sample.slug,
        language=sample.language,
        relation="translation",
        by=author,
        note=note,
    )
    marked = translating.mark(document.clean(content), original.document)
    pages.save(history.get_page(space.slug, sample.slug), marked, base=begun.number, by=author, note=note)
    return True


def remove() -> int:
    """Retire the samples that only their own accounts have edited; says how many were."""
    author, adapter = (accounts.find_by_handle(handle) for handle in (HANDLE, sample_families.HANDLE))
    if author is None:
        return 0
    own, done = {author.id, adapter.id if adapter else author.id}, 0
    for name in (*(f"{spaces.COMMON}/{sample.slug}" for sample in all_samples()), *sample_families.names()):
        page = history.find_page(*name.split("/"))
        if page is None or page.retired is not None or not history.authors(page) <= own:
            continue
        by = author if page.space.is_open or adapter is None else adapter
        pages.retire(page, by=by, note="Muestras retiradas")
        done += 1
    return done
