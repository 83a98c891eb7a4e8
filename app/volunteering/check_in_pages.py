"""Checking in by oneself: what the leader's screen shows, what one scans or types, and how it went."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer, Resident
from app.access.addresses import address_of
from app.access.permissions import Permission
from app.accounts import service as accounts
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.qr import Qr, qr_path
from app.kit.requests import DbSession, OneTransaction
from app.kit.views import View, see_other
from app.volunteering.attendance import come_or_go, guesses_of
from app.volunteering.check_in_codes import CODE, Way, read_token
from app.volunteering.check_in_models import CheckIn, CodeTooOld, WrongCode
from app.volunteering.check_in_queries import check_in_for, how_many_came
from app.volunteering.check_in_schemas import CheckInWish
from app.volunteering.check_in_screen import Screen, screen_of
from app.volunteering.hour_queries import lines_of
from app.volunteering.queries import ShiftCard, card_of, shift_for, signup_for

router = APIRouter(route_class=OneTransaction, prefix="/volunteering", include_in_schema=False)

FilledCheckIn = Annotated[Filled[CheckInWish], filled(CheckInWish)]


@dataclass(frozen=True)
class CheckInPage(View):
    template = "volunteering/check_in.html"
    camera = True

    form: Filled[CheckInWish]
    pattern: str
    """What a scanner may take for a code of ours."""
    title: str
    """What is done there, where a code was scanned; "" where none was, or a wrong one."""
    way: str


@dataclass(frozen=True)
class CheckedInPage(View):
    template = "volunteering/checked_in.html"

    mark: CheckIn
    shift: ShiftCard
    minutes: int
    """Recorded by now."""


@dataclass(frozen=True)
class ScreenPage(View):
    template = "volunteering/check_in_screen.html"

    shift: ShiftCard
    screen: Screen
    qr: Qr
    came: int


@router.get("/check-in")
def show_check_in(
    session: DbSession, actor: Resident, request: Request, t: Annotated[str, Query(max_length=400)] = ""
) -> CheckInPage:
    """A phone's own camera opens this with the code in the address; opening it checks nobody in."""
    return check_in_page(session, actor, request, empty({"code": t}))


@router.post("/check-in")
def post_check_in(session: DbSession, actor: Resident, request: Request, form: FilledCheckIn) -> Response:
    """A wrong code is counted and the page drawn again; after eight in a quarter of an hour it is too many."""
    if form.wish is None:
        return check_in_page(session, actor, request, form).reply(request, 422)
    subject, address = guesses_of(actor), address_of(request)
    if request.app.state.settings.throttled and not accounts.may_attempt(session, subject, address):
        raise accounts.TooManyAttempts
    try:
        mark, _made = come_or_go(session, actor, form.id, form.wish, request.app.state.settings.secret)
    except (WrongCode, CodeTooOld) as no:
        if isinstance(no, WrongCode):
            accounts.count_attempt(session, subject, address)
        wrong = form.with_problem("code", f"{no.message}{no.next_step}")
        return check_in_page(session, actor, request, wrong).reply(request, no.status)
    words = _("签到成功。") if mark.way == Way.IN else _("签退成功。")
    return see_other(f"{actor.frame.base}/volunteering/check-ins/{mark.id}", words)


@router.get("/check-ins/{id}")
def show_checked_in(session: DbSession, actor: Resident, id: UUID) -> CheckedInPage:
    mark = check_in_for(session, actor, id)
    signup = signup_for(session, actor, mark.signup_id)
    shift = card_of(session, *shift_for(session, actor, signup.shift_id))
    return CheckedInPage(actor.frame, mark, shift, sum(line.minutes for line in lines_of(session, signup)))


@router.get("/shifts/{shift_id}/check-in")
def show_screen(session: DbSession, actor: Officer, request: Request, shift_id: UUID, way: Way | None = None) -> ScreenPage:
    actor.need(Permission.CHECK_IN)
    shift, activity = shift_for(session, actor, shift_id)
    screen = screen_of(session, actor, request, shift, way)
    return ScreenPage(actor.frame, card_of(session, shift, activity), screen, qr_path(screen.url), how_many_came(session, shift))


def check_in_page(session: Session, actor: Actor, request: Request, form: Filled[CheckInWish]) -> CheckInPage:
    shown = read_token(request.app.state.settings.secret, actor.compound.id, str(form.typed.get("code", "")))
    title = shift_for(session, actor, shown.shift_id)[1].title if shown else ""
    return CheckInPage(actor.frame, form, CODE, title, shown.way if shown else "")
