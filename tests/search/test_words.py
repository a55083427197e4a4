import pytest

from search import words


@pytest.mark.parametrize(
    ("language", "plural", "singular"),
    [
        ("es", "bombas", "bomba"),
        ("es", "maíces", "maíz"),
        ("es", "lombrices", "lombriz"),
        ("es", "conexiones", "conexión"),
        ("es", "azadones", "azadón"),
        ("es", "silos", "silo"),
        ("es", "motores", "motor"),
        ("pt", "feijões", "feijão"),
        ("pt", "grãos", "grão"),
        ("pt", "animais", "animal"),
        ("pt", "painéis", "painel"),
        ("pt", "irrigações", "irrigação"),
        ("pt", "plantadeiras", "plantadeira"),
        ("pt", "jardins", "jardim"),
        ("pt", "flores", "flor"),
        ("en", "cisterns", "cistern"),
        ("en", "berries", "berry"),
        ("en", "boxes", "box"),
        ("en", "branches", "branch"),
        ("en", "pumps", "pump"),
    ],
)
def test_a_plural_has_the_stem_of_its_singular(language, plural, singular):
    stem = words.STEMMERS[language]
    assert [stem(word) for word in words.folded(plural)] == [stem(word) for word in words.folded(singular)]


@pytest.mark.parametrize(("one", "other"), [("mecate", "mecha"), ("glass", "gla"), ("malla", "mal"), ("pozo", "poza")])
def test_other_words_keep_other_stems(one, other):
    assert not words.alike(one, other)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Maíz, maiz MAI\u0301Z", ["maiz", "maiz", "maiz"]),
        ("**negrita** __otra__ `código`", ["negrita", "otra", "codigo"]),
        ("ch'aki mbo’y g̃uyra", ["chaki", "mboy", "guyra"]),
        ("año/ano piñón", ["ano", "ano", "pinon"]),
        ("Straße ﬁbra œuf", ["strasse", "fibra", "œuf"]),
        ("¶ … — ¡!", []),
        ("1/2 pulgada 10mm", ["1", "2", "pulgada", "10mm"]),
        ("x" * 100, ["x" * words.LONGEST]),
    ],
)
def test_words_are_compared_without_case_accents_and_signs(text, folded):
    assert words.folded(text) == folded
