"""The programs' door."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Anyone, Resident
from app.kit.openapi import problems
from app.kit.pager import AskedPage, Page, link_next
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.versions import VERSIONS, IfMatch, known_version
from app.photos.arriving import RAW_PAPER, raw_paper
from app.photos.intake import TakenIn
from app.photos.service import keep, page_id
from app.treasury import approving, drafting, policy
from app.treasury.chart_models import Use
from app.treasury.chart_queries import funds_open
from app.treasury.chart_schemas import AccountRead, AccountsRead, FundRead
from app.treasury.checks import checks_of
from app.treasury.covering import booker
from app.treasury.draft_models import Draft
from app.treasury.draft_queries import approvals_needed, content_hash, draft_for, sides_of, signatures, vouchers_of
from app.treasury.draft_schemas import ApproveWish, CheckRead, DraftRead, DraftWish, EditWish, PostedRead, ReasonWish
from app.treasury.entry_schemas import EntryDetail, EntryRead, LineRead, StepRead, TrailRead
from app.treasury.fund_charts import GIFTS
from app.treasury.models import JournalEntry
from app.treasury.queries import EntryCard, balances, card_of, entry_for, lines_to_show, money_by_fund
from app.treasury.searching import Seek, entries
from app.treasury.trail import trail_of
from app.treasury.voucher_models import DraftVoucher
from app.treasury.voucher_schemas import VoucherRead

router = APIRouter(route_class=OneTransaction, tags=["treasury"])


@router.get("/entries", operation_id="list_entries", summary="The public ledger, the latest day first")
def get_entries(
    session: DbSession, visitor: Anyone, asked: AskedPage, sought: Seek, request: Request, response: Response
) -> Page[EntryRead]:
    page = entries(session, visitor, asked, sought)
    link_next(request, response, page)
    return Page[EntryRead](items=[_entry(card) for card in page.items], next_cursor=page.next_cursor)


@router.get("/entries/{id}", operation_id="get_entry", summary="One entry with its lines and vouchers")
def get_entry(session: DbSession, visitor: Anyone, id: UUID) -> EntryDetail:
    entry = entry_for(session, visitor, id)
    return EntryDetail(
        **_entry(card_of(session, entry)).__dict__,
        lines=[LineRead(code=code, account=name, amount=fen) for code, name, fen in lines_to_show(session, visitor, entry)],
        papers=[VoucherRead.model_validate(v, from_attributes=True) for v in _vouchers(session, entry)],
        decision_id=entry.decision_id,
        contract_id=entry.contract_id,
    )


@router.get("/entries/{id}/trail", operation_id="get_entry_trail", summary="Who did what to an entry and when, for auditors")
def get_trail(session: DbSession, actor: Resident, id: UUID) -> TrailRead:
    return TrailRead(steps=[StepRead.model_validate(step, from_attributes=True) for step in trail_of(session, actor, id)])


@router.get("/balances", operation_id="list_balances", summary="Every account with its balance, and what cash and bank hold")
def get_balances(session: DbSession, visitor: Anyone) -> AccountsRead:
    """What is owed to homes and what lies ready for them only to who may see the journal: it tells what each was given, one by
    one. Everybody reads both in the statements.
    """
    compound_id, whole = visitor.compound.id, policy.can_see_journal(visitor)
    found, opened = balances(session, compound_id), funds_open(session, compound_id)
    return AccountsRead(
        money=sum(fen for account, fen in found if account.use == Use.MONEY),
        funds=[FundRead(fund=fund, money=fen) for fund, fen in money_by_fund(session, compound_id, opened).items()],
        accounts=[AccountRead.of(account, fen) for account, fen in found if whole or account.code not in GIFTS],
    )


@router.put("/drafts/{id}", status_code=201, operation_id="put_draft", summary="Write a line of the books")
def put_draft(session: DbSession, actor: Resident, response: Response, id: UUID, wish: DraftWish) -> DraftRead:
    """201 the first time, 200 for the same request again, 409 for another request under the same id."""
    draft, made = drafting.save_draft(session, actor, id, wish)
    response.status_code = 201 if made else 200
    return _draft(session, actor, draft, response)


@router.get("/drafts/{id}", operation_id="get_draft", summary="One draft")
def get_draft(session: DbSession, actor: Resident, response: Response, id: UUID) -> DraftRead:
    return _draft(session, actor, draft_for(session, actor, id), response)


@router.patch(
    "/drafts/{id}",
    operation_id="edit_draft",
    summary="Change a draft; approvals of what stood there are void",
    responses=VERSIONS,
)
def patch_draft(
    session: DbSession, actor: Resident, response: Response, id: UUID, wish: EditWish, if_match: IfMatch = None
) -> DraftRead:
    return _draft(session, actor, drafting.edit_draft(session, actor, id, known_version(if_match), wish), response)


@router.put(
    "/drafts/{draft_id}/vouchers/{id}",
    status_code=201,
    operation_id="put_voucher",
    summary="Add a voucher; the body is the picture, or a PDF of up to 20 pages",
    openapi_extra=RAW_PAPER,
)
def put_voucher(
    session: DbSession,
    actor: Resident,
    response: Response,
    draft_id: UUID,
    id: UUID,
    pages: Annotated[list[TakenIn], raw_paper(booker), TakesFiles()],
) -> DraftRead:
    """201 the first time, 200 for the same paper again, 409 for another under the same id.

    Each page of a PDF is a voucher of its own; the first has the id that was sent.
    """
    draft_for(session, actor, draft_id)
    kept = [keep(session, actor.compound.id, page_id(id, page.page), page, actor.person_id) for page in pages]
    draft = drafting.add_vouchers(session, actor, draft_id, [one.photo for one in kept])
    response.status_code = 201 if kept[0].outcome == "created" else 200
    return _draft(session, actor, draft, response)


@router.post(
    "/drafts/{id}/submit",
    operation_id="submit_draft",
    summary="Hand a draft to the supervisors",
    responses=problems({412: "It was changed or returned since."}),
)
def post_submit(session: DbSession, actor: Resident, response: Response, id: UUID, if_match: IfMatch = None) -> DraftRead:
    """With If-Match, a repetition that arrives late hands nothing in that was returned meanwhile."""
    seen = None if if_match is None else known_version(if_match)
    return _draft(session, actor, drafting.submit(session, actor, id, seen), response)


@router.post("/drafts/{id}/return", operation_id="return_draft", summary="Give a draft back to its author, with the reason")
def post_return(session: DbSession, actor: Resident, response: Response, id: UUID, wish: ReasonWish) -> DraftRead:
    return _draft(session, actor, approving.return_draft(session, actor, id, wish), response)


@router.post("/drafts/{id}/approve", operation_id="approve_draft", summary="Approve what was seen; the last approval posts it")
def post_approve(session: DbSession, actor: Resident, id: UUID, wish: ApproveWish) -> PostedRead:
    entry = approving.approve(session, actor, id, wish)
    draft = draft_for(session, actor, id)
    return PostedRead(
        entry_id=entry.id if entry else None,
        number=entry.reference if entry else None,
        approvals_had=len(signatures(session, draft)),
        approvals_needed=approvals_needed(session, draft),
    )


@router.put(
    "/entries/{entry_id}/reversals/{id}", status_code=201, operation_id="put_reversal", summary="Propose to reverse an entry"
)
def put_reversal(
    session: DbSession, actor: Resident, response: Response, entry_id: UUID, id: UUID, wish: ReasonWish
) -> DraftRead:
    """What it makes is a draft, which a supervisor approves or returns like any other."""
    draft, made = approving.propose_reversal(session, actor, id, entry_id, wish)
    response.status_code = 201 if made else 200
    return _draft(session, actor, draft, response)


def _entry(card: EntryCard) -> EntryRead:
    named = {name: getattr(card, name) for name in EntryRead.model_fields if name != "amount"}
    return EntryRead(amount=card.amount_fen, **named)


def _vouchers(session: Session, entry: JournalEntry) -> list[DraftVoucher]:
    return vouchers_of(session, entry.compound_id, entry.draft_id) if entry.draft_id else []


def _draft(session: Session, actor: Actor, draft: Draft, response: Response) -> DraftRead:
    response.headers["ETag"] = f'"{draft.version}"'
    account, category = sides_of(session, draft)
    return DraftRead(
        id=draft.id,
        kind=draft.kind,
        account=account.code if account else None,
        category=category.code if category else None,
        state=draft.state,
        version=draft.version,
        amount=draft.amount_fen,
        on_date=draft.on_date,
        counterparty=draft.counterparty,
        purpose=draft.purpose,
        decision_id=draft.decision_id,
        contract_id=draft.contract_id,
        building_id=draft.building_id,
        returned_because=draft.returned_because,
        vouchers=[voucher.id for voucher in vouchers_of(session, draft.compound_id, draft.id)],
        content_hash=content_hash(session, draft),
        approvals_had=len(signatures(session, draft)),
        approvals_needed=approvals_needed(session, draft),
        checks=[
            CheckRead(name=check.name, state=check.colour, words=check.words)
            for check in (checks_of(session, actor, draft) if draft.open else [])
        ],
    )
