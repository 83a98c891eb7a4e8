"""Verbs between the plan and its publication: submit, propose a correction, return, approve.

The rules are the treasury's, because it is public money: whoever wrote to it does not sign, nor anybody of their home; two sign
above the compound's threshold. A signature binds the plan and the roll that the roster gave at that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.actors import Actor
from app.access.holders import may_still
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.distribution_queries import batches_of, distribution_to_change, items_of, writers_of
from app.benefits.funding import Funding, funding_of
from app.benefits.models import (
    Distribution,
    EmptyBatch,
    FundNamesNoDecision,
    NamesNoDecision,
    NotApproved,
    NotSubmitted,
    OwnPlan,
    PlanApproval,
    ShareRule,
)
from app.benefits.plan_content import content_hash
from app.benefits.plan_schemas import RollCorrectionWish
from app.benefits.planning import note_writer
from app.benefits.rolling import Roll, roll_now
from app.inbox.service import send
from app.kit import events
from app.kit.i18n import _
from app.kit.refusals import Refusal
from app.treasury.approving import need_independent
from app.treasury.chart_models import Fund
from app.treasury.draft_models import ContentChanged
from app.treasury.draft_queries import hands_for
from app.treasury.draft_schemas import ApproveWish, ReasonWish


def submit(session: Session, actor: Actor, id: UUID) -> Distribution:
    """Hand a draft to the supervisors. Raises NotAllowed, SecondFactorNeeded, NotFound, AlreadyPublished, NamesNoDecision,
    FundNamesNoDecision, EmptyBatch, NobodyToGiveTo, NothingForSomebody, ListMissing, UnknownUnits, TotalTooLarge, MoreThanFund.
    """
    distribution = _mine(session, actor, id)
    distribution.check_draft()
    _hand_in(session, actor, distribution, "distribution.submitted")
    return distribution


def propose_correction(session: Session, actor: Actor, id: UUID, wish: RollCorrectionWish) -> Distribution:
    """Ask for a published roll to be published again, as the roster, the exclusions and the lists say now, with the reason.

    Raises NotAllowed, SecondFactorNeeded, NotFound, NotSubmitted (a draft), NamesNoDecision, FundNamesNoDecision, EmptyBatch,
    NobodyToGiveTo, NothingForSomebody, ListMissing, UnknownUnits, TotalTooLarge, MoreThanFund.
    """
    distribution = _mine(session, actor, id)
    if not distribution.frozen_at:
        raise NotSubmitted
    note_writer(session, actor, distribution)
    distribution.correction = wish.reason
    _hand_in(session, actor, distribution, "distribution.correction-proposed")
    return distribution


def return_plan(session: Session, actor: Actor, id: UUID, wish: ReasonWish) -> Distribution:
    """Back to its planner, with the reason. Raises NotAllowed, NotFound, NotSubmitted."""
    actor.need(Permission.APPROVE_MONEY)
    distribution = distribution_to_change(session, actor, id)
    if distribution.submitted_at is None:
        raise NotSubmitted
    distribution.changed()
    distribution.returned_because = wish.reason
    on_record(session, actor, "distribution.returned", distribution.id)
    _tell_planner(session, distribution, _("%(title)s退回来了", title=distribution.title), wish.reason)
    return distribution


def approve(session: Session, actor: Actor, id: UUID, wish: ApproveWish) -> Distribution:
    """Sign what was seen; the same signature again counts once.

    Raises NotAllowed, SecondFactorNeeded, NotFound, NotSubmitted, ContentChanged, OwnPlan, SameHousehold,
    SameHouseholdAsApprover, SignedByFamily, NamesNoDecision, FundNamesNoDecision, NobodyToGiveTo, NothingForSomebody,
    ListMissing, UnknownUnits, TotalTooLarge.
    """
    actor.need(Permission.APPROVE_MONEY)
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, id)
    if distribution.submitted_at is None:
        raise NotSubmitted
    need_decision(session, distribution)
    roll = roll_now(session, distribution)
    if content_hash(session, distribution, roll) != wish.content_hash:
        raise ContentChanged
    signed = signatures(session, distribution, wish.content_hash)
    if any(one.approver_id == actor.person_id for one in signed):
        return distribution
    authors = writers_of(session, distribution)
    if actor.person_id in authors:
        raise OwnPlan
    for author_id in sorted(authors):
        others = [one.approver_id for one in signed]
        need_independent(session, distribution.compound_id, author_id, actor.person_id, others)
    made = PlanApproval(
        compound_id=distribution.compound_id,
        distribution_id=distribution.id,
        approver_id=actor.person_id,
        content_hash=wish.content_hash,
    )
    session.add(made)
    session.flush()
    events.tell(session, distribution.compound_id, "distribution.approved", distribution_id=distribution.id)
    on_record(session, actor, "distribution.approved", distribution.id)
    enough = len(signed) + 1 >= hands_for(session, distribution.compound_id, roll.total_fen)
    words = _("可以公示了") if enough else _("还差一位批准")
    _tell_planner(session, distribution, _("%(title)s批准了", title=distribution.title), words)
    return distribution


def need_approved(session: Session, distribution: Distribution, roll: Roll) -> None:
    """That enough hands signed exactly this. Raises NotApproved."""
    hands = len(signatures(session, distribution, content_hash(session, distribution, roll)))
    if distribution.submitted_at is None or hands < hands_for(session, distribution.compound_id, roll.total_fen):
        raise NotApproved


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a plan is approved. `content_hash` is None, and `problem` says why, where the roster gives no roll now."""

    roll: Roll | None
    funding: Funding | None
    problem: str
    content_hash: str | None
    had: int
    needed: int
    signed_by: frozenset[UUID]


def standing_of(session: Session, distribution: Distribution) -> Standing:
    try:
        roll = roll_now(session, distribution)
    except Refusal as no:
        return Standing(None, None, no.message, None, 0, 1, frozenset())
    content = content_hash(session, distribution, roll)
    signed = frozenset(one.approver_id for one in signatures(session, distribution, content))
    funding = funding_of(session, distribution, roll)
    hands = hands_for(session, distribution.compound_id, roll.total_fen)
    return Standing(roll, funding, "", content, len(signed), hands, signed)


def need_decision(session: Session, distribution: Distribution) -> None:
    """Raises NamesNoDecision, FundNamesNoDecision."""
    if distribution.decision_id:
        return
    if not all(ShareRule(item.rule).follows_area for item in items_of(session, distribution)):
        raise NamesNoDecision
    if distribution.fund != Fund.PUBLIC_INCOME:
        raise FundNamesNoDecision


def need_whole(session: Session, distribution: Distribution) -> None:
    """Raises EmptyBatch."""
    filled = {item.batch_id for item in items_of(session, distribution)}
    if empty := next((batch for batch in batches_of(session, distribution) if batch.id not in filled), None):
        raise EmptyBatch(batch=empty.name)


def signatures(session: Session, distribution: Distribution, content: str) -> Sequence[PlanApproval]:
    """Those that count for this content, by people whose seat still lets them approve, the earliest first."""
    given = session.exec(
        select(PlanApproval)
        .where(
            PlanApproval.compound_id == distribution.compound_id,
            PlanApproval.distribution_id == distribution.id,
            PlanApproval.content_hash == content,
        )
        .order_by(col(PlanApproval.approved_at), col(PlanApproval.id))
    )
    return [one for one in given if may_still(session, one.compound_id, one.approver_id, Permission.APPROVE_MONEY)]


def _mine(session: Session, actor: Actor, id: UUID) -> Distribution:
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    return distribution_to_change(session, actor, id)


def _hand_in(session: Session, actor: Actor, distribution: Distribution, act: str) -> None:
    need_decision(session, distribution)
    need_whole(session, distribution)
    funding_of(session, distribution, roll_now(session, distribution)).need_to_submit()
    distribution.submit(actor.person_id)
    events.tell(session, distribution.compound_id, act, distribution_id=distribution.id)
    on_record(session, actor, act, distribution.id)


def _tell_planner(session: Session, distribution: Distribution, title: str, words: str) -> None:
    to = distribution.submitted_by_id or distribution.planned_by_id
    send(session, distribution.compound_id, to, title, words, f"/benefits/{distribution.id}")
