"""Static files under names that say their content: a browser keeps them for ever, and never an old one."""

import contextlib
import gzip
import hashlib
import os
import pathlib
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from wsgiref.headers import Headers
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import brotli
from whitenoise import WhiteNoise
from whitenoise.responders import MissingFileError, StaticFile

PREFIX = "/static/"
COMPRESSED: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, 9, mtime=0),
    ".br": lambda data: brotli.compress(data, quality=11),
}
KEPT_SECONDS = 30 * 24 * 3600
"""Pages that people keep ask for older files: those stay this long after the last start that had them."""

_HASHED = re.compile(r"[^.].*\.([0-9a-f]{8})(?:\.\w+)?$")
_REFERENCE = re.compile(rb"""(url\(\s*["']?)([^"'():#?\s]+)((?:#[^"'()\s]*)?["']?\s*\))""")
_REFUSED = re.compile(r"[\w*-]+\s*;\s*q=0(?:\.0*)?\s*(?=,|$)")


def prepare(source: pathlib.Path, dest: pathlib.Path) -> dict[str, str]:
    """Put every file of `source` into `dest` under a hashed name, and .gz and .br beside it where smaller.

    Returns the address of each by its path within `source`. Several processes may do this at the same time.
    `url()` in a style sheet names other files as they lie in `source`; raises LookupError if there is none.
    """
    paths = sorted(
        (path for path in source.rglob("*") if path.is_file()), key=lambda path: (path.suffix == ".css", path)
    )
    found: dict[str, str] = {}
    for path in paths:
        name = path.relative_to(source).as_posix()
        data = path.read_bytes()
        if path.suffix == ".css":
            data = _with_addresses(data, name, found)
        digest = hashlib.sha256(data).hexdigest()[:8]
        hashed = pathlib.PurePosixPath(name).with_name(f"{path.stem}.{digest}{path.suffix}")
        _store(dest / hashed, data)
        found[name] = PREFIX + str(hashed)
    _remove_old(dest)
    return found


def _with_addresses(data: bytes, name: str, found: Mapping[str, str]) -> bytes:
    def address(match: re.Match[bytes]) -> bytes:
        meant = match[2].decode()
        if meant.startswith("/"):
            return match[0]
        path = os.path.normpath(pathlib.PurePosixPath(name).parent / meant)
        return match[1] + url(found, path).encode() + match[3]

    return _REFERENCE.sub(address, data)


def _store(path: pathlib.Path, data: bytes) -> None:
    """Write a file and its compressed forms, which come first: where the file is, they are."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        for suffix, compress in COMPRESSED.items():
            smaller = compress(data)
            if len(smaller) < len(data):
                _write(path.with_name(path.name + suffix), smaller)
        _write(path, data)
    for suffix in ("", *COMPRESSED):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            os.utime(path.with_name(path.name + suffix))


def _write(path: pathlib.Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)


def _remove_old(dest: pathlib.Path) -> None:
    for path in dest.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink()


def url(found: Mapping[str, str], name: str) -> str:
    """The address of a static file, for templates. Raises LookupError if there is no file of that name."""
    try:
        return found[name]
    except KeyError:
        raise LookupError(f"there is no static file {name!r}, only {', '.join(sorted(found))}") from None


def wrap(app: WSGIApplication, dest: pathlib.Path) -> WhiteNoise:
    """An app that answers for the files in `dest` before `app` is asked, compressed for who can read it."""
    wrapped = _Static(
        app,
        allow_all_origins=False,
        immutable_file_test=lambda path, address: True,
        add_headers_function=_headers,
    )
    for path in sorted(dest.rglob("*")):
        if _HASHED.match(path.name) and path.is_file():
            with contextlib.suppress(MissingFileError):
                wrapped.add_file_to_dictionary(PREFIX + path.relative_to(dest).as_posix(), str(path))
    return wrapped


def _headers(headers: Headers, path: str, address: str) -> None:
    named = _HASHED.match(pathlib.PurePosixPath(address).name)
    assert named
    # One tag for all encodings of a content has to be a weak one.
    headers["ETag"] = f'W/"{named[1]}"'
    headers["X-Content-Type-Options"] = "nosniff"


class _Static(WhiteNoise):  # type: ignore[misc]
    @staticmethod
    def serve(static_file: StaticFile, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WhiteNoise takes `br;q=0` for a wish."""
        accepted = _REFUSED.sub("", environ.get("HTTP_ACCEPT_ENCODING", ""))
        answer: Iterable[bytes] = WhiteNoise.serve(
            static_file, {**environ, "HTTP_ACCEPT_ENCODING": accepted}, start_response
        )
        return answer
