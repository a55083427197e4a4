"""A document as people read it: its sheet as HTML, rendered at the save for each language of the site.

A sheet is kept whole and knows neither its page nor the language that it was written in, since forks and translations
begin with the same document: signs that no document can hold stand for them. It is cut at CUT into the pieces between
which the page says what only it knows. Whatever follows from the document alone is here, so that reading is cheap.
"""

import re
from dataclasses import dataclass

from flask import current_app, g
from flask_babel import force_locale
from markupsafe import Markup, escape

from designs import library, sheet
from designs.web import shown
from wiki import bands, markup, revisions
from wiki.document import Document
from wiki.models import Revision

CUT = "\x1e"
WRITTEN, READ = "\x1a", "\x1b"
"""Stand in a kept sheet for two languages: of the design, and of the labels within it. No document can hold them."""
HOME, COMMUNITY, BASE, BAND = "\x1c", "\x1d", "\x1f", "\x01"
"""Stand for the address of the page, the name of its community, the address of the site, and a band where there is no
picture."""
LANG_WRITTEN, LANG_READ = (f' lang="{sign}"' for sign in (WRITTEN, READ))


@dataclass(frozen=True)
class Sheet:
    """The pieces of a sheet in the order in which a page holds them: `head` for its head, `linked` is JSON, `top` is
    all up to where the page tells what it knows, `rest` what follows."""

    head: Markup
    linked: str
    top: Markup
    rest: Markup


def language() -> str:
    tag: str = g.language
    return tag


def _cut(text: str, written: str, community: str, slug: str, base: str, seed: str) -> Sheet:
    """The pieces of a kept sheet, on the page that it stands on."""
    if written == g.language:
        text = text.replace(LANG_WRITTEN, "").replace(LANG_READ, "")
    else:
        text = text.replace(WRITTEN, written).replace(READ, g.language)
    head, linked, top, rest = text.split(CUT)
    home = f"/c/{community}/{slug}"
    head = head.replace(BASE, str(escape(base))).replace(HOME, home)
    top = top.replace(HOME, home).replace(COMMUNITY, community)
    if BAND in top:
        before, kind, after = top.split(BAND)
        top = before + bands.band(seed, kind, STRIP) + after
    return Sheet(Markup(head), linked, Markup(top), Markup(rest))  # noqa: S704


STRIP = 360
"""How many threads the band at the head of a design is across."""


def sheet_of(standing: library.Standing, base: str) -> Sheet:
    """The words of what stands on a page."""
    kept = standing.packed
    text = revisions.unpack_html(kept) if kept else library.rendered(standing.snapshot_id, g.language)
    return _cut(text, standing.language, standing.community, standing.slug, base, standing.uid.hex())


def sheet_at(standing: library.Standing, revision: Revision, base: str) -> Sheet:
    """The words of a version. They passed the sanitiser when they were rendered. Raises `errors.Gone`."""
    text = library.rendered(revision.snapshot_id, g.language)
    return _cut(text, revision.language, standing.community, standing.slug, base, standing.uid.hex())


def sheet_html(content: Document) -> str:
    """The sheet of a document that is not stored, for this reader, to be looked at beside its form."""
    found = _cut(_render(content, _html(content), is_preview=True), g.language, "", "", "", "")
    return Markup("").join((found.top, found.rest))


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


def _render(content: Document, html: dict[str, str], *, is_preview: bool = False) -> str:
    """Also at an import there is a document to render: without a request, so the template knows no `url_for`."""
    return current_app.jinja_env.get_template("designs/sheet.html").render(
        shown.of(content, html),
        W=WRITTEN,
        R=READ,
        CUT=CUT,
        HOME=HOME,
        COMMUNITY=COMMUNITY,
        BASE=BASE,
        BAND=BAND,
        is_preview=is_preview,
    )
