"""The board for people: who appears, what they promise and keep, the neighbours' verdict, and the plaque for the door."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Resident, Visitor, resident
from app.access.consents import PURPOSES, Purpose, consented
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.qr import Qr, qr_path
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.views import View, see_other
from app.photos.arriving import Sent, sent_photos
from app.photos.models import PhotoSize
from app.photos.serving import photo_response
from app.volunteering import pledging, policy
from app.volunteering.pledge_models import VERDICT_SAYS
from app.volunteering.pledge_queries import (
    Member,
    PledgeCard,
    board,
    card_of,
    is_party_member,
    member_for,
    my_verdicts,
    party_members,
    pledge_for,
    pledge_photo_for,
)
from app.volunteering.pledge_schemas import KeptWish, PledgeWish, VerdictWish

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledPledge = Annotated[Filled[PledgeWish], filled(PledgeWish)]
FilledKept = Annotated[Filled[KeptWish], filled(KeptWish)]
FilledVerdict = Annotated[Filled[VerdictWish], filled(VerdictWish)]
PhotosOfMember = Annotated[Sent, sent_photos(resident), TakesFiles()]


@dataclass(frozen=True)
class BoardPage(View):
    template = "volunteering/members.html"
    tab = "volunteering"

    members: list[Member]
    may_promise: bool
    appears: bool
    can_act_for_others: bool


@dataclass(frozen=True)
class MemberPage(View):
    template = "volunteering/member.html"
    tab = "volunteering"

    member: Member
    mine: bool
    acts_for_others: bool
    judges: bool
    said: dict[UUID, str]
    """What this reader said of which promise."""
    verdicts: list[tuple[str, str]]
    form: Filled[VerdictWish]


@dataclass(frozen=True)
class PlaquePage(View):
    template = "volunteering/plaque.html"

    member: Member
    qr: Qr
    address: str


@dataclass(frozen=True)
class PledgeFormPage(View):
    template = "volunteering/pledge_form.html"

    form: Filled[PledgeWish]
    others: list[tuple[UUID, str]]
    """For whom this reader may write it down."""
    consent: str


@dataclass(frozen=True)
class KeepPage(View):
    template = "volunteering/pledge_keep.html"

    pledge: PledgeCard
    person_id: UUID
    form: Filled[KeptWish]


@router.get("/members")
def show_board(session: DbSession, visitor: Anyone) -> BoardPage:
    members, actor = board(session, visitor), visitor if isinstance(visitor, Actor) else None
    return BoardPage(
        visitor.frame,
        members,
        actor is not None and is_party_member(session, visitor.compound.id, actor.person_id),
        actor is not None and consented(session, visitor.compound.id, actor.person_id, Purpose.APPEAR),
        policy.can_act_for_others(visitor),
    )


@router.get("/members/{person_id}")
def show_member(session: DbSession, visitor: Anyone, person_id: UUID) -> MemberPage:
    return member_page(session, visitor, person_id, empty())


@router.get("/members/{person_id}/plaque")
def show_plaque(session: DbSession, visitor: Anyone, request: Request, person_id: UUID) -> PlaquePage:
    """门牌: its code leads to the member's page, where everybody may read and judge."""
    member = member_for(session, visitor, person_id)
    address = f"{request.app.state.settings.public_url}{visitor.frame.base}/volunteering/members/{person_id}"
    return PlaquePage(visitor.frame, member, qr_path(address), address)


@router.get("/pledges/new")
def show_pledge_form(session: DbSession, actor: Resident) -> PledgeFormPage:
    return pledge_form_page(session, actor, empty())


@router.post("/pledges/new")
def post_pledge(session: DbSession, actor: Resident, request: Request, form: FilledPledge) -> Response:
    if form.wish is None:
        return pledge_form_page(session, actor, form).reply(request, 422)
    pledge, _made = pledging.promise(session, actor, form.id, form.wish)
    return see_other(_place(actor, pledge.person_id), _("公开承诺了，大家看得到。"))


@router.get("/pledges/{pledge_id}/keep")
def show_keep(session: DbSession, actor: Resident, pledge_id: UUID) -> KeepPage:
    return keep_page(session, actor, pledge_id, empty())


@router.post("/pledges/{pledge_id}/keep")
def post_keep(
    session: DbSession, actor: Resident, request: Request, pledge_id: UUID, sent: PhotosOfMember, form: FilledKept
) -> Response:
    if form.wish is None:
        return keep_page(session, actor, pledge_id, sent.again(form)).reply(request, 422)
    pledge = pledging.keep(session, actor, pledge_id, form.wish.how, sent.taken)
    return see_other(_place(actor, pledge.person_id), sent.said(_("记下了，邻居们可以来评。")))


@router.post("/pledges/{pledge_id}/withdraw")
def post_withdraw(session: DbSession, actor: Resident, pledge_id: UUID) -> Response:
    pledge = pledging.withdraw_pledge(session, actor, pledge_id)
    return see_other(_place(actor, pledge.person_id), _("撤回了。"))


@router.post("/pledges/{pledge_id}/verdicts")
def post_verdict(session: DbSession, actor: Resident, request: Request, pledge_id: UUID, form: FilledVerdict) -> Response:
    pledge = pledge_for(session, actor, pledge_id)
    if form.wish is None:
        return member_page(session, actor, pledge.person_id, form).reply(request, 422)
    pledging.judge(session, actor, pledge_id, form.wish.verdict)
    return see_other(_place(actor, pledge.person_id), _("谢谢您的评价。随时可以改。"))


@router.get("/pledges/{pledge_id}/photos/{photo_id}/{size}")
def show_pledge_photo(
    session: DbSession, visitor: Anyone, request: Request, pledge_id: UUID, photo_id: UUID, size: PhotoSize
) -> Response:
    return photo_response(pledge_photo_for(session, visitor, pledge_id, photo_id, size), size, request.app.state.blobs)


def pledge_form_page(session: Session, actor: Actor, form: Filled[PledgeWish]) -> PledgeFormPage:
    people = party_members(session, actor.compound.id) if policy.can_act_for_others(actor) else []
    others = [(id, name) for id, name in people if id != actor.person_id]
    return PledgeFormPage(actor.frame, form, others, _(PURPOSES[Purpose.APPEAR][1]))


def member_page(session: Session, visitor: Visitor, person_id: UUID, form: Filled[VerdictWish]) -> MemberPage:
    actor = visitor if isinstance(visitor, Actor) else None
    mine = actor is not None and actor.person_id == person_id
    return MemberPage(
        visitor.frame,
        member_for(session, visitor, person_id),
        mine,
        policy.can_act_for_others(visitor),
        actor is not None and not mine,
        my_verdicts(session, visitor.compound.id, actor.person_id) if actor else {},
        [(verdict.value, _(says)) for verdict, says in VERDICT_SAYS.items()],
        form,
    )


def keep_page(session: Session, actor: Actor, pledge_id: UUID, form: Filled[KeptWish]) -> KeepPage:
    pledge = pledge_for(session, actor, pledge_id)
    return KeepPage(actor.frame, card_of(session, pledge), pledge.person_id, form)


def _place(actor: Actor, person_id: UUID) -> str:
    return f"{actor.frame.base}/volunteering/members/{person_id}"
