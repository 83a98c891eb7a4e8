"""Verbs: send a message, mark one read."""

from uuid import UUID

from sqlmodel import Session

from app.inbox.models import Message
from app.kit.clock import now
from app.kit.refusals import NotFound


def send(session: Session, compound_id: UUID, person_id: UUID, title: str, body: str, path: str) -> None:
    """A message in the act's own transaction: an act that is rolled back tells nobody."""
    session.add(Message(compound_id=compound_id, person_id=person_id, title=title, body=body, path=path))


def mark_read(session: Session, compound_id: UUID, person_id: UUID, id: UUID) -> Message:
    """Raises NotFound for another person's message too."""
    message = session.get(Message, (compound_id, id))
    if message is None or message.person_id != person_id:
        raise NotFound
    message.read_at = message.read_at or now()
    return message
