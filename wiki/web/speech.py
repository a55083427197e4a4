"""Sentences, dates and numbers of templates in the reader's language.

Templates ask for some thirty sentences a page. Flask-Babel looks up the request, the domain and the locale for each;
here the catalogue of a language is found once and a sentence without figures is kept as the markup that it becomes.
"""

import datetime
import decimal
import functools
from collections.abc import Callable
from typing import Any

from babel import Locale, dates, numbers
from babel.support import NullTranslations, Translations
from flask import Flask, g
from markupsafe import Markup, escape

DIGITS = 30
"""Numbers further from 1 than so many places are shown as they were written."""


class Speech:
    """The sentences of one language."""

    def __init__(self, folder: str, language: str) -> None:
        self.locale = Locale.parse(language, sep="-")
        self.catalogue = _catalogue(folder, str(self.locale))
        self.kept: dict[str, Markup] = {}

    def say(self, sentence: str) -> Markup:
        found = self.kept.get(sentence)
        if found is None:
            found = self.kept[sentence] = Markup(self.catalogue.gettext(sentence))  # noqa: S704
        return found

    def count(self, one: str, many: str, number: int) -> Markup:
        return Markup(self.catalogue.ngettext(one, many, number))  # noqa: S704


@functools.cache
def _catalogue(folder: str, locale: str) -> NullTranslations:
    return Translations.load(folder, [locale])


def setup(app: Flask) -> None:
    """Give templates `_`, `gettext`, `ngettext` and the filters `moment`, `day`, `age`, `quantity` and `weight`."""
    speeches = {tag: Speech(app.config["TRANSLATIONS"], tag) for tag in app.config["LANGUAGES"]}

    def say(sentence: str, **values: Any) -> Markup:
        found = speeches[g.language].say(sentence)
        return found % {name: escape(value) for name, value in values.items()} if values else found

    def count(one: str, many: str, number: int, **values: Any) -> Markup:
        shown = {name: escape(value) for name, value in values.items()}
        return speeches[g.language].count(one, many, number) % {"num": number, **shown}

    app.jinja_env.globals.update(_=say, gettext=say, ngettext=count, kept=frame(app))
    app.jinja_env.filters.update(moment=moment, day=day, age=age, quantity=quantity, weight=weight)


def frame(app: Flask) -> Callable[..., Markup]:
    """Gives templates `kept`: a part of the page that depends on nothing but its values, rendered once for each."""

    @functools.lru_cache(512)
    def rendered(name: str, language: str, values: tuple[tuple[str, str], ...]) -> Markup:
        template = app.jinja_env.get_template(name)
        return Markup(template.render(language=language, **dict(values)))  # noqa: S704

    def kept(name: str, **values: str) -> Markup:
        return rendered(name, g.language, tuple(values.items()))

    return kept


def moment(at: datetime.datetime) -> str:
    """A time as people of the language write it, in UTC."""
    return _moment(at, g.language)


@functools.lru_cache(4096)
def _moment(at: datetime.datetime, language: str) -> str:
    locale = Locale.parse(language, sep="-")
    return f"{dates.format_date(at, 'medium', locale=locale)}, {dates.format_time(at, 'short', locale=locale)}"


def age(at: datetime.datetime) -> str:
    """How long ago that was, in the largest unit that says it."""
    passed = datetime.datetime.now(datetime.UTC) - at
    return str(dates.format_timedelta(passed, locale=Locale.parse(g.language, sep="-")))


def day(at: datetime.datetime) -> str:
    return str(dates.format_date(at, "long", locale=Locale.parse(g.language, sep="-")))


def weight(bytes: int) -> str:
    """How much a file weighs, as the reader's language writes it."""
    return _weight(bytes, g.language)


def _weight(bytes: int, language: str) -> str:
    kilo = max(1, round(bytes / 1000))
    number, unit = (kilo, "kB") if kilo < 1000 else (round(kilo / 1000, 1), "MB")
    return f"{numbers.format_decimal(number, locale=Locale.parse(language, sep='-'))} {unit}"


def quantity(text: str | None) -> str:
    """A decimal string as the reader's language writes it; any other text as it is."""
    return _quantity(text or "", g.language)


@functools.lru_cache(4096)
def _quantity(text: str, language: str) -> str:
    try:
        number = decimal.Decimal(text)
    except decimal.InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > DIGITS:
        return text
    return str(numbers.format_decimal(number, locale=Locale.parse(language, sep="-"), decimal_quantization=False))
