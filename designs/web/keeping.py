"""Keeping what somebody writes and has not saved yet."""

import re

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from designs.web import words
from wiki import drafts, errors, history, spaces
from wiki.models import Page, Space
from wiki.web import session

blueprint = Blueprint("writing", __name__)

BEGUN = "new/"
"""Before the operation's key, the place of a draft of a page that is not there yet."""
OP = re.compile(r"[0-9a-f]{1,64}")
UNKEPT = frozenset({"csrf_token", "do"})


def space_asked() -> Space:
    return spaces.get(request.values.get("community") or spaces.COMMON)


@blueprint.post("/new/draft")
def keep_new() -> ResponseReturnValue:
    """Keep or throw away what somebody writes of a page that is not there yet."""
    me, op = session.me(), request.form.get("op", "")
    if OP.fullmatch(op) is None:
        raise errors.Missing("draft")
    if request.form.get("do") == "discard":
        drafts.discard(BEGUN + op, by=me)
        return redirect(url_for(".new"), 303)
    drafts.keep(BEGUN + op, _sent(), on=space_asked(), by=me, title=request.form.get("title", ""))
    return _kept(url_for(".new", draft=op, kept=1))


def place_of(page: Page | drafts.Opened, section: str) -> str:
    """The place of a draft: what is written of one section never stands in for what is written of the whole."""
    return (
        f"page/{page.id}/{section}" if section in {id for id, _label, _names in words.SECTIONS} else f"page/{page.id}"
    )


@blueprint.post("/c/<community>/<slug>/edit/draft")
def keep(community: str, slug: str) -> ResponseReturnValue:
    """Keep or throw away what somebody writes of a page."""
    page = history.get_page(community, slug)
    me, section = session.me(), request.form.get("section", "")
    if request.form.get("do") == "discard":
        drafts.discard(place_of(page, section), by=me)
        return redirect(url_for(".edit", community=community, slug=page.slug), 303)
    drafts.keep(place_of(page, section), _sent(), on=page, by=me, title=page.title)
    return _kept(url_for(".edit", community=community, slug=page.slug, draft=1, kept=1, section=section or None))


def _sent() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in UNKEPT]


def _kept(address: str) -> ResponseReturnValue:
    return ("", 204) if is_scripted() else redirect(address, 303)


def is_scripted() -> bool:
    """Whether the form's own script asks, which stays on the page."""
    return request.headers.get("Accept") == "application/json"
