"""What every answer carries: security headers, a request id, no-store unless the route says otherwise; and its log line.

Pure ASGI, and outermost: it wraps the whole application, so that even the answer to a fault of ours is dressed. (One
`BaseHTTPMiddleware` costs a bare reply 84% of its rate, three plain ones 7%.) It also takes the place of the server's
access log, which would write addresses with names and codes in them; this one writes the route's template.
"""

import re
import time
from contextvars import ContextVar
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.ids import new_id

log = structlog.get_logger()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)


def permissions_policy(*, camera: bool) -> str:
    """What a page's scripts may ask the browser for. The camera is for pages that read codes: taking a photo is a file input,
    which needs no leave.
    """
    return f"camera=({'self' if camera else ''}), geolocation=(self), microphone=(), payment=(), usb=()"


_request_id: ContextVar[str] = ContextVar("request_id", default="")
_ACCEPTED_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """The id of the request being answered; "" outside one. Also in the answer's X-Request-Id and in each log line."""
    return _request_id.get()


class Headers:
    """`Headers(app, https=…)`. `https` is whether people reach the house by https (PUBLIC_URL)."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.always: list[tuple[bytes, bytes]] = [
            (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if https:
            self.always.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        own_id = _given_id(scope) or new_id().hex
        scope.setdefault("state", {})["request_id"] = own_id
        mark = _request_id.set(own_id)
        status = 0

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *self.always, (b"x-request-id", own_id.encode())]
                named = {name for name, _ in headers}
                if b"permissions-policy" not in named:
                    headers.append((b"permissions-policy", permissions_policy(camera=False).encode()))
                if not scope["path"].startswith("/static/") and b"cache-control" not in named:
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(scope, receive, dressed)
        finally:
            _write_line(scope, own_id, status, begun)
            _request_id.reset(mark)


def _given_id(scope: Scope) -> str | None:
    """The caller's own id, where it is one that may stand in a log and in a header."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if _ACCEPTED_ID.fullmatch(given) else None


def _write_line(scope: Scope, own_id: str, status: int, begun: float) -> None:
    """`status` 0: the caller hung up, or the server is stopping, before an answer began."""
    facts: dict[str, Any] = {
        "request_id": own_id,
        "method": scope["method"],
        "route": route_of(scope),
        "status": status,
        "ms": round((time.perf_counter() - begun) * 1000, 1),
    }
    (log.error if status >= 500 else log.info)("request", **facts)


def route_of(scope: Scope) -> str:
    """The route's template, "/c/{slug}/shifts/{shift_id}": never the address, which may hold a name or a code."""
    # The route of an included router knows only its own end of the path; the whole stands in FastAPI's context.
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(getattr(route, "path", None) or ("/static/…" if scope["path"].startswith("/static/") else "–"))
