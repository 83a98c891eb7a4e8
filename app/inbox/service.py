"""Verbs: send a message, mark it read."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from app.inbox.models import Message
from app.kit.clock import now
from app.kit.db import touch
from app.kit.ids import new_id
from app.kit.records import insert_many
from app.kit.refusals import NotFound


def send(session: Session, compound_id: UUID, person_id: UUID, title: str, body: str, path: str) -> None:
    """A message in the act's own transaction: an act that is rolled back tells nobody."""
    session.add(Message(compound_id=compound_id, person_id=person_id, title=title, body=body, path=path))


def send_to_many(session: Session, compound_id: UUID, messages: Iterable[tuple[UUID, str, str, str]]) -> None:
    """The same to thousands at once, each (person, title, body, path)."""
    touch(session, compound_id)
    same = {"compound_id": compound_id, "sent_at": now()}
    rows = ((new_id(), *message) for message in messages)
    insert_many(session, Message, same, ("id", "person_id", "title", "body", "path"), rows)


def read_about(session: Session, compound_id: UUID, person_id: UUID, path: str) -> None:
    """Whoever acts on a thing knows what they were told of it."""
    whose = (Message.compound_id == compound_id, Message.person_id == person_id, col(Message.read_at).is_(None))
    for message in session.exec(select(Message).where(*whose, Message.path == path)):
        message.read_at = now()


def mark_read(session: Session, compound_id: UUID, person_id: UUID, id: UUID) -> Message:
    """Raises NotFound for another person's message too."""
    message = session.get(Message, (compound_id, id))
    if message is None or message.person_id != person_id:
        raise NotFound
    message.read_at = message.read_at or now()
    return message
