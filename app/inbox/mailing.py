"""Verbs: messages go by e-mail as well. Somebody names a mailbox, confirms it from there, ends it; and the jobs that send.

A letter's job is enqueued by the transaction of its message and is done once the mail server has taken the letter. To the
outside that is at least once: a worker that dies between the server's yes and its own commit sends the letter again, under the
same Message-ID, by which mailboxes know it for the same.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from sqlmodel import Session, delete, select

from app.access import consents
from app.access.actors import Known, Visitor, acting
from app.access.consents import Purpose, consented
from app.access.own_account import account_of
from app.access.record import on_record
from app.accounts.service import TooManyCodes, count_code
from app.compounds.models import Compound, Person
from app.inbox.models import MailAddress, Message
from app.kit.clock import now
from app.kit.db import Database, reading
from app.kit.i18n import _, mark
from app.kit.jobs import Payload, TwoSteps, enqueue
from app.kit.mailing import Letter, Mailer, NoSuchMailbox
from app.kit.refusals import NotFound, Refusal

ASK_MAILBOX = "inbox.ask_mailbox"
"""Kind of the job that asks a mailbox whether its reader wants letters."""


class TooManyLetters(Refusal):
    status = 429
    says = mark("今天发的确认信太多了。")
    advice = mark("请明天再来。")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "86400"}


def name_mailbox(session: Session, actor: Known, address: str, asked_from: str) -> MailAddress:
    """With the consent to it. Another address takes the place of the one before, and is asked first.

    `asked_from`: the network address, which does not have strangers asked all day. Raises TooManyLetters.
    """
    consents.give(session, actor, Purpose.MAIL)
    before = mailbox_of(session, actor.compound.id, actor.person_id)
    if before and before.address == address and before.refused_at is None and before.confirmed_at:
        return before
    try:
        count_code(session, str(account_of(session, actor).id), asked_from)
    except TooManyCodes:
        raise TooManyLetters from None
    forget_mailbox(session, actor.compound.id, actor.person_id)
    mailbox = MailAddress(compound_id=actor.compound.id, person_id=actor.person_id, address=address)
    session.add(mailbox)
    enqueue(session, ASK_MAILBOX, {"compound_id": str(mailbox.compound_id), "mailbox_id": str(mailbox.id)})
    on_record(session, actor, "mailbox.named", mailbox.id)
    return mailbox


def end_mailbox(session: Session, actor: Known) -> None:
    """The consent ends and the address is erased; again, it changes nothing."""
    consents.withdraw(session, actor, Purpose.MAIL)
    forget_mailbox(session, actor.compound.id, actor.person_id)


def forget_mailbox(session: Session, compound_id: UUID, person_id: UUID) -> None:
    session.exec(delete(MailAddress).where(MailAddress.compound_id == compound_id, MailAddress.person_id == person_id))  # type: ignore[arg-type]


def mailbox_of(session: Session, compound_id: UUID, person_id: UUID) -> MailAddress | None:
    return session.exec(
        select(MailAddress).where(MailAddress.compound_id == compound_id, MailAddress.person_id == person_id)
    ).one_or_none()


def mailbox_by(session: Session, visitor: Visitor, id: UUID, key: str, secret: bytes) -> MailAddress:
    """By the link in a letter. Raises NotFound, also once the mailbox was ended or exchanged."""
    mailbox = session.get(MailAddress, (visitor.compound.id, id))
    if mailbox is None or not hmac.compare_digest(_key_of(mailbox, secret).encode(), key.encode("utf-8", "replace")):
        raise NotFound
    return mailbox


def confirm_mailbox(mailbox: MailAddress) -> None:
    """Its reader wants the letters; a second tap changes nothing."""
    mailbox.confirmed_at = mailbox.confirmed_at or now()


def stop_letters(session: Session, mailbox: MailAddress) -> None:
    """By the link in a letter, without signing in: whoever reads the mailbox may end what comes there."""
    compound = session.get_one(Compound, mailbox.compound_id)
    person = session.get_one(Person, (mailbox.compound_id, mailbox.person_id))
    end_mailbox(session, acting(session, compound, person))


@dataclass(frozen=True)
class Letters:
    """What it takes to write one: the server, our own address, and what seals the links."""

    mailer: Mailer
    public_url: str
    secret: bytes

    def asking(self) -> TwoSteps:
        """The job `ASK_MAILBOX`."""
        return self._job(self._question)

    def telling(self, still_so: Callable[[Session, Message, datetime], bool] | None = None) -> TwoSteps:
        """The job that `service.send` enqueues. `still_so` is asked right before sending, with the message and its until."""

        def letter_for(session: Session, payload: Payload) -> tuple[MailAddress, Letter] | None:
            message = session.get(Message, (UUID(payload["compound_id"]), UUID(payload["message_id"])))
            until = datetime.fromisoformat(payload["until"])
            if message is None or message.read_at or until <= now() or (still_so and not still_so(session, message, until)):
                return None
            return self._told(session, message)

        return self._job(letter_for)

    def _job(self, letter_for: Callable[[Session, Payload], tuple[MailAddress, Letter] | None]) -> TwoSteps:
        def outside(db: Database, payload: Payload) -> UUID | None:
            """Sends; returns the mailbox that does not exist."""
            with reading(db) as session:
                found = letter_for(session, payload)
            if found is None:
                return None
            mailbox, letter = found
            try:
                self.mailer.send(letter)
            except NoSuchMailbox:
                return mailbox.id
            return None

        def inside(session: Session, payload: Payload, refused: UUID | None) -> None:
            mailbox = session.get(MailAddress, (UUID(payload["compound_id"]), refused)) if refused else None
            if mailbox is not None:
                mailbox.refused_at = now()

        return TwoSteps(outside, inside)

    def _question(self, session: Session, payload: Payload) -> tuple[MailAddress, Letter] | None:
        mailbox = session.get(MailAddress, (UUID(payload["compound_id"]), UUID(payload["mailbox_id"])))
        if mailbox is None or mailbox.confirmed_at:
            return None
        compound = session.get_one(Compound, mailbox.compound_id)
        asked = _("有人请我们把%(name)s的消息发到这个邮箱。", name=compound.name)
        told = _("是您的话，请打开下面的网址确认；不是，就不用理会，不会再来信。")
        text = f"{asked}{told}\n\n{self._link(compound, mailbox, 'confirm')}\n"
        letter = Letter(mailbox.address, compound.name, _("请确认您的邮箱"), text, str(mailbox.id))
        return mailbox, letter

    def _told(self, session: Session, message: Message) -> tuple[MailAddress, Letter] | None:
        mailbox = mailbox_of(session, message.compound_id, message.person_id)
        if mailbox is None or not mailbox.works:
            return None
        if not consented(session, message.compound_id, message.person_id, Purpose.MAIL):
            return None
        compound = session.get_one(Compound, message.compound_id)
        stop = self._link(compound, mailbox, "stop")
        text = "\n\n".join(
            part
            for part in (
                message.body,
                f"{self.public_url}/c/{compound.slug}{message.path}",
                _("不想再收到这样的信，请打开：%(link)s", link=stop),
            )
            if part
        )
        return mailbox, Letter(mailbox.address, compound.name, message.title, f"{text}\n", str(message.id), stop)

    def _link(self, compound: Compound, mailbox: MailAddress, act: str) -> str:
        return f"{self.public_url}/c/{compound.slug}/mail/{mailbox.id}/{act}?key={_key_of(mailbox, self.secret)}"


def _key_of(mailbox: MailAddress, secret: bytes) -> str:
    return hmac.digest(secret, b"mailbox\0" + mailbox.id.bytes + mailbox.address.encode(), sha256).hex()[:32]
