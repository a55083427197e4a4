"""The piece of a file that shows why a page was found, when the page itself does not."""

from collections.abc import Iterator, Sequence

from search import entries, snippets, texts
from search.grammar import Asked
from search.snippets import Piece
from wiki import document
from wiki.document import Document

CHUNK = 2000
"""Characters of a file that are looked at together."""
MOST = 1_000_000
"""Characters of files that are looked at for one answer."""


class Looking:
    """Looks into the files of the pages of one answer."""

    def __init__(self) -> None:
        self._left = MOST

    def piece(self, said: Sequence[str], content: Document, asked: Asked) -> tuple[str, list[Piece]] | None:
        """The name of the first file of a page that bears words of what was asked which the page lacks, and the piece
        of it that shows them. `said` is what the page says."""
        attached = entries.attached(content)
        if not attached or self._left <= 0 or (lacking := snippets.lacking(said, asked)).is_empty:
            return None
        known = texts.of(attached)
        for sha256 in attached:
            chunks = list(_chunks(known.get(sha256) or ""))
            length = sum(map(len, chunks))
            self._left -= length
            place, pieces = snippets.best(chunks, lacking, far=length)
            if any(is_asked for _, is_asked in pieces):
                return _name(content, sha256), snippets.of([chunks[place]], asked)
            if self._left <= 0:
                break
        return None


def _chunks(text: str) -> Iterator[str]:
    """A text in parts that end where a line or a word does."""
    while text:
        end = len(text)
        if end > CHUNK:
            end = max(text.rfind("\n", CHUNK // 2, CHUNK), 0) or text.rfind(" ", CHUNK // 2, CHUNK) + 1 or CHUNK
        yield text[:end]
        text = text[end:]


def _name(content: Document, sha256: str) -> str:
    rows = (row for row in document.rows(content, "files") if row.get("sha256") == sha256)
    return next((str(row["name"]) for row in rows if row.get("name")), "")
