"""Whether the server is alive and can do its work."""

import os
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import exc

from wiki import journal

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    try:
        position, database = journal.head(), "ok"
    except exc.SQLAlchemyError:
        position, database = 0, "down"
    files = "ok" if os.access(current_app.config["DATA_DIR"], os.W_OK) else "down"
    down = "down" in (database, files)
    state, indexed = ("broken", 0) if database == "down" else current_app.extensions["minga.index_state"]()
    index: dict[str, Any] = {"state": state, "position": indexed, "journal": position}
    status = "down" if down else "ok" if state in ("ok", "off") else "degraded"
    return jsonify(status=status, database=database, files=files, index=index), 503 if down else 200
