"""Whether people can search while others save: errors, open files, memory, and how soon a save is found.

`python -m tests.bench.together [--designs 20000 --minutes 5 --saves 20]`. Two workers of eight threads answer 16 people
who search without a pause, of questions of all shapes, while programs save by the API. Every second it is noted what
each process holds. "Private" memory is no other process's: what it has written, and what only it has read of files.
It ends with 1 when anything is not as it should be.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import random
import re
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import wsgi
from search import indexer
from search.held import find_manifest
from tests.bench.engine import Questions
from tests.bench.searching import fill, passages
from tests.designs.examples import pump
from tests.flows.serving import Site, serving
from wiki import accounts, db, limits

WORKERS = 2
SEARCHING = WORKERS * limits.THREADS
SAVING = 32
TOKENS = 8
"""With so many tokens."""
PAGES = 25
"""How many designs each of those who save goes about."""
BEGINS = 20
"""Each so manieth save begins a design."""
PROBE_SECONDS = 5.0
FOUND_SECONDS = 2.0
"""Within so many seconds a save is to be found; after LOST_SECONDS something is wrong."""
LOST_SECONDS = 10.0
SURE = 4
"""So many times one after the other it is to be found."""
MINUTE = 60.0
FILES_MORE = 10
MEMORY_MORE = 1.10
ADDED_MB = 130
"""What search may add to the memory of a worker."""
WELL = ("ok", "behind")
ERROR = re.compile(r"[\w.]*Error\b")
KINDS = ("worker", "indexer")


class Line:
    """A connection that is kept for `kept` requests: now one worker takes it, now the other."""

    def __init__(self, url: str, token: str = "", kept: int = 20) -> None:
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} if token else {}
        self.kept, self.sent = kept, 0

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        self.sent += 1
        if self.sent % self.kept == 0:
            self.connection.close()
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def json(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        status, answer = self.send(method, f"/api/v1{path}", body)
        return status, json.loads(answer)


class Somebody(threading.Thread):
    """Does something again and again until it is over. `took` are the seconds of each, `wrong` is what went wrong."""

    def __init__(self, url: str, over: threading.Event, token: str = "") -> None:
        super().__init__(daemon=True)
        self.line, self.over = Line(url, token), over
        self.took: list[float] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self.act()
        except Exception as error:
            self.wrong.append(f"{type(error).__name__}: {error}")
        finally:
            self.close()

    def close(self) -> None:
        self.line.connection.close()

    def act(self) -> None:
        raise NotImplementedError

    def timed(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        before = time.monotonic()
        answer = self.line.send(method, path, body)
        self.took.append(time.monotonic() - before)
        return answer


def asking(questions: Questions) -> Iterator[str]:
    """Paths that ask, of all shapes by turns, the page and the API."""
    for number, make in enumerate(itertools.cycle(questions.shapes().values())):
        path = "/api/v1/search" if number // len(questions.shapes()) % 2 else "/search"
        yield f"{path}?{urllib.parse.urlencode({'q': make()})}"


class Searcher(Somebody):
    def __init__(self, url: str, over: threading.Event, paths: Iterator[str], most: float = float("inf")) -> None:
        super().__init__(url, over)
        self.paths, self.most = paths, most
        self.states: Counter[str] = Counter()

    def act(self) -> None:
        path = next(self.paths)
        status, answer = self.timed("GET", path)
        if status != 200:
            self.wrong.append(f"{status} {path}")
        elif path.startswith("/api/"):
            state = json.loads(answer)["index"]
            self.states[state] += 1
            if state not in WELL:
                self.wrong.append(f"{state} {path}")
        if len(self.took) >= self.most:
            self.over.set()


class Saver(Somebody):
    """Saves so many times a second, in turn in the pages given, each page with prose of the same length."""

    def __init__(
        self, url: str, over: threading.Event, token: str, slugs: Sequence[str], rate: float, prose: Sequence[str]
    ) -> None:
        super().__init__(url, over, token)
        self.slugs, self.pause, self.prose = slugs, 1 / rate, prose
        self.luck = random.Random(slugs[0])
        self.begun = 0
        self.held: dict[str, tuple[int, Any]] = {}
        self.due = 0.0

    def prepare(self) -> None:
        for slug in self.slugs:
            status, answer = self.line.json("GET", f"/designs/comun/{slug}")
            assert status == 200, (status, slug)
            self.held[slug] = answer["number"], answer["document"]

    def act(self) -> None:
        now = time.monotonic()
        self.due = self.due or now + self.luck.uniform(0, self.pause)
        if now < self.due:
            self.over.wait(self.due - now)
            return
        self.due += self.pause
        self.begin() if len(self.took) % BEGINS == BEGINS - 1 else self.save()

    def save(self, text: str = "") -> None:
        slug = self.slugs[len(self.took) % len(self.slugs)]
        number, content = self.held[slug]
        content = {**content, "body": text or self.luck.choice(self.prose)}
        body = {"base": number, "document": content, "note": ""}
        status, answer = self.timed("PUT", f"/api/v1/designs/comun/{slug}", body)
        if status == 200:
            self.held[slug] = json.loads(answer)["number"], content
        else:
            self.wrong.append(f"{status} saving {slug}")

    def begin(self) -> None:
        self.begun += 1
        slug, text = f"{self.slugs[0]}-{self.begun}", self.luck.choice(self.prose)
        content = pump(title=" ".join(text.split()[:6])[:110], body=text, bom=None, steps=None)
        body = {"community": "comun", "slug": slug, "language": "es", "document": content}
        status, _ = self.timed("POST", "/api/v1/designs", body)
        if status != 201:
            self.wrong.append(f"{status} beginning {slug}")


class Prober(Saver):
    """Now and then saves a word that stands nowhere, and looks when it begins to be found, on new connections, so that
    no worker is left that does not. `found` are the seconds from the answer to the save."""

    def __init__(self, url: str, over: threading.Event, token: str, slug: str, pause: float) -> None:
        super().__init__(url, over, token, [slug], 1 / pause, [])
        self.looking = Line(url, kept=1)
        self.found: list[float] = []

    def act(self) -> None:
        before, word = time.monotonic(), f"zqx{len(self.took)}w"
        self.save(f"Aquí está {word}.")
        saved, times, since = time.monotonic(), 0, 0.0
        while times < SURE and since < LOST_SECONDS:
            is_found = self.looking.json("GET", f"/search?q=%22{word}%22")[1]["total"] > 0
            times = times + 1 if is_found else 0
            if times < 2:
                since = time.monotonic() - saved
            time.sleep(0.02)
        if times < SURE:
            self.wrong.append(f"not found after {LOST_SECONDS:.0f} s: {word}")
        else:
            self.found.append(since)
        self.over.wait(max(0.0, before + self.pause - time.monotonic()))

    def close(self) -> None:
        super().close()
        self.looking.connection.close()


@dataclass(frozen=True)
class Held:
    """What a process held at a moment: open files, of them lines, MB that are its own, and MB of these that it has
    written."""

    at: float
    files: int
    lines: int
    private: float
    written: float


def held(pid: int) -> Held:
    told = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    clean, dirty = (int(re.findall(rf"Private_{kind}: +(\d+) kB", told)[0]) / 1000 for kind in ("Clean", "Dirty"))
    names = []
    for opened in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            names.append(os.readlink(opened))
    lines = sum(name.startswith("socket:") for name in names)
    return Held(time.monotonic(), len(names) - lines, lines, clean + dirty, dirty)


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    # The clock of another process, as clock_getcpuclockid gives it.
    return time.clock_gettime((~pid << 3) | 2)


class Watch(threading.Thread):
    """Notes every second what the processes hold, by their names."""

    def __init__(self, site: Site, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.over, self.index = over, site.folder / "index"
        self.pids = {f"{kind} {n}": pid for kind in KINDS for n, pid in enumerate(site.children(kind), 1)}
        self.seen: dict[str, list[Held]] = {name: [] for name in self.pids}
        self.segments: list[int] = []

    def run(self) -> None:
        while not self.over.wait(1):
            if manifest := find_manifest(self.index):
                self.segments.append(len(manifest.files) - 1)
            for name, pid in self.pids.items():
                with contextlib.suppress(OSError, IndexError):
                    self.seen[name].append(held(pid))


@dataclass
class Report:
    """What was seen."""

    seconds: float
    asked: list[float] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    saved: list[float] = field(default_factory=list)
    found: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    cores: dict[str, float] = field(default_factory=dict)
    seen: dict[str, list[Held]] = field(default_factory=dict)
    segments: list[int] = field(default_factory=list)
    alone: dict[str, list[float]] = field(default_factory=dict)
    """CPU milliseconds of single requests, with nobody beside."""
    memory: dict[str, list[Held]] = field(default_factory=dict)
    """What the workers held before anybody saved."""

    def window(self, name: str, *, last: bool) -> list[Held]:
        """What a process held in the first minute after it had warmed up, or in the last; of a short run in a
        quarter of it."""
        seen, size = self.seen[name], min(MINUTE, self.seconds / 4)
        if last:
            return [one for one in seen if one.at > seen[-1].at - size]
        begin = seen[0].at + min(MINUTE / 2, self.seconds / 10)
        return [one for one in seen if begin <= one.at <= begin + size] or seen[:1]

    def change(self, name: str, what: str) -> tuple[float, float, float]:
        """The median of the first minute, that of the last, and the largest."""
        first, last = (
            statistics.median(getattr(one, what) for one in self.window(name, last=z)) for z in (False, True)
        )
        return first, last, max(getattr(one, what) for one in self.seen[name])

    def connections(self) -> tuple[float, float]:
        """How many the workers held together in the first minute, and in the last: those who ask go to and fro."""
        changes = [self.change(name, "lines") for name in self.seen if name.startswith("worker")]
        return sum(first for first, _, _ in changes), sum(last for _, last, _ in changes)

    def added(self, what: str = "private") -> float:
        """The most that search adds to the memory of a worker before anybody saves."""
        most = {name: max(getattr(one, what) for one in found) for name, found in self.memory.items()}
        return most["with"] - most["without"]

    def faults(self, *, flat: bool = True) -> list[str]:
        """What is not as it should be; `flat`: memory too, which takes a while to show."""
        found = [f"{count} times: {what}" for what, count in Counter(self.wrong).most_common()]
        first, last = self.connections()
        if last > first + FILES_MORE:
            found.append(f"from {first:.0f} to {last:.0f} connections")
        for name in self.seen:
            first, last, _ = self.change(name, "files")
            if last > first + FILES_MORE:
                found.append(f"{name} went from {first:.0f} to {last:.0f} open files")
            first, last, _ = self.change(name, "private")
            if flat and last > first * MEMORY_MORE:
                found.append(f"{name} went from {first:.0f} to {last:.0f} MB")
        if self.added() > ADDED_MB:
            found.append(f"search adds {self.added():.0f} MB")
        return found

    def lines(self) -> Iterator[str]:
        yield f"{len(self.asked)} questions, {len(self.asked) / self.seconds:.1f} a second: {seconds(self.asked)}"
        yield f"answered while the index was: {', '.join(f'{name} {n}' for name, n in self.states.most_common())}"
        yield f"{len(self.saved)} saves, {len(self.saved) / self.seconds:.1f} a second: {seconds(self.saved)}"
        late = sum(took > FOUND_SECONDS for took in self.found)
        yield f"{len(self.found)} saves were looked for, found after {seconds(self.found)}; {late} after 2 s"
        yield f"errors: {len(self.wrong)}"
        yield "processors: " + ", ".join(f"{name} {used:.2f}" for name, used in self.cores.items())
        yield "in the first minute, in the last, and the largest:"
        for name in self.seen:
            whats = {"files": "open files", "private": "MB private", "written": "MB written"}
            told = (f"{what} {' / '.join(f'{one:.0f}' for one in self.change(name, of))}" for of, what in whats.items())
            yield f"  {name}: {', '.join(told)}"
        yield f"  connections of all workers: {' / '.join(f'{one:.0f}' for one in self.connections())}"
        yield f"segments of the index: p50 {middle(self.segments)[0]:.0f}, at most {max(self.segments)}"
        for name, found in self.memory.items():
            told = ", ".join(f"{one.private:.0f} ({one.written:.0f} written)" for one in found)
            yield f"a worker {name} search, before the saves: {told} MB"
        yield f"search adds: {self.added():.0f} MB ({self.added('written'):.0f} written)"
        for name, costs in self.alone.items():
            yield f"CPU ms of {name}: {middle(costs)[0] * 1000:.1f} / {middle(costs)[1] * 1000:.1f}"


def middle(found: Sequence[float]) -> tuple[float, float]:
    """p50 and p95."""
    if len(found) < 2:
        return (found[0], found[0]) if found else (0.0, 0.0)
    return statistics.median(found), statistics.quantiles(found, n=20)[-1]


def seconds(found: Sequence[float]) -> str:
    p50, p95 = middle(found)
    return f"p50 {p50:.2f} s, p95 {p95:.2f} s, at most {max(found, default=0):.2f} s"


def joined(people: Iterable[Somebody]) -> list[str]:
    """What went wrong, when all have ended."""
    wrong = []
    for one in people:
        one.join(120)
        wrong += one.wrong + ["somebody hangs"] * one.is_alive()
    return wrong


def together(site: Site, paths: Callable[[int], Iterator[str]], times: int) -> list[str]:
    """Let all threads of all workers answer so many requests; what went wrong."""
    people = [Searcher(site.url, threading.Event(), paths(n), max(1, times // SEARCHING)) for n in range(SEARCHING)]
    for one in people:
        one.start()
    return joined(people)


def browsing(designs: int) -> Callable[[int], Iterator[str]]:
    def paths(number: int) -> Iterator[str]:
        luck = random.Random(number)
        while True:
            yield f"/c/comun/d{luck.randrange(designs)}"
            yield f"/designs?page={luck.randrange(1, 1 + designs // 20)}"

    return paths


def costs(site: Site, acts: Iterable[Callable[[], object]]) -> list[float]:
    """CPU seconds of the workers for each of some acts, with nobody beside."""
    pids, found = site.workers(), []
    for act in acts:
        before = sum(map(cpu, pids))
        act()
        found.append(sum(map(cpu, pids)) - before)
    return found


class Bench:
    """A filled data folder, and what is done with the site that is served from it."""

    def __init__(self, folder: pathlib.Path, designs: int) -> None:
        self.folder, self.designs = folder, designs
        self.env = {"MINGA_THROTTLE": "off"}
        prose = passages()
        self.questions = Questions(prose)
        self.prose = [text for _, text in prose[:2000]]
        self.tokens = self._fill(prose)

    def _fill(self, prose: list[tuple[str, str]]) -> list[str]:
        """Write the designs, unless they are there, and make their index; tokens for all who save."""
        app = wsgi.create_app({"MINGA_DATA_DIR": str(self.folder)}, TESTING=True, THROTTLE=False)
        if not (self.folder / "minga.db").exists():
            fill(app, prose, 0, self.designs)
        with app.app_context():
            indexer.rebuild(app.extensions["minga.search"])
            rosa = accounts.get_by_handle("rosa")
            for token in accounts.tokens(rosa):
                accounts.revoke_token(token.id, by=rosa)
            tokens = [accounts.create_token(f"program {n}", by=rosa) for n in range(TOKENS)]
            db.db.session.remove()
            db.db.engine.dispose()
        return tokens

    def savers(self, site: Site, over: threading.Event, rate: float) -> list[Saver]:
        """Those who save, each on pages of its own."""
        each = max(1, min(PAGES, self.designs // SAVING - 1))
        found = []
        for n in range(SAVING):
            slugs = [f"d{1 + n * (self.designs // SAVING) + number}" for number in range(each)]
            found.append(Saver(site.url, over, self.tokens[n % TOKENS], slugs, rate / SAVING, self.prose))
            found[-1].prepare()
        return found

    def saves_alone(self, sites: Sequence[Site], times: int) -> list[list[float]]:
        """What saves cost on some sites of the same data, by turns, with nobody beside."""
        found: list[list[float]] = [[] for _ in sites]
        savers = [
            Saver(site.url, threading.Event(), self.tokens[0], [f"d{n}"], 1, self.prose) for n, site in enumerate(sites)
        ]
        for saver in savers:
            saver.prepare()
            costs(sites[0], [saver.save] * 10)
        for _ in range(times):
            for saver, site, costing in zip(savers, sites, found, strict=True):
                costing += costs(site, [saver.save])
        for saver in savers:
            assert not saver.wrong, saver.wrong
            saver.close()
        return found

    def run(self, seconds: float, saves: float, asked: int) -> Report:
        """`asked`: how many requests are answered before memory is looked at."""
        report = Report(seconds)
        without = {**self.env, "MINGA_SEARCH_URL": "off"}
        with serving(self.folder, WORKERS, self.env) as site, serving(self.folder, 1, without) as other:
            # As many for each worker as are browsed and searched below.
            report.wrong += together(other, browsing(self.designs), asked)
            report.memory["without"] = [held(pid) for pid in other.workers()]
            report.wrong += together(site, browsing(self.designs), asked)
            report.wrong += together(site, lambda _: asking(self.questions), asked)
            report.memory["with"] = [held(pid) for pid in site.workers()]
            paths, line = asking(self.questions), Line(site.url)
            acts = [lambda: line.send("GET", next(paths))] * (1 + asked // 10)
            report.alone["a question"] = costs(site, acts)
            line.connection.close()
            with_index, without_index = self.saves_alone([site, other], 1 + asked // 20)
            report.alone |= {"a save with an index": with_index, "a save without an index": without_index}
            assert other.stop() == 0
            self._together(site, report, saves)
            report.wrong += [f"the log says: {told}" for told in _log(site)]
        return report

    def _together(self, site: Site, report: Report, saves: float) -> None:
        over = threading.Event()
        searchers = [Searcher(site.url, over, asking(self.questions)) for _ in range(SEARCHING)]
        savers = self.savers(site, over, saves)
        pause = min(PROBE_SECONDS, report.seconds / 4)
        prober = Prober(site.url, over, self.tokens[-1], "d0", pause)
        prober.prepare()
        watch = Watch(site, over)
        before = {name: cpu(pid) for name, pid in watch.pids.items()}
        begun = time.monotonic()
        people: list[Somebody] = [*searchers, *savers, prober]
        for one in (*people, watch):
            one.start()
        over.wait(report.seconds)
        report.seconds = time.monotonic() - begun
        report.cores = {name: (cpu(pid) - before[name]) / report.seconds for name, pid in watch.pids.items()}
        over.set()
        report.wrong += joined(people)
        watch.join()
        if sorted(watch.pids.values()) != sorted(site.workers() + site.children("indexer")):
            report.wrong.append("a process ended")
        report.seen, report.segments = watch.seen, watch.segments
        report.asked = [took for one in searchers for took in one.took]
        report.states = sum((one.states for one in searchers), Counter())
        report.saved = [took for one in savers for took in one.took]
        report.found = prober.found


def _log(site: Site) -> Iterator[str]:
    """What the processes warned of, and the errors that they told of."""
    for line in site.log().splitlines():
        if " WARNING " in line or " ERROR " in line:
            yield line.split(" ", 2)[2]
        elif ERROR.match(line):
            yield line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--designs", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--saves", type=float, default=20, help="a second")
    parser.add_argument("--asked", type=int, default=1600, help="questions before memory is looked at")
    parser.add_argument("--folder", type=pathlib.Path, help="a data folder that is kept, and used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        report = Bench(given.folder or pathlib.Path(name), given.designs).run(
            given.minutes * 60, given.saves, given.asked
        )
    print(*report.lines(), sep="\n")
    faults = report.faults()
    print(*faults, sep="\n", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
