"""The programs' door to skills, and to whether one may be asked to step in."""

from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Resident
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import helping
from app.volunteering.schemas import HelpingRead, HelpingWish, SkillRead, SkillsRead
from app.volunteering.skill_models import Helper
from app.volunteering.skill_queries import all_skills, helper_of, skills_of

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/skills", operation_id="list_skills", summary="The skills that this compound asks for, by name")
def get_skills(session: DbSession, visitor: Anyone) -> SkillsRead:
    return SkillsRead(items=_named(session, visitor.compound.id))


@router.get("/helping", operation_id="get_helping", summary="My skills, and whether I may be asked to step in")
def get_helping(session: DbSession, actor: Resident) -> HelpingRead:
    return _read(session, actor, helper_of(session, actor.compound.id, actor.person_id))


@router.put("/helping", operation_id="put_helping", summary="Say what I can do, and whether I may be asked to step in")
def put_helping(session: DbSession, actor: Resident, wish: HelpingWish) -> HelpingRead:
    """The whole of it, as it stands from now on. Skills need the consent for keeping them."""
    helper = helping.say_how_i_help(session, actor, wish)
    session.flush()
    return _read(session, actor, helper)


def _read(session: Session, actor: Actor, helper: Helper) -> HelpingRead:
    mine = skills_of(session, actor.compound.id, actor.person_id)
    named = [skill for skill in _named(session, actor.compound.id) if skill.id in mine]
    return HelpingRead(skills=named, may_be_asked=helper.may_be_asked)


def _named(session: Session, compound_id: UUID) -> list[SkillRead]:
    return [SkillRead(id=id, name=name) for id, name in all_skills(session, compound_id).items()]
