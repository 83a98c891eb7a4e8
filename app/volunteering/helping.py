"""Verbs: say whether one may be asked to step in; what a shift keeps for whoever has a skill."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from app.access.actors import Actor
from app.access.record import on_record
from app.compounds.models import Person
from app.kit.ids import new_id
from app.volunteering.models import Places, ShiftNeed
from app.volunteering.queries import signups_in
from app.volunteering.schemas import HelpingWish, Needs
from app.volunteering.signup_models import HOLDING
from app.volunteering.skill_models import Helper, Skill
from app.volunteering.skill_queries import helper_of


def say_whether_asked(session: Session, actor: Actor, wish: HelpingWish) -> Helper:
    """Whether I may be asked to step in, from now on. What I can do stands in the census."""
    session.get(Person, (actor.compound.id, actor.person_id), with_for_update=True)
    helper = helper_of(session, actor.compound.id, actor.person_id)
    helper.may_be_asked = wish.may_be_asked
    session.add(helper)
    on_record(session, actor, "helper.said", actor.person_id)
    return helper


def wanted_by_skill(session: Session, compound_id: UUID, needs: Needs) -> dict[UUID, int]:
    """The needs by the compound's own skills; a word that is new becomes one."""
    return {skill_named(session, compound_id, need.skill): need.wanted for need in needs.root}


def skill_named(session: Session, compound_id: UUID, name: str) -> UUID:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(Skill).values(compound_id=compound_id, id=new_id(), name=name)
    session.connection().execute(new.on_conflict_do_nothing(index_elements=["compound_id", "name"]))
    return session.exec(select(Skill.id).where(Skill.compound_id == compound_id, Skill.name == name)).one()


def keep_for_skills(session: Session, places: Places, wanted: Mapping[UUID, int]) -> Places:
    """From now on the shift keeps so many places for each skill; whoever held one of a kind no longer kept has one of the
    others. `Places.check` was asked before.
    """
    shift = places.shift
    before = {need.skill_id: need for need in places.needs}
    for skill_id in before.keys() - wanted.keys():
        for signup in signups_in(session, shift, *HOLDING):
            signup.skill_id = None if signup.skill_id == skill_id else signup.skill_id
        session.delete(before.pop(skill_id))
    for skill_id, number in wanted.items():
        if skill_id not in before:
            before[skill_id] = ShiftNeed(compound_id=shift.compound_id, shift_id=shift.id, skill_id=skill_id, wanted=number)
        before[skill_id].wanted = number
        session.add(before[skill_id])
    shift.kept = sum(wanted.values())
    return Places(shift, list(before.values()))
