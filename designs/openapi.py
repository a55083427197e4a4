"""The description of the API in OpenAPI 3.1, made from the list of fields."""

from typing import Any

from designs import sheet, vocabulary
from wiki import limits

Json = dict[str, Any]

LANGUAGE = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"


def languages() -> frozenset[str]:
    """The languages that a design may be written in, as BCP 47."""
    return frozenset(vocabulary.get("languages")) | {"es", "pt-BR", "en"}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Json, *, required: bool = True, **more: Any) -> Json:
    return {
        "type": "object",
        "properties": properties,
        **({"required": list(properties)} if required else {}),
        **more,
    }


TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer", "minimum": 1, "exclusiveMaximum": limits.NUMBER}
DIGEST: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
UID: Json = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
MOMENT: Json = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
SET: Json = {"type": "array", "items": TEXT}


def _field(field: sheet.Field) -> Json:
    if field.shape == "text":
        return TEXT
    if field.shape == "set":
        return SET
    columns = {c.name: SET if c.is_set else TEXT for c in field.columns}
    row = {"type": "object", "properties": {"key": TEXT, **columns}, "required": ["key"]}
    return {"type": "array", "items": row}


def _schemas() -> Json:
    value: Json = {}
    version = {
        "number": NUMBER,
        "digest": DIGEST,
        "parents": {"type": "array", "items": DIGEST},
        "author": TEXT,
        "at": MOMENT,
        "note": TEXT,
    }
    place = {"id": {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "place": TEXT}
    upstream = _object({"url": TEXT, "number": {"type": "integer"}, "digest": TEXT, "relation": TEXT})
    problem = _object({"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "request_id": TEXT})
    problem["properties"]["errors"] = {"type": "array", "items": _object({"place": TEXT, "message": TEXT})}
    conflicts = {
        "type": "array",
        "items": _object({**place, "base": value, "here": value, "incoming": value}),
    }
    problem["properties"] |= {"head": NUMBER, "conflicts": conflicts}
    return {
        "Document": {"type": "object", "properties": {f.name: _field(f) for f in sheet.FIELDS}},
        "Design": _object(
            {
                "uid": UID,
                "url": TEXT,
                "community": TEXT,
                "slug": TEXT,
                "kind": TEXT,
                "language": TEXT,
                "title": TEXT,
                **version,
                "document": _ref("Document"),
                "licence": {"type": "object", "additionalProperties": TEXT},
                "upstream": {"anyOf": [upstream, {"type": "null"}]},
                "behind": {"type": "integer", "minimum": 0},
                "state": {"enum": ["published", "retired", "held"]},
            }
        ),
        "Saved": _object(
            {"number": NUMBER, "digest": DIGEST, "saved": {"type": "boolean"}, "merged": {"type": "boolean"}}
        ),
        "Card": _object(dict.fromkeys(("url", "community", "slug", "title", "summary", "kind", "language"), TEXT)),
        "Version": _object(
            {**version, "origin": TEXT, "verb": TEXT, "language": TEXT},
        ),
        "Edit": _object(
            {**place, "kind": {"enum": ["added", "removed", "changed", "moved"]}, "old": value, "new": value}
        ),
        "Problem": problem,
    }


def _list(item: Json, cursor: Json) -> Json:
    return _object({"items": {"type": "array", "items": item}, "next": {"anyOf": [cursor, {"type": "null"}]}})


def _answer(schema: Json, status: str = "200") -> Json:
    return {status: {"description": "As asked", "content": {"application/json": {"schema": schema}}}}


def _problems(*statuses: int) -> Json:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    words = {
        400: "Not understood",
        401: "A token is needed",
        403: "The role is too low",
        404: "Not here",
        405: "Another method is needed",
        409: "Both changed the same place",
        410: "Taken away",
        413: "Too large",
        422: "Something needs to be put right",
        429: "Too many in a row",
        503: "Busy",
    }
    return {str(status): {"description": words[status], "content": content} for status in statuses}


def _query(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


_NAME = [
    {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,79}$"},
    }
    for name in ("community", "slug")
]
_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[ -~]+$"},
    "description": "A repeated request with the same key is carried out once and gets the first answer.",
}
_LIMIT = _query("limit", {"type": "integer", "minimum": 1, "maximum": limits.LIST_MAX})


def _read(summary: str, schema: Json, *parameters: Json, problems: tuple[int, ...] = ()) -> Json:
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {**_answer(schema), **_problems(403, 404, 410, 422, *problems)},
    }


def _write(summary: str, body: Json | None, schema: Json, *, status: str = "200", needed: tuple[str, ...] = ()) -> Json:
    asked = _object(body or {}, required=False)
    if needed:
        asked["required"] = list(needed)
    sent = {"requestBody": {"required": bool(needed), "content": {"application/json": {"schema": asked}}}}
    return {
        "summary": summary,
        "security": [{"token": []}],
        "parameters": [_ONCE],
        **(sent if body is not None else {}),
        "responses": {
            **_answer(schema, status),
            **_problems(400, 401, 403, 404, 409, 410, 413, 422, 429, 503),
        },
    }


_more: Json = {}


def also(paths: Json) -> None:
    """Describe the operations of other rooms too."""
    _more.update(paths)


def description(server: str, name: str) -> Json:
    """The whole description, for a site of this name at this address."""
    note = {"note": TEXT}
    revision = {"revision": NUMBER, **note}
    resolutions = {"resolutions": {"type": "object"}}
    state = _object({"state": {"enum": ["published", "retired"]}})
    page = "/api/v1/designs/{community}/{slug}"
    number = {"type": "integer", "minimum": 0}
    position = {"type": "integer"}
    paths: Json = {
        "/api/v1/designs": {
            "get": _read(
                "The designs, the last changed first",
                _list(_ref("Card"), position),
                *(_query(n, TEXT) for n in ("q", "kind", "language", "community")),
                _query("page", {"type": "integer", "minimum": 1}),
                _LIMIT,
            ),
            "post": _write(
                "Begin a design",
                {
                    "community": TEXT,
                    "slug": TEXT,
                    "language": {"type": "string", "pattern": LANGUAGE},
                    "document": _ref("Document"),
                    **note,
                },
                _ref("Design"),
                status="201",
                needed=("community", "language", "document"),
            ),
        },
        page: {
            "parameters": _NAME,
            "get": _read("A design, at will at an older version", _ref("Design"), _query("revision", NUMBER)),
            "put": _write(
                "Save a whole document, begun from the version `base`",
                {"base": NUMBER, "document": _ref("Document"), **note, **resolutions},
                _ref("Saved"),
                needed=("base", "document"),
            ),
        },
        f"{page}/history": {
            "parameters": _NAME,
            "get": _read(
                "The versions, newest first",
                _list(_ref("Version"), position),
                _query("documents", {"enum": ["0", "1"]}),
                _query("before", number),
                _LIMIT,
            ),
        },
        f"{page}/compare": {
            "parameters": _NAME,
            "get": _read(
                "What differs between two versions",
                _object({"changes": {"type": "array", "items": _ref("Edit")}}),
                _query("from", NUMBER, required=True),
                _query("to", NUMBER, required=True),
            ),
        },
        f"{page}/blame": {
            "parameters": _NAME,
            "get": _read(
                "Which version brought each line or field",
                _object({"lines": {"type": "array"}, "rows": {"type": "object"}}),
                _query("part", TEXT),
            ),
        },
        f"{page}/undo": {
            "parameters": _NAME,
            "post": _write(
                "Take back one version and keep the later ones",
                revision | resolutions,
                _ref("Saved"),
                needed=("revision",),
            ),
        },
        f"{page}/restore": {
            "parameters": _NAME,
            "post": _write("Make an older version the newest", revision, _ref("Saved"), needed=("revision",)),
        },
        f"{page}/rename": {
            "parameters": _NAME,
            "post": _write(
                "Give it another name", {"slug": TEXT}, _object({"slug": TEXT, "url": TEXT}), needed=("slug",)
            ),
        },
        f"{page}/retirement": {
            "parameters": _NAME,
            "put": _write("Take it out of all lists", note, state),
            "delete": _write("Bring it back", None, state),
        },
        "/api/v1/files": {
            "post": {
                "summary": "Keep a photo or drawing, made safe",
                "security": [{"token": []}],
                "parameters": [_query("name", TEXT)],
                "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}},
                "responses": {
                    **_answer(_object({"sha256": DIGEST, "type": TEXT, "bytes": NUMBER, "url": TEXT}), "201"),
                    **_problems(400, 401, 403, 413, 422, 429, 503),
                },
            }
        },
        "/api/v1/communities": {
            "get": _read("The communities", _list(_object({"slug": TEXT, "designs": {"type": "integer"}}), position))
        },
        "/api/v1/me": {
            "get": {
                "summary": "Whose token this is",
                "security": [{"token": []}],
                "responses": {
                    **_answer(_object({"uid": UID, "handle": TEXT, "admin": {"type": "boolean"}})),
                    **_problems(401, 422),
                },
            }
        },
        "/api/v1/changes": {
            "get": _read(
                "The journal after a position, in its order",
                _list({"type": "object"}, position),
                _query("since", number),
                _LIMIT,
            )
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": "1", "license": {"name": "AGPL-3.0-or-later"}},
        "servers": [{"url": server}],
        "paths": paths | _more,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
