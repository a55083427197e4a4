"""The description of the API in OpenAPI 3.1, made from the list of fields."""

from typing import Any

from designs import sheet, vocabulary
from wiki import limits

Json = dict[str, Any]

HANDLE = "^[a-z0-9][a-z0-9-]{0,29}$"
LANGUAGE = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"


def languages() -> frozenset[str]:
    """The languages that a design may be written in, as BCP 47."""
    return frozenset(vocabulary.get("languages")) | {"es", "pt-BR", "en"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def of_fields(properties: Json, *, required: bool = True, **more: Any) -> Json:
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
    upstream = of_fields({"url": TEXT, "number": {"type": "integer"}, "digest": TEXT, "relation": TEXT})
    problem = of_fields(
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "request_id": TEXT}
    )
    problem["properties"]["errors"] = {"type": "array", "items": of_fields({"place": TEXT, "message": TEXT})}
    conflicts = {
        "type": "array",
        "items": of_fields({**place, "base": value, "here": value, "incoming": value}),
    }
    problem["properties"] |= {"head": NUMBER, "conflicts": conflicts}
    return {
        "Document": {"type": "object", "properties": {f.name: _field(f) for f in sheet.FIELDS}},
        "Design": of_fields(
            {
                "uid": UID,
                "url": TEXT,
                "community": TEXT,
                "slug": TEXT,
                "kind": TEXT,
                "language": TEXT,
                "title": TEXT,
                **version,
                "document": ref("Document"),
                "licence": {"type": "object", "additionalProperties": TEXT},
                "upstream": {"anyOf": [upstream, {"type": "null"}]},
                "behind": {"type": "integer", "minimum": 0},
                "state": {"enum": ["published", "retired", "held"]},
            }
        ),
        "Saved": of_fields(
            {"number": NUMBER, "digest": DIGEST, "saved": {"type": "boolean"}, "merged": {"type": "boolean"}}
        ),
        "Card": of_fields(dict.fromkeys(("url", "community", "slug", "title", "summary", "kind", "language"), TEXT)),
        "Version": of_fields(
            {**version, "origin": TEXT, "verb": TEXT, "language": TEXT},
        ),
        "Edit": of_fields(
            {**place, "kind": {"enum": ["added", "removed", "changed", "moved"]}, "old": value, "new": value}
        ),
        "Problem": problem,
    }


def page_of(item: Json, cursor: Json) -> Json:
    return of_fields({"items": {"type": "array", "items": item}, "next": {"anyOf": [cursor, {"type": "null"}]}})


def answer(schema: Json, status: str = "200") -> Json:
    return {status: {"description": "As asked", "content": {"application/json": {"schema": schema}}}}


def problems(*statuses: int) -> Json:
    content = {"application/problem+json": {"schema": ref("Problem")}}
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


def in_query(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


NAME = [
    {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,79}$"},
    }
    for name in ("community", "slug")
]
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[ -~]+$"},
    "description": "A repeated request with the same key is carried out once and gets the first answer.",
}
LIMIT = in_query("limit", {"type": "integer", "minimum": 1, "maximum": limits.LIST_MAX})


def reads(summary: str, schema: Json, *parameters: Json, also: tuple[int, ...] = ()) -> Json:
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {**answer(schema), **problems(403, 404, 410, 422, *also)},
    }


def writes(summary: str, body: Json | None, schema: Json, *, status: str = "200", needed: tuple[str, ...] = ()) -> Json:
    asked = of_fields(body or {}, required=False)
    if needed:
        asked["required"] = list(needed)
    sent = {"requestBody": {"required": bool(needed), "content": {"application/json": {"schema": asked}}}}
    return {
        "summary": summary,
        "security": [{"token": []}],
        "parameters": [ONCE],
        **(sent if body is not None else {}),
        "responses": {
            **answer(schema, status),
            **problems(400, 401, 403, 404, 409, 410, 413, 422, 429, 503),
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
    state = of_fields({"state": {"enum": ["published", "retired"]}})
    page = "/api/v1/designs/{community}/{slug}"
    number = {"type": "integer", "minimum": 0}
    position = {"type": "integer"}
    names = {"type": "object", "additionalProperties": TEXT}
    community = of_fields({"slug": TEXT, "url": TEXT, "names": names, "regions": SET, "languages": SET})
    given = of_fields({"handle": TEXT, "role": TEXT})
    paths: Json = {
        "/api/v1/designs": {
            "get": reads(
                "The designs, the last changed first",
                page_of(ref("Card"), position),
                *(in_query(n, TEXT) for n in ("q", "kind", "language", "community")),
                in_query("page", {"type": "integer", "minimum": 1}),
                LIMIT,
            ),
            "post": writes(
                "Begin a design",
                {
                    "community": TEXT,
                    "slug": TEXT,
                    "language": {"type": "string", "pattern": LANGUAGE},
                    "document": ref("Document"),
                    **note,
                },
                ref("Design"),
                status="201",
                needed=("community", "language", "document"),
            ),
        },
        page: {
            "parameters": NAME,
            "get": reads("A design, at will at an older version", ref("Design"), in_query("revision", NUMBER)),
            "put": writes(
                "Save a whole document, begun from the version `base`",
                {"base": NUMBER, "document": ref("Document"), **note, **resolutions, "agreed": SET},
                ref("Saved"),
                needed=("base", "document"),
            ),
        },
        f"{page}/history": {
            "parameters": NAME,
            "get": reads(
                "The versions, newest first",
                page_of(ref("Version"), position),
                in_query("documents", {"enum": ["0", "1"]}),
                in_query("before", number),
                LIMIT,
            ),
        },
        f"{page}/compare": {
            "parameters": NAME,
            "get": reads(
                "What differs between two versions",
                of_fields({"changes": {"type": "array", "items": ref("Edit")}}),
                in_query("from", NUMBER, required=True),
                in_query("to", NUMBER, required=True),
            ),
        },
        f"{page}/blame": {
            "parameters": NAME,
            "get": reads(
                "Which version brought each line or field",
                of_fields({"lines": {"type": "array"}, "rows": {"type": "object"}}),
                in_query("part", TEXT),
            ),
        },
        f"{page}/undo": {
            "parameters": NAME,
            "post": writes(
                "Take back one version and keep the later ones",
                revision | resolutions,
                ref("Saved"),
                needed=("revision",),
            ),
        },
        f"{page}/restore": {
            "parameters": NAME,
            "post": writes("Make an older version the newest", revision, ref("Saved"), needed=("revision",)),
        },
        f"{page}/rename": {
            "parameters": NAME,
            "post": writes(
                "Give it another name", {"slug": TEXT}, of_fields({"slug": TEXT, "url": TEXT}), needed=("slug",)
            ),
        },
        f"{page}/retirement": {
            "parameters": NAME,
            "put": writes("Take it out of all lists", note, state),
            "delete": writes("Bring it back", None, state),
        },
        "/api/v1/files": {
            "post": {
                "summary": "Keep a photo or drawing, made safe",
                "security": [{"token": []}],
                "parameters": [in_query("name", TEXT)],
                "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}},
                "responses": {
                    **answer(of_fields({"sha256": DIGEST, "type": TEXT, "bytes": NUMBER, "url": TEXT}), "201"),
                    **problems(400, 401, 403, 413, 422, 429, 503),
                },
            }
        },
        "/api/v1/communities": {
            "get": reads("The communities", page_of(community, TEXT), in_query("after", TEXT), LIMIT),
            "post": writes(
                "Found a community",
                {
                    "slug": TEXT,
                    "names": names,
                    "regions": SET,
                    "languages": SET,
                    "currency": TEXT,
                    "licences": names,
                    "welcome": TEXT,
                },
                community,
                status="201",
                needed=("slug", "names"),
            ),
        },
        "/api/v1/communities/{community}/people/{handle}": {
            "parameters": [
                NAME[0],
                {"name": "handle", "in": "path", "required": True, "schema": {"type": "string", "pattern": HANDLE}},
            ],
            "put": writes("Give somebody a role", {"role": {"enum": ["member", "steward"]}}, given, needed=("role",)),
            "delete": writes("Take a role away", None, given),
        },
        "/api/v1/regions": {"get": reads("Countries, subdivisions and biomes", page_of({"type": "object"}, TEXT))},
        "/api/v1/me": {
            "get": {
                "summary": "Whose token this is",
                "security": [{"token": []}],
                "responses": {
                    **answer(of_fields({"uid": UID, "handle": TEXT, "admin": {"type": "boolean"}})),
                    **problems(401, 422),
                },
            }
        },
        "/api/v1/changes": {
            "get": reads(
                "The journal after a position, in its order",
                page_of({"type": "object"}, position),
                in_query("since", number),
                LIMIT,
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
