"""Looking into a store, whichever it is."""

from sqlalchemy import select

from wiki.db import db, session


def everything() -> dict[str, list[str]]:
    """All rows of all tables, as text. Bytes that are text are read as text."""
    found = {}
    for table in db.metadata.sorted_tables:
        rows = session.execute(select(table)).all()
        found[table.name] = sorted(" | ".join(_said(value) for value in row) for row in rows)
    session.rollback()
    return found


def _said(value: object) -> str:
    return f"{value.hex()} {value.decode(errors='replace')}" if isinstance(value, bytes) else str(value)
