"""How often somebody may do something. The counts are shared by all workers and written by acts that write anyway.

Who it was is kept only as a keyed hash, so that no address and no name stands in the store.
"""

import hashlib
import hmac
import math
import time

from sqlalchemy import delete

from wiki import db, errors
from wiki.db import session
from wiki.models import Throttle

clock = time.time

_key = b""
_on = True


def use(key: str, on: bool) -> None:
    """Set the key of the hashes, and whether anything is counted at all."""
    global _key, _on
    _key, _on = key.encode(), on


def _who(what: str, who: str) -> bytes:
    return hmac.digest(_key, f"{what}\0{who}".encode("utf-8", "surrogatepass"), hashlib.sha256)


def check(what: str, who: str, limit: int, seconds: int) -> None:
    """Raises `errors.TooMany` when something was counted `limit` times within the present span of seconds."""
    if not _on:
        return
    now = clock()
    row = session.get(Throttle, (_who(what, who), int(now // seconds)))
    if row is not None and row.count >= limit:
        raise errors.TooMany(math.ceil(seconds - now % seconds))


def count(what: str, who: str, limit: int, seconds: int) -> None:
    """Count it once more. Raises `errors.TooMany` when that was once too often."""
    if not _on:
        return
    now = clock()
    key, span = _who(what, who), int(now // seconds)

    def unit() -> int:
        row = session.get(Throttle, (key, span), with_for_update=True)
        if row is None:
            session.execute(delete(Throttle).where(Throttle.until <= db.moment_of(now)))
            row = Throttle(key=key, span=span, count=0, until=db.moment_of((span + 1) * seconds))
            session.add(row)
        row.count += 1
        return row.count

    if db.write(lambda: unit) > limit:
        raise errors.TooMany(math.ceil(seconds - now % seconds))
