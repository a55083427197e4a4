"""A document as people read it: its sheet as HTML, rendered at the save for each language of the site."""

import re

from flask import current_app, g
from flask_babel import force_locale
from markupsafe import Markup

from designs import library, sheet
from designs.web import words
from wiki import markup, revisions
from wiki.document import Document


def language() -> str:
    tag: str = g.language
    return tag


def sheet_of(standing: library.Standing) -> Markup:
    """The words of what stands on a page."""
    if standing.packed is None:
        return sheet_at(standing.snapshot_id)
    return Markup(revisions.unpack_html(standing.packed))  # noqa: S704


def sheet_at(snapshot_id: int | None) -> Markup:
    """The words of a version. They passed the sanitiser when they were rendered. Raises `errors.Gone`."""
    return Markup(library.rendered(snapshot_id, g.language))  # noqa: S704


def sheet_html(content: Document) -> str:
    """The sheet of a document that is not stored, for this reader."""
    return _render(content, _html(content))


def sheets(content: Document) -> dict[str, str]:
    """The sheet of a document for the readers of each language of the site."""
    html, kept, found = _html(content), g.get("language"), {}
    for tag in current_app.config["LANGUAGES"]:
        with force_locale(tag.replace("-", "_")):
            g.language = tag
            found[tag] = _render(content, html)
    g.language = kept
    return found


PREFIX = re.compile("[^a-z0-9-]")
"""What may not stand in the prefix of ids that is made of a place."""


def _html(content: Document) -> dict[str, str]:
    """The HTML of each place of a document that holds Markdown."""
    return {place: markup.render(text, PREFIX.sub("-", place)[:80]) for place, text in sheet.markdown(content)}


def _render(content: Document, html: dict[str, str]) -> str:
    """Also at an import there is a document to render: without a request, so the template knows no `url_for`."""
    return current_app.jinja_env.get_template("designs/sheet.html").render(
        document=content,
        html=html,
        language=g.language,
        words=words,
        licences=sheet.licences(content),
        fields=sheet.BY_NAME,
    )
