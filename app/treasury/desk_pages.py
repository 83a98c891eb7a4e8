"""The officers' desk: write a line with its vouchers, approve or return it, publish a month."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.compounds.rules import rule
from app.council.models import Decision
from app.council.queries import decision_choices
from app.kit.clock import said_month, short_day, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _
from app.kit.money import decimal_string, yuan
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.photos.arriving import Sent, sent_papers
from app.photos.models import Photo
from app.photos.queries import photos_of
from app.photos.service import keep
from app.treasury import approving, drafting, policy, publishing
from app.treasury.bank_queries import bank_checks
from app.treasury.checks import Check, checks_of
from app.treasury.covering import booker
from app.treasury.draft_queries import (
    DraftCard,
    Waiting,
    approvals_needed,
    content_hash,
    draft_for,
    entry_of_draft,
    hands,
    my_drafts,
    reversed_entry,
    signatures,
    vouchers_of,
    waiting_for,
)
from app.treasury.journal import accounts_by_code
from app.treasury.models import (
    Code,
    DecisionMissing,
    Draft,
    DraftKind,
    DraftState,
    DraftVoucher,
    Use,
    VoucherMissing,
)
from app.treasury.queries import EntryCard, card_of, last_day
from app.treasury.schemas import ApproveWish, BookWish, MonthWish, ReasonWish
from app.treasury.statement import Document
from app.treasury.statement_queries import months_to_publish, statement_document

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledBook = Annotated[Filled[BookWish], filled(BookWish)]
FilledReason = Annotated[Filled[ReasonWish], filled(ReasonWish)]
FilledApproval = Annotated[Filled[ApproveWish], filled(ApproveWish)]
FilledMonth = Annotated[Filled[MonthWish], filled(MonthWish)]
PapersIn = Annotated[Sent, sent_papers(booker, "photos"), TakesFiles()]


@dataclass(frozen=True)
class BookPage(View):
    template = "treasury/book.html"

    form: Filled[BookWish]
    kind: str
    draft: Draft | None
    categories: list[tuple[str, str]]
    accounts: list[tuple[str, str]]
    decisions: list[tuple[UUID, str]]
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
    author: str
    approvers: list[str]
    needed: int
    """How many have to approve."""
    signed: bool
    """Whether one of them is the reader."""
    vouchers: list[DraftVoucher]
    decision: Decision | None
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
def show_book(session: DbSession, actor: Officer, kind: Literal["income", "expense"] = "expense") -> BookPage:
    actor.need(Permission.BOOK_MONEY)
    return book_page(session, actor, empty({"kind": kind, "on_date": today().isoformat(), "account": Code.BANK.value}))


@router.post("/book")
def post_book(session: DbSession, actor: Officer, request: Request, form: FilledBook, pictures: PapersIn) -> Response:
    """Pictures that could be read are kept whatever else is wrong: nobody photographs a receipt twice for a typing slip."""
    photos = kept_photos(session, actor, form, pictures)
    if form.wish is None or pictures.problem:
        return book_page(session, actor, with_pictures(form, pictures), photos).reply(request, 422)
    try:
        draft, _made = drafting.save_draft(session, actor, form.id, form.wish, photos)
        if form.wish.act == "submit":
            drafting.submit(session, actor, draft.id)
    except (VoucherMissing, DecisionMissing) as no:  # saved all the same: the photo may be taken later
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
    }
    return book_page(session, actor, Filled(draft.id, draft.version, typed, None), draft=draft)


@router.post("/drafts/{draft_id}/edit")
def post_edit(
    session: DbSession, actor: Officer, request: Request, draft_id: UUID, form: FilledBook, pictures: PapersIn
) -> Response:
    draft = draft_for(session, actor, draft_id)
    photos = kept_photos(session, actor, form, pictures)
    if form.wish is None or pictures.problem:
        return book_page(session, actor, with_pictures(form, pictures), photos, draft).reply(request, 422)
    try:
        drafting.edit_draft(session, actor, draft_id, form.version or 0, form.wish, photos)
        if form.wish.act == "submit":
            drafting.submit(session, actor, draft_id)
    except (VoucherMissing, DecisionMissing) as no:
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
    if entry is None:
        return see_other(f"{actor.frame.base}/money/drafts/{draft_id}", _("批准了，还差另一位监督委员。"))
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
            checks.append(Check("fix", words, "bank"))
        elif check.on:
            words = _("通过：%(account)s%(day)s和银行一致", account=check.name, day=short_day(check.on))
            checks.append(Check("sent", words, "bank"))
        elif check.used:
            words = _("不通过：%(account)s还没有对过账") if required else _("请看：%(account)s还没有对过账")
            checks.append(Check("fix" if required else "kept", words % {"account": check.name}, "bank"))
    return checks


def kept_photos(session: Session, actor: Actor, form: Filled[BookWish], pictures: Sent) -> list[Photo]:
    """The rows of what came with this form, and of what came with its earlier tries."""
    fresh = [keep(session, actor.compound.id, id, taken, actor.person_id).photo for id, taken in pictures.taken.items()]
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


def with_pictures(form: Filled[BookWish], pictures: Sent) -> Filled[BookWish]:
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
        [photo.id for photo in photos or [] if photo.id not in hanging],
        vouchers,
    )


def draft_page(session: Session, actor: Actor, draft_id: UUID, form: Filled[ReasonWish] | None = None) -> DraftPage:
    draft = draft_for(session, actor, draft_id)
    names = {account.id: account.name for account in accounts_by_code(session, actor.compound.id).values()}
    entry, reverses = entry_of_draft(session, draft), reversed_entry(session, draft)
    approving = policy.can_approve(actor) and draft.state == DraftState.SUBMITTED
    checks = checks_of(session, actor, draft) if approving else []
    author, approvers = hands(session, actor, draft)
    return DraftPage(
        actor.frame,
        draft,
        names.get(draft.category_id) if draft.category_id else None,
        author,
        approvers,
        approvals_needed(session, draft),
        any(one.approver_id == actor.person_id for one in signatures(session, draft)),
        vouchers_of(session, draft.compound_id, draft.id),
        session.get(Decision, (draft.compound_id, draft.decision_id)) if draft.decision_id else None,
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
