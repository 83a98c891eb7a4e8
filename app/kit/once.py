"""Exactly once: creating acts carry an id that the client made (API.md rule 5).

The digest of the validated wish decides sameness: the same id with the same content is the same act, answered again;
with other content it is refused. Look the id up after the parent's lock and before its capacity.
"""

import hashlib
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session

from app.kit.records import Record
from app.kit.refusals import SameIdOtherContent


class SentOnce(Record):
    """A row whose id its client made. `sent_sha256`: of what was asked for (`digest`)."""

    at: ClassVar[str]
    """Where people see it and change it, inside the compound, with {row.…} places."""

    sent_sha256: bytes


Sent = TypeVar("Sent", bound=SentOnce)


def digest(wish: BaseModel, *context: Any) -> bytes:
    """SHA-256 of what was asked, by whom and of what: `digest(wish, actor.person_id, shift_id)`."""
    return hashlib.sha256("\x1f".join([wish.model_dump_json(), *map(str, context)]).encode()).digest()


def already(session: Session, kind: type[Sent], compound_id: UUID, id: UUID, sent: bytes) -> Sent | None:
    """The row that an earlier, equal request made, or None. Raises SameIdOtherContent."""
    row = session.get(kind, (compound_id, id))
    if row is None:
        return None
    if row.sent_sha256 != sent:
        raise SameIdOtherContent(at=row.at.format(row=row))
    return row
