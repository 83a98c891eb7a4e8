"""How it went, by contractor and by part of the works: for residents who will choose the next one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func
from sqlmodel import Session, col

from app.access.actors import Visitor
from app.kit.clock import local, today
from app.kit.records import columns, pointing, rows_of
from app.renovation.finding_models import LIVE, RUNS_LATE, ActKind, Finding, FindingAct, FindingState
from app.renovation.models import Project


@dataclass(frozen=True, slots=True)
class Record:
    """`name`: of a contractor, or of a part. `rounds`: how often it was said to be mended, until now; `days`: from the notice to
    the closing, the middle one; `overdue`: findings whose day passed before they were mended; `reopened`: those that were opened
    again after they had been closed. `unfixed` is counted apart from `closed`.
    """

    name: str
    findings: int
    open: int
    closed: int
    unfixed: int
    rounds: int
    days: float | None
    overdue: int
    reopened: int


@dataclass(frozen=True, slots=True)
class Records:
    contractors: tuple[Record, ...]
    parts: tuple[Record, ...]


def _how_often(*conditions: Any) -> Any:
    return func.sum(case((and_(*conditions), 1), else_=0))


_ACTS = (
    columns(
        FindingAct.finding_id,
        _how_often(
            col(FindingAct.state) == FindingState.CLAIMED, col(FindingAct.kind).in_((ActKind.ANSWERED, ActKind.ARRIVED))
        ).label("rounds"),
        _how_often(FindingAct.kind == ActKind.ESCALATED).label("escalated"),
        _how_often(FindingAct.kind == ActKind.REOPENED).label("reopened"),
    )
    .where(FindingAct.compound_id == bindparam("compound_id"))
    .group_by(col(FindingAct.finding_id))
    .subquery()
)
_FINDINGS = (
    columns(
        Project.contractor,
        Finding.place,
        Finding.state,
        Finding.due_on,
        Finding.raised_at,
        Finding.closed_at,
        _ACTS.c.rounds,
        _ACTS.c.escalated,
        _ACTS.c.reopened,
    )
    .join(Project, pointing(Finding, "project_id", Project))
    .join(_ACTS, _ACTS.c.finding_id == Finding.id)
    .where(
        Finding.compound_id == bindparam("compound_id"),
        col(Finding.number).is_not(None),
        Finding.state != FindingState.VOID,
    )
)


def records(session: Session, visitor: Visitor) -> Records:
    """Of all that was ever issued and not withdrawn; who has the most findings first."""
    by_contractor, by_part = defaultdict(list), defaultdict(list)
    for row in rows_of(session, _FINDINGS, {"compound_id": visitor.compound.id}):
        by_contractor[row.contractor].append(row)
        by_part[row.place].append(row)
    return Records(_counted(by_contractor), _counted(by_part))


def _counted(groups: dict[str, list[Row[Any]]]) -> tuple[Record, ...]:
    records = (_record(name, rows) for name, rows in groups.items() if name)
    return tuple(sorted(records, key=lambda record: (-record.findings, record.name)))


def _record(name: str, rows: list[Row[Any]]) -> Record:
    def count(true: Iterable[bool]) -> int:
        return sum(map(bool, true))

    took = [(local(row.closed_at).date() - local(row.raised_at).date()).days for row in rows if row.state == FindingState.CLOSED]
    return Record(
        name=name,
        findings=len(rows),
        open=count(row.state in LIVE for row in rows),
        closed=count(row.state == FindingState.CLOSED for row in rows),
        unfixed=count(row.state == FindingState.CLOSED_UNFIXED for row in rows),
        rounds=sum(row.rounds for row in rows),
        days=median(took) if took else None,
        overdue=count(row.escalated or (row.state in RUNS_LATE and row.due_on < today()) for row in rows),
        reopened=count(row.reopened for row in rows),
    )
