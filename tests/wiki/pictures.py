"""Photos and drawings made for tests, and what stands in the bytes of one."""

import io
import pathlib
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass

from PIL import Image, ImageCms, PngImagePlugin

POSITION = "-16.5000,-68.1500"
SECRETS = (b"Exif", b"http://ns.adobe.com/", b"xmpmeta", b"Photoshop", b"-16.5", b"secreto", b"Rosas phone", b"<script")
SQUARE = '<rect width="4" height="3"/>'


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def scene(width: int = 900, height: int = 600) -> Image.Image:
    """A picture that shows where up is: red above, blue below, and a green left edge."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width, height // 2))
    image.paste("green", (0, 0, width // 10, height))
    return image


def exif(orientation: int = 1) -> bytes:
    """What a telephone writes: its name, the time, where it was, how it was held."""
    told = Image.Exif()
    told[0x010F], told[0x0112], told[0x9286] = "Rosas phone", orientation, "secreto"
    told.get_ifd(0x8825).update({1: "S", 2: (16.0, 30.0, 0.0), 3: "W", 4: (68.0, 9.0, 0.0)})
    return told.tobytes()


def telling(format: str, orientation: int = 1) -> bytes:
    """A photo with all that may be said beside the pixels."""
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><p>{POSITION}</p></x:xmpmeta>'.encode()
    image = scene()
    if format == "JPEG":
        body = saved(image, format, exif=exif(orientation), xmp=xmp, comment=b"secreto", icc_profile=srgb())
        photoshop = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\7secreto"
        return body[:2] + b"\xff\xed" + struct.pack(">H", len(photoshop) + 2) + photoshop + body[2:]
    if format == "PNG":
        told = PngImagePlugin.PngInfo()
        told.add_text("Comment", "secreto")
        told.add_itxt("XML:com.adobe.xmp", xmp.decode())
        return saved(image, format, exif=exif(orientation), pnginfo=told, icc_profile=srgb())
    if format == "GIF":
        return saved(image, format, comment=b"secreto")
    return saved(image, format, exif=exif(orientation), xmp=xmp, icc_profile=srgb())


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def pieces(body: bytes) -> list[str]:
    """The names of the segments or chunks that a JPEG, PNG or WebP is made of; `rest` for what follows its end."""
    if body[:2] == b"\xff\xd8":
        return _jpeg(body)
    png = body[:4] == b"\x89PNG"
    found, at = [], 8 if png else 12
    while at < len(body):
        if png:
            size, name = struct.unpack(">I4s", body[at : at + 8])
            at += size + 12
        else:
            name, size = struct.unpack("<4sI", body[at : at + 8])
            at += 8 + size + size % 2
        found.append(name.decode().strip())
        if name == b"IEND" and at < len(body):
            found.append("rest")
            break
    return found


def _jpeg(body: bytes) -> list[str]:
    found, at = [], 2
    while at < len(body):
        marker = body[at + 1]
        if body[at] != 0xFF:
            return [*found, "rest"]
        if marker == 0xD9:
            return [*found, "EOI"] + (["rest"] if at + 2 < len(body) else [])
        found.append({0xFE: "COM"}.get(marker, f"APP{marker - 0xE0}" if 0xE0 <= marker < 0xF0 else f"{marker:02x}"))
        at += 2 + struct.unpack(">H", body[at + 2 : at + 4])[0]
        if marker == 0xDA:
            while not (body[at] == 0xFF and body[at + 1] not in (0, *range(0xD0, 0xD8))):
                at += 1
    return [*found, "no end"]


BARE = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND", "VP8", "VP8L", "VP8X", "ALPH", "APP0", "APP14", "EOI"}
BARE |= {f"{marker:02x}" for marker in (0xDB, 0xC0, 0xC2, 0xC4, 0xDA, 0xDD)}


def said_beside(body: bytes) -> list[str]:
    """What a picture holds besides pixels: pieces that are no pixels, and words that give somebody away."""
    more = [name for name in pieces(body) if name not in BARE]
    return more + [word.decode() for word in SECRETS if word in body]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, pixels: bytes | None = None, *more: bytes) -> bytes:
    """A PNG of one bit a pixel, made by hand, so that its makers' memory is spared what its readers' is not."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    raw = zlib.compress(b"\0" * ((width // 8 + 2) * height) if pixels is None else pixels, 9)
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")


def webp_header(width: int, height: int) -> bytes:
    """The beginning of a lossless WebP that says to be this large."""
    bits = struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0" * 64
    return b"RIFF" + struct.pack("<I", len(bits) + 13) + b"WEBPVP8L" + struct.pack("<I", len(bits) + 1) + b"\x2f" + bits


def gif(frames: int, size: int = 1000) -> bytes:
    """A GIF of so many equal frames."""
    one = saved(Image.new("P", (size, size)), "GIF")
    start = one.index(b",")
    return one[:start] + one[start:-1] * frames + b";"


def svg(inside: str = SQUARE, more: str = 'viewBox="0 0 4 3"') -> bytes:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {more}>{inside}</svg>".encode()


@dataclass(frozen=True)
class Run:
    """What one run of a program took: seconds by the clock and of a processor, MiB of memory, and what it said."""

    seconds: float
    busy: float
    mib: int
    out: bytes


LAUNCHER = """
import resource, subprocess, sys, time
begun = time.monotonic()
command = [sys.executable, *sys.argv[1:]]
done = subprocess.run(command, stdin=sys.stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
took, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
head = f"{took} {used.ru_utime + used.ru_stime} {used.ru_maxrss // 1024}\\n"
sys.stdout.buffer.write(head.encode() + done.stdout)
"""


def measured(data: bytes, folder: pathlib.Path, *command: str) -> Run:
    """Run a module of ours on these bytes. A small process starts it, since memory is counted from its starter's on."""
    path = folder / "sent"
    path.write_bytes(data)
    with path.open("rb") as sent:
        done = subprocess.run(
            [sys.executable, "-c", LAUNCHER, *command],
            stdin=sent,
            capture_output=True,
            check=True,
            cwd=pathlib.Path(__file__).parents[2],
        )
    head, _, out = done.stdout.partition(b"\n")
    seconds, busy, mib = head.split()
    return Run(float(seconds), float(busy), int(mib), out)
