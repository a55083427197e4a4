"""What the engine is told of documents, which it does not understand by itself. `designs` replaces it at wiring."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from wiki import markup
from wiki.document import Document
from wiki.errors import Problem
from wiki.masking import Words


def text_parts(document: Document) -> Iterable[tuple[str, str]]:
    return ((name, part) for name, part in document.items() if isinstance(part, str) and name != "title")


def one_after_another(document: Document) -> Mapping[str, str]:
    return {"": "".join(markup.render(text, name) for name, text in text_parts(document))}


@dataclass
class Meaning:
    """`words` yields the places of a document that hold Markdown, with their text. `place` says a place in the words
    of readers. `check` says what keeps a document from being published. `follows` says what keeps one from being made
    of another, or, without that, from being begun anew elsewhere, as licences may; a problem with the value `condition`
    goes away when somebody agrees to it. `render` gives the HTML of a document for the
    readers of each language, and `version` names the renderer. Each of `after_save` is called in the write unit with
    the page's id and its new document, each of `after_redact` with words that were taken away."""

    words: Callable[[Document], Iterable[tuple[str, str]]] = text_parts
    place: Callable[[str, Document], str] = lambda place, document: place
    check: Callable[[Document], Sequence[Problem]] = lambda document: ()
    follows: Callable[[Document, Document | None], Sequence[Problem]] = lambda before, after: ()
    render: Callable[[Document], Mapping[str, str]] = one_after_another
    version: str = markup.VERSION
    after_save: tuple[Callable[[int, Document], None], ...] = ()
    after_redact: tuple[Callable[[Words], None], ...] = ()


_current = Meaning()


def use(meaning: Meaning) -> None:
    global _current
    _current = meaning


def current() -> Meaning:
    return _current
