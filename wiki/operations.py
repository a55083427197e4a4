"""Write requests that carry a key apply once: the answer stands beside what was written, in the same commit."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from wiki import errors, limits
from wiki.db import now, session
from wiki.models import Account, Operation


@dataclass(frozen=True)
class Once:
    """The key of a request (at most 64 characters) and the SHA-256 of what it asks for."""

    key: str
    request: bytes


def find(once: Once | None, by: Account) -> dict[str, Any] | None:
    """The answer already given. Raises `errors.Invalid` when the key was used for another request."""
    if once is None:
        return None
    row = session.get(Operation, (by.id, once.key))
    if row is None:
        return None
    if row.request != once.request:
        raise errors.Invalid([errors.Problem("Idempotency-Key", "key-reused")])
    answer: dict[str, Any] = json.loads(row.answer)
    return answer


def remember(once: Once | None, by: Account, answer: dict[str, Any]) -> None:
    if once is None:
        return
    session.add(Operation(account_id=by.id, key=once.key, request=once.request, answer=json.dumps(answer)))
    old = now() - datetime.timedelta(days=limits.OPERATION_DAYS)
    session.execute(delete(Operation).where(Operation.at < old))
