"""How well what is found answers what people ask: `python -m tests.bench.relevance [--held]`.

The questions of `tests/search/judged.jsonl` were graded from the documents by somebody who had seen neither this code
nor what it finds. Of the third that is marked `held` nothing is looked at until the end. Documents are the samples and
the manifests and projects of the collection beside this checkout. Every engine gets the same words of the same
documents, and answers for a reader of the question's language.
"""

import argparse
import contextlib
import io
import json
import math
import pathlib
import re
import sqlite3
import tempfile
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import tantivy
from flask import Flask
from whoosh import analysis, fields, qparser
from whoosh.filedb.filestore import RamStorage

import wsgi
from designs import samples
from designs.cli import import_command
from search import indexer, query, sources, words
from search.entries import Entry
from search.grammar import Narrow
from tests.conftest import SHARED
from wiki import db, preparing
from wiki.models import Page, Space

JUDGED = pathlib.Path(__file__).parents[1] / "search" / "judged.jsonl"
FOUND = 10

Ask = Callable[[str, str], Sequence[str]]
"""From a question and a language to the documents found, as `community/slug`, the best first."""


@dataclass(frozen=True)
class Question:
    text: str
    language: str
    sort: str
    grades: Mapping[str, int]
    is_held: bool


def questions() -> list[Question]:
    rows = map(json.loads, JUDGED.read_text(encoding="utf-8").splitlines())
    return [Question(row["q"], row["language"], row["sort"], row["grades"], row["held"]) for row in rows]


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """The normalised discounted cumulative gain of the first ten, with gains of 2^grade - 1 (Järvelin and Kekäläinen,
    2002)."""
    gains = [2 ** grades.get(one, 0) - 1 for one in found[:FOUND]]
    best = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:FOUND]
    return _discounted(gains) / _discounted(best)


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def reciprocal_rank(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 / the place of the first document of the best grade, 0 if it is not among the first ten."""
    top = max(grades.values())
    return next((1 / (place + 1) for place, one in enumerate(found[:FOUND]) if grades.get(one) == top), 0.0)


@dataclass(frozen=True)
class Score:
    ndcg: float
    mrr: float
    nothing: float
    """The share of questions to which nothing was found."""


def score(ask: Ask, asked: Sequence[Question]) -> Score:
    found = [ask(one.text, one.language) for one in asked]
    pairs = list(zip(found, asked, strict=True))
    return Score(
        sum(ndcg(hits, one.grades) for hits, one in pairs) / len(asked),
        sum(reciprocal_rank(hits, one.grades) for hits, one in pairs) / len(asked),
        sum(not hits for hits in found) / len(asked),
    )


def collected(app: Flask, sources_of: Sequence[pathlib.Path]) -> None:
    """The samples and what is taken in from some places, and their index."""
    with app.app_context():
        preparing.make_ready()
        samples.add()
        if sources_of:
            with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
                import_command.main(["--json", *map(str, sources_of)], standalone_mode=False)
        indexer.rebuild(app.extensions["minga.search"])
        db.db.session.remove()


def answerable(asked: Sequence[Question], known: Container[str]) -> list[Question]:
    """The questions of which one of the best answers is known, with the grades of what is."""
    found = []
    for one in asked:
        grades = {name: grade for name, grade in one.grades.items() if name in known}
        if grades and max(grades.values()) == max(one.grades.values()):
            found.append(replace(one, grades=grades))
    return found


def ours(app: Flask, *, one_each: bool = False) -> Ask:
    """What the site finds, from the whole of a question to the page of results. For a comparison with engines that know
    no families each version counts for itself."""
    index = app.extensions["minga.search"]

    def ask(text: str, language: str) -> Sequence[str]:
        answer = query.search(index, text, Narrow(), language=language, size=FOUND, one_each=one_each)
        return [f"{hit.card.community}/{hit.card.slug}" for hit in answer.hits]

    return ask


def documents() -> Iterator[tuple[str, Entry]]:
    """The entries of all pages, with what they are called in the judged file."""
    named = {
        uid.hex(): f"{space}/{slug}"
        for space, slug, uid in db.db.session.query(Space.slug, Page.slug, Page.uid).join(Page.space)
    }
    for entry in sources.all_entries():
        yield named[entry.uid], entry


def _texts(entry: Entry) -> tuple[str, str]:
    return " ".join([entry.title, *(name for _, name in entry.names)]), "\n".join(entry.passages)


def whoosh_with(analyzer: Callable[[str], object], pairs: Sequence[tuple[str, Entry]]) -> Ask:
    """Whoosh as its tutorials use it: the parser for several fields, with an analyser for each language."""
    languages = ("es", "pt", "en")
    named = {f"{part}_{tongue}": fields.TEXT(analyzer=analyzer(tongue)) for tongue in languages for part in ("t", "b")}
    index = RamStorage().create_index(fields.Schema(id=fields.ID(stored=True), **named))
    writer = index.writer()
    for name, entry in pairs:
        title, body = _texts(entry)
        tongue = words.primary(entry.language)
        tongue = tongue if tongue in languages else "en"
        writer.add_document(id=name, **{f"t_{tongue}": title, f"b_{tongue}": body})
    writer.commit()
    searcher = index.searcher()
    parser = qparser.MultifieldParser(list(named), index.schema)

    def ask(text: str, _language: str) -> Sequence[str]:
        return [hit.fields()["id"] for hit in searcher.search(parser.parse(text), limit=FOUND)]

    return ask


def stemmed(tongue: str) -> object:
    return analysis.LanguageAnalyzer(tongue)


def plain(_tongue: str) -> object:
    return analysis.StandardAnalyzer()


def fts5(pairs: Sequence[tuple[str, Entry]]) -> Ask:
    """SQLite's own full text search, without accents, titles counting three times."""
    store = sqlite3.connect(":memory:")
    store.execute(
        "CREATE VIRTUAL TABLE d USING fts5(id UNINDEXED, title, body, tokenize='unicode61 remove_diacritics 2')"
    )
    store.executemany("INSERT INTO d VALUES (?, ?, ?)", ((name, *_texts(entry)) for name, entry in pairs))

    def ask(text: str, _language: str) -> Sequence[str]:
        asked = " ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        rows = store.execute("SELECT id FROM d WHERE d MATCH ? ORDER BY bm25(d, 0, 3, 1) LIMIT ?", (asked, FOUND))
        return [row[0] for row in rows]

    return ask


STEMMERS = {"es": "spanish", "pt": "portuguese", "en": "english"}


def tantivy_with_stemmers(pairs: Sequence[tuple[str, Entry]]) -> Ask:
    """Tantivy with its stemmers behind folded accents, a field for each language, titles counting three times."""
    builder = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    named = {f"{part}_{tongue}": 3.0 if part == "t" else 1.0 for tongue in STEMMERS for part in ("t", "b")}
    for name in named:
        builder.add_text_field(name, tokenizer_name=name[2:])
    index = tantivy.Index(builder.build())
    for tongue, stemmer in STEMMERS.items():
        made = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for one in (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer(stemmer)):
            made = made.filter(one)
        index.register_tokenizer(tongue, made.build())
    writer = index.writer(15_000_000, 1)
    for name, entry in pairs:
        title, body = _texts(entry)
        tongue = words.primary(entry.language)
        tongue = tongue if tongue in STEMMERS else "en"
        writer.add_document(tantivy.Document(**{"id": name, f"t_{tongue}": title, f"b_{tongue}": body}))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(text: str, _language: str) -> Sequence[str]:
        asked, _errors = index.parse_query_lenient(text, list(named), named)
        return [searcher.doc(address)["id"][0] for _, address in searcher.search(asked, FOUND).hits]

    return ask


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--held", action="store_true", help="the third that was held back, and nothing else")
    options.add_argument("--worst", type=int, default=0, help="print so many of the questions that go worst")
    asked = options.parse_args()
    chosen = [one for one in questions() if one.is_held == asked.held]
    with tempfile.TemporaryDirectory() as folder:
        app = wsgi.create_app({"MINGA_DATA_DIR": folder}, TESTING=True, THROTTLE=False)
        collected(app, [SHARED / "data" / name for name in ("designs", "okh")] if SHARED.is_dir() else [])
        with app.app_context():
            pairs = list(documents())
            chosen = answerable(chosen, {name for name, _ in pairs})
            engines = {
                "this one": ours(app),
                "Whoosh, its default analyser": whoosh_with(plain, pairs),
                "Whoosh, its language analysers": whoosh_with(stemmed, pairs),
                "SQLite FTS5": fts5(pairs),
                "tantivy with stemmers": tantivy_with_stemmers(pairs),
            }
            print(f"{len(chosen)} questions, {len(pairs)} designs{' (held back)' if asked.held else ''}")
            print(f"{'':34}nDCG@10     MRR  nothing")
            for name, ask in engines.items():
                found = score(ask, chosen)
                print(f"{name:34}{found.ndcg:7.3f} {found.mrr:7.3f} {found.nothing:7.1%}")
            for one in sorted(chosen, key=lambda one: ndcg(engines["this one"](one.text, one.language), one.grades))[
                : asked.worst
            ]:
                found = engines["this one"](one.text, one.language)
                print(f"{ndcg(found, one.grades):.2f} {one.language} {one.sort}: {one.text}")
                print(f"     found {[(name, one.grades.get(name, 0)) for name in found[:5]]}; wanted {one.grades}")
            db.db.engine.dispose()


if __name__ == "__main__":
    main()
