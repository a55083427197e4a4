"""Numbers as the reader's country writes them."""

import pytest
from flask import g

from wiki.web import speech


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("12345.5", "es", "12.345,5"),
        ("12345.5", "pt-BR", "12.345,5"),
        ("12345.5", "en", "12,345.5"),
        ("0.50", "es", "0,5"),
        ("media docena", "es", "media docena"),
        ("NaN", "en", "NaN"),
        ("1e999999", "es", "1e999999"),
        ("1e-999999", "es", "1e-999999"),
    ],
)
def test_a_number_is_written_as_in_the_language_and_what_is_none_stays(app, text, language, said):
    with app.test_request_context():
        g.language = language
        assert speech.quantity(text) == said
