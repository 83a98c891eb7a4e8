"""Verbs: plan a project with its phases, move a phase on."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.clock import today
from app.kit.once import already, digest
from app.publiclog.canonical import Value
from app.publiclog.service import Entry, commit_to, publish
from app.renovation.living import begin_life
from app.renovation.models import Phase, Project
from app.renovation.queries import phase_for, project_to_change
from app.renovation.schemas import PhaseMove, ProjectWish


def plan_project(session: Session, actor: Actor, id: UUID, wish: ProjectWish) -> tuple[Project, bool]:
    """Raises NotAllowed, SameIdOtherContent."""
    actor.need(Permission.PLAN_WORKS)
    sent = digest(wish, actor.person_id)
    if before := already(session, Project, actor.compound.id, id, sent):
        return before, False
    project = Project(
        compound_id=actor.compound.id,
        id=id,
        title=wish.title,
        what=wish.what,
        stage=wish.stage,
        contractor=wish.contractor or "",
        contractor_phone=wish.contractor_phone,
        started_on=wish.started_on,
        made_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(project)
    session.flush()
    begin_life(session, actor, project)
    for position, phase in enumerate(wish.phases):
        session.add(
            Phase(
                compound_id=project.compound_id,
                project_id=project.id,
                position=position,
                name=phase.name,
                note=phase.note or "",
                planned_from_on=phase.planned_from_on,
                planned_to_on=phase.planned_to_on,
            )
        )
    _record(session, actor, project, "project.planned", {"phases": len(wish.phases), "stage": project.stage})
    return project, True


def set_phase(session: Session, actor: Actor, phase_id: UUID, wish: PhaseMove) -> Phase:
    """Raises NotAllowed, NotFound. Saying the same twice writes one line."""
    actor.need(Permission.PLAN_WORKS)
    project = project_to_change(session, actor, phase_for(session, actor, phase_id).project_id)
    phase = phase_for(session, actor, phase_id)
    if phase.state == wish.state:
        return phase
    on = wish.on or today()
    phase.move(wish.state, on)
    _record(session, actor, project, "phase.moved", {"phase": str(phase.id), "state": phase.state, "on": on.isoformat()})
    return phase


def _record(session: Session, actor: Actor, project: Project, act: str, facts: dict[str, Value]) -> None:
    title = commit_to(session, project.compound_id, project.title)
    entry = Entry(type=act, compound_id=project.compound_id, record_id=project.id, commits={"title": title}, facts=facts)
    publish(session, project.compound_id, lambda _index: entry.values())
    events.tell(session, project.compound_id, act, project_id=project.id)
    on_record(session, actor, act, project.id)
