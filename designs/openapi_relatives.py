"""The description of the API of relatives: forks, pulls, proposals, the family."""

from designs.openapi import (
    DIGEST,
    LANGUAGE,
    LIMIT,
    NAME,
    NUMBER,
    SET,
    TEXT,
    Json,
    in_query,
    of_fields,
    page_of,
    reads,
    ref,
    writes,
)

PAGE = "/api/v1/designs/{community}/{slug}"
_NUMBERED = [
    *NAME,
    {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 9999}},
]
_VALUE: Json = {}


def paths() -> Json:
    place = {"id": {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "place": TEXT}
    conflict = of_fields({**place, "base": _VALUE, "here": _VALUE, "incoming": _VALUE})
    offer = of_fields(
        {
            **place,
            "kind": TEXT,
            "old": _VALUE,
            "new": _VALUE,
            "mine": _VALUE,
            "state": {"enum": ["new", "declared", "left-out"]},
        }
    )
    answers: Json = {"resolutions": {"type": "object"}, "note": TEXT, "agreed": SET}
    offered: Json = {"revision": NUMBER, "changes": SET, "note": TEXT, "agreed": SET}
    made = of_fields({"number": NUMBER, "digest": DIGEST})
    proposal = of_fields(
        {"number": NUMBER, "digest": DIGEST, "state": TEXT, "note": TEXT, "author": TEXT}, required=True
    )
    number = {"type": "integer", "minimum": 0}
    return {
        f"{PAGE}/forks": {
            "parameters": NAME,
            "post": writes(
                "Take it to a community, to be changed there",
                {
                    "community": TEXT,
                    "slug": TEXT,
                    "revision": NUMBER,
                    "relation": {"enum": ["adaptation", "translation", "variant"]},
                    "language": {"type": "string", "pattern": LANGUAGE},
                    "reasons": SET,
                    "note": TEXT,
                    "agreed": SET,
                },
                ref("Design"),
                status="201",
                needed=("community", "relation"),
            ),
        },
        f"{PAGE}/pull": {
            "parameters": NAME,
            "get": reads(
                "What the upstream or another relative offers, change by change",
                of_fields(
                    {
                        "from": TEXT,
                        "head": NUMBER,
                        "ancestor": DIGEST,
                        "changes": {"type": "array", "items": offer},
                        "conflicts": {"type": "array", "items": conflict},
                    }
                ),
                in_query("from", TEXT),
            ),
        },
        f"{PAGE}/pulls": {
            "parameters": NAME,
            "post": writes(
                "Take changes of the upstream or another relative, as they stood at its version `head`",
                {"from": TEXT, "head": NUMBER, "take": SET, **answers},
                ref("Saved"),
                needed=("head",),
            ),
        },
        f"{PAGE}/proposals": {
            "parameters": NAME,
            "get": reads("The proposals, newest first", page_of(proposal, number), in_query("before", number), LIMIT),
            "post": writes(
                "Offer it changes of a relative", {"from": TEXT, **offered}, made, status="201", needed=("from", "note")
            ),
        },
        f"{PAGE}/proposals/{{number}}": {
            "parameters": _NUMBERED,
            "get": reads("A proposal and what it changes", proposal),
            "put": writes("Offer anew, from a newer version", offered, made, needed=("note",)),
        },
        f"{PAGE}/proposals/{{number}}/acceptance": {
            "parameters": _NUMBERED,
            "post": writes("Accept what was read", {"digest": DIGEST, **answers}, ref("Saved"), needed=("digest",)),
        },
        f"{PAGE}/proposals/{{number}}/refusal": {
            "parameters": _NUMBERED,
            "post": writes(
                "Decline it, or withdraw one's own",
                {"reason": TEXT},
                of_fields({"number": NUMBER, "state": TEXT}),
                needed=("reason",),
            ),
        },
        f"{PAGE}/family": {
            "parameters": NAME,
            "get": reads("All that was forked from one beginning", page_of({"type": "object"}, number)),
        },
    }
