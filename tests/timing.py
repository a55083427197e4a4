"""What some work costs, so that it tells of the work and not of the hour: the processor of a rented machine may be
twice as slow for a while."""

import gc
import time
from collections import Counter
from collections.abc import Callable

TEXT = " ".join(f"w{number % 30_000}" for number in range(60_000))
USUAL = 0.0067
"""Seconds that the yardstick takes on the machine for which the bounds of the tests were set, when that is quiet."""


def cost(work: Callable[[], object]) -> float:
    """Seconds of a processor that some work takes by itself, had the machine its usual speed."""
    # What the tests before have left is not gone through while the work is done.
    gc.collect()
    gc.freeze()
    before, taken, after = _seconds(_yardstick), _seconds(work), _seconds(_yardstick)
    return taken * USUAL / min(before, after)


def _yardstick() -> None:
    """Some work of the kind that is measured: many small objects are made and looked up."""
    sorted(Counter(TEXT.split()).items())


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
