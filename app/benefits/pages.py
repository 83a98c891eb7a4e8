"""What everybody sees: the plans, and what my own units are due, with the code to show."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident, Visitor
from app.benefits import planning, policy
from app.benefits.models import RULE_SAYS, BenefitKind, Distribution, ShareRule
from app.benefits.queries import (
    DistributionCard,
    Gift,
    Stair,
    card_of,
    distribution_for,
    distributions,
    drafts,
    my_gifts,
    roll_now,
    stairs,
    stairs_of_roll,
)
from app.benefits.schemas import DeliveryWish
from app.council.queries import decision_for
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import square_metres, yuan
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotFound, Refusal
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.notices.queries import NoticeCard, notice_of_record
from app.notices.queries import card_of as notice_card
from app.publiclog.queries import first_index_of

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledDelivery = Annotated[Filled[DeliveryWish], filled(DeliveryWish)]


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
    tab = "home"

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
class CodePage(View):
    template = "benefits/code.html"
    tab = "home"

    d: DistributionCard
    gifts: list[tuple[Gift, Qr, list[tuple[str, str, bool]]]]
    decision: tuple[UUID, str] | None
    log_index: int


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


@router.get("/{id}")
def show_distribution(session: DbSession, visitor: Anyone, id: UUID) -> DistributionPage:
    return distribution_page(session, visitor, distribution_for(session, visitor, id), empty())


@router.post("/{id}/stock")
def post_stock(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledDelivery) -> Response:
    if form.wish is None:
        return distribution_page(session, actor, distribution_for(session, actor, id), form).reply(request, 422)
    planning.receive_stock(session, actor, id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/benefits/{id}", _("到货登记好了。"))


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
