"""What there is to see of findings: they are public; names and originals are not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Row, and_, bindparam, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotFound
from app.photos.models import Photo, PhotoSize
from app.renovation import policy
from app.renovation.finding_models import (
    LIVE,
    MOVES,
    RUNS_LATE,
    SEVERITY_SAYS,
    SHUT,
    TO_MEND,
    ActKind,
    AwaitedPhoto,
    Finding,
    FindingAct,
    FindingLink,
    FindingPhoto,
    FindingState,
    Severity,
)
from app.renovation.models import Project, VisitPhoto
from app.renovation.queries import Shown, photo_for


@dataclass(frozen=True, slots=True)
class FindingCard:
    id: UUID
    project_id: UUID
    visit_id: UUID | None
    year: int | None
    number: int | None
    place: str
    what: str
    basis: str
    demand: str
    severity: str
    due_on: date
    state: str
    reopened: int
    raised_at: datetime
    raised_by: str
    seconded_by: str | None
    received_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None

    @property
    def overdue(self) -> bool:
        return self.state in RUNS_LATE and self.due_on < today()

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def to_mend(self) -> bool:
        """It is for the contractor to act."""
        return self.state in TO_MEND

    @property
    def shut(self) -> bool:
        return self.state in SHUT

    @property
    def waits_for(self) -> str:
        """What another supervisor than who raised it should do: "report", "recheck", "dispute", "second" or ""."""
        if self.reported_at:
            return "report"
        waits = {FindingState.CLAIMED: "recheck", FindingState.DISPUTED: "dispute"}.get(FindingState(self.state))
        return waits or ("second" if self.live and not self.seconded_by else "")


@dataclass(frozen=True, slots=True)
class Act:
    """One step in a finding's life, `by` as this reader may know the name; "" for what happened by itself."""

    id: UUID
    kind: str
    text: str
    state: str
    due_on: date
    by: str
    at: datetime
    photos: tuple[Shown, ...]
    waits: bool
    """It does not stand yet: its photos are on the way."""
    late: bool
    """An arrival that moved nothing any more."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of each weight wait, how many were mended, how many never will be (counted apart)."""

    high: int
    mid: int
    low: int
    closed: int
    unfixed: int

    @property
    def open(self) -> int:
        return self.high + self.mid + self.low


_second = aliased(Person)

_FINDINGS = (
    columns(Finding, Person.name, col(_second.name).label("second"))
    .join(Person, pointing(Finding, "raised_by_id", Person))
    .outerjoin(_second, and_(col(_second.compound_id) == Finding.compound_id, col(_second.id) == Finding.seconded_by_id))
    .where(
        Finding.compound_id == bindparam("compound_id"),
        or_(col(Finding.number).is_not(None), bindparam("unissued", type_=Boolean)),
    )
)
"""`unissued`: drafts as well, for supervisors."""
FINDINGS = Listing(
    "findings",
    _FINDINGS.where(Finding.project_id == bindparam("project_id")),
    col(Finding.raised_at),
    col(Finding.id),
    lambda row: row,
    newest_first=True,
)
_UNMENDED = (
    _FINDINGS.where(Finding.project_id == bindparam("project_id"), col(Finding.state).in_(LIVE))
    .order_by(case({"high": 0, "mid": 1}, value=Finding.severity, else_=2), col(Finding.due_on), col(Finding.id))
    .limit(bindparam("most"))
)
_ONE_FINDING = _FINDINGS.where(Finding.id == bindparam("id"))
_OF_VISIT = _FINDINGS.where(Finding.visit_id == bindparam("visit_id")).order_by(col(Finding.number))
_WAITING = (
    _FINDINGS.where(
        or_(
            col(Finding.reported_at).is_not(None),
            and_(
                col(Finding.raised_by_id) != bindparam("person_id"),
                or_(
                    col(Finding.state).in_((FindingState.CLAIMED, FindingState.DISPUTED)),
                    and_(col(Finding.state).in_(LIVE), col(Finding.seconded_by_id).is_(None)),
                ),
            ),
        )
    )
    .order_by(col(Finding.due_on), col(Finding.id))
    .limit(20)
)


def findings_of(session: Session, visitor: Visitor, project: Project, asked: Asked) -> Page[FindingCard]:
    """Latest first. Raises BadCursor."""
    page: Page[Any] = FINDINGS.page(session, asked, **_seen_by(visitor), project_id=project.id)
    return Page[FindingCard](items=[_finding_card(visitor, row) for row in page.items], next_cursor=page.next_cursor)


def unmended(session: Session, visitor: Visitor, project: Project, most: int = 3) -> list[FindingCard]:
    """The heaviest first, then the one that is due first."""
    where = _seen_by(visitor) | {"project_id": project.id, "most": most}
    return [_finding_card(visitor, row) for row in session.execute(_UNMENDED, where)]


def findings_at(session: Session, visitor: Visitor, visit_id: UUID) -> list[FindingCard]:
    """Those raised at one visit."""
    rows = session.execute(_OF_VISIT, _seen_by(visitor) | {"visit_id": visit_id})
    return [_finding_card(visitor, row) for row in rows]


def waiting_for(session: Session, actor: Actor) -> list[FindingCard]:
    """What waits for this supervisor: to be re-checked, answered or signed, where somebody else raised it."""
    if not policy.can_supervise(actor):
        return []
    rows = session.execute(_WAITING, _seen_by(actor) | {"person_id": actor.person_id})
    return [_finding_card(actor, row) for row in rows]


def finding_for(session: Session, visitor: Visitor, id: UUID) -> Finding:
    """Raises NotFound for absent and foreign alike, and for a draft to whoever is no supervisor."""
    finding = session.get(Finding, (visitor.compound.id, id))
    if finding is None or (finding.number is None and not policy.can_supervise(visitor)):
        raise NotFound
    return finding


def finding_card(session: Session, visitor: Visitor, id: UUID) -> FindingCard:
    """Raises NotFound for absent and foreign alike."""
    row = session.execute(_ONE_FINDING, _seen_by(visitor) | {"id": id}).one_or_none()
    if row is None:
        raise NotFound
    return _finding_card(visitor, row)


def finding_to_change(session: Session, actor: Visitor, id: UUID) -> Finding:
    """With its row locked: first in the lock order. Raises NotFound."""
    finding = session.get(Finding, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if finding is None or (finding.number is None and not policy.can_supervise(actor)):
        raise NotFound
    return finding


def tally(session: Session, project: Project) -> Tally:
    rows = session.execute(
        columns(Finding.state, Finding.severity, func.count())
        .where(Finding.compound_id == project.compound_id, Finding.project_id == project.id)
        .group_by(Finding.state, Finding.severity)
    ).all()

    def count(states: Collection[str], severity: str | None = None) -> int:
        return sum(n for state, weight, n in rows if state in states and severity in (None, weight))

    return Tally(
        high=count(LIVE, Severity.HIGH),
        mid=count(LIVE, Severity.MID),
        low=count(LIVE, Severity.LOW),
        closed=count([FindingState.CLOSED]),
        unfixed=count([FindingState.CLOSED_UNFIXED]),
    )


def before_photos(session: Session, compound_id: UUID, finding_id: UUID) -> tuple[Shown, ...]:
    return _shown(session, compound_id, finding_id).get(None, ())


def life_of(session: Session, visitor: Visitor, finding_id: UUID) -> list[Act]:
    """What was done about it, in order."""
    shown = _shown(session, visitor.compound.id, finding_id)
    rows = session.execute(_LIFE, {"compound_id": visitor.compound.id, "finding_id": finding_id}).all()
    acts: dict[UUID, FindingAct] = {a.id: a for a, _name in rows}
    arrived = {a.of_id for a in acts.values()}
    return [
        Act(
            a.id,
            a.kind,
            a.text,
            a.state,
            a.due_on,
            known_as(name or a.by_name, full=visitor.is_resident) if name or a.by_name else "",
            a.done_at,
            shown.get(a.id, ()),
            a.unmoved and a.id not in arrived,
            a.of_id is not None and a.state != MOVES[ActKind(acts[a.of_id].kind)].to,
        )
        for a, name in rows
    ]


_LIFE = (
    columns(FindingAct, Person.name)
    .outerjoin(Person, and_(col(Person.compound_id) == FindingAct.compound_id, col(Person.id) == FindingAct.by_id))
    .where(FindingAct.compound_id == bindparam("compound_id"), FindingAct.finding_id == bindparam("finding_id"))
    .order_by(col(FindingAct.position))
)


def waits(session: Session, act: FindingAct) -> bool:
    """Whether the step was written down without its photos, and none of them is here."""
    if not act.unmoved:
        return False
    arrival = select(FindingAct.id).where(FindingAct.compound_id == act.compound_id, FindingAct.of_id == act.id)
    return session.exec(arrival).first() is None


def last_act(session: Session, finding: Finding, kind: ActKind) -> FindingAct | None:
    return session.exec(
        select(FindingAct)
        .where(FindingAct.compound_id == finding.compound_id, FindingAct.finding_id == finding.id, FindingAct.kind == kind)
        .order_by(col(FindingAct.position).desc())
        .limit(1)
    ).first()


def has_after_photo(session: Session, finding: Finding) -> bool:
    """Whether the contractor's answer that waits to be looked at came with one."""
    if finding.state != FindingState.CLAIMED or (answer := last_act(session, finding, ActKind.ANSWERED)) is None:
        return False
    return answer.id in _shown(session, finding.compound_id, finding.id)


def link_of(session: Session, finding: Finding) -> FindingLink | None:
    """The contractor's link that nobody has ended, though it may be too old: there is one at most."""
    return session.exec(
        select(FindingLink).where(
            FindingLink.compound_id == finding.compound_id,
            FindingLink.finding_id == finding.id,
            col(FindingLink.ended_at).is_(None),
        )
    ).one_or_none()


def finding_photo_for(session: Session, visitor: Visitor, finding_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """Raises NotFound, NotAllowed."""
    finding_for(session, visitor, finding_id)
    hangs = session.exec(
        select(FindingPhoto.id).where(
            FindingPhoto.compound_id == visitor.compound.id,
            FindingPhoto.finding_id == finding_id,
            FindingPhoto.photo_id == photo_id,
        )
    ).first()
    if hangs is None:
        raise NotFound
    return photo_for(session, visitor, photo_id, size)


def _shown(session: Session, compound_id: UUID, finding_id: UUID) -> dict[UUID | None, tuple[Shown, ...]]:
    """The photos of a finding by the act they came with; None: of before."""
    rows = session.execute(
        columns(FindingPhoto.act_id, FindingPhoto.photo_id, func.coalesce(VisitPhoto.caption, AwaitedPhoto.caption))
        .outerjoin(VisitPhoto, pointing(FindingPhoto, "photo_id", VisitPhoto))
        .outerjoin(AwaitedPhoto, pointing(FindingPhoto, "photo_id", AwaitedPhoto))
        .where(FindingPhoto.compound_id == compound_id, FindingPhoto.finding_id == finding_id)
        .order_by(col(FindingPhoto.position))
    )
    found: dict[UUID | None, list[Shown]] = {}
    for act_id, photo_id, caption in rows:
        found.setdefault(act_id, []).append((photo_id, caption or ""))
    return {act_id: tuple(photos) for act_id, photos in found.items()}


def _seen_by(visitor: Visitor) -> dict[str, Any]:
    return {"compound_id": visitor.compound.id, "unissued": policy.can_supervise(visitor)}


def _finding_card(visitor: Visitor, row: Row[Any]) -> FindingCard:
    finding: Finding = row.Finding
    full = visitor.is_resident
    known = {name: getattr(finding, name) for name in FindingCard.__slots__ if name not in ("raised_by", "seconded_by")}
    second = known_as(row.second, full=full) if row.second else None
    return FindingCard(**known, raised_by=known_as(row.name, full=full), seconded_by=second)


def severity_names() -> dict[str, str]:
    return {severity.value: _(says) for severity, says in SEVERITY_SAYS.items()}
