"""The officers' desk: write a line with its vouchers, approve or return it, publish a month."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID, uuid5

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from app.access.actors import Actor, Officer
from app.access.actors import officer as officer_of
from app.access.permissions import Permission
from app.compounds.rules import rule
from app.council.models import Decision
from app.council.queries import decision_choices
from app.kit.clock import said_month, short_day, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import decimal_string, yuan
from app.kit.pictures import PictureProblem, receive
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.photos.intake import TakenIn, take_in_paper
from app.photos.models import Photo
from app.photos.queries import photos_of
from app.photos.schemas import Capture
from app.photos.service import keep, page_id
from app.treasury import approving, drafting, policy, publishing
from app.treasury.bank_queries import bank_checks
from app.treasury.checks import Check, checks_of
from app.treasury.contract_models import Contract
from app.treasury.contract_queries import contract_choices, contract_for
from app.treasury.draft_queries import (
    DraftCard,
    Waiting,
    content_hash,
    draft_for,
    entry_of_draft,
    hands,
    my_drafts,
    reversed_entry,
    vouchers_of,
    waiting_for,
)
from app.treasury.journal import accounts_by_code
from app.treasury.models import (
    Code,
    Draft,
    DraftKind,
    DraftState,
    DraftVoucher,
    Use,
    VoucherMissing,
)
from app.treasury.queries import EntryCard, card_of, last_day
from app.treasury.schemas import ApproveWish, BookWish, MonthWish, ReasonWish
from app.treasury.searching import buildings
from app.treasury.statement import Document
from app.treasury.statement_queries import months_to_publish, statement_document

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledBook = Annotated[Filled[BookWish], filled(BookWish)]
FilledReason = Annotated[Filled[ReasonWish], filled(ReasonWish)]
FilledApproval = Annotated[Filled[ApproveWish], filled(ApproveWish)]
FilledMonth = Annotated[Filled[MonthWish], filled(MonthWish)]


@dataclass(frozen=True)
class Pictures:
    """What came with a form: pictures that could be read, and what is wrong with the first that could not."""

    taken_in: list[tuple[UUID, TakenIn]]
    problem: str | None


async def pictures_in(request: Request, form: FilledBook) -> Pictures:
    """The slow part, before the transaction, and only for somebody who may book. A picture's id follows from its bytes,
    so the same form sent twice brings the same vouchers.
    """
    state = request.app.state
    taken_in: list[tuple[UUID, TakenIn]] = []
    problem = None
    async with request.form() as sent:  # closes the files
        await state.db.look(lambda session: officer_of(session, request).need(Permission.BOOK_MONEY))
        files = [file for file in sent.getlist("photos") if isinstance(file, UploadFile) and file.filename]
        for number, file in enumerate(files, 1):
            try:
                with await receive(file, state.desk.directory) as received:
                    pages = await to_thread.run_sync(take_in_paper, state.desk, state.blobs, received, Capture())
                taken_in.extend((page_id(uuid5(form.id, page.sha256), page.page), page) for page in pages)
            except PictureProblem as no:
                problem = problem or _("第 %(n)s 张：%(says)s%(advice)s", n=number, says=no.message, advice=no.next_step)
    return Pictures(taken_in, problem)


PicturesIn = Annotated[Pictures, Depends(pictures_in), TakesFiles()]


@dataclass(frozen=True)
class BookPage(View):
    template = "treasury/book.html"

    form: Filled[BookWish]
    kind: str
    draft: Draft | None
    categories: list[tuple[str, str]]
    accounts: list[tuple[str, str]]
    decisions: list[tuple[UUID, str]]
    contracts: list[tuple[UUID, str]]
    """For income."""
    buildings: list[tuple[UUID, str]]
    kept: list[UUID]
    vouchers: list[DraftVoucher]


@dataclass(frozen=True)
class DraftsPage(View):
    template = "treasury/drafts.html"
    tab = "money"

    mine: list[DraftCard]
    waiting: Waiting
    can_book: bool
    can_approve: bool


@dataclass(frozen=True)
class DraftPage(View):
    template = "treasury/draft.html"
    tab = "money"

    draft: Draft
    category: str | None
    building: str | None
    author: str
    vouchers: list[DraftVoucher]
    decision: Decision | None
    contract: Contract | None
    entry_id: UUID | None
    reverses: EntryCard | None
    checks: list[Check]
    refused: bool
    seen: str
    form: Filled[ReasonWish]
    can_edit: bool
    can_redact: bool
    can_approve: bool


@dataclass(frozen=True)
class PublishPage(View):
    template = "treasury/publish.html"
    tab = "money"

    months: list[tuple[str, str]]
    chosen: str
    document: Document | None
    checks: list[Check]
    """How each account of money stands against the bank at the month's end."""
    refused: bool


@router.get("/book")
def show_book(
    session: DbSession, actor: Officer, kind: Literal["income", "expense"] = "expense", contract: UUID | None = None
) -> BookPage:
    """`contract`: whose rent has come; what it says is typed already."""
    actor.need(Permission.BOOK_MONEY)
    typed = {"kind": kind, "on_date": today().isoformat(), "account": Code.BANK.value}
    return book_page(session, actor, empty(typed | (rent_of(session, actor, contract) if contract else {})))


@router.post("/book")
def post_book(session: DbSession, actor: Officer, request: Request, form: FilledBook, pictures: PicturesIn) -> Response:
    """Pictures that could be read are kept whatever else is wrong: nobody photographs a receipt twice for a typing slip."""
    photos = kept_photos(session, actor, form, pictures)
    if form.wish is None or pictures.problem:
        return book_page(session, actor, with_pictures(form, pictures), photos).reply(request, 422)
    try:
        draft, _made = drafting.save_draft(session, actor, form.id, form.wish, photos)
        if form.wish.act == "submit":
            drafting.submit(session, actor, draft.id)
    except VoucherMissing as no:  # saved all the same: the photo may be taken later
        return see_other(f"{actor.frame.base}/money/drafts/{form.id}", f"{_('已存成草稿。')}{no.message}")
    except Malformed as no:
        return book_page(session, actor, form.with_refusal(no), photos).reply(request, 422)
    words = _("已提交，等监督委员批准。") if form.wish.act == "submit" else _("已存成草稿。")
    return see_other(f"{actor.frame.base}/money/drafts/{draft.id}", words)


@router.get("/drafts")
def show_drafts(session: DbSession, actor: Officer) -> DraftsPage:
    if not policy.can_see_drafts(actor):
        raise NotAllowed
    return DraftsPage(
        actor.frame, my_drafts(session, actor), waiting_for(session, actor), policy.can_book(actor), policy.can_approve(actor)
    )


@router.get("/drafts/{draft_id}")
def show_draft(session: DbSession, actor: Officer, draft_id: UUID) -> DraftPage:
    return draft_page(session, actor, draft_id)


@router.get("/drafts/{draft_id}/edit")
def show_edit(session: DbSession, actor: Officer, draft_id: UUID) -> BookPage:
    draft = draft_for(session, actor, draft_id)
    if not policy.can_edit(actor, draft) or draft.kind == DraftKind.REVERSAL:
        raise NotAllowed
    codes: dict[UUID | None, str] = {
        account.id: account.code for account in accounts_by_code(session, actor.compound.id).values()
    }
    typed = {
        "kind": draft.kind,
        "category": codes.get(draft.category_id),
        "account": codes.get(draft.money_id),
        "amount": decimal_string(draft.amount_fen),
        "on_date": draft.on_date.isoformat(),
        "counterparty": draft.counterparty,
        "purpose": draft.purpose,
        "decision_id": str(draft.decision_id or ""),
        "contract_id": str(draft.contract_id or ""),
        "building_id": str(draft.building_id or ""),
    }
    return book_page(session, actor, Filled(draft.id, draft.version, typed, None), draft=draft)


@router.post("/drafts/{draft_id}/edit")
def post_edit(
    session: DbSession, actor: Officer, request: Request, draft_id: UUID, form: FilledBook, pictures: PicturesIn
) -> Response:
    draft = draft_for(session, actor, draft_id)
    photos = kept_photos(session, actor, form, pictures)
    if form.wish is None or pictures.problem:
        return book_page(session, actor, with_pictures(form, pictures), photos, draft).reply(request, 422)
    try:
        drafting.edit_draft(session, actor, draft_id, form.version or 0, form.wish, photos)
        if form.wish.act == "submit":
            drafting.submit(session, actor, draft_id)
    except VoucherMissing as no:
        return see_other(f"{actor.frame.base}/money/drafts/{draft_id}", f"{_('已存成草稿。')}{no.message}")
    except Malformed as no:
        return book_page(session, actor, form.with_refusal(no), photos, draft).reply(request, 422)
    except Stale as no:
        now_says = _(
            "现在写的是：%(what)s，%(amount)s。再按一次，就改成您写的。", what=draft.purpose, amount=yuan(draft.amount_fen)
        )
        mine = form.seen_again(draft.version, "purpose", f"{no.message}{now_says}")
        return book_page(session, actor, mine, photos, draft).reply(request, no.status)
    words = _("改好了，等监督委员批准。") if form.wish.act == "submit" else _("改好了。")
    return see_other(f"{actor.frame.base}/money/drafts/{draft_id}", words)


@router.post("/drafts/{draft_id}/submit")
def post_submit(session: DbSession, actor: Officer, draft_id: UUID) -> Response:
    drafting.submit(session, actor, draft_id)
    return see_other(f"{actor.frame.base}/money/drafts/{draft_id}", _("已提交，等监督委员批准。"))


@router.post("/drafts/{draft_id}/return")
def post_return(session: DbSession, actor: Officer, request: Request, draft_id: UUID, form: FilledReason) -> Response:
    actor.need(Permission.APPROVE_MONEY)
    if form.wish is None:
        return draft_page(session, actor, draft_id, form).reply(request, 422)
    approving.return_draft(session, actor, draft_id, form.wish)
    return see_other(f"{actor.frame.base}/money/drafts", _("已退回，记账人会看到原因。"))


@router.post("/drafts/{draft_id}/approve")
def post_approve(session: DbSession, actor: Officer, draft_id: UUID, form: FilledApproval) -> Response:
    actor.need(Permission.APPROVE_MONEY)
    if form.wish is None:  # the form holds no field that a person fills
        raise Malformed
    entry = approving.approve(session, actor, draft_id, form.wish)
    return see_other(f"{actor.frame.base}/money/entries/{entry.id}", _("批准了，已经入账公开。"))


@router.get("/publish")
def show_publish(session: DbSession, actor: Officer, month: str = "") -> PublishPage:
    actor.need(Permission.PUBLISH_MONEY)
    open_months = {f"{first:%Y-%m}": first for first in months_to_publish(session, actor.compound.id)}
    first = open_months.get(month) or next(iter(open_months.values()), None)
    document = Document.of(statement_document(session, actor.compound.id, first, last_day(first))) if first else None
    months = [(key, said_month(day)) for key, day in open_months.items()]
    checks = balance_checks(session, actor.compound.id, last_day(first)) if first else []
    refused = any(check.state == "fix" for check in checks)
    return PublishPage(actor.frame, months, f"{first:%Y-%m}" if first else "", document, checks, refused)


@router.post("/publish")
def post_publish(session: DbSession, actor: Officer, form: FilledMonth) -> Response:
    actor.need(Permission.PUBLISH_MONEY)
    if form.wish is None:
        raise Malformed
    statement = publishing.publish_month(session, actor, form.wish)
    return see_other(f"{actor.frame.base}/money/statements/{statement.id}", _("公布了，异议期从现在开始。"))


def balance_checks(session: Session, compound_id: UUID, until: date) -> list[Check]:
    """What the verb looks at before it publishes, in words."""
    required = rule(session, compound_id, "bank_check_required")
    checks = []
    for check in bank_checks(session, compound_id, until):
        if check.on and check.difference_fen:
            words = _(
                "不通过：%(account)s%(day)s差 %(fen)s", account=check.name, day=short_day(check.on), fen=yuan(check.gap_fen)
            )
            checks.append(Check("fix", words))
        elif check.on:
            words = _("通过：%(account)s%(day)s和银行一致", account=check.name, day=short_day(check.on))
            checks.append(Check("sent", words))
        elif check.used:
            words = _("不通过：%(account)s还没有对过账") if required else _("请看：%(account)s还没有对过账")
            checks.append(Check("fix" if required else "kept", words % {"account": check.name}))
    return checks


def kept_photos(session: Session, actor: Actor, form: Filled[BookWish], pictures: Pictures) -> list[Photo]:
    """The rows of what came with this form, and of what came with its earlier tries."""
    fresh = [keep(session, actor.compound.id, id, taken, actor.person_id).photo for id, taken in pictures.taken_in]
    known = {photo.id for photo in fresh}
    earlier = photos_of(session, actor.compound.id, {id for id in typed_ids(form) if id not in known})
    return [*fresh, *(photo for photo in earlier.values() if photo.taken_by_id == actor.person_id)]


def typed_ids(form: Filled[BookWish]) -> list[UUID]:
    """The hidden `kept` of a form, also when something else in it was wrong."""
    ids = []
    for text in form.typed.get("kept", []):
        with suppress(ValueError):
            ids.append(UUID(text))
    return ids


def with_pictures(form: Filled[BookWish], pictures: Pictures) -> Filled[BookWish]:
    return form.with_problem("photos", pictures.problem) if pictures.problem else form


def book_page(
    session: Session, actor: Actor, form: Filled[BookWish], photos: list[Photo] | None = None, draft: Draft | None = None
) -> BookPage:
    kind = form.typed.get("kind")
    use = Use.INCOME if kind == DraftKind.INCOME else Use.EXPENSE
    chart = accounts_by_code(session, actor.compound.id).values()
    vouchers = vouchers_of(session, actor.compound.id, draft.id) if draft else []
    hanging = {voucher.id for voucher in vouchers}
    return BookPage(
        actor.frame,
        form,
        use.value,
        draft,
        [(account.code, account.name) for account in chart if account.use == use],
        [(account.code, account.name) for account in chart if account.use == Use.MONEY],
        decision_choices(session, actor),
        contract_choices(session, actor) if use is Use.INCOME else [],
        buildings(session, actor.compound.id),
        [photo.id for photo in photos or [] if photo.id not in hanging],
        vouchers,
    )


def rent_of(session: Session, actor: Actor, contract_id: UUID) -> dict[str, str]:
    """The next payment of a contract, as somebody would type it."""
    card = contract_for(session, actor, contract_id)
    return {
        "kind": Use.INCOME.value,
        "category": card.code,
        "amount": decimal_string(card.asked_fen),
        "counterparty": card.contract.counterparty,
        "purpose": card.contract.what,
        "decision_id": str(card.contract.decision_id or ""),
        "contract_id": str(contract_id),
    }


def draft_page(session: Session, actor: Actor, draft_id: UUID, form: Filled[ReasonWish] | None = None) -> DraftPage:
    draft = draft_for(session, actor, draft_id)
    names = {account.id: account.name for account in accounts_by_code(session, actor.compound.id).values()}
    entry, reverses = entry_of_draft(session, draft), reversed_entry(session, draft)
    approving = policy.can_approve(actor) and draft.state == DraftState.SUBMITTED
    checks = checks_of(session, actor, draft) if approving else []
    return DraftPage(
        actor.frame,
        draft,
        names.get(draft.category_id) if draft.category_id else None,
        dict(buildings(session, draft.compound_id)).get(draft.building_id) if draft.building_id else None,
        hands(session, actor, draft)[0],
        vouchers_of(session, draft.compound_id, draft.id),
        session.get(Decision, (draft.compound_id, draft.decision_id)) if draft.decision_id else None,
        session.get(Contract, (draft.compound_id, draft.contract_id)) if draft.contract_id else None,
        entry.id if entry else None,
        card_of(session, reverses) if reverses else None,
        checks,
        any(check.state == "fix" for check in checks),
        content_hash(session, draft),
        form or empty(),
        policy.can_edit(actor, draft) and draft.kind != DraftKind.REVERSAL,
        policy.can_publish(actor),
        approving,
    )
