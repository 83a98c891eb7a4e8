"""Long lists, a page at a time, by keyset: "those after this one", never "those from the 51st".

Rows that are inserted while somebody walks neither repeat a row nor hide one, and the last page costs what the first
does. The cursor is opaque and signed: it names a place in *this* list, and nobody can make one up (API.md rule 3).
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Result, Row, Select, bindparam, tuple_
from sqlmodel import Session

from app.kit.i18n import mark
from app.kit.records import rows_of
from app.kit.refusals import Refusal

DEFAULT, MOST = 50, 200

T = TypeVar("T")


class BadCursor(Refusal):
    """The cursor was cut, made up, or belongs to another list."""

    status = 400
    says = mark("这一页的链接不完整，请从第一页看起。")


class Page(BaseModel, Generic[T]):
    """A part of a list; `next_cursor` is None (absent) on the last one."""

    items: list[T] = Field(max_length=MOST)
    next_cursor: str | None = Field(default=None, description="Give it back as `cursor` to get what follows.")


@dataclass(frozen=True)
class Asked:
    """Which part of a list a door was asked for. `secret` signs the cursors."""

    secret: bytes
    cursor: str | None = None
    limit: int = DEFAULT


class Listing(Generic[T]):
    """A list that can be walked: its statement in the order of (`by`, `id`), built once when the module is imported.

    `by` must never be NULL; `id` breaks its ties. `make` turns a row into what the page holds. `name` keeps the cursors
    of different lists apart.
    """

    def __init__(
        self,
        name: str,
        statement: Select[Any],
        by: Any,
        id: Any,
        make: Callable[[Row[Any]], T],
        *,
        newest_first: bool = False,
    ) -> None:
        self.name, self.make = name, make
        holds_entities = any(isinstance(column["expr"], type) for column in statement.column_descriptions)
        self._ask: Callable[..., Result[Any]] = Session.execute if holds_entities else rows_of
        place = tuple_(by, id)
        last: ColumnElement[Any] = tuple_(bindparam("after_by", type_=by.type), bindparam("after_id", type_=id.type))
        order = (by.desc(), id.desc()) if newest_first else (by.asc(), id.asc())
        # Two columns that no caller's statement has: where each row stands.
        self.first = (
            statement.add_columns(by.label("page_by"), id.label("page_id")).order_by(*order).limit(bindparam("page_limit"))
        )
        self.following = self.first.where(place < last if newest_first else place > last)

    def page(self, session: Session, asked: Asked, passing: Mapping[str, Any] | None = None, **values: Any) -> Page[T]:
        """The part that was asked for; `values` are the statement's own parameters. Raises BadCursor.

        The cursor is bound to them too: one taken from a neighbour's list, or under another filter, is no good. `passing`
        are parameters that differ at every call, such as the time.
        """
        scope = json.dumps([self.name, {k: str(v) for k, v in sorted(values.items())}])
        where = {**values, **(passing or {}), "page_limit": asked.limit + 1}
        if asked.cursor is None:
            rows = self._ask(session, self.first, where).all()
        else:
            after_by, after_id = unsigned(asked.secret, scope, asked.cursor)
            rows = self._ask(session, self.following, where | {"after_by": after_by, "after_id": after_id}).all()
        kept = rows[: asked.limit]
        more = signed(asked.secret, scope, (kept[-1].page_by, kept[-1].page_id)) if len(rows) > asked.limit else None
        return Page(items=[self.make(row) for row in kept], next_cursor=more)


def walk(page_of: Callable[[Asked], Page[T]]) -> Iterator[T]:
    """All of a list, for what needs all of it: the longest pages, one after the other. The cursors stay in here."""
    asked = Asked(b"", limit=MOST)
    while True:
        page = page_of(asked)
        yield from page.items
        if page.next_cursor is None:
            return
        asked = replace(asked, cursor=page.next_cursor)


async def asked_page(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = DEFAULT,
) -> Asked:
    """What the address asks for; async, because a plain function would be a thread hop of its own."""
    return Asked(request.app.state.settings.secret, cursor, limit)


AskedPage = Annotated[Asked, Depends(asked_page)]
"""The parameter of every door that lists."""


def link_next(request: Request, response: Response, page: Page[Any]) -> None:
    """Say where the list goes on, for clients that follow headers (RFC 8288)."""
    if page.next_cursor:
        following = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'


_READ: dict[str, Callable[[Any], Any]] = {"s": str, "i": int, "u": UUID, "t": datetime.fromisoformat, "d": date.fromisoformat}


def _written(value: object) -> tuple[str, Any]:
    match value:
        case str():
            return "s", value
        case int():
            return "i", value
        case UUID():
            return "u", str(value)
        case datetime():
            return "t", value.isoformat()
        case date():
            return "d", value.isoformat()
        case _:
            raise TypeError(f"no list is in the order of a {type(value).__name__}")


def signed(secret: bytes, scope: str, place: Sequence[object]) -> str:
    """An opaque cursor for `place`, good in `scope` only."""
    body = json.dumps([_written(value) for value in place], separators=(",", ":")).encode()
    return urlsafe_b64encode(_signature(secret, scope, body) + body).decode().rstrip("=")


def unsigned(secret: bytes, scope: str, cursor: str) -> list[Any]:
    """The place that `cursor` names. Raises BadCursor unless `signed` made exactly it, here."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raise BadCursor from None
    signature, body = raw[:16], raw[16:]
    if not hmac.compare_digest(signature, _signature(secret, scope, body)):
        raise BadCursor
    return [_READ[kind](value) for kind, value in json.loads(body)]


def _signature(secret: bytes, scope: str, body: bytes) -> bytes:
    """128 bits are plenty: a cursor opens nothing that its reader could not list anyway."""
    return hmac.new(secret, b"cursor\0" + scope.encode() + b"\0" + body, sha256).digest()[:16]
