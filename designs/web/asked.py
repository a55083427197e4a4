"""What a request to the API sent: its object and fields, who asks, and the key under which it applies once."""

import hashlib
import json
from typing import Any

from flask import request

from wiki import document, errors, limits, throttles
from wiki.errors import Problem
from wiki.models import Account
from wiki.operations import Once
from wiki.web import session

Json = dict[str, Any]


def body() -> Json:
    """The object that was sent. Raises `errors.Invalid` for anything else."""
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        raise errors.Invalid([Problem("", "not-json")]) from None
    if not isinstance(body, dict):
        raise errors.Invalid([Problem("", "not-an-object")])
    return body


def text(body: Json, name: str, *, default: str | None = None) -> str:
    """A text field of a body, free of characters that can't be kept."""
    value = body.get(name, default)
    if value is None:
        raise errors.Invalid([Problem(name, "needed")])
    if not isinstance(value, str):
        raise errors.Invalid([Problem(name, "not-text")])
    return document.clean_text(value, name)


def number(body: Json, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < limits.NUMBER:
        raise errors.Invalid([Problem(name, "no-such-version")])
    return value


def agreed(body: Json) -> frozenset[str]:
    return frozenset(texts(body, "agreed"))


def texts(body: Json, name: str) -> list[str]:
    """A list of texts of a body, at most `limits.LIST_MAX`; none when it is not there."""
    value = body.get(name) or []
    if not isinstance(value, list) or len(value) > limits.LIST_MAX or not all(isinstance(one, str) for one in value):
        raise errors.Invalid([Problem(name, "not-texts")])
    return value


def by_name(body: Json, name: str) -> dict[str, str]:
    """An object of texts; empty when it is not there."""
    value = body.get(name) or {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise errors.Invalid([Problem(name, "not-an-object")])
    return value


def resolutions(body: Json) -> Json:
    value = body.get("resolutions") or {}
    if not isinstance(value, dict):
        raise errors.Invalid([Problem("resolutions", "not-an-object")])
    return value


def me() -> Account:
    account = session.bearer()
    if account is None:
        raise errors.Unauthorised
    throttles.count("write", account.handle, limits.WRITES_PER_MINUTE, 60)
    return account


def once(body: object) -> Once | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= 64:
        raise errors.Invalid([Problem("Idempotency-Key", "too-long", {"limit": 64})])
    asked = json.dumps([request.method, request.path, body], sort_keys=True).encode()
    return Once(key, hashlib.sha256(asked).digest())


def limit() -> int:
    return min(max(request.args.get("limit", limits.HISTORY_PER_PAGE, type=int), 1), limits.LIST_MAX)
