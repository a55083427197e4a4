"""Saying that something is wrong, and deciding about it: the queue, holding back, blocking, what people are told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wiki import access, accounts, blocks, errors, files, flags, history, holds, limits, notices
from wiki.errors import Problem
from wiki.models import Account, File, Flag, Page
from wiki.web import files as file_doors
from wiki.web import session

blueprint = Blueprint("care", __name__)

PAGE = re.compile(r"/c/([^/]+)/([^/]+)(?:/r/([0-9]{1,9}))?")
FILE = re.compile(r"/files/([0-9a-f]{64})(?:/.*)?")


@dataclass(frozen=True)
class Thing:
    """What is spoken of: a page, one of its versions, or a file; `path` is its address."""

    path: str
    page: Page | None = None
    number: int | None = None
    file: File | None = None


def _thing() -> Thing:
    """The thing whose address the form or the question names. Raises `errors.Missing`."""
    path = request.values.get("of", "")
    if (found := PAGE.fullmatch(path)) is not None:
        page = history.get_page(found[1], found[2])
        return Thing(path, page, int(found[3]) if found[3] else None)
    if (found := FILE.fullmatch(path)) is not None:
        return Thing(path, file=files.get(found[1]))
    raise errors.Missing(path)


def _show(template: str, status: int = 200, problems: Sequence[Problem] = (), **more: Any) -> ResponseReturnValue:
    return render_template(f"wiki/care/{template}.html", problems=problems, **more), status


@blueprint.route("/care/flag", methods=["GET", "POST"])
def flag() -> ResponseReturnValue:
    access.check("flag", None, session.who())
    me, thing = session.me(), _thing()
    shown: dict[str, Any] = {
        "thing": thing,
        "reason": request.form.get("reason", ""),
        "said": request.form.get("words", ""),
    }
    if request.method == "GET":
        return _show("flag", **shown, done="done" in request.args)
    try:
        flags.flag(shown["reason"], shown["said"], page=thing.page, number=thing.number, file=thing.file, by=me)
    except errors.Invalid as invalid:
        return _show("flag", 422, invalid.problems, **shown)
    return redirect(url_for(".flag", of=thing.path, done=1), 303)


def _decider() -> Account:
    """Who is signed in, if there is anything for them to decide. Raises `errors.Forbidden`."""
    me = session.me()
    if not flags.is_steward(me):
        raise errors.Forbidden("decide")
    return me


@blueprint.get("/care")
def queue() -> ResponseReturnValue:
    me = _decider()
    after = min(request.args.get("after", 0, type=int), limits.NUMBER)
    found = flags.waiting(by=me, after=after, limit=limits.QUEUE_PER_PAGE + 1)
    shown = found[: limits.QUEUE_PER_PAGE]
    more = shown[-1].id if len(found) > len(shown) else None
    answers = notices.replies(by=me) if me.is_admin else ()
    return _show("queue", flags=shown, address=address, more=more, total=flags.count_waiting(by=me), answers=answers)


def address(found: Flag) -> str:
    """Where what a flag is about is to be had."""
    if found.file is not None:
        return file_doors.address(found.file)
    if found.page is None:
        return "/"
    where: dict[str, Any] = {"community": found.page.space.slug, "slug": found.page.slug}
    if found.number is None:
        return url_for("library.read", **where)
    return url_for("library.revision", **where, number=found.number)


@blueprint.route("/care/flags/<int:id>", methods=["GET", "POST"])
def decide(id: int) -> ResponseReturnValue:
    me, found = session.me(), flags.get(id)
    access.check("decide", found.page, me)
    shown: dict[str, Any] = {"flag": found, "address": address(found), "said": request.form.get("answer", "")}
    if request.method == "GET":
        return _show("decide", **shown)
    try:
        flags.close(found, shown["said"], by=me)
    except errors.Invalid as invalid:
        return _show("decide", 422, invalid.problems, **shown)
    return redirect(url_for(".queue"), 303)


@blueprint.route("/care/hold", methods=["GET", "POST"])
def hold() -> ResponseReturnValue:
    """Hold a version or a file back, or release it."""
    me, thing = session.me(), _thing()
    access.check("hold" if thing.page else "hold-file", thing.page, me)
    note, releases = request.form.get("note", ""), request.form.get("do") == "release"
    is_held = _is_held(thing)
    if request.method == "GET":
        return _show("hold", thing=thing, is_held=is_held, note="")
    try:
        if thing.file is not None:
            (holds.release_file if releases else holds.hold_file)(thing.file, by=me, note=note)
        elif thing.page is not None and thing.number is not None:
            (holds.release if releases else holds.hold)(thing.page, thing.number, by=me, note=note)
    except errors.Invalid as invalid:
        return _show("hold", 422, invalid.problems, thing=thing, is_held=is_held, note=note)
    return redirect(url_for(".hold", of=thing.path), 303)


def _is_held(thing: Thing) -> bool:
    if thing.file is not None:
        return thing.file.held
    assert thing.page is not None
    revision = history.find_revision(thing.page.id, thing.number or 0)
    if revision is None:
        raise errors.Missing(thing.path)
    return revision.held


@blueprint.route("/people/<handle>/block", methods=["GET", "POST"])
def block(handle: str) -> ResponseReturnValue:
    access.check("block", None, session.who())
    me, account = session.me(), accounts.get_by_handle(handle)
    shown: dict[str, Any] = {
        "account": account,
        "days": request.form.get("days", "7"),
        "note": request.form.get("note", ""),
    }
    if request.method == "GET":
        return _show("block", **shown)
    try:
        if request.form.get("do") == "unblock":
            blocks.unblock(account, by=me, note=shown["note"])
        else:
            blocks.block(account, request.form.get("days", 0, type=int), by=me, note=shown["note"])
    except errors.Invalid as invalid:
        return _show("block", 422, invalid.problems, **shown)
    return redirect(url_for("library.person", handle=handle), 303)


@blueprint.post("/account/notices/<int:id>")
def reply(id: int) -> ResponseReturnValue:
    me = session.me()
    said = request.form.get("reply", "")
    try:
        notices.reply(id, said, by=me)
    except errors.Invalid as invalid:
        return _show("notices", 422, invalid.problems, notices=notices.of(me), answering=id, said=said)
    return redirect(url_for(".told"), 303)


@blueprint.get("/account/notices")
def told() -> ResponseReturnValue:
    me = session.me()
    return _show("notices", notices=notices.of(me), answering=0, said="")
