"""Runs migrations within one transaction, so that a store is either before or after them, never between.

On SQLite a table is changed by copying it: with foreign keys on, dropping the old one would delete the rows of its
children. So they are off meanwhile, and are checked before anything is committed.
"""

from alembic import context

from wiki.db import db, writing


class BrokenReferences(Exception):
    """Rows would name others that are gone."""


engine = db.engine


def run() -> None:
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        try:
            with writing(), connection.begin():
                context.configure(
                    connection=connection,
                    target_metadata=db.metadata,
                    render_as_batch=True,
                    compare_type=True,
                    transactional_ddl=True,
                )
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1297696354)")
                with context.begin_transaction():
                    context.run_migrations()
                if is_sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise BrokenReferences(f"the migration would break references: {broken[:5]}")
        finally:
            if is_sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
