"""The table where gifts are handed out: found, signed for, voided; the roll and the sheet to sign on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident, Visitor, officer
from app.access.permissions import Permission
from app.benefits import policy, service, stocking
from app.benefits.claim_models import TABLE_WAYS, WAY_SAYS, Claim, ClaimWay
from app.benefits.distribution_queries import DistributionCard, card_of, desks_of, distribution_for
from app.benefits.gift_queries import Gift, entitlement_for, gift_for, owners_of, roll
from app.benefits.models import Distribution
from app.benefits.roll_queries import lines_of, stairs
from app.benefits.schemas import ClaimWish, StockMoveWish, VoidWish
from app.benefits.showing import distribution_page
from app.benefits.table_queries import claim_for, find_at_table, handed_in, sheet_rows
from app.compounds.models import Person
from app.kit.clock import now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.views import View, see_other
from app.photos.arriving import Sent, sent_photos
from app.photos.models import Photo, PhotoSize, PhotoSource
from app.photos.service import keep
from app.photos.serving import photo_response
from app.publiclog.queries import first_index_of, head_of

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledClaim = Annotated[Filled[ClaimWish], filled(ClaimWish)]
FilledVoid = Annotated[Filled[VoidWish], filled(VoidWish)]
FilledMove = Annotated[Filled[StockMoveWish], filled(StockMoveWish)]


def _giver(session: Session, request: Request) -> Visitor:
    actor = officer(session, request)
    actor.need(Permission.HAND_OUT)
    return actor


PaperIn = Annotated[Sent, sent_photos(_giver, (("paper", PhotoSource.UNKNOWN),)), TakesFiles()]


@dataclass(frozen=True)
class DeskPage(View):
    template = "benefits/desk.html"
    tab = "home"

    d: DistributionCard
    q: str
    found: list[Gift]


@dataclass(frozen=True)
class ConfirmPage(View):
    template = "benefits/confirm.html"

    d: DistributionCard
    gift: Gift
    owners: list[tuple[UUID, str]]
    before: list[tuple[Claim, str, str]]
    """Earlier claims that stand, with the way and the officer."""
    lines: list[tuple[UUID, str]]
    """What can be handed out now."""
    desks: list[tuple[UUID, str]]
    form: Filled[ClaimWish]
    ways: list[tuple[str, str]]


@dataclass(frozen=True)
class ClaimPage(View):
    template = "benefits/claim.html"
    tab = "home"

    claim: Claim
    gift: Gift
    handed: str
    """What was handed over, in words."""
    way: str
    officer: str
    voided_by: str
    form: Filled[Any]
    """Of the photographed signature: it has no field but the picture."""
    can_hand_out: bool
    can_see_paper: bool
    can_void: bool


@dataclass(frozen=True)
class VoidPage(View):
    template = "benefits/void.html"

    claim: Claim
    gift: Gift
    handed: str
    officer: str
    form: Filled[VoidWish]


@dataclass(frozen=True)
class RollPage(View):
    template = "benefits/roll.html"
    tab = "home"

    d: DistributionCard
    claimed: bool
    page: Page[Gift]
    buildings: list[str]


@dataclass(frozen=True)
class SheetPage(View):
    template = "benefits/sheet.html"

    d: DistributionCard
    building: str
    lines: list[tuple[Gift, Qr]]
    """Each with the address of its code: a signed row is scanned and typed in at the table."""
    qr: Qr
    log_index: int
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("/entitlements/{entitlement_id}")
def show_line(session: DbSession, actor: Officer, entitlement_id: UUID) -> ConfirmPage:
    if not policy.can_hand_out(actor):
        raise NotAllowed
    return confirm_page(session, actor, entitlement_id)


@router.post("/entitlements/{entitlement_id}/claims")
def post_claim(session: DbSession, actor: Officer, request: Request, entitlement_id: UUID, form: FilledClaim) -> Response:
    actor.need(Permission.HAND_OUT)
    if form.wish is None:
        return confirm_page(session, actor, entitlement_id, form).reply(request, 422)
    made, _new = service.claim(session, actor, entitlement_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/claims/{made.id}")


@router.get("/claims/{claim_id}")
def show_claim(session: DbSession, actor: Resident, claim_id: UUID) -> ClaimPage:
    return claim_page(session, actor, claim_for(session, actor, claim_id), empty())


@router.get("/claims/{claim_id}/void")
def show_void(session: DbSession, actor: Officer, claim_id: UUID) -> VoidPage:
    claim = claim_for(session, actor, claim_id)
    if not policy.can_void(actor, claim):
        raise NotAllowed
    return void_page(session, actor, claim, empty())


@router.post("/claims/{claim_id}/void")
def post_void(session: DbSession, actor: Officer, request: Request, claim_id: UUID, form: FilledVoid) -> Response:
    actor.need(Permission.VOID_CLAIM)
    if form.wish is None:
        return void_page(session, actor, claim_for(session, actor, claim_id), form).reply(request, 422)
    service.void(session, actor, claim_id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/claims/{claim_id}", _("作废了，这一户可以再领。"))


@router.post("/claims/{claim_id}/paper")
def post_paper(session: DbSession, actor: Officer, request: Request, claim_id: UUID, paper: PaperIn) -> Response:
    """A picture's id follows from its bytes: the same form sent twice brings the same picture."""
    claim = claim_for(session, actor, claim_id)
    taken = next(iter(paper.taken.values()), None)
    if taken is None:
        problem = "".join(paper.refused) or _("请先拍一张照片。")
        return claim_page(session, actor, claim, empty().with_problem("paper", problem)).reply(request, 422)
    photo = keep(session, actor.compound.id, uuid5(claim_id, taken.sha256), taken, actor.person_id).photo
    service.add_paper(session, actor, claim_id, photo)
    return see_other(f"{actor.frame.base}/benefits/claims/{claim_id}", _("纸上的签名存好了。"))


@router.get("/claims/{claim_id}/paper/{size}")
def show_paper(session: DbSession, actor: Officer, request: Request, claim_id: UUID, size: PhotoSize) -> Response:
    """A sheet may hold the neighbours' lines too, so it is for the table and the supervisors only."""
    claim = claim_for(session, actor, claim_id)
    if not policy.can_see_roll(actor):
        raise NotAllowed
    photo = session.get(Photo, (claim.compound_id, claim.photo_id)) if claim.photo_id else None
    if photo is None:
        raise NotFound
    return photo_response(photo, size, request.app.state.blobs)


@router.post("/{id}/stock")
def post_stock(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledMove) -> Response:
    actor.need(Permission.HAND_OUT)
    if form.wish is None:
        return distribution_page(session, actor, distribution_for(session, actor, id), form).reply(request, 422)
    stocking.move_stock(session, actor, id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("货登记好了。"))


@router.get("/{id}/desk")
def show_desk(session: DbSession, actor: Officer, id: UUID, q: str = "") -> DeskPage | ConfirmPage:
    """One match is shown at once, ready to be confirmed."""
    if not policy.can_hand_out(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    found = find_at_table(session, distribution, q[:200])
    if len(found) == 1:
        return confirm_page(session, actor, found[0].id)
    return DeskPage(actor.frame, card_of(session, distribution), q[:200], found)


@router.get("/{id}/roll")
def show_roll(session: DbSession, actor: Officer, id: UUID, asked: AskedPage, claimed: bool = False) -> RollPage:
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    buildings = list(dict.fromkeys(s.building for s in stairs(session, distribution)))
    return RollPage(
        actor.frame, card_of(session, distribution), claimed, roll(session, distribution, asked, claimed=claimed), buildings
    )


@router.get("/{id}/sheet")
def show_sheet(session: DbSession, actor: Officer, request: Request, id: UUID, building: str) -> SheetPage:
    """The list to sign on paper when the telephone is dead, one building a sheet."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    if building not in {s.building for s in stairs(session, distribution)}:
        raise NotFound
    head = head_of(session, actor.compound.id)
    here = f"{request.app.state.settings.public_url}{actor.frame.base}/benefits/{id}"
    return SheetPage(
        actor.frame,
        card_of(session, distribution),
        building,
        [(gift, qr_path(f"{here}/desk?q={gift.code}")) for gift in sheet_rows(session, distribution, building)],
        qr_path(here),
        first_index_of(session, distribution),
        head.size,
        head.root.hex(),
        now(),
    )


def confirm_page(session: Session, actor: Actor, entitlement_id: UUID, form: Filled[ClaimWish] | None = None) -> ConfirmPage:
    unit = entitlement_for(session, actor, entitlement_id)
    gift = gift_for(session, actor, entitlement_id)
    distribution = session.get_one(Distribution, (unit.compound_id, unit.distribution_id))
    owners, desks = owners_of(session, unit), desks_of(session, distribution)
    claims = [session.get_one(Claim, (unit.compound_id, line.claim_id)) for line in gift.claimed]
    first = {"owner_id": owners[0].id} if owners else {}
    chosen = {"lines": [line.id for line in gift.now], "desk_id": desks[0].id}
    return ConfirmPage(
        actor.frame,
        card_of(session, distribution),
        gift,
        [(person.id, person.name) for person in owners],
        [(claim, _(WAY_SAYS[ClaimWay(claim.way)]), name_of(session, claim.compound_id, claim.officer_id)) for claim in claims],
        [(line.id, line.said) for line in gift.now],
        [(desk.id, desk.name) for desk in desks],
        form or empty({"way": ClaimWay.TICK_WITH_WITNESS.value, **first, **chosen}),
        [(way.value, _(WAY_SAYS[way])) for way in TABLE_WAYS],
    )


def claim_page(session: Session, actor: Actor, claim: Claim, form: Filled[Any]) -> ClaimPage:
    return ClaimPage(
        actor.frame,
        claim,
        gift_for(session, actor, claim.entitlement_id),
        handed(session, claim),
        _(WAY_SAYS[ClaimWay(claim.way)]),
        name_of(session, claim.compound_id, claim.officer_id),
        name_of(session, claim.compound_id, claim.voided_by_id) if claim.voided_by_id else "",
        form,
        policy.can_hand_out(actor),
        policy.can_see_roll(actor) and claim.photo_id is not None,
        policy.can_void(actor, claim),
    )


def void_page(session: Session, actor: Actor, claim: Claim, form: Filled[VoidWish]) -> VoidPage:
    return VoidPage(
        actor.frame,
        claim,
        gift_for(session, actor, claim.entitlement_id),
        handed(session, claim),
        name_of(session, claim.compound_id, claim.officer_id),
        form,
    )


def handed(session: Session, claim: Claim) -> str:
    ids = {line.id for line in handed_in(session, claim)}
    lines = lines_of(session, claim.compound_id, [claim.entitlement_id])[claim.entitlement_id]
    return "、".join(line.said for line in lines if line.id in ids)


def name_of(session: Session, compound_id: UUID, person_id: UUID) -> str:
    return session.get_one(Person, (compound_id, person_id)).name
