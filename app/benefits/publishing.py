"""Verbs towards everybody: publish a plan with its frozen roll, publish it again corrected, close the table and open it again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from secrets import token_bytes
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.benefits.approving import need_approved, need_decision
from app.benefits.closing import publish_report
from app.benefits.delivering import end_deliveries
from app.benefits.distribution_queries import (
    batches_of,
    distribution_to_change,
    effective_to_act,
    exclusions_of,
    state_of,
)
from app.benefits.funding import funding_of
from app.benefits.models import (
    AlreadyPublished,
    ClaimedLine,
    Distribution,
    DistributionState,
    NotEffective,
    NothingToCorrect,
    NotSubmitted,
)
from app.benefits.plan_content import public_plan
from app.benefits.roll_models import Entitlement, EntitlementLine
from app.benefits.roll_queries import Line, lines_of_roll, roll_in_force
from app.benefits.rolling import Due, Roll, RollUnit, roll_now
from app.benefits.stocking import set_up
from app.benefits.telling import remind
from app.council.queries import decision_for
from app.kit import events
from app.kit.clock import now, today
from app.kit.i18n import _
from app.kit.ids import new_ids
from app.kit.records import insert_many
from app.notices.models import Notice, NoticeKind
from app.notices.queries import notice_of_record, notice_to_change
from app.notices.service import publish_notice
from app.publiclog.service import Entry, commit_to, publish
from app.treasury.chart_models import Code
from app.treasury.journal import book, lock_books


def publish_plan(session: Session, actor: Actor, id: UUID) -> Distribution:
    """Freeze the approved roll, open the objection period, and owe the sum to the units; of a published plan: publish the
    approved correction, which replaces only the rows that it changes.

    Raises NotAllowed, SecondFactorNeeded, NotFound, NotSubmitted, NotApproved, AlreadyPublished, NamesNoDecision,
    FundNamesNoDecision, NobodyToGiveTo, NothingForSomebody, ListMissing, UnknownUnits, TotalTooLarge, MoreThanFund, BooksNotOpen,
    MonthPublished, MonthClosed; for a correction also NothingToCorrect, ClaimedLine, AnswerFirst.
    """
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    distribution = distribution_to_change(session, actor, id)
    if distribution.submitted_at is None:
        raise AlreadyPublished if distribution.frozen_at else NotSubmitted
    need_decision(session, distribution)
    roll = roll_now(session, distribution)
    need_approved(session, distribution, roll)
    lock_books(session, distribution.compound_id)
    funding_of(session, distribution, roll).need_to_publish()
    if distribution.frozen_at is None:
        _freeze(session, actor, distribution, roll)
    else:
        _correct(session, actor, distribution, roll)
    return distribution


def close(session: Session, actor: Actor, id: UUID) -> Distribution:
    """No more handing out, and a report of what became of it. What was not collected stays owed to its units.

    Raises NotAllowed, SecondFactorNeeded, NotFound, NotEffective, AnswerFirst (an objection to the report before).
    """
    distribution = _to_turn(session, actor, id)
    if state_of(session, distribution) in (DistributionState.DRAFT, DistributionState.SUBMITTED, DistributionState.PUBLISHED):
        raise NotEffective
    if distribution.closed_at is None:
        distribution.closed_at = now()
        end_deliveries(session, distribution, actor.person_id)
        publish_report(session, actor, distribution)
        _turned(session, actor, distribution, "distribution.closed")
    return distribution


def reopen(session: Session, actor: Actor, id: UUID) -> Distribution:
    """For those who come late: a debt to a unit never lapses. Raises NotAllowed, SecondFactorNeeded, NotFound."""
    distribution = _to_turn(session, actor, id)
    if distribution.closed_at is not None:
        distribution.closed_at = None
        _turned(session, actor, distribution, "distribution.reopened")
    return distribution


def _to_turn(session: Session, actor: Actor, id: UUID) -> Distribution:
    actor.need(Permission.PLAN_BENEFIT)
    actor.need_second_factor()
    return distribution_to_change(session, actor, id)


def _turned(session: Session, actor: Actor, distribution: Distribution, act: str) -> None:
    entry = Entry(
        type=act, compound_id=distribution.compound_id, record_id=distribution.id, facts={"number": distribution.reference}
    )
    publish(session, distribution.compound_id, lambda _index: entry.values())
    events.tell(session, distribution.compound_id, act, distribution_id=distribution.id)
    on_record(session, actor, act, distribution.id)


def _freeze(session: Session, actor: Actor, distribution: Distribution, roll: Roll) -> None:
    distribution.frozen_at, distribution.record_on = now(), today()
    _settle(distribution, roll)
    session.flush()
    set_up(session, distribution, 1, _("发放台"))
    _write(session, distribution, _placed(roll), _codes(len(roll.units)))
    _owe(session, actor, distribution, roll.total_fen, _("%(title)s：计入应付福利", title=distribution.title))
    _announce(session, actor, distribution, roll, distribution.title)
    remind(session, distribution)


def _correct(session: Session, actor: Actor, distribution: Distribution, roll: Roll) -> None:
    if effective_to_act(session, distribution):
        distribution.settled_version = distribution.version
    found = notice_of_record(session, distribution.compound_id, distribution.id)
    assert found, "what is frozen was published"
    before = notice_to_change(session, actor, found[0].id)
    standing, lines = roll_in_force(session, distribution), lines_of_roll(session, distribution)
    dues = _placed(roll)
    named = {place.unit.id for place in dues}
    changed = [place for place in dues if _differs(place.due, standing.get(place.unit.id), lines)]
    gone = [e for unit_id, e in standing.items() if unit_id not in named]
    if not changed and not gone and before.withdrawn_at is None:
        raise NothingToCorrect
    touched = [*gone, *(standing[place.unit.id] for place in changed if place.unit.id in standing)]
    if claimed := [e.label for e in touched if not all(line.owed for line in lines[e.id])]:
        raise ClaimedLine(units="、".join(sorted(claimed)[:5]))
    more_fen = roll.total_fen - distribution.total_fen
    _settle(distribution, roll)
    known = {unit_id: e.code for unit_id, e in standing.items()}
    fresh = iter(_codes(len(changed), known.values()))
    _write(session, distribution, changed, [known.get(place.unit.id) or next(fresh) for place in changed])
    _strike(session, distribution, gone)
    title = _("%(title)s（第%(n)s次更正）", title=distribution.title, n=distribution.version - 1)
    _owe(session, actor, distribution, more_fen, _("%(title)s：应付福利", title=title))
    _announce(session, actor, distribution, roll, title, before)


class _Place(NamedTuple):
    """A unit's place in the roll, from 1, and what it is due."""

    position: int
    unit: RollUnit
    fen: int
    due: list[Due]


def _placed(roll: Roll) -> list[_Place]:
    return [_Place(position, *row) for position, row in enumerate(roll.lines, 1)]


def _differs(due: Sequence[Due], standing: Entitlement | None, lines: Mapping[UUID, Sequence[Line]]) -> bool:
    """Whether a unit would get other lines than those that stand."""
    wanted = {(one.item_id, one.amount_fen, one.quantity) for one in due}
    return standing is None or wanted != {(line.item_id, line.amount_fen, line.quantity) for line in lines[standing.id]}


def _settle(distribution: Distribution, roll: Roll) -> None:
    """Write what the roll comes to on the plan and its items."""
    distribution.version += 1
    distribution.submitted_at = None
    distribution.total_fen, distribution.total_area, distribution.units = roll.total_fen, roll.total_area, len(roll.units)
    for part in roll.parts:
        part.item.given, part.item.residue = sum(part.shares.each), part.shares.residue


def _write(session: Session, distribution: Distribution, places: Sequence[_Place], codes: Sequence[str]) -> None:
    """Rows of this version."""
    of, of_plan = {"compound_id": distribution.compound_id}, {"distribution_id": distribution.id, "version": distribution.version}
    heads, lines = [], []
    fresh = new_ids(sum(1 + len(place.due) for place in places))
    for (position, unit, fen, due), id, code in zip(places, fresh, codes, strict=False):
        heads.append((id, unit.id, position, unit.label, unit.building, unit.entrance, unit.area, fen, code))
        lines += [(next(fresh), id, one.item_id, one.amount_fen, one.quantity, one.weight) for one in due]
    insert_many(session, Entitlement, of | of_plan, _HEAD, heads)
    insert_many(session, EntitlementLine, of, _LINE, lines)


_HEAD = ("id", "unit_id", "position", "label", "building", "entrance", "area", "amount_fen", "code")
_LINE = ("id", "entitlement_id", "item_id", "amount_fen", "quantity", "weight")


def _strike(session: Session, distribution: Distribution, gone: Iterable[Entitlement]) -> None:
    """Units that are due nothing any more: a row of this version without lines."""
    session.add_all(
        Entitlement(**e.model_dump(exclude={"id", "version", "amount_fen"}), version=distribution.version, amount_fen=0)
        for e in gone
    )


def _owe(session: Session, actor: Actor, distribution: Distribution, fen: int, memo: str) -> None:
    if fen:
        decision = decision_for(session, actor, distribution.decision_id) if distribution.decision_id else None
        lines = [(distribution.account(Code.BENEFITS), fen), (distribution.account(Code.OWED), -fen)]
        book(session, distribution.compound_id, today(), memo, lines, decision=decision)


def _announce(
    session: Session, actor: Actor, distribution: Distribution, roll: Roll, title: str, before: Notice | None = None
) -> None:
    """The notice, and the whole roll as one commitment in the log: it cannot be changed later, and nobody can read it there."""
    decision = decision_for(session, actor, distribution.decision_id) if distribution.decision_id else None
    excluded = exclusions_of(session, distribution)
    plan = public_plan(distribution, batches_of(session, distribution), roll, len(excluded))
    said = plan | {"decision": decision.reference if decision else None, "version": distribution.version}
    if before:
        said |= {"supersedes": str(before.id), "because": distribution.correction}
    publish_notice(
        session,
        actor,
        NoticeKind.DISTRIBUTION,
        title,
        f"/benefits/{distribution.id}",
        distribution.id,
        said,
        decision_ref=decision.reference if decision else None,
        supersedes=before,
    )
    entry = Entry(
        type="roll.corrected" if before else "roll.frozen",
        compound_id=distribution.compound_id,
        record_id=distribution.id,
        record_version=distribution.version,
        commits={"roll_sha256": commit_to(session, distribution.compound_id, roll.sha256)},
        facts={"number": distribution.reference, "units": len(roll.units), "total_fen": roll.total_fen},
    )
    publish(session, distribution.compound_id, lambda _index: entry.values())


def _codes(wanted: int, taken: Collection[str] = ()) -> list[str]:
    """Different codes of eight digits, in an order that tells nothing."""
    found: dict[str, None] = {}
    while len(found) < wanted:
        drawn = memoryview(token_bytes(8 * (wanted - len(found)))).cast("Q")  # no code is likelier by a part in 10**11
        found.update(dict.fromkeys(f"{number % 10**8:08d}" for number in drawn))
        for code in taken:
            found.pop(code, None)
    return list(found)
