"""The process that opens photos of strangers: bytes come in, bare pictures go out, and what goes wrong ends here.

It is a program of its own, so that a photo made to break the decoder, or to fill the memory, takes only this process
with it. It holds no secret and opens no file. `pictures` starts it and reads its answer: four bytes with the length of
a description in JSON, the description, and then the pictures one after another.
"""

import io
import json
import resource
import sys
import warnings
from dataclasses import dataclass

from PIL import Image, ImageCms

from wiki import limits

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
Image.MAX_IMAGE_PIXELS = limits.PICTURE_PIXELS
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How to turn a photo upright, by its orientation in EXIF."""
LYING = frozenset(TURNS[orientation] for orientation in (5, 6, 7, 8))
JPEG = {"quality": 82, "optimize": True, "progressive": True}


@dataclass(frozen=True)
class Made:
    """One picture: its width and height in pixels, its format in small letters, its bytes."""

    width: int
    height: int
    format: str
    body: bytes


class Refused(Exception):
    """A photo that is not taken: which rule, and its figure."""

    def __init__(self, code: str, limit: int | None = None) -> None:
        super().__init__(code)
        self.code, self.limit = code, limit


def confine() -> None:
    """Bound what this process may use of memory, time and disk."""
    bounds = (
        (resource.RLIMIT_AS, limits.PICTURE_MEMORY),
        (resource.RLIMIT_CPU, limits.PICTURE_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in bounds:
        resource.setrlimit(what, (most, most))


def make(data: bytes) -> list[Made]:
    """The photo rebuilt from its pixels alone: the largest first as it is kept, then that as WebP, then smaller ones.

    Raises `Refused`, and whatever the decoder raises for a broken photo."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if max(image.size) > limits.PICTURE_SIDE:
            raise Refused("picture-side", limits.PICTURE_SIDE)
        if image.width * image.height > limits.PICTURE_PIXELS:
            raise Refused("picture-pixels", limits.PICTURE_PIXELS)
        is_lossless = image.format in ("PNG", "GIF")
        whole = _bare(_upright(image))
    kept, format = _kept(whole, is_lossless)
    made = [Made(*whole.size, format, kept), Made(*whole.size, "webp", _webp(whole, kept))]
    for width in limits.PICTURE_WIDTHS:
        if width < whole.width:
            small = _fitted(whole, width)
            body = _png(small) if format == "png" else _jpeg(small)
            made += [Made(*small.size, format, body), Made(*small.size, "webp", _webp(small, body))]
    return made


def _upright(image: Image.Image) -> Image.Image:
    """The first frame at its largest kept width, turned as the camera was held, in sRGB.

    It is made small before anything else, so that a large photo is in memory once only."""
    turn, profile = _turn(image), image.info.get("icc_profile")
    lies = turn in LYING
    across, down = image.size[::-1] if lies else image.size
    most = limits.PICTURE_WIDTHS[-1]
    size = (most, max(1, round(down * most / across))) if across > most else (across, down)
    target = size[::-1] if lies else size
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (target[0] * 2, target[1] * 2))
    image.load()
    plain = _plain(image)
    if plain.size != target:
        plain = plain.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
    plain = _in_srgb(plain, profile)
    return plain if turn is None else plain.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What brings a photo upright, by the one field of its EXIF that is looked at. The rest is not written again:
    many cameras write it badly, which is no reason to refuse a photo."""
    orientation = image.getexif().get(0x0112)
    return TURNS.get(orientation) if isinstance(orientation, int) else None


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that can be resized well: grey, colours, with or without a transparent ground."""
    if image.mode in ("RGB", "RGBA", "L", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):
        # Sixteen bits of grey; the upper eight are what a screen shows.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen understands them, since the profile that explained them is not kept."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    base = image.convert("RGB") if alpha else image
    if profile:
        try:
            there, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            base = ImageCms.profileToProfile(base, there, srgb, outputMode="RGB") or base
        except (ImageCms.PyCMSError, OSError):
            pass
    base = base.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        base.putalpha(alpha)
    return base


def _bare(image: Image.Image) -> Image.Image:
    """A new image of the same pixels. What was said beside them (position, camera, comments) stays behind."""
    return Image.frombytes(image.mode, image.size, image.tobytes())


def _kept(image: Image.Image, is_lossless: bool) -> tuple[bytes, str]:
    """What the photo is kept as. Lines and flat colours that came without loss stay so where that is smaller."""
    if image.mode == "RGBA":
        return _png(image), "png"
    jpeg = _jpeg(image)
    png = _png(image) if is_lossless else b""
    return (png, "png") if png and len(png) <= len(jpeg) else (jpeg, "jpeg")


def _fitted(image: Image.Image, width: int) -> Image.Image:
    height = max(1, round(image.height * width / image.width))
    return _bare(image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0))


def _jpeg(image: Image.Image) -> bytes:
    return _saved(image, "JPEG", **JPEG)


def _png(image: Image.Image) -> bytes:
    return _saved(image, "PNG", compress_level=6)


def _webp(image: Image.Image, kept: bytes) -> bytes:
    """Without loss where the picture is kept so and is small enough to give hope: trying takes long."""
    lossy = _saved(image, "WEBP", quality=75, method=4)
    if kept[1:4] != b"PNG" or len(kept) > 4 * len(lossy):
        return lossy
    return min(_saved(image, "WEBP", lossless=True, quality=30, method=2), lossy, key=len)


def _saved(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def answer(data: bytes) -> bytes:
    """What `main` writes for a photo: its pictures, or why it is refused."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        made = make(data)
    except Refused as refused:
        return _packed({"problem": refused.code, "limit": refused.limit})
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _packed({"problem": "picture-pixels", "limit": limits.PICTURE_PIXELS})
    except MemoryError:
        return _packed({"problem": "picture-heavy"})
    except Exception:
        return _packed({"problem": "picture-broken"})
    told = [{"width": m.width, "height": m.height, "format": m.format, "bytes": len(m.body)} for m in made]
    return _packed({"pictures": told}) + b"".join(m.body for m in made)


def _packed(description: dict[str, object]) -> bytes:
    head = json.dumps(description).encode()
    return len(head).to_bytes(4, "big") + head


if __name__ == "__main__":
    confine()
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read(limits.UPLOAD + 1)))
