"""Who holds a right today, to be told that something waits for them."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.permissions import SEAT_PERMISSIONS, Permission
from app.compounds.models import Seat
from app.compounds.terms import holds


def holders_of(session: Session, compound_id: UUID, permission: Permission) -> Sequence[UUID]:
    """Everybody with a seat that gives the permission, once each."""
    kinds = [kind for kind, may in SEAT_PERMISSIONS.items() if permission in may]
    return session.exec(
        select(Seat.person_id).where(Seat.compound_id == compound_id, col(Seat.kind).in_(kinds), holds(Seat)).distinct()
    ).all()
