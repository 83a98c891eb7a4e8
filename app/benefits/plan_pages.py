"""A plan in the making: written, submitted, approved, published, corrected; its table opened and closed."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.benefits import approving, planning, policy, publishing
from app.benefits.distribution_queries import distribution_for
from app.benefits.funding import fund_choices
from app.benefits.models import ROUNDING_SAYS, RULE_SAYS, BenefitKind, Rounding
from app.benefits.plan_schemas import FORM_RULES, PlanForm, RollCorrectionWish, UnitNoteWish, UnitWish
from app.benefits.showing import distribution_page
from app.compounds.models import UnitKind
from app.council.queries import decision_choices
from app.kit.forms import Filled, W, empty, filled
from app.kit.i18n import _, mark
from app.kit.refusals import NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.roster.comparing import KIND_SAYS
from app.treasury.chart_models import Fund
from app.treasury.draft_schemas import ApproveWish, ReasonWish

router = APIRouter(route_class=OneTransaction, prefix="/benefits", include_in_schema=False)

FilledPlan = Annotated[Filled[PlanForm], filled(PlanForm)]
FilledApproval = Annotated[Filled[ApproveWish], filled(ApproveWish)]
FilledReason = Annotated[Filled[ReasonWish], filled(ReasonWish)]
FilledCorrection = Annotated[Filled[RollCorrectionWish], filled(RollCorrectionWish)]
FilledNote = Annotated[Filled[UnitNoteWish], filled(UnitNoteWish)]
FilledUnit = Annotated[Filled[UnitWish], filled(UnitWish)]

GIVES_SAYS = {BenefitKind.GOODS: mark("发东西"), BenefitKind.MONEY: mark("发钱")}
ROWS = 3
"""Rows for goods on an empty form; one more than is filled on a fuller one."""


@dataclass(frozen=True)
class PlanPage(View):
    template = "benefits/plan.html"

    form: Filled[PlanForm]
    goods: list[tuple[str, str, str]]
    """(Name, price, pieces) as typed, and empty rows after them."""
    funds: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    rules: list[tuple[str, str]]
    roundings: list[tuple[str, str]]
    unit_kinds: list[tuple[str, str]]
    decisions: list[tuple[UUID, str]]


@router.get("/plan")
def show_plan(session: DbSession, actor: Officer) -> PlanPage:
    if not policy.can_plan(actor):
        raise NotAllowed
    actor.need_second_factor()  # before the form is filled, not after
    typed = {
        "fund": Fund.PUBLIC_INCOME,
        "rounding": Rounding.FEN,
        "unit_kinds": [UnitKind.DWELLING.value],
        "bring": _("身份证或房产证"),
    }
    return plan_page(session, actor, empty(typed))


@router.post("/plan")
def post_plan(session: DbSession, actor: Officer, request: Request, form: FilledPlan) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    if form.wish is None:
        return plan_page(session, actor, form).reply(request, 422)
    made, _new = planning.plan(session, actor, form.id, form.wish.asked())
    return _back(actor, made.id, _("方案存好了。核对以后提交批准。"))


@router.post("/{id}/submit")
def post_submit(session: DbSession, actor: Officer, id: UUID) -> Response:
    approving.submit(session, actor, id)
    return _back(actor, id, _("提交了，等监督委员批准。"))


@router.post("/{id}/approve")
def post_approve(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledApproval) -> Response:
    actor.need(Permission.APPROVE_MONEY)
    return _said(session, actor, request, id, form, approving.approve, _("批准了。"))


@router.post("/{id}/return")
def post_return(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledReason) -> Response:
    actor.need(Permission.APPROVE_MONEY)
    if form.wish is None:
        return _again(session, actor, request, id, form)
    approving.return_plan(session, actor, id, form.wish)
    return see_other(f"{actor.frame.base}/benefits", _("退回去了，理由也告诉了他。"))  # it is its planner's own again


@router.post("/{id}/publish")
def post_publish(session: DbSession, actor: Officer, id: UUID) -> Response:
    published = publishing.publish_plan(session, actor, id)
    return _back(actor, id, _("更正公示了，改到的户都看得到。") if published.version > 1 else _("名册定了，方案公示了。"))


@router.post("/{id}/correction")
def post_correction(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledCorrection) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    return _said(session, actor, request, id, form, approving.propose_correction, _("更正提交了，等监督委员批准。"))


@router.post("/{id}/exclude")
def post_exclude(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledNote) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    return _said(session, actor, request, id, form, planning.exclude, _("写明了，这一户不发。"))


@router.post("/{id}/include")
def post_include(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledUnit) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    return _said(session, actor, request, id, form, planning.include, _("这一户又算进来了。"))


@router.post("/{id}/hold")
def post_hold(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledNote) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    return _said(session, actor, request, id, form, planning.hold, _("写明了，这一户先留着。"))


@router.post("/{id}/lift")
def post_lift(session: DbSession, actor: Officer, request: Request, id: UUID, form: FilledUnit) -> Response:
    actor.need(Permission.PLAN_BENEFIT)
    return _said(session, actor, request, id, form, planning.lift, _("这一户可以领了。"))


@router.post("/{id}/close")
def post_close(session: DbSession, actor: Officer, id: UUID) -> Response:
    publishing.close(session, actor, id)
    return _back(actor, id, _("收摊了。没领的仍然记着，不作废。"))


@router.post("/{id}/reopen")
def post_reopen(session: DbSession, actor: Officer, id: UUID) -> Response:
    publishing.reopen(session, actor, id)
    return _back(actor, id, _("重新开放了，可以补领。"))


def plan_page(session: Session, actor: Actor, form: Filled[PlanForm]) -> PlanPage:
    typed = zip_longest(*(form.typed.get(name, ()) for name in ("goods", "price", "pieces")), fillvalue="")
    goods = [row for row in typed if any(row[:2])]
    return PlanPage(
        actor.frame,
        form,
        goods + [("", "", "")] * max(ROWS - len(goods), 1),
        fund_choices(session, actor.compound.id),
        [(kind.value, _(says)) for kind, says in GIVES_SAYS.items()],
        [(rule.value, _(RULE_SAYS[rule])) for rule in FORM_RULES],
        [(rounding.value, _(says)) for rounding, says in ROUNDING_SAYS.items()],
        [(kind.value, _(says)) for kind, says in KIND_SAYS.items()],
        decision_choices(session, actor),
    )


def _said(
    session: Session,
    actor: Actor,
    request: Request,
    id: UUID,
    form: Filled[W],
    verb: Callable[[Session, Actor, UUID, W], Any],
    says: str,
) -> Response:
    """Do what a form on the plan's page asks for, or draw the page again with what is wrong with it."""
    if form.wish is None:
        return _again(session, actor, request, id, form)
    verb(session, actor, id, form.wish)
    return _back(actor, id, says)


def _again(session: Session, actor: Actor, request: Request, id: UUID, form: Filled[Any]) -> Response:
    return distribution_page(session, actor, distribution_for(session, actor, id), form).reply(request, 422)


def _back(actor: Actor, id: UUID, says: str) -> Response:
    return see_other(f"{actor.frame.base}/benefits/{id}", says)
