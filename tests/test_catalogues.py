"""Every sentence is said in every language."""

import pathlib
import re

import pytest
from babel.messages import pofile
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = pathlib.Path(__file__).parents[1]
FOLDER = ROOT / "wiki" / "translations"
WORDS = {"_": None, "__": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
FIGURE = re.compile(r"%\(\w+\)[sd]|%")


def sentences() -> set[str | tuple[str, ...]]:
    with (FOLDER / "babel.cfg").open() as config:
        method, options = parse_mapping_cfg(config)
    found = extract_from_dir(ROOT, method_map=method, options_map=options, keywords=WORDS, comment_tags=())
    return {message for _, _, message, _, _ in found if message}


@pytest.fixture(scope="module")
def said() -> set[str | tuple[str, ...]]:
    found = sentences()
    assert len(found) > 150
    return found


@pytest.mark.parametrize("locale", ["es", "pt_BR"])
def test_a_catalogue_says_every_sentence_with_its_figures(said, locale):
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = pofile.read_po(file, locale=locale)
    assert not catalogue.fuzzy, "without its head a catalogue is not compiled, and nothing is translated"
    wrong = []
    for sentence in said:
        singular = sentence if isinstance(sentence, str) else sentence[0]
        message = catalogue.get(singular)
        texts = [] if message is None else [message.string] if isinstance(message.string, str) else message.string
        if not texts or not all(texts) or (message is not None and message.fuzzy):
            wrong.append((singular, "not said"))
        elif isinstance(sentence, str):
            wrong += [(singular, t) for t in texts if sorted(FIGURE.findall(t)) != sorted(FIGURE.findall(sentence))]
    assert wrong == []
