"""What there is to see: projects, visits and findings are public; names and originals are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, made_into, pointing
from app.kit.refusals import NotAllowed, NotFound
from app.photos.models import Photo, PhotoSize
from app.photos.queries import photos_of
from app.renovation import policy
from app.renovation.finding_models import LIVE, Finding
from app.renovation.models import WEATHER_SAYS, Phase, PhaseState, Project, ProjectStage, Visit, VisitPhoto

Shown = tuple[UUID, str]
"""A photo that is here, and what it shows."""


@dataclass(frozen=True, slots=True)
class ProjectCard:
    id: UUID
    title: str
    what: str
    stage: str
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
    Project.stage,
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


def projects_to_choose(session: Session, compound_id: UUID) -> list[tuple[UUID, str]]:
    """For a select: what is neither ended nor stopped, the latest first."""
    found = session.exec(
        select(Project)
        .where(Project.compound_id == compound_id, col(Project.stage).not_in((ProjectStage.ENDED, ProjectStage.STOPPED)))
        .order_by(col(Project.started_on).desc(), col(Project.id))
    )
    return [(project.id, project.title) for project in found]


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
        .where(Finding.compound_id == Visit.compound_id, Finding.visit_id == Visit.id, col(Finding.number).is_not(None))
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
    return photo_for(session, visitor, photo_id, size)


@dataclass(frozen=True, slots=True)
class WallPhoto:
    visit_id: UUID
    id: UUID
    caption: str
    received_at: datetime
    place: str


_WALL = (
    columns(VisitPhoto.visit_id, VisitPhoto.id, VisitPhoto.caption, VisitPhoto.received_at, Visit.place)
    .join(Visit, pointing(VisitPhoto, "visit_id", Visit))
    .where(
        VisitPhoto.compound_id == bindparam("compound_id"),
        Visit.project_id == bindparam("project_id"),
        col(VisitPhoto.received_at).is_not(None),
    )
)
WALL = Listing("wall", _WALL, col(VisitPhoto.received_at), col(VisitPhoto.id), made_into(WallPhoto, _WALL), newest_first=True)


def photo_wall(session: Session, project: Project, asked: Asked) -> Page[WallPhoto]:
    """The photos of all visits, the latest arrived first. Raises BadCursor."""
    return WALL.page(session, asked, compound_id=project.compound_id, project_id=project.id)


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


def photo_for(session: Session, visitor: Visitor, photo_id: UUID, size: PhotoSize) -> Photo:
    if size in (PhotoSize.ORIGINAL, PhotoSize.LARGE) and not policy.can_see_originals(visitor):
        raise NotAllowed
    photo = photos_of(session, visitor.compound.id, [photo_id]).get(photo_id)
    if photo is None:
        raise NotFound
    return photo


def weather_names() -> dict[str, str]:
    return {weather.value: _(says) for weather, says in WEATHER_SAYS.items()}
