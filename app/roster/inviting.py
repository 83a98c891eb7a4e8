"""Verbs: print invite slips for many units at once, and take one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from app.access.actors import Actor
from app.access.models import Invite
from app.access.permissions import Permission
from app.access.record import on_record
from app.access.service import new_code
from app.accounts.service import hashed_token
from app.compounds.rules import rule
from app.kit.clock import now
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotFound
from app.roster.models import NobodyToInvite, TooManySlips
from app.roster.queries import UnitLine, units_in
from app.roster.schemas import InvitesWish

MOST_SLIPS = 160
"""On one sheet: 20 pages of paper, and about 1 s of drawing, which happens before the transaction."""


@dataclass(frozen=True)
class DrawnCode:
    """A fresh code, not yet anybody's, with its picture."""

    code: str
    qr: Qr

    @property
    def printed(self) -> str:
        return " ".join(self.code[i : i + 4] for i in range(0, len(self.code), 4))


@dataclass(frozen=True)
class Slip:
    """What is printed for a unit, shown once: the code itself is stored only hashed."""

    label: str
    drawn: DrawnCode
    until: datetime


def to_invite(session: Session, actor: Actor, wish: InvitesWish) -> list[UnitLine]:
    """The units a wish means, in the order of the stairs.

    Raises NotAllowed, SecondFactorNeeded (a slip makes whoever holds it a neighbour), NobodyToInvite, TooManySlips.
    """
    actor.need(Permission.INVITE)
    actor.need_second_factor()
    units = units_in(session, actor, place=wish.place, limit=100_000)
    if wish.whom == "without_account":
        units = [unit for unit in units if not unit.account]
    if not units:
        raise NobodyToInvite
    if len(units) > MOST_SLIPS:
        raise TooManySlips(most=MOST_SLIPS, n=len(units))
    return units


def draw(public_url: str, n: int) -> list[DrawnCode]:
    """Slow (6 ms each): before the transaction. The code stands in the address's fragment, which no server log sees."""
    codes = [new_code() for _ in range(n)]
    return [DrawnCode(code, qr_path(f"{public_url.rstrip('/')}/invite#{code}")) for code in codes]


def make_invites(session: Session, actor: Actor, units: Sequence[UnitLine], drawn: Sequence[DrawnCode]) -> list[Slip]:
    """A fresh slip for each unit; their older unused slips stop working. Raises NotAllowed, SecondFactorNeeded."""
    actor.need(Permission.INVITE)
    actor.need_second_factor()
    until = now() + timedelta(days=rule(session, actor.compound.id, "invite_days"))
    given = list(zip(units, drawn, strict=False))  # a unit that came after the drawing gets its slip the next time
    session.execute(
        update(Invite)
        .where(
            col(Invite.compound_id) == actor.compound.id,
            col(Invite.unit_id).in_([unit.id for unit, _drawn in given]),
            col(Invite.used_at).is_(None),
            col(Invite.revoked_at).is_(None),
        )
        .values(revoked_at=now())
    )
    for unit, code in given:
        session.add(
            Invite(
                compound_id=actor.compound.id,
                unit_id=unit.id,
                code_hash=hashed_token(code.code),
                made_by_id=actor.person_id,
                until_at=until,
            )
        )
        on_record(session, actor, "invite.made", unit.id)
    return [Slip(unit.label, code, until) for unit, code in given]


def revoke_invite(session: Session, actor: Actor, invite_id: UUID) -> None:
    """Raises NotAllowed, NotFound. A slip that was used stays used."""
    actor.need(Permission.INVITE)
    invite = session.get(Invite, (actor.compound.id, invite_id), with_for_update=True)
    if invite is None:
        raise NotFound
    if invite.used_at is None:
        invite.revoked_at = invite.revoked_at or now()
        session.add(invite)
    on_record(session, actor, "invite.revoked", invite_id)
