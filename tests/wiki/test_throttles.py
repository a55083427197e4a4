"""Counting how often somebody does something."""

import concurrent.futures
import secrets

import pytest

from tests.wiki.stores import everything
from wiki import errors, throttles

BOTH = pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)
"""For what the stores may do differently: waiting for each other, comparing bytes, refusing signs."""


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(context, monkeypatch):
    """A clock that stands still at the beginning of a span, and counting switched on."""
    clock = Clock()
    monkeypatch.setattr(throttles, "clock", clock)
    throttles.use(secrets.token_hex(), True)
    yield clock
    throttles.use("", False)


def guess(who="rosa", what="sign-in"):
    throttles.count(what, who, 3, 300)


def rows():
    return everything()["throttle"]


def test_once_more_than_the_limit_is_refused_until_the_span_is_over(clock):
    clock.now += 20.5
    for _ in range(3):
        guess()
    with pytest.raises(errors.TooMany) as refused:
        guess()
    assert refused.value.seconds == 280
    clock.now += 279
    with pytest.raises(errors.TooMany):
        guess()
    clock.now += 1
    guess()


def test_asking_is_refused_as_counting_is_and_writes_nothing(clock):
    for _ in range(3):
        throttles.check("sign-in", "rosa", 3, 300)
        guess()
    before = rows()
    with pytest.raises(errors.TooMany) as refused:
        throttles.check("sign-in", "rosa", 3, 300)
    assert refused.value.seconds == 300
    assert rows() == before


def test_people_and_acts_are_counted_apart(clock):
    for _ in range(3):
        guess()
    guess("tomas")
    guess(what="sign-up")
    with pytest.raises(errors.TooMany):
        guess()


@BOTH
def test_the_store_does_not_say_who_it_was(clock):
    people = ["203.0.113.77", "doña petrona", "\ud800", "a\0b", "", "x" * 10_000]
    for who in people:
        guess(who)
    held = rows()
    assert len(held) == len(people)
    assert not [who for who in people if who and who in "".join(held)]
    throttles.use("another key", True)
    guess(people[0])
    assert len(rows()) == len(people) + 1


def test_rows_go_when_their_span_is_over(clock):
    for who in "abc":
        guess(who)
    clock.now += 299
    guess("d")
    assert len(rows()) == 4
    clock.now += 1
    guess("e")
    assert len(rows()) == 1


def test_nothing_is_counted_when_it_is_off(clock):
    throttles.use("", False)
    for _ in range(5):
        guess()
        throttles.check("sign-in", "rosa", 3, 300)
    assert rows() == []


@BOTH
def test_those_who_come_at_once_are_all_counted(app, clock):
    def come(_):
        with app.app_context():
            try:
                throttles.count("write", "rosa", 10, 60)
            except errors.TooMany:
                return False
            return True

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(come, range(16))) == 10
