"""Events: what happened in a compound, told to whoever listens (webhooks, feeds, `GET /events`).

An event is a row written by the transaction of the act, so none is lost when the process dies and none is invented when
the act is rolled back. Payloads are thin, ids only: whoever hears of a thing asks for it, with their own rights.

`seq` counts a compound's events without gaps in the order of their commits. An id or a time made before the commit would
not: a reader could walk past an event whose transaction was still open. So rows are written at the commit itself, while
the compound's row is locked by the raising of its data version.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, UniqueConstraint, bindparam, event, func, insert, select
from sqlmodel import Field, Session, SQLModel, col

from app.kit.clock import now
from app.kit.db import touch
from app.kit.guards import append_only
from app.kit.ids import new_id
from app.kit.records import Record


class Event(Record, table=True):
    """Append-only. `type` is noun.happened ("signup.made"), `data` the ids it is about."""

    __table_args__ = (UniqueConstraint("compound_id", "seq"),)

    seq: int = Field(sa_type=BigInteger)
    type: str = Field(max_length=60)
    data: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime

    @property
    def payload(self) -> dict[str, Any]:
        """The body that receivers get (Standard Webhooks 1.0, thin payload)."""
        return {"type": self.type, "timestamp": self.created_at.isoformat(), "data": self.data}


append_only("event")


def tell(session: Session, compound_id: UUID, type: str, **ids: UUID) -> None:
    """Say at the commit that this happened. Raises RuntimeError inside a savepoint, whose rollback it could not hear."""
    if session.in_nested_transaction():
        raise RuntimeError("an event is told outside a savepoint: rolling back to it would leave the event standing")
    row = {
        "compound_id": compound_id,
        "id": new_id(),
        "type": type,
        "data": {name: str(id) for name, id in ids.items()},
        "created_at": now(),
    }
    touch(session, compound_id)
    session.info.setdefault("told", []).append(row)


@event.listens_for(Session, "before_commit")
def _write_told(session: Session) -> None:
    if session.in_nested_transaction():
        return
    told: list[dict[str, Any]] = session.info.pop("told", [])
    for compound_id in {row["compound_id"] for row in told}:  # each locked already
        last = session.connection().execute(_LAST, {"of": compound_id}).scalar_one()
        rows = [row for row in told if row["compound_id"] == compound_id]
        session.connection().execute(insert(_TABLE), [row | {"seq": seq} for seq, row in enumerate(rows, last + 1)])


@event.listens_for(Session, "after_rollback")
def _forget_told(session: Session) -> None:
    session.info.pop("told", None)


_TABLE = SQLModel.metadata.tables["event"]
_LAST = select(func.coalesce(func.max(Event.seq), 0)).where(col(Event.compound_id) == bindparam("of"))
