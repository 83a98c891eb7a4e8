"""Checking in for programs, and for the outbox of a phone that had no signal."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.actors import Resident
from app.access.addresses import address_of
from app.accounts import service as accounts
from app.kit.requests import DbSession, OneTransaction
from app.volunteering.attendance import come_or_go, guesses_of
from app.volunteering.check_in_codes import Way
from app.volunteering.check_in_models import CheckIn, WrongCode
from app.volunteering.check_in_queries import check_in_for
from app.volunteering.check_in_schemas import CheckInRead, CheckInWish, CodeRead
from app.volunteering.check_in_screen import screen_of
from app.volunteering.queries import shift_for

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.put("/check-ins/{id}", status_code=201, operation_id="put_check_in", summary="Check in or out by the code on the screen")
def put_check_in(
    session: DbSession, actor: Resident, request: Request, response: Response, id: UUID, wish: CheckInWish
) -> CheckInRead:
    """201 the first time; 200 with the check-in that stands for the same again, also from another phone."""
    subject, address = guesses_of(actor), address_of(request)
    if request.app.state.settings.throttled and not accounts.may_attempt(session, subject, address):
        raise accounts.TooManyAttempts
    try:
        mark, made = come_or_go(session, actor, id, wish, request.app.state.settings.secret)
    except WrongCode as no:
        raise no.leaving(lambda later: accounts.count_attempt(later, subject, address)) from None
    response.status_code = 201 if made else 200
    return _read(mark)


@router.get("/check-ins/{id}", operation_id="get_check_in", summary="One coming or going")
def get_check_in(session: DbSession, actor: Resident, id: UUID) -> CheckInRead:
    return _read(check_in_for(session, actor, id))


@router.get("/shifts/{shift_id}/check-in-code", operation_id="get_check_in_code", summary="What the leader's screen shows now")
def get_code(session: DbSession, actor: Resident, request: Request, shift_id: UUID, way: Way | None = None) -> CodeRead:
    shift, _activity = shift_for(session, actor, shift_id)
    return CodeRead.model_validate(screen_of(session, actor, request, shift, way), from_attributes=True)


def _read(mark: CheckIn) -> CheckInRead:
    return CheckInRead.model_validate(mark, from_attributes=True)
