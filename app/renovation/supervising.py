"""Verbs: say where a project's site is, and on which days somebody goes there."""

from uuid import UUID

from sqlmodel import Session

from app.access.actors import Actor
from app.access.record import on_record
from app.kit.clock import today
from app.kit.once import already, digest
from app.kit.refusals import NotAllowed
from app.renovation.models import Project
from app.renovation.policy import can_prepare
from app.renovation.queries import project_to_change
from app.renovation.supervision_models import SiteSpot, SupervisionDays
from app.renovation.supervision_schemas import DaysWish, SiteWish


def set_days(session: Session, actor: Actor, project_id: UUID, id: UUID, wish: DaysWish) -> tuple[SupervisionDays, bool]:
    """From today on: what was missed before stays missed. Raises NotAllowed, NotFound, SameIdOtherContent."""
    project = _project(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id)
    if before := already(session, SupervisionDays, actor.compound.id, id, sent):
        return before, False
    days = SupervisionDays(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        weekdays=_written(wish.weekdays),
        month_days=_written(wish.month_days),
        from_on=today(),
        set_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(days)
    on_record(session, actor, "supervision.days_set", project.id)
    return days, True


def set_site(session: Session, actor: Actor, project_id: UUID, id: UUID, wish: SiteWish) -> tuple[SiteSpot, bool]:
    """Raises NotAllowed, NotFound, SameIdOtherContent."""
    project = _project(session, actor, project_id)
    sent = digest(wish, actor.person_id, project_id)
    if before := already(session, SiteSpot, actor.compound.id, id, sent):
        return before, False
    spot = SiteSpot(
        compound_id=project.compound_id,
        id=id,
        project_id=project.id,
        lat=wish.lat,
        lon=wish.lon,
        set_by_id=actor.person_id,
        sent_sha256=sent,
    )
    session.add(spot)
    on_record(session, actor, "supervision.site_set", project.id)
    return spot, True


def _project(session: Session, actor: Actor, id: UUID) -> Project:
    if not can_prepare(actor):
        raise NotAllowed
    return project_to_change(session, actor, id)


def _written(days: list[int]) -> str:
    return ",".join(str(day) for day in sorted(set(days)))
