"""What works cost, for people: everybody reads it; whoever plans works keeps it, and who books money may say what was paid."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer
from app.access.permissions import Permission
from app.council.models import Decision
from app.council.queries import decision_choices
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import decimal_string, yuan
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.renovation import contracting, policy
from app.renovation.contract_models import WHEN_SAYS, When
from app.renovation.contract_queries import Costs, MilestoneLine, costs_of, entries_to_choose, payment_for
from app.renovation.contract_schemas import PaymentWish, TakeBackWish, WorksContractWish
from app.renovation.models import Project
from app.renovation.phase_queries import overall, phase_lines
from app.renovation.queries import phases_of, project_for

router = APIRouter(route_class=OneTransaction, prefix="/works", include_in_schema=False)

FilledContract = Annotated[Filled[WorksContractWish], filled(WorksContractWish)]
FilledPayment = Annotated[Filled[PaymentWish], filled(PaymentWish)]
FilledTakeBack = Annotated[Filled[TakeBackWish], filled(TakeBackWish)]


@dataclass(frozen=True)
class CostsPage(View):
    template = "renovation/costs.html"
    tab = "works"

    project: Project
    costs: Costs
    whens: dict[str, str]
    decision: Decision | None
    percent: int
    """How much of the works is done."""
    can_plan: bool
    can_pay: bool


@dataclass(frozen=True)
class WorksContractFormPage(View):
    template = "renovation/contract_form.html"

    project: Project
    form: Filled[WorksContractWish]
    supersedes: UUID | None
    lines: list[str]
    """One for each milestone as it was typed, and some to fill."""
    phases: list[str]
    decisions: list[tuple[UUID, str]]


@dataclass(frozen=True)
class PaymentFormPage(View):
    template = "renovation/payment_form.html"

    project: Project
    form: Filled[PaymentWish]
    entries: list[tuple[UUID, str]]


@dataclass(frozen=True)
class TakeBackPage(View):
    template = "renovation/payment_back.html"

    project: Project
    payment_id: UUID
    amount: str
    form: Filled[TakeBackWish]


@router.get("/projects/{project_id}/money")
def show_costs(session: DbSession, visitor: Anyone, project_id: UUID) -> CostsPage:
    project = project_for(session, visitor, project_id)
    costs = costs_of(session, project)
    decision_id = costs.contract.decision_id if costs.contract else None
    return CostsPage(
        visitor.frame,
        project,
        costs,
        {when.value: _(says) for when, says in WHEN_SAYS.items()},
        session.get(Decision, (project.compound_id, decision_id)) if decision_id else None,
        overall(phase_lines(session, project)),
        policy.can_plan(visitor),
        policy.can_record_payment(visitor),
    )


@router.get("/projects/{project_id}/contract")
def show_contract_form(session: DbSession, actor: Officer, project_id: UUID) -> WorksContractFormPage:
    actor.need(Permission.PLAN_WORKS)
    project = project_for(session, actor, project_id)
    costs = costs_of(session, project)
    typed: dict[str, Any] = {"contractor": project.contractor}
    if contract := costs.contract:
        days = {name: getattr(contract, name).isoformat() for name in ("signed_on", "from_on", "to_on")}
        typed |= days | {
            "supervisor": contract.supervisor,
            "amount": decimal_string(contract.amount_fen),
            "supersedes_id": str(contract.id),
            "milestones": [typed_line(line) for line in costs.milestones],
        }
    return contract_form_page(session, actor, project, empty(typed))


@router.post("/projects/{project_id}/contract")
def post_contract(session: DbSession, actor: Officer, request: Request, project_id: UUID, form: FilledContract) -> Response:
    actor.need(Permission.PLAN_WORKS)
    project = project_for(session, actor, project_id)
    if form.wish is None:
        return contract_form_page(session, actor, project, form).reply(request, 422)
    try:
        contracting.sign_contract(session, actor, project_id, form.id, form.wish)
    except Malformed as no:
        return contract_form_page(session, actor, project, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/works/projects/{project_id}/money", _("合同记下了，总价大家看得到。"))


@router.get("/projects/{project_id}/payments/new")
def show_payment_form(session: DbSession, actor: Officer, project_id: UUID) -> PaymentFormPage:
    return payment_form_page(session, actor, project_id, empty())


@router.post("/projects/{project_id}/payments")
def post_payment(session: DbSession, actor: Officer, request: Request, project_id: UUID, form: FilledPayment) -> Response:
    if form.wish is None:
        return payment_form_page(session, actor, project_id, form).reply(request, 422)
    contracting.record_payment(session, actor, project_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{project_id}/money", _("付款记下了。"))


@router.get("/payments/{payment_id}/take-back")
def show_take_back(session: DbSession, actor: Officer, payment_id: UUID) -> TakeBackPage:
    return take_back_page(session, actor, payment_id, empty())


@router.post("/payments/{payment_id}/take-back")
def post_take_back(session: DbSession, actor: Officer, request: Request, payment_id: UUID, form: FilledTakeBack) -> Response:
    if form.wish is None:
        return take_back_page(session, actor, payment_id, form).reply(request, 422)
    back, _made = contracting.take_back_payment(session, actor, payment_id, form.id, form.wish)
    return see_other(f"{actor.frame.base}/works/projects/{back.project_id}/money", _("撤回了，两条都看得到。"))


def contract_form_page(
    session: Session, actor: Actor, project: Project, form: Filled[WorksContractWish]
) -> WorksContractFormPage:
    typed = [line for line in form.typed.get("milestones", []) if line.strip()]
    return WorksContractFormPage(
        actor.frame,
        project,
        form,
        form.typed.get("supersedes_id"),
        typed + [""] * max(2, 4 - len(typed)),
        [phase.name for phase in phases_of(session, project)],
        list(decision_choices(session, actor)),
    )


def payment_form_page(session: Session, actor: Actor, project_id: UUID, form: Filled[PaymentWish]) -> PaymentFormPage:
    if not policy.can_record_payment(actor):
        raise NotAllowed
    found = entries_to_choose(session, actor.compound.id)
    entries = [(e.id, f"{e.reference} {e.counterparty} {yuan(-e.amount_fen)}") for e in found]
    return PaymentFormPage(actor.frame, project_for(session, actor, project_id), form, entries)


def take_back_page(session: Session, actor: Actor, payment_id: UUID, form: Filled[TakeBackWish]) -> TakeBackPage:
    if not policy.can_record_payment(actor):
        raise NotAllowed
    payment = payment_for(session, actor, payment_id)
    return TakeBackPage(actor.frame, project_for(session, actor, payment.project_id), payment.id, yuan(payment.amount_fen), form)


def typed_line(line: MilestoneLine) -> str:
    """A milestone as the form takes it."""
    how_much = f"{line.share}%" if line.share else decimal_string(line.amount_fen)
    return f"{line.name} {how_much} {line.phase or _(WHEN_SAYS[When(line.due)])}"
