"""The people's door to 我会什么: one's skills, and whether one may be asked to step in."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Resident
from app.access.consents import Purpose, consented
from app.kit.forms import Filled, changing, filled
from app.kit.i18n import _
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import helping
from app.volunteering.schemas import HelpingWish
from app.volunteering.skill_queries import all_skills, helper_of, skills_of

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledHelping = Annotated[Filled[HelpingWish], filled(HelpingWish)]


@dataclass(frozen=True)
class HelpingPage(View):
    template = "volunteering/helping.html"

    form: Filled[HelpingWish]
    skills: dict[UUID, str]
    consented: bool


@router.get("/helping")
def show_helping(session: DbSession, actor: Resident) -> HelpingPage:
    may = helper_of(session, actor.compound.id, actor.person_id).may_be_asked
    typed = {"skills": list(skills_of(session, actor.compound.id, actor.person_id)), "may_be_asked": may}
    return helping_page(session, actor, changing(typed, 0))


@router.post("/helping")
def post_helping(session: DbSession, actor: Resident, request: Request, form: FilledHelping) -> Response:
    if form.wish is None:
        return helping_page(session, actor, form).reply(request, 422)
    helping.say_how_i_help(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/volunteering", _("记好了，谢谢您。"))


def helping_page(session: Session, actor: Actor, form: Filled[HelpingWish]) -> HelpingPage:
    agreed = consented(session, actor.compound.id, actor.person_id, Purpose.SKILLS)
    return HelpingPage(actor.frame, form, all_skills(session, actor.compound.id), agreed)
