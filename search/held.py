"""The files of an index, read into memory and known by their digests.

A manifest names the files that belong together; whoever changes an index replaces the manifest last. So a reader sees
the state before a change or the state after it. Files in memory can't vanish, shrink or change under somebody who
reads in them, as mapped ones would, and they are shared by all threads.
"""

import functools
import hashlib
import inspect
import json
import logging
import mmap
import os
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile

log = logging.getLogger("minga.search")

MANIFEST = "manifest.json"
KNOWN = frozenset({"a070a3ffd80b075b0ba592bb18d1e8de901e1305c1d6733e24aeef5f3bafddcc"})
"""The SHA-256 of the file with Whoosh's `BufferFile` that `View` is known to stand in for. Whoosh copies every part of
a segment for each searcher; with other code than this it is left to do so."""
KNOWN_POSTINGS = frozenset({"7db5df0e4c6bfd6ed42094a7e6b91dc1cba3dffee394bdc000b4ddccc4237831"})
"""The SHA-256 of the file with Whoosh's reader and writer of postings: whole blocks can be read and written."""


@dataclass(frozen=True)
class Manifest:
    """Which folder holds the index, in which layout, and its files with their SHA-256."""

    layout: str
    folder: str
    files: Mapping[str, str]


def find_manifest(root: pathlib.Path) -> Manifest | None:
    """The manifest of an index, None when there is none. Raises ValueError for one that can't be read."""
    try:
        found = json.loads((root / MANIFEST).read_bytes())
        return Manifest(str(found["layout"]), str(found["folder"]), dict(found["files"]))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError) as error:
        raise ValueError(f"the manifest lacks {error}") from None


def write_manifest(root: pathlib.Path, manifest: Manifest, before: Mapping[str, str]) -> None:
    """Let a state of the index take effect, with all its bytes on the disk, where those of the files `before` are."""
    folder = root / manifest.folder
    for name in manifest.files.keys() - before.keys():
        sync(folder / name)
    sync(folder)
    beside = root / f"{MANIFEST}.new"
    beside.write_text(json.dumps(vars(manifest), indent=1))
    sync(beside)
    os.replace(beside, root / MANIFEST)
    sync(root)


def sync(path: pathlib.Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def digest(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def read(path: pathlib.Path) -> memoryview:
    """The bytes of a file, in memory of their own, which goes back to the system when nobody holds them: files of all
    sizes that come and go would tear the heap."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            return memoryview(b"")
        data = memoryview(mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        if file.readinto(data) != size:
            raise ValueError(f"{path.name} was cut meanwhile")
        return data


class _Bytes:
    """A file over bytes that copies only what is read of them."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._at, self._end = data, 0, len(data)

    def read(self, size: int | None = -1) -> bytes:
        begin = self._at
        end = self._end if size is None or size < 0 else begin + size
        found = bytes(self._data[begin:end])
        self._at = begin + len(found)
        return found

    def readinto(self, into: Any) -> int:
        found = self.read(len(into))
        into[: len(found)] = found
        return len(found)

    def readline(self, size: int = -1) -> bytes:
        begin, step = self._at, 256
        while (found := bytes(self._data[begin : begin + step])).find(b"\n") < 0 and begin + step < self._end:
            step *= 4
        end = found.find(b"\n") + 1 or len(found)
        self._at = begin + (end if size < 0 else min(size, end))
        return found[: self._at - begin]

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, place + (0, self._at, self._end)[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """The bytes belong to others too."""


class View(BufferFile):  # type: ignore[misc]
    """Whoosh's file over a buffer, without its copies."""

    def __init__(self, buf: memoryview, name: str | None = None, onclose: Any = None) -> None:
        self._buf, self._name, self.onclose = buf, name, onclose
        self.file = _Bytes(buf)
        self.read, self.seek, self.tell = self.file.read, self.file.seek, self.file.tell
        self.is_real = self.is_closed = False

    def subset(self, position: int, length: int, name: str | None = None) -> "View":
        return View(self._buf[position : position + length], name or self._name)

    def close(self) -> None:
        self.is_closed = True


@functools.cache
def is_known(code: Any, digests: frozenset[str]) -> bool:
    """Whether the file with a class of the library is of those that something here stands in for."""
    known = digest(pathlib.Path(inspect.getfile(code)).read_bytes()) in digests
    if not known:
        log.warning("this Whoosh is not known here (%s): searching takes more of the machine", code.__name__)
    return known


def _view(data: memoryview, name: str) -> BufferFile:
    own = memoryview(data)
    return View(own, name) if is_known(BufferFile, KNOWN) else BufferFile(own, name)


class Held(FileStorage):  # type: ignore[misc]
    """Files of one state of an index, by their names and digests."""

    def __init__(self, folder: str, data: Mapping[tuple[str, str], memoryview]) -> None:
        super().__init__(folder, supports_mmap=False, readonly=True)
        self.data = data
        self._named = {name: held for (name, _), held in data.items()}

    def of(self, segment: str) -> "Held":
        """The files of a segment alone: who reads in it may outlive this state by hours."""
        return Held(self.folder, {key: data for key, data in self.data.items() if segment in key[0]})

    def list(self) -> list[str]:
        return list(self._named)

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def file_exists(self, name: str) -> bool:
        return name in self._named

    def file_length(self, name: str) -> int:
        return len(self._named[name])

    def open_file(self, name: str, **_more: Any) -> BufferFile:
        if name not in self._named:
            raise FileNotFoundError(name)
        return _view(self._named[name], name)


def load(folder: pathlib.Path, files: Mapping[str, str], known: Mapping[tuple[str, str], memoryview]) -> Held:
    """The files that a manifest names, those that are known already as they are. Raises ValueError for one that is not
    what the manifest says, and FileNotFoundError."""
    found: dict[tuple[str, str], memoryview] = {}
    for name, sha256 in files.items():
        key = name, sha256
        data = known[key] if key in known else read(folder / name)
        if key not in known and digest(data) != sha256:
            raise ValueError(f"{name} is not as it was written")
        found[key] = data
    return Held(str(folder), found)


class Working(FileStorage):  # type: ignore[misc]
    """The files of an index that is being written. Segments never change once written, so they are read once. What the
    library wants deleted stays until the manifest names it no more: till then it is what stands."""

    def __init__(self, folder: pathlib.Path, known: dict[str, memoryview]) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._known = known

    def delete_file(self, name: str) -> None:
        """Left to whoever writes the manifest."""

    def open_file(self, name: str, **_more: Any) -> BufferFile:
        data = self._known.get(name)
        if data is None:
            data = read(pathlib.Path(self._fpath(name)))
            if name.endswith(".seg"):
                self._known[name] = data
        return _view(data, name)
