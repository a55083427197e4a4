"""Photos: made bare of all that is said beside the pixels, and never a danger to the server."""

import io
import json
import random
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests import sizes
from tests.wiki import pictures as made
from wiki import errors, imaging, limits, pictures

MOST_SECONDS, MOST_MIB = 5, 400


def bodies(photo: pictures.Photo) -> dict[str, bytes]:
    return {"main": photo.body} | {f"{width}.{format}": body for (width, format), body in photo.variants.items()}


def code(data: bytes) -> str:
    """Why a photo is refused."""
    with pytest.raises(errors.Invalid) as refused:
        pictures.safe_photo(data)
    assert refused.value.problems[0].place == "file"
    return refused.value.problems[0].code


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_nothing_said_beside_the_pixels_is_kept(format):
    told = made.telling(format)
    assert made.said_beside(told) if format != "GIF" else b"secreto" in told
    photo = pictures.safe_photo(told)
    for body in bodies(photo).values():
        assert made.said_beside(body) == []
        with Image.open(io.BytesIO(body)) as image:
            assert not image.getexif()
            assert set(image.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "progression",
                "progressive",
            } | {"background", "loop", "timestamp", "duration", "sizes"}


@pytest.mark.data
def test_the_photos_of_real_people_keep_no_trace_of_them(shared, figure):
    rows = [json.loads(line) for line in (shared / "data/attachments/index.jsonl").read_text().splitlines()]
    photos = [r for r in rows if r["ext"] in ("jpg", "webp")]
    others = [r for r in rows if r["ext"] in ("png", "gif")]
    assert len(photos) == 26
    chosen = photos + [r for r in others if r["exif_gps"] or sizes.long]
    assert sum(r["exif_gps"] for r in chosen) == 4
    kept = {}
    for row in chosen:
        photo = pictures.safe_photo((shared / "data" / row["path"]).read_bytes())
        assert photo.width in (min(side, 1600) for side in row["size"])
        kept |= {f"{row['path']} {name}": made.said_beside(body) for name, body in bodies(photo).items()}
    told = sum(r["exif"] for r in chosen)
    figure(f"{len(chosen)} real pictures, {told} with EXIF, 4 with GPS: nothing is left in {len(kept)} files")
    assert {name: found for name, found in kept.items() if found} == {}


Turn = Image.Transpose
TURNS = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_90,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_270,
}
"""How the pixels lie in the file for each orientation that EXIF names."""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_as_the_camera_was_held(orientation):
    upright = made.scene(300, 200)
    held = upright.transpose(TURNS[orientation]) if orientation > 1 else upright
    photo = imaging.make(made.saved(held, "JPEG", exif=made.exif(orientation), quality=95))[0]
    with Image.open(io.BytesIO(photo.body)) as image:
        assert image.size == (300, 200)
        for place, colour in (((150, 20), (255, 0, 0)), ((150, 180), (0, 0, 255)), ((8, 100), (0, 128, 0))):
            assert all(abs(a - b) < 40 for a, b in zip(image.getpixel(place), colour, strict=True)), place


@pytest.mark.parametrize("notes", [b"MM\0*" + b"\xff" * 40, b"nada", b"II*\0" + b"\xff" * 4, b""])
def test_a_photo_whose_notes_are_broken_is_taken(notes):
    photo = pictures.safe_photo(made.saved(made.scene(90, 60), "JPEG", exif=b"Exif\0\0" + notes))
    assert (photo.width, photo.height) == (90, 60)


def test_a_photo_is_kept_at_three_widths_and_never_made_larger():
    large = pictures.safe_photo(made.saved(made.scene(2400, 1200), "JPEG"))
    assert (large.type, large.width, large.height) == ("image/jpeg", 1600, 800)
    assert set(large.variants) == {(1600, "webp"), (320, "jpeg"), (320, "webp"), (800, "jpeg"), (800, "webp")}
    for (width, format), body in large.variants.items():
        with Image.open(io.BytesIO(body)) as image:
            assert (image.format, image.size) == (format.upper(), (width, width // 2))
    small = pictures.safe_photo(made.saved(made.scene(200, 100), "WEBP"))
    assert (small.width, small.height, set(small.variants)) == (200, 100, {(200, "webp")})


def test_a_transparent_ground_stays_so_and_lines_stay_sharp():
    clear = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (10, 10, 40, 40))
    photo = pictures.safe_photo(made.saved(clear, "PNG"))
    assert photo.type == "image/png"
    for body in bodies(photo).values():
        with Image.open(io.BytesIO(body)) as image:
            assert (image.convert("RGBA").getpixel((2, 2))[3], image.convert("RGBA").getpixel((20, 20))[3]) == (0, 255)
    lines = Image.new("P", (400, 300), 0)
    assert pictures.safe_photo(made.saved(lines, "PNG")).type == "image/png"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_kind_of_pixel_are_taken(mode):
    format = "JPEG" if mode == "CMYK" else "PNG"
    source = Image.new("I;16", (40, 30), 0x8000) if mode == "I;16" else Image.new("L", (40, 30), 128).convert(mode)
    first = imaging.make(made.saved(source, format))[0]
    with Image.open(io.BytesIO(first.body)) as image:
        assert image.size == (40, 30)
        if mode not in ("1", "CMYK"):
            assert abs(image.convert("L").getpixel((5, 5)) - 128) < 4


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("secreto.html", "<script>alert(1)</script>")
    return out.getvalue()


POLYGLOTS = {
    "JPEG and ZIP": made.telling("JPEG") + zipped(),
    "JPEG and HTML": made.telling("JPEG") + b"<html><script>alert(1)</script>",
    "PNG and HTML": made.telling("PNG") + b"<script>alert(1)</script>",
    "JPEG with a script in its comment": made.saved(made.scene(), "JPEG", comment=b"*/=1;alert(1);/*<script>"),
    "GIF and JavaScript": made.saved(made.scene(60, 40), "GIF", comment=b"secreto") + b"=1;alert(1)//<script>",
    "WebP and HTML": made.telling("WEBP") + b"<script>alert(1)</script>",
    "PNG with PHP in its text": made.png(8, 8, None, made.chunk(b"tEXt", b"x\0<?php system('secreto'); ?>")),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_is_also_something_else_is_only_a_picture_afterwards(name):
    photo = pictures.safe_photo(POLYGLOTS[name])
    for body in bodies(photo).values():
        assert made.said_beside(body) == []
        assert b"PK\3\4" not in body
        assert b"alert(" not in body


NOISE = random.Random(7).randbytes(200_000)
BOMBS = {
    "PNG of 147 Mpx": (made.png(12_127, 12_127), "picture-pixels"),
    "PNG of 13,000 x 13,000": (made.png(13_000, 13_000), "picture-pixels"),
    "PNG of 12,000 x 12,000": (made.png(12_000, 12_000), "picture-pixels"),
    "PNG of 40,000 x 900": (made.png(40_000, 900), "picture-side"),
    "WebP that says 16,384 x 16,384": (made.webp_header(16_384, 16_384), "picture-pixels"),
    "WebP of nothing at 6,000 x 6,000": (made.webp_header(6_000, 6_000), "picture-broken"),
    "GIF of 20,000 frames": (made.gif(20_000, 300), None),
    "GIF that says 65,535 x 65,535": (b"GIF89a" + b"\xff" * 4 + made.gif(1)[10:], "picture-pixels"),
    "PNG whose pixels unpack to 1 GB": (made.png(64, 64, b"\0" * 10**9), None),
    "PNG whose text unpacks to 200 MB": (
        made.png(64, 64, None, made.chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * 200_000_000))),
        "picture-broken",
    ),
    "PNG whose profile unpacks to 200 MB": (
        made.png(64, 64, None, made.chunk(b"iCCP", b"a\0\0" + zlib.compress(b"a" * 200_000_000))),
        "any",
    ),
    "JPEG cut in the middle": (made.telling("JPEG")[:9_000], "picture-broken"),
    "JPEG of noise": (b"\xff\xd8\xff\xe0" + NOISE, "picture-broken"),
    "PNG of noise": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + NOISE, "any"),
    "WebP of noise": (b"RIFF\xff\xff\0\0WEBPVP8 " + NOISE, "picture-broken"),
    "photo of 40 Mpx": (made.saved(Image.new("RGB", (8_000, 5_000), "green"), "JPEG"), None),
    "progressive photo of 40 Mpx": (
        made.saved(Image.effect_noise((8_000, 5_000), 60).convert("RGB"), "JPEG", progressive=True, subsampling=0),
        None,
    ),
    "WebP of 40 Mpx": (made.saved(Image.new("RGBA", (8_000, 5_000)), "WEBP", lossless=True, method=0), "picture-heavy"),
    "PNG of 40 Mpx with a clear ground": (made.saved(Image.new("RGBA", (8_000, 5_000), (1, 2, 3, 90)), "PNG"), None),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_or_safe_within_time_and_memory(name, tmp_path, figure):
    data, why = BOMBS[name]
    run = made.measured(data, tmp_path, "-m", "wiki.imaging")
    try:
        pictures._read(run.out)
        found = None
    except errors.Invalid as refused:
        found = refused.problems[0].code
    figure(f"{name} ({len(data):,} bytes): {found or 'made safe'}, {run.seconds:.2f} s, {run.mib} MiB")
    assert found == why or why == "any"
    assert run.busy <= MOST_SECONDS
    assert run.mib <= MOST_MIB


def test_a_photo_that_breaks_its_process_is_refused_and_the_next_one_is_taken(monkeypatch):
    good = made.saved(made.scene(60, 40), "JPEG")
    for _ in range(2 * limits.PICTURES_AT_ONCE + 1):
        monkeypatch.setattr(limits, "PICTURE_SECONDS", 0.001)
        assert code(good) == "picture-heavy"
    monkeypatch.undo()
    assert code(made.png(12_000, 12_000)) == "picture-pixels"
    assert code(b"\xff\xd8\xff\xe0" + NOISE) == "picture-broken"
    assert pictures.safe_photo(good).width == 60


def test_the_memory_of_the_process_is_bounded(tmp_path):
    program = "from wiki import imaging; imaging.confine(); b = bytearray(500 << 20)"
    assert made.measured(b"", tmp_path, "-c", program).mib < MOST_MIB


@pytest.mark.parametrize("answer", [b"", b"\0\0", b"\0\0\0\4nada", b"\xff\xff\xff\xff{}"])
def test_an_answer_that_makes_no_sense_is_a_refusal(answer):
    with pytest.raises(errors.Invalid):
        pictures._read(answer)


def test_what_the_process_says_is_a_picture_must_be_one():
    told = json.dumps({"pictures": [{"width": 1, "height": 1, "format": "jpeg", "bytes": 9}]}).encode()
    with pytest.raises(errors.Invalid):
        pictures._read(len(told).to_bytes(4, "big") + told + b"<html>wwww")


KINDS = {
    "image/jpeg": made.saved(made.scene(), "JPEG"),
    "image/png": made.saved(made.scene(), "PNG"),
    "image/gif": made.saved(made.scene(), "GIF"),
    "image/webp": made.saved(made.scene(), "WEBP"),
    "image/svg+xml": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a plough -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
}
OTHERS = [
    b"%PDF-1.7\n" + KINDS["image/jpeg"],
    b"<html><svg></svg></html>",
    b"PK\3\4" + NOISE,
    b"GIF88a" + NOISE,
    b"BM" + NOISE,
    b"II*\0" + NOISE,
    b"\0\0\0\x20ftypheic" + NOISE,
    b"RIFF\0\0\0\0WAVE" + NOISE,
    b"\xff\xd8",
    b"svg",
    b"\x89PNG\r\n\x1a\n",
    '<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16"),
    NOISE,
]


@pytest.mark.parametrize("type", KINDS)
def test_what_a_file_is_stands_in_its_bytes(type):
    assert pictures.kind(KINDS[type]) == type


@pytest.mark.parametrize("data", OTHERS, ids=lambda data: repr(data[:12]))
def test_what_is_no_picture_is_none(data):
    assert pictures.kind(data) == ""


NAMES = {
    "foto.jpg": "foto.jpg",
    "FOTO.JPG": "FOTO.jpg",
    "../../etc/passwd": "passwd.jpg",
    "C:\\fotos\\mi finca.jpeg": "mi-finca.jpg",
    "a\r\nSet-Cookie: x=1.jpg": "a-Set-Cookie-x=1.jpg",
    "nul\0.jpg": "nul.jpg",
    "\u202egpj.exe": "gpj.jpg",
    "foto.php": "foto.jpg",
    ".htaccess": "htaccess.jpg",
    "..": "foto.jpg",
    "": "foto.jpg",
    "ñandú \u0301.png": "ñandú-\u0301.jpg",
    "a" * 5000 + ".jpg": "a" * 116 + ".jpg",
    "%2e%2e%2f?x#y&z;.jpg": "2e-2e-2f-x-y-z.jpg",
    '"><img src=x onerror=alert(1)>.svg': "img-src=x-onerror=alert(1).jpg",
}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_names_are_only_labels(name):
    assert pictures.clean_name(name, ".jpg") == NAMES[name]


@given(st.text(max_size=300), st.sampled_from(sorted(pictures.ENDINGS)))
def test_any_name_can_stand_in_an_address(name, type):
    clean = pictures.clean_name(name, pictures.ENDINGS[type])
    assert 0 < len(clean) <= limits.FILE_NAME
    assert clean.endswith(pictures.ENDINGS[type])
    assert clean.isprintable()
    assert not set(clean) & set('/\\?#%&:*"<>|; \r\n\0')
    assert pictures.clean_name(clean, pictures.ENDINGS[type]) == clean


def test_the_width_that_is_given_is_the_smallest_that_is_enough():
    assert pictures.widths(1600) == [320, 800, 1600]
    assert pictures.widths(320) == [320]
    assert [pictures.width_for(w, 1000) for w in (1, 320, 321, 800, 1000, 1600)] == [320, 320, 800, 800, 1000, 1000]
