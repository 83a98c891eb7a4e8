"""What stands in a coordinator's form before anything is typed: a shift as it is, and the words for how often."""

from typing import Any

from sqlmodel import Session

from app.kit.clock import local
from app.kit.i18n import _, mark
from app.volunteering.models import Activity, Shift
from app.volunteering.schemas import ActivityChange
from app.volunteering.skill_queries import needs_said

REPEATS = {
    "": mark("只做一次"),
    "FREQ=WEEKLY": mark("每周"),
    "FREQ=WEEKLY;INTERVAL=2": mark("每两周"),
    "FREQ=MONTHLY": mark("每月同一天"),
}


def repeat_choices(rrule: str = "") -> list[tuple[str, str]]:
    """The usual ones; another rule, which a program made, stands there as it is written."""
    usual = [(rule, _(words)) for rule, words in REPEATS.items()]
    return usual if rrule in REPEATS else [*usual, (rrule, rrule)]


def shape_of(session: Session, shift: Shift) -> dict[str, Any]:
    """For how many, and what some must be able to do."""
    needs = needs_said(session, shift.compound_id, [shift.id]).get(shift.id, ()) if shift.kept else ()
    said = "\n".join(f"{need.skill} {need.wanted}" for need in needs)
    return {"capacity": shift.capacity, "minimum": shift.minimum or "", "needs": said}


def times_of(shift: Shift) -> dict[str, str]:
    return {name: f"{local(getattr(shift, name)):%Y-%m-%dT%H:%M}" for name in ("starts_at", "ends_at")}


def words_of(activity: Activity) -> dict[str, Any]:
    return {name: getattr(activity, name) for name in ActivityChange.model_fields}
