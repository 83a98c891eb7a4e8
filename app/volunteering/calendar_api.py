"""The programs' door to the calendar's address; the calendar itself is read at that address."""

from fastapi import APIRouter, Request

from app.access.actors import Resident
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import calendars
from app.volunteering.schemas import CalendarRead

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.post("/calendar", operation_id="make_calendar", summary="A new secret address of my calendar; the one before it ends")
def post_calendar(session: DbSession, actor: Resident, request: Request) -> CalendarRead:
    """iCalendar (RFC 5545), for calendar programs. It is shown this once."""
    path = f"/c/{actor.compound.slug}/volunteering/calendar/{calendars.make_link(session, actor)}.ics"
    return CalendarRead(url=f"{request.app.state.settings.public_url}{path}")


@router.post("/calendar/end", operation_id="end_calendar", summary="My calendar's address opens nothing any more")
def post_end(session: DbSession, actor: Resident) -> CalendarRead:
    calendars.end_link(session, actor)
    return CalendarRead(url=None)
