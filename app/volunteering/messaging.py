"""Verb: a word to everybody on a shift."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.inbox.models import Message
from app.inbox.service import send_to_many
from app.volunteering.queries import activity_for, shift_to_change, signups_in
from app.volunteering.schemas import MessageWish
from app.volunteering.signup_models import LIVE


def tell_all(session: Session, actor: Actor, shift_id: UUID, id: UUID, wish: MessageWish) -> int:
    """How many were told. `id` is made by the client and stands in the messages' own address, so that a second tap finds them
    there and tells nobody again. Raises NotFound, NotAllowed.
    """
    actor.need(Permission.PLAN_SERVICE)
    shift = shift_to_change(session, actor, shift_id)
    path = f"/volunteering/shifts/{shift.id}#{id}"
    told = session.exec(select(func.count()).where(Message.compound_id == shift.compound_id, col(Message.path) == path)).one()
    if told:
        return told
    title = activity_for(session, actor, shift.activity_id).title
    people = [signup.person_id for signup in signups_in(session, shift, *LIVE)]
    send_to_many(session, shift.compound_id, ((person_id, title, wish.text, path) for person_id in people))
    on_record(session, actor, "shift.message", shift.id)
    return len(people)
