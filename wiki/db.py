"""The store: one engine, plain transactions to read, and the one way to write.

SQLite's and SQLAlchemy's defaults lose edits without an error: the driver sends no BEGIN before a SELECT, and a
transaction that begins by reading can't become a writer. So the driver's own transactions are off, reading begins
with BEGIN, and writing with BEGIN IMMEDIATE, in `write` only.
"""

import contextlib
import contextvars
import datetime
import functools
import itertools
import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Dialect, Engine, Integer, MetaData, Select, event, exc, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached
from sqlalchemy.types import TypeDecorator

from wiki import errors, limits

T = TypeVar("T")
M = TypeVar("M", bound="Base")

log = logging.getLogger("minga.db")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": False})
session = db.session

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A row number that SQLite can hand out by itself (only its INTEGER can)."""


class Moment(TypeDecorator[datetime.datetime]):
    """An aware UTC time in whole seconds, kept as seconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Any) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Any) -> datetime.datetime | None:
        return None if value is None else datetime.datetime.fromtimestamp(value, datetime.UTC)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def moment_of(seconds: float) -> datetime.datetime:
    """The moment at so many seconds since 1970."""
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC)


class Moved(Exception):
    """What was decided on has changed meanwhile: the request must be thought through again."""


_writing: contextvars.ContextVar[bool] = contextvars.ContextVar("writing", default=False)


def is_writing() -> bool:
    return _writing.get()


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Transactions begun meanwhile take the lock to write at once."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=268435456", "secure_delete=ON")
"""What is deleted is overwritten: words that were taken away lie in no free page."""
FORGET_SECONDS = 10


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": limits.WRITE_SECONDS}}
    # `first` asks beside the session, so each thread may hold two.
    room = {"pool_size": limits.THREADS, "max_overflow": limits.THREADS}
    return {"pool_pre_ping": True, "isolation_level": "REPEATABLE READ", **room}


def write(prepare: Callable[[], Callable[[], T]]) -> T:
    """Carry out one write request: `prepare` reads and decides, the unit it returns stores, and all is committed.

    `prepare` runs before the store is locked. When what it saw has moved, it runs again after a short random wait;
    from the third time on it runs with the lock held, so that nobody starves. `prepare` must begin anew each time.
    Raises what they raise, and `errors.Busy` after `limits.WRITE_SECONDS`.
    """
    end = time.monotonic() + limits.WRITE_SECONDS
    for turn in itertools.count(1):
        session.close()
        try:
            unit = prepare() if turn < limits.TURNS_BEFORE_LOCK else None
            session.close()
            with writing():
                session.connection()
                answer = (unit or prepare())()
                session.flush()
                _append_last_rows()
                session.commit()
            return answer
        except (Moved, exc.IntegrityError, exc.OperationalError) as error:
            if not _passing(error):
                raise
            if isinstance(error, exc.OperationalError):
                log.warning("turn %d of a write met %s", turn, error.orig)
            if time.monotonic() > end:
                raise errors.Busy from error
        finally:
            session.info.pop("last", None)
            session.close()
        time.sleep(random.uniform(0.001, 0.02 * min(turn, 5)))
    raise AssertionError("the loop above only ends by return or raise")


def _passing(error: Exception) -> bool:
    """Whether trying again can help: somebody else wrote first, or is still writing."""
    if isinstance(error, exc.DBAPIError):
        code = str(getattr(error.orig, "sqlstate", "") or "")
        words = str(error.orig)
        passing = ("40001", "40P01", "55P03", "23505")
        return "locked" in words or "UNIQUE" in words or code in passing or error.connection_invalidated
    return True


def first(statement: Select[Any], values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of a query, for the doors that are asked most.

    What SQLAlchemy prepares at each execution costs more than such a query, so its words are written once, and the
    driver is asked directly. `values` are text, numbers or bytes; lists of values can't be given.
    """
    engine = db.engine
    sql, given, order, readers = _written(statement, engine.dialect)
    named = {**given, **values}
    with contextlib.closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(sql, named if order is None else [named[name] for name in order])
        row = cursor.fetchone()
        cursor.close()
    if row is None:
        return None
    return tuple(value if read is None else read(value) for value, read in zip(row, readers, strict=True))


@functools.lru_cache(64)
def _written(
    statement: Select[Any], dialect: Dialect
) -> tuple[str, Mapping[str, Any], Sequence[str] | None, list[Any]]:
    """A statement in the words of a dialect, the values it has by itself, the order of its values where they have no
    names, and what reads each column."""
    compiled = statement.compile(dialect=dialect)
    readers = [
        column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.selected_columns
    ]
    return str(compiled), compiled.params, compiled.positiontup, readers


def standing(model: type[M], values: Sequence[Any]) -> M:
    """The row of a model as `first` read it, in the order of its table's columns, as if the session had loaded it."""
    row = model(**{column.key: value for column, value in zip(model.__table__.columns, values, strict=True)})
    make_transient_to_detached(row)
    return session.merge(row, load=False)


def forget() -> bool:
    """See to it that what was deleted lies nowhere on the disk any more: empty SQLite's log, which waits for those who
    still read an older state; rewrite PostgreSQL's tables. Whether that was possible within `FORGET_SECONDS`."""
    session.close()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (FULL)")
        return True
    end = time.monotonic() + FORGET_SECONDS
    with contextlib.closing(db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        while cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > end:
                log.warning("the log of the database could not be emptied: somebody reads all the time")
                return False
            time.sleep(0.1)
    return True


def last(row: Model) -> None:
    """Write this row after everything else of the unit: the order of its ids is then the order of commits."""
    session.info.setdefault("last", []).append(row)


def _append_last_rows() -> None:
    rows = session.info.pop("last", [])
    if rows and session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(1297696353)"))
    session.add_all(rows)
    session.flush()


def insert_missing(model: type[Model], **values: Any) -> None:
    """Insert a row unless one with the same unique value stands."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(model).values(**values).on_conflict_do_nothing())
