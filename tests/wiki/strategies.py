"""Documents as people write them, from few distinct words and lines, so that two who edit often meet."""

from hypothesis import strategies as st

from wiki import document

WORDS = ["agua", "bomba", "de", "la", "mano", "niña", "12", "3.5", "ç", "(roja)", "manguera,", "[ver](a.org)", "{#b}"]
LINES = [
    "",
    "# Materiales",
    "- tornillo M8",
    "- tubo de PVC",
    "- tubo de PVC de 2 pulgadas",
    "| tubo | 2 |",
    "| tuerca | 4 |",
    "La bomba saca agua del pozo con la mano.",
    "Cavar de noche, cuando baja la luna.",
    "Ver [[comun/noria|la noria]].",
    "Ver [la bomba](https://a.org/bomba) del pozo.",
    "## La bomba {#bomba}",
]
KEYS = ["a", "b", "c", "d", "e", "f"]

sentences = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
line = st.sampled_from(LINES) | sentences


def joined(lines: list[str], ended: bool) -> str:
    return "\n".join(lines) + ("\n" if ended and lines else "")


texts = st.builds(joined, st.lists(line, max_size=7), st.booleans())


@st.composite
def edited_text(draw: st.DrawFn, text: str) -> str:
    """A text after a few edits: lines dropped, put in or written anew, words changed, the last newline
    too."""
    lines = text.removesuffix("\n").split("\n") if text else []
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines)))
        act = draw(st.sampled_from(["insert", "drop", "word", "word", "line", "copy"]))
        if act == "insert" or at == len(lines):
            lines.insert(at, draw(line))
        elif act == "drop":
            del lines[at]
        elif act == "line":
            lines[at] = draw(line)
        elif act == "copy":
            lines.insert(at, lines[at])
        else:
            words = lines[at].split(" ")
            words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
            lines[at] = " ".join(words)
    return joined(lines, draw(st.booleans()) if draw(st.booleans()) else text.endswith("\n"))


@st.composite
def text_triples(draw: st.DrawFn) -> tuple[str, str, str]:
    base = draw(texts)
    side = texts if draw(st.integers(0, 5)) == 0 else edited_text(base)
    return base, draw(side), draw(side)


sets = st.lists(st.sampled_from(["maíz", "frijol", "calabaza", "chile"]), max_size=4)
NOTES = [
    "Va al fondo.\nSe cambia cada año.\n",
    "Se corta con la sierra de mano, nunca con amoladora, porque el plástico se funde.",
    "Del mercado de Oruro\n- o de la casa\n",
]
notes = st.sampled_from(NOTES)
fields = st.fixed_dictionaries(
    {},
    optional={
        "name": sentences,
        "quantity": st.sampled_from(["1", "2", "12.5"]),
        "why": notes,
        "regions": sets,
    },
)


def with_key(key: str, row: dict[str, object]) -> dict[str, object]:
    return {"key": key, **row}


rows = st.lists(st.builds(with_key, st.sampled_from(KEYS), fields), max_size=6, unique_by=lambda row: row["key"])
documents = st.fixed_dictionaries(
    {},
    optional={"title": sentences, "body": texts, "tags": sets, "bom": rows, "odd": texts | sets | rows},
).map(document.clean)


@st.composite
def edited(draw: st.DrawFn, old: document.Document) -> document.Document:
    """A document after a sitting of editing."""
    made: dict[str, object] = dict(old)
    for name in draw(st.lists(st.sampled_from(["title", "body", "tags", "bom", "bom", "odd"]), max_size=3)):
        if draw(st.integers(0, 9)) == 0:
            made.pop(name, None)
        elif name in ("title", "body"):
            made[name] = draw(edited_text(str(made.get(name, ""))))
        elif name == "bom":
            made[name] = draw(edited_rows(document.rows(old, "bom")))
        else:
            made[name] = draw(sets if name == "tags" else texts | sets | rows)
    return document.clean(made)


@st.composite
def edited_rows(draw: st.DrawFn, old: list[document.Row]) -> list[dict[str, object]]:
    made: dict[str, dict[str, object]] = {str(row["key"]): dict(row) for row in old}
    for key in draw(st.lists(st.sampled_from(KEYS), max_size=3)):
        act = draw(st.sampled_from(["drop", "edit", "edit", "replace"]))
        row = made.get(key)
        if act == "drop" and row:
            del made[key]
        elif act == "edit" and row and isinstance(row.get("why"), str):
            row["why"] = draw(edited_text(str(row["why"])))
        else:
            made[key] = {"key": key, **((row or {}) if act == "edit" else {}), **draw(fields)}
    order = list(made)
    if order and draw(st.booleans()):
        order.insert(draw(st.integers(0, len(order))), order.pop(draw(st.integers(0, len(order) - 1))))
    return [made[key] for key in order]


@st.composite
def document_triples(draw: st.DrawFn) -> tuple[document.Document, document.Document, document.Document]:
    base = draw(documents)
    return base, draw(edited(base)), draw(edited(base))
