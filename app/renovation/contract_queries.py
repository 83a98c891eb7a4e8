"""What there is to see of what works cost: all of it is public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.kit.records import columns
from app.kit.refusals import NotFound
from app.renovation.contract_models import Milestone, When, WorksContract, WorksPayment
from app.renovation.life_models import ProjectActKind
from app.renovation.life_queries import last_of
from app.renovation.models import Phase, Project
from app.renovation.queries import phases_of
from app.treasury.models import EntryKind, JournalEntry


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """`due_on`: since when it is due, None before that. `paid_fen`: what was paid pays the oldest milestones first."""

    name: str
    share: int | None
    amount_fen: int
    due: str
    phase_id: UUID | None
    phase: str | None
    due_on: date | None
    paid_fen: int


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """`taken_back`: by another row, or by the reversal of its line in the books."""

    id: UUID
    paid_on: date
    amount_fen: int
    payer: str
    entry_id: UUID | None
    taken_back: bool
    text: str
    """Why it was taken back."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a project costs and what was paid. `earlier`: contracts that this one superseded, the latest first."""

    contract: WorksContract | None
    milestones: list[MilestoneLine]
    payments: list[PaymentLine]
    earlier: list[WorksContract]

    @property
    def paid_fen(self) -> int:
        return sum(payment.amount_fen for payment in self.payments if not payment.taken_back)

    @property
    def paid_percent(self) -> int:
        """Of the contract's amount, rounded down."""
        return 100 * self.paid_fen // self.contract.amount_fen if self.contract else 0


def costs_of(session: Session, project: Project) -> Costs:
    contracts = contracts_of(session, project)
    payments = payments_of(session, project)
    if not contracts:
        return Costs(None, [], payments, [])
    left = sum(payment.amount_fen for payment in payments if not payment.taken_back)
    lines = []
    phases = {phase.id: phase for phase in phases_of(session, project)}
    for milestone in _milestones(session, contracts[0]):
        phase = phases[milestone.phase_id] if milestone.phase_id else None
        due_on = _due_on(session, project, contracts[0], milestone, phase)
        paid = min(left, milestone.amount_fen)
        left -= paid
        own = (milestone.name, milestone.share, milestone.amount_fen, milestone.due, milestone.phase_id)
        lines.append(MilestoneLine(*own, phase.name if phase else None, due_on, paid))
    return Costs(contracts[0], lines, payments, contracts[1:])


def contracts_of(session: Session, project: Project) -> list[WorksContract]:
    """The one that holds first, then what it superseded."""
    statement = select(WorksContract).where(
        WorksContract.compound_id == project.compound_id, WorksContract.project_id == project.id
    )
    return list(session.exec(statement.order_by(col(WorksContract.position).desc())))


def payment_for(session: Session, visitor: Visitor, id: UUID) -> WorksPayment:
    """Raises NotFound for absent and foreign alike, and for a row that only takes another back."""
    payment = session.get(WorksPayment, (visitor.compound.id, id))
    if payment is None or payment.takes_back_id:
        raise NotFound
    return payment


def payments_of(session: Session, project: Project) -> list[PaymentLine]:
    """The latest first; also those that were taken back."""
    rows = session.execute(_PAYMENTS, {"compound_id": project.compound_id, "project_id": project.id})
    return [
        PaymentLine(p.id, p.paid_on, p.amount_fen, p.payer, p.entry_id, back is not None or reversal is not None, text or "")
        for p, back, text, reversal in rows
    ]


def taken_back(session: Session, payment: WorksPayment) -> bool:
    return bool(
        session.exec(
            select(WorksPayment.id).where(
                WorksPayment.compound_id == payment.compound_id, WorksPayment.takes_back_id == payment.id
            )
        ).first()
    )


_back, _reversal = aliased(WorksPayment), aliased(JournalEntry)
_PAYMENTS = (
    columns(WorksPayment, col(_back.id), col(_back.text), col(_reversal.id))
    .outerjoin(_back, and_(col(_back.compound_id) == WorksPayment.compound_id, col(_back.takes_back_id) == WorksPayment.id))
    .outerjoin(
        _reversal,
        and_(col(_reversal.compound_id) == WorksPayment.compound_id, col(_reversal.reverses_id) == WorksPayment.entry_id),
    )
    .where(
        WorksPayment.compound_id == bindparam("compound_id"),
        WorksPayment.project_id == bindparam("project_id"),
        col(WorksPayment.takes_back_id).is_(None),
    )
    .order_by(col(WorksPayment.paid_on).desc(), col(WorksPayment.id).desc())
)


def payable(session: Session, entry: JournalEntry) -> bool:
    """An expense that was not reversed."""
    if entry.kind != EntryKind.EXPENSE or entry.amount_fen >= 0 or entry.reverses_id:
        return False
    reversal = select(JournalEntry.id).where(JournalEntry.compound_id == entry.compound_id, JournalEntry.reverses_id == entry.id)
    return session.exec(reversal).first() is None


def counts_as_paid(session: Session, entry: JournalEntry) -> bool:
    """Whether a payment of any project stands on this line of the books."""
    rows = session.exec(
        select(WorksPayment).where(WorksPayment.compound_id == entry.compound_id, WorksPayment.entry_id == entry.id)
    )
    return any(not taken_back(session, payment) for payment in rows if payment.takes_back_id is None)


def entries_to_choose(session: Session, compound_id: UUID) -> list[JournalEntry]:
    """For a select, the latest expenses that no project has taken yet."""
    found = session.exec(
        select(JournalEntry)
        .where(JournalEntry.compound_id == compound_id, JournalEntry.kind == EntryKind.EXPENSE, col(JournalEntry.amount_fen) < 0)
        .order_by(col(JournalEntry.on_date).desc(), col(JournalEntry.id).desc())
        .limit(60)
    )
    return [entry for entry in found if payable(session, entry) and not counts_as_paid(session, entry)]


def _milestones(session: Session, contract: WorksContract) -> Sequence[Milestone]:
    return session.exec(
        select(Milestone)
        .where(Milestone.compound_id == contract.compound_id, Milestone.contract_id == contract.id)
        .order_by(col(Milestone.position))
    ).all()


def _due_on(
    session: Session, project: Project, contract: WorksContract, milestone: Milestone, phase: Phase | None
) -> date | None:
    if milestone.due == When.SIGNED:
        return contract.signed_on
    if phase:
        return phase.done_on
    act = last_of(session, project, ProjectActKind.ACCEPTED if milestone.due == When.ACCEPTED else ProjectActKind.ENDED)
    return act.happened_on if act else None
