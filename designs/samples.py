"""The sample commons: designs written for Minga, loaded through the same verbs that people use.

Each is a TOML file in `seed/<language>/`; one that translates another names it. Adding them twice changes nothing.
"""

import hashlib
import pathlib
import tomllib
from dataclasses import dataclass
from typing import Any

from designs import translating
from wiki import accounts, document, history, pages, spaces
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
    content = data["document"]
    for row in content.get("files", []):
        row["sha256"] = hashlib.sha256((FOLDER / "files" / row.pop("path")).read_bytes()).hexdigest()
    return Sample(data["slug"], data["language"], data.get("translates", ""), content)


def all_samples() -> list[Sample]:
    """The samples, originals before their translations."""
    found = [read(path) for path in sorted(FOLDER.glob("*/*.toml"))]
    return sorted(found, key=lambda sample: bool(sample.translates))


def add() -> int:
    """Publish the samples that are not here yet; says how many were."""
    author = accounts.find_by_handle(HANDLE) or accounts.create(HANDLE, sample=True, about=ABOUT)[0]
    space = spaces.get(spaces.COMMON)
    return sum(_publish(sample, space, author) for sample in all_samples())


def _publish(sample: Sample, space: Space, author: Account) -> bool:
    if history.find_page(space.slug, sample.slug) is not None:
        return False
    note = "Diseño de muestra"
    if not sample.translates:
        pages.create(space, sample.document, slug=sample.slug, language=sample.language, by=author, note=note)
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
    content = translating.mark(document.clean(sample.document), original.document)
    pages.save(history.get_page(space.slug, sample.slug), content, base=begun.number, by=author, note=note)
    return True


def remove() -> int:
    """Retire the samples that only their own account has edited; says how many were."""
    author = accounts.find_by_handle(HANDLE)
    if author is None:
        return 0
    done = 0
    for sample in all_samples():
        page = history.find_page(spaces.COMMON, sample.slug)
        if page is None or page.retired is not None or history.authors(page) != {author.id}:
            continue
        pages.retire(page, by=author, note="Muestras retiradas")
        done += 1
    return done
