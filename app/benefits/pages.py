"""What everybody sees: the plans, and what my own units are due, with the code to show."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Resident
from app.benefits import policy
from app.benefits.delivery_models import Delivery
from app.benefits.delivery_queries import delivery_of
from app.benefits.distribution_queries import (
    DistributionCard,
    ItemCard,
    card_of,
    distribution_for,
    distributions,
    unpublished,
)
from app.benefits.gift_queries import Gift, my_gifts, owned_since
from app.benefits.models import RULE_SAYS, Distribution, ShareRule
from app.benefits.queue_queries import PlaceInLine, numbered_batches, place_of
from app.benefits.roll_queries import Line
from app.benefits.showing import DistributionPage, decision_named, distribution_page, each
from app.compounds.models import Person
from app.kit.clock import start_of, today
from app.kit.forms import empty
from app.kit.i18n import _
from app.kit.money import square_metres, yuan
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View
from app.publiclog.queries import first_index_of

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

Sum = tuple[str, str, bool]
"""A line of a calculation: what it is, how much, and whether it is the result."""


@dataclass(frozen=True)
class BenefitsPage(View):
    template = "benefits/list.html"
    tab = "home"

    mine: list[Gift]
    published: Page[DistributionCard]
    drafts: list[Distribution]
    can_plan: bool
    can_see_plans: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """How a unit comes to what it is due. `claims`: of the reader's own time, one line of each. `brings`: who delivers it, ""
    where it waits for somebody.
    """

    claims: list[Line]
    place: PlaceInLine | None
    delivery: Delivery | None
    brings: str


@dataclass(frozen=True)
class CodePage(View):
    template = "benefits/code.html"
    tab = "home"

    d: DistributionCard
    gifts: list[tuple[Gift, Qr, list[tuple[Line, list[Sum]]]]]
    coming: dict[UUID, Coming]
    """By entitlement."""
    gives_numbers: bool
    """Whether any are given today."""
    decision: tuple[UUID, str] | None
    log_index: int


@router.get("")
def show_benefits(session: DbSession, visitor: Anyone, asked: AskedPage) -> BenefitsPage:
    return BenefitsPage(
        visitor.frame,
        my_gifts(session, visitor) if isinstance(visitor, Actor) else [],
        distributions(session, visitor, asked),
        unpublished(session, visitor),
        policy.can_plan(visitor),
        policy.can_see_plans(visitor),
    )


@router.get("/{id}")
def show_distribution(session: DbSession, visitor: Anyone, id: UUID) -> DistributionPage:
    return distribution_page(session, visitor, distribution_for(session, visitor, id), empty())


@router.get("/{id}/code")
def show_code(session: DbSession, actor: Resident, request: Request, id: UUID) -> CodePage:
    """My codes for one plan, a tile for each unit. Raises NotFound for whoever owns none of its units."""
    distribution = distribution_for(session, actor, id)
    gifts = my_gifts(session, actor, id)
    if not gifts:
        raise NotFound
    desk = f"{request.app.state.settings.public_url}{actor.frame.base}/benefits/{id}/desk?q="
    card = card_of(session, distribution)
    items = {item.id: item for item in card.items}
    return CodePage(
        actor.frame,
        card,
        [
            (
                gift,
                qr_path(desk + gift.code),
                [(line, arithmetic(distribution, items[line.item_id], line)) for line in gift.lines],
            )
            for gift in gifts
        ],
        coming_for(session, actor, distribution, gifts),
        bool(numbered_batches(session, distribution)),
        decision_named(session, actor, distribution),
        first_index_of(session, distribution),
    )


def coming_for(session: Session, actor: Actor, distribution: Distribution, gifts: list[Gift]) -> dict[UUID, Coming]:
    since, found = owned_since(session, actor), {}
    for gift in gifts:
        delivery = delivery_of(session, distribution, gift.unit_id)
        ahead = delivery.volunteer_id if delivery and delivery.deliver_on and delivery.deliver_on >= today() else None
        brings = session.get_one(Person, (distribution.compound_id, ahead)).name if ahead else ""
        claims = [line for line in gift.claimed if line.claimed_at and line.claimed_at >= start_of(since[gift.unit_id])]
        found[gift.id] = Coming(claims, place_of(session, distribution, gift.unit_id), delivery, brings)
    return found


def arithmetic(distribution: Distribution, item: ItemCard, line: Line) -> list[Sum]:
    """How this unit's part of an item came about, top to bottom, so that its owners can redo it."""
    units = _("%(n)s 户", n=distribution.units)
    whole = yuan(item.given_fen + item.residue_fen)
    mine = (_("您家这一份"), line.said, True)
    persons = (_("乘以 人数"), _("%(n)s 人", n=line.weight), False)
    match item.rule:
        case ShareRule.BY_AREA:
            return [
                (_("拿出的公共收益"), whole, False),
                (_("除以 总面积"), f"{square_metres(distribution.total_area)} m²", False),
                (_("乘以 您家面积"), f"{square_metres(line.weight)} m²", False),
                mine,
            ]
        case ShareRule.PER_SQUARE_METRE:
            return [(each(item), "", False), (_("乘以 您家面积"), f"{square_metres(line.weight)} m²", False), mine]
        case ShareRule.EQUAL:
            return [(_("拿出的公共收益"), whole, False), (_("除以 户数"), units, False), mine]
        case ShareRule.PER_RESIDENT | ShareRule.PER_PERSON:
            return [(each(item), "", False), persons, mine]
        case ShareRule.FIXED_PER_UNIT:
            return [mine, (_("乘以 户数"), units, False), (_("一共"), yuan(item.given_fen), True)]
    return [(_(RULE_SAYS[ShareRule(item.rule)]), "", False), mine]
