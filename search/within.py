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


def pieces(pages: Sequence[tuple[Sequence[str], Document]], asked: Asked) -> list[tuple[str, list[Piece]] | None]:
    """Of each page, given as what it says and its document: the name of the first of its files that bears words of what
    was asked which the page lacks, and the piece of it that shows them."""
    waiting = [(entries.attached(content), said, content) for said, content in pages]
    lacking = [snippets.lacking(said, asked) if attached else Asked() for attached, said, _ in waiting]
    wanted = [
        one for (attached, _, _), lack in zip(waiting, lacking, strict=True) if not lack.is_empty for one in attached
    ]
    known = texts.of(wanted) if wanted else {}
    left = MOST
    found: list[tuple[str, list[Piece]] | None] = []
    for (attached, _, content), lack in zip(waiting, lacking, strict=True):
        found.append(None)
        for sha256 in attached if not lack.is_empty else ():
            if left <= 0 or found[-1]:
                break
            chunks = list(_chunks(known.get(sha256) or ""))
            length = sum(map(len, chunks))
            left -= length
            place, shown = snippets.best(chunks, lack, far=length)
            if any(is_asked for _, is_asked in shown):
                found[-1] = _name(content, sha256), snippets.of([chunks[place]], asked)
    return found


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
