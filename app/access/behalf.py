"""Acting for somebody without a telephone: every act of a resident can be entered for them by an officer."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.compounds.people import is_at_home, name_at_home
from app.kit.forms import Filled
from app.kit.refusals import NotFound


def for_whom(session: Session, actor: Actor, person_id: UUID | None) -> UUID:
    """The person an act is for: oneself where nobody is named. Raises NotAllowed, NotFound (who does not live here)."""
    if person_id is None or person_id == actor.person_id:
        return actor.person_id
    actor.need(Permission.ACT_FOR_OTHERS)
    if not is_at_home(session, actor.compound.id, person_id):
        raise NotFound
    return person_id


def neighbour_named(session: Session, actor: Actor, form: Filled[Any]) -> str | None:
    """Whom a form with a hidden `person_id` is for; None for oneself. Raises what `for_whom` does."""
    person_id = for_whom(session, actor, form.uuid_of("person_id"))
    return name_at_home(session, actor.compound.id, person_id) if person_id != actor.person_id else None
