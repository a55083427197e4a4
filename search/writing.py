"""The one writer of a Whoosh index. Whatever goes wrong, what stood before stands, or is seen to be unusable."""

import contextlib
import fcntl
import itertools
import logging
import os
import pathlib
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from whoosh.index import FileIndex

from search import held, schema, segments
from search.entries import Entry
from search.index import Position, Unfit, Unusable

log = logging.getLogger("minga.search")

LOCK = "lock"
ALIKE = 6
"""From so many segments of about one weight on they are made one, and from PRESSING on while changes wait."""
PRESSING = 2 * ALIKE
WORDS = 250
"""Words of files that take as long to put as an entry without files does: a segment weighs as much as such entries."""
BROUGHT = 200
"""About so many such entries are put anew at once, unless two segments weigh more: what is saved meanwhile waits for
that long."""
LARGEST = 3
"""Half the binary digits of the weight of a segment that is not yet too heavy for that (127)."""
CONTENTS = re.compile(r"_MAIN_(\d+)\.toc")


class Writer:
    """Changes the index in a folder, by whoever holds its lock."""

    def __init__(self, root: pathlib.Path) -> None:
        self._root = root
        self._known: dict[str, memoryview] = {}
        self._checked: dict[str, object] = {}
        self._tidy: held.Manifest | None = None
        self._read: held.Manifest | None = None
        self._at: tuple[held.Manifest, Position] | None = None

    @contextlib.contextmanager
    def locked(self, wait: float) -> Iterator["Writer"]:
        """Hold the lock of the folder, which is made if need be. Raises TimeoutError and OSError."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._root / LOCK).open("w") as lock:
            end = time.monotonic() + wait
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= end:
                        raise TimeoutError("somebody else is writing the search index") from None
                    time.sleep(0.05)
            yield self

    def _manifest(self) -> held.Manifest:
        """The manifest of an index whose files are as they were written; those that were looked at already are only
        looked at again when they changed. Raises Unusable."""
        try:
            manifest = held.find_manifest(self._root)
            if manifest is None or manifest.layout != schema.LAYOUT:
                raise Unusable("building", "there is no index of this layout")
            folder = self._root / manifest.folder
            if _generation(os.listdir(folder)) > _generation(manifest.files):
                # A writer was killed before it could say what it had written. It is done again.
                self._clean(manifest)
            for name, sha256 in manifest.files.items():
                if self._checked.get(name) != (stamp := _stamp(folder / name, sha256)):
                    if held.digest((folder / name).read_bytes()) != sha256:
                        raise ValueError(f"{name} is not as it was written")
                    self._checked[name] = stamp
            return manifest
        except Unusable:
            raise
        except Exception as error:
            raise Unusable("broken", f"{type(error).__name__}: {error}") from error

    def position(self) -> Position:
        manifest = self._manifest()
        if self._at is None or self._at[0] != manifest:
            try:
                with self._open(manifest.folder).searcher() as searcher:
                    self._at = manifest, schema.position(searcher.document(uid=schema.MARKER))
            except Exception as error:
                raise Unusable("broken", f"{type(error).__name__}: {error}") from error
        return self._at[1]

    def _open(self, folder: str) -> Any:
        return FileIndex(held.Working(self._root / folder, self._known))

    def put(self, entries: Sequence[Entry], gone: Sequence[str], position: Position) -> None:
        manifest = self._manifest()
        newest = {entry.uid: entry for entry in entries}
        index = self._open(manifest.folder)
        writer = segments.writer(index)
        writer.mergetype = _unmerged
        with _thrown_away_on_errors(writer):
            for uid in set(gone) - set(newest):
                writer.delete_by_term("uid", uid)
            for entry in newest.values():
                try:
                    writer.update_document(**_fields(entry))
                except (OSError, Unfit):
                    raise
                except Exception as error:
                    raise Unfit(f"{entry.uid}: {error}") from error
            writer.update_document(**schema.marker(position))
        self._say(manifest)

    def scattered(self, *, pressing: bool = False) -> Sequence[str]:
        """Each change makes a segment. When there are many of about one weight, their entries are to be put into one:
        of one weight, since else long texts would be put anew with each small change."""
        manifest = self._manifest()
        if self._tidy == manifest or (pressing and len(manifest.files) <= PRESSING):
            return ()
        with self._open(manifest.folder).searcher() as searcher:
            alike: dict[int, list[tuple[int, Any]]] = {}
            for reader, _ in searcher.reader().leaf_readers():
                if _tier(reader.doc_count()) <= LARGEST and _tier(weight := _weight(reader)) <= LARGEST:
                    alike.setdefault(_tier(weight), []).append((weight, reader))
            for _, weighed in sorted(alike.items()):
                if len(weighed) >= (PRESSING if pressing else ALIKE):
                    return list(_brought(weighed))
        if not pressing:
            self._tidy = manifest
        return ()

    def bearing(self, starts: Sequence[str]) -> Sequence[str]:
        found: dict[str, None] = {}
        if starts:
            with self._open(self._manifest().folder).searcher() as searcher:
                for start in starts:
                    found |= dict.fromkeys(stored["uid"] for stored in searcher.documents(attached=start))
        return list(found)

    def unread(self) -> str:
        manifest = self._manifest()
        if self._read == manifest:
            return ""
        with self._open(manifest.folder).searcher() as searcher:
            numbers = list(searcher.document_numbers(unread=schema.SOME))
            if numbers:
                return str(searcher.stored_fields(max(numbers))["unread"].split()[1])
        self._read = manifest
        return ""

    def lacking(self, sha256: str, most: int) -> Sequence[str]:
        with self._open(self._manifest().folder).searcher() as searcher:
            return [stored["uid"] for stored in itertools.islice(searcher.documents(unread=sha256), most)]

    def replace(self, entries: Iterable[Entry], position: Position) -> None:
        self._sweep(keep=self._folder())
        folder = f"index-{secrets.token_hex(4)}"
        path = self._root / folder
        path.mkdir(mode=0o700)
        try:
            storage = held.Working(path, {})
            writer = segments.writer(storage.create_index(schema.make()))
            with _thrown_away_on_errors(writer):
                for entry in entries:
                    try:
                        document = _fields(entry)
                    except Unfit as error:
                        log.error("a page can't be indexed: %s", error)
                        continue
                    writer.add_document(**document)
                writer.add_document(**schema.marker(position))
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        self._known.clear()
        self._checked.clear()
        self._say(held.Manifest(schema.LAYOUT, folder, {}))
        self._sweep(keep=folder)

    def _folder(self) -> str:
        """The folder of the index that stands, "" when there is none."""
        with contextlib.suppress(ValueError, OSError):
            manifest = held.find_manifest(self._root)
            return manifest.folder if manifest else ""
        return ""

    def _sweep(self, keep: str) -> None:
        """Take away what no index needs: readers hold what they read in memory."""
        for path in self._root.glob("index-*"):
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)

    def _say(self, before: held.Manifest) -> None:
        """Let what was written after a state take effect."""
        path = self._root / before.folder
        index = self._open(before.folder)
        names = [f"_{index.indexname}_{index.latest_generation()}.toc"]
        names += [f"{segment.segment_id()}.seg" for segment in index._segments()]
        # A segment never changes: what it was is known, and what it is by now would prove nothing.
        files = {name: before.files.get(name) or held.digest((path / name).read_bytes()) for name in names}
        after = held.Manifest(schema.LAYOUT, before.folder, files)
        held.write_manifest(self._root, after, before.files)
        for name in set(self._known) - set(files):
            del self._known[name]
        self._checked = {name: stamp for name, stamp in self._checked.items() if name in files}
        self._clean(after)

    def _clean(self, manifest: held.Manifest) -> None:
        """Take away the files that are not of a state."""
        for left in (self._root / manifest.folder).iterdir():
            if left.name not in manifest.files and not left.name.endswith("_WRITELOCK"):
                with contextlib.suppress(OSError):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()


def _weight(reader: Any) -> int:
    """How long it takes to put the entries of a segment anew, as a number of entries without files."""
    words = sum(reader.doc_field_length(number, "files") or 0 for number in reader.all_doc_ids())
    return int(reader.doc_count() + words // WORDS)


def _tier(weight: int) -> int:
    return weight.bit_length() // 2


def _brought(weighed: Sequence[tuple[int, Any]]) -> Iterator[str]:
    """The uids of the entries of the two lightest segments, and of more as long as they weigh little."""
    taken = 0
    for turn, (weight, reader) in enumerate(sorted(weighed, key=lambda one: one[0])):
        taken += weight
        if turn >= 2 and taken > BROUGHT:
            break
        found = (reader.stored_fields(number)["uid"] for number in reader.all_doc_ids())
        yield from (uid for uid in found if uid != schema.MARKER)


def _stamp(path: pathlib.Path, sha256: str) -> object:
    """What changes when the bytes of a file do, unless the disk itself is at fault."""
    found = path.stat()
    return sha256, found.st_ino, found.st_size, found.st_mtime_ns


def _generation(names: Iterable[str]) -> int:
    """The newest generation of an index among the names of its files: tables of contents are named by it."""
    return max((int(found[1]) for name in names if (found := CONTENTS.fullmatch(name))), default=0)


def _fields(entry: Entry) -> dict[str, Any]:
    try:
        return schema.document(entry)
    except ValueError as error:
        raise Unfit(f"{entry.uid}: {error}") from error


def _unmerged(_writer: Any, segments: Sequence[Any]) -> list[Any]:
    """The segments that stay. Merging one takes five times as long as putting its entries anew."""
    return [segment for segment in segments if segment.doc_count()]


@contextlib.contextmanager
def _thrown_away_on_errors(writer: Any) -> Iterator[None]:
    """Carry out what a writer of Whoosh was told, or nothing of it. Its lock is free afterwards."""
    try:
        with writer:
            yield
    except BaseException:
        # A writer that failed while it wrote may hold its lock still, and its files.
        held_still: tuple[Callable[[], Any], ...] = (
            lambda: writer.writelock.release(),
            lambda: writer.perdocwriter._cols._temp.close(),
            lambda: writer.fieldwriter._postfile.close(),
            lambda: writer.fieldwriter._tindex.dbfile.close(),
            lambda: writer.pool.cleanup(),
        )
        for let_go in held_still:
            with contextlib.suppress(Exception):
                let_go()
        raise


def faults(root: pathlib.Path) -> Iterator[str]:
    """What is wrong with the stored index, all its bytes read anew."""
    try:
        manifest = held.find_manifest(root)
    except (OSError, ValueError) as error:
        yield f"its manifest can't be read: {error}"
        return
    if manifest is None:
        yield "there is no index"
        return
    for name, sha256 in manifest.files.items():
        try:
            if held.digest((root / manifest.folder / name).read_bytes()) != sha256:
                yield f"{name} is not as it was written"
        except OSError as error:
            yield f"{name} can't be read: {error.strerror}"
    mode = os.stat(root).st_mode & 0o077
    if mode:
        yield "others than its owner may write or read its folder"
