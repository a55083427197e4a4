"""Where the bytes of files lie: a folder for each file, named by the SHA-256 of what it holds, `ab/abcd…/`.

A file and its smaller copies are written to the side, brought to the disk, and given their name in one step, so that
a folder of that name is whole or not there. Nothing here knows of the database.
"""

import contextlib
import os
import pathlib
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping

from wiki import limits

SHA256 = re.compile(r"[0-9a-f]{64}")
UNFINISHED = "unfinished"

_folder = pathlib.Path("files")


def use(folder: pathlib.Path) -> None:
    global _folder
    _folder = folder


def folder_of(sha256: str) -> pathlib.Path:
    """Raises ValueError for what is not a SHA-256 in lower-case hex."""
    if SHA256.fullmatch(sha256) is None:
        raise ValueError(sha256)
    return _folder / sha256[:2] / sha256


def path(sha256: str, part: str) -> pathlib.Path:
    return folder_of(sha256) / part


def has(sha256: str) -> bool:
    return folder_of(sha256).is_dir()


def keep(sha256: str, parts: Mapping[str, bytes]) -> None:
    """Store the parts of a file so that a power cut leaves all of them or none. One that is there already counts as
    new from now on, so that no sweep takes it before its row is written."""
    target = folder_of(sha256)
    with contextlib.suppress(FileNotFoundError):
        os.utime(target)
        return
    aside = _folder / UNFINISHED / secrets.token_hex(12)
    aside.mkdir(parents=True)
    try:
        for name, body in parts.items():
            with (aside / name).open("wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
        _to_disk(aside)
        target.parent.mkdir(exist_ok=True)
        try:
            aside.rename(target)
        except OSError:
            # Somebody else was faster with the same file.
            if not target.is_dir():
                raise
            os.utime(target)
        _to_disk(target.parent)
        _to_disk(_folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _to_disk(folder: pathlib.Path) -> None:
    """Bring the names in a folder to the disk, as `fsync` does for the bytes of a file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def old() -> Iterator[str]:
    """The files that were stored more than `limits.ORPHAN_HOURS` ago, in no order."""
    for found in _folder.glob("[0-9a-f][0-9a-f]/*"):
        if SHA256.fullmatch(found.name) and _is_old(found):
            yield found.name


def _is_old(found: pathlib.Path) -> bool:
    try:
        return found.stat().st_mtime < time.time() - limits.ORPHAN_HOURS * 3600
    except FileNotFoundError:
        return False


def remove_old(sha256: str) -> bool:
    """Delete a file unless it was stored again meanwhile. Its name goes first, so that it is never there in part."""
    found, aside = folder_of(sha256), _folder / UNFINISHED / secrets.token_hex(12)
    aside.parent.mkdir(exist_ok=True)
    if not _is_old(found):
        return False
    found.rename(aside)
    shutil.rmtree(aside)
    return True


def clear_unfinished() -> None:
    """Delete what was begun long ago and never got its name."""
    for found in _folder.glob(f"{UNFINISHED}/*"):
        if _is_old(found):
            shutil.rmtree(found, ignore_errors=True)
