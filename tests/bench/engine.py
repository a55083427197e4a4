"""The index alone, without pages and a store, at any size: designs of the corpus with metadata as uneven as people's.

Kinds, regions, crops and the rest are drawn by Zipf's law; two of five designs are forks of another. FTS5 and tantivy
get the same words of the same designs, and find twenty without facets and families.
"""

import itertools
import pathlib
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence

from search import grammar, words
from search.entries import Entry
from search.index import Position, Wanted
from search.whooshed import FolderIndex
from tests.bench.relevance import tantivy_with_stemmers
from tests.search import hostile

ASKED = 60
FORKED = 0.4
BESIDE = 20_000
"""At more designs the others are left out: what they need stays in memory."""
KINDS = ("machine", "structure", "practice", "recipe", "seed")
PLACES = ("BR", "MX", "CO", "AR", "PE", "BO", "GT", "NI", "EC", "CL", "PY", "HN", "SV", "CU", "UY")
CROPS = ("maize", "bean", "cassava", "coffee", "potato", "rice", "cocoa", "tomato", "squash", "quinoa")
TASKS = ("sowing", "irrigation", "harvest", "postharvest", "soil", "weeding", "storage", "transport", "cooking")
COMMUNITIES = ("comun", "altiplano", "semiarido", "chaco", "nicaragua", "norte", "costa", "valle")
TOOLS = ("serrucho", "taladro", "martillo", "soldadora", "pala", "cinta métrica", "nivel", "alicate", "llave")
Ask = Callable[[str], object]


class Questions:
    """Questions of each shape, made of the words that stand in the designs."""

    def __init__(self, prose: Sequence[tuple[str, str]]) -> None:
        self.luck = random.Random(7)
        self.texts = [words.folded(text) for _, text in self.luck.sample(list(prose), 800)]

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


def costs(questions: Sequence[str], act: Ask) -> list[float]:
    """CPU milliseconds of each."""
    found = []
    for question in questions:
        before = time.thread_time()
        act(question)
        found.append((time.thread_time() - before) * 1000)
    return found


def told(found: Sequence[float]) -> str:
    return f"{statistics.median(found):8.1f} /{statistics.quantiles(found, n=20)[-1]:6.1f}"


def entries(prose: Sequence[tuple[str, str]], count: int) -> Iterator[Entry]:
    luck = random.Random(count)

    def some(values: Sequence[str], most: int) -> tuple[str, ...]:
        weights = [1 / (rank + 1) for rank in range(len(values))]
        return tuple(sorted(set(luck.choices(values, weights, k=luck.randint(1, most)))))

    firsts: list[str] = []
    for number in range(count):
        language, text = luck.choice(prose)
        said, uid = text.split(), f"{number:032x}"
        family = luck.choice(firsts) if firsts and luck.random() < FORKED else uid
        if family == uid:
            firsts.append(uid)
        yield Entry(
            uid=uid,
            number=1,
            language=language,
            kind=some(KINDS, 1)[0],
            community=some(COMMUNITIES, 1)[0],
            changed=1_700_000_000 + number,
            title=" ".join(said[:6])[:110] or "Diseño",
            names=(),
            passages=(" ".join(said[6:30]), text, luck.choice(prose)[1][: luck.randrange(900)]),
            regions=some(PLACES, 3),
            licences=some(("CC-BY-SA-4.0", "CC0-1.0", "CC-BY-4.0"), 1),
            tasks=some(TASKS, 2),
            family=family,
            stage=some(("stable", "prototype", "idea"), 1)[0],
            crops=some(CROPS, 2),
            power=some(("hand", "sun", "animal", "wind"), 1),
            skills=some(("carpentry", "welding", "sewing", "masonry"), 2),
            has=some(("bom", "steps", "drawing", "cad"), 4),
            freedom="sell",
            tools=some(TOOLS, 4),
            costs=some(("BOB-200-500", "BRL-100-200", "MXN-500-1000"), 1),
        )


def run(prose: Sequence[tuple[str, str]], count: int) -> Iterator[tuple[str, str]]:
    """What it costs at this size: what, and how much."""
    asking, shelf = Questions(prose), list(entries(prose, count))
    with tempfile.TemporaryDirectory() as folder:
        index = FolderIndex(pathlib.Path(folder) / "index")
        before = time.process_time()
        with index.writing(wait=1) as writer:
            writer.replace(shelf, Position(1))
        yield "making it, designs a CPU second", f"{count / (time.process_time() - before):8.0f}"
        size = sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())
        yield "its size, MB", f"{size / 1e6:8.1f}"
        before = time.process_time()
        index.position()
        yield "a process's first look, ms", f"{(time.process_time() - before) * 1000:8.1f}"

        def find(text: str) -> None:
            asked, narrow = grammar.read(text)
            index.find(asked, narrow, Wanted("es", size=20, one_each=True))

        find("primera")
        for shape, make in asking.shapes().items():
            yield shape, told(costs([make() for _ in range(ASKED)], find))
        again = [" ".join(asking.near(2)) for _ in range(ASKED)]
        costs(again, find)
        yield "the same once more", told(costs(again, find))
        yield "no words at all", told(costs([""] + [f"region:{place}" for place in PLACES], find))
        worst = [costs([text[:8000]], find)[0] for text in hostile.QUESTIONS.values()]
        yield f"the worst of {len(worst)} hostile", f"{max(worst):8.1f}"
    for name, make in {"SQLite FTS5": fts5, "tantivy": tantivy}.items():
        if count <= BESIDE:
            ask = make(shelf)
            for shape, question in itertools.islice(asking.shapes().items(), 3):
                yield f"{name}, {shape}", told(costs([question() for _ in range(ASKED)], ask))


def fts5(shelf: Sequence[Entry]) -> Ask:
    """SQLite's full text search over the same texts: 20 hits with snippets, and how many there are."""
    store = sqlite3.connect(":memory:")
    words_of = "tokenize='unicode61 remove_diacritics 2'"
    store.execute(f"CREATE VIRTUAL TABLE d USING fts5(title, body, {words_of})")
    store.executemany("INSERT INTO d VALUES (?, ?)", ((one.title, "\n".join(one.passages)) for one in shelf))

    def ask(text: str) -> None:
        asked = " ".join(f'"{word}"' for word in text.split())
        wanted = "SELECT rowid, snippet(d, 1, '[', ']', '', 30) FROM d WHERE d MATCH ? ORDER BY bm25(d, 3, 1) LIMIT 20"
        store.execute(wanted, (asked,)).fetchall()
        store.execute("SELECT count(*) FROM d WHERE d MATCH ?", (asked,)).fetchone()

    return ask


def tantivy(shelf: Sequence[Entry]) -> Ask:
    """Tantivy with its stemmers over the same texts: 10 hits."""
    ask = tantivy_with_stemmers([(entry.uid, entry) for entry in shelf])
    return lambda text: ask(text, "es")
