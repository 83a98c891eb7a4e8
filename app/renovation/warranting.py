"""Verbs of a warranty: its clocks begin, and the reminders that follow from them. Whoever calls holds the project's row lock."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session

from app.access.holders import holders_of
from app.access.permissions import Permission
from app.compounds.rules import rule, rules_in_force
from app.inbox.service import send
from app.kit.clock import said_day, start_of
from app.kit.i18n import _
from app.kit.jobs import enqueue
from app.renovation.life_models import ProjectAct
from app.renovation.models import Project
from app.renovation.warranty import seasons_after, years_after
from app.renovation.warranty_models import Warranty, WarrantyKind
from app.renovation.warranty_queries import guarantee_of

WARRANTY_ENDING, FOLLOW_UP_DUE = "renovation.warranty_ending", "renovation.follow_up_due"
"""Kinds of jobs."""


def begin_warranty(session: Session, project: Project, act: ProjectAct, accepted_on: date, kinds: Iterable[WarrantyKind]) -> None:
    """Clocks from the day of acceptance, by the rules of that day."""
    rules = {one.kind.name: one for one in rules_in_force(session, project.compound_id, accepted_on)}
    for kind in sorted(set(kinds)):
        name = f"warranty_{kind}"
        session.add(
            Warranty(
                compound_id=project.compound_id,
                project_id=project.id,
                act_id=act.id,
                kind=kind,
                from_on=accepted_on,
                until_on=_until(accepted_on, kind, {name: one.value for name, one in rules.items()}),
                source=rules[name].source,
            )
        )
    session.flush()
    before = timedelta(days=rule(session, project.compound_id, "warranty_ending_days"))
    for clock in guarantee_of(session, project).clocks:
        _enqueue(session, WARRANTY_ENDING, project, clock.until_on, clock.until_on - before)
    remind_of_visit(session, project)


def remind_of_visit(session: Session, project: Project) -> None:
    """On the day on which somebody is to look again."""
    if visit_on := guarantee_of(session, project).visit_on:
        _enqueue(session, FOLLOW_UP_DUE, project, visit_on, visit_on)


def tell_ending(session: Session, payload: dict[str, str]) -> None:
    """The job before a clock's last day: what is broken is to be reported before it is too late."""
    project, day = _reminded(session, payload)
    ends = [clock for clock in guarantee_of(session, project).clocks if clock.until_on == day and clock.left]
    if ends:
        what = _("、").join(clock.says for clock in ends)
        words = _("%(project)s：%(what)s，%(day)s到期。", project=project.title, what=what, day=said_day(day))
        _tell(session, project, _("保修快到期了"), words)


def tell_visit(session: Session, payload: dict[str, str]) -> None:
    """The job on the day of a follow-up visit, where nobody has been there since."""
    project, day = _reminded(session, payload)
    if guarantee_of(session, project).visit_on == day:
        _tell(session, project, _("该保修回访了"), _("%(project)s：去看看有没有坏的地方，记下来。", project=project.title))


def _until(accepted_on: date, kind: WarrantyKind, values: dict[str, int]) -> date:
    if kind is WarrantyKind.HEATING:
        return seasons_after(accepted_on, values[f"warranty_{kind}"], values["heating_first_month"], values["heating_last_month"])
    return years_after(accepted_on, values[f"warranty_{kind}"])


def _enqueue(session: Session, kind: str, project: Project, day: date, run_on: date) -> None:
    """The key makes it one for ever: whoever was told of this day is never told again."""
    payload = {"compound_id": str(project.compound_id), "project_id": str(project.id), "day": day.isoformat()}
    enqueue(session, kind, payload, run_after=start_of(run_on), key=f"{kind}:{project.compound_id}:{project.id}:{day}")


def _reminded(session: Session, payload: dict[str, str]) -> tuple[Project, date]:
    project = session.get_one(Project, (UUID(payload["compound_id"]), UUID(payload["project_id"])))
    return project, date.fromisoformat(payload["day"])


def _tell(session: Session, project: Project, title: str, words: str) -> None:
    """Who plans works, and who watches them."""
    people = {id for may in (Permission.PLAN_WORKS, Permission.SUPERVISE) for id in holders_of(session, project.compound_id, may)}
    for person_id in sorted(people):
        send(session, project.compound_id, person_id, title, words, f"/works/projects/{project.id}/life")
