"""What nobody collected stays owed for ever, unless the owners decide otherwise: that decision, carried out line by line, and
taken back where it was carried out wrongly.

Lock order: distribution, books, numbers, log. The index that lets a line be claimed once also keeps it from being claimed and
converted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.claim_models import ClaimLine
from app.benefits.conversion_models import (
    AlreadyUndone,
    Conversion,
    ConverterUndoes,
    NothingOwed,
    StillHandingOut,
    Undoing,
)
from app.benefits.conversion_queries import Owed, conversion_for, lines_converted, of_few, owed_lines, undoing_of
from app.benefits.distribution_queries import distribution_to_change
from app.benefits.gift_queries import owners_of
from app.benefits.models import Distribution
from app.benefits.outcome_schemas import ConversionWish, UndoWish
from app.benefits.roll_models import Entitlement, OnHold
from app.council.models import Decision
from app.council.queries import decision_for
from app.inbox.service import send
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.money import yuan
from app.kit.once import already, digest
from app.publiclog.canonical import Value
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import Code
from app.treasury.journal import book, reverse
from app.treasury.models import JournalEntry


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
    _publish(session, actor, distribution, made, "distribution.converted", lines, decision.reference)
    title = _("%(title)s没领的，按决议转为公共收入了", title=distribution.title)
    _tell(session, distribution, title, lines, _said(decision))
    return made, True


def undo(session: Session, actor: Actor, distribution_id: UUID, conversion_id: UUID, wish: UndoWish) -> Undoing:
    """Take a wrong conversion back by a named decision, once: what it took is owed again, and can still be collected.

    Raises NotAllowed, SecondFactorNeeded, NotFound (also the decision), AlreadyUndone, ConverterUndoes, MonthClosed.
    """
    actor.need(Permission.VOID_CLAIM)
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, distribution_id)
    wrong = conversion_for(session, actor, distribution, conversion_id)
    if undoing_of(session, wrong):
        raise AlreadyUndone
    if wrong.converted_by_id == actor.person_id:
        raise ConverterUndoes
    decision = decision_for(session, actor, wish.decision_id)
    lines = lines_converted(session, wrong)
    session.connection().execute(_UNCONVERT, {"in_compound": wrong.compound_id, "of_conversion": wrong.id})
    entry = session.get_one(JournalEntry, (wrong.compound_id, wrong.entry_id))
    made = Undoing(
        compound_id=wrong.compound_id,
        conversion_id=wrong.id,
        decision_id=decision.id,
        reason=wish.reason,
        undone_by_id=actor.person_id,
        reversal_id=reverse(session, entry, _("%(title)s：撤销转收入", title=distribution.title)).id,
    )
    session.add(made)
    session.flush()
    _publish(session, actor, distribution, wrong, "distribution.conversion-undone", lines, decision.reference, reason=wish.reason)
    why = f"{_said(decision)}{_('，')}{wish.reason}"
    _tell(session, distribution, _("%(title)s没领的，又可以领了", title=distribution.title), lines, why)
    return made


def _settle(
    session: Session, actor: Actor, distribution: Distribution, decision: Decision, lines: Sequence[Owed], id: UUID, sent: bytes
) -> Conversion:
    fen = sum(line.amount_fen for line in lines)
    memo = _("%(title)s：没领的按决议转为收入", title=distribution.title)
    booked = [(distribution.account(Code.OTHER_INCOME), -fen), (distribution.account(Code.OWED), fen)]
    if of_few(lines):
        booked.reverse()  # what begins with a debt to homes is told to them and to the books alone
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


def _publish(
    session: Session,
    actor: Actor,
    distribution: Distribution,
    of: Conversion,
    act: str,
    lines: Sequence[Owed],
    decision: str,
    **secret: str,
) -> None:
    """In public the sum, unless it is of a few homes, and how many lines; which they are, and words that somebody typed, as
    commitments.
    """
    named = {"lines": "\n".join(sorted(str(line.id) for line in lines))}
    facts: dict[str, Value] = {"distribution": str(distribution.id), "number": distribution.reference, "lines": len(lines)}
    if of_few(lines):
        secret["fen"] = str(of.amount_fen)
    else:
        facts["fen"] = of.amount_fen
    entry = Entry(
        type=act,
        compound_id=of.compound_id,
        record_id=of.id,
        decision_ref=decision,
        commits={name: commit_to(session, of.compound_id, words) for name, words in (named | secret).items()},
        facts=facts,
    )
    publish(session, of.compound_id, lambda _index: entry.values())
    events.tell(session, of.compound_id, act, distribution_id=distribution.id, conversion_id=of.id)
    on_record(session, actor, act, of.id)


def _said(decision: Decision) -> str:
    return _("决议：%(decision)s", decision=f"{decision.reference} {decision.title}")


def _tell(session: Session, distribution: Distribution, title: str, lines: Iterable[Owed], why: str) -> None:
    """Each unit's owners read how much of theirs it is, and why; their page of the gift says what."""
    by_unit: Counter[UUID] = Counter()
    for line in lines:
        by_unit[line.entitlement_id] += line.amount_fen
    for entitlement_id, fen in by_unit.items():
        unit = session.get_one(Entitlement, (distribution.compound_id, entitlement_id))
        words = _("%(label)s：%(amount)s。%(why)s", label=unit.label, amount=yuan(fen), why=why)
        for owner in owners_of(session, unit):
            send(session, unit.compound_id, owner.id, title, words, f"/benefits/{distribution.id}/code")


_UNCONVERT = (
    update(ClaimLine)
    .where(col(ClaimLine.compound_id) == bindparam("in_compound"), col(ClaimLine.conversion_id) == bindparam("of_conversion"))
    .values(live=False)
)
