"""What a "no" looks like: every refusal and every mistake becomes problem+json, or a page, in one place.

Refusals are evidence too: after the rollback the refusal of a write gets its audit line in a transaction of its own. Those
that only say that the server is busy or out of service are evidence of nothing, and one more write would not help it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from anyio import to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from app.kit import audit
from app.kit.db import Database, is_away, is_read_only, writing
from app.kit.forms import sentence
from app.kit.headers import route_of
from app.kit.i18n import _, mark
from app.kit.refusals import Malformed, NotFound, OutOfService, Refusal, SameIdOtherContent
from app.kit.requests import READS
from app.kit.sent import Sent
from app.kit.views import View, came_from, frame_of, see_other

log = structlog.get_logger()

HTTP_SENTENCES = {
    400: mark("收到的内容不完整，或者一次选的文件超过 100 个。"),
    404: mark("没有找到。"),
    405: mark("这个地址不能这样用。"),
    413: mark("内容太大了。"),
    415: mark("这种格式不能收。"),
    429: mark("太频繁了，请过一会儿再试。"),
    500: mark("程序出错了，您填的没有保存。"),
}


@dataclass(frozen=True)
class RefusalPage(View):
    template = "answers/refusal.html"

    status: int
    message: str
    next_step: str
    back: str
    back_says: str
    again_says: str
    sent: Sent | None
    """What was typed, to be sent again: nobody types a page twice."""
    request_id: str


def wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/") or request.url.path in ("/ping", "/healthz", "/readyz")


def problem(request: Request, status: int, code: str, detail: str, **more: Any) -> Response:
    """RFC 9457 problem details; `code` is stable, `type` a page that explains it."""
    body = {
        "type": f"/api/v1/docs/problems#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "code": code,
        "request_id": _request_id(request),
        **more,
    }
    return JSONResponse(body, status, media_type="application/problem+json")


def refused(request: Request, status: int, code: str, message: str, next_step: str = "", **more: Any) -> Response:
    """A "no" that is no Refusal of ours: a broken request, a fault."""
    if wants_json(request):
        return problem(request, status, code, message, **more)
    return _page(request, status, message, next_step, _before(request), Refusal(), _typed(request, status))


def refused_page(request: Request, no: Refusal) -> Response:
    """`Refusal.leads_to` is the page that would help; a page that was asked for goes straight there."""
    back = _before(request)
    if no.leads_to:
        asked = request.url.path if request.method == "GET" else back
        back = no.leads_to.format(**{"base": frame_of(request).base, "next": quote(asked), **no.facts})
        if request.method == "GET":
            return see_other(back, no.message)
    typed = _typed(request, no.status) if no.status != 404 else None
    if typed and isinstance(no, SameIdOtherContent):
        typed = typed.afresh()
    return _page(request, no.status, no.message, no.next_step, back, no, typed)


def _page(request: Request, status: int, message: str, next_step: str, back: str, no: Refusal, typed: Sent | None) -> Response:
    buttons = _(no.leads_says), _(no.again_says)
    page = RefusalPage(frame_of(request), status, message, next_step, back, *buttons, typed, _request_id(request))
    return page.reply(request, status)


def _before(request: Request) -> str:
    return came_from(request) or f"{frame_of(request).base}/"


def _typed(request: Request, status: int) -> Sent | None:
    """What is worth sending again: words that somebody wrote, and whatever comes through once there is time for it."""
    sent = Sent.by(request)
    again = sent and (sent.holds_something if status in (429, 503) else sent.written)
    return sent if again else None


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


async def on_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    code = type(refusal).__name__
    if request.method not in READS and refusal.status != 404 and refusal.status < 500:
        try:
            await _remember(request, code, refusal)
        except DBAPIError as error:  # a refusal is not given without its line
            return await on_database_error(request, error)
    if wants_json(request):
        more: dict[str, Any] = {name: refusal.facts[name] for name in refusal.tells}
        if isinstance(refusal, Malformed):
            more["errors"] = [{"pointer": p, "code": c, "detail": d} for p, c, d in refusal.errors]
        reply = problem(request, refusal.status, code, refusal.message, **more)
    else:
        reply = refused_page(request, refusal)
    reply.headers.update(refusal.headers)
    return reply


async def _remember(request: Request, code: str, refusal: Refusal) -> None:
    db: Database = request.app.state.db

    def write() -> None:
        with writing(db) as session:
            audit.record(
                session,
                act=f"{request.method} {route_of(request.scope)}",
                outcome="refused",
                detail={"code": code},
                request_id=_request_id(request),
                **getattr(request.state, "asked_by", {}),
            )
            if refusal.leaves:
                refusal.leaves(session)

    await to_thread.run_sync(write, limiter=db.writers)


async def on_malformed(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in e["loc"]), "code": e["type"], "detail": sentence(e)}
        for e in wrong.errors()
    ]
    if not wants_json(request) and any(e["loc"][:1] == ("path",) for e in wrong.errors()):
        return await on_refusal(request, NotFound())  # a mistyped address is an address that does not exist
    return refused(request, 422, "Malformed", _(Malformed.says), errors=errors)


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = (
        _(HTTP_SENTENCES[error.status_code]) if error.status_code in HTTP_SENTENCES else HTTPStatus(error.status_code).phrase
    )
    code = HTTPStatus(error.status_code).phrase.replace(" ", "")
    reply = refused(request, error.status_code, code, message)
    reply.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := request.app.state.signposts.methods(request.url.path)):
        reply.headers["Allow"] = ", ".join(sorted(methods))  # the router itself names only those of the first route it found
    return reply


async def on_database_error(request: Request, error: Exception) -> Response:
    """A database that is away comes back: the sender is told to try again. Anything else is a mistake of ours."""
    if is_away(error) or (is_read_only(error) and request.method not in READS):
        log.error("database_out_of_service", error=str(getattr(error, "orig", error)))
        return await on_refusal(request, OutOfService())
    return await on_fault(request, error)


async def on_fault(request: Request, fault: Exception) -> Response:
    """A mistake of ours: the log gets the trace, the person gets a number to name."""
    log.exception("fault", request_id=_request_id(request), route=route_of(request.scope), exc_info=fault)
    return refused(request, 500, "Fault", _(HTTP_SENTENCES[500]), _("请把下面的编号告诉我们。"))


class CrossSite(Refusal):
    """Another site's page tried to act with a neighbour's session."""

    status = 403
    says = mark("这个请求不是从本站的页面发出的。")


async def refuse_cross_site(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application in front of which forged requests end."""
    reply = await on_refusal(Request(scope, receive), CrossSite())
    await reply(scope, receive, send)


Handler = Callable[[Request, Exception], Awaitable[Response]]


def answer_refusals(app: FastAPI) -> None:
    handlers: dict[Any, Handler] = {
        Refusal: on_refusal,
        RequestValidationError: on_malformed,
        HTTPException: on_http_error,
        DBAPIError: on_database_error,
        Exception: on_fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
