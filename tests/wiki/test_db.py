"""The one way to write: locked before it stores, tried again when others were first, nothing by halves."""

import contextlib
import datetime
import sqlite3

import pytest
from sqlalchemy import exc

from wiki import db, errors, limits, spaces
from wiki.models import Account, Space


@pytest.fixture
def other(app, context):
    """Somebody else at the same store, who does not wait."""
    with contextlib.closing(sqlite3.connect(app.config["DATA_DIR"] / "minga.db", timeout=0)) as connection:
        connection.isolation_level = None
        yield connection


def test_the_store_is_locked_before_a_unit_begins_and_not_while_it_is_prepared(other):
    seen = []

    def try_to_lock():
        try:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
            seen.append("free")
        except sqlite3.OperationalError:
            seen.append("locked")

    def prepare():
        spaces.find("comun")
        try_to_lock()
        return try_to_lock

    db.write(prepare)
    try_to_lock()
    assert seen == ["free", "locked", "free"]


def test_what_has_moved_is_thought_through_again_and_from_the_third_time_on_with_the_lock_held(other):
    turns = []

    def prepare():
        turns.append(db.is_writing())

        def unit():
            if len(turns) < 4:
                raise db.Moved
            return "done"

        return unit

    assert db.write(prepare) == "done"
    assert turns == [False, False, True, True]


def test_one_who_is_never_let_in_is_told_so(other, monkeypatch):
    monkeypatch.setattr(limits, "WRITE_SECONDS", 0)

    def unit():
        raise db.Moved

    with pytest.raises(errors.Busy):
        db.write(lambda: unit)


def test_a_wrong_row_is_an_error_and_not_tried_again(context):
    turns = []

    def unit():
        turns.append(1)
        db.session.add(Account(handle=None, passphrase="x"))
        db.session.flush()

    with pytest.raises(exc.IntegrityError):
        db.write(lambda: unit)
    assert turns == [1]


def test_nothing_is_kept_of_a_unit_that_failed(context):
    def unit():
        db.session.add(Space(slug="a-medias"))
        db.session.flush()
        raise RuntimeError("corte de luz")

    with pytest.raises(RuntimeError):
        db.write(lambda: unit)
    assert spaces.find("a-medias") is None


def test_times_are_aware_and_in_whole_seconds(rosa):
    assert db.session.get(Account, rosa.id).at.tzinfo is datetime.UTC
    with pytest.raises(ValueError, match="time zone"):
        db.Moment().process_bind_param(datetime.datetime(2026, 1, 1), None)  # noqa: DTZ001


def test_sqlite_is_set_so_that_no_power_cut_takes_a_commit(context):
    with db.db.engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
