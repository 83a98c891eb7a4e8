"""The API's own pages: every operation, from the OpenAPI file, and every code a refusal may carry. No script, no CDN."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request

from app.access.scopes import SCOPES
from app.kit.answers import HTTP_SENTENCES
from app.kit.i18n import _
from app.kit.refusals import Refusal
from app.kit.requests import OneTransaction
from app.kit.views import View, bare_frame

router = APIRouter(route_class=OneTransaction, prefix="/api/v1/docs", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    kind: str
    required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    says: str
    known: bool
    """Whether it asks who is there."""
    parameters: tuple[Parameter, ...]
    takes: tuple[Parameter, ...]
    """The fields of the body."""
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    status: int
    says: str
    advice: str


@dataclass(frozen=True)
class ReferencePage(View):
    template = "access/reference.html"

    rooms: tuple[tuple[str, tuple[Operation, ...]], ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class ProblemsPage(View):
    template = "access/problems.html"

    problems: tuple[Problem, ...]


@router.get("")
def show_reference(request: Request) -> ReferencePage:
    rooms: dict[str, list[Operation]] = {}
    spec = request.app.openapi()
    for path, methods in spec.get("paths", {}).items():
        for method, said in methods.items():
            rooms.setdefault(said.get("tags", ["–"])[0], []).append(_operation(spec, path, method, said))
    listed = tuple((room, tuple(operations)) for room, operations in sorted(rooms.items()))
    return ReferencePage(bare_frame(request), listed, tuple(sorted(SCOPES)))


@router.get("/problems")
def show_problems(request: Request) -> ProblemsPage:
    return ProblemsPage(bare_frame(request), tuple(sorted(known_problems(), key=lambda problem: problem.code)))


def known_problems() -> Iterator[Problem]:
    """One for each class of refusal in the rooms that are open; its name is the `code`."""
    found: dict[str, type[Refusal]] = {}
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind is not Refusal and kind.__module__.startswith("app."):
            found[kind.__name__] = kind
    for code, kind in found.items():
        yield Problem(code, kind.status, _(kind.says) % _Named(), _(kind.advice) % _Named() if kind.advice else "")
    yield Problem("Fault", 500, _(HTTP_SENTENCES[500]), "")


class _Named(dict[str, str]):
    """A sentence's places by their names: there are no facts to fill in."""

    def __missing__(self, name: str) -> str:
        return f"‹{name}›"


def _operation(spec: dict[str, Any], path: str, method: str, said: dict[str, Any]) -> Operation:
    content: dict[str, Any] = said.get("requestBody", {}).get("content", {})
    body: dict[str, Any] = next((part.get("schema", {}) for part in content.values()), {})
    return Operation(
        said["operationId"],
        method.upper(),
        path,
        said.get("summary", ""),
        said.get("description", ""),
        bool(said.get("security")),
        tuple(
            Parameter(p["name"], p["in"], _kind(p.get("schema", {})), p.get("required", False), p.get("description", ""))
            for p in said.get("parameters", ())
        ),
        tuple(_fields(spec, body)),
        tuple((status, answer.get("description", "")) for status, answer in said.get("responses", {}).items()),
    )


def _fields(spec: dict[str, Any], schema: dict[str, Any]) -> Iterator[Parameter]:
    schema = _followed(spec, schema)
    for name, field in schema.get("properties", {}).items():
        yield Parameter(name, "body", _kind(field), name in schema.get("required", ()), field.get("description", ""))


def _followed(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_kind(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type", "object"))
