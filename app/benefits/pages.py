"""The people's door: what I am due, the plans, and the table where gifts are handed out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor, officer
from app.access.permissions import Permission
from app.benefits import planning, policy, service
from app.benefits.models import RULE_SAYS, WAY_SAYS, BenefitKind, Claim, ClaimWay, Distribution, ShareRule
from app.benefits.queries import (
    DistributionCard,
    Gift,
    RollRow,
    Stair,
    card_of,
    claim_for,
    distribution_for,
    distributions,
    drafts,
    find_at_table,
    gift_for,
    live_claim,
    my_gifts,
    owners_of,
    roll,
    roll_now,
    sheet_rows,
    stairs,
    stairs_of_roll,
)
from app.benefits.queries import entitlement_for as line_for
from app.benefits.schemas import ClaimWish, DeliveryWish, DistributionWish, VoidWish
from app.compounds.models import Person, UnitKind
from app.council.queries import decision_choices, decision_for
from app.kit.clock import now
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _, mark
from app.kit.money import square_metres, yuan
from app.kit.pager import AskedPage, Page
from app.kit.pictures import PictureProblem, receive
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotAllowed, NotFound, Refusal
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.views import View, see_other
from app.notices.queries import NoticeCard, notice_of_record
from app.notices.queries import card_of as notice_card
from app.photos.intake import TakenIn, take_in
from app.photos.models import Photo, PhotoSize
from app.photos.schemas import Capture
from app.photos.service import keep
from app.photos.serving import photo_response
from app.publiclog.queries import first_index_of, head_of

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledPlan = Annotated[Filled[DistributionWish], filled(DistributionWish)]
FilledDelivery = Annotated[Filled[DeliveryWish], filled(DeliveryWish)]
FilledClaim = Annotated[Filled[ClaimWish], filled(ClaimWish)]
FilledVoid = Annotated[Filled[VoidWish], filled(VoidWish)]

UNIT_KIND_SAYS = {UnitKind.DWELLING: mark("住宅"), UnitKind.SHOP: mark("商铺"), UnitKind.GARAGE: mark("车库")}
KIND_SAYS = {BenefitKind.GOODS: mark("发东西"), BenefitKind.MONEY: mark("发钱")}


@dataclass(frozen=True)
class Paper:
    """The photographed signature that came with a form, or what is wrong with it."""

    taken_in: TakenIn | None
    problem: str


async def paper_in(request: Request) -> Paper:
    """The slow part, before the transaction, and only for somebody who may hand out."""
    state = request.app.state
    await state.db.look(lambda session: officer(session, request).need(Permission.HAND_OUT))
    async with request.form() as form:
        file = form.get("paper")
        if not isinstance(file, UploadFile) or not file.filename:
            return Paper(None, _("请先拍一张照片。"))
        try:
            with await receive(file, state.desk.directory) as received:
                return Paper(await to_thread.run_sync(take_in, state.desk, state.blobs, received, Capture()), "")
        except PictureProblem as no:
            return Paper(None, no.message)


@dataclass(frozen=True)
class BenefitsPage(View):
    template = "benefits/list.html"
    tab = "home"

    mine: list[Gift]
    published: Page[DistributionCard]
    drafts: list[Distribution]
    can_plan: bool


@dataclass(frozen=True)
class DistributionPage(View):
    template = "benefits/distribution.html"

    d: DistributionCard
    rule: str
    given: str
    decision: tuple[UUID, str] | None
    stairs: list[Stair]
    notice: NoticeCard | None
    log_index: int | None
    mine: list[Gift]
    problem: str | None
    """Why the draft cannot be published now."""
    form: Filled[DeliveryWish]
    can_plan: bool
    can_hand_out: bool
    can_see_roll: bool


@dataclass(frozen=True)
class PlanPage(View):
    template = "benefits/plan.html"

    form: Filled[DistributionWish]
    kinds: list[tuple[str, str]]
    rules: list[tuple[str, str]]
    unit_kinds: list[tuple[str, str]]
    decisions: list[tuple[UUID, str]]


@dataclass(frozen=True)
class CodePage(View):
    template = "benefits/code.html"

    d: DistributionCard
    gifts: list[tuple[Gift, Qr, list[tuple[str, str, bool]]]]
    decision: tuple[UUID, str] | None
    log_index: int


@dataclass(frozen=True)
class DeskPage(View):
    template = "benefits/desk.html"

    d: DistributionCard
    q: str
    found: list[Gift]


@dataclass(frozen=True)
class ConfirmPage(View):
    template = "benefits/confirm.html"

    d: DistributionCard
    gift: Gift
    owners: list[tuple[UUID, str]]
    before: Claim | None
    before_officer: str
    before_way: str
    form: Filled[ClaimWish]
    ways: list[tuple[str, str]]


@dataclass(frozen=True)
class ClaimPage(View):
    template = "benefits/claim.html"

    claim: Claim
    gift: Gift
    way: str
    officer: str
    voided_by: str
    can_hand_out: bool
    can_see_paper: bool
    can_void: bool


@dataclass(frozen=True)
class VoidPage(View):
    template = "benefits/void.html"

    claim: Claim
    gift: Gift
    officer: str
    form: Filled[VoidWish]


@dataclass(frozen=True)
class RollPage(View):
    template = "benefits/roll.html"

    d: DistributionCard
    claimed: bool
    page: Page[RollRow]
    buildings: list[str]


@dataclass(frozen=True)
class SheetPage(View):
    template = "benefits/sheet.html"

    d: DistributionCard
    building: str
    lines: list[RollRow]
    log_index: int
    log_size: int
    log_root: str
    printed_at: datetime


@router.get("")
def show_benefits(session: DbSession, visitor: Anyone, asked: AskedPage) -> BenefitsPage:
    mine = my_gifts(session, visitor) if isinstance(visitor, Actor) else []
    return BenefitsPage(
        visitor.frame,
        mine,
        distributions(session, visitor, asked),
        drafts(session, visitor),
        policy.can_plan(visitor),
    )


@router.get("/plan")
def show_plan(session: DbSession, actor: Officer) -> PlanPage:
    if not policy.can_plan(actor):
        raise NotAllowed
    return plan_page(session, actor, empty({"unit_kinds": [UnitKind.DWELLING.value], "bring": _("身份证或房产证")}))


@router.post("/plan")
def post_plan(session: DbSession, actor: Officer, request: Request, form: FilledPlan) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    if form.wish is None:
        return plan_page(session, actor, form).reply(request, 422)
    made, _new = planning.plan(session, actor, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{made.id}", _("方案存好了。核对以后再公示。"))


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
    claim = claim_for(session, actor, claim_id)
    return ClaimPage(
        actor.frame,
        claim,
        gift_for(session, actor, claim.entitlement_id),
        _(WAY_SAYS[ClaimWay(claim.way)]),
        name_of(session, claim.compound_id, claim.officer_id),
        name_of(session, claim.compound_id, claim.voided_by_id) if claim.voided_by_id else "",
        policy.can_hand_out(actor),
        policy.can_see_roll(actor) and claim.photo_id is not None,
        policy.can_void(actor, claim),
    )


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
def post_paper(
    session: DbSession, actor: Officer, claim_id: UUID, paper: Annotated[Paper, Depends(paper_in), TakesFiles()]
) -> Response:
    """A picture's id follows from its bytes: the same form sent twice brings the same picture."""
    claim_for(session, actor, claim_id)
    words = paper.problem
    if paper.taken_in:
        photo = keep(session, actor.compound.id, uuid5(claim_id, paper.taken_in.sha256), paper.taken_in, actor.person_id).photo
        service.add_paper(session, actor, claim_id, photo)
        words = _("纸上的签名存好了。")
    return see_other(f"{actor.frame.base}/benefits/claims/{claim_id}", words)


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


@router.get("/{id}")
def show_distribution(session: DbSession, visitor: Anyone, id: UUID) -> DistributionPage:
    return distribution_page(session, visitor, distribution_for(session, visitor, id), empty())


@router.post("/{id}/publish")
def post_publish(session: DbSession, actor: Officer, id: UUID) -> Response:
    planning.freeze_and_publish(session, actor, id)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("名册定了，方案公示了。"))


@router.post("/{id}/stock")
def post_stock(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledDelivery) -> Response:
    if form.wish is None:
        return distribution_page(session, actor, distribution_for(session, actor, id), form).reply(request, 422)
    planning.receive_stock(session, actor, id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("到货登记好了。"))


@router.post("/{id}/close")
def post_close(session: DbSession, actor: Officer, id: UUID) -> Response:
    planning.close(session, actor, id)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("收摊了。没领的仍然记着，不作废。"))


@router.post("/{id}/reopen")
def post_reopen(session: DbSession, actor: Officer, id: UUID) -> Response:
    planning.reopen(session, actor, id)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("重新开放了，可以补领。"))


@router.get("/{id}/code")
def show_code(session: DbSession, actor: Resident, request: Request, id: UUID) -> CodePage:
    """My codes for one plan, a tile for each unit. Raises NotFound for whoever owns none of its units."""
    distribution = distribution_for(session, actor, id)
    gifts = my_gifts(session, actor, id)
    if not gifts:
        raise NotFound
    desk = f"{request.app.state.settings.public_url}{actor.frame.base}/benefits/{id}/desk?q="
    return CodePage(
        actor.frame,
        card_of(session, distribution),
        [(gift, qr_path(desk + gift.code), arithmetic(distribution, gift)) for gift in gifts],
        decision_named(session, actor, distribution),
        first_index_of(session, distribution),
    )


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
def show_sheet(session: DbSession, actor: Officer, id: UUID, building: str) -> SheetPage:
    """The list to sign on paper when the telephone is dead, one building a sheet."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    distribution = distribution_for(session, actor, id)
    if building not in {s.building for s in stairs(session, distribution)}:
        raise NotFound
    head = head_of(session, actor.compound.id)
    return SheetPage(
        actor.frame,
        card_of(session, distribution),
        building,
        sheet_rows(session, distribution, building),
        first_index_of(session, distribution),
        head.size,
        head.root.hex(),
        now(),
    )


def plan_page(session: Session, actor: Actor, form: Filled[DistributionWish]) -> PlanPage:
    return PlanPage(
        actor.frame,
        form,
        [(kind.value, _(says)) for kind, says in KIND_SAYS.items()],
        [(rule.value, _(says)) for rule, says in RULE_SAYS.items()],
        [(kind.value, _(says)) for kind, says in UNIT_KIND_SAYS.items()],
        decision_choices(session, actor),
    )


def distribution_page(
    session: Session, visitor: Visitor, distribution: Distribution, form: Filled[DeliveryWish]
) -> DistributionPage:
    card, problem, by_stair = card_of(session, distribution), None, []
    if distribution.frozen_at:
        by_stair = stairs(session, distribution)
    else:
        try:
            preview = roll_now(session, distribution)
        except Refusal as refusal:
            problem = refusal.message
        else:
            by_stair = stairs_of_roll(preview)
    found = notice_of_record(session, distribution.compound_id, distribution.id)
    return DistributionPage(
        visitor.frame,
        card,
        _(RULE_SAYS[ShareRule(distribution.rule)]),
        given(distribution),
        decision_named(session, visitor, distribution),
        by_stair,
        notice_card(*found) if found else None,
        first_index_of(session, distribution) if found else None,
        my_gifts(session, visitor, distribution.id) if isinstance(visitor, Actor) else [],
        problem,
        form,
        policy.can_plan(visitor),
        policy.can_hand_out(visitor),
        policy.can_see_roll(visitor),
    )


def confirm_page(session: Session, actor: Actor, entitlement_id: UUID, form: Filled[ClaimWish] | None = None) -> ConfirmPage:
    line = line_for(session, actor, entitlement_id)
    gift = gift_for(session, actor, entitlement_id)
    owners = owners_of(session, line)
    before = live_claim(session, line)
    first = {"owner_id": owners[0].id} if owners else {}
    return ConfirmPage(
        actor.frame,
        card_of(session, session.get_one(Distribution, (actor.compound.id, gift.distribution_id))),
        gift,
        [(person.id, person.name) for person in owners],
        before,
        name_of(session, before.compound_id, before.officer_id) if before else "",
        _(WAY_SAYS[ClaimWay(before.way)]) if before else "",
        form or empty({"way": ClaimWay.TICK_WITH_WITNESS.value, **first}),
        [(way.value, _(says)) for way, says in WAY_SAYS.items()],
    )


def void_page(session: Session, actor: Actor, claim: Claim, form: Filled[VoidWish]) -> VoidPage:
    return VoidPage(
        actor.frame,
        claim,
        gift_for(session, actor, claim.entitlement_id),
        name_of(session, claim.compound_id, claim.officer_id),
        form,
    )


def given(distribution: Distribution) -> str:
    """What a unit gets, in words."""
    if distribution.kind == BenefitKind.GOODS:
        return distribution.goods
    match distribution.rule:
        case ShareRule.FIXED_PER_UNIT:
            return _("每户 %(amount)s", amount=yuan(distribution.asked_fen))
        case ShareRule.EQUAL:
            return _("一共 %(amount)s，每户一样", amount=yuan(distribution.asked_fen))
        case _:
            return _("一共 %(amount)s，按面积分", amount=yuan(distribution.asked_fen))


def arithmetic(distribution: Distribution, gift: Gift) -> list[tuple[str, str, bool]]:
    """How this unit's part came about, top to bottom, so that its owners can redo it."""
    units = _("%(n)s 户", n=distribution.units)
    mine = (_("您家这一份"), yuan(gift.amount_fen), True)
    match distribution.rule:
        case ShareRule.BY_AREA:
            return [
                (_("拿出的公共收益"), yuan(distribution.total_fen), False),
                (_("除以 总面积"), f"{square_metres(distribution.total_area)} m²", False),
                (_("乘以 您家面积"), f"{square_metres(gift.area)} m²", False),
                mine,
            ]
        case ShareRule.EQUAL:
            return [(_("拿出的公共收益"), yuan(distribution.total_fen), False), (_("除以 户数"), units, False), mine]
        case _:
            return [mine, (_("乘以 户数"), units, False), (_("拿出的公共收益"), yuan(distribution.total_fen), True)]


def decision_named(session: Session, visitor: Visitor, distribution: Distribution) -> tuple[UUID, str] | None:
    if distribution.decision_id is None:
        return None
    decision = decision_for(session, visitor, distribution.decision_id)
    return decision.id, f"{decision.reference} {decision.title}"


def name_of(session: Session, compound_id: UUID, person_id: UUID) -> str:
    return session.get_one(Person, (compound_id, person_id)).name
