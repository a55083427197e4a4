"""The one conflict screen: for each place that both changed, *here / incoming / both / write it*."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from wiki import diff, meaning, pages
from wiki.models import Page

CHOICE, WRITTEN = "choice-", "write-"
CHOICES = ("here", "incoming", "both")


def read(form: MultiDict[str, str]) -> dict[str, Any]:
    """The answers given on the screen, by the id of the conflict."""
    answers: dict[str, Any] = {}
    for name, choice in form.items():
        if name.startswith(CHOICE):
            id = name.removeprefix(CHOICE)
            if choice in CHOICES:
                answers[id] = choice
            elif choice == "write":
                answers[id] = {"write": form.get(WRITTEN + id, "")}
    return answers


def show(conflict: pages.Conflict, page: Page, *, action: str, said: str = "") -> ResponseReturnValue:
    """The screen, with all that was sent kept in it, so that nothing is lost if the head moves again meanwhile. `said`:
    what happened, where it was no late save."""
    asked = {c.id for c in conflict.merged.conflicts}
    sent = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "do")
        and not any(name.removeprefix(prefix) in asked for prefix in (CHOICE, WRITTEN) if name.startswith(prefix))
    ]
    shown = [(c, meaning.current().place(c.place, conflict.merged.document)) for c in conflict.merged.conflicts]
    page_html = render_template(
        "wiki/conflict.html",
        page=page,
        community=page.space.slug,
        conflicts=shown,
        head=conflict.head,
        sent=sent,
        action=action,
        said=said,
        words=_words,
    )
    return page_html, 409


def _words(old: object, new: object) -> list[tuple[str, str]]:
    return list(diff.words(text(old), text(new)))


def text(value: object) -> str:
    """A side of a conflict as text that can be read and edited."""
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {text(field)}" for name, field in value.items() if name != "key")
    if isinstance(value, list):
        return ", ".join(text(item) for item in value)
    return "" if value is None else str(value)
