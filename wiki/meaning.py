"""What the engine is told of documents, which it does not understand by itself. `designs` replaces it at wiring."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wiki.document import Document
from wiki.errors import Problem


def text_parts(document: Document) -> Iterable[tuple[str, str]]:
    return ((name, part) for name, part in document.items() if isinstance(part, str) and name != "title")


@dataclass
class Meaning:
    """`place` says a place in the words of readers.
    `words` yields the places of a document that hold Markdown, with their text; `check` says what keeps a document
    from being published; each of `after_save` is called in the write unit with the page's id and its new document."""

    words: Callable[[Document], Iterable[tuple[str, str]]] = text_parts
    check: Callable[[Document], Sequence[Problem]] = lambda document: ()
    place: Callable[[str, Document], str] = lambda place, document: place
    after_save: tuple[Callable[[int, Document], None], ...] = ()


_current = Meaning()


def use(meaning: Meaning) -> None:
    global _current
    _current = meaning


def current() -> Meaning:
    return _current
