"""Verbs of what works cost: put the contract on record with its milestones, write down what was paid, take a payment back.

Everything locks the project's row first.
"""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.council.queries import decision_for
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.once import already, digest
from app.kit.refusals import Malformed, NotAllowed
from app.publiclog.canonical import Value
from app.publiclog.service import Entry, commit_to, publish
from app.renovation import policy
from app.renovation.contract_models import (
    ContractSuperseded,
    EntryUsed,
    Milestone,
    NoPayment,
    PaymentTakenBack,
    When,
    WorksContract,
    WorksPayment,
)
from app.renovation.contract_queries import contracts_of, counts_as_paid, payable, payment_for, taken_back
from app.renovation.contract_schemas import MilestoneWish, PaymentWish, TakeBackWish, WorksContractWish
from app.renovation.life_models import PROJECT_MOVES, ProjectActKind
from app.renovation.life_schemas import ProjectActWish
from app.renovation.living import act_on
from app.renovation.models import Phase, Project
from app.renovation.queries import phases_of, project_to_change
from app.treasury.queries import entry_for


def sign_contract(
    session: Session, actor: Actor, project_id: UUID, id: UUID, wish: WorksContractWish
) -> tuple[WorksContract, bool]:
    """The contract with its milestones; where the project waited for one, that is the next step of its life.

    Raises NotAllowed, NotFound (project, decision), ContractSuperseded (`wish.supersedes_id` is not the one that holds),
    Malformed (a milestone for a phase there is not, more than the sum, a day that cannot be), SameIdOtherContent.
    """
    actor.need(Permission.PLAN_WORKS)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id)
    if before := already(session, WorksContract, actor.compound.id, id, sent):
        return before, False
    if wish.signed_on > today():
        raise _no("signed_on", _("这一天还没有到。"))
    holds = next(iter(contracts_of(session, project)), None)
    if wish.supersedes_id != (holds.id if holds else None):
        raise ContractSuperseded
    contract = WorksContract(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        position=holds.position + 1 if holds else 1,
        supersedes_id=wish.supersedes_id,
        contractor=wish.contractor,
        supervisor=wish.supervisor or "",
        amount_fen=wish.amount,
        signed_on=wish.signed_on,
        from_on=wish.from_on,
        to_on=wish.to_on,
        decision_id=decision_for(session, actor, wish.decision_id).id if wish.decision_id else None,
        text=wish.text or "",
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    milestones = _agreed(contract, wish.milestones, list(phases_of(session, project)))
    if project.stage in PROJECT_MOVES[ProjectActKind.CONTRACTED].of:
        try:
            act_on(
                session,
                actor,
                project.id,
                new_id(),
                ProjectActWish(kind=ProjectActKind.CONTRACTED, happened_on=wish.signed_on),
            )
        except Malformed:
            raise _no("signed_on", _("不能早于上一步的日子。")) from None
    project.contractor = wish.contractor
    session.add(contract)
    session.flush()
    session.add_all(milestones)
    _record(
        session,
        actor,
        project,
        "project.contract_changed" if holds else "project.contract_signed",
        {"contract": str(contract.id), "fen": contract.amount_fen, "signed": contract.signed_on.isoformat()},
        {"contractor": contract.contractor, "supervisor": contract.supervisor},
    )
    return contract, True


def record_payment(session: Session, actor: Actor, project_id: UUID, id: UUID, wish: PaymentWish) -> tuple[WorksPayment, bool]:
    """What was paid: a line of the compound's books, or somebody else's money.

    Raises NotAllowed, NotFound (project, entry), NoPayment, EntryUsed, SameIdOtherContent.
    """
    if not policy.can_record_payment(actor):
        raise NotAllowed
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id)
    if before := already(session, WorksPayment, actor.compound.id, id, sent):
        return before, False
    entry = entry_for(session, actor, wish.entry_id) if wish.entry_id else None
    if entry:
        session.refresh(entry, with_for_update=True)  # of two projects that take it at once, one waits
    if entry and not payable(session, entry):
        raise NoPayment
    if entry and counts_as_paid(session, entry):
        raise EntryUsed
    payment = WorksPayment(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        paid_on=entry.on_date if entry else wish.paid_on or today(),
        amount_fen=-entry.amount_fen if entry else wish.amount or 0,
        payer=wish.payer or "",
        entry_id=wish.entry_id,
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(payment)
    session.flush()
    _record_payment(session, actor, project, payment, "project.paid")
    return payment, True


def take_back_payment(
    session: Session, actor: Actor, payment_id: UUID, id: UUID, wish: TakeBackWish
) -> tuple[WorksPayment, bool]:
    """A payment that was written down wrongly counts no more; both rows stay.

    Raises NotAllowed, NotFound, PaymentTakenBack, SameIdOtherContent.
    """
    if not policy.can_record_payment(actor):
        raise NotAllowed
    payment = payment_for(session, actor, payment_id)
    project = project_to_change(session, actor, payment.project_id)
    sent = digest(wish, actor.person_id, payment_id)
    if before := already(session, WorksPayment, actor.compound.id, id, sent):
        return before, False
    if taken_back(session, payment):
        raise PaymentTakenBack
    back = WorksPayment(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        paid_on=payment.paid_on,
        amount_fen=-payment.amount_fen,
        payer=payment.payer,
        entry_id=payment.entry_id,
        takes_back_id=payment.id,
        text=wish.text,
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(back)
    session.flush()
    _record_payment(session, actor, project, back, "project.payment_taken_back")
    return back, True


def _agreed(contract: WorksContract, wishes: list[MilestoneWish], phases: list[Phase]) -> list[Milestone]:
    """Shares are rounded down to the fen; where they make up the whole, what is left over is the last one's. Raises Malformed."""
    agreed: list[Milestone] = []
    left = contract.amount_fen
    shares = sum(wish.share or 0 for wish in wishes)
    for position, wish in enumerate(wishes):
        phase = next((p for p in phases if wish.when in (str(p.id), p.name)), None)
        if phase is None and wish.when not in set(When) - {When.PHASE}:
            raise _no("milestones", _("没有“%(name)s”这一步。", name=wish.when))
        last = position == len(wishes) - 1 and shares == 100
        fen = left if last else wish.amount or contract.amount_fen * (wish.share or 0) // 100
        left -= fen
        if left < 0:
            raise _no("milestones", _("各笔加起来超过了合同总价。"))
        agreed.append(
            Milestone(
                compound_id=contract.compound_id,
                contract_id=contract.id,
                position=position,
                name=wish.name,
                share=wish.share,
                amount_fen=fen,
                due=When.PHASE if phase else wish.when,
                phase_id=phase.id if phase else None,
            )
        )
    return agreed


def _record_payment(session: Session, actor: Actor, project: Project, payment: WorksPayment, act: str) -> None:
    facts: dict[str, Value] = {"payment": str(payment.id), "fen": payment.amount_fen, "on": payment.paid_on.isoformat()}
    if payment.entry_id:
        facts |= {"entry": str(payment.entry_id)}
    _record(session, actor, project, act, facts, {"payer": payment.payer, "because": payment.text})


def _record(session: Session, actor: Actor, project: Project, act: str, facts: dict[str, Value], words: dict[str, str]) -> None:
    """A line of the public log: sums and days in the open, who gets and who gives as commitments."""
    commits = {name: commit_to(session, project.compound_id, text) for name, text in words.items() if text}
    entry = Entry(type=act, compound_id=project.compound_id, record_id=project.id, commits=commits, facts=facts)
    publish(session, project.compound_id, lambda _index: entry.values())
    events.tell(session, project.compound_id, act, project_id=project.id)
    on_record(session, actor, act, project.id)


def _no(field: str, sentence: str) -> Malformed:
    return Malformed(((f"/body/{field}", field, sentence),))
