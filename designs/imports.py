"""Taking in designs that were published elsewhere, and taking them in again when they have changed.

What a source said last is kept beside its page. A changed source is merged onto what people wrote since, with that as
the base; a source that says the same makes no version."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from designs import manifests, sheet
from designs.manifests import Manifest
from designs.models import Imported
from wiki import access, db, document, history, masking, merge, pages
from wiki.db import session
from wiki.document import Document
from wiki.models import Account, Page, Space

Result = Literal["new", "changed", "same", "card", "not-a-design", "failed"]
NOTE = "Import"


@dataclass(frozen=True)
class Outcome:
    """What came of a file: the page it is on, and a reason in words where there is one."""

    result: Result
    page: Page | None = None
    reason: str = ""


def take(name: str, data: bytes, *, into: Space, by: Account, dry: bool = False) -> Outcome:
    """Take in the design of a file; with `dry`, only say what would come of it. `name` tells two files of one design
    apart: the first that came is its source."""
    access.check("create", into, by)
    try:
        manifest = manifests.read(name, data)
    except manifests.NotADesign as no:
        return Outcome("not-a-design", reason=str(no))
    except manifests.Broken as error:
        return Outcome("failed", reason=str(error))
    known = _known(manifest)
    if known is None:
        return _begin(name, manifest, into=into, by=by, dry=dry)
    page = history.find_page_by_id(known.page_id)
    assert page is not None
    if known.name != name:
        return Outcome("same", page, "another file told of the same design")
    before = document.unpack(known.packed)
    if before == manifest.document:
        return Outcome("same", page)
    return Outcome("changed", page) if dry else _renew(page, before, manifest, by=by)


def _digest(manifest: Manifest) -> bytes:
    return hashlib.sha256(f"{manifest.url.rstrip('/')}\n{manifest.language}".encode()).digest()


def _known(manifest: Manifest) -> Imported | None:
    return session.scalar(select(Imported).where(Imported.source == _digest(manifest)))


def _begin(name: str, manifest: Manifest, *, into: Space, by: Account, dry: bool) -> Outcome:
    result: Result = "card" if manifest.is_card else "new"
    problems = sheet.check(manifest.document)
    if problems:
        return Outcome("failed", reason=", ".join(f"{p.place}: {p.code}" for p in problems))
    if dry:
        return Outcome(result)
    saved = pages.create(into, manifest.document, language=manifest.language, by=by, note=NOTE)
    db.write(_keeping(saved.page_id, name, manifest))
    reason = "its licence does not allow more than a link" if manifest.is_card else ""
    return Outcome(result, history.find_page_by_id(saved.page_id), reason)


def _keeping(page_id: int, name: str, manifest: Manifest) -> Callable[[], Callable[[], None]]:
    def unit() -> None:
        row = session.get(Imported, page_id) or Imported(page_id=page_id, source=_digest(manifest), name=name)
        row.packed = document.pack(manifest.document)
        session.add(row)

    return lambda: unit


def _renew(page: Page, before: Document, manifest: Manifest, *, by: Account) -> Outcome:
    head = history.get_version(page, page.head, by=by)
    merged = merge.merge(before, head.document, manifest.document)
    if merged.conflicts:
        places = ", ".join(conflict.place for conflict in merged.conflicts[:5])
        return Outcome("failed", page, f"people wrote something else since: {places}")
    saved = pages.save(page, merged.document, base=page.head, by=by, note=NOTE)
    db.write(_keeping(page.id, "", manifest))
    return Outcome("changed" if saved.saved else "same", page)


def forget(words: masking.Words) -> None:
    """Within a write unit: what sources said goes too, where it holds words that are taken away. The page stays; its
    source is taken for a new one from then on."""
    for row in session.scalars(select(Imported).execution_options(yield_per=100)):
        if masking.are_in(document.unpack(row.packed), words):
            session.delete(row)
