"""CPU milliseconds that a request costs the process that answers it, beside the fixed bound, in one run.

`python -m tests.bench.requests [--pages 2000 --more 20000]`. One worker of eight threads serves each.
"Cold" is the first time that a page is asked for after the start; all else is warm.
"""

import argparse
import contextlib
import http.client
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import wsgi
from designs import samples
from tests.designs.examples import pump
from tests.flows.people import Browser, form_fields
from tests.flows.serving import free_port, serving
from wiki import accounts, db, history, pages, preparing, spaces

TICK = os.sysconf("SC_CLK_TCK")
PARAGRAPH = "palabra suelta de prueba " * 60
BOUND = pathlib.Path(__file__).parents[3] / "shared" / "bound.py"


def body(number: int, parts: int = 10) -> str:
    return "".join(f"## Parte {part} de {number}\n\n{PARAGRAPH}\n\n" for part in range(parts))


def rows(count: int) -> list[dict[str, str]]:
    """Parts as a machine has them."""
    return [
        {
            "key": f"p{n}",
            "quantity": "2",
            "unit": "u",
            "name": f"Tornillo {n}",
            "spec": f'3/8" x {n} mm',
            "why": PARAGRAPH[:60],
        }
        for n in range(count)
    ]


def cpu(pids: list[int]) -> float:
    """Seconds of CPU that processes have used."""
    used = 0.0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += (int(fields[11]) + int(fields[12])) / TICK
    return used


def measured(pids: list[int], times: int, act: Callable[[int], None]) -> float:
    """CPU milliseconds for each of some acts."""
    before = cpu(pids)
    for turn in range(times):
        act(turn)
    return (cpu(pids) - before) * 1000 / times


def fill(folder: pathlib.Path, first: int, last: int) -> None:
    """Write pages of 15 kB, one with 200 versions."""
    app = wsgi.create_app({"MINGA_DATA_DIR": str(folder)})
    with app.app_context():
        if first == 0:
            preparing.make_ready()
            samples.add()
            accounts.create("rosa", passphrase="quinua y papa 2026")
        rosa, comun = accounts.get_by_handle("rosa"), spaces.get("comun")
        for number in range(first, last):
            content = pump(title=f"Diseño {number}", body=body(number))
            pages.create(comun, content, slug=f"d{number}", language="es", by=rosa)
        if first == 0:
            pages.create(comun, pump(bom=rows(60)), slug="filas", language="es", by=rosa)
            page = history.get_page("comun", "d0")
            for number in range(1, 200):
                content = pump(title="Diseño 0", body=body(0).replace("Parte 3 de 0", f"Parte 3, vuelta {number}"))
                pages.save(page, content, base=number, by=rosa, note=f"vuelta {number}")
        db.db.session.remove()
        db.db.engine.dispose()


@contextlib.contextmanager
def bound() -> Iterator[tuple[str, list[int]]]:
    """The yardstick, served as Minga is."""
    port = free_port()
    command = [sys.executable, "-m", "waitress", "--threads=8", f"--listen=127.0.0.1:{port}", "bound:app"]
    process = subprocess.Popen(command, cwd=BOUND.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                Browser(f"http://127.0.0.1:{port}").get("/")
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", [process.pid]
    finally:
        process.terminate()
        process.wait()


def run(folder: pathlib.Path, count: int, yardstick: tuple[str, list[int]]) -> dict[str, float]:
    """The figures at one size, with the bound measured between them."""
    found: dict[str, float] = {}
    luck = random.Random(count)
    with serving(folder, workers=1, empty=True) as site:
        pids = site.workers()
        reader, writer, measure = Browser(site.url), Browser(site.url), Browser(yardstick[0])
        writer.sign_in("rosa", "quinua y papa 2026")
        tags: dict[str, str] = {}

        def view(browser: Browser) -> Callable[[int], None]:
            def act(_: int) -> None:
                path = f"/c/comun/d{luck.randrange(count)}"
                status, html, answer = browser.get(path)
                assert status == 200
                assert len(html) >= 15_000
                tags[path] = answer.headers.get("ETag", "")

            return act

        def unchanged(turn: int) -> None:
            path = list(tags)[turn % len(tags)]
            assert reader.get(path, **{"If-None-Match": tags[path]})[0] == 304

        def get(browser: Browser, path: str) -> Callable[[int], None]:
            def act(_: int) -> None:
                assert browser.get(path)[0] == 200

            return act

        def save(turn: int) -> None:
            slug = chosen[turn]
            _, html, _ = writer.get(f"/c/comun/d{slug}/edit")
            fields = form_fields(html.decode())
            fields = [(n, v + f"\nLínea nueva {turn}.\n" if n == "body" else v) for n, v in fields]
            saves.append((f"/c/comun/d{slug}/edit", [*fields, ("do", "save")]))

        def send(turn: int) -> None:
            status, html, _ = writer.post(*saves[turn])
            assert status == 303, html[:2000]

        def warm(times: int, act: Callable[[int], None]) -> float:
            measured(pids, 20, act)
            return measured(pids, times, act)

        saves: list[tuple[str, list[tuple[str, str]]]] = []
        chosen = luck.sample(range(1, count), 150)
        found["bound"] = measured(yardstick[1], 1500, lambda _: assert_ok(measure.get("/")))
        found["view, cold"] = measured(pids, 400, view(reader))
        for _ in range(1000):
            view(reader)(0)
        found["view, warm"] = measured(pids, 1500, view(reader))
        found["304"] = measured(pids, 1000, unchanged)
        found["view, signed in"] = measured(pids, 800, view(writer))
        found["history of 200"] = warm(200, get(reader, "/c/comun/d0/history"))
        found["compare"] = warm(200, get(reader, "/c/comun/d0/compare/10..190"))
        found["edit form"] = warm(200, get(writer, "/c/comun/d1/edit"))
        found["edit form, 60 rows"] = warm(200, get(writer, "/c/comun/filas/edit"))
        found["largest sample"] = warm(400, get(reader, largest(reader)))
        found["recent changes"] = warm(200, get(reader, "/changes"))
        found["browse"] = warm(100, get(reader, "/designs"))
        for turn in range(150):
            save(turn)
        found["save"] = measured(pids, 150, send)
        found["bound, again"] = measured(yardstick[1], 1500, lambda _: assert_ok(measure.get("/")))
    return found


def largest(browser: Browser) -> str:
    """The address of the sample design with most words."""
    designs = [f"/c/comun/{sample.slug}" for sample in samples.all_samples()]
    return max(designs, key=lambda path: len(browser.get(path)[1]))


def assert_ok(answer: tuple[int, bytes, http.client.HTTPResponse]) -> None:
    assert answer[0] == 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--more", type=int, default=20_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, bound() as yardstick:
        folder = pathlib.Path(name)
        sizes = [asked.pages] + ([asked.more] if asked.more > asked.pages else [])
        columns, filled = [], 0
        for size in sizes:
            fill(folder, filled, size)
            filled = size
            columns.append(run(folder, size, yardstick))
    print("CPU ms a request" + " " * 8 + "".join(f"{size:>10} pages   x bound" for size in sizes))
    for name in columns[0]:
        row = "".join(f"{column[name]:>16.2f} {column[name] / column['bound']:>9.1f}" for column in columns)
        print(f"{name:<24}{row}")


if __name__ == "__main__":
    main()
