"""The API's description: one OpenAPI 3.1 file in which every operation tells its refusals too (API.md rule 1)."""

import json
import re
from collections.abc import Mapping
from threading import Lock
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

PROBLEM = "application/problem+json"


class Mistake(BaseModel):
    """One thing that is wrong with what was sent. `pointer` is a JSON pointer into the request (RFC 6901)."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable: programs decide by it, people read `detail`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[Mistake] | None = Field(default=None)


SAYS = {
    400: "A cursor that was cut, or a body that is not JSON.",
    401: "Nobody is signed in, or the key is unknown, expired or revoked.",
    403: "Known, but without the right: no seat that gives it, or a key without the scope.",
    404: "Absent, or somebody else's: the answer is the same.",
    409: "A rule says no; `code` tells which.",
    413: "Larger than is taken here.",
    415: "Not a kind of content that is taken here.",
    422: "Malformed: `errors` names each place.",
    429: "Too often; see Retry-After.",
    503: "Busy, or out of service; see Retry-After.",
    507: "No room for what was sent; see Retry-After.",
}

Answers = dict[int | str, dict[str, Any]]


def problems(says: Mapping[int, str]) -> Answers:
    """Refusals as an operation's `responses`: status → what it means."""
    return {
        status: {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        for status, words in says.items()
    }


PROBLEMS = problems(SAYS)
"""What every operation may answer besides its success."""

SCHEMES = {
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid", "description": "The browser's session; same origin only."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, gz_live_…, with scopes like volunteering:read."},
}


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` give our description: made once, which takes seconds, so not to be asked for in the event loop."""
    one_at_a_time = Lock()

    def openapi() -> dict[str, Any]:
        with one_at_a_time:
            if app.openapi_schema is None:
                app.openapi_schema = _described(app)
            return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description="A residential compound governs itself: what its pages can do, programs can do here.",
        routes=app.routes,
        servers=[{"url": "/"}],
    )
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    components["securitySchemes"] = SCHEMES
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return _named_by_room(schema)


GIVEN_INSIDE: dict[str, dict[str, Any]] = {
    "slug": {
        "description": "The compound's short name, as in the addresses of its pages.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[a-z0-9-]+$"},
    },
    "token": {
        "description": "The secret of a link, as it was handed out.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[A-Za-z0-9_-]+$"},
    },
}
"""Parts of an address that the giver of the actor reads itself, so that FastAPI does not see them."""


_ANYBODYS = re.compile(r"app__([a-z]+)__[a-z_]+?__([A-Z]\w*)")
"""What FastAPI calls a model whose name two rooms use: a path in our source, which is nobody's business."""


def _named_by_room(schema: dict[str, Any]) -> dict[str, Any]:
    """Such models as `RenovationAnswerWish`, title and all: generated clients name their classes by the title."""
    for name, model in schema["components"]["schemas"].items():
        if shared := _ANYBODYS.fullmatch(name):
            model["title"] = f"{shared[1].title()}{shared[2]}"
    renamed: dict[str, Any] = json.loads(_ANYBODYS.sub(lambda found: found[1].title() + found[2], json.dumps(schema)))
    models = renamed["components"]["schemas"]
    assert len(models) == len(schema["components"]["schemas"]), "a room uses one name for two models"
    return renamed


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """What is true of every operation of a kind, so that no door has to repeat it."""
    for name, says in GIVEN_INSIDE.items():
        if f"{{{name}}}" in path:
            operation.setdefault("parameters", []).insert(0, {"name": name, "in": "path", "required": True, **says})
    sent = operation.get("requestBody", {}).get("content", {})
    if "image/*" in sent:  # the bytes decide what it is; generated clients know no ranges of types
        sent["application/octet-stream"] = sent["image/*"]
    made = operation["responses"].get("201")
    if method == "put" and made:
        made["description"] = "Made."
        operation["responses"] = {"200": {**made, "description": "The same was made before."}, **operation["responses"]}
