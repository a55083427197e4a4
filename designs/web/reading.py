"""A document as people read it: its sheet as HTML, rendered at the save for each language of the site.

A sheet is kept whole and knows neither its page nor the language that it was written in, since forks and translations
begin with the same document. It is cut at CUT into the pieces between which the page says what only it knows.
"""

import re
from dataclasses import dataclass

from flask import current_app, g
from flask_babel import force_locale
from markupsafe import Markup

from designs import library, sheet
from designs.web import shown
from wiki import markup, revisions
from wiki.document import Document

CUT = "\x1e"
WRITTEN, READ = "\x1a", "\x1b"
"""Stand in a kept sheet for two languages: of the design, and of the labels within it. No document can hold them."""
LANG_WRITTEN, LANG_READ = (f' lang="{sign}"' for sign in (WRITTEN, READ))


@dataclass(frozen=True)
class Sheet:
    """The pieces of a sheet in the order in which a page holds them. `linked` is JSON; `parts` says how many things
    there are to buy or to borrow; `kind` is an id and `badge` its words."""

    meta: Markup
    linked: str
    parts: str
    kind: str
    badge: Markup
    lead: Markup
    picture: Markup
    facts: Markup
    rest: Markup


def language() -> str:
    tag: str = g.language
    return tag


def _cut(text: str, written: str) -> Sheet:
    """The pieces of a kept sheet, on a page that is written in a language."""
    if written == g.language:
        text = text.replace(LANG_WRITTEN, "").replace(LANG_READ, "")
    else:
        text = text.replace(WRITTEN, written).replace(READ, g.language)
    meta, linked, parts, kind, *rest = text.split(CUT)
    return Sheet(Markup(meta), linked, parts, kind, *map(Markup, rest))  # noqa: S704


def sheet_of(standing: library.Standing) -> Sheet:
    """The words of what stands on a page."""
    if standing.packed is None:
        return sheet_at(standing.snapshot_id, standing.language)
    return _cut(revisions.unpack_html(standing.packed), standing.language)


def sheet_at(snapshot_id: int | None, written: str) -> Sheet:
    """The words of a version. They passed the sanitiser when they were rendered. Raises `errors.Gone`."""
    return _cut(library.rendered(snapshot_id, g.language), written)


def sheet_html(content: Document) -> str:
    """The sheet of a document that is not stored, for this reader, to be looked at beside its form."""
    found = _cut(_render(content, _html(content), has_anchors=False), g.language)
    facts = Markup('<div class="facts">{}</div>').format(found.facts)
    return Markup("").join((found.badge, found.lead, found.picture, facts, found.rest))


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


def _render(content: Document, html: dict[str, str], *, has_anchors: bool = True) -> str:
    """Also at an import there is a document to render: without a request, so the template knows no `url_for`."""
    return current_app.jinja_env.get_template("designs/sheet.html").render(
        shown.of(content, html), W=WRITTEN, R=READ, CUT=CUT, has_anchors=has_anchors
    )
