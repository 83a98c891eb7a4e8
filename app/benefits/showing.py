"""The page of one plan: everybody's, and the one that its planners', approvers' and officers' forms come back to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor, Visitor
from app.benefits import policy
from app.benefits.approving import Standing, standing_of
from app.benefits.distribution_queries import (
    BatchCard,
    DistributionCard,
    ItemCard,
    StockCard,
    card_of,
    desks_of,
    exclusions_of,
    holds_of,
    items_of,
    my_exclusions,
    stocks_of,
    told_until,
    writers_of,
)
from app.benefits.gift_queries import Gift, my_gifts
from app.benefits.models import RULE_SAYS, Distribution, ShareRule
from app.benefits.roll_queries import Stair, in_public, stairs
from app.benefits.version_queries import my_turns
from app.benefits.working import Preview, each, preview_of
from app.council.queries import decision_for
from app.kit.forms import Filled
from app.kit.i18n import _
from app.kit.views import View
from app.notices.queries import NoticeCard, notice_of_record
from app.notices.queries import card_of as notice_card
from app.publiclog.queries import first_index_of
from app.treasury.chart_models import FUND_SAYS, Fund


@dataclass(frozen=True)
class DistributionPage(View):
    template = "benefits/distribution.html"
    tab = "home"

    d: DistributionCard
    fund: str
    given: list[tuple[ItemCard, str, str]]
    """Each item, how much of it a unit gets, and by which rule."""
    lists: list[tuple[UUID, str, int]]
    """(Item, its name, units on its list) of those that go by one, for who plans."""
    batches: list[tuple[BatchCard, str]]
    """With the names of what is given there; "" where there is one batch."""
    decision: tuple[UUID, str] | None
    stairs: list[Stair]
    notice: NoticeCard | None
    log_index: int | None
    mine: list[Gift]
    turned: bool
    """Whether a correction touched a unit of mine."""
    my_exclusions: list[tuple[str, str]]
    standing: Standing | None
    """Of what waits to be submitted, approved or published, for who has to do with it."""
    unit: str
    """Which unit is looked up in the roll that is to be frozen, and what it would get."""
    preview: Preview | None
    correction: str
    returned_because: str
    signed: bool
    wrote: bool
    """The reader wrote to it, and signs it not."""
    notes: list[tuple[str, str, str]]
    """(Unit, why, "excluded" or "held"), for who plans and who checks."""
    stocks: list[StockCard]
    form: Filled[Any]
    desks: list[tuple[UUID, str]]
    edition: int
    can_plan: bool
    can_change: bool
    can_approve: bool
    can_hand_out: bool
    can_see_roll: bool


def distribution_page(
    session: Session, visitor: Visitor, distribution: Distribution, form: Filled[Any], unit: str = ""
) -> DistributionPage:
    until = told_until(session, visitor, distribution)
    card = card_of(session, distribution, until)
    concerned = policy.can_see_plans(visitor) and not (distribution.frozen_at and distribution.submitted_at is None)
    standing = standing_of(session, distribution) if concerned else None
    if distribution.frozen_at:
        by_stair = stairs(session, distribution, until)
    else:
        by_stair = standing.roll.stairs if standing and standing.roll else []
    found = notice_of_record(session, distribution.compound_id, distribution.id)
    items = items_of(session, distribution)
    actor = visitor if isinstance(visitor, Actor) else None
    return DistributionPage(
        visitor.frame,
        card,
        _(FUND_SAYS[Fund(distribution.fund)]),
        [(one, each(item), _(RULE_SAYS[ShareRule(item.rule)])) for one, item in zip(card.items, items, strict=True)],
        [(i.id, i.name, len(i.listed)) for i in items if ShareRule(i.rule).by_list] if policy.can_plan(visitor) else [],
        [(batch, given_in(card, batch)) for batch in card.batches],
        decision_named(session, visitor, distribution),
        in_public(by_stair),
        notice_card(*found) if found else None,
        first_index_of(session, distribution) if found else None,
        my_gifts(session, actor, distribution.id) if actor else [],
        bool(actor and distribution.version > 1 and my_turns(session, actor, distribution)),
        my_exclusions(session, actor, distribution) if actor else [],
        standing,
        unit,
        preview_of(standing.roll, unit) if standing and standing.roll else None,
        distribution.correction if distribution.submitted_at else "",
        distribution.returned_because,
        bool(standing and actor and actor.person_id in standing.signed_by),
        bool(standing and actor and actor.person_id in writers_of(session, distribution)),
        notes_on(session, distribution) if policy.can_see_plans(visitor) else [],
        stocks_of(session, distribution) if policy.can_see_roll(visitor) else [],
        form,
        [(desk.id, desk.name) for desk in desks_of(session, distribution)],
        distribution.edition,
        policy.can_plan(visitor),
        policy.can_plan(visitor) and distribution.frozen_at is None,
        policy.can_approve(visitor),
        policy.can_hand_out(visitor),
        policy.can_see_roll(visitor),
    )


def notes_on(session: Session, distribution: Distribution) -> list[tuple[str, str, str]]:
    excluded = [(label, one.reason, "excluded") for label, one in exclusions_of(session, distribution)]
    return excluded + [(label, one.basis, "held") for label, one in holds_of(session, distribution)]


def given_in(card: DistributionCard, batch: BatchCard) -> str:
    if len(card.batches) == 1:
        return ""
    return "、".join(item.name for item in card.items if item.batch_id == batch.id)


def decision_named(session: Session, visitor: Visitor, distribution: Distribution) -> tuple[UUID, str] | None:
    if distribution.decision_id is None:
        return None
    decision = decision_for(session, visitor, distribution.decision_id)
    return decision.id, f"{decision.reference} {decision.title}"
