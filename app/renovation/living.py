"""Verbs of a project's life: whoever plans works writes down each step, and the stage follows from it.

The project's row is locked first, so that of two who write at once the second sees what the first did.
"""

from datetime import date
from hashlib import sha256
from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.permissions import Permission
from app.access.record import on_record
from app.kit import events
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.once import already, digest
from app.kit.refusals import Malformed
from app.publiclog.canonical import Value, canonical
from app.publiclog.service import Attachment, Entry, publish
from app.renovation.following import tell_followers
from app.renovation.life_models import PROJECT_ACT_SAYS, ProjectAct, ProjectActKind, next_stage, standing
from app.renovation.life_queries import acts_of
from app.renovation.life_schemas import ProjectActWish
from app.renovation.models import Project, ProjectStage
from app.renovation.queries import project_to_change
from app.renovation.warranting import begin_warranty, remind_of_visit


def begin_life(session: Session, actor: Actor, project: Project) -> None:
    """The first act of a project that was just put on record, at the stage at which it stands."""
    first = ProjectAct(
        compound_id=project.compound_id,
        project_id=project.id,
        position=1,
        kind=ProjectActKind.ENTERED,
        stage=project.stage,
        happened_on=today(),
        by_id=actor.person_id,
        sent_sha256=project.sent_sha256,
    )
    session.add(first)


def act_on(session: Session, actor: Actor, project_id: UUID, id: UUID, wish: ProjectActWish) -> tuple[Project, bool]:
    """One step further, or one step back where the last was a mistake; False: an equal request has done it before.

    Raises NotAllowed, NotFound, NotThisStage, NothingToTakeBack, Malformed (a day before that of the step before),
    SameIdOtherContent.
    """
    actor.need(Permission.PLAN_WORKS)
    project = project_to_change(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id)
    if already(session, ProjectAct, actor.compound.id, id, sent):
        return project, False
    acts = acts_of(session, project)
    stands = standing(acts)
    stage = next_stage(wish.kind, ProjectStage(project.stage), stands)
    on = wish.happened_on or today()
    if wish.kind is not ProjectActKind.TAKEN_BACK and len(stands) > 1 and on < stands[-1].happened_on:
        raise Malformed((("/body/happened_on", "before", _("不能早于上一步的日子。")),))
    project.stage = stage
    act = ProjectAct(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        position=len(acts) + 1,
        kind=wish.kind,
        stage=stage,
        happened_on=on,
        until_on=wish.until_on,
        office=wish.office or "",
        reference=wish.reference or "",
        how=wish.how or "",
        text=wish.text or "",
        by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(act)
    session.flush()
    if act.kind == ProjectActKind.WARRANTY:
        accepted = next(one for one in stands if one.stage == ProjectStage.ACCEPTED)
        begin_warranty(session, project, act, accepted.happened_on, wish.parts)
    elif act.kind == ProjectActKind.FOLLOWED_UP:
        remind_of_visit(session, project)
    tell_followers(session, project, _(PROJECT_ACT_SAYS[wish.kind]), f"/works/projects/{project.id}/life", but=actor.person_id)
    _publish(session, project, act)
    on_record(session, actor, f"project.{act.kind}", project.id)
    return project, True


def note_judgement(session: Session, actor: Actor, project: Project, outcome: str) -> None:
    """What the residents' acceptance came to: beside the steps, for it is not the one from which the warranty runs. Whoever
    calls holds the project's row lock.
    """
    act = ProjectAct(
        compound_id=project.compound_id,
        project_id=project.id,
        position=len(acts_of(session, project)) + 1,
        kind=ProjectActKind.JUDGED,
        stage=project.stage,
        happened_on=today(),
        text=outcome,
        by_id=actor.person_id,
        sent_sha256=b"",
    )
    session.add(act)
    session.flush()
    words = f"{_(PROJECT_ACT_SAYS[ProjectActKind.JUDGED])}：{outcome}"
    tell_followers(session, project, words, f"/works/projects/{project.id}/life", but=actor.person_id)
    _publish(session, project, act)


def _publish(session: Session, project: Project, act: ProjectAct) -> None:
    """A line of the public log: what was written as its hash, the days and the stage in the open. No names."""
    told: dict[str, Value] = {"v": 1, "act": str(act.id)}
    words = canonical(told | {name: getattr(act, name) for name in ("office", "reference", "how", "text")})
    facts: dict[str, Value] = {"stage": act.stage, "on": act.happened_on.isoformat(), "until": _said(act.until_on)}
    entry = Entry(
        type=f"project.{act.kind}",
        compound_id=project.compound_id,
        record_id=project.id,
        attachments=(Attachment(sha256(words).hexdigest(), len(words), "application/json"),),
        facts=facts,
    )
    publish(session, project.compound_id, lambda _index: entry.values())
    events.tell(session, project.compound_id, entry.type, project_id=project.id)


def _said(day: date | None) -> str | None:
    return day.isoformat() if day else None
