"""Making a server ready: migrations and the common space."""

import flask_migrate
from flask import current_app
from sqlalchemy import inspect

from wiki import spaces
from wiki.db import db


def migrate(schema: str = "head") -> None:
    """Bring the store to a schema, the newest if none is named. Safe when several processes begin at once."""
    flask_migrate.Migrate(current_app, db, directory=current_app.config["MIGRATIONS"])
    flask_migrate.upgrade(revision=schema)
    db.session.remove()


def make_ready() -> bool:
    """Prepare the store; says whether it was new."""
    first = not inspect(db.engine).has_table("page")
    migrate()
    spaces.ensure_common()
    return first
