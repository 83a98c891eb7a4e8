"""The programs' door to residents' problems."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Resident, resident
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.photos.arriving import RAW_IMAGE, raw_photo
from app.photos.intake import TakenIn
from app.photos.models import PhotoSize
from app.photos.serving import FILE, photo_response
from app.renovation import problems
from app.renovation.problem_queries import (
    ProblemCard,
    became_of,
    photos_of_problem,
    problem_card,
    problem_counts,
    problem_for,
    problem_photo_for,
    problems_of,
)
from app.renovation.problem_schemas import (
    ProblemCountRead,
    ProblemRead,
    ProblemWish,
    SeekProblem,
    SettledRead,
    SettleWish,
)

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/problem-counts", operation_id="count_problems", summary="How many problems of each kind residents reported")
def get_counts(session: DbSession, visitor: Anyone) -> list[ProblemCountRead]:
    counts = problem_counts(session, visitor.compound.id)
    return [ProblemCountRead.model_validate(count, from_attributes=True) for count in counts]


@router.get("/problems", operation_id="list_problems", summary="Residents' problems: all for officers, else one's own")
def get_problems(
    session: DbSession, actor: Resident, asked: AskedPage, sought: SeekProblem, request: Request, response: Response
) -> Page[ProblemRead]:
    page = problems_of(session, actor, asked, sought)
    link_next(request, response, page)
    return Page[ProblemRead](items=[_read(session, actor, card) for card in page.items], next_cursor=page.next_cursor)


@router.put("/problems/{id}", status_code=201, operation_id="put_problem", summary="Report a problem")
def put_problem(session: DbSession, actor: Resident, response: Response, id: UUID, wish: ProblemWish) -> ProblemRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id. Photos follow. With
    `person_id`, for a neighbour without a phone: both are named.
    """
    problem, made = problems.report_problem(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _problem(session, actor, problem.id)


@router.get("/problems/{id}", operation_id="get_problem", summary="A problem and what became of it")
def get_problem(session: DbSession, actor: Resident, id: UUID) -> ProblemRead:
    return _problem(session, actor, id)


@router.put(
    "/problems/{problem_id}/photos/{photo_id}",
    status_code=201,
    operation_id="put_problem_photo",
    summary="Add a photo to one's own problem, as the raw body",
    openapi_extra=RAW_IMAGE,
)
def put_problem_photo(
    session: DbSession,
    actor: Resident,
    response: Response,
    problem_id: UUID,
    photo_id: UUID,
    photo: Annotated[TakenIn, raw_photo(resident), TakesFiles()],
) -> ProblemRead:
    """201 the first time, 200 for the same bytes again, 409 for others. Before anybody has settled it, six at most."""
    made = problems.add_photo(session, actor, problem_id, photo_id, photo)
    response.status_code = 201 if made else 200
    return _problem(session, actor, problem_id)


@router.get(
    "/problems/{problem_id}/photos/{photo_id}",
    operation_id="get_problem_photo",
    summary="A photo of a problem, as JPEG",
    response_class=Response,
    responses={200: FILE},
)
def get_problem_photo(
    session: DbSession, actor: Resident, request: Request, problem_id: UUID, photo_id: UUID, size: PhotoSize = PhotoSize.MIDDLE
) -> Response:
    """For its reporter and for officers; 1600 px and the original for supervisors."""
    return photo_response(problem_photo_for(session, actor, problem_id, photo_id, size), size, request.app.state.blobs)


@router.put(
    "/problems/{problem_id}/acts/{id}", status_code=201, operation_id="put_problem_act", summary="Settle a problem, by name"
)
def put_act(session: DbSession, actor: Resident, response: Response, problem_id: UUID, id: UUID, wish: SettleWish) -> ProblemRead:
    """By a project that takes it, by an answer, or both. 201 the first time, 200 for the same again."""
    _settled, made = problems.settle_problem(session, actor, problem_id, id, wish)
    response.status_code = 201 if made else 200
    return _problem(session, actor, problem_id)


def _problem(session: Session, actor: Actor, id: UUID) -> ProblemRead:
    return _read(session, actor, problem_card(session, actor, id))


def _read(session: Session, actor: Actor, card: ProblemCard) -> ProblemRead:
    problem = problem_for(session, actor, card.id)
    facts = ("id", "kind", "building", "place", "text", "reported_by", "entered_by", "reported_at")
    return ProblemRead(
        **{name: getattr(card, name) for name in facts},
        photos=list(photos_of_problem(session, problem)),
        acts=[SettledRead.model_validate(one, from_attributes=True) for one in became_of(session, actor, problem)],
    )
