"""The process that opens documents of strangers: the bytes of a file come in, its plain text goes out.

It is a program of its own, so that a file made to break the reader, to keep it busy or to fill the memory takes only
this process with it. It holds no secret, opens no file and asks no network. `taking` starts it with the type of the
file, writes nothing to it but the bytes, and believes nothing of it but that it is text.

Only what a reader of the document would see is taken: no names of authors, no comments, nothing that was deleted and
is still kept for a review.
"""

import io
import itertools
import os
import re
import resource
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from xml.parsers import expat

import pypdf

from wiki import attachments, limits

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
LEFT_OUT = frozenset(
    (
        f"{OFFICE} annotation",
        f"{OFFICE} binary-data",
        f"{OFFICE} scripts",
        f"{OFFICE} automatic-styles",
        f"{OFFICE} font-face-decls",
        f"{OFFICE} event-listeners",
        f"{TEXT} tracked-changes",
        f"{TABLE} tracked-changes",
        f"{TABLE} content-validations",
    )
)
"""What an OpenDocument holds and does not show."""
ENDS = frozenset((f"{TEXT} p", f"{TEXT} h", f"{TEXT} line-break", f"{TABLE} table-row", f"{TABLE} table"))
GAPS = frozenset((f"{TEXT} s", f"{TEXT} tab", f"{TABLE} table-cell"))
CHUNK = 1 << 16
ENOUGH = 0.8
"""The share of the time after which no further page is begun, so that what was read until then is kept."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010]\n(?=[^\W\d_A-Z])")
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


class Refused(Exception):
    """A file that is not read."""


def confine() -> None:
    """Bound what this process may use, and let all others of the machine go first."""
    bounds = (
        (resource.RLIMIT_AS, limits.FILE_TEXT_MEMORY),
        (resource.RLIMIT_CPU, limits.FILE_TEXT_CPU),
        (resource.RLIMIT_NOFILE, limits.FILE_TEXT_HANDLES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in bounds:
        resource.setrlimit(what, (most, most))
    os.nice(10)
    # Whoever waits for it may be gone by then.
    signal.alarm(limits.FILE_TEXT_SECONDS + 5)


def text(type: str, data: bytes) -> str:
    """The text of a file of one of the types in `READERS`, at most `limits.FILE_TEXT` characters.

    Raises `Refused`, and whatever a reader raises for a broken file."""
    found: list[str] = []
    length = 0
    for piece in READERS[type](data):
        found.append(piece)
        length += len(piece)
        if length > limits.FILE_TEXT:
            break
    return _tidy("\n".join(found))


def _tidy(text: str) -> str:
    """In lines without empty ones, with the words together that were parted at the end of a line."""
    plain = _UNSEEN.sub(" ", text.replace("\r", "\n").replace("\u00ad", ""))
    plain = _LINES.sub("\n", _SPACE.sub(" ", plain))
    return _HYPHEN.sub("", plain).strip()[: limits.FILE_TEXT]


def _written(data: bytes) -> Iterator[str]:
    yield data[: limits.FILE_TEXT * 4].decode("utf-8-sig", "ignore")


def _pages(data: bytes) -> Iterator[str]:
    until = time.process_time() + limits.FILE_TEXT_CPU * ENOUGH
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("it asks for a password")
    for page in itertools.islice(reader.pages, limits.FILE_TEXT_PAGES):
        if time.process_time() > until:
            break
        yield _page(page)


def _page(page: pypdf.PageObject) -> str:
    """The text of a page. One that can't be read is no reason to do without the others."""
    try:
        return page.extract_text()
    except MemoryError:
        raise
    except Exception:
        return ""


def _office(data: bytes) -> Iterable[str]:
    """The text of an OpenDocument, read as it is unpacked."""
    reader, unpacked = _Office(), 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if len(archive.infolist()) > limits.ATTACHMENT_MEMBERS:
            raise Refused("it has too many parts")
        with archive.open("content.xml") as content:
            while chunk := content.read(CHUNK):
                unpacked += len(chunk)
                if unpacked > limits.FILE_TEXT_UNPACKED:
                    raise Refused("it is too large when it is unpacked")
                reader.feed(chunk)
                if reader.length > limits.FILE_TEXT:
                    return ["".join(reader.found)]
            reader.feed(b"", is_last=True)
    return ["".join(reader.found)]


class _Office:
    """Gathers what is written in a `content.xml`."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.length = 0
        self._left_out = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._say

    def feed(self, data: bytes, *, is_last: bool = False) -> None:
        self._parser.Parse(data, is_last)

    def _doctype(self, *_: object) -> None:
        # Entities can only be declared here, and no OpenDocument has any.
        raise Refused("it declares entities")

    def _start(self, name: str, given: dict[str, str]) -> None:
        if self._left_out or name in LEFT_OUT:
            self._left_out += 1
        elif name == f"{TABLE} table":
            self._say(f"{given.get(f'{TABLE} name', '')}\n")

    def _end(self, name: str) -> None:
        if self._left_out:
            self._left_out -= 1
        elif name in ENDS:
            self._say("\n")
        elif name in GAPS:
            self._say(" ")

    def _say(self, words: str) -> None:
        if not self._left_out:
            self.found.append(words)
            self.length += len(words)


READERS: Mapping[str, Callable[[bytes], Iterable[str]]] = {
    "application/pdf": _pages,
    attachments.TEXT: _written,
    "application/vnd.oasis.opendocument.spreadsheet": _office,
    "application/vnd.oasis.opendocument.text": _office,
    "application/vnd.oasis.opendocument.presentation": _office,
    "application/vnd.oasis.opendocument.graphics": _office,
}


if __name__ == "__main__":
    confine()
    sys.stdout.buffer.write(text(sys.argv[1], sys.stdin.buffer.read(limits.UPLOAD + 1)).encode())
