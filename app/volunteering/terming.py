"""The verb that settles a word."""

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.volunteering.term_models import TABLES
from app.volunteering.term_schemas import TermWish


def set_term(session: Session, actor: Actor, wish: TermWish) -> None:
    """Offer a word, or no longer; said twice it is said once. Raises NotAllowed."""
    actor.need(Permission.PLAN_SERVICE)
    table = TABLES[wish.of]
    at = select(table).where(table.compound_id == actor.compound.id, table.name == wish.name)
    term = session.exec(at.with_for_update()).one_or_none() or table(compound_id=actor.compound.id, name=wish.name)
    term.offered = wish.offered
    session.add(term)
    on_record(session, actor, "term.set", term.id)
