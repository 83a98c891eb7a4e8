"""Putting an act on record: who, in which compound, did what to which thing."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Known
from app.kit import audit


def on_record(session: Session, actor: Known, act: str, subject: UUID | str) -> None:
    """One audit line in the act's own transaction: an act that is rolled back leaves none."""
    audit.record(
        session,
        act=act,
        outcome="done",
        subject=str(subject),
        compound_id=actor.compound.id,
        account_id=actor.account_id,
        person_id=actor.person_id,
    )
