"""What everybody sees: the plans, and what my own units are due, with the code to show."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Resident
from app.benefits import policy
from app.benefits.claim_models import Claim
from app.benefits.delivery_models import Delivery
from app.benefits.delivery_queries import delivery_of, who_brings
from app.benefits.distribution_queries import (
    DistributionCard,
    card_of,
    distribution_for,
    distributions,
    items_of,
    unpublished,
)
from app.benefits.gift_queries import Gift, entitlement_for, my_gifts, owned_since
from app.benefits.models import Distribution, Item, ShareRule
from app.benefits.outcome_schemas import ReportNumber
from app.benefits.queue_queries import PlaceInLine, numbered_batches, place_of
from app.benefits.roll_queries import Line
from app.benefits.showing import DistributionPage, decision_named, distribution_page
from app.benefits.table_queries import claim_for
from app.benefits.version_queries import Turn, my_turns, turns
from app.benefits.working import Counted, each, formula, much
from app.kit.clock import start_of
from app.kit.forms import empty
from app.kit.i18n import _, mark
from app.kit.money import square_metres
from app.kit.pager import AskedPage, Page
from app.kit.qr import Qr, qr_path
from app.kit.refusals import NotAllowed, NotFound
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View
from app.publiclog.queries import Opened, first_index_of, opened
from app.treasury.chart_models import FUND_SAYS, Fund

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
    gifts: list[tuple[Gift, Qr, list[tuple[Line, str, list[Sum]]]]]
    """With each line's arithmetic: as one line of figures, and top to bottom in words."""
    coming: dict[UUID, Coming]
    """By entitlement."""
    gives_numbers: bool
    """Whether any are given today."""
    turns: list[Turn]
    decision: tuple[UUID, str] | None
    log_index: int


COMMITTED_SAYS = {
    "unit": mark("房号"),
    "collector": mark("谁来领的"),
    "authority": mark("凭什么代领"),
    "reason": mark("作废的理由"),
}
"""What the log's entries of a claim commit to."""


@dataclass(frozen=True)
class ClaimProofPage(View):
    template = "benefits/claim_proof.html"
    tab = "home"

    claim: Claim
    label: str
    holds: bool
    lines: list[tuple[Opened, str]]


@dataclass(frozen=True)
class ChangesPage(View):
    """`version`: the one that is asked for; what it changed stands beside what was there before."""

    template = "benefits/changes.html"
    tab = "home"

    d: DistributionCard
    version: int
    page: Page[Turn]


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
def show_distribution(session: DbSession, visitor: Anyone, id: UUID, unit: str = "") -> DistributionPage:
    """`unit`: which one of a roll that is still to be frozen is looked up."""
    return distribution_page(session, visitor, distribution_for(session, visitor, id), empty(), unit[:60])


@router.get("/{id}/changes")
def show_changes(session: DbSession, actor: Officer, id: UUID, asked: AskedPage, version: ReportNumber = None) -> ChangesPage:
    """Unit by unit what a correction changed, the last one where none is named."""
    if not policy.can_see_roll(actor):
        raise NotAllowed
    d = distribution_for(session, actor, id)
    asked_version = d.version if version is None else version
    return ChangesPage(actor.frame, card_of(session, d), asked_version, turns(session, d, asked_version, asked))


@router.get("/claims/{claim_id}/proof")
def show_claim_proof(session: DbSession, actor: Resident, claim_id: UUID) -> ClaimProofPage:
    """What the public log has of a claim, opened for those who may know it: they can redo the commitments."""
    claim = claim_for(session, actor, claim_id)
    entitlement = entitlement_for(session, actor, claim.entitlement_id)
    lines = [(line, _(COMMITTED_SAYS[line.field])) for line in opened(session, claim)]
    return ClaimProofPage(actor.frame, claim, entitlement.label, all(line.holds for line, _says in lines), lines)


@router.get("/{id}/code")
def show_code(session: DbSession, actor: Resident, request: Request, id: UUID) -> CodePage:
    """My codes for one plan, a tile for each unit; and what corrections changed of it. Raises NotFound for whoever owns none of
    its units.
    """
    distribution = distribution_for(session, actor, id)
    gifts, turned = my_gifts(session, actor, id), my_turns(session, actor, distribution)
    if not gifts and not turned:
        raise NotFound
    desk = f"{request.app.state.settings.public_url}{actor.frame.base}/benefits/{id}/desk?q="
    card = card_of(session, distribution)
    items = {item.id: item for item in items_of(session, distribution)}
    return CodePage(
        actor.frame,
        card,
        [
            (
                gift,
                qr_path(desk + gift.code),
                [(line, *arithmetic(distribution, items[line.item_id], gift, line)) for line in gift.lines],
            )
            for gift in gifts
        ],
        coming_for(session, actor, distribution, gifts),
        bool(numbered_batches(session, distribution)),
        turned,
        decision_named(session, actor, distribution),
        first_index_of(session, distribution),
    )


def coming_for(session: Session, actor: Actor, distribution: Distribution, gifts: list[Gift]) -> dict[UUID, Coming]:
    since, found = owned_since(session, actor), {}
    for gift in gifts:
        delivery = delivery_of(session, distribution, gift.unit_id)
        claims = [line for line in gift.claimed if line.claimed_at and line.claimed_at >= start_of(since[gift.unit_id])]
        found[gift.id] = Coming(claims, place_of(session, distribution, gift.unit_id), delivery, who_brings(session, delivery))
    return found


def arithmetic(distribution: Distribution, item: Item, gift: Gift, line: Line) -> tuple[str, list[Sum]]:
    """How this unit's part of an item came about, so that its owners can redo it: as a formula, and top to bottom where it was
    counted from something.
    """
    total, share = item.given + item.residue, line.quantity or line.amount_fen
    by_area = item.rule == ShareRule.BY_AREA
    whole = distribution.total_area if by_area else distribution.units
    counted = Counted(total, whole, distribution.units, line.weight, gift.area, share)
    out_of = _("拿出的%(fund)s", fund=_(FUND_SAYS[Fund(distribution.fund)]))
    units, area = _("%(n)s 户", n=distribution.units), f"{square_metres(line.weight)} m²"
    rows: list[Sum] = []
    match item.rule:
        case ShareRule.BY_AREA:
            rows = [
                (out_of, much(item, total), False),
                (_("除以 总面积"), f"{square_metres(distribution.total_area)} m²", False),
                (_("乘以 您家面积"), area, False),
            ]
        case ShareRule.PER_SQUARE_METRE:
            rows = [(each(item), "", False), (_("乘以 您家面积"), area, False)]
        case ShareRule.EQUAL:
            rows = [(out_of, much(item, total), False), (_("除以 户数"), units, False)]
        case ShareRule.PER_RESIDENT | ShareRule.PER_PERSON:
            rows = [(each(item), "", False), (_("乘以 人数"), _("%(n)s 人", n=line.weight), False)]
    return formula(item, counted), [*rows, (_("您家这一份"), line.said, True)] if rows else []
