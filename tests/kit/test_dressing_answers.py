"""What every answer carries, whatever happened inside."""

from typing import Any

import anyio
import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from app.kit import headers
from app.kit.headers import Headers, permissions_policy, request_id


def house() -> FastAPI:
    app, rooms = FastAPI(), APIRouter(prefix="/shifts")

    @rooms.get("/{shift_id}")
    async def show_shift(shift_id: str) -> dict[str, str]:
        return {"heard": request_id()}

    @rooms.get("/{shift_id}/photo")
    async def show_photo(shift_id: str, response: Response) -> str:
        response.headers["Cache-Control"] = "private, max-age=60"
        return ""

    @rooms.get("/{shift_id}/door")
    async def read_codes(shift_id: str, response: Response) -> str:
        response.headers["Permissions-Policy"] = permissions_policy(camera=True)
        return ""

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError("王阿姨")

    app.include_router(rooms, prefix="/c/{slug}")
    app.add_api_route("/static/{path:path}", lambda path: path)
    return app


def ask(path: str, *, https: bool = False, app: Any = None, **said: str) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(Headers(app or house(), https=https), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path, headers={name.replace("_", "-"): value for name, value in said.items()})

    return anyio.run(get)


def test_every_answer_carries_the_security_headers() -> None:
    for path in ("/c/fengshu/shifts/1", "/c/fengshu/shifts/1/photo", "/nowhere", "/broken", "/static/base.css"):
        answer = ask(path)
        assert answer.headers["content-security-policy"] == (
            "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
            "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
            "frame-ancestors 'none'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["permissions-policy"].startswith("camera=(), geolocation=(self), microphone=()")


def test_the_camera_is_for_the_page_that_says_so() -> None:
    (policy,) = ask("/c/fengshu/shifts/1/door").headers.get_list("permissions-policy", split_commas=False)
    assert policy.startswith("camera=(self), geolocation=(self), microphone=()")


def test_https_is_asked_for_only_where_people_come_by_https() -> None:
    assert "max-age=31536000" in ask("/nowhere", https=True).headers["strict-transport-security"]
    assert "strict-transport-security" not in ask("/nowhere").headers


def test_nothing_is_kept_by_caches_unless_the_route_says_so() -> None:
    assert ask("/c/fengshu/shifts/1").headers["cache-control"] == "no-store"
    assert ask("/broken").headers["cache-control"] == "no-store"
    assert ask("/c/fengshu/shifts/1/photo").headers.get_list("cache-control") == ["private, max-age=60"]
    assert "cache-control" not in ask("/static/base.css").headers


def test_a_request_id_goes_in_and_out_and_is_known_inside() -> None:
    answer = ask("/c/fengshu/shifts/1", x_request_id="abc-1.2_Z")
    assert answer.headers["x-request-id"] == "abc-1.2_Z"
    assert answer.json() == {"heard": "abc-1.2_Z"}
    assert request_id() == ""


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "a\tb", "ä", "a;b", "<b>"])
def test_a_request_id_that_could_not_stand_in_a_log_is_replaced(given: str) -> None:
    async def get() -> str:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": "/c/a/shifts/1",
            "query_string": b"",
            "headers": [(b"x-request-id", given.encode())],
        }
        await Headers(house(), https=False)(scope, nothing_more, send)
        return dict(sent[0]["headers"])[b"x-request-id"].decode()

    ids = {anyio.run(get), anyio.run(get)}
    assert given not in ids
    assert len(ids) == 2


async def nothing_more() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_the_log_line_names_the_route_and_never_the_address() -> None:
    with capture_logs() as lines:
        ask("/c/fengshu/shifts/13800138000?code=secret", x_request_id="r1")
    (line,) = lines
    assert 0 <= line.pop("ms") < 60_000
    assert line == {
        "event": "request",
        "log_level": "info",
        "request_id": "r1",
        "method": "GET",
        "route": "/c/{slug}/shifts/{shift_id}",
        "status": 200,
    }


@pytest.mark.parametrize(
    ("path", "route", "status", "level"),
    [
        ("/nowhere/13800138000", "–", 404, "info"),
        ("/static/css/base.css", "/static/{path:path}", 200, "info"),
        ("/broken", "/broken", 500, "error"),
    ],
)
def test_misses_faults_and_files_have_their_line_too(path: str, route: str, status: int, level: str) -> None:
    with capture_logs() as lines:
        ask(path)
    assert [(line["route"], line["status"], line["log_level"]) for line in lines] == [(route, status, level)]


def test_a_caller_who_hung_up_has_a_line_without_a_status() -> None:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise ConnectionError

    with capture_logs() as lines:
        ask("/", app=gone)
    assert [line["status"] for line in lines] == [0]


def test_start_and_stop_of_the_server_pass_through() -> None:
    async def serve() -> list[str]:
        heard: list[str] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            heard.append(scope["type"])

        await Headers(app, https=False)({"type": "lifespan"}, nothing_more, None)  # type: ignore[arg-type]
        return heard

    assert anyio.run(serve) == ["lifespan"]


def test_two_requests_do_not_share_their_ids() -> None:
    async def both() -> list[str]:
        transport = httpx.ASGITransport(Headers(house(), https=False))
        heard: dict[str, str] = {}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def get(id: str) -> None:
                heard[id] = (await client.get("/c/a/shifts/1", headers={"x-request-id": id})).json()["heard"]

            async with anyio.create_task_group() as group:
                for id in ("one", "two", "three"):
                    group.start_soon(get, id)
        return [f"{id}={said}" for id, said in sorted(heard.items())]

    assert anyio.run(both) == ["one=one", "three=three", "two=two"]
    assert headers.request_id() == ""
