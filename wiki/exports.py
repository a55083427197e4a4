"""The public commons as files that anybody can read: JSON lines and the photos and drawings, for mirrors, researchers
and whoever wants to keep a copy. Nothing in it is private: no draft, session, token or passphrase."""

import json
import os
import pathlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from wiki import chain, document, files, history
from wiki.db import now, session
from wiki.models import File, Page, Revision, Space

R = TypeVar("R", Space, Page, Revision, File)

BATCH = 200
FORMAT = 1

EXPLAINED = """# A commons, exported

Taken {at} by Minga, format {format}. Each `.jsonl` file holds one JSON object a line, in UTF-8.

- `communities.jsonl`: `uid`, `slug`, `at`. Times are in UTC.
- `pages.jsonl`: `uid`, `community`, `slug`, `title`, `language`, `head` (number of the newest revision), `retired`
  (when, or null), `upstream` (uid of the page that it was made from, or null), `relation`, `taken`, `at`, `changed`.
- `revisions.jsonl`: every version, in the order in which they were written: `page` (uid), `number`, `digest`,
  `parents` (digests), `origin`, `author` (`uid`, `handle`), `at`, `verb`, `language`, `commitment`, `salt`, `note`,
  `document`. Of what was taken away for law or safety `salt` and `document` are null; the digest still verifies.
- `files.jsonl`: `sha256`, `type`, `bytes`, `width`, `height`, `name`, `at`, `path` (below this folder).

A revision's digest is the SHA-256 of its header: the JSON object of `v` (1), `page`, `number`, `parents`, `origin`,
`author` (uid), `at`, `verb`, `language` and `commitment`, with sorted names, without spaces. `commitment` is the
SHA-256 of salt, SHA-256 of the document's canonical JSON, SHA-256 of the note, one after another as bytes.

Each design says its own licences in `document.licences`, its people in `document.credits`, and who wrote each version
stands here: whoever shares it on keeps both.
"""


class Unusable(Exception):
    """A place where nothing can be exported to; its words say why."""


@dataclass(frozen=True)
class Export:
    """How much was written."""

    communities: int
    pages: int
    revisions: int
    files: int


def save(dest: pathlib.Path) -> Export:
    """Write the public commons into the folder `dest`, which must not exist; it gets its name when it is whole. Raises
    `Unusable`."""
    if dest.exists():
        raise Unusable(f"{dest} is there already")
    if not dest.parent.is_dir():
        raise Unusable(f"there is no folder {dest.parent}")
    aside = dest.with_name(f".{dest.name}.{secrets.token_hex(6)}")
    aside.mkdir()
    try:
        told = Export(
            _lines(aside / "communities.jsonl", _communities()),
            _lines(aside / "pages.jsonl", _pages()),
            _lines(aside / "revisions.jsonl", _revisions()),
            _lines(aside / "files.jsonl", _files(aside)),
        )
        (aside / "README.md").write_text(EXPLAINED.format(at=chain.stamp(now()), format=FORMAT), encoding="utf-8")
        os.rename(aside, dest)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return told


def _lines(path: pathlib.Path, rows: Iterator[Mapping[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
            count += 1
    return count


def _all(query: Select[R], model: type[R]) -> Iterator[Sequence[R]]:
    """The rows of a query in batches, in order of ids, all as of one moment: nothing here ends the transaction."""
    after = 0
    while rows := session.scalars(query.where(model.id > after).order_by(model.id).limit(BATCH)).all():
        yield rows
        after = rows[-1].id
        session.expunge_all()


def _communities() -> Iterator[Mapping[str, Any]]:
    for rows in _all(select(Space), Space):
        for space in rows:
            yield {"uid": space.uid.hex(), "slug": space.slug, "at": chain.stamp(space.at)}


def _pages() -> Iterator[Mapping[str, Any]]:
    for rows in _all(select(Page).options(joinedload(Page.space), joinedload(Page.upstream)), Page):
        for page in rows:
            yield {
                "uid": page.uid.hex(),
                "community": page.space.slug,
                "slug": page.slug,
                "title": page.title,
                "language": page.language,
                "head": page.head,
                "retired": chain.stamp(page.retired) if page.retired else None,
                "upstream": page.upstream.uid.hex() if page.upstream else None,
                "relation": page.relation,
                "taken": page.taken,
                "at": chain.stamp(page.at),
                "changed": chain.stamp(page.changed),
            }


def _revisions() -> Iterator[Mapping[str, Any]]:
    query = select(Revision).options(
        joinedload(Revision.page), joinedload(Revision.author), joinedload(Revision.snapshot)
    )
    for rows in _all(query, Revision):
        parents = history.parents_of(rows)
        for row in rows:
            yield {
                "page": row.page.uid.hex(),
                "number": row.number,
                "digest": row.digest.hex(),
                "parents": [digest.hex() for digest in parents[row.id]],
                "origin": row.origin.hex() if row.origin else "",
                "author": {"uid": row.author.uid.hex(), "handle": row.author.handle},
                "at": chain.stamp(row.at),
                "verb": row.verb,
                "language": row.language,
                "commitment": row.commitment.hex(),
                "salt": row.salt.hex() if row.salt and not row.held else None,
                "note": "" if row.held else row.note,
                "document": document.unpack(row.snapshot.body) if row.snapshot and not row.held else None,
            }


def _files(dest: pathlib.Path) -> Iterator[Mapping[str, Any]]:
    """The files, each copied as it is kept; smaller copies can be made anew. One whose bytes are gone has no path."""
    for rows in _all(select(File), File):
        for file in rows:
            sha256, (source, _) = file.sha256.hex(), files.path(file)
            place = pathlib.Path("files") / sha256[:2] / f"{sha256}{source.suffix}"
            if source.is_file() and not file.held:
                (dest / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, dest / place)
            yield {
                "sha256": sha256,
                "type": file.type,
                "bytes": file.bytes,
                "width": file.width,
                "height": file.height,
                "name": file.name,
                "at": chain.stamp(file.at),
                "path": place.as_posix() if source.is_file() and not file.held else None,
            }
