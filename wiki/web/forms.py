"""What all forms share. WTForms reads the flat ones; rights, rules and their words are not its business."""

import hashlib
import secrets

from flask import request
from wtforms import Form as Form

from wiki.operations import Once


def new_op() -> str:
    """The key of a form that has not been sent yet."""
    return secrets.token_hex(16)


def once(op: str | None) -> Once | None:
    """What makes a form that is sent twice apply once. Going back and sending something else is another request, so
    what was sent is part of the key."""
    if not op:
        return None
    sent = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    digest = hashlib.sha256(repr((request.path, sent)).encode("utf-8", "surrogatepass")).digest()
    return Once(digest.hex(), digest)


def lines(text: str) -> str:
    """A text as browsers send it, with the line ends that are kept."""
    return text.replace("\r\n", "\n")
