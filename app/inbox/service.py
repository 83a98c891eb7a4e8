"""Verbs: send a message, mark one read. A message goes by e-mail too where its reader wants that (`mailing`)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.access.consents import Purpose, agreed
from app.inbox.models import MailAddress, Message
from app.kit.clock import now
from app.kit.db import touch
from app.kit.ids import new_ids
from app.kit.jobs import enqueue_many
from app.kit.records import insert_many, rows_of
from app.kit.refusals import NotFound

MAIL = "inbox.mail"

MAILED_WITHIN = timedelta(days=1)
"""A letter that could not be sent for so long would tell what is over."""


def send(session: Session, compound_id: UUID, person_id: UUID, title: str, body: str, path: str) -> None:
    """A message in the act's own transaction: an act that is rolled back tells nobody."""
    message = Message(compound_id=compound_id, person_id=person_id, title=title, body=body, path=path)
    session.add(message)
    if rows_of(session, _REACHES_ONE, {"compound_id": compound_id, "person_id": person_id}).first():
        _mail_later(session, compound_id, [message.id], message.sent_at + MAILED_WITHIN, MAIL)


def send_to_many(
    session: Session,
    compound_id: UUID,
    messages: Iterable[tuple[UUID, str, str, str]],
    *,
    until: datetime | None = None,
    mailed_by: str = MAIL,
) -> None:
    """The same to thousands at once, each (person, title, body, path). `until`: from when on no letter tells it any more;
    `mailed_by`: the kind of job that sends the letters.
    """
    touch(session, compound_id)
    told, moment = list(messages), now()
    reached = _reached_by_mail(session, compound_id)
    rows = [(id, *message) for id, message in zip(new_ids(len(told)), told, strict=True)]
    same = {"compound_id": compound_id, "sent_at": moment}
    insert_many(session, Message, same, ("id", "person_id", "title", "body", "path"), rows)
    letters = [id for id, person_id, *_ in rows if person_id in reached]
    _mail_later(session, compound_id, letters, until or moment + MAILED_WITHIN, mailed_by)


def _reached_by_mail(session: Session, compound_id: UUID) -> set[UUID]:
    """Who has confirmed a mailbox, agrees today, and whose mail is taken."""
    return {row.person_id for row in rows_of(session, _REACHED, {"compound_id": compound_id})}


_REACHED = select(MailAddress.person_id).where(
    MailAddress.compound_id == bindparam("compound_id"),
    col(MailAddress.confirmed_at).is_not(None),
    col(MailAddress.refused_at).is_(None),
    agreed(Purpose.MAIL, MailAddress),
)

_REACHES_ONE = _REACHED.where(MailAddress.person_id == bindparam("person_id"))


def _mail_later(session: Session, compound_id: UUID, messages: list[UUID], until: datetime, kind: str) -> None:
    same = {"compound_id": str(compound_id), "until": until.isoformat()}
    enqueue_many(session, kind, [same | {"message_id": str(id)} for id in messages])


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
