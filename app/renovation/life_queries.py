"""What there is to see of a project's life: all of it is public, the names of who wrote it down are for residents."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.access.actors import Visitor
from app.compounds.models import Person
from app.compounds.names import known_as
from app.kit.i18n import _
from app.kit.records import columns, pointing
from app.renovation.life_models import PROJECT_ACT_SAYS, STAGE_SAYS, ProjectAct, ProjectActKind, standing
from app.renovation.models import Project, ProjectStage
from app.renovation.schemas import ProjectWish


@dataclass(frozen=True, slots=True)
class LifeStep:
    """`says`: what was done, in the reader's language."""

    id: UUID
    kind: str
    says: str
    stage: str
    happened_on: date
    until_on: date | None
    office: str
    reference: str
    how: str
    text: str
    by: str
    done_at: datetime
    stands: bool


_ACTS = (
    columns(ProjectAct, Person.name)
    .join(Person, pointing(ProjectAct, "by_id", Person))
    .where(ProjectAct.compound_id == bindparam("compound_id"), ProjectAct.project_id == bindparam("project_id"))
    .order_by(col(ProjectAct.position))
)


def acts_of(session: Session, project: Project) -> list[ProjectAct]:
    """All of them, in order."""
    statement = select(ProjectAct).where(ProjectAct.compound_id == project.compound_id, ProjectAct.project_id == project.id)
    return list(session.exec(statement.order_by(col(ProjectAct.position))))


def last_of(session: Session, project: Project, kind: ProjectActKind) -> ProjectAct | None:
    """The latest act of a kind that counts."""
    return next((act for act in reversed(standing(acts_of(session, project))) if act.kind == kind), None)


def life_of_project(session: Session, visitor: Visitor, project: Project) -> list[LifeStep]:
    """What befell it, in order; also what was taken back."""
    rows = session.execute(_ACTS, {"compound_id": project.compound_id, "project_id": project.id}).all()
    stands = {act.id for act in standing(act for act, _name in rows)}
    own = ("id", "kind", "stage", "happened_on", "until_on", "office", "reference", "how", "text", "done_at")
    return [
        LifeStep(
            **{name: getattr(act, name) for name in own},
            says=_(PROJECT_ACT_SAYS[ProjectActKind(act.kind)]),
            by=known_as(name, full=visitor.is_resident),
            stands=act.id in stands or act.kind == ProjectActKind.JUDGED,
        )
        for act, name in rows
    ]


def stage_names() -> dict[str, str]:
    return {stage.value: _(STAGE_SAYS[stage]) for stage in ProjectStage}


def stages_to_enter() -> list[tuple[str, str]]:
    """At which a project may be put on record."""
    choices = get_args(ProjectWish.model_fields["stage"].annotation)
    return [(stage.value, _(STAGE_SAYS[stage])) for stage in choices]
