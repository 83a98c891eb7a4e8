"""Verbs: plan a project with its phases, add one, move it on, say how much of it is done."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.ids import new_id
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed, SameIdOtherContent
from app.publiclog.canonical import Value
from app.publiclog.service import Entry, commit_to, publish
from app.renovation import policy
from app.renovation.following import tell_followers
from app.renovation.living import begin_life
from app.renovation.models import NotTheLatest, Phase, PhaseProgress, PhaseReplan, Project, SamePlan, TooManyPhases
from app.renovation.phase_queries import progress_of, replans_of
from app.renovation.queries import phase_for, phases_of, project_to_change
from app.renovation.schemas import MOST_PHASES, PhaseMove, PhaseWish, ProgressWish, ProjectWish, ReplanWish


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
        session.add(_planned(project, new_id(), position, phase))
    _record(session, actor, project, "project.planned", {"phases": len(wish.phases), "stage": project.stage})
    return project, True


def add_phase(session: Session, actor: Actor, project_id: UUID, id: UUID, wish: PhaseWish) -> tuple[Phase, bool]:
    """One more step, after those that there are. Raises NotAllowed, NotFound, SameIdOtherContent, TooManyPhases."""
    actor.need(Permission.PLAN_WORKS)
    project = project_to_change(session, actor, project_id)
    phases = phases_of(session, project)
    phase = _planned(project, id, len(phases), wish)
    if before := session.get(Phase, (project.compound_id, id)):
        added = {name: getattr(before, name) for name in ("project_id", *PhaseWish.model_fields)}
        if replans := replans_of(session, actor, before):  # as it was planned when it was added
            added |= {"planned_from_on": replans[0].was_from_on, "planned_to_on": replans[0].was_to_on}
        if any(value != getattr(phase, name) for name, value in added.items()):
            raise SameIdOtherContent(at=f"/works/projects/{project.id}")
        return before, False
    if len(phases) >= MOST_PHASES:
        raise TooManyPhases(most=MOST_PHASES)
    session.add(phase)
    session.flush()
    planned: dict[str, Value] = {"from": phase.planned_from_on.isoformat(), "to": phase.planned_to_on.isoformat()}
    _record(session, actor, project, "phase.planned", {"phase": str(phase.id), **planned})
    return phase, True


def replan(session: Session, actor: Actor, phase_id: UUID, id: UUID, wish: ReplanWish) -> tuple[Phase, bool]:
    """Other planned days for a phase; the old ones stay to be read, and its followers are told.

    Raises NotAllowed, NotFound, SameIdOtherContent, SamePlan.
    """
    actor.need(Permission.PLAN_WORKS)
    project = project_to_change(session, actor, phase_for(session, actor, phase_id).project_id)
    phase = phase_for(session, actor, phase_id)
    sent = digest(wish, actor.person_id, phase_id)
    if already(session, PhaseReplan, actor.compound.id, id, sent):
        return phase, False
    was_from_on, was_to_on = phase.planned_from_on, phase.planned_to_on
    if (was_from_on, was_to_on) == (wish.planned_from_on, wish.planned_to_on):
        raise SamePlan
    row = PhaseReplan(
        compound_id=phase.compound_id,
        id=id,
        phase_id=phase.id,
        position=len(replans_of(session, actor, phase)) + 1,
        was_from_on=was_from_on,
        was_to_on=was_to_on,
        planned_from_on=wish.planned_from_on,
        planned_to_on=wish.planned_to_on,
        why=wish.why,
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(row)
    phase.planned_from_on, phase.planned_to_on = wish.planned_from_on, wish.planned_to_on
    days = {"was_from": was_from_on, "was_to": was_to_on, "from": wish.planned_from_on, "to": wish.planned_to_on}
    facts: dict[str, Value] = {"phase": str(phase.id), **{name: day.isoformat() for name, day in days.items()}}
    _record(session, actor, project, "phase.replanned", facts)
    tell_followers(session, project, _("工程的计划改了"), f"/works/phases/{phase.id}", but=actor.person_id)
    return phase, True


def report_progress(session: Session, actor: Actor, phase_id: UUID, id: UUID, wish: ProgressWish) -> tuple[Phase, bool]:
    """How much of a phase is done, by whoever plans works or watches them; it begins and ends by that.

    Raises NotAllowed, NotFound, SameIdOtherContent, NotTheLatest.
    """
    if not policy.can_report_progress(actor):
        raise NotAllowed
    project = project_to_change(session, actor, phase_for(session, actor, phase_id).project_id)
    phase = phase_for(session, actor, phase_id)
    sent = digest(wish, actor.person_id, phase_id)
    if already(session, PhaseProgress, actor.compound.id, id, sent):
        return phase, False
    on = wish.on or today()
    if any(said.on > on for said in progress_of(session, actor, phase)):
        raise NotTheLatest
    row = PhaseProgress(
        compound_id=phase.compound_id,
        id=id,
        phase_id=phase.id,
        on_day=on,
        percent=wish.percent,
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(row)
    phase.reach(wish.percent, on)
    said: dict[str, Value] = {"percent": wish.percent, "on": on.isoformat(), "state": str(phase.state)}
    _record(session, actor, project, "phase.progressed", {"phase": str(phase.id), **said})
    return phase, True


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


def _planned(project: Project, id: UUID, position: int, wish: PhaseWish) -> Phase:
    return Phase(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        position=position,
        name=wish.name,
        note=wish.note or "",
        planned_from_on=wish.planned_from_on,
        planned_to_on=wish.planned_to_on,
    )


def _record(session: Session, actor: Actor, project: Project, act: str, facts: dict[str, Value]) -> None:
    title = commit_to(session, project.compound_id, project.title)
    entry = Entry(type=act, compound_id=project.compound_id, record_id=project.id, commits={"title": title}, facts=facts)
    publish(session, project.compound_id, lambda _index: entry.values())
    events.tell(session, project.compound_id, act, project_id=project.id)
    on_record(session, actor, act, project.id)
