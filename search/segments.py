"""Writes segments as Whoosh does, with the postings of each term kept together from the start.

The library sorts single postings, writes them to the disk and merges them again. Documents come by rising number: the
postings of a term are in order as they come, and only terms need to be sorted.
"""

import heapq
import itertools
import operator
import pickle
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO, Any, TypeAlias

from whoosh.codec.whoosh3 import W3PostingsWriter
from whoosh.writing import SegmentWriter

from search import held

MOST_BYTES = 64 * 2**20
"""So much of postings is held in memory before it is put on the disk."""
POSTING, TERM = 40, 400
"""Bytes that a posting takes besides its value, and a term besides its postings."""

Term = tuple[str, bytes]
"""A field and a word of it."""
Kept: TypeAlias = "tuple[array[int], array[float], list[bytes]]"
"""The numbers of the documents that bear a term, how often, and where; nothing for fields without places."""


class Pool:
    """Postings on their way into a segment, in the folder of the index when they are many."""

    def __init__(self, folder: str, most: int) -> None:
        self._folder, self._most = folder, most
        self._terms: dict[Term, Kept] = {}
        self._size = 0
        self._runs: list[IO[bytes]] = []

    def add(self, posting: tuple[str, bytes, int, float, bytes]) -> None:
        """A field, a word of it, the number of a document, how often it stands there, and where. The numbers rise."""
        name, word, number, weight, value = posting
        try:
            numbers, weights, values = self._terms[name, word]
        except KeyError:
            numbers, weights, values = self._terms[name, word] = array("I"), array("f"), []
            self._size += TERM
        numbers.append(number)
        weights.append(weight)
        if value:
            values.append(value)
        self._size += POSTING + len(value)
        if self._size > self._most:
            self._put_by()

    def _sorted(self) -> list[tuple[Term, Kept]]:
        return sorted(self._terms.items(), key=operator.itemgetter(0))

    def _put_by(self) -> None:
        # A file without a name: nobody has to take it away.
        run = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        self._runs.append(run)
        for one in self._sorted():
            pickle.dump(one, run, 5)
        self._terms, self._size = {}, 0

    def terms(self) -> Iterator[tuple[Term, Kept]]:
        """All terms in order, each with its postings by rising number."""
        together = heapq.merge(*map(_read, self._runs), self._sorted(), key=operator.itemgetter(0))
        for term, parts in itertools.groupby(together, key=operator.itemgetter(0)):
            (numbers, weights, values), *rest = (kept for _, kept in parts)
            for more in rest:
                numbers.extend(more[0])
                weights.extend(more[1])
                values.extend(more[2])
            yield term, (numbers, weights, values)

    def cleanup(self) -> None:
        while self._runs:
            self._runs.pop().close()


def _read(run: IO[bytes]) -> Iterator[tuple[Term, Kept]]:
    run.seek(0)
    while True:
        try:
            yield pickle.load(run)  # noqa: S301 - we wrote it, and nobody else has had the file.
        except EOFError:
            return


class Writer(SegmentWriter):  # type: ignore[misc]
    """Adds a segment to an index."""

    def __init__(self, index: Any, most: int = MOST_BYTES) -> None:
        super().__init__(index)
        self.pool = Pool(index.storage.folder, most)

    def _flush_segment(self) -> None:
        """Lengths of fields are not told to the blocks: they serve to weigh words by, which we do."""
        self.perdocwriter.close()
        writer = self.fieldwriter
        for name, terms in itertools.groupby(self.pool.terms(), key=lambda pair: pair[0][0]):
            writer.start_field(name, self.schema[name])
            for (_, word), kept in terms:
                writer.start_term(word)
                _write_blocks(writer._postwriter, *kept)
                writer.finish_term()
            writer.finish_field()
        writer.close()


def _write_blocks(writer: Any, numbers: "array[int]", weights: "array[float]", values: list[bytes]) -> None:
    """Give the postings of a term to the library's writer of blocks, all but the last of which are then written."""
    size = writer._blocklimit
    for begin in range(0, len(numbers), size):
        if begin:
            writer._write_block()
        end = begin + size
        writer._ids, writer._weights, writer._values = numbers[begin:end], weights[begin:end], values[begin:end]
        writer._maxweight = max(writer._weights)


def writer(index: Any) -> Any:
    """What adds a segment to an index: ours where the library is the one that is known, else its own."""
    if held.is_known(W3PostingsWriter, held.KNOWN_POSTINGS):
        return Writer(index)
    return index.writer(limitmb=MOST_BYTES // 2**20)
