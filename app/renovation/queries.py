"""What there is to see: projects, visits and findings are public; names and originals are not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, case, func
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing
from app.kit.refusals import NotAllowed, NotFound
from app.photos.models import Photo, PhotoSize
from app.photos.queries import photos_of
from app.renovation import policy
from app.renovation.models import (
    LIVE,
    SEVERITY_SAYS,
    WEATHER_SAYS,
    Finding,
    FindingLink,
    FindingPhoto,
    FindingState,
    Phase,
    PhaseState,
    Project,
    Recheck,
    Rectification,
    Severity,
    Visit,
    VisitPhoto,
)

Shown = tuple[UUID, str]
"""A photo that is here, and what it shows."""


@dataclass(frozen=True, slots=True)
class ProjectCard:
    id: UUID
    title: str
    what: str
    started_on: date
    steps: int
    done: int
    open: int
    """Findings that are not mended yet."""


@dataclass(frozen=True, slots=True)
class VisitCard:
    """`photos`: those that are here, in their order. `finding_ids`: what was raised there."""

    id: UUID
    project_id: UUID
    year: int
    number: int
    place: str
    weather: str | None
    progress: str
    checked: str
    problems: str
    others: str
    visited_at: datetime
    not_before_at: datetime | None
    received_at: datetime
    supervisor: str
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
    photos_announced: int
    photos: tuple[Shown, ...]
    findings: int
    sha256: str

    @property
    def photos_received(self) -> int:
        return len(self.photos)

    @property
    def complete(self) -> bool:
        return self.photos_received == self.photos_announced


@dataclass(frozen=True, slots=True)
class FindingCard:
    id: UUID
    project_id: UUID
    visit_id: UUID | None
    year: int
    number: int
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
    received_at: datetime | None
    closed_at: datetime | None

    @property
    def overdue(self) -> bool:
        return self.state == FindingState.OPEN and self.due_on < today()


@dataclass(frozen=True, slots=True)
class Act:
    """One step in a finding's life. `kind` is "answer" or a verdict; `by` as this reader may know the name."""

    id: UUID
    kind: str
    text: str
    by: str
    at: datetime
    photos: tuple[Shown, ...]


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


_steps = select(func.count()).where(Phase.compound_id == Project.compound_id, Phase.project_id == Project.id).correlate(Project)
_unmended = (
    select(func.count())
    .where(Finding.compound_id == Project.compound_id, Finding.project_id == Project.id, col(Finding.state).in_(LIVE))
    .correlate(Project)
)

_PROJECTS = columns(
    Project.id,
    Project.title,
    Project.what,
    Project.started_on,
    _steps.scalar_subquery().label("steps"),
    _steps.where(Phase.state == PhaseState.DONE).scalar_subquery().label("done"),
    _unmended.scalar_subquery().label("open"),
).where(Project.compound_id == bindparam("compound_id"))

PROJECTS = Listing(
    "projects",
    _PROJECTS,
    col(Project.started_on),
    col(Project.id),
    made_into(ProjectCard, _PROJECTS),
    newest_first=True,
)


def projects_of(session: Session, visitor: Visitor, asked: Asked) -> Page[ProjectCard]:
    """Latest begun first. Raises BadCursor."""
    return PROJECTS.page(session, asked, compound_id=visitor.compound.id)


def project_for(session: Session, visitor: Visitor, id: UUID) -> Project:
    """Raises NotFound for absent and foreign alike."""
    project = session.get(Project, (visitor.compound.id, id))
    if project is None:
        raise NotFound
    return project


def project_to_change(session: Session, actor: Visitor, id: UUID) -> Project:
    """With its row locked: first in the lock order. Raises NotFound."""
    project = session.get(Project, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if project is None:
        raise NotFound
    return project


def phase_for(session: Session, visitor: Visitor, id: UUID) -> Phase:
    """Raises NotFound."""
    phase = session.get(Phase, (visitor.compound.id, id), populate_existing=True)
    if phase is None:
        raise NotFound
    return phase


def phases_of(session: Session, project: Project) -> Sequence[Phase]:
    return session.exec(
        select(Phase)
        .where(Phase.compound_id == project.compound_id, Phase.project_id == project.id)
        .order_by(col(Phase.position))
    ).all()


# ---------------------------------------------------------------- visits

_later = Visit.__table__.alias("later")  # type: ignore[attr-defined]

_VISITS = (
    columns(
        Visit,
        Person.name,
        select(_later.c.id)
        .where(_later.c.compound_id == Visit.compound_id, _later.c.supersedes_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
        .label("superseded_by_id"),
        select(func.count())
        .where(Finding.compound_id == Visit.compound_id, Finding.visit_id == Visit.id)
        .correlate(Visit)
        .scalar_subquery()
        .label("findings"),
    )
    .join(Person, pointing(Visit, "supervisor_id", Person))
    .where(Visit.compound_id == bindparam("compound_id"))
)

VISITS = Listing(
    "visits",
    _VISITS.where(Visit.project_id == bindparam("project_id")),
    col(Visit.received_at),
    col(Visit.id),
    lambda row: row,
    newest_first=True,
)
"""In the order in which the server received them: the clocks of phones prove nothing."""

_ONE_VISIT = _VISITS.where(Visit.id == bindparam("id"))


def timeline(session: Session, visitor: Visitor, project: Project, asked: Asked) -> Page[VisitCard]:
    """The visits of a project with their photos, latest first. Raises BadCursor."""
    page: Page[Any] = VISITS.page(session, asked, compound_id=visitor.compound.id, project_id=project.id)
    return Page[VisitCard](items=_visit_cards(session, visitor, page.items), next_cursor=page.next_cursor)


def visit_card(session: Session, visitor: Visitor, id: UUID) -> VisitCard:
    """Raises NotFound for absent and foreign alike."""
    rows = session.execute(_ONE_VISIT, {"compound_id": visitor.compound.id, "id": id}).all()
    if not rows:
        raise NotFound
    return _visit_cards(session, visitor, rows)[0]


def visit_for(session: Session, visitor: Visitor, id: UUID, *, lock: bool = False) -> Visit:
    """Raises NotFound for absent and foreign alike."""
    visit = session.get(Visit, (visitor.compound.id, id), with_for_update=lock or None, populate_existing=lock)
    if visit is None:
        raise NotFound
    return visit


def announced_photos(session: Session, visit: Visit) -> Sequence[VisitPhoto]:
    return session.exec(
        select(VisitPhoto)
        .where(VisitPhoto.compound_id == visit.compound_id, VisitPhoto.visit_id == visit.id)
        .order_by(col(VisitPhoto.position))
    ).all()


def visit_photo_for(session: Session, visitor: Visitor, visit_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """A photo that has arrived; the original only for those who may see it. Raises NotFound, NotAllowed."""
    announced = session.get(VisitPhoto, (visitor.compound.id, photo_id))
    if announced is None or announced.visit_id != visit_id or announced.received_at is None:
        raise NotFound
    return _photo_for(session, visitor, photo_id, size)


def places_of(session: Session, project: Project) -> list[str]:
    """Where visits and findings of a project were lately: offered when the next is written."""
    found = session.execute(
        select(Visit.place, func.max(Visit.received_at))
        .where(Visit.compound_id == project.compound_id, Visit.project_id == project.id)
        .group_by(Visit.place)
        .order_by(func.max(Visit.received_at).desc())
        .limit(20)
    )
    return [row[0] for row in found]


def _visit_cards(session: Session, visitor: Visitor, rows: Sequence[Row[Any]]) -> list[VisitCard]:
    ids = [row.Visit.id for row in rows]
    announced = session.exec(
        select(VisitPhoto)
        .where(VisitPhoto.compound_id == visitor.compound.id, col(VisitPhoto.visit_id).in_(ids))
        .order_by(col(VisitPhoto.visit_id), col(VisitPhoto.position))
    )
    photos = {visit_id: list(group) for visit_id, group in groupby(announced, key=lambda photo: photo.visit_id)}
    return [_visit_card(visitor, row, photos.get(row.Visit.id, [])) for row in rows]


def _visit_card(visitor: Visitor, row: Row[Any], photos: Sequence[VisitPhoto]) -> VisitCard:
    visit: Visit = row.Visit
    return VisitCard(
        id=visit.id,
        project_id=visit.project_id,
        year=visit.year,
        number=visit.number,
        place=visit.place,
        weather=visit.weather,
        progress=visit.progress,
        checked=visit.checked,
        problems=visit.problems,
        others=visit.others,
        visited_at=visit.visited_at,
        not_before_at=visit.not_before_at,
        received_at=visit.received_at,
        supervisor=known_as(row.name, full=visitor.is_resident),
        supersedes_id=visit.supersedes_id,
        superseded_by_id=row.superseded_by_id,
        photos_announced=len(photos),
        photos=tuple((photo.id, photo.caption) for photo in photos if photo.received_at),
        findings=row.findings,
        sha256=visit.sha256.hex(),
    )


# ---------------------------------------------------------------- findings

_FINDINGS = (
    columns(Finding, Person.name)
    .join(Person, pointing(Finding, "raised_by_id", Person))
    .where(Finding.compound_id == bindparam("compound_id"))
)
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
    _FINDINGS.where(Finding.state == FindingState.ANSWERED, Finding.raised_by_id != bindparam("person_id"))
    .order_by(col(Finding.due_on), col(Finding.id))
    .limit(20)
)


def findings_of(session: Session, visitor: Visitor, project: Project, asked: Asked) -> Page[FindingCard]:
    """Latest first. Raises BadCursor."""
    page: Page[Any] = FINDINGS.page(session, asked, compound_id=visitor.compound.id, project_id=project.id)
    return Page[FindingCard](items=[_finding_card(visitor, row) for row in page.items], next_cursor=page.next_cursor)


def unmended(session: Session, visitor: Visitor, project: Project, most: int = 3) -> list[FindingCard]:
    """The heaviest first, then the one that is due first."""
    where = {"compound_id": visitor.compound.id, "project_id": project.id, "most": most}
    return [_finding_card(visitor, row) for row in session.execute(_UNMENDED, where)]


def findings_at(session: Session, visitor: Visitor, visit_id: UUID) -> list[FindingCard]:
    """Those raised at one visit."""
    rows = session.execute(_OF_VISIT, {"compound_id": visitor.compound.id, "visit_id": visit_id})
    return [_finding_card(visitor, row) for row in rows]


def waiting_for(session: Session, actor: Actor) -> list[FindingCard]:
    """What the contractor answered and this supervisor may re-check: everything somebody else raised."""
    if not policy.can_supervise(actor):
        return []
    rows = session.execute(_WAITING, {"compound_id": actor.compound.id, "person_id": actor.person_id})
    return [_finding_card(actor, row) for row in rows]


def finding_for(session: Session, visitor: Visitor, id: UUID) -> Finding:
    """Raises NotFound for absent and foreign alike."""
    finding = session.get(Finding, (visitor.compound.id, id))
    if finding is None:
        raise NotFound
    return finding


def finding_card(session: Session, visitor: Visitor, id: UUID) -> FindingCard:
    """Raises NotFound for absent and foreign alike."""
    row = session.execute(_ONE_FINDING, {"compound_id": visitor.compound.id, "id": id}).one_or_none()
    if row is None:
        raise NotFound
    return _finding_card(visitor, row)


def finding_to_change(session: Session, actor: Visitor, id: UUID) -> Finding:
    """With its row locked: first in the lock order. Raises NotFound."""
    finding = session.get(Finding, (actor.compound.id, id), with_for_update=True, populate_existing=True)
    if finding is None:
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
    """What was answered and what was judged, in order of time."""
    compound_id = visitor.compound.id
    shown = _shown(session, compound_id, finding_id)
    answers = session.exec(
        select(Rectification).where(Rectification.compound_id == compound_id, Rectification.finding_id == finding_id)
    )
    checks = session.exec(
        select(Recheck, Person.name)
        .join(Person, pointing(Recheck, "checked_by_id", Person))
        .where(Recheck.compound_id == compound_id, Recheck.finding_id == finding_id)
    )
    full = visitor.is_resident
    acts = [Act(a.id, "answer", a.text, known_as(a.answered_by, full=full), a.answered_at, shown.get(a.id, ())) for a in answers]
    acts += [Act(c.id, c.verdict, c.text, known_as(name, full=full), c.checked_at, shown.get(c.id, ())) for c, name in checks]
    return sorted(acts, key=lambda act: (act.at, act.kind != "answer"))


def last_rectification(session: Session, finding: Finding) -> Rectification | None:
    return session.exec(
        select(Rectification)
        .where(Rectification.compound_id == finding.compound_id, Rectification.finding_id == finding.id)
        .order_by(col(Rectification.answered_at).desc(), col(Rectification.id).desc())
        .limit(1)
    ).first()


def has_after_photo(session: Session, answer: Rectification) -> bool:
    return (
        session.exec(
            select(FindingPhoto.id).where(
                FindingPhoto.compound_id == answer.compound_id,
                FindingPhoto.finding_id == answer.finding_id,
                FindingPhoto.act_id == answer.id,
            )
        ).first()
        is not None
    )


def live_link(session: Session, finding: Finding) -> FindingLink | None:
    """The link that the contractor has now."""
    return session.exec(
        select(FindingLink).where(
            FindingLink.compound_id == finding.compound_id,
            FindingLink.finding_id == finding.id,
            col(FindingLink.ended_at).is_(None),
        )
    ).first()


def finding_photo_for(session: Session, visitor: Visitor, finding_id: UUID, photo_id: UUID, size: PhotoSize) -> Photo:
    """Raises NotFound, NotAllowed."""
    hangs = session.exec(
        select(FindingPhoto.id).where(
            FindingPhoto.compound_id == visitor.compound.id,
            FindingPhoto.finding_id == finding_id,
            FindingPhoto.photo_id == photo_id,
        )
    ).first()
    if hangs is None:
        raise NotFound
    return _photo_for(session, visitor, photo_id, size)


def _photo_for(session: Session, visitor: Visitor, photo_id: UUID, size: PhotoSize) -> Photo:
    if size in (PhotoSize.ORIGINAL, PhotoSize.LARGE) and not policy.can_see_originals(visitor):
        raise NotAllowed
    photo = photos_of(session, visitor.compound.id, [photo_id]).get(photo_id)
    if photo is None:
        raise NotFound
    return photo


def _shown(session: Session, compound_id: UUID, finding_id: UUID) -> dict[UUID | None, tuple[Shown, ...]]:
    """The photos of a finding by the act they came with; None: of before."""
    rows = session.execute(
        columns(FindingPhoto.act_id, FindingPhoto.photo_id, VisitPhoto.caption)
        .outerjoin(
            VisitPhoto, (col(VisitPhoto.compound_id) == FindingPhoto.compound_id) & (col(VisitPhoto.id) == FindingPhoto.photo_id)
        )
        .where(FindingPhoto.compound_id == compound_id, FindingPhoto.finding_id == finding_id)
        .order_by(col(FindingPhoto.position))
    )
    found: dict[UUID | None, list[Shown]] = {}
    for act_id, photo_id, caption in rows:
        found.setdefault(act_id, []).append((photo_id, caption or ""))
    return {act_id: tuple(photos) for act_id, photos in found.items()}


def _finding_card(visitor: Visitor, row: Row[Any]) -> FindingCard:
    finding: Finding = row.Finding
    known = {name: getattr(finding, name) for name in FindingCard.__slots__ if name != "raised_by"}
    return FindingCard(**known, raised_by=known_as(row.name, full=visitor.is_resident))


def severity_names() -> dict[str, str]:
    return {severity.value: _(says) for severity, says in SEVERITY_SAYS.items()}


def weather_names() -> dict[str, str]:
    return {weather.value: _(says) for weather, says in WEATHER_SAYS.items()}
