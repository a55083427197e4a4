"""How much each test does: small in every run, whole when MINGA_LONG=1 (`make long`)."""

import os

long = os.environ.get("MINGA_LONG") == "1"
examples = 10_000 if long else 200


def of(usual: int, whole: int) -> int:
    return whole if long else usual
