"""The programs' door."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Resident, Visitor
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.volunteering import attendance, planning, signing_up
from app.volunteering.models import Activity, ServiceKind, Shift
from app.volunteering.queries import (
    ShiftCard,
    activity_for,
    card_of,
    coming_shifts,
    my_shifts,
    shift_for,
    shifts_of,
    signup_for,
    waiting_before,
)
from app.volunteering.schemas import (
    ActivityChange,
    ActivityRead,
    ActivityWish,
    MySignupList,
    MySignupRead,
    ShiftChange,
    ShiftRead,
    SignupRead,
    SignupWish,
)
from app.volunteering.signup_models import Signup, SignupState
from app.volunteering.skill_queries import needs_said

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
    return Page[ShiftRead](items=_cards(session, visitor, page.items), next_cursor=page.next_cursor)


@router.get("/shifts/{shift_id}", operation_id="get_shift", summary="One shift")
def get_shift(session: DbSession, visitor: Anyone, response: Response, shift_id: UUID) -> ShiftRead:
    """With what would come of signing up now."""
    shift, activity = shift_for(session, visitor, shift_id)
    read = _shift(session, visitor, shift, activity, response)
    if isinstance(visitor, Actor):
        return read.model_copy(update={"outcome": signing_up.what_would_come(session, visitor, shift).outcome})
    return read


@router.patch("/shifts/{shift_id}", operation_id="change_shift", summary="Another time, more or fewer places", responses=VERSIONS)
def patch_shift(
    session: DbSession, actor: Resident, response: Response, shift_id: UUID, wish: ShiftChange, if_match: IfMatch = None
) -> ShiftRead:
    """New places are held for those who wait; another time is told to everybody on the shift."""
    shift = planning.change_shift(session, actor, shift_id, known_version(if_match), wish)
    return _shift(session, actor, shift, activity_for(session, actor, shift.activity_id), response)


@router.put("/shifts/{shift_id}/signups/{id}", status_code=201, operation_id="put_signup", summary="Sign up")
def put_signup(session: DbSession, actor: Resident, response: Response, shift_id: UUID, id: UUID, wish: SignupWish) -> SignupRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    signup, made = signing_up.sign_up(session, actor, shift_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, signup)


@router.get("/signups", operation_id="list_my_signups", summary="My sign-ups of what has not ended, the next first")
def get_signups(session: DbSession, actor: Resident) -> MySignupList:
    """An offer whose time has passed is no longer mine."""
    return MySignupList(items=[MySignupRead(**asdict(mine)) for mine in my_shifts(session, actor)])


@router.get("/signups/{id}", operation_id="get_signup", summary="One sign-up")
def get_signup(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(session, signup_for(session, actor, id))


@router.post("/signups/{id}/confirm", operation_id="confirm_signup", summary="Take the place that is held for me")
def post_confirm(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(session, signing_up.confirm(session, actor, id))


@router.post("/signups/{id}/withdraw", operation_id="withdraw_signup", summary="Give the place back")
def post_withdraw(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(session, signing_up.withdraw(session, actor, id))


@router.post("/signups/{id}/check-in", operation_id="check_in_signup", summary="Somebody has come")
def post_check_in(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(session, attendance.check_in(session, actor, id))


@router.post("/signups/{id}/check-out", operation_id="check_out_signup", summary="Somebody leaves; their minutes are recorded")
def post_check_out(session: DbSession, actor: Resident, id: UUID) -> SignupRead:
    return _read(session, attendance.check_out(session, actor, id))


@router.put("/activities/{id}", status_code=201, operation_id="put_activity", summary="Plan an activity with its shifts")
def put_activity(session: DbSession, actor: Resident, response: Response, id: UUID, wish: ActivityWish) -> ActivityRead:
    activity, made = planning.plan(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _activity(session, actor, activity, response)


@router.get("/activities/{id}", operation_id="get_activity", summary="One activity with all its shifts")
def get_activity(session: DbSession, visitor: Anyone, response: Response, id: UUID) -> ActivityRead:
    return _activity(session, visitor, activity_for(session, visitor, id), response)


@router.patch("/activities/{id}", operation_id="change_activity", summary="Other words for an activity", responses=VERSIONS)
def patch_activity(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: ActivityChange, if_match: IfMatch = None
) -> ActivityRead:
    """Another place is told to everybody on its coming shifts."""
    return _activity(session, actor, planning.change_activity(session, actor, id, known_version(if_match), wish), response)


def _read(session: Session, signup: Signup) -> SignupRead:
    waits = signup.state == SignupState.WAITING
    ahead = waiting_before(session, signup.compound_id, signup) if waits else 0
    return SignupRead.model_validate({**signup.model_dump(), "ahead": ahead})


def _activity(session: Session, visitor: Visitor, activity: Activity, response: Response) -> ActivityRead:
    response.headers["ETag"] = f'"{activity.version}"'
    cards = [card_of(session, shift, activity) for shift in shifts_of(session, activity)]
    contact = activity.contact if visitor.is_resident else None
    said = {**activity.model_dump(), "contact": contact, "shifts": _cards(session, visitor, cards)}
    return ActivityRead.model_validate(said)


def _shift(session: Session, visitor: Visitor, shift: Shift, activity: Activity, response: Response) -> ShiftRead:
    response.headers["ETag"] = f'"{shift.version}"'
    return _cards(session, visitor, [card_of(session, shift, activity)])[0]


def _cards(session: Session, visitor: Visitor, cards: list[ShiftCard]) -> list[ShiftRead]:
    asking = [card.id for card in cards if card.kept]
    needs = needs_said(session, visitor.compound.id, asking) if asking else {}
    return [
        ShiftRead.model_validate({**asdict(card), "needs": [asdict(need) for need in needs.get(card.id, ())]}) for card in cards
    ]
