"""Segments that we write hold what the library's would."""

import itertools
import os
import pathlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import analysis, fields
from whoosh.filedb.filestore import FileStorage

from search import schema, segments

WORDS = st.sampled_from(["bomba", "de", "mecate", "ch'uñu", "¶", "x"])
TEXTS = st.lists(st.lists(WORDS, max_size=9).map(" ".join), max_size=12)
PLACES = st.sets(st.integers(0, 200_000), min_size=1).map(sorted)


@given(PLACES)
def test_places_come_back(places):
    told = schema.Places()
    assert told.decode_positions(told.encode(places)) == places
    assert told.decode_frequency(told.encode(places)) == len(places)


@pytest.mark.parametrize("step", [0xD7FF, 0xD800, 0xDFFF, 0xE000])
def test_steps_that_are_no_letters_come_back_too(step):
    assert schema.Places().decode_positions(schema.Places().encode([3, 3 + step])) == [3, 3 + step]


@pytest.mark.parametrize("phrase", [True, False])
def test_words_are_told_as_the_library_would(phrase):
    text = "bomba de ¶ mecate de bomba ch'uñu"
    ours, usual = schema.Words(phrase=phrase), fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer(), phrase=phrase)
    told = {(word, count, weight): value for word, count, weight, value in ours.index(text)}
    wanted = {(word, count, weight): value for word, count, weight, value in usual.index(text)}
    assert told.keys() == wanted.keys()
    if phrase:
        for word, value in told.items():
            assert ours.format.decode_positions(value) == usual.format.decode_positions(wanted[word])


@given(TEXTS, st.integers(0, 3000))
def test_postings_are_together_by_their_terms_however_little_memory_there_is(tmp_path_factory, texts, most):
    pool = segments.Pool(str(tmp_path_factory.getbasetemp()), most)
    postings = [
        ("body", word, number, weight, value)
        for number, text in enumerate(texts)
        for word, _, weight, value in schema.Words(phrase=True).index(text)
    ]
    for posting in postings:
        pool.add(posting)
    told = [(name, word, *posting) for (name, word), kept in pool.terms() for posting in zip(*kept, strict=True)]
    pool.cleanup()
    assert told == sorted(postings)


def test_the_library_reads_in_ours_what_it_would_in_its_own(tmp_path):
    """More documents than stand in a block, a word that some of them lack, and postings put on the disk meanwhile."""
    texts = [" ".join(["bomba"] * (number % 3) + [f"n{number % 7}", "agua"]) for number in range(300)]
    ours, usual = (_written(tmp_path / name, texts, name) for name in ("ours", "library"))
    assert ours == usual
    assert ("body", b"bomba") in {(name, word) for name, word, *_ in ours}


def _written(folder, texts, whose) -> list[tuple[object, ...]]:
    folder.mkdir()
    uid, words = fields.ID(unique=True, stored=True), {"body": True, "stems": False}
    made = fields.Schema(uid=uid, **{name: schema.Words(phrase=phrase) for name, phrase in words.items()})
    index = FileStorage(str(folder)).create_index(made)
    writer = segments.Writer(index, most=2000) if whose == "ours" else index.writer()
    with writer:
        for number, text in enumerate(texts):
            writer.add_document(uid=str(number), body=text, stems=text)
    assert not [name for name in os.listdir(folder) if not name.endswith((".seg", ".toc", "_WRITELOCK"))]
    with index.reader() as reader:
        return list(_told(reader))


def _told(reader) -> Iterator[tuple[object, ...]]:
    for number, name in itertools.product(range(reader.doc_count()), ("body", "stems")):
        yield name, number, reader.doc_field_length(number, name)
    for name, word in reader.all_terms():
        info = reader.term_info(name, word)
        yield name, word, info.doc_frequency(), info.weight(), info.max_weight(), info.min_id(), info.max_id()
        matcher = reader.postings(name, word)
        while matcher.is_active():
            places = matcher.value_as("positions") if name == "body" else None
            yield name, word, matcher.id(), matcher.weight(), places
            matcher.next()


def test_what_is_too_much_for_the_memory_lies_in_the_folder_till_it_is_over(tmp_path):
    pool = segments.Pool(str(tmp_path), 2000)
    pool.add(("body", b"bomba", 0, 1.0, b"a"))
    assert not _opened(tmp_path)
    for number in range(1, 100):
        pool.add(("body", b"bomba", number, 1.0, b"a"))
    assert _opened(tmp_path)
    pool.cleanup()
    assert not _opened(tmp_path)


def _opened(folder) -> list[str]:
    links = [os.path.realpath(path) for path in pathlib.Path("/proc/self/fd").iterdir()]
    return [link for link in links if link.startswith(str(folder))]
