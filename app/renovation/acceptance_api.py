"""The programs' door to a project's acceptances and to residents' opinions."""

from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.requests import DbSession, OneTransaction
from app.renovation import accepting, opining
from app.renovation.acceptance_content import content_of
from app.renovation.acceptance_models import Acceptance
from app.renovation.acceptance_queries import acceptance_for, acceptances_of
from app.renovation.acceptance_schemas import (
    AcceptanceRead,
    AcceptancesRead,
    AcceptanceWish,
    PartWish,
    ProposalWish,
    ReservationWish,
    SignWish,
)
from app.renovation.acceptance_view import acceptance_view
from app.renovation.opinion_queries import opinion_card, opinions_for, words_told
from app.renovation.opinion_schemas import OpinionListRead, OpinionRead, OpinionWish, WordsRead
from app.renovation.queries import project_for

router = APIRouter(route_class=OneTransaction, tags=["renovation"])


@router.get("/projects/{id}/acceptances", operation_id="list_acceptances", summary="A project's acceptances by its residents")
def get_acceptances(session: DbSession, visitor: Anyone, id: UUID) -> AcceptancesRead:
    """The latest first."""
    rounds = acceptances_of(session, project_for(session, visitor, id))
    return AcceptancesRead(items=[_read(session, visitor, one) for one in rounds])


@router.put(
    "/projects/{project_id}/acceptances/{id}", status_code=201, operation_id="put_acceptance", summary="Open an acceptance"
)
def put_acceptance(
    session: DbSession, actor: Resident, response: Response, project_id: UUID, id: UUID, wish: AcceptanceWish
) -> AcceptanceRead:
    """Residents are asked from now on. 201 the first time, 200 for the same request again, 409 for another under the same id, and
    while one is open.
    """
    acceptance, made = accepting.open_round(session, actor, project_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, actor, acceptance)


@router.get("/acceptances/{id}", operation_id="get_acceptance", summary="An acceptance: parts, opinions, signatures, conclusion")
def get_acceptance(session: DbSession, visitor: Anyone, id: UUID) -> AcceptanceRead:
    return _read(session, visitor, acceptance_for(session, visitor, id))


@router.get(
    "/acceptances/{id}/content",
    operation_id="get_acceptance_content",
    summary="The very bytes that are to be signed, or were",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}, "description": "The bytes as they are hashed."}},
)
def get_content(session: DbSession, visitor: Anyone, id: UUID) -> Response:
    """Canonical JSON (RFC 8785); its SHA-256 is `content_sha256`. Once concluded, the notice holds the same bytes. 409 while no
    conclusion is proposed.
    """
    content = content_of(session, visitor, acceptance_for(session, visitor, id))
    return Response(content, media_type="application/json")


@router.put(
    "/acceptances/{acceptance_id}/parts/{id}",
    status_code=201,
    operation_id="put_acceptance_part",
    summary="Check a part of the works by a list",
)
def put_part(
    session: DbSession, actor: Resident, response: Response, acceptance_id: UUID, id: UUID, wish: PartWish
) -> AcceptanceRead:
    """Every item of one list is answered. The same part by the same list again takes the place of the check before; who had
    signed signs again. 201 the first time, 200 for the same request again.
    """
    _part, made = accepting.check_part(session, actor, acceptance_id, id, wish)
    response.status_code = 201 if made else 200
    return get_acceptance(session, actor, acceptance_id)


@router.put(
    "/acceptances/{acceptance_id}/reservations/{id}",
    status_code=201,
    operation_id="put_acceptance_reservation",
    summary="Make a reservation: a finding with its day",
)
def put_reservation(
    session: DbSession, actor: Resident, response: Response, acceptance_id: UUID, id: UUID, wish: ReservationWish
) -> AcceptanceRead:
    """The finding has the same id. 201 the first time, 200 for the same request again."""
    _finding, made = accepting.reserve(session, actor, acceptance_id, id, wish)
    response.status_code = 201 if made else 200
    return get_acceptance(session, actor, acceptance_id)


@router.put(
    "/acceptances/{acceptance_id}/proposals/{id}",
    status_code=201,
    operation_id="put_acceptance_proposal",
    summary="Propose how it ends, for others to sign",
)
def put_proposal(
    session: DbSession, actor: Resident, response: Response, acceptance_id: UUID, id: UUID, wish: ProposalWish
) -> AcceptanceRead:
    """When no more opinions come in. 201 the first time, 200 for the same request again."""
    _proposal, made = accepting.propose(session, actor, acceptance_id, id, wish)
    response.status_code = 201 if made else 200
    return get_acceptance(session, actor, acceptance_id)


@router.put(
    "/acceptances/{acceptance_id}/signatures/{id}",
    status_code=201,
    operation_id="put_acceptance_signature",
    summary="Sign what was seen",
)
def put_signature(
    session: DbSession, actor: Resident, response: Response, acceptance_id: UUID, id: UUID, wish: SignWish
) -> AcceptanceRead:
    """201 the first time; 200 for the same request again, and for a second signature of the same person under the same."""
    acceptance, made = accepting.sign(session, actor, acceptance_id, id, wish)
    response.status_code = 201 if made else 200
    return _read(session, actor, acceptance)


@router.post("/acceptances/{id}/conclude", operation_id="conclude_acceptance", summary="Publish what enough supervisors signed")
def post_conclude(session: DbSession, actor: Resident, id: UUID, wish: SignWish) -> AcceptanceRead:
    """The same again changes nothing."""
    return _read(session, actor, accepting.conclude(session, actor, id, wish))


@router.put(
    "/acceptances/{acceptance_id}/opinions/{id}",
    status_code=201,
    operation_id="put_opinion",
    summary="Give a unit's opinion, or put it right",
)
def put_opinion(
    session: DbSession, actor: Resident, response: Response, acceptance_id: UUID, id: UUID, wish: OpinionWish
) -> OpinionRead:
    """One for each unit. With `person_id`, from their paper. 201 the first time, 200 for the same request again, 409 where
    the unit has one already.
    """
    opinion, made = opining.give_opinion(session, actor, acceptance_id, id, wish)
    response.status_code = 201 if made else 200
    return OpinionRead.model_validate(opinion_card(session, opinion), from_attributes=True)


@router.get(
    "/acceptances/{id}/opinions",
    operation_id="list_opinions",
    summary="One's own opinions; for who types those on paper, all of these",
)
def get_opinions(session: DbSession, actor: Resident, id: UUID) -> OpinionListRead:
    """Those that count. Nobody reads what others said by their phones."""
    cards = opinions_for(session, actor, acceptance_for(session, actor, id))
    return OpinionListRead(items=[OpinionRead.model_validate(card, from_attributes=True) for card in cards])


@router.get("/acceptances/{id}/words", operation_id="list_opinion_words", summary="What residents wrote, without unit and name")
def get_words(session: DbSession, actor: Resident, id: UUID) -> WordsRead:
    """Of those who let others read it, once no more opinions come in."""
    return WordsRead(items=words_told(session, actor, acceptance_for(session, actor, id)))


def _read(session: Session, visitor: Visitor, acceptance: Acceptance) -> AcceptanceRead:
    return AcceptanceRead.model_validate(acceptance_view(session, visitor, acceptance), from_attributes=True)
