"""Taking in designs that were published elsewhere, and taking them in again when they have changed.

What a source said last is kept beside its page. A changed source is merged onto what people wrote since, with that as
the base; a source that says the same makes no version."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select

from designs import documentation, folders, manifests, sheet, translating
from designs.folders import Folder
from designs.manifests import Manifest
from designs.models import Imported
from wiki import access, db, document, errors, files, history, masking, merge, pages
from wiki.db import session
from wiki.document import Document
from wiki.history import Version
from wiki.models import Account, Page, Space

Result = Literal["new", "changed", "same", "card", "not-a-design", "failed"]
NOTE = "Import"


@dataclass(frozen=True)
class Outcome:
    """What came of a file: the page it is on, and a reason in words where there is one. `place`: the path in a folder
    that it is told of, "" for the folder."""

    result: Result
    page: Page | None = None
    reason: str = ""
    place: str = ""


@dataclass(frozen=True)
class _Into:
    """Where a design goes, in whose name, whether it is only said what would come of it, and of which version it is
    a fork."""

    space: Space
    by: Account
    dry: bool
    fork_of: Version | None = None


def take(
    name: str, data: bytes, *, into: Space, by: Account, dry: bool = False, fork_of: Version | None = None
) -> Outcome:
    """Take in the design of a file; with `dry`, only say what would come of it. `name` tells two files of one design
    apart: the first that came is its source. With `fork_of`, a design that is new becomes a fork of that version."""
    access.check("create", into, by)
    try:
        manifest = manifests.read(name, data)
    except manifests.NotADesign as no:
        return Outcome("not-a-design", reason=str(no))
    except manifests.Broken as error:
        return Outcome("failed", reason=str(error))
    return _take(name, manifest, _Into(into, by, dry, fork_of))


def take_folder(
    name: str,
    contents: Mapping[str, bytes],
    *,
    into: Space,
    by: Account,
    dry: bool = False,
    fork_of: Version | None = None,
) -> list[Outcome]:
    """Take in the design that a folder of documentation tells of, in each of its languages. `contents` are the bytes
    of its files by their path. The first outcome is that of the folder; those of the files that could not be taken
    come last."""
    access.check("create", into, by)
    try:
        folder = folders.read(name, contents)
        told = documentation.of(folder, {})
        known: dict[str, str] = {}
        if not told[0].is_card:
            kept = _keep(folder, _known(told[0], name), by=by, dry=dry)
            known = {_sha256(contents[path]): sha256 for path, (sha256, _) in kept.items()}
            told = documentation.of(folder, kept)
    except manifests.NotADesign as no:
        return [Outcome("not-a-design", reason=str(no))]
    except manifests.Broken as error:
        return [Outcome("failed", reason=str(error))]
    where = _Into(into, by, dry)
    first = _take(name, told[0], replace(where, fork_of=fork_of), known)
    if folder.missing and not first.reason:
        lost = f"{len(folder.missing)} pictures that its pages show are not in the folder"
        first = replace(first, reason=lost)
    found = [first]
    if first.result != "failed" and (first.page is None or _known(told[0], name) is not None):
        for manifest in told[1:]:
            one = _take(name, manifest, where, known, first.page)
            found.append(replace(one, place=folder.tongues[manifest.language].opening()))
    return [*found, *(Outcome("failed", reason=reason, place=place) for place, reason in folder.faults.items())]


def _keep(folder: Folder, known: Imported | None, *, by: Account, dry: bool) -> dict[str, tuple[str, str]]:
    """Store the files of a folder that its design needs: the SHA-256 (hex) and name of each by its path. Those that
    can't be stored are told of as the folder's faults."""
    before = document.rows(document.unpack(known.files), "files") if known is not None and known.files else ()
    names = {str(row["of"]): str(row["sha256"]) for row in before}
    here = files.find_all(names.values())
    found: dict[str, tuple[str, str]] = {}
    for path in folder.wanted:
        data = folder.files[path]
        file = here.get(names.get(_sha256(data), ""))
        try:
            if file is None and dry:
                found[path] = files.named(data, path)
                continue
            file = file or files.put(data, path.rpartition("/")[2], by=by, counted=False)
        except (errors.Invalid, errors.TooLarge) as wrong:
            folder.faults[path] = f"it can't be kept: {wrong}"
        else:
            found[path] = file.sha256.hex(), files.clean_name(path, file.type)
    return found


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _take(
    name: str,
    manifest: Manifest,
    where: _Into,
    kept: Mapping[str, str] | None = None,
    original: Page | None = None,
) -> Outcome:
    """Take in one design. `kept`: as what (SHA-256) each of its files was kept, by what it was; `original`: the page
    that it translates."""
    known = _find(_source(manifest, name))
    if known is None:
        return _begin(name, manifest, where, kept or {}, original)
    page = history.find_page_by_id(known.page_id)
    assert page is not None
    if known.name != name:
        return Outcome("same", page, "another file told of the same design")
    before = document.unpack(known.packed)
    if before == manifest.document:
        return Outcome("same", page)
    return Outcome("changed", page) if where.dry else _renew(page, before, manifest, kept or {}, by=where.by)


def _source(manifest: Manifest, name: str) -> bytes:
    """What tells one design from another: its address, or else the folder's name; and its language."""
    address = manifest.url.rstrip("/") or f"folder:{name}"
    return hashlib.sha256(f"{address}\n{manifest.language}".encode()).digest()


def _find(source: bytes) -> Imported | None:
    return session.scalar(select(Imported).where(Imported.source == source))


def _known(manifest: Manifest, name: str) -> Imported | None:
    """What was kept of a folder's design, when that folder is its source."""
    found = _find(_source(manifest, name))
    return found if found is not None and found.name == name else None


def _begin(name: str, manifest: Manifest, where: _Into, kept: Mapping[str, str], original: Page | None) -> Outcome:
    result: Result = "card" if manifest.is_card else "new"
    problems = sheet.check(manifest.document)
    if problems:
        return Outcome("failed", reason=", ".join(f"{p.place}: {p.code}" for p in problems))
    if where.dry:
        return Outcome(result)
    if where.fork_of is not None:
        try:
            saved = _fork(where.fork_of, manifest, where, "adaptation", manifest.document)
        except errors.Invalid as refused:
            return Outcome("failed", reason=f"it can't be a fork of that: {refused}")
    elif original is None:
        saved = pages.create(where.space, manifest.document, language=manifest.language, by=where.by, note=NOTE)
    else:
        saved = _translate(original, manifest, where)
    db.write(_keeping(saved.page_id, _source(manifest, name), name, manifest, kept))
    reason = "its licence does not allow more than a link" if manifest.is_card else ""
    return Outcome(result, history.find_page_by_id(saved.page_id), reason)


def _translate(original: Page, manifest: Manifest, where: _Into) -> pages.Saved:
    """Begin a translation as people do: with the document of the original, and then with its own words."""
    version = history.get_version(original, by=where.by)
    return _fork(version, manifest, where, "translation", translating.mark(manifest.document, version.document))


def _fork(version: Version, manifest: Manifest, where: _Into, relation: str, content: Document) -> pages.Saved:
    """A fork whose first version is exactly another page's, and whose second is what was taken in."""
    begun = pages.fork(
        version,
        where.space,
        slug=history.free_slug(where.space, manifest.document),
        language=manifest.language,
        relation=relation,
        by=where.by,
        note=NOTE,
    )
    page = history.find_page_by_id(begun.page_id)
    assert page is not None
    return pages.save(page, content, base=begun.number, by=where.by, note=NOTE)


def _keeping(
    page_id: int, source: bytes, name: str, manifest: Manifest, kept: Mapping[str, str]
) -> Callable[[], Callable[[], None]]:
    rows: list[document.Row] = [{"key": of[:40], "of": of, "sha256": sha256} for of, sha256 in sorted(kept.items())]

    def unit() -> None:
        row = session.get(Imported, page_id) or Imported(page_id=page_id, source=source, name=name)
        row.packed = document.pack(manifest.document)
        row.files = document.pack({"files": rows}) if rows else None
        session.add(row)

    return lambda: unit


def _renew(page: Page, before: Document, manifest: Manifest, kept: Mapping[str, str], *, by: Account) -> Outcome:
    head = history.get_version(page, page.head, by=by)
    merged = merge.merge(before, head.document, manifest.document)
    if merged.conflicts:
        places = ", ".join(conflict.place for conflict in merged.conflicts[:5])
        return Outcome("failed", page, f"people wrote something else since: {places}")
    try:
        saved = pages.save(page, merged.document, base=page.head, by=by, note=NOTE)
    except errors.Invalid as refused:
        return Outcome("failed", page, f"it may not stand after what is there: {refused}")
    db.write(_keeping(page.id, b"", "", manifest, kept))
    return Outcome("changed" if saved.saved else "same", page)


def forget(words: masking.Words) -> None:
    """Within a write unit: what sources said goes too, where it holds words that are taken away. The page stays; its
    source is taken for a new one from then on."""
    for row in session.scalars(select(Imported).execution_options(yield_per=100)):
        if masking.are_in(document.unpack(row.packed), words):
            session.delete(row)
