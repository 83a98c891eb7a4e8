"""What nobody collected stays owed for ever, unless the owners decide otherwise: that decision, carried out line by line.

Lock order: distribution, books, numbers, log. The index that lets a line be claimed once also keeps it from being claimed and
converted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.after_schemas import ConversionWish
from app.benefits.claim_models import ClaimLine
from app.benefits.conversion_models import Conversion, NothingOwed, StillHandingOut
from app.benefits.conversion_queries import Owed, owed_lines
from app.benefits.distribution_queries import distribution_to_change
from app.benefits.gift_queries import owners_of
from app.benefits.models import Distribution
from app.benefits.roll_models import Entitlement, OnHold
from app.council.models import Decision
from app.council.queries import decision_for
from app.inbox.service import send
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.once import already, digest
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import Code
from app.treasury.journal import book


def convert(session: Session, actor: Actor, distribution_id: UUID, id: UUID, wish: ConversionWish) -> tuple[Conversion, bool]:
    """End the debt of the named lines of a closed plan, by the named decision; False: an equal request did before.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also the decision), StillHandingOut, NothingOwed, OnHold (what is held is
    kept for its unit), BooksNotOpen, MonthClosed, SameIdOtherContent.
    """
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, distribution_id)
    sent = digest(wish, actor.person_id, distribution_id)
    if before := already(session, Conversion, actor.compound.id, id, sent):
        return before, False
    if distribution.closed_at is None:
        raise StillHandingOut
    decision = decision_for(session, actor, wish.decision_id)
    lines = owed_lines(session, distribution, wish.lines)
    if len(lines) < len(set(wish.lines)):
        raise NothingOwed
    if basis := next((line.basis for line in lines if line.basis), None):
        raise OnHold(basis=basis)
    made = _settle(session, actor, distribution, decision, lines, id, sent)
    _record(session, actor, distribution, decision, made, lines)
    _tell(session, distribution, decision, lines)
    return made, True


def _settle(
    session: Session, actor: Actor, distribution: Distribution, decision: Decision, lines: Sequence[Owed], id: UUID, sent: bytes
) -> Conversion:
    fen = sum(line.amount_fen for line in lines)
    memo = _("%(title)s：没领的按决议转为收入", title=distribution.title)
    booked = [(distribution.account(Code.OWED), fen), (distribution.account(Code.OTHER_INCOME), -fen)]
    entry = book(session, distribution.compound_id, today(), memo, booked, decision=decision)
    made = Conversion(
        compound_id=distribution.compound_id,
        id=id,
        distribution_id=distribution.id,
        decision_id=decision.id,
        amount_fen=fen,
        converted_by_id=actor.person_id,
        entry_id=entry.id,
        sent_sha256=sent,
    )
    session.add(made)
    session.flush()
    session.add_all(ClaimLine(compound_id=made.compound_id, conversion_id=made.id, entitlement_line_id=line.id) for line in lines)
    session.flush()
    return made


def _record(
    session: Session, actor: Actor, distribution: Distribution, decision: Decision, made: Conversion, lines: Sequence[Owed]
) -> None:
    """In public the sum and how many lines; which they are, as a commitment."""
    named = "\n".join(sorted(str(line.id) for line in lines))
    entry = Entry(
        type="distribution.converted",
        compound_id=made.compound_id,
        record_id=made.id,
        decision_ref=decision.reference,
        commits={"lines": commit_to(session, made.compound_id, named)},
        facts={
            "distribution": str(distribution.id),
            "number": distribution.reference,
            "lines": len(lines),
            "fen": made.amount_fen,
        },
    )
    publish(session, made.compound_id, lambda _index: entry.values())
    events.tell(session, made.compound_id, "distribution.converted", distribution_id=distribution.id, conversion_id=made.id)
    on_record(session, actor, "distribution.converted", made.id)


def _tell(session: Session, distribution: Distribution, decision: Decision, lines: Iterable[Owed]) -> None:
    """Each unit's owners read how much of theirs it was, and by which decision; their page of the gift says what."""
    title = _("%(title)s没领的，按决议转为公共收入了", title=distribution.title)
    by_unit: Counter[UUID] = Counter()
    for line in lines:
        by_unit[line.entitlement_id] += line.amount_fen
    for entitlement_id, fen in by_unit.items():
        unit = session.get_one(Entitlement, (distribution.compound_id, entitlement_id))
        by = f"{decision.reference} {decision.title}"
        words = _("%(label)s：%(amount)s。决议：%(decision)s", label=unit.label, amount=yuan(fen), decision=by)
        for owner in owners_of(session, unit):
            send(session, unit.compound_id, owner.id, title, words, f"/benefits/{distribution.id}/code")
