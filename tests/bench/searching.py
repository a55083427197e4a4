"""CPU milliseconds that searching costs, and what the index takes: of the index alone at 2,000, 20,000 and 100,000
designs, beside SQLite FTS5 and tantivy; and of the pages of a site at the first two sizes.

`python -m tests.bench.searching [--designs 2000 --more 20000 --most 100000]`. Designs have 100 to 250 words, of the
corpus beside this checkout where it is there, else made up. Each question is asked once, so that nothing of it is
remembered. The processor's time hardly grows on a machine that is busy otherwise. What answers for a site is a process
of its own that begins as a worker does: one that has just saved 20,000 designs goes through other memory.
"""

import argparse
import gc
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping

from flask import Flask
from sqlalchemy import func, select

import wsgi
from search import indexer, names
from search.index import Index
from tests.bench import engine
from tests.bench.engine import ASKED, Questions, costs, told
from tests.designs.examples import pump
from wiki import accounts, db, document, history, pages, preparing, spaces
from wiki.models import Page

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "data" / "corpus"
LANGUAGES = {"es": "es", "pt": "pt-BR", "en": "en"}
SYLLABLES = (
    "ma",
    "pla",
    "con",
    "tra",
    "sem",
    "per",
    "bo",
    "co",
    "ri",
    "de",
    "la",
    "gua",
    "ne",
    "to",
    "iz",
    "cao",
    "lor",
)


def passages() -> list[tuple[str, str]]:
    """Pieces of prose of about 120 words, with their language."""
    found: list[tuple[str, str]] = []
    for language, tag in LANGUAGES.items():
        path = CORPUS / f"{language}.jsonl"
        for line in path.read_text().splitlines() if path.is_file() else ():
            text = document.REFUSED.sub(" ", json.loads(line)["text"]).split()
            found += [(tag, " ".join(text[at : at + 120])) for at in range(0, len(text) - 60, 120)]
    luck = random.Random(5)
    lexicon = ["".join(luck.choices(SYLLABLES, k=luck.randint(2, 5))) for _ in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(lexicon))]
    while len(found) < 3000:
        found.append((luck.choice(list(LANGUAGES.values())), " ".join(luck.choices(lexicon, weights, k=120))))
    return found


def fill(app: Flask, prose: list[tuple[str, str]], first: int, last: int) -> None:
    luck = random.Random(first)
    kinds, places = ("machine", "structure", "practice", "recipe"), ("BO", "BR-CE", "GT", "MX-CHP", "PE", "NI")
    with app.app_context():
        if first == 0:
            preparing.make_ready()
            accounts.create("rosa", passphrase="quinua y papa 2026")
        rosa, comun = accounts.get_by_handle("rosa"), spaces.get("comun")
        for number in range(first, last):
            language, text = luck.choice(prose)
            more = luck.choice([other for other in luck.choices(prose, k=20) if other[0] == language] or [("", "")])[1]
            content = pump(
                title=" ".join(text.split()[:6])[:110] or f"Diseño {number}",
                summary=" ".join(text.split()[6:30])[:270],
                body=text + "\n\n" + more[: luck.randrange(900)],
                kind=luck.choice(kinds),
                regions=luck.sample(places, 2),
                bom=None,
                steps=None,
            )
            pages.create(comun, content, slug=f"d{number}", language=language, by=rosa)
        db.db.session.remove()


def made(app: Flask) -> Iterator[tuple[str, str]]:
    """What it takes to make the index of all that stands: what, and how much."""
    with app.app_context():
        count = db.db.session.scalar(select(func.count(Page.id))) or 1
        before = time.process_time()
        indexer.rebuild(app.extensions["minga.search"])
        took = time.process_time() - before
    size = sum(path.stat().st_size for path in (app.config["DATA_DIR"] / "index").rglob("*") if path.is_file())
    yield "making the index, designs a CPU second", f"{count / took:8.0f}"
    yield "index, MB", f"{size / 1e6:8.1f}"


def answered(folder: str) -> Iterator[tuple[str, str]]:
    """What the answers of a site cost, to a process that has done nothing else: what, and how much."""
    prose = passages()
    app = wsgi.create_app({"MINGA_DATA_DIR": folder}, TESTING=True, THROTTLE=False)
    index, client = app.extensions["minga.search"], app.test_client()
    asking = Questions(prose)
    names.ready()
    gc.freeze()
    with app.app_context():
        count = db.db.session.scalar(select(func.count(Page.id))) or 1
        before = time.process_time()
        index.position()
        opened = time.process_time() - before
        yield "a process's first look, ms", f"{opened * 1000:8.1f}"

        def suggest(text: str) -> None:
            index.suggest(text, "es", 8)

        def page(text: str) -> None:
            assert client.get("/search", query_string={"q": text}).status_code == 200

        def api(text: str) -> None:
            assert client.get("/api/v1/search", query_string={"q": text}).status_code == 200

        page("primera")
        api("primera")
        for shape, make in asking.shapes().items():
            yield f"page, {shape}", told(costs([make() for _ in range(ASKED)], page))
            if shape in ("one word", "two words", "two and a filter"):
                yield f"API, {shape}", told(costs([make() for _ in range(ASKED)], api))
        costs(["pri"], suggest)
        yield "suggestions while typing", told(costs([asking.word()[:3] for _ in range(ASKED)], suggest))
        yield (
            "saving and taking in one change",
            told(costs([f"{count} {n}" for n in range(40)], lambda n: one_more(index, n))),
        )
        looks = []
        for turn in range(20):
            one_more(index, f"y{count} {turn}")
            time.sleep(0.26)
            looks += costs([""], lambda _: looked(index))
        yield "looking at a change, in each process", told(looks)
    yield "largest memory until now, MB", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f}"


def looked(index: Index) -> None:
    index.position()


def one_more(index: Index, word: str) -> None:
    rosa, page = accounts.get_by_handle("rosa"), history.get_page("comun", f"d{random.Random(word).randrange(400)}")
    content = history.get_version(page).document
    pages.save(page, {**content, "summary": f"vuelta {word}"}, base=page.head, by=rosa, note="")
    while indexer.step(index):
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--designs", type=int, default=2000)
    parser.add_argument("--more", type=int, default=20_000)
    parser.add_argument("--most", type=int, default=100_000, help="of the index alone; 0 for none")
    parser.add_argument("--site", help="only what the answers of the site in this folder cost, as JSON")
    given = parser.parse_args()
    if given.site:
        print(json.dumps(dict(answered(given.site))))
        return
    sizes = sorted({given.designs, max(given.more, given.designs)})
    prose = passages()
    print("CPU ms, p50 / p95 where two figures stand")
    table("The index alone", {size: dict(engine.run(prose, size)) for size in filter(None, [*sizes, given.most])})
    columns: dict[int, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        app = wsgi.create_app({"MINGA_DATA_DIR": folder}, TESTING=True, THROTTLE=False)
        for before, size in zip([0, *sizes], sizes, strict=False):
            fill(app, prose, before, size)
            columns[size] = dict(made(app))
            command = [sys.executable, "-m", "tests.bench.searching", f"--site={folder}"]
            columns[size] |= json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        with app.app_context():
            db.db.engine.dispose()
    table("A site", columns)


def table(title: str, columns: Mapping[int, Mapping[str, str]]) -> None:
    print(f"{title:<44}" + "".join(f"{size:>10} designs" for size in columns))
    for name in dict.fromkeys(name for column in columns.values() for name in column):
        print(f"{name:<44}" + "".join(f"{column.get(name, '-'):>18}" for column in columns.values()), flush=True)


if __name__ == "__main__":
    main()
