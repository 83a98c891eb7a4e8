"""Whom an officer writes for: a neighbour without a phone is looked up by name, number or room."""

from dataclasses import dataclass

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.compounds.people import PersonChoice, find_people
from app.kit.views import View


@dataclass(frozen=True)
class ForOthersPage(View):
    template = "renovation/for_others.html"

    says: str
    q: str
    people: list[PersonChoice]
    back: str
    leads_to: str


def for_others_page(session: Session, actor: Actor, q: str, says: str, back: str, leads_to: str) -> ForOthersPage:
    """`back` and `leads_to` below the compound's address; the person's id is put behind the latter. Raises NotAllowed."""
    actor.need(Permission.ACT_FOR_OTHERS)
    people, base = find_people(session, actor.compound.id, q[:60]), actor.frame.base
    return ForOthersPage(actor.frame, says, q[:60], people, base + back, base + leads_to)
