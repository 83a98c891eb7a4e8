"""The verb that settles a word."""

from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.volunteering.term_models import Term
from app.volunteering.term_schemas import TermWish


def set_term(session: Session, actor: Actor, wish: TermWish) -> Term:
    """Offer a word, or no longer; said twice it is said once. Raises NotAllowed."""
    actor.need(Permission.PLAN_SERVICE)
    at = select(Term).where(Term.compound_id == actor.compound.id, Term.of == wish.of, Term.name == wish.name)
    term = session.exec(at.with_for_update()).one_or_none()
    if term is None:
        term = Term(compound_id=actor.compound.id, of=wish.of, name=wish.name)
        session.add(term)
    term.offered = wish.offered
    on_record(session, actor, "term.set", term.id)
    return term
