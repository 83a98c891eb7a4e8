"""Verbs of 我的 that are not about the account alone: ask for a correction, read one's messages."""

from uuid import UUID

from sqlmodel import Session, col, update

from app.access import consents
from app.access.actors import Known
from app.access.consents import Purpose
from app.access.holders import holders_of
from app.access.own_account import account_of, close_account, persons_of
from app.access.permissions import Permission
from app.access.record import on_record
from app.home.schemas import NameWish
from app.inbox.mailing import forget_mailbox
from app.inbox.models import Message
from app.inbox.service import mark_read, send
from app.kit.clock import now
from app.kit.i18n import _, mark
from app.kit.refusals import Refusal
from app.volunteering.census import forget


class NobodyToAsk(Refusal):
    says = mark("现在没有人管名册。")
    advice = mark("请打居委会的电话。")


def ask_for_name(session: Session, actor: Known, wish: NameWish) -> int:
    """A message to everybody who may change the roster; returns how many. Raises NobodyToAsk."""
    registrars = holders_of(session, actor.compound.id, Permission.CHANGE_ROSTER)
    if not registrars:
        raise NobodyToAsk
    body = _("%(old)s 说姓名应当是“%(new)s”。%(why)s", old=actor.name, new=wish.name, why=wish.why or "")
    for person_id in registrars:
        send(session, actor.compound.id, person_id, _("请改名册里的姓名"), body, f"/roster/people/{actor.person_id}")
    on_record(session, actor, "name.correction-asked", actor.person_id)
    return len(registrars)


def open_message(session: Session, actor: Known, id: UUID) -> str:
    """Marks it read; returns where it leads, inside the compound. Raises NotFound."""
    return mark_read(session, actor.compound.id, actor.person_id, id).path


def read_all(session: Session, actor: Known) -> None:
    session.exec(
        update(Message)
        .where(
            col(Message.compound_id) == actor.compound.id,
            col(Message.person_id) == actor.person_id,
            col(Message.read_at).is_(None),
        )
        .values(read_at=now())
    )


def withdraw_consent(session: Session, actor: Known, purpose: Purpose) -> None:
    """And what was told on the ground of it is erased (PIPL art. 47)."""
    consents.withdraw(session, actor, purpose)
    if purpose is Purpose.SKILLS:
        forget(session, actor.compound.id, actor.person_id)
    if purpose is Purpose.MAIL:
        forget_mailbox(session, actor.compound.id, actor.person_id)


def close(session: Session, actor: Known) -> None:
    """The account is closed, and what the person told about themselves is erased in every compound."""
    for person in persons_of(session, account_of(session, actor, lock=True).id):
        forget(session, person.compound_id, person.id)
        forget_mailbox(session, person.compound_id, person.id)
    close_account(session, actor)
