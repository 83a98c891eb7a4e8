"""Who holds a right today, to be told that something waits for them."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.permissions import SEAT_PERMISSIONS, Permission, permissions_of
from app.compounds.models import Seat, SeatKind
from app.compounds.terms import holds


def holders_of(session: Session, compound_id: UUID, permission: Permission) -> Sequence[UUID]:
    """Everybody with a seat that gives the permission, once each."""
    kinds = [kind for kind, may in SEAT_PERMISSIONS.items() if permission in may]
    return session.exec(
        select(Seat.person_id).where(Seat.compound_id == compound_id, col(Seat.kind).in_(kinds), holds(Seat)).distinct()
    ).all()


def may_still(session: Session, compound_id: UUID, person_id: UUID, permission: Permission) -> bool:
    """Whether the seats that a person holds today give the permission, as they would if they came now."""
    held = select(Seat.kind).where(Seat.compound_id == compound_id, Seat.person_id == person_id, holds(Seat))
    return permission in permissions_of(frozenset(SeatKind(kind) for kind in session.exec(held)))
