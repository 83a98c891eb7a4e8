"""The officers' desk: approve a line or return it."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.council.models import Decision
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.treasury import approving, drafting, policy
from app.treasury.chart_models import FUND_SAYS, Fund
from app.treasury.checks import Check, checks_of
from app.treasury.contract_models import Contract
from app.treasury.draft_models import DRAFT_SAYS, Draft, DraftKind, DraftState
from app.treasury.draft_queries import (
    DraftCard,
    Waiting,
    approvals_needed,
    content_hash,
    draft_for,
    entry_of_draft,
    hands,
    my_drafts,
    reversed_entry,
    sides_of,
    signatures,
    vouchers_of,
    waiting_for,
)
from app.treasury.draft_schemas import ApproveWish, ReasonWish
from app.treasury.queries import EntryCard, card_of
from app.treasury.searching import buildings
from app.treasury.voucher_models import DraftVoucher

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledReason = Annotated[Filled[ReasonWish], filled(ReasonWish)]
FilledApproval = Annotated[Filled[ApproveWish], filled(ApproveWish)]


@dataclass(frozen=True)
class DraftsPage(View):
    template = "treasury/drafts.html"
    tab = "money"

    mine: list[DraftCard]
    waiting: Waiting
    can_book: bool
    can_approve: bool


@dataclass(frozen=True)
class DraftPage(View):
    template = "treasury/draft.html"
    tab = "money"

    draft: Draft
    kind: str
    fund: str
    """ "" for a reversal."""
    account: str | None
    category: str | None
    building: str | None
    author: str
    approvers: list[str]
    needed: int
    """How many have to approve."""
    signed: bool
    """Whether one of them is the reader."""
    vouchers: list[DraftVoucher]
    decision: Decision | None
    contract: Contract | None
    entry_id: UUID | None
    reverses: EntryCard | None
    checks: list[Check]
    refused: bool
    seen: str
    form: Filled[ReasonWish]
    can_edit: bool
    can_redact: bool
    can_approve: bool


@router.get("/drafts")
def show_drafts(session: DbSession, actor: Officer) -> DraftsPage:
    if not policy.can_see_drafts(actor):
        raise NotAllowed
    return DraftsPage(
        actor.frame, my_drafts(session, actor), waiting_for(session, actor), policy.can_book(actor), policy.can_approve(actor)
    )


@router.get("/drafts/{draft_id}")
def show_draft(session: DbSession, actor: Officer, draft_id: UUID) -> DraftPage:
    return draft_page(session, actor, draft_id)


@router.post("/drafts/{draft_id}/submit")
def post_submit(session: DbSession, actor: Officer, draft_id: UUID, version: int | None = None) -> Response:
    drafting.submit(session, actor, draft_id, version)
    return see_other(f"{actor.frame.base}/money/drafts/{draft_id}", _("已提交，等监督委员批准。"))


@router.post("/drafts/{draft_id}/return")
def post_return(session: DbSession, actor: Officer, request: Request, draft_id: UUID, form: FilledReason) -> Response:
    actor.need(Permission.APPROVE_MONEY)
    if form.wish is None:
        return draft_page(session, actor, draft_id, form).reply(request, 422)
    approving.return_draft(session, actor, draft_id, form.wish)
    return see_other(f"{actor.frame.base}/money/drafts", _("已退回，记账人会看到原因。"))


@router.post("/drafts/{draft_id}/approve")
def post_approve(session: DbSession, actor: Officer, draft_id: UUID, form: FilledApproval) -> Response:
    actor.need(Permission.APPROVE_MONEY)
    if form.wish is None:  # the form holds no field that a person fills
        raise Malformed
    entry = approving.approve(session, actor, draft_id, form.wish)
    if entry is None:
        return see_other(f"{actor.frame.base}/money/drafts/{draft_id}", _("批准了，还差另一位监督委员。"))
    return see_other(f"{actor.frame.base}/money/entries/{entry.id}", _("批准了，已经入账公开。"))


def draft_page(session: Session, actor: Actor, draft_id: UUID, form: Filled[ReasonWish] | None = None) -> DraftPage:
    draft = draft_for(session, actor, draft_id)
    account, category = sides_of(session, draft)
    entry, reverses = entry_of_draft(session, draft), reversed_entry(session, draft)
    approving = policy.can_approve(actor) and draft.state == DraftState.SUBMITTED
    checks = checks_of(session, actor, draft) if approving else []
    author, approvers = hands(session, actor, draft)
    return DraftPage(
        actor.frame,
        draft,
        _(DRAFT_SAYS[DraftKind(draft.kind)]),
        _(FUND_SAYS[Fund(account.fund)]) if account else "",
        account.name if account else None,
        category.name if category else None,
        dict(buildings(session, draft.compound_id)).get(draft.building_id) if draft.building_id else None,
        author,
        approvers,
        approvals_needed(session, draft),
        any(one.approver_id == actor.person_id for one in signatures(session, draft)),
        vouchers_of(session, draft.compound_id, draft.id),
        session.get(Decision, (draft.compound_id, draft.decision_id)) if draft.decision_id else None,
        session.get(Contract, (draft.compound_id, draft.contract_id)) if draft.contract_id else None,
        entry.id if entry else None,
        card_of(session, reverses) if reverses else None,
        checks,
        any(check.state == "fix" for check in checks),
        content_hash(session, draft),
        form or empty(),
        policy.can_edit(actor, draft) and draft.kind != DraftKind.REVERSAL,
        policy.can_publish(actor),
        approving,
    )
