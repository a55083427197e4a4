import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from search import grammar, snippets, web, words
from search.grammar import Asked
from tests import timing

LONG = "palabra " * 100


def shown(passages: list[str], text: str) -> str:
    """A piece with what was asked for in square brackets."""
    pieces = snippets.of(passages, grammar.read(text)[0])
    return "".join(f"[{part}]" if is_asked else part for part, is_asked in pieces)


@pytest.mark.parametrize(
    ("text", "passage", "expected"),
    [
        ("maiz", "El maíz seco", "El [maíz] seco"),
        ("maices", "El MAÍZ seco", "El [MAÍZ] seco"),
        ("luz", "con las luces", "con las [luces]"),
        ("feijões", "o feijão preto", "o [feijão] preto"),
        ("ação", "duas ações", "duas [ações]"),
        ("leões", "o leão", "o [leão]"),
        ("bio*", "Un biodigestor", "Un [biodigestor]"),
        ('"de agua"', "una bomba de agua", "una bomba de [agua]"),
        ("man", "manual", "manual"),
        ("eje", "**Engrase** el [eje](/x) cada mes", "Engrase el [eje] cada mes"),
        ("nada", "otra cosa", "otra cosa"),
        ("", "otra cosa", "otra cosa"),
    ],
)
def test_what_was_asked_for_is_marked(text, passage, expected):
    assert shown([passage], text) == expected


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Duas ações", "acao"),
        ("Leões", "leão"),
        ("El ch'uñu negro", "chuñu"),
        ("Straße", "strasse"),
        ("Una bo\u0301veda", "bóveda"),
        ("Bombas de mecate", "bomba mecates"),
    ],
)
def test_what_bears_all_words_is_told_however_it_is_written(text, asked):
    assert snippets.bears(text, grammar.read(asked)[0])
    assert not snippets.bears(text, grammar.read(f"{asked} silo")[0])


ROOTS = st.text("acelnorz", max_size=3)
PLURALS = ("s", "es", "os", "ces", "iones", "oes", "aes", "ais", "eis", "ns", "ies", "xes", "ches", "shes", "sses")
ENDINGS = st.sampled_from(("", "a", "e", "o", "z", "n", "ao", "al", "m", "y", "x", *PLURALS))


@given(ROOTS, ENDINGS, ENDINGS)
def test_all_words_with_a_stem_in_common_are_marked(root, one, other):
    asked, said = root + one, root + other
    assume(asked and words.alike(asked, said))
    assert snippets.bears(said, Asked((asked,)))
    assert snippets.of([f"un {said}"], Asked((asked,))) == [("un ", False), (said, True)]


def test_a_word_is_no_stem_of_another_by_itself():
    assert shown(["trases"], "tras") == "trases"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bomba retén", (("reten",), ())),
        ("la bomba de mecates", ((), ())),
        ('"bomba de retén" bio*', (("reten",), ("bio",))),
        ("meca*", ((), ())),
        ("de", ((), ())),
    ],
)
def test_what_the_texts_lack_is_told(text, left):
    lacking = snippets.lacking(["Una **bomba**", "de mecate"], grammar.read(text)[0])
    assert (lacking.terms, lacking.beginnings) == left


def test_the_place_with_most_words_is_shown():
    text = f"{LONG} bomba {LONG} la bomba de mecate sube agua {LONG}"
    piece = shown(["Otro resumen con bomba.", text], "bomba mecate agua")
    assert "la [bomba] de [mecate] sube [agua]" in piece
    assert piece.startswith("… ")
    assert piece.endswith(" …")
    assert len(piece) < 260


@given(st.text("ab <>&\"'\u0301íÍß*[]|#\n", max_size=400), st.text("abí ß<&", max_size=12))
def test_nothing_is_lost_or_let_through(passage, asked):
    pieces = snippets.of([passage], grammar.read(asked)[0])
    html = str(web.marked(pieces))
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare


@pytest.mark.parametrize("sign", ["[", "[[", "](", "\n", "#", "*", "- ", "'", "\u0300", "a'", "a ", "[[a|", "|", "1."])
def test_a_long_text_of_signs_takes_no_time(sign):
    asked = grammar.read("abc a bio*")[0]
    assert timing.cost(lambda: snippets.of([sign * (250_000 // len(sign))] * 3, asked)) < 0.5
