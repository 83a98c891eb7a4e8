"""The programs' door to what works cost."""

from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.refusals import NotFound
from app.kit.requests import DbSession, OneTransaction
from app.renovation import contracting
from app.renovation.contract_models import When
from app.renovation.contract_queries import costs_of, payments_of
from app.renovation.contract_schemas import (
    MilestoneRead,
    PaymentWish,
    TakeBackWish,
    WorksContractRead,
    WorksContractWish,
    WorksPaymentRead,
)
from app.renovation.phase_queries import overall, phase_lines
from app.renovation.queries import project_for

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects/{id}/contract", operation_id="get_works_contract", summary="The contract that holds, and what was paid")
def get_contract(session: DbSession, visitor: Anyone, id: UUID) -> WorksContractRead:
    """404 while there is none."""
    return _contract(session, visitor, id)


@router.put(
    "/projects/{project_id}/contracts/{id}",
    status_code=201,
    operation_id="put_works_contract",
    summary="Put a project's contract on record, or what changes it",
)
def put_contract(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: WorksContractWish
) -> WorksContractRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id. A project that waits for
    its contract goes one step further by it.
    """
    _signed, made = contracting.sign_contract(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return _contract(session, actor, project_id)


@router.get("/projects/{id}/payments", operation_id="list_works_payments", summary="What was paid for a project, latest first")
def get_payments(session: DbSession, visitor: Anyone, id: UUID) -> list[WorksPaymentRead]:
    """Also what was taken back."""
    return _payments(session, visitor, id)


@router.put(
    "/projects/{project_id}/payments/{id}", status_code=201, operation_id="put_works_payment", summary="Write down a payment"
)
def put_payment(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: PaymentWish
) -> list[WorksPaymentRead]:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    _payment, made = contracting.record_payment(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return _payments(session, actor, project_id)


@router.put(
    "/works-payments/{payment_id}/withdrawals/{id}",
    status_code=201,
    operation_id="take_back_works_payment",
    summary="A payment that was written down wrongly counts no more",
)
def put_withdrawal(
    session: DbSession, actor: Resident, response: Response, payment_id: UUID, id: UUID, wish: TakeBackWish
) -> list[WorksPaymentRead]:
    """Both rows stay. 201 the first time, 200 for the same request again."""
    back, made = contracting.take_back_payment(session, actor, payment_id, id, wish)
    response.status_code = 201 if made else 200
    return _payments(session, actor, back.project_id)


def _contract(session: Session, visitor: Visitor, project_id: UUID) -> WorksContractRead:
    project = project_for(session, visitor, project_id)
    costs = costs_of(session, project)
    contract = costs.contract
    if contract is None:
        raise NotFound
    own = ("id", "contractor", "supervisor", "signed_on", "from_on", "to_on", "decision_id", "text", "supersedes_id", "made_at")
    return WorksContractRead(
        **{name: getattr(contract, name) for name in own},
        amount=contract.amount_fen,
        paid=costs.paid_fen,
        percent=overall(phase_lines(session, project)),
        milestones=[
            MilestoneRead(
                name=line.name,
                share=line.share,
                amount=line.amount_fen,
                due=When(line.due),
                phase_id=line.phase_id,
                due_on=line.due_on,
                paid=line.paid_fen,
            )
            for line in costs.milestones
        ],
    )


def _payments(session: Session, visitor: Visitor, project_id: UUID) -> list[WorksPaymentRead]:
    return [
        WorksPaymentRead(
            id=line.id,
            paid_on=line.paid_on,
            amount=line.amount_fen,
            payer=line.payer,
            entry_id=line.entry_id,
            taken_back=line.taken_back,
            text=line.text,
        )
        for line in payments_of(session, project_for(session, visitor, project_id))
    ]
