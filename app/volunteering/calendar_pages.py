"""The people's door to the calendar: subscribe, download, end; and the compound's schedule for the wall."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.clock import now
from app.kit.i18n import _
from app.kit.qr import Qr, qr_path
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering import calendars
from app.volunteering.calendar_file import calendar_file
from app.volunteering.calendar_models import CalendarLink
from app.volunteering.calendar_queries import entries_of, link_of, name_of, person_by
from app.volunteering.models import kind_names
from app.volunteering.queries import ShiftCard, shifts_between

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

ON_THE_WALL = timedelta(weeks=2)


@dataclass(frozen=True)
class CalendarPage(View):
    template = "volunteering/calendar.html"

    link: CalendarLink | None
    address: str | None
    """The new one, on this page only."""


@dataclass(frozen=True)
class PosterPage(View):
    template = "volunteering/poster.html"

    shifts: list[ShiftCard]
    kinds: dict[str, str]
    qr: Qr
    printed_at: datetime


@router.get("/calendar")
def show_calendar(session: DbSession, actor: Resident) -> CalendarPage:
    return CalendarPage(actor.frame, link_of(session, actor.compound.id, actor.person_id), None)


@router.post("/calendar")
def post_calendar(session: DbSession, actor: Resident, request: Request) -> CalendarPage:
    """The address stands in the answer itself: a redirect would have to carry it."""
    secret = calendars.make_link(session, actor)
    session.flush()
    address = f"{request.app.state.settings.public_url}{actor.frame.base}/volunteering/calendar/{secret}.ics"
    return CalendarPage(actor.frame, link_of(session, actor.compound.id, actor.person_id), address)


@router.post("/calendar/end")
def post_end(session: DbSession, actor: Resident) -> Response:
    calendars.end_link(session, actor)
    return see_other(f"{actor.frame.base}/volunteering/calendar", _("那个地址打不开了。"))


@router.get("/calendar/mine.ics")
def show_download(session: DbSession, actor: Resident, request: Request) -> Response:
    return _file(session, actor, actor.person_id, request)


@router.get("/calendar/{secret}.ics")
def show_feed(session: DbSession, visitor: Anyone, request: Request, secret: str) -> Response:
    """For calendar programs, which sign in nowhere: the address is the key."""
    return _file(session, visitor, person_by(session, visitor, secret), request)


@router.get("/poster")
def show_poster(session: DbSession, visitor: Anyone, request: Request) -> PosterPage:
    """Two weeks for the notice board."""
    shifts = [one for one in shifts_between(session, visitor, now(), now() + ON_THE_WALL) if not one.cancelled]
    address = f"{request.app.state.settings.public_url}{visitor.frame.base}/volunteering"
    return PosterPage(visitor.frame, shifts, kind_names(), qr_path(address), now())


def _file(session: Session, visitor: Visitor, person_id: UUID, request: Request) -> Response:
    entries = entries_of(session, visitor, person_id, request.app.state.settings.public_url)
    body = calendar_file(name_of(session, visitor, person_id), entries)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="service.ics"'}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)
