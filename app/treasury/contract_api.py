"""The programs' door to contracts and what is owed by them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Anyone, Resident, Visitor
from app.kit.clock import today
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.photos.arriving import RAW_PAPER, raw_paper
from app.photos.intake import TakenIn
from app.photos.models import PhotoSize
from app.photos.service import keep, page_id
from app.photos.serving import FILE, photo_response
from app.treasury import contracting, policy
from app.treasury.contract_models import Every
from app.treasury.contract_queries import ContractCard, contract_for, contracts, paper_for, papers_of, receivables
from app.treasury.contract_schemas import (
    ContractDetail,
    ContractEditWish,
    ContractRead,
    ContractWish,
    EndWish,
    InstalmentRead,
    ReceivableRead,
    ReceivablesRead,
    SeekContract,
)
from app.treasury.covering import booker

router = APIRouter(route_class=OneTransaction, tags=["treasury"])


@router.get("/contracts", operation_id="list_contracts", summary="Contracts, those that end last first")
def get_contracts(
    session: DbSession, visitor: Anyone, asked: AskedPage, sought: SeekContract, request: Request, response: Response
) -> Page[ContractRead]:
    page = contracts(session, visitor, asked, sought)
    link_next(request, response, page)
    return Page[ContractRead](items=[_contract(card) for card in page.items], next_cursor=page.next_cursor)


@router.get("/receivables", operation_id="list_receivables", summary="What was due by a day and had not come by its end")
def get_receivables(session: DbSession, visitor: Anyone, on: date | None = None) -> ReceivablesRead:
    """`on`: by default today."""
    day = on or today()
    items = [
        ReceivableRead(
            contract_id=x.contract_id,
            category=x.code,
            fund=x.fund,
            counterparty=x.counterparty,
            what=x.what,
            due_on=x.due_on,
            amount=x.fen,
            open=x.open_fen,
            days_late=x.days_late,
        )
        for x in receivables(session, visitor.compound.id, day)
    ]
    return ReceivablesRead(on=day, open=sum(item.open for item in items), items=items)


@router.put("/contracts/{id}", status_code=201, operation_id="put_contract", summary="Put a contract of income on record")
def put_contract(session: DbSession, actor: Resident, response: Response, id: UUID, wish: ContractWish) -> ContractDetail:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    _kept, made = contracting.record_contract(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _detail(session, actor, id, response)


@router.get("/contracts/{id}", operation_id="get_contract", summary="One contract with its instalments")
def get_contract(session: DbSession, visitor: Anyone, response: Response, id: UUID) -> ContractDetail:
    return _detail(session, visitor, id, response)


@router.patch("/contracts/{id}", operation_id="correct_contract", summary="Correct a contract", responses=VERSIONS)
def patch_contract(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: ContractEditWish, if_match: IfMatch = None
) -> ContractDetail:
    """The public log keeps every version."""
    contracting.correct_contract(session, actor, id, known_version(if_match), wish)
    return _detail(session, actor, id, response)


@router.post("/contracts/{id}/end", operation_id="end_contract", summary="It ends early, for a reason")
def post_end(session: DbSession, actor: Resident, response: Response, id: UUID, wish: EndWish) -> ContractDetail:
    contracting.end_contract(session, actor, id, wish)
    return _detail(session, actor, id, response)


@router.put(
    "/contracts/{contract_id}/pages/{id}",
    status_code=201,
    operation_id="put_contract_page",
    summary="Add a page; the body is the picture, or a PDF of up to 20 pages",
    openapi_extra=RAW_PAPER,
)
def put_page(
    session: DbSession,
    actor: Resident,
    response: Response,
    contract_id: UUID,
    id: UUID,
    pages: Annotated[list[TakenIn], raw_paper(booker), TakesFiles()],
) -> ContractDetail:
    """201 the first time, 200 for the same paper again, 409 for another under the same id."""
    contract_for(session, actor, contract_id)
    kept = [keep(session, actor.compound.id, page_id(id, page.page), page, actor.person_id) for page in pages]
    contracting.add_pages(session, actor, contract_id, [one.photo for one in kept])
    response.status_code = 201 if kept[0].outcome == "created" else 200
    return _detail(session, actor, contract_id, response)


@router.get(
    "/contract-pages/{id}/{size}",
    operation_id="get_contract_page",
    summary="A page of a contract, for who may see originals",
    response_class=Response,
    responses={200: FILE},
)
def get_page(session: DbSession, actor: Resident, request: Request, id: UUID, size: PhotoSize) -> Response:
    return photo_response(paper_for(session, actor, id), size, request.app.state.blobs)


def _contract(card: ContractCard) -> ContractRead:
    contract = card.contract
    return ContractRead(
        id=contract.id,
        category=card.code,
        fund=card.fund,
        counterparty=contract.counterparty,
        what=contract.what,
        from_on=contract.from_on,
        to_on=contract.to_on,
        amount=contract.amount_fen,
        every=Every(contract.every),
        first_due_on=contract.first_due_on,
        decision_id=contract.decision_id,
        ended_on=contract.ended_on,
        ended_because=contract.ended_because,
        version=contract.version,
        open=card.open_fen,
    )


def _detail(session: Session, visitor: Visitor, id: UUID, response: Response) -> ContractDetail:
    card = contract_for(session, visitor, id)
    response.headers["ETag"] = f'"{card.contract.version}"'
    due, following = card.settled(today())
    return ContractDetail(
        **_contract(card).__dict__,
        instalments=[
            InstalmentRead(due_on=x.due_on, amount=x.fen, received=x.received_fen, days_late=x.days_late(today()))
            for x in [*due, *([following] if following else [])]
        ],
        pages=[paper.id for paper in papers_of(session, card.contract)] if policy.can_see_originals(visitor) else [],
        made_at=card.contract.made_at,
    )
