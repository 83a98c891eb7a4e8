"""Every door of the house, as the application routes it: FastAPI no longer flattens included routers, so this walks them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute


@dataclass(frozen=True)
class DoorOf:
    method: str
    path: str
    route: APIRoute

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def doors(app: FastAPI) -> Iterator[DoorOf]:
    yield from _walk(app.routes, "")


def _walk(routes: Any, prefix: str) -> Iterator[DoorOf]:
    for route in routes:
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield DoorOf(method, prefix + route.path_format, route)
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from _walk(inner.routes, prefix + _prefix_of(route))


def _prefix_of(included: Any) -> str:
    return str(included.include_context.prefix)
