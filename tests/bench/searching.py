"""CPU milliseconds that searching costs, and what the index takes, at 2,000 and 20,000 designs.

`python -m tests.bench.searching [--designs 2000 --more 20000]`. Designs have 100 to 250 words, of the corpus beside
this checkout where it is there, else made up. "find" is the index alone, "page" a whole request; each question is asked
once, so that nothing of it is remembered. The processor's time does not grow on a machine that is busy otherwise.
"""

import argparse
import json
import pathlib
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator

from flask import Flask
from sqlalchemy import func, select

import wsgi
from search import grammar, indexer, sources, words
from search.index import Index, Wanted
from tests.designs.examples import pump
from tests.search import hostile
from wiki import accounts, db, document, history, pages, preparing, spaces
from wiki.models import Page

CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "data" / "corpus"
LANGUAGES = {"es": "es", "pt": "pt-BR", "en": "en"}
ASKED = 60
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


class Questions:
    """Questions of each shape, made of the words that stand in the designs."""

    def __init__(self, prose: list[tuple[str, str]]) -> None:
        self.luck = random.Random(7)
        self.texts = [words.folded(text) for _, text in self.luck.sample(prose, 800)]

    def word(self) -> str:
        while True:
            found = self.luck.choice(self.luck.choice(self.texts))
            if len(found) > 3 and found not in words.STOP_WORDS:
                return found

    def near(self, count: int) -> list[str]:
        """Words that stand in one text."""
        text = [w for w in self.luck.choice(self.texts) if len(w) > 3 and w not in words.STOP_WORDS]
        return self.luck.sample(text, min(count, len(text)))

    def phrase(self) -> str:
        text = self.luck.choice(self.texts)
        at = self.luck.randrange(len(text) - 3)
        return f'"{" ".join(text[at : at + 3])}"'

    def typo(self) -> str:
        word = max(self.near(5), key=len)
        at = self.luck.randrange(1, len(word) - 1)
        return word[:at] + self.luck.choice("abcdefgh") + word[at + 1 :]

    def shapes(self) -> dict[str, Callable[[], str]]:
        return {
            "one word": self.word,
            "two words": lambda: " ".join(self.near(2)),
            "three words": lambda: " ".join(self.near(3)),
            "some of three": lambda: " ".join([*self.near(2), "xyzzyx"]),
            "phrase": self.phrase,
            "beginning": lambda: self.word()[:4] + "*",
            "typing error": self.typo,
            "two and a filter": lambda: " ".join(self.near(2)) + f" region:{self.luck.choice(('BO', 'BR', 'PE'))}",
        }


def costs(questions: list[str], act: Callable[[str], None]) -> list[float]:
    """CPU milliseconds of each."""
    found = []
    for question in questions:
        before = time.thread_time()
        act(question)
        found.append((time.thread_time() - before) * 1000)
    return found


def told(found: list[float]) -> str:
    return f"{statistics.median(found):8.1f} /{statistics.quantiles(found, n=20)[-1]:6.1f}"


def run(app: Flask, prose: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The figures at the size that stands: what, and how much."""
    index, client = app.extensions["minga.search"], app.test_client()
    asking = Questions(prose)
    with app.app_context():
        count = db.db.session.scalar(select(func.count(Page.id))) or 1
        before = time.process_time()
        indexer.rebuild(index)
        took = time.process_time() - before
        size = sum(path.stat().st_size for path in (app.config["DATA_DIR"] / "index").rglob("*") if path.is_file())
        time.sleep(0.3)
        before = time.process_time()
        index.position()
        opened = time.process_time() - before
        yield "making the index, designs a CPU second", f"{count / took:8.0f}"
        yield "index, MB", f"{size / 1e6:8.1f}"
        yield "a process's first look, ms", f"{opened * 1000:8.1f}"

        def find(text: str) -> None:
            asked, narrow = grammar.read(text)
            index.find(asked, narrow, Wanted("es", size=20, one_each=True))

        def suggest(text: str) -> None:
            index.suggest(text, "es", 8)

        def page(text: str) -> None:
            assert client.get("/search", query_string={"q": text}).status_code == 200

        find("primera")
        page("primera")
        for shape, make in asking.shapes().items():
            yield f"find, {shape}", told(costs([make() for _ in range(ASKED)], find))
            yield f"page, {shape}", told(costs([make() for _ in range(ASKED)], page))
        again = [" ".join(asking.near(2)) for _ in range(ASKED)]
        costs(again, find)
        yield "find, the same once more", told(costs(again, find))
        costs(["pri"], suggest)
        yield "suggestions while typing", told(costs([asking.word()[:3] for _ in range(ASKED)], suggest))
        beside = beside_fts5()
        yield "SQLite FTS5, two words", told(costs([" ".join(asking.near(2)) for _ in range(ASKED)], beside))
        worst = {name: costs([text[:8000]], find)[0] for name, text in hostile.QUESTIONS.items()}
        yield f"find, the worst of {len(worst)} hostile", f"{max(worst.values()):8.1f}"
        yield "find, no words at all", told(costs([""] * 10, find))
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


def beside_fts5() -> Callable[[str], None]:
    """SQLite's full text search over the same texts: 20 hits with snippets, and how many there are; no facets."""
    store = sqlite3.connect(":memory:")
    words_of = "tokenize='unicode61 remove_diacritics 2'"
    store.execute(f"CREATE VIRTUAL TABLE d USING fts5(title, body, {words_of})")
    rows = ((one.title, "\n".join(one.passages)) for one in sources.all_entries())
    store.executemany("INSERT INTO d VALUES (?, ?)", rows)

    def ask(text: str) -> None:
        asked = " ".join(f'"{word}"' for word in text.split())
        wanted = "SELECT rowid, snippet(d, 1, '[', ']', '', 30) FROM d WHERE d MATCH ? ORDER BY bm25(d, 3, 1) LIMIT 20"
        store.execute(wanted, (asked,)).fetchall()
        store.execute("SELECT count(*) FROM d WHERE d MATCH ?", (asked,)).fetchone()

    return ask


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
    given = parser.parse_args()
    sizes = sorted({given.designs, max(given.more, given.designs)})
    prose = passages()
    columns: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        app = wsgi.create_app({"MINGA_DATA_DIR": folder}, TESTING=True, THROTTLE=False)
        for before, size in zip([0, *sizes], sizes, strict=False):
            fill(app, prose, before, size)
            columns.append(dict(run(app, prose)))
        with app.app_context():
            db.db.engine.dispose()
    print("CPU ms, p50 / p95 where two figures stand")
    print(" " * 44 + "".join(f"{size:>10} designs" for size in sizes))
    for name in columns[0]:
        print(f"{name:<44}" + "".join(f"{column[name]:>18}" for column in columns))


if __name__ == "__main__":
    main()
