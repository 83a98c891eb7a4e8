"""Verbs: make the secret address of one's calendar, and end it."""

from secrets import token_urlsafe

from sqlmodel import Session

from app.access.actors import Actor
from app.access.record import on_record
from app.compounds.models import Person
from app.kit.clock import now
from app.volunteering.calendar_models import CalendarLink
from app.volunteering.calendar_queries import hashed_secret, link_of

BYTES = 24
"""192 bits: nobody finds one by trying."""


def make_link(session: Session, actor: Actor) -> str:
    """A new secret, which is shown this once; the address before it opens nothing any more."""
    end_link(session, actor)
    secret = token_urlsafe(BYTES)
    session.add(CalendarLink(compound_id=actor.compound.id, person_id=actor.person_id, secret_sha256=hashed_secret(secret)))
    on_record(session, actor, "calendar.made", actor.person_id)
    return secret


def end_link(session: Session, actor: Actor) -> None:
    session.get(Person, (actor.compound.id, actor.person_id), with_for_update=True)
    before = link_of(session, actor.compound.id, actor.person_id)
    if before is not None:
        before.ended_at = now()
        session.flush()
        on_record(session, actor, "calendar.ended", actor.person_id)
