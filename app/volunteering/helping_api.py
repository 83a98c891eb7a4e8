"""The programs' door to whether one may be asked to step in, and to the compound's skills."""

from fastapi import APIRouter

from app.access.actors import Anyone, Resident
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import helping
from app.volunteering.schemas import HelpingRead, HelpingWish, SkillRead, SkillsRead
from app.volunteering.skill_queries import all_skills, helper_of

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/skills", operation_id="list_skills", summary="The skills that this compound asks for, by name")
def get_skills(session: DbSession, visitor: Anyone) -> SkillsRead:
    return SkillsRead(items=[SkillRead(id=id, name=name) for id, name in all_skills(session, visitor.compound.id).items()])


@router.get("/helping", operation_id="get_helping", summary="Whether I may be asked to step in")
def get_helping(session: DbSession, actor: Resident) -> HelpingRead:
    return HelpingRead(may_be_asked=helper_of(session, actor.compound.id, actor.person_id).may_be_asked)


@router.put("/helping", operation_id="put_helping", summary="Say whether I may be asked to step in")
def put_helping(session: DbSession, actor: Resident, wish: HelpingWish) -> HelpingRead:
    """What I can do stands in the census."""
    return HelpingRead(may_be_asked=helping.say_whether_asked(session, actor, wish).may_be_asked)
