"""Contracts for people: everybody reads who pays how much for what and what is late; the treasurer keeps them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Officer, Visitor
from app.access.permissions import Permission
from app.council.models import Decision
from app.council.queries import decision_choices
from app.kit.clock import today
from app.kit.forms import Filled, changing, empty, filled
from app.kit.i18n import _
from app.kit.money import decimal_string, yuan
from app.kit.pager import AskedPage, Page
from app.kit.refusals import Malformed
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.photos.arriving import Sent, sent_photos
from app.photos.models import Photo, PhotoSize
from app.photos.service import keep
from app.photos.serving import photo_response
from app.publiclog.queries import entries_of_record
from app.treasury import contracting, policy
from app.treasury.chart_models import FUND_SAYS, Fund
from app.treasury.contract_models import EVERY_SAYS, Contract, ContractPaper
from app.treasury.contract_queries import (
    ContractCard,
    Receivable,
    accounts_to_rent,
    contract_for,
    contracts,
    ending_soon,
    entries_of_contract,
    paper_for,
    papers_of,
    receivables,
)
from app.treasury.contract_schemas import ContractEditWish, ContractWish, EndWish, SeekContract, SoughtContract
from app.treasury.covering import booker
from app.treasury.instalments import Instalment
from app.treasury.queries import EntryCard

router = APIRouter(route_class=OneTransaction, prefix="/money/contracts", include_in_schema=False)

FilledContract = Annotated[Filled[ContractWish], filled(ContractWish)]
FilledEdit = Annotated[Filled[ContractEditWish], filled(ContractEditWish)]
PapersIn = Annotated[Sent, sent_photos(booker, papers=True), TakesFiles()]
FilledEnd = Annotated[Filled[EndWish], filled(EndWish)]

Choices = list[tuple[Any, str]]

SHOWN = 8
"""Instalments that were due, and payments, that a contract's page lists: the latest ones."""


@dataclass(frozen=True)
class ContractsPage(View):
    template = "treasury/contracts.html"
    tab = "money"

    late: list[Receivable]
    ending: list[ContractCard]
    contracts: Page[ContractCard]
    sought: SoughtContract
    can_book: bool


@dataclass(frozen=True)
class ContractPage(View):
    template = "treasury/contract.html"
    tab = "money"

    card: ContractCard
    fund: str
    today: date
    instalments: list[Instalment]
    """The latest first; the one that comes next stands before those that were due."""
    earlier: int
    """Those that were due before."""
    entries: list[EntryCard]
    decision: Decision | None
    papers: list[ContractPaper]
    pages: int
    log_index: int
    can_book: bool


@dataclass(frozen=True)
class ContractFormPage(View):
    """`contract` is None for a new one."""

    template = "treasury/contract_form.html"

    contract: Contract | None
    form: Filled[Any]
    categories: Choices
    everies: Choices
    decisions: Choices
    papers: list[ContractPaper]


@dataclass(frozen=True)
class EndPage(View):
    template = "treasury/contract_end.html"

    contract: Contract
    form: Filled[EndWish]


@router.get("")
def show_contracts(session: DbSession, visitor: Anyone, asked: AskedPage, sought: SeekContract) -> ContractsPage:
    late = receivables(session, visitor.compound.id, today())
    ending, found = ending_soon(session, visitor.compound.id), contracts(session, visitor, asked, sought)
    return ContractsPage(visitor.frame, late, ending, found, sought, policy.can_book(visitor))


@router.get("/record")
def show_record(session: DbSession, actor: Officer) -> ContractFormPage:
    actor.need(Permission.BOOK_MONEY)
    return form_page(session, actor, empty({"every": "quarter"}))


@router.post("/record")
def post_record(session: DbSession, actor: Officer, request: Request, form: FilledContract, papers: PapersIn) -> Response:
    actor.need(Permission.BOOK_MONEY)
    if form.wish is None:
        return form_page(session, actor, papers.again(form)).reply(request, 422)
    try:
        contract, _made = contracting.record_contract(session, actor, form.id, form.wish, kept(session, actor, papers))
    except Malformed as no:
        return form_page(session, actor, papers.again(form.with_refusal(no))).reply(request, 422)
    return see_other(f"{actor.frame.base}/money/contracts/{contract.id}", papers.said(_("合同记下了。")))


@router.get("/papers/{photo_id}/{size}")
def show_paper(session: DbSession, actor: Officer, request: Request, photo_id: UUID, size: PhotoSize) -> Response:
    return photo_response(paper_for(session, actor, photo_id), size, request.app.state.blobs)


@router.get("/{contract_id}")
def show_contract(session: DbSession, visitor: Anyone, contract_id: UUID) -> ContractPage:
    return contract_page(session, visitor, contract_id)


@router.get("/{contract_id}/correct")
def show_correct(session: DbSession, actor: Officer, contract_id: UUID) -> ContractFormPage:
    actor.need(Permission.BOOK_MONEY)
    card = contract_for(session, actor, contract_id)
    contract = card.contract
    names = ("counterparty", "what", "every")
    typed = {name: getattr(contract, name) for name in names} | {
        "category": card.code,
        "amount": decimal_string(contract.amount_fen),
        "decision_id": str(contract.decision_id or ""),
        **{name: getattr(contract, name).isoformat() for name in ("from_on", "to_on", "first_due_on")},
    }
    return form_page(session, actor, changing(typed, contract.version), contract)


@router.post("/{contract_id}/correct")
def post_correct(
    session: DbSession, actor: Officer, request: Request, contract_id: UUID, form: FilledEdit, papers: PapersIn
) -> Response:
    actor.need(Permission.BOOK_MONEY)
    contract = contract_for(session, actor, contract_id).contract
    if form.wish is None:
        return form_page(session, actor, papers.again(form), contract).reply(request, 422)
    try:
        photos = kept(session, actor, papers)
        contracting.correct_contract(session, actor, contract_id, form.version or 0, form.wish, photos)
    except Malformed as no:
        return form_page(session, actor, papers.again(form.with_refusal(no)), contract).reply(request, 422)
    except Stale as no:
        now_says = _(
            "现在写的是：%(what)s，%(amount)s。再按一次，就改成您写的。", what=contract.what, amount=yuan(contract.amount_fen)
        )
        mine = papers.again(form.seen_again(contract.version, "what", f"{no.message}{now_says}"))
        return form_page(session, actor, mine, contract).reply(request, no.status)
    return see_other(f"{actor.frame.base}/money/contracts/{contract_id}", papers.said(_("改好了。")))


@router.get("/{contract_id}/end")
def show_end(session: DbSession, actor: Officer, contract_id: UUID) -> EndPage:
    actor.need(Permission.BOOK_MONEY)
    contract = contract_for(session, actor, contract_id).contract
    return EndPage(actor.frame, contract, empty({"on_date": today().isoformat()}))


@router.post("/{contract_id}/end")
def post_end(session: DbSession, actor: Officer, request: Request, contract_id: UUID, form: FilledEnd) -> Response:
    actor.need(Permission.BOOK_MONEY)
    contract = contract_for(session, actor, contract_id).contract
    if form.wish is None:
        return EndPage(actor.frame, contract, form).reply(request, 422)
    try:
        contracting.end_contract(session, actor, contract_id, form.wish)
    except Malformed as no:
        return EndPage(actor.frame, contract, form.with_refusal(no)).reply(request, 422)
    return see_other(f"{actor.frame.base}/money/contracts/{contract_id}", _("记下了，合同提前结束。"))


def kept(session: Session, actor: Actor, papers: Sent) -> list[Photo]:
    return [keep(session, actor.compound.id, id, page, actor.person_id).photo for id, page in papers.taken.items()]


def contract_page(session: Session, visitor: Visitor, contract_id: UUID) -> ContractPage:
    card = contract_for(session, visitor, contract_id)
    contract = card.contract
    due, following = card.settled(today())
    papers = papers_of(session, contract)
    return ContractPage(
        visitor.frame,
        card,
        _(FUND_SAYS[Fund(card.fund)]),
        today(),
        [*([following] if following else []), *reversed(due[-SHOWN:])],
        len(due[:-SHOWN]),
        entries_of_contract(session, contract)[:SHOWN],
        session.get(Decision, (contract.compound_id, contract.decision_id)) if contract.decision_id else None,
        papers if policy.can_see_originals(visitor) else [],
        len(papers),
        entries_of_record(session, contract.compound_id, contract.id)[-1].index,
        policy.can_book(visitor),
    )


def form_page(session: Session, actor: Actor, form: Filled[Any], contract: Contract | None = None) -> ContractFormPage:
    had = contract.account_id if contract else None
    return ContractFormPage(
        actor.frame,
        contract,
        form,
        [(a.code, a.name) for a in accounts_to_rent(session, actor.compound.id, had).values()],
        [(every.value, _(says)) for every, says in EVERY_SAYS.items()],
        list(decision_choices(session, actor)),
        papers_of(session, contract) if contract else [],
    )
