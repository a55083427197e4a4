"""Search beside a site that is really served: a save is found soon, and whatever befalls the index, nobody gets an
error and it recovers by itself."""

import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator

import pytest

import wsgi
from tests import sizes
from tests.bench.searching import fill, passages
from tests.conftest import SHARED
from tests.designs.examples import pump
from tests.flows.people import Api, commons
from tests.flows.serving import Site, serving
from tests.search import hostile, papers

SOON = 2.0
"""Within so many seconds a save is found."""
DESIGNS = sizes.of(0, 20_000)
"""So many more than were taken in."""
RECOVERED = sizes.of(20.0, 300.0)
"""Within so many seconds an index is made anew, of all designs if need be."""
PAUSE = sizes.of(0.1, 0.02)
"""Between two questions of somebody who searches all the time."""


@pytest.fixture(scope="module")
def served(tmp_path_factory, request) -> Iterator[tuple[Site, Api]]:
    """A site with its samples, and designs that were taken in where there are any: all of them at the long size, and
    thousands besides."""
    with commons(tmp_path_factory.mktemp("search"), request, empty=False) as found:
        manifests = sorted((SHARED / "data" / "okh").rglob("*.toml"))[:: sizes.of(12, 1)]
        if manifests:
            found[0].command("import", *map(str, manifests))
            recovered(*found, checked=False)
        if DESIGNS:
            app = wsgi.create_app({"MINGA_DATA_DIR": str(found[0].folder)}, TESTING=True, THROTTLE=False)
            fill(app, passages(), 1, 1 + DESIGNS)
            recovered(*found, checked=False)
        yield found


class Searching(threading.Thread):
    """Somebody who searches all the time, on a new connection each time; `wrong` holds what was no answer."""

    def __init__(self, url: str, text: str = "bomba") -> None:
        super().__init__()
        self.address, self.text = urllib.parse.urlsplit(url).netloc, text
        self.over = threading.Event()
        self.wrong: list[object] = []
        self.states: list[str] = []
        self.answered = 0

    def run(self) -> None:
        asked = urllib.parse.urlencode({"q": self.text, "lang": "en"})
        paths = [f"/search?{asked}", f"/api/v1/search?{asked}", f"/designs?{asked}", "/readyz"]
        while not self.over.wait(PAUSE):
            path = paths[self.answered % len(paths)]
            try:
                status, _ = ask(self.address, path)
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append((path, repr(error)))
            else:
                self.answered += 1
                if status != 200:
                    self.wrong.append((path, status))


@contextlib.contextmanager
def searching(site: Site) -> Iterator[Searching]:
    somebody = Searching(site.url)
    somebody.start()
    try:
        yield somebody
    finally:
        somebody.over.set()
        somebody.join()
    assert somebody.wrong == []
    assert somebody.answered > 3


def ask(address: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def slugs(api: Api, text: str, **more: object) -> list[str]:
    status, answer = api.get(f"/search?{urllib.parse.urlencode({'q': text, 'per_page': 100, **more})}")
    assert status == 200
    return [hit["slug"] for hit in answer["hits"]]


def until(told: Callable[[], bool], seconds: float, site: Site) -> float:
    begin = time.monotonic()
    while not told():
        assert time.monotonic() - begin < seconds, site.log()[-3000:]
        time.sleep(0.03)
    return time.monotonic() - begin


def save(api: Api, slug: str, words: str) -> None:
    status, answer = api.get(f"/designs/comun/{slug}")
    if status == 404:
        sent = {"community": "comun", "slug": slug, "language": "es", "document": pump(title=words)}
        assert api.post("/designs", sent)[0] == 201
    else:
        sent = {"base": answer["number"], "document": pump(title=words), "note": ""}
        assert api.put(f"/designs/comun/{slug}", sent)[0] == 200


def indexer(site: Site) -> int:
    """The process that follows the pages, once it is there."""
    while not (found := site.children("indexer")):
        time.sleep(0.02)
    return found[0]


def recovered(site: Site, api: Api, *, checked: bool = True) -> None:
    """It says that it is well, knows all that was saved, and is what the pages say."""

    def well() -> bool:
        state = site.readiness()
        return state["status"] == "ok" and state["index"]["position"] == state["index"]["journal"]

    until(well, RECOVERED, site)
    if checked:
        assert "is what the pages say" in site.command("search", "verify")


def index_of(site: Site) -> pathlib.Path:
    return site.folder / "index"


@pytest.mark.data
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("maiz", "maíz"),
        ("bomba", "bombas"),
        ("agua", "água"),
        ("poco", "poço"),
        ("pump", "pumps"),
        ("cistern", "cisterns"),
    ],
)
def test_what_was_taken_in_is_found_with_the_samples_however_it_is_spelled(served, shared, one, other):
    _site, api = served
    assert total(api, one) == total(api, other) > 0
    assert set(slugs(api, one)) == set(slugs(api, other))


@pytest.mark.data
def test_phrases_of_what_was_taken_in_are_exact(served, shared):
    _site, api = served
    _status, answer = api.get(f"/search?{urllib.parse.urlencode({'q': QUOTED, 'per_page': 100})}")
    exact = [hit["url"].partition("/c/")[2] for hit in answer["hits"]]
    assert 0 < len(exact) <= total(api, "rope pump")
    for slug in exact:
        words = json.dumps(api.get(f"/designs/{slug}")[1]["document"], ensure_ascii=False).lower()
        assert re.search(r"rope\W+pump\b", words), slug


QUOTED = '"rope pump"'


def total(api: Api, text: str) -> int:
    return int(api.get(f"/search?{urllib.parse.urlencode({'q': text})}")[1]["total"])


def test_a_save_is_found_soon_and_in_every_worker(served, capsys):
    site, api = served
    recovered(site, api, checked=False)
    took = []
    for turn in range(sizes.of(5, 50)):
        word = f"palabra{turn}x"
        save(api, "pronto", f"Bomba {word}")
        before = f'"palabra{turn - 1}x"'
        took.append(until(lambda word=word: all(slugs(api, word) == ["pronto"] for _ in range(4)), SOON, site))
        until(lambda before=before: all(slugs(api, before) == [] for _ in range(4)), SOON, site)
    with capsys.disabled():
        print(f"\nfound after a save: {min(took):.2f}-{max(took):.2f} s", end=" ")


def upload(api: Api, data: bytes, name: str) -> str:
    """The SHA-256 of a file that a program sent."""
    connection = http.client.HTTPConnection(api.address, timeout=30)
    try:
        connection.request("POST", f"/api/v1/files?name={name}", data, {"Authorization": f"Bearer {api.token}"})
        answer = connection.getresponse()
        assert answer.status == 201
        return str(json.loads(answer.read())["sha256"])
    finally:
        connection.close()


def test_a_save_is_found_soon_while_files_wait_to_be_read(served, capsys):
    """Each file has thousands of words, and the one that is read first keeps its reader busy for seconds."""
    site, api = served
    recovered(site, api, checked=False)
    luck, count, length = random.Random(5), sizes.of(3, 100), sizes.of(20_000, 100_000)
    for turn in range(count):
        said = " ".join(f"p{luck.randrange(4000)}" for _ in range(18_000))
        data = papers.pdf(f"clave{turn}w", *(said[at : at + 3000] for at in range(0, length, 3000)))
        row = {"key": "guia", "name": "guia.pdf", "role": "auxiliary"}
        files = [row | {"sha256": upload(api, data if turn < count - 1 else papers.swollen_pdf(250_000), "guia.pdf")}]
        sent = {"community": "comun", "slug": f"guiada-{turn}", "language": "es", "document": pump(files=files)}
        assert api.post("/designs", sent)[0] == 201
    begin, took = time.monotonic(), []
    while not all(slugs(api, f'"clave{turn}w"') == [f"guiada-{turn}"] for turn in range(count - 1)) or len(took) < 3:
        word = f"entretanto{len(took)}x"
        save(api, "entretanto", f"Bomba {word}")
        took.append(until(lambda word=word: slugs(api, f'"{word}"') == ["entretanto"], SOON, site))
        assert time.monotonic() - begin < 20 + 3 * count, site.log()[-3000:]
    with capsys.disabled():
        print(f"\nfound while {count} files waited: {min(took):.2f}-{max(took):.2f} s", end=" ")


def test_a_save_does_not_wait_for_the_index(served):
    site, api = served
    stopped = indexer(site)
    os.kill(stopped, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        for turn in range(5):
            save(api, "aparte", f"Aparte {turn}")
        assert time.monotonic() - begin < 5
        assert slugs(api, "pronto OR aparte") is not None
        until(lambda: site.readiness()["index"]["state"] == "behind", 15, site)
        assert b"newest changes" in ask(api.address, "/search?q=bomba&lang=en")[1]
        assert b"Aparte 4" in ask(api.address, "/designs?q=aparte")[1]
    finally:
        os.kill(stopped, signal.SIGCONT)
    recovered(site, api)


def test_a_hostile_question_is_answered_at_once(served, capsys):
    """Measured by what it takes of a processor, whatever else the machine does."""
    site, api = served
    slowest = 0.0
    for name, text in hostile.QUESTIONS.items():
        path = f"/search?{urllib.parse.urlencode({'q': text[:8000]})}"
        best = min(taken(site, api.address, path) for _ in range(2))
        assert best <= 0.25, name
        slowest = max(slowest, best)
    with capsys.disabled():
        print(f"\n{len(hostile.QUESTIONS)} hostile questions, the slowest took {slowest * 1000:.0f} ms", end=" ")


def taken(site: Site, address: str, path: str) -> float:
    """Seconds of a processor that the workers take for an answer."""
    before = sum(map(cpu, site.workers()))
    assert ask(address, path)[0] == 200
    return sum(map(cpu, site.workers())) - before


@pytest.mark.long
def test_a_killed_indexer_goes_on_where_it_was(served):
    site, api = served
    luck = random.Random(4)
    with searching(site):
        for turn in range(sizes.of(5, 65)):
            save(api, f"muerte-{turn % 7}", f"Bomba turno{turn}")
            time.sleep(luck.random() * 0.4)
            os.kill(indexer(site), signal.SIGKILL)
            if turn % 5 == 4:
                until(lambda turn=turn: slugs(api, f"turno{turn}") == [f"muerte-{turn % 7}"], RECOVERED, site)
    recovered(site, api)
    assert "Traceback" not in site.log()


def truncate(index: pathlib.Path) -> None:
    for path in index.glob("index-*/*.seg"):
        os.truncate(path, path.stat().st_size // 3)


def corrupt(index: pathlib.Path) -> None:
    for path in index.glob("index-*/*"):
        data = bytearray(path.read_bytes())
        for place in range(0, len(data), 97):
            data[place] ^= 0x5A
        path.write_bytes(data)


def cut_toc(index: pathlib.Path) -> None:
    for path in index.glob("index-*/*.toc"):
        os.truncate(path, 10)


def garble(index: pathlib.Path) -> None:
    (index / "manifest.json").write_bytes(b"\x00" * 100)


def take_segments(index: pathlib.Path) -> None:
    for path in index.glob("index-*/*.seg"):
        path.unlink()


def remove(index: pathlib.Path) -> None:
    """All of it, while its process may be making it anew already."""
    for _ in range(20):
        with contextlib.suppress(OSError):
            shutil.rmtree(index)
            return
    raise AssertionError("it is made faster than it can be removed")


EVERY = (truncate, corrupt, cut_toc, garble, take_segments, remove)
DAMAGES = EVERY if sizes.long else (truncate, garble, take_segments)
BEFORE_NEW_WORKERS = EVERY if sizes.long else (corrupt, remove)


@pytest.mark.long
@pytest.mark.parametrize(
    ("damage", "fresh"),
    [*((one, False) for one in DAMAGES), *((one, True) for one in BEFORE_NEW_WORKERS)],
)
def test_a_damaged_index_is_made_anew(served, damage, fresh):
    """New workers have nothing in memory, so that the store answers for a while."""
    site, api = served
    recovered(site, api, checked=False)
    with searching(site) if not fresh else contextlib.nullcontext():
        if fresh:
            stopped = indexer(site)
            os.kill(stopped, signal.SIGSTOP)
        damage(index_of(site))
        if fresh:
            try:
                for worker in site.workers():
                    os.kill(worker, signal.SIGKILL)
                site.wait()
                assert slugs(api, "bomba") != []
                assert site.readiness()["status"] == "degraded"
            finally:
                os.kill(stopped, signal.SIGCONT)
        save(api, "sana", f"Bomba {damage.__name__} {fresh}")
        recovered(site, api)
        assert slugs(api, f'"{damage.__name__} {fresh}"'.replace("_", " ")) == ["sana"]


@contextlib.contextmanager
def read_only(folder: pathlib.Path) -> Iterator[None]:
    """The folder as its user can't write it. Only an attribute of the file system keeps root out."""
    if os.geteuid():
        paths = [folder, *folder.glob("index-*")]
        for path in paths:
            path.chmod(0o500)
        try:
            yield
        finally:
            for path in paths:
                path.chmod(0o700)
    else:
        done = subprocess.run(["chattr", "-R", "+i", str(folder)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("not run: this file system can't keep root from writing")
        try:
            yield
        finally:
            subprocess.run(["chattr", "-R", "-i", str(folder)], check=True)


def test_an_index_that_cannot_be_written_catches_up_later(served):
    site, api = served
    recovered(site, api, checked=False)
    with searching(site), read_only(index_of(site)):
        save(api, "cerrada", "Bomba cerrajaqu")
        until(lambda: site.readiness()["index"]["state"] == "behind", 15, site)
        assert slugs(api, "bomba") != []
        assert b"newest changes" in ask(api.address, "/search?q=bomba&lang=en")[1]
        assert b"Bomba cerrajaqu" in ask(api.address, "/designs?q=cerrajaqu")[1]
    assert until(lambda: slugs(api, "cerrajaqu") == ["cerrada"], 5, site) < 5
    recovered(site, api)


def test_two_sites_on_one_folder_have_two_indexers_and_one_index(served):
    site, api = served
    with searching(site), serving(site.folder, workers=1, env={"MINGA_THROTTLE": "off"}) as other:
        there = Api(other.url, api.token)
        for turn in range(sizes.of(4, 60)):
            save(api if turn % 2 else there, f"dos-{turn % 4}", f"Bomba dos{turn}")
            if turn % 4 == 3:
                site.command("search", "catch-up")
        until(lambda: slugs(there, f"dos{turn}") == slugs(api, f"dos{turn}") == [f"dos-{turn % 4}"], 5, site)
        recovered(site, api)
        assert "designs are in the index" in other.command("search", "rebuild")
        recovered(site, api)
    assert site.log().count("Traceback") == 0, site.log()[-8000:]


def test_idle_it_costs_nearly_nothing(served, capsys):
    site, api = served
    recovered(site, api, checked=False)
    pid = indexer(site)
    before = cpu(pid)
    time.sleep(3)
    used = (cpu(pid) - before) / 3
    with capsys.disabled():
        print(f"\nan idle indexer takes {used * 100:.1f} % of a processor", end=" ")
    assert used < 0.05


def cpu(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
