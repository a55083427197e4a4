"""What a verb may refuse, without the words: doors turn each into a page or a problem in the reader's language."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was sent: where (`part`, `part/key`, `part/key/field`), which rule, and its figures."""

    place: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


class Refusal(Exception):
    """A request that cannot be carried out as it stands. Each kind has one HTTP status, given by the doors."""


class Invalid(Refusal):
    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{p.place}: {p.code}" for p in problems))
        self.problems = tuple(problems)


class Missing(Refusal):
    """There is no such thing, or it may not be told that there is."""


class Unauthorised(Refusal):
    """Nobody is signed in, and somebody must be."""


class Forbidden(Refusal):
    """Who is signed in has not the right that the act needs."""

    def __init__(self, act: str) -> None:
        super().__init__(act)
        self.act = act


class Blocked(Forbidden):
    """Who is signed in may not write until a moment."""

    def __init__(self, act: str, until: datetime.datetime) -> None:
        super().__init__(act)
        self.until = until


class Held(Forbidden):
    """It is held back from readers until somebody decides, and can't be written on meanwhile."""


class Gone(Refusal):
    """It was here and was taken away."""


class TooMany(Refusal):
    """The throttle is full. `seconds` says when to come back."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class TooLarge(Refusal):
    """More bytes were sent than the limit named."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"over {limit} bytes")
        self.limit = limit


class Busy(Refusal):
    """The store could not be written within the time limit; nothing was lost, nothing was written."""


class Stale(Refusal):
    """What was agreed to is no longer what stands."""
