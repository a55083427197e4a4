"""Photos: what a file is by its bytes, what it may be called, and a photo made safe in a process of its own."""

import json
import pathlib
import re
import struct
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wiki import errors, limits
from wiki.errors import Problem

PHOTOS = {"image/jpeg": "jpeg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
DRAWING = "image/svg+xml"
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", DRAWING: ".svg"}
NAMELESS = {".jpg": "foto", ".png": "foto", ".webp": "foto", ".svg": "dibujo"}

_ROOM = pathlib.Path(__file__).parents[1]
_turn = threading.BoundedSemaphore(limits.PICTURES_AT_ONCE)
_SVG = re.compile(rb"\s*<(?:[?!]|(?:[A-Za-z_][\w.-]*:)?svg[\s>/])")
_KNOWN_ENDING = re.compile(r"(?<=.)\.[A-Za-z0-9_]{1,9}$")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|#%&;\s]+')


@dataclass(frozen=True)
class Photo:
    """A photo made safe: how it is kept, its size in pixels, and smaller copies by width and format (`webp` and that
    of `type`). The largest width is that of the photo itself."""

    type: str
    body: bytes
    width: int
    height: int
    variants: Mapping[tuple[int, str], bytes]


def refusal(code: str, **values: object) -> errors.Invalid:
    return errors.Invalid([Problem("file", code, values)])


def kind(data: bytes) -> str:
    """The MIME type of a photo or drawing by its first bytes and structure, never by its name; "" for others."""
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR":
        return "image/png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if _SVG.match(data.removeprefix(b"\xef\xbb\xbf")) and re.search(rb"<(?:[A-Za-z_][\w.-]*:)?svg[\s>/]", data[:65536]):
        return DRAWING
    return ""


def clean_name(name: str, ending: str) -> str:
    """A name that can stand in an address and on every disk: without folders, control characters and signs that turn
    the direction of writing, at most `limits.FILE_NAME` characters, with this ending."""
    last = unicodedata.normalize("NFC", name[-4096:].replace("\\", "/").rpartition("/")[2])
    shown = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in last)
    stem = _NOT_IN_NAMES.sub("-", _KNOWN_ENDING.sub("", shown.strip())).strip("-. ")
    stem = stem[: limits.FILE_NAME - len(ending)].rstrip("-. ")
    return f"{stem or NAMELESS.get(ending, 'archivo')}{ending}"


def safe_photo(data: bytes) -> Photo:
    """The photo rebuilt from its pixels: upright, at most 1600 pixels wide, with nothing said beside them.

    Raises `errors.Invalid` for a photo that is broken, too large or takes too long, and `errors.Busy` when too many
    others wait."""
    if not _turn.acquire(timeout=limits.WRITE_SECONDS):
        raise errors.Busy
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "wiki.imaging"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOM,
            env={},
            timeout=limits.PICTURE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refusal("picture-heavy") from None
    finally:
        _turn.release()
    return _read(ended.stdout)


def _read(answer: bytes) -> Photo:
    """What the other process says. It has read what a stranger sent, so it is not believed in all."""
    try:
        (length,) = struct.unpack_from(">I", answer)
        description: dict[str, Any] = json.loads(answer[4 : 4 + length])
    except (struct.error, ValueError):
        # It died: of a full memory, of time, or of the photo.
        raise refusal("picture-heavy") from None
    if not description.get("pictures"):
        raise refusal(str(description.get("problem", "picture-broken")), limit=description.get("limit"))
    found, position = [], 4 + length
    for told in description["pictures"]:
        body = answer[position : position + told["bytes"]]
        position += told["bytes"]
        if PHOTOS.get(kind(body)) != told["format"]:
            raise refusal("picture-broken")
        found.append((int(told["width"]), int(told["height"]), str(told["format"]), body))
    width, height, format, main = found[0]
    return Photo(
        type=f"image/{format}",
        body=main,
        width=width,
        height=height,
        variants={(across, form): body for across, _, form, body in found[1:]},
    )


def widths(width: int) -> list[int]:
    """The widths at which a photo of this kept width is stored, smallest first; the last is its own."""
    return [*(w for w in limits.PICTURE_WIDTHS if w < width), width]


def width_for(asked: int, width: int) -> int:
    """The smallest stored width that is not below the one asked for, or the largest there is."""
    return next((w for w in widths(width) if w >= asked), width)
