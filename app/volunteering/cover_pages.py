"""The people's door to stepping in: ask for cover, step in, exchange shifts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from app.access.actors import Actor, Resident
from app.compounds.models import Person
from app.kit.clock import now, said_moment
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import covering, policy
from app.volunteering.cover_models import CoverCall
from app.volunteering.cover_queries import cover_for
from app.volunteering.queries import ShiftCard, card_of, shift_for, shifts_between, signup_for
from app.volunteering.schemas import CoverWish
from app.volunteering.signup_models import Signup, SignupState

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledCover = Annotated[Filled[CoverWish], filled(CoverWish)]

EXCHANGED_WITHIN = timedelta(weeks=3)
"""Further ahead nobody exchanges."""


@dataclass(frozen=True)
class AskCoverPage(View):
    template = "volunteering/ask_cover.html"

    signup: Signup
    shift: ShiftCard
    others: list[tuple[str, str]]
    """Shifts for which it may be exchanged."""
    form: Filled[CoverWish]


@dataclass(frozen=True)
class CoverPage(View):
    template = "volunteering/cover.html"

    cover: CoverCall
    shift: ShiftCard
    other: ShiftCard | None
    """In exchange for this one."""
    asker: str
    mine: bool
    over: bool


@router.get("/signups/{signup_id}/cover")
def show_ask_cover(session: DbSession, actor: Resident, signup_id: UUID) -> AskCoverPage:
    signup = signup_for(session, actor, signup_id)
    if not policy.can_decide(actor, signup):
        raise NotFound
    shift, activity = shift_for(session, actor, signup.shift_id)
    others = [
        (str(one.id), f"{one.title}，{said_moment(one.starts_at)}")
        for one in shifts_between(session, actor, now(), now() + EXCHANGED_WITHIN)
        if one.id != shift.id and not one.cancelled
    ]
    return AskCoverPage(actor.frame, signup, card_of(session, shift, activity), others, empty({"for_shift_id": ""}))


@router.post("/signups/{signup_id}/cover")
def post_ask_cover(session: DbSession, actor: Resident, signup_id: UUID, form: FilledCover) -> Response:
    cover, _made = covering.ask_for_cover(session, actor, signup_id, form.id, form.wish or CoverWish())
    words = _("已经问了 %(n)s 位邻居。有人替之前，名额还是您的。", n=cover.asked)
    return see_other(f"{actor.frame.base}/volunteering/covers/{cover.id}", words)


@router.get("/covers/{cover_id}")
def show_cover(session: DbSession, actor: Resident, cover_id: UUID) -> CoverPage:
    cover = cover_for(session, actor, cover_id)
    signup = session.get_one(Signup, (cover.compound_id, cover.signup_id))
    shift, activity = shift_for(session, actor, signup.shift_id)
    asker = session.get_one(Person, (cover.compound_id, signup.person_id))
    gone = signup.state != SignupState.CONFIRMED or shift.started or shift.cancelled_at is not None
    return CoverPage(
        actor.frame,
        cover,
        card_of(session, shift, activity),
        _card(session, actor, cover.for_shift_id) if cover.for_shift_id else None,
        asker.name,
        policy.can_decide(actor, signup),
        cover.closed_at is not None or (cover.taken_at is None and gone),
    )


@router.post("/covers/{cover_id}/take")
def post_take(session: DbSession, actor: Resident, cover_id: UUID) -> Response:
    signup = covering.take_over(session, actor, cover_id)
    return see_other(f"{actor.frame.base}/volunteering/signups/{signup.id}", _("您替下了这一班，谢谢您。"))


@router.post("/covers/{cover_id}/take-back")
def post_take_back(session: DbSession, actor: Resident, cover_id: UUID) -> Response:
    cover = covering.take_back(session, actor, cover_id)
    return see_other(f"{actor.frame.base}/volunteering/signups/{cover.signup_id}", _("不请人替了，您自己来。"))


def _card(session: Session, actor: Actor, shift_id: UUID) -> ShiftCard:
    shift, activity = shift_for(session, actor, shift_id)
    return card_of(session, shift, activity)
