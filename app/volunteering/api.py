"""The programs' door."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.volunteering import attendance, planning, signing_up
from app.volunteering.models import Activity, Shift, Signup
from app.volunteering.queries import card_of, coming_shifts, shift_for, shifts_of, signup_for
from app.volunteering.schemas import ActivityRead, ActivityWish, HourRead, HoursWish, ShiftRead, SignupRead, SignupWish

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/shifts", operation_id="list_shifts", summary="Shifts that have not begun, soonest first")
def get_shifts(session: DbSession, visitor: Anyone, asked: AskedPage, request: Request, response: Response) -> Page[ShiftRead]:
    page = coming_shifts(session, visitor, asked)
    link_next(request, response, page)
    return Page[ShiftRead].model_validate(page, from_attributes=True)


@router.get("/shifts/{shift_id}", operation_id="get_shift", summary="One shift")
def get_shift(session: DbSession, visitor: Anyone, shift_id: UUID) -> ShiftRead:
    return _card(session, *shift_for(session, visitor, shift_id))


@router.put("/shifts/{shift_id}/signups/{id}", status_code=201, operation_id="put_signup", summary="Sign up")
def put_signup(session: DbSession, actor: Resident, response: Response, shift_id: UUID, id: UUID, wish: SignupWish) -> SignupRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    signup, made = signing_up.sign_up(session, actor, shift_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(signup)


@router.get("/signups/{id}", operation_id="get_signup", summary="One sign-up")
def get_signup(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(signup_for(session, actor, id))


@router.post("/signups/{id}/confirm", operation_id="confirm_signup", summary="Take the place that is held for me")
def post_confirm(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(signing_up.confirm(session, actor, id))


@router.post("/signups/{id}/withdraw", operation_id="withdraw_signup", summary="Give the place back")
def post_withdraw(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(signing_up.withdraw(session, actor, id))


@router.post("/signups/{id}/check-in", operation_id="check_in_signup", summary="Somebody has come")
def post_check_in(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(attendance.check_in(session, actor, id))


@router.post("/signups/{id}/check-out", operation_id="check_out_signup", summary="Somebody leaves; their minutes are recorded")
def post_check_out(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(attendance.check_out(session, actor, id))


@router.put("/signups/{signup_id}/hours/{id}", status_code=201, operation_id="put_hours", summary="Write hours afterwards")
def put_hours(session: DbSession, actor: Resident, response: Response, signup_id: UUID, id: UUID, wish: HoursWish) -> HourRead:
    entry, made = attendance.add_hours(session, actor, signup_id, id, wish)
    response.status_code = 201 if made else 200
    return HourRead.model_validate(entry, from_attributes=True)


@router.put("/activities/{id}", status_code=201, operation_id="put_activity", summary="Plan an activity with its shifts")
def put_activity(session: DbSession, actor: Resident, response: Response, id: UUID, wish: ActivityWish) -> ActivityRead:
    activity, made = planning.plan(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return ActivityRead(id=activity.id, shifts=[_card(session, shift, activity) for shift in shifts_of(session, activity)])


def _read(signup: Signup) -> SignupRead:
    return SignupRead.model_validate(signup, from_attributes=True)


def _card(session: Session, shift: Shift, activity: Activity) -> ShiftRead:
    return ShiftRead.model_validate(card_of(session, shift, activity), from_attributes=True)
