"""Entries for the tests of indexes, and how these are asked."""

import time

from search import grammar
from search.entries import Entry
from search.index import Found, Index, Position, Wanted


def entry(uid: int, title: str, *passages: str, language: str = "es", **more: object) -> Entry:
    given = {
        "uid": f"{uid:032x}",
        "number": 1,
        "language": language,
        "kind": "machine",
        "community": "comun",
        "changed": 1000 + uid,
        "title": title,
        "names": (),
        "passages": passages,
        "regions": (),
        "licences": ("CC-BY-SA-4.0",),
        "tasks": (),
    }
    return Entry(**(given | more))


SHELF = [
    entry(1, "Bomba de mecate", "Sube agua de pozo con una soga", "pistones de goma", regions=("NI", "BO", "BO-L")),
    entry(2, "Silo metálico para maíz", "Guarda el grano seco", tasks=("postharvest",), regions=("GT",)),
    entry(3, "Plantadeira de feijão", "Abre o sulco e planta", language="pt-BR", regions=("BR",)),
    entry(4, "Rainwater cistern", "Ferrocement tank", language="en", kind="structure", licences=("CC0-1.0",)),
    entry(5, "Ch'uñu", "Papa ñawpa", language="qu", kind="practice", names=(("es", "Chuño negro"),)),
]


def put(index: Index, *entries: Entry, gone: tuple[int, ...] = (), to: int = 11) -> None:
    with index.writing(wait=1) as writer:
        writer.put(entries, [f"{uid:032x}" for uid in gone], Position(to))


def ask(index: Index, text: str, language: str = "es", **more: object) -> Found:
    asked, narrow = grammar.read(text)
    given = {"language": language, "order": "relevance", "first": 0, "size": 50}
    return index.find(asked, more.pop("narrow", narrow), Wanted(**(given | more)))


def found(index: Index, text: str, **more: object) -> list[int]:
    return [int(uid, 16) for uid in ask(index, text, **more).uids]


def reread(index: Index, position: int) -> None:
    end = time.monotonic() + 2
    while index.position() != position:
        assert time.monotonic() < end
        time.sleep(0.02)
