"""A signpost leads to its room, and away from it without looking at its doors."""

import anyio
import httpx
import pytest
from fastapi import APIRouter, FastAPI

from app.kit.signposts import Room, Signposts


def room(*paths: str) -> APIRouter:
    router = APIRouter()
    for path in paths:
        router.add_api_route(path, lambda: "", methods=["GET"])
    return router


@pytest.fixture
def house() -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    signposts = Signposts(app.router)
    for router, prefix in (
        (room("/money", "/money/entries/{id}"), "/c/{slug}"),
        (room("/money/bank"), "/c/{slug}"),
        (room("/", "/works"), "/c/{slug}"),
        (room("/login"), ""),
    ):
        app.include_router(router, prefix=prefix)
        signposts.lead_to(app.routes[-1], router.routes, prefix)
    app.router.middleware_stack = signposts
    return app


@pytest.mark.parametrize(
    ("path", "doors"),
    [
        ("/c/b/money", [0, 1]),
        ("/c/b/money/bank", [0, 1]),
        ("/c/b/works", [2]),
        ("/c/b/", [2]),
        ("/c/b/nothing", []),
        ("/c/b", []),
        ("/login", [3]),
        ("/", []),
        ("", []),
    ],
)
def test_only_the_doors_of_the_room_that_is_named_are_tried(house: FastAPI, path: str, doors: list[int]) -> None:
    signposts = house.router.middleware_stack
    assert isinstance(signposts, Signposts)
    assert [room.door for room in signposts.rooms(path)] == [house.routes[door] for door in doors]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/c/b/money/entries/7", 200),
        ("GET", "/c/b/money/bank", 200),
        ("GET", "/login", 200),
        ("POST", "/c/b/money", 405),
        ("GET", "/c/b/money/nothing", 404),
        ("GET", "/c/b/money/", 307),
        ("GET", "/nothing", 404),
    ],
)
def test_every_address_is_answered_as_without_signposts(
    house: FastAPI, method: str, path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(house), base_url="http://127.0.0.1") as client:
            return await client.request(method, path)

    with_them = anyio.run(answer)
    monkeypatch.setattr(Signposts, "rooms", lambda _self, _path: list[Room]())
    without = anyio.run(answer)
    assert (with_them.status_code, with_them.text) == (without.status_code, without.text)
    assert with_them.status_code == status


def test_an_address_tells_every_method_it_takes_whichever_room_has_it() -> None:
    app = FastAPI()
    signposts = Signposts(app.router)
    for method, path in (("GET", "/money/entries/{id}"), ("PUT", "/money/entries/{id}"), ("DELETE", "/money/{word}")):
        router = APIRouter()
        router.add_api_route(path, lambda: "", methods=[method])
        app.include_router(router, prefix="/c/{slug}")
        signposts.lead_to(app.routes[-1], router.routes, "/c/{slug}")
    assert signposts.methods("/c/b/money/entries/7") == {"GET", "PUT"}
    assert signposts.methods("/c/b/money/7") == {"DELETE"}
    assert signposts.methods("/c/b/money") == signposts.methods("/nothing") == set()


def test_a_room_that_answers_to_any_first_word_gets_no_signpost() -> None:
    app = FastAPI()
    anything = room("/{word}")
    with pytest.raises(AssertionError):
        Signposts(app.router).lead_to(app.routes[-1], anything.routes)
