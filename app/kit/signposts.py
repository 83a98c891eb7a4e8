"""Signposts before the rooms: only the doors of the room that an address names are tried.

FastAPI tries the routes of the whole house in turn, scope and all; with 230 of them that was two thirds of what a list
costs the event loop. An address that no signpost knows, and a method that its room does not take, go to the router as
ever, which answers them as ever.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from starlette.routing import BaseRoute, Match, Route, Router, compile_path
from starlette.types import Receive, Scope, Send


class Room(NamedTuple):
    """`door`: what the router holds for the `routes`, which lie below `prefix`."""

    door: BaseRoute
    prefix: str
    routes: Sequence[BaseRoute]


class Signposts:
    """`router.middleware_stack = Signposts(router)`, once `lead_to` has named the doors; those of longer prefixes first."""

    def __init__(self, router: Router) -> None:
        self.router, self.past = router, router.middleware_stack
        self.ways: dict[str, dict[str, list[Room]]] = {}

    def lead_to(self, door: BaseRoute, routes: Sequence[BaseRoute], prefix: str = "") -> None:
        """`door`: what the router holds for a room's `routes`, included under `prefix`."""
        ways = self.ways.setdefault(prefix, defaultdict(list))
        for word in {_first_word(route) for route in routes}:
            ways[word].append(Room(door, prefix, routes))

    def methods(self, path: str) -> set[str]:
        """Every method that an address takes; empty where nothing is."""
        takes: set[str] = set()
        for _, prefix, routes in self.rooms(path):
            for route in routes:
                if isinstance(route, Route) and compile_path(prefix + route.path)[0].match(path):
                    takes |= route.methods or set()
        return takes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for door, _, _ in self.rooms(scope["path"]):
                match, found = door.matches(scope)
                if match is Match.FULL:
                    scope.update(found, router=self.router)
                    await door.handle(scope, receive, send)
                    return
        await self.past(scope, receive, send)

    def rooms(self, path: str) -> list[Room]:
        """Those that may answer: none for an address without a room's word."""
        parts = path.split("/")
        for prefix, ways in self.ways.items():
            place = prefix.count("/") + 1
            if place < len(parts) and path.startswith(prefix.partition("{")[0]):
                return ways.get(parts[place], [])
        return []


def _first_word(route: BaseRoute) -> str:
    word = str(getattr(route, "path", "/{}")).split("/")[1]
    assert "{" not in word, "below its prefix, every address of a room begins with a fixed word"
    return word
