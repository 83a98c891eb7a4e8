"""The people's door to what is coming and to what one did. Each write of the room answers 303 with a sentence; a form with
mistakes is drawn again as it was typed.
"""

from dataclasses import dataclass, replace
from typing import Literal

from fastapi import APIRouter

from app.access.actors import Actor, Anyone
from app.kit.clock import today
from app.kit.pager import AskedPage, Page
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View
from app.volunteering import policy
from app.volunteering.cover_queries import OpenCover, open_covers
from app.volunteering.hour_queries import YearOfHours, hours_of, years_of
from app.volunteering.models import ServiceKind, kind_names
from app.volunteering.queries import (
    MyShift,
    ShiftCard,
    coming_shifts,
    led_shifts,
    my_shifts,
    todays_shifts,
)

FEW = 12
"""Shifts on a page: about two weeks of a service in five kinds. More would be a long way down in the large size."""

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)


@dataclass(frozen=True)
class ShiftsPage(View):
    template = "volunteering/list.html"
    tab = "volunteering"

    mine: list[MyShift]
    todays: list[ShiftCard]
    led: list[ShiftCard]
    """For whoever checks in: of today, and of the days before."""
    covers: list[OpenCover]
    """Places that look for another person; for residents."""
    coming: Page[ShiftCard]
    kind: str
    """Only this one is shown; "" for all."""
    hours: YearOfHours | None
    """Of this year."""
    kinds: dict[str, str]
    known: bool
    can_plan: bool


@router.get("")
def show_shifts(session: DbSession, visitor: Anyone, asked: AskedPage, kind: ServiceKind | Literal[""] = "") -> ShiftsPage:
    actor = visitor if isinstance(visitor, Actor) else None
    leads = policy.can_check_in(visitor)
    years = years_of(hours_of(session, actor.compound.id, actor.person_id)) if actor else []
    return ShiftsPage(
        visitor.frame,
        my_shifts(session, actor) if actor else [],
        todays_shifts(session, actor) if leads and actor else [],
        led_shifts(session, actor) if leads and actor else [],
        open_covers(session, actor) if actor else [],
        coming_shifts(session, visitor, replace(asked, limit=min(asked.limit, FEW)), kind),
        kind,
        next((one for one in years if one.year == today().year), None),
        kind_names(),
        actor is not None,
        policy.can_plan(visitor),
    )
