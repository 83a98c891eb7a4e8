"""A notice on its board, for the tests of this room."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.kit.clock import now
from app.notices.models import Notice
from tests.cast import Answer, House, One
from tests.making import fresh, make_notice
from tests.treasury.bookkeeping import picture

JPEG = {"content-type": "image/jpeg"}
NO_FILE = [("camera", ("", b"", ""))]
"""What a browser sends for an empty input."""


def published(house: House, **facts: str) -> Notice:
    with house.session() as session:
        return make_notice(session, house.zhang.person, **facts)


def objected(house: House, notice: Notice, one: One | None = None, text: str = "少了一笔") -> UUID:
    id = fresh()
    answer = (one or house.wang).api.put(f"/notices/{notice.id}/objections/{id}", {"text": text})
    assert answer.status == 201, answer
    return id


def attach(one: One, objection: UUID, shade: int = 0, id: UUID | None = None) -> Answer:
    return one.api.ask("PUT", f"/objections/{objection}/photos/{id or fresh()}", content=picture(shade), headers=JPEG)


def posted(
    one: One, notice: Notice, moment: str = "start", *, at: datetime | None = None, shade: int = 0, id: UUID | None = None
) -> Answer:
    facts = {"moment": moment, "taken_at": (at or now()).isoformat(), "clean": "true"}
    path = f"/notices/{notice.id}/board/{id or fresh()}"
    return one.api.ask("PUT", path, params=facts, content=picture(shade), headers=JPEG)


def row(session: Session, notice: Notice) -> Notice:
    return session.get_one(Notice, (notice.compound_id, notice.id))
