"""Writing a line with its vouchers: the four faces of booking, and an opening balance."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from app.access.actors import Actor, Officer
from app.access.permissions import Permission
from app.council.queries import decision_choices
from app.kit.clock import short_day, today
from app.kit.forms import Filled, empty, filled
from app.kit.i18n import _, mark
from app.kit.money import decimal_string, yuan
from app.kit.refusals import Malformed, NotAllowed
from app.kit.requests import DbSession, OneTransaction, TakesFiles
from app.kit.versions import Stale
from app.kit.views import View, see_other
from app.photos.arriving import Sent, sent_papers
from app.photos.models import Photo
from app.photos.queries import photos_of
from app.photos.service import keep
from app.treasury import drafting, policy
from app.treasury.chart_models import FUND_SAYS, Fund, LedgerAccount, Use
from app.treasury.chart_queries import funds_open, last_account, named_funds, offered, used_most
from app.treasury.contract_queries import contract_choices, contract_for
from app.treasury.covering import booker
from app.treasury.draft_models import OTHER_SIDE, Draft, DraftKind, DraftState, GroundsMissing
from app.treasury.draft_queries import draft_for, sides_of, vouchers_of
from app.treasury.draft_schemas import BookWish
from app.treasury.fund_charts import bank_of
from app.treasury.journal import accounts_by_code
from app.treasury.schemas import FundText
from app.treasury.searching import buildings
from app.treasury.voucher_models import DraftVoucher

router = APIRouter(route_class=OneTransaction, prefix="/money", include_in_schema=False)

FilledBook = Annotated[Filled[BookWish], filled(BookWish)]
PapersIn = Annotated[Sent, sent_papers(booker, "photos"), TakesFiles()]


@dataclass(frozen=True)
class Face:
    """What a kind of line asks for, in words; "" is not asked."""

    title: str
    on_date: str
    category: str
    account: str
    counterparty: str


FACES = {
    DraftKind.INCOME: Face(mark("记一笔收入"), mark("哪天收的"), mark("类别"), mark("钱在哪里"), mark("谁付的")),
    DraftKind.EXPENSE: Face(mark("记一笔支出"), mark("哪天付的"), mark("类别"), mark("钱在哪里"), mark("付给谁")),
    DraftKind.TRANSFER: Face(mark("记一笔转账"), mark("哪天转的"), mark("转到哪里"), mark("从哪里转出"), ""),
    DraftKind.HELD_IN: Face(mark("代收一笔钱"), mark("哪天收的"), mark("是什么钱"), mark("钱在哪里"), mark("谁交来的")),
    DraftKind.HELD_OUT: Face(mark("代付一笔钱"), mark("哪天付的"), mark("是什么钱"), mark("钱在哪里"), mark("付给谁")),
    DraftKind.OPENING: Face(mark("录入期初余额"), mark("截至哪天"), "", mark("哪个科目"), ""),
}
HELD_KINDS = (DraftKind.HELD_IN, DraftKind.HELD_OUT)

MOST_TILES = 6
"""Categories that are one tap away; the others unfold."""

Kind = Literal["income", "expense", "transfer", "held_in", "held_out", "opening"]
Choice = tuple[str, str]
"""(What is sent, what is read)."""


@dataclass(frozen=True)
class BookPage(View):
    template = "treasury/book.html"

    form: Filled[BookWish]
    face: Face
    kind: str
    fund: Fund
    funds: list[Choice]
    """Where there is more than one to choose from."""
    missing: str | None
    """The fund that this kind needs and that is not open."""
    draft: Draft | None
    categories: list[Choice]
    more_categories: list[Choice]
    accounts: list[Choice]
    rest: str
    """What the folded part says: the day, and where the money is."""
    decisions: list[tuple[UUID, str]]
    contracts: list[tuple[UUID, str]]
    """For income."""
    buildings: list[tuple[UUID, str]]
    kept: list[UUID]
    vouchers: list[DraftVoucher]


@router.get("/book")
def show_book(
    session: DbSession, actor: Officer, kind: Kind = "expense", fund: FundText = "", contract: UUID | None = None
) -> BookPage:
    """`contract`: whose rent has come; what it says is typed already."""
    actor.need(Permission.BOOK_MONEY)
    typed = {"kind": kind, "fund": fund, "on_date": today().isoformat()}
    return book_page(session, actor, empty(typed | (rent_of(session, actor, contract) if contract else {})))


@router.post("/book")
def post_book(session: DbSession, actor: Officer, request: Request, form: FilledBook, pictures: PapersIn) -> Response:
    """Pictures that could be read are kept whatever else is wrong: nobody photographs a receipt twice for a typing slip."""
    photos = kept_photos(session, actor, form, pictures)
    if form.wish is None or pictures.problem:
        return book_page(session, actor, with_pictures(form, pictures), photos).reply(request, 422)
    try:
        draft, made = drafting.save_draft(session, actor, form.id, form.wish, photos)
        if made and form.wish.act == "submit":  # the same form again undoes nothing that has happened since, such as a return
            drafting.submit(session, actor, draft.id)
    except GroundsMissing as no:  # saved all the same: the photo may be taken later
        return see_other(f"{actor.frame.base}/money/drafts/{form.id}", f"{_('已存成草稿。')}{no.message}")
    except Malformed as no:
        return book_page(session, actor, form.with_refusal(no), photos).reply(request, 422)
    words = {DraftState.SUBMITTED: _("已提交，等监督委员批准。"), DraftState.DRAFT: _("已存成草稿。")}
    return see_other(f"{actor.frame.base}/money/drafts/{draft.id}", words.get(DraftState(draft.state), ""))


@router.get("/drafts/{draft_id}/edit")
def show_edit(session: DbSession, actor: Officer, draft_id: UUID) -> BookPage:
    draft = draft_for(session, actor, draft_id)
    if not policy.can_edit(actor, draft) or draft.kind == DraftKind.REVERSAL:
        raise NotAllowed
    account, category = sides_of(session, draft)
    assert account, "only a reversal has none"
    assert category, "and no category either"
    typed = {
        "kind": draft.kind,
        "fund": account.fund,
        "category": category.code,
        "account": account.code,
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
    except GroundsMissing as no:
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
    kind = DraftKind(form.typed["kind"]) if form.typed.get("kind") in FACES else DraftKind.EXPENSE
    fits = [fund for fund in funds_open(session, actor.compound.id) if _keeps(fund, kind)]
    needed = fits[0] if fits else Fund.HELD if kind in HELD_KINDS else Fund.PUBLIC_INCOME
    fund = next((fund for fund in fits if fund == form.typed.get("fund")), needed)
    accounts, categories = sides(session, actor, kind, fund)
    typed = {"account": last_account(session, actor, accounts) or bank_of(fund), **form.typed}
    chosen = [account for account in categories if account.code == typed.get("category")]
    tiles = used_most(session, categories, MOST_TILES)
    vouchers = vouchers_of(session, actor.compound.id, draft.id) if draft else []
    hanging = {voucher.id for voucher in vouchers}
    return BookPage(
        actor.frame,
        replace(form, typed=typed),
        FACES[kind],
        kind,
        fund,
        named_funds(fits) if len(fits) > 1 and draft is None else [],
        None if fits else _(FUND_SAYS[fund]),
        draft,
        [(account.code, account.name) for account in categories if account in tiles or account in chosen],
        [(account.code, account.name) for account in categories if account not in tiles and account not in chosen],
        [(account.code, account.name) for account in accounts],
        _rest(typed, accounts),
        decision_choices(session, actor),
        contract_choices(session, actor) if kind is DraftKind.INCOME else [],
        buildings(session, actor.compound.id),
        [photo.id for photo in photos or [] if photo.id not in hanging],
        vouchers,
    )


def rent_of(session: Session, actor: Actor, contract_id: UUID) -> dict[str, str]:
    """The next payment of a contract, as somebody would type it."""
    card = contract_for(session, actor, contract_id)
    return {
        "kind": DraftKind.INCOME.value,
        "fund": card.fund,
        "category": card.code,
        "amount": decimal_string(card.asked_fen),
        "counterparty": card.contract.counterparty,
        "purpose": card.contract.what,
        "decision_id": str(card.contract.decision_id or ""),
        "contract_id": str(contract_id),
    }


def _rest(typed: Mapping[str, Any], accounts: list[LedgerAccount]) -> str:
    said = [account.name for account in accounts if account.code == typed["account"]]
    with suppress(ValueError):
        said.insert(0, short_day(date.fromisoformat(typed.get("on_date", ""))))
    return _("，").join(said)


def _keeps(fund: Fund, kind: DraftKind) -> bool:
    """Whether such a line may be booked in this fund."""
    return kind in (DraftKind.TRANSFER, DraftKind.OPENING) or (fund is Fund.HELD) == (kind in HELD_KINDS)


def sides(session: Session, actor: Actor, kind: DraftKind, fund: Fund) -> tuple[list[LedgerAccount], list[LedgerAccount]]:
    """Which accounts a kind of line offers on its first side, and which categories."""
    compound_id = actor.compound.id
    if kind is DraftKind.OPENING:
        chart = accounts_by_code(session, compound_id).values()
        return [one for one in chart if one.fund == fund and one.holds and one.retired_at is None], []
    return offered(session, compound_id, fund, Use.MONEY), offered(session, compound_id, fund, OTHER_SIDE[kind])
