"""Reading folders and files of this machine that are to be taken in, without being led out of them."""

import os
import pathlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from designs import folders, manifests
from wiki import limits


@dataclass(frozen=True)
class Source:
    """A folder that is one design, or a single file. `root`: the folder that nothing in it may lead out of."""

    path: pathlib.Path
    root: pathlib.Path
    is_folder: bool


@dataclass
class Loaded:
    """The bytes of the files of a source by their path in it, and why others could not be read."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[pathlib.Path, str] = field(default_factory=dict)


def sources(paths: Iterable[pathlib.Path]) -> Iterator[Source]:
    """What is to be taken in of paths: each folder that is one design, and every file of those that are not."""
    for path in paths:
        yield from _below(path, path) if path.is_dir() else (Source(path, path.parent, False),)


def _below(folder: pathlib.Path, root: pathlib.Path) -> Iterator[Source]:
    inside = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    if folders.is_one(one.name for one in inside if one.is_symlink() or one.is_file()):
        yield Source(folder, folder, True)
        return
    for one in inside:
        if one.is_symlink() or one.is_file():
            yield Source(one, root, False)
        elif one.is_dir():
            yield from _below(one, root)


def load(source: Source) -> Loaded:
    """Read a source, within the limits of sizes and counts."""
    loaded = Loaded()
    if not source.is_folder:
        # A byte more than a manifest may have: `manifests.read` says so in its words.
        _read(source.path, source.path.name, source.root, 0, loaded, manifests.MANIFEST + 1)
        return loaded
    room = limits.IMPORT_FOLDER
    for above, inside, names in os.walk(source.path):
        inside[:] = sorted(one for one in inside if not one.startswith("."))
        for name in sorted([*names, *(one for one in inside if pathlib.Path(above, one).is_symlink())]):
            path = pathlib.Path(above, name)
            if name.startswith("."):
                continue
            if len(loaded.files) == limits.IMPORT_FILES or room <= 0:
                loaded.faults[source.path] = "it holds more than can be taken in at once"
                return loaded
            place = path.relative_to(source.path).as_posix()
            _read(path, place, source.root, limits.UPLOAD, loaded)
            room -= len(loaded.files.get(place, b""))
    git = source.path / ".git" / "config"
    if git.is_file():
        _read(git, ".git/config", source.root, limits.FORM, loaded)
    return loaded


def _read(path: pathlib.Path, place: str, root: pathlib.Path, most: int, loaded: Loaded, start: int = -1) -> None:
    """Read a file of at most so many bytes, or of any size only its start."""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            loaded.faults[path] = "it is a link that leads out of the folder"
        elif path.is_file() and start < 0 and path.stat().st_size > most:
            loaded.faults[path] = f"it is larger than {most // 1024} kB"
        elif path.is_file():
            with path.open("rb") as file:
                loaded.files[place] = file.read(start if start > 0 else most)
    except OSError as error:
        loaded.faults[path] = f"it can't be read: {error.strerror}"
