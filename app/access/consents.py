"""Separate, dated consents (PIPL art. 13, 14, 15 and 29): one table of purposes, each given and taken back by itself.

Nothing in the house may use what a purpose covers without `consented`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.access.actors import Known
from app.access.models import Consent
from app.access.record import on_record
from app.compounds.models import Person
from app.kit.clock import now
from app.kit.i18n import _, mark


class Purpose(StrEnum):
    APPEAR = "appear"
    VISIT_POSITION = "visit_position"
    SKILLS = "skills"
    THANKS = "thanks"
    HONOUR = "honour"
    MAIL = "mail"


PURPOSES: dict[Purpose, tuple[str, str]] = {
    Purpose.APPEAR: (mark("党员亮相"), mark("同意在党员亮相栏公开我的姓名、职务、楼栋单元和承诺。")),
    Purpose.VISIT_POSITION: (mark("监督日志记位置"), mark("同意写监督日志时记下手机的位置。只有监督委员会看得到。")),
    Purpose.SKILLS: (mark("登记特长"), mark("同意登记我的职业、兴趣和特长，用来安排志愿服务。")),
    Purpose.THANKS: (mark("公开感谢"), mark("同意在公示和表扬里写我的姓名。")),
    Purpose.HONOUR: (mark("志愿光荣榜"), mark("同意在志愿光荣榜上写我的姓名和服务时长。")),
    Purpose.MAIL: (mark("消息发到邮箱"), mark("同意把给我的消息也发到我的邮箱。信要经过邮局的服务器，每封信里都能退订。")),
}
"""What is asked, in a title and in the very words that the person agrees to; the words are kept with the consent."""


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """`given_at`: since when it holds; None where it does not. `withdrawn_at`: the last time it was taken back."""

    purpose: Purpose
    title: str
    wording: str
    given_at: datetime | None
    withdrawn_at: datetime | None


def consents_of(session: Session, actor: Known) -> list[ConsentLine]:
    rows = session.exec(
        select(Consent)
        .where(Consent.compound_id == actor.compound.id, Consent.person_id == actor.person_id)
        .order_by(col(Consent.given_at))
    )
    last = {row.purpose: row for row in rows}
    return [
        ConsentLine(
            purpose,
            _(title),
            _(wording),
            row.given_at if (row := last.get(purpose)) and row.withdrawn_at is None else None,
            row.withdrawn_at if row else None,
        )
        for purpose, (title, wording) in PURPOSES.items()
    ]


def consented(session: Session, compound_id: UUID, person_id: UUID, purpose: Purpose) -> bool:
    return _open(session, compound_id, person_id, purpose) is not None


def agreed(purpose: Purpose, noun: Any) -> ColumnElement[bool]:
    """A term about a noun with a `person_id`: that person agrees today."""
    return (
        select(Consent.id)
        .where(
            Consent.compound_id == noun.compound_id,
            Consent.person_id == noun.person_id,
            Consent.purpose == purpose,
            col(Consent.withdrawn_at).is_(None),
        )
        .exists()
    )


def give(session: Session, actor: Known, purpose: Purpose, person_id: UUID | None = None) -> None:
    """A second tap changes nothing: the date of the first yes stands. `person_id`: who said so to an officer, for a neighbour
    without a phone; the caller has asked whether the officer may write it down (`behalf.for_whom`).
    """
    them = person_id or actor.person_id
    session.get(Person, (actor.compound.id, them), with_for_update=True)
    if _open(session, actor.compound.id, them, purpose) is None:
        consent = Consent(compound_id=actor.compound.id, person_id=them, purpose=purpose, wording=_(PURPOSES[purpose][1]))
        consent.entered_by_id = None if them == actor.person_id else actor.person_id
        session.add(consent)
        on_record(session, actor, "consent.given", purpose)


def withdraw(session: Session, actor: Known, purpose: Purpose, person_id: UUID | None = None) -> None:
    """As easy as giving it (PIPL art. 15)."""
    them = person_id or actor.person_id
    session.get(Person, (actor.compound.id, them), with_for_update=True)
    consent = _open(session, actor.compound.id, them, purpose)
    if consent is not None:
        consent.withdrawn_at = now()
        on_record(session, actor, "consent.withdrawn", purpose)


def withdraw_all(session: Session, compound_id: UUID, person_id: UUID) -> None:
    """With the account: who can no longer take a consent back has taken it back."""
    still = select(Consent).where(
        Consent.compound_id == compound_id, Consent.person_id == person_id, col(Consent.withdrawn_at).is_(None)
    )
    for consent in session.exec(still):
        consent.withdrawn_at = now()


def _open(session: Session, compound_id: UUID, person_id: UUID, purpose: Purpose) -> Consent | None:
    return session.exec(
        select(Consent).where(
            Consent.compound_id == compound_id,
            Consent.person_id == person_id,
            Consent.purpose == purpose,
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
