"""What there is to see: projects, visits and findings are public; names and originals are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeVar
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
from app.photos.queries import newest_of, photos_of
from app.renovation import policy
from app.renovation.check_queries import Check, Recheck, checks_of, rechecks_of
from app.renovation.finding_models import LIVE, Finding
from app.renovation.models import (
    WEATHER_SAYS,
    Phase,
    PhaseState,
    Project,
    ProjectStage,
    Visit,
    VisitMaterial,
    VisitPhoto,
    VisitPhotoRole,
)

Part = TypeVar("Part", VisitPhoto, VisitMaterial)
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
class Shot:
    """A photo that a visit announced, and whether it is here."""

    id: UUID
    caption: str
    source: str
    role: str
    item_id: UUID | None
    point_id: UUID | None
    here: bool


@dataclass(frozen=True, slots=True)
class Material:
    name: str
    quantity: str

    @property
    def line(self) -> str:
        """As it is typed."""
        return f"{self.name} {self.quantity}".strip()


@dataclass(frozen=True, slots=True)
class VisitCard:
    """`shots`: every photo it announced, in their order. `findings`: how many were raised there."""

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
    present: str
    headcount: int | None
    materials: tuple[Material, ...]
    tests: str
    complaints: str
    safety: str
    next_on: date | None
    checks: tuple[Check, ...]
    rechecks: tuple[Recheck, ...]
    visited_at: datetime
    not_before_at: datetime | None
    received_at: datetime
    supervisor: str
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
    shots: tuple[Shot, ...]
    findings: int
    sha256: str

    @property
    def photos(self) -> tuple[Shown, ...]:
        """Of the site, those that are here."""
        return self._here(VisitPhotoRole.SITE)

    @property
    def of_site(self) -> list[Shot]:
        """Those that are here and stand by themselves, not beside an item of a check list."""
        return [shot for shot in self.shots if shot.here and shot.role == VisitPhotoRole.SITE and not shot.item_id]

    def photos_of(self, item_id: UUID) -> tuple[Shown, ...]:
        """Of one item of a check list."""
        return tuple((shot.id, shot.caption) for shot in self.shots if shot.here and shot.item_id == item_id)

    @property
    def photos_missing(self) -> int:
        """Answers that owed a photo, and none was announced."""
        return sum(check.photo_missing for check in self.checks)

    @property
    def certificates(self) -> tuple[Shown, ...]:
        return self._here(VisitPhotoRole.CERTIFICATE)

    def _here(self, role: VisitPhotoRole) -> tuple[Shown, ...]:
        return tuple((shot.id, shot.caption) for shot in self.shots if shot.here and shot.role == role)

    @property
    def photos_announced(self) -> int:
        return len(self.shots)

    @property
    def photos_received(self) -> int:
        return sum(shot.here for shot in self.shots)

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

VOLUME = 24
"""Visits in one volume of a project's book: what a browser prints without much ado."""

_VOLUME = (
    _VISITS.where(Visit.project_id == bindparam("project_id"))
    .order_by(col(Visit.received_at), col(Visit.id))
    .limit(VOLUME)
    .offset(bindparam("passed"))
)
_ONE_VISIT = _VISITS.where(Visit.id == bindparam("id"))


def timeline(session: Session, visitor: Visitor, project: Project, asked: Asked) -> Page[VisitCard]:
    """The visits of a project with their photos, latest first. Raises BadCursor."""
    page: Page[Any] = VISITS.page(session, asked, compound_id=visitor.compound.id, project_id=project.id)
    return Page[VisitCard](items=_visit_cards(session, visitor, page.items), next_cursor=page.next_cursor)


def volume_of(session: Session, visitor: Visitor, project: Project, number: int) -> list[VisitCard]:
    """The visits of one volume of its book, from 1; the earliest first."""
    where = {"compound_id": project.compound_id, "project_id": project.id, "passed": VOLUME * (number - 1)}
    return _visit_cards(session, visitor, session.execute(_VOLUME, where).all())


def volumes_of(session: Session, project: Project) -> int:
    """How many volumes its book has; one at least."""
    count = select(func.count()).where(Visit.compound_id == project.compound_id, Visit.project_id == project.id)
    return max(1, -(-session.exec(count).one() // VOLUME))


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
    photos, materials = _of_visits(session, visitor, VisitPhoto, ids), _of_visits(session, visitor, VisitMaterial, ids)
    pictured = {id: {photo.item_id for photo in of if photo.item_id} for id, of in photos.items()}
    checks, again = checks_of(session, visitor.compound.id, ids, pictured), rechecks_of(session, visitor.compound.id, ids)
    return [
        _visit_card(visitor, row, photos.get(id, []), materials.get(id, []), checks.get(id, []), again.get(id, []))
        for row, id in zip(rows, ids, strict=True)
    ]


def _of_visits(session: Session, visitor: Visitor, kind: type[Part], ids: Sequence[UUID]) -> dict[UUID, list[Part]]:
    """By visit, in their order."""
    found = session.exec(
        select(kind)
        .where(kind.compound_id == visitor.compound.id, col(kind.visit_id).in_(ids))
        .order_by(col(kind.visit_id), col(kind.position))
    )
    return {visit_id: list(group) for visit_id, group in groupby(found, key=lambda part: part.visit_id)}


def _visit_card(
    visitor: Visitor,
    row: Row[Any],
    photos: Sequence[VisitPhoto],
    materials: Sequence[VisitMaterial],
    checks: Sequence[Check],
    rechecks: Sequence[Recheck],
) -> VisitCard:
    visit: Visit = row.Visit
    return VisitCard(
        **{name: getattr(visit, name) for name in _AS_WRITTEN},
        materials=tuple(Material(one.name, one.quantity) for one in materials),
        checks=tuple(checks),
        rechecks=tuple(rechecks),
        supervisor=known_as(row.name, full=visitor.is_resident),
        superseded_by_id=row.superseded_by_id,
        shots=tuple(
            Shot(photo.id, photo.caption, photo.source, photo.role, photo.item_id, photo.point_id, photo.received_at is not None)
            for photo in photos
        ),
        findings=row.findings,
        sha256=visit.sha256.hex(),
    )


_MADE = {"materials", "checks", "rechecks", "supervisor", "superseded_by_id", "shots", "findings", "sha256"}
_AS_WRITTEN = [name for name in VisitCard.__slots__ if name not in _MADE]


def photo_for(session: Session, visitor: Visitor, photo_id: UUID, size: PhotoSize) -> Photo:
    """What everybody sees is its last copy with something painted over; the large one and the original are untouched."""
    if size in (PhotoSize.ORIGINAL, PhotoSize.LARGE) and not policy.can_see_originals(visitor):
        raise NotAllowed
    photo = photos_of(session, visitor.compound.id, [photo_id]).get(photo_id)
    if photo is None:
        raise NotFound
    return newest_of(session, photo) if size in (PhotoSize.MIDDLE, PhotoSize.SMALL) else photo


def weather_names() -> dict[str, str]:
    return {weather.value: _(says) for weather, says in WEATHER_SAYS.items()}
