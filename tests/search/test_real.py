"""Questions to real prose in three languages and to a thousand real manifests."""

import gc
import json
import pathlib
import random
import time
import tomllib
from collections.abc import Iterator

import pytest

from search import grammar, whooshed, words
from search.entries import Entry
from search.grammar import Narrow
from search.index import Position, Wanted
from tests import sizes
from tests.search import hostile
from tests.search.shelves import entry

pytestmark = pytest.mark.data


def real(data: pathlib.Path) -> Iterator[Entry]:
    number = 0
    for tag in ("es", "pt", "en"):
        for line in (data / "corpus" / f"{tag}.jsonl").read_text().splitlines()[:: sizes.of(5, 1)]:
            found = json.loads(line)
            number += 1
            yield entry(number, found["title"] or "", *found["text"].split("\n\n"), language=found["lang"])
    for path in sorted((data / "okh" / "losh-list").glob("*.toml")):
        manifest = tomllib.loads(path.read_text())
        number += 1
        language = str(manifest.get("documentation-language") or manifest.get("documentationLanguage") or "en")
        yield entry(number, str(manifest["name"]), str(manifest.get("function", "")), language=language)


@pytest.fixture(scope="module")
def shelf(shared, tmp_path_factory) -> tuple[whooshed.FolderIndex, dict[str, Entry]]:
    entries = {one.uid: one for one in real(shared / "data")}
    assert len(entries) > sizes.of(1100, 1900)
    index = whooshed.FolderIndex(tmp_path_factory.mktemp("real") / "index")
    with index.writing(wait=1) as writer:
        writer.replace(entries.values(), Position(1))
    return index, entries


def found(index: whooshed.FolderIndex, text: str) -> set[str]:
    asked, _ = grammar.read(text)
    answer = index.find(asked, Narrow(), Wanted("es", size=5000))
    assert answer.total == len(answer.uids)
    return set(answer.uids)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("maiz", "maíz"),
        ("maíz", "maíces"),
        ("riego", "riegos"),
        ("semilla", "semillas"),
        ("solucion", "soluciones"),
        ("biodigestor", "biodigestores"),
        ("irrigação", "irrigacoes"),
        ("sensores", "sensor"),
        ("água", "agua"),
        ("pumps", "pump"),
        ("batteries", "battery"),
        ("cisterns", "CISTERN"),
    ],
)
def test_spellings_and_numbers_of_a_word_find_the_same(shelf, one, other):
    index, entries = shelf
    stemmed = {uid for uid, other in entries.items() if words.primary(other.language) in words.STEMMERS}
    both = found(index, one) & stemmed, found(index, other) & stemmed
    assert both[0] == both[1]
    assert both[0] or not sizes.long


def holds(one: Entry, phrase: list[str]) -> bool:
    wanted = f" {' '.join(phrase)} "
    return any(wanted in f" {' '.join(words.folded(text))} " for text in (one.title, *one.passages))


def test_phrases_are_exact(shelf):
    index, entries = shelf
    luck = random.Random(6)
    for one in luck.sample(sorted(entries), sizes.of(10, 100)):
        text = words.folded(max(entries[one].passages, key=len, default=entries[one].title))
        at = luck.randrange(max(1, len(text) - 3))
        phrase = text[at : at + 3]
        wanted = {uid for uid, other in entries.items() if holds(other, phrase)}
        assert found(index, f'"{" ".join(phrase)}"') == wanted, phrase


def test_a_title_finds_its_page_first(shelf):
    index, entries = shelf
    luck, missed = random.Random(8), []
    for uid in luck.sample(sorted(entries), 200):
        asked, _ = grammar.read(entries[uid].title)
        answer = index.find(asked, Narrow(), Wanted(entries[uid].language, size=10))
        same = [other for other in answer.uids if entries[other].title == entries[uid].title]
        if not asked.is_empty and not same:
            missed.append(entries[uid].title)
    assert len(missed) <= 4, missed


def test_hostile_questions_take_no_longer_than_others(shelf, capsys):
    """Without what the collector of garbage takes in the large process of the tests, as `timeit` measures."""
    index, _ = shelf
    took = {}
    gc.collect()
    gc.disable()
    try:
        for name, text in hostile.QUESTIONS.items():
            begin = time.thread_time()
            asked, narrow = grammar.read(text)
            index.find(asked, narrow, Wanted("es", size=20))
            took[name] = time.thread_time() - begin
    finally:
        gc.enable()
    slowest = max(took, key=took.__getitem__)
    with capsys.disabled():
        print(
            f"\n{len(took)} hostile questions, {len(shelf[1])} texts: at most {took[slowest] * 1000:.0f} ms ({slowest})"
        )
    assert took[slowest] <= 0.25


def test_typing_errors_are_understood(shelf, shared, figure):
    """Of errors that people made and mended, whose right word stands somewhere."""
    index, entries = shelf
    borne = {
        uid: {word for text in (one.title, *one.passages) for word in words.folded(text)}
        for uid, one in entries.items()
    }
    every = set().union(*borne.values())
    missed: list[str] = []
    count = 0
    for language in ("es", "pt"):
        for line in (shared / "data" / "search" / f"typos-{language}.jsonl").read_text().splitlines():
            row = json.loads(line)
            right = set(words.folded(row["correct"]))
            if not right or not right <= every:
                continue
            count += 1
            asked, _ = grammar.read(row["typo"])
            answer = index.find(asked, Narrow(), Wanted(language, size=5000))
            if not (right <= set(words.folded(answer.correction)) or any(right <= borne[uid] for uid in answer.uids)):
                missed.append(row["typo"])
                assert row["kind"] != "accent", row
    figure(f"{count} typing errors of real people, {1 - len(missed) / count:.1%} understood; not: {', '.join(missed)}")
    assert len(missed) <= (0.05 if sizes.long else 0.08) * count
