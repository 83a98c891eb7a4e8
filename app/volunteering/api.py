"""The programs' door."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.volunteering import attendance, planning, signing_up
from app.volunteering.models import Activity, ServiceKind, Shift, Signup
from app.volunteering.queries import activity_for, card_of, coming_shifts, shift_for, shifts_of, signup_for
from app.volunteering.schemas import (
    ActivityChange,
    ActivityRead,
    ActivityWish,
    ShiftChange,
    ShiftRead,
    SignupRead,
    SignupWish,
)

router = APIRouter(route_class=OneTransaction, tags=["volunteering"])


@router.get("/shifts", operation_id="list_shifts", summary="Shifts that have not begun, soonest first")
def get_shifts(
    session: DbSession,
    visitor: Anyone,
    asked: AskedPage,
    request: Request,
    response: Response,
    kind: Annotated[ServiceKind | None, Query(description="Only this kind of service.")] = None,
) -> Page[ShiftRead]:
    page = coming_shifts(session, visitor, asked, kind or "")
    link_next(request, response, page)
    return Page[ShiftRead].model_validate(page, from_attributes=True)


@router.get("/shifts/{shift_id}", operation_id="get_shift", summary="One shift")
def get_shift(session: DbSession, visitor: Anyone, response: Response, shift_id: UUID) -> ShiftRead:
    return _shift(session, *shift_for(session, visitor, shift_id), response)


@router.patch("/shifts/{shift_id}", operation_id="change_shift", summary="Another time, more or fewer places", responses=VERSIONS)
def patch_shift(
    session: DbSession, actor: Resident, response: Response, shift_id: UUID, wish: ShiftChange, if_match: IfMatch = None
) -> ShiftRead:
    """New places are held for those who wait; another time is told to everybody on the shift."""
    shift = planning.change_shift(session, actor, shift_id, known_version(if_match), wish)
    return _shift(session, shift, activity_for(session, actor, shift.activity_id), response)


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


@router.put("/activities/{id}", status_code=201, operation_id="put_activity", summary="Plan an activity with its shifts")
def put_activity(session: DbSession, actor: Resident, response: Response, id: UUID, wish: ActivityWish) -> ActivityRead:
    activity, made = planning.plan(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _activity(session, activity, response)


@router.get("/activities/{id}", operation_id="get_activity", summary="One activity with all its shifts")
def get_activity(session: DbSession, visitor: Anyone, response: Response, id: UUID) -> ActivityRead:
    return _activity(session, activity_for(session, visitor, id), response)


@router.patch("/activities/{id}", operation_id="change_activity", summary="Other words for an activity", responses=VERSIONS)
def patch_activity(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: ActivityChange, if_match: IfMatch = None
) -> ActivityRead:
    """Another place is told to everybody on its coming shifts."""
    return _activity(session, planning.change_activity(session, actor, id, known_version(if_match), wish), response)


def _read(signup: Signup) -> SignupRead:
    return SignupRead.model_validate(signup, from_attributes=True)


def _activity(session: Session, activity: Activity, response: Response) -> ActivityRead:
    response.headers["ETag"] = f'"{activity.version}"'
    return ActivityRead(
        id=activity.id,
        kind=ServiceKind(activity.kind),
        title=activity.title,
        place=activity.place,
        what=activity.what,
        shifts=[_card(session, shift, activity) for shift in shifts_of(session, activity)],
    )


def _shift(session: Session, shift: Shift, activity: Activity, response: Response) -> ShiftRead:
    response.headers["ETag"] = f'"{shift.version}"'
    return _card(session, shift, activity)


def _card(session: Session, shift: Shift, activity: Activity) -> ShiftRead:
    return ShiftRead.model_validate(card_of(session, shift, activity), from_attributes=True)
