"""What a design is called, beside what is asked."""

import pytest

from search import naming, words


def forms(text):
    return [words.stems(word) for word in words.folded(text)]


@pytest.mark.parametrize(
    ("called", "asked", "close"),
    [
        (["Bomba de mecate"], "bombas mecate", 1),
        (["Otra cosa", "Bomba de mecate"], "bomba mecate", 1),
        (["Bomba de mecate"], "bomba", 2 / 3),
        (["Bomba"], "bomba mecate", 2 / 3),
        (["Silo"], "bomba", 0),
        (["de la"], "bomba", 0),
        ([], "bomba", 0),
    ],
)
def test_closeness(called, asked, close):
    assert naming.closeness(called, forms(asked)) == pytest.approx(close)
