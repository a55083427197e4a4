"""Photos and drawings in a real browser: put on a page without scripts, and harmless even when one slips through."""

import contextlib
import gzip
import socket
import threading

import pytest

from tests.designs.examples import pump
from tests.wiki import pictures as made

pytestmark = pytest.mark.browser

HOSTILE = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 30"
 width="40" height="30" onload="document.documentElement.setAttribute('data-ran', 'onload')">
<script>document.documentElement.setAttribute('data-ran', 'script'); fetch('http://127.0.0.1:PORT/script')</script>
<style>@import url(http://127.0.0.1:PORT/style); rect { fill: url(http://127.0.0.1:PORT/fill#a) }</style>
<image href="http://127.0.0.1:PORT/image" width="9" height="9"/><use href="http://127.0.0.1:PORT/use#a"/>
<foreignObject width="9" height="9"><body xmlns="http://www.w3.org/1999/xhtml"><img src="http://127.0.0.1:PORT/img"
 onerror="document.documentElement.setAttribute('data-ran', 'onerror')"/><iframe src="http://127.0.0.1:PORT/frame"/></body>
</foreignObject><set attributeName="x" onbegin="document.documentElement.setAttribute('data-ran', 'set')"/>
<a id="a" xlink:href="javascript:document.documentElement.setAttribute('data-ran', 'link')"><rect width="40" height="30"
/></a></svg>"""


@pytest.fixture(scope="module", autouse=True)
def page(served):
    api = served[1]
    sent = {"community": "comun", "slug": "dibujada", "language": "es", "document": pump()}
    assert api.post("/designs", sent)[0] == 201


def files_of(api) -> list[dict[str, str]]:
    return api.get("/designs/comun/dibujada")[1]["document"].get("files", [])


def sends(visitor, name: str, type: str, data: bytes, alt: str) -> None:
    visitor.goes("/c/comun/dibujada/files?lang=en")
    visitor.page.set_input_files("#file", [{"name": name, "mimeType": type, "buffer": data}])
    visitor.page.fill("#alt", alt)
    visitor.page.locator("form", has=visitor.page.locator("#file")).locator("button.main").click()


@pytest.mark.parametrize("scripts", [False, True])
def test_a_photo_and_a_drawing_are_put_on_a_page(visit, api, scripts):
    visitor = visit(360, scripts=scripts, language="en").signs_in()
    words = f"Rope pump {scripts}"
    photo = made.scene(1200 + scripts, 800)
    sends(visitor, "bomba.jpg", "image/jpeg", made.saved(photo, "JPEG", exif=made.exif()), words)
    visitor.sees("It is on the page now")
    sends(visitor, "bomba.svg", "image/svg+xml", made.svg(f"<title>{words}</title>{made.SQUARE}"), f"{words} drawn")
    visitor.sees("It is on the page now")
    assert [row["alt"] for row in files_of(api)][-2:] == [words, f"{words} drawn"]
    shown = visitor.page.locator("#pictures img")
    assert shown.count() == len(files_of(api))
    assert visitor.page.evaluate(
        """async () => { const all = [...document.querySelectorAll('#pictures img')];
        for (const i of all) { i.loading = 'eager'; await i.decode() } return all.every(i => i.naturalWidth > 0) }"""
    )
    assert visitor.foreign == []


@pytest.fixture
def stranger():
    """Another server: its address, and what it has been asked."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    line, _ = listening.accept()
                    line.settimeout(1)
                    # A browser may open a line in advance; what counts is whether it says anything.
                    with line, contextlib.suppress(OSError):
                        seen.extend(filter(None, [line.recv(300)]))

        thread = threading.Thread(target=listen)
        thread.start()
        yield listening.getsockname()[1], seen
        ended.set()
        thread.join()


def test_a_drawing_that_slipped_through_runs_nothing_and_asks_nobody(visit, site, api, stranger):
    port, seen = stranger
    hostile = HOSTILE.replace("PORT", str(port))
    visitor = visit(360, language="en").signs_in()
    sends(visitor, "mala.svg", "image/svg+xml", made.svg(f"<title>mala</title>{made.SQUARE}"), "mala")
    sha256 = files_of(api)[-1]["sha256"]
    folder = site.folder / "files" / sha256[:2] / sha256
    # As if it had never been made safe: what is left is how it is given out.
    (folder / "main.svg").write_text(hostile)
    (folder / "main.svg.gz").write_bytes(gzip.compress(hostile.encode()))
    reader = visit(360, language="en")
    reader.goes(f"/files/{sha256}/mala.svg")
    reader.page.wait_for_timeout(500)
    assert reader.status == 200
    assert reader.page.evaluate("document.documentElement.getAttribute('data-ran')") is None
    assert reader.page.evaluate("document.documentElement.localName") == "svg"
    visitor.goes("/c/comun/dibujada/files?lang=en")
    visitor.page.wait_for_timeout(500)
    assert visitor.page.evaluate("document.documentElement.getAttribute('data-ran')") is None
    assert seen == []
    # The same drawing opened from a disk does all of it, so that silence above means something.
    careless = visit(360, language="en")
    (site.folder / "mala.svg").write_text(hostile)
    careless.page.goto((site.folder / "mala.svg").as_uri())
    careless.page.wait_for_timeout(500)
    assert careless.page.evaluate("document.documentElement.getAttribute('data-ran')") is not None
    assert seen != []


def test_what_is_refused_is_said_and_the_words_stay(visit, api):
    visitor = visit(360, scripts=False, language="en").signs_in()
    before = files_of(api)
    sends(visitor, "bomba.png", "image/png", made.png(13_000, 13_000), "A very large picture")
    visitor.sees("Something needs to be put right")
    assert visitor.page.input_value("#alt") == "A very large picture"
    assert files_of(api) == before
