"""The life of a request: one call, in one thread, in one transaction.

GET reads, everything else writes; returning commits, raising rolls back. The reply is written inside the transaction
and sent after the commit, so a refused commit is an honest 409 and a broken template changes nothing.

Parameters marked `Inside` are given inside that transaction and hidden from FastAPI's tree; the rest stays ordinary
typed FastAPI. A generator dependency for the session was measured and dropped: its transaction spans two thread hops,
and 16 clients on 8 threads wait for each other for ever.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import Parameter, Signature, isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, signature
from typing import Annotated, Any, TypeVar, get_args

from anyio import to_thread
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.types import Message

from app.kit.asking import CheckPage, look_for_question
from app.kit.db import Database, is_busy, is_transient
from app.kit.refusals import Busy, Conflict, Malformed, NotFound
from app.kit.same_origin import prove_by_token
from app.kit.views import View

Mark = TypeVar("Mark")

READS = {"GET", "HEAD", "OPTIONS"}
TRIES = 3

FORM = 1_000_000
"""Bytes of a form or of JSON; the longest that anybody means to send has a tenth of that."""

FILES = 30_000_000
"""Bytes where pictures or a workbook are taken: one file at its own limit, and what a form puts around it."""


class TakesFiles:
    """Marks a parameter that is made from files: `Annotated[Sent, Depends(read), TakesFiles()]` opens its door wider."""


class Inside:
    """Marks a parameter that is given inside the transaction: `Resident = Annotated[Actor, Inside(resident)]`.

    `before` may refuse a request by its headers alone, before its body is read: who has not even tried to say who they
    are is told so, and not what is wrong with their JSON. `openapi` is merged into the operation (the security scheme).
    """

    def __init__(
        self, give: Callable[[Session, Request], Any], *, before: Callable[[Request], None] | None = None, **openapi: Any
    ) -> None:
        self.give, self.before, self.openapi = give, before, openapi


DbSession = Annotated[Session, Inside(lambda session, _: session)]


class OneTransaction(APIRoute):
    """`APIRouter(route_class=OneTransaction)`: routes are plain functions, callable in tests."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        asks = signature(endpoint, eval_str=True)
        if iscoroutinefunction(endpoint) or isgeneratorfunction(endpoint) or isasyncgenfunction(endpoint):
            raise TypeError(f"{endpoint.__name__}: a plain `def` that returns: a transaction lives in one thread")
        self.given = {name: mark for name, p in asks.parameters.items() if (mark := _marked(p, Inside))}
        rest = [p for name, p in asks.parameters.items() if name not in self.given]
        request_name = next((p.name for p in rest if p.annotation is Request), "own_request")
        response_name = next((p.name for p in rest if p.annotation is Response), None)
        self.most = FILES if any(_marked(p, TakesFiles) for p in rest) else FORM
        given, write_reply = self.given, _reply_writer(asks.return_annotation, options.get("status_code") or 200)

        @wraps(endpoint)
        async def call(**values: Any) -> Response:
            request: Request = values[request_name] if request_name in asks.parameters else values.pop(request_name)

            def work(session: Session) -> Response:
                inside = {name: mark.give(session, request) for name, mark in given.items()}
                answer = CheckPage.about(request) or endpoint(**values, **inside)
                return write_reply(answer, request)

            reply = await in_one_transaction(request.app.state.db, work, reads=request.method in READS)
            if response_name:  # headers and status that the route put on `response: Response`
                reply.headers.raw.extend(values[response_name].headers.raw)
                reply.status_code = values[response_name].status_code or reply.status_code
            return reply

        if request_name not in asks.parameters:
            rest.append(Parameter(request_name, Parameter.KEYWORD_ONLY, annotation=Request))
        call.__signature__ = asks.replace(parameters=rest)  # type: ignore[attr-defined]
        for mark in given.values():
            options["openapi_extra"] = {**mark.openapi, **(options.get("openapi_extra") or {})}
        if not READS.issuperset(options.get("methods") or {"GET"}):
            options["dependencies"] = [Depends(prove_by_token), Depends(look_for_question), *(options.get("dependencies") or ())]
        if _is_page(asks.return_annotation):
            options["response_model"] = None
        if _shows_a_view(asks.return_annotation):
            options["response_class"] = HTMLResponse
        super().__init__(path, call, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        checks = [refuse_nul, *(mark.before for mark in self.given.values() if mark.before)]

        async def checked(request: Request) -> Response:
            for check in checks:
                check(request)
            return await handle(_bounded(request, self.most))

        return checked


def _bounded(request: Request, most: int) -> Request:
    """The same request, whose body may not be longer than `most` bytes. Raises HTTPException 413 where more are announced.

    FastAPI's own `max_body_size` answers an announced excess in plain text, whatever the handlers say.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise HTTPException(413)
    left = most

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return Request(request.scope, receive)


def refuse_nul(request: Request) -> None:
    """Raises NotFound or Malformed for an address with a NUL, which PostgreSQL cannot even compare with anything."""
    if "\0" in request.scope["path"]:
        raise NotFound
    if b"%00" in request.scope["query_string"]:
        raise Malformed


async def in_one_transaction(db: Database, work: Callable[[Session], Response], *, reads: bool) -> Response:
    """Run `work` in one thread and one transaction, after a fair wait for the turn.

    Serialization failures, deadlocks and refused constraints are tried again (≤ 3 times): nothing has been sent yet. Raises
    what `work` raises; Conflict when a constraint refuses it every time, Busy when the line is too long or SQLite's lock was
    not to be had in time. The thread call is shielded: a client that hangs up cannot cut a transaction in half.
    """

    def once() -> Response:
        if reads:
            with Session(db.reading, expire_on_commit=False) as session:
                return work(session)
        with db.turn(), Session(db.writing, expire_on_commit=False) as session:  # raising rolls back
            reply = work(session)
            db.finish(session)
        return reply

    def tried() -> Response:
        for attempt in range(1, TRIES + 1):
            try:
                return once()
            except IntegrityError as refused:  # a rival's equal act may have come first: looked up again, it is there
                if attempt == TRIES:
                    raise Conflict from refused
            except DBAPIError as error:
                if is_busy(error):
                    raise Busy from error
                if attempt == TRIES or not is_transient(error):
                    raise
        raise AssertionError("the last try returns or raises")

    with db.in_line(reads=reads) as limiter:
        return await to_thread.run_sync(tried, limiter=limiter)


def _reply_writer(returns: Any, status: int) -> Callable[[Any, Request], Response]:
    """A Response is itself, a View is a page, everything else is JSON of the annotated type."""
    shape = None if returns is Signature.empty or _is_page(returns) else TypeAdapter(returns)

    def write(value: Any, request: Request) -> Response:
        if isinstance(value, Response):
            return value
        if isinstance(value, View):
            return value.reply(request, status)
        assert shape, "a route that answers with JSON says its type: -> SignupRead"
        body = shape.dump_json(shape.validate_python(value, from_attributes=True))
        return Response(body, status, media_type="application/json")

    return write


def _marked(p: Parameter, kind: type[Mark]) -> Mark | None:
    return next((m for m in getattr(p.annotation, "__metadata__", ()) if isinstance(m, kind)), None)


def _shows_a_view(returns: Any) -> bool:
    return any(isinstance(kind, type) and issubclass(kind, View) for kind in get_args(returns) or (returns,))


def _is_page(returns: Any) -> bool:
    """A View, a Response, or a choice of these."""
    return all(isinstance(kind, type) and issubclass(kind, (Response, View)) for kind in get_args(returns) or (returns,))
