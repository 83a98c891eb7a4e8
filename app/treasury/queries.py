"""What there is to see: the journal and the statements are public; drafts concern those who write, approve or audit them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, case, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.actors import Actor, Visitor
from app.compounds.models import Ownership, Person, Residency
from app.compounds.names import known_as
from app.compounds.rules import rule
from app.compounds.terms import holds
from app.council.models import Decision
from app.kit.clock import today
from app.kit.i18n import _
from app.kit.pager import Asked, Listing, Page
from app.kit.records import columns, pointing
from app.kit.refusals import NotAllowed, NotFound
from app.photos.models import Photo, PhotoSize
from app.photos.queries import photos_of
from app.publiclog.queries import entries_of_record
from app.treasury import policy
from app.treasury.journal import published_until
from app.treasury.models import (
    FUND_SAYS,
    Approval,
    Code,
    Draft,
    DraftKind,
    DraftState,
    DraftVoucher,
    EntryKind,
    Fund,
    JournalEntry,
    LedgerAccount,
    Posting,
    ReversalProposal,
    Statement,
    Use,
)

MONTHS = 12


@dataclass(frozen=True, slots=True)
class EntryCard:
    """One line of the public ledger. `voucher_id`: of a public copy to show; `vouchers` counts all, `released` those."""

    id: UUID
    number: str
    on_date: date
    kind: str
    category: str | None
    memo: str
    counterparty: str
    amount_fen: int
    voucher_id: UUID | None
    vouchers: int
    released: int
    reverses_id: UUID | None
    reversed_by_id: UUID | None


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """`balance_fen` at the end of the month, or now in the running one."""

    month: date
    income_fen: int
    expense_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class BalanceCard:
    """Public: what cash and bank hold, this month's in and out, and the last twelve months, oldest first."""

    balance_fen: int
    income_fen: int
    expense_fen: int
    months: tuple[MonthEnd, ...]


@dataclass(frozen=True, slots=True)
class DraftCard:
    id: UUID
    kind: str
    state: str
    purpose: str
    category: str | None
    on_date: date
    signed_fen: int
    author: str
    returned_because: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for this officer: drafts to approve, their own that came back, and lines whose vouchers nobody sees yet."""

    to_approve: list[DraftCard]
    returned: list[DraftCard]
    to_release: list[EntryCard]


class Check(NamedTuple):
    """`state`: "sent" passed · "kept" look here · "fix" refused (components/check_list.html)."""

    state: str
    words: str


_other = aliased(JournalEntry)


def _of_draft(*wanted: Any) -> Any:
    return (
        select(*wanted)
        .where(DraftVoucher.compound_id == JournalEntry.compound_id, DraftVoucher.draft_id == JournalEntry.draft_id)
        .correlate(JournalEntry)
    )


_RELEASED = col(DraftVoucher.released_at).is_not(None)

ENTRY_CARDS = (
    columns(
        JournalEntry.id,
        JournalEntry.year,
        JournalEntry.number,
        JournalEntry.on_date,
        JournalEntry.kind,
        col(LedgerAccount.name).label("category"),
        JournalEntry.memo,
        JournalEntry.counterparty,
        JournalEntry.amount_fen,
        JournalEntry.reverses_id,
        col(_other.id).label("reversed_by_id"),
        _of_draft(col(DraftVoucher.public_id))
        .where(_RELEASED)
        .order_by(col(DraftVoucher.position), col(DraftVoucher.id))
        .limit(1)
        .scalar_subquery()
        .label("voucher_id"),
        _of_draft(func.count()).scalar_subquery().label("vouchers"),
        _of_draft(func.count()).where(_RELEASED).scalar_subquery().label("released"),
    )
    .outerjoin(LedgerAccount, pointing(JournalEntry, "category_id", LedgerAccount))
    .outerjoin(_other, and_(col(_other.compound_id) == JournalEntry.compound_id, col(_other.reverses_id) == JournalEntry.id))
    .where(JournalEntry.compound_id == bindparam("compound_id"))
)


def card_from(row: Row[Any]) -> EntryCard:
    named = {name: getattr(row, name) for name in EntryCard.__slots__ if name != "number"}
    return EntryCard(number=f"{row.year}-{row.number}", **named)


_TO_RELEASE = ENTRY_CARDS.where(_of_draft(func.count()).where(~_RELEASED).scalar_subquery() > 0).order_by(
    col(JournalEntry.on_date), col(JournalEntry.id)
)

STATEMENTS = Listing(
    "statements",
    columns(Statement).where(Statement.compound_id == bindparam("compound_id")),
    col(Statement.from_on),
    col(Statement.id),
    lambda row: row.Statement,
    newest_first=True,
)


def statements(session: Session, visitor: Visitor, asked: Asked) -> Page[Statement]:
    """The latest month first. Raises BadCursor."""
    return STATEMENTS.page(session, asked, compound_id=visitor.compound.id)


def entry_for(session: Session, visitor: Visitor, id: UUID) -> JournalEntry:
    """Raises NotFound for absent and foreign alike."""
    entry = session.get(JournalEntry, (visitor.compound.id, id))
    if entry is None:
        raise NotFound
    return entry


def card_of(session: Session, entry: JournalEntry) -> EntryCard:
    statement = ENTRY_CARDS.where(JournalEntry.id == bindparam("id"))
    return card_from(session.execute(statement, {"compound_id": entry.compound_id, "id": entry.id}).one())


def lines_of(session: Session, entry: JournalEntry) -> list[tuple[str, str, int]]:
    """(code, account, fen), debit > 0."""
    rows = session.exec(
        select(LedgerAccount.code, LedgerAccount.name, Posting.amount_fen)
        .join(Posting, and_(col(Posting.compound_id) == LedgerAccount.compound_id, col(Posting.account_id) == LedgerAccount.id))
        .where(Posting.compound_id == entry.compound_id, Posting.entry_id == entry.id)
        .order_by(col(Posting.line))
    )
    return [(code, name, fen) for code, name, fen in rows]


def statement_for(session: Session, visitor: Visitor, id: UUID) -> Statement:
    """Raises NotFound for absent and foreign alike."""
    statement = session.get(Statement, (visitor.compound.id, id))
    if statement is None:
        raise NotFound
    return statement


def balances(session: Session, compound_id: UUID, until: date | None = None) -> list[tuple[LedgerAccount, int]]:
    """Every account with debit minus credit in fen, up to and including a day."""
    posted = (
        select(col(Posting.account_id).label("account_id"), func.sum(Posting.amount_fen).label("fen"))
        .join(JournalEntry, and_(col(JournalEntry.compound_id) == Posting.compound_id, col(JournalEntry.id) == Posting.entry_id))
        .where(Posting.compound_id == compound_id, JournalEntry.on_date <= (until or date.max))
        .group_by(col(Posting.account_id))
        .subquery()
    )
    rows = session.exec(
        select(LedgerAccount, func.coalesce(posted.c.fen, 0))
        .outerjoin(posted, posted.c.account_id == LedgerAccount.id)
        .where(LedgerAccount.compound_id == compound_id)
        .order_by(col(LedgerAccount.code))
    )
    return [(account, int(fen)) for account, fen in rows]


def first_of_month(day: date, months_later: int = 0) -> date:
    months = day.year * 12 + day.month - 1 + months_later
    return date(months // 12, months % 12 + 1, 1)


def balance_card(session: Session, visitor: Visitor) -> BalanceCard:
    """Two sums over the journal's headers, by day: at most some hundred rows however long the books are."""
    compound_id, this_month = visitor.compound.id, first_of_month(today())
    since = first_of_month(this_month, 1 - MONTHS)
    before = session.exec(
        select(func.coalesce(func.sum(JournalEntry.amount_fen), 0)).where(
            JournalEntry.compound_id == compound_id, JournalEntry.on_date < since
        )
    ).one()
    days = session.execute(
        columns(JournalEntry.on_date, JournalEntry.kind, func.sum(JournalEntry.amount_fen))
        .where(JournalEntry.compound_id == compound_id, col(JournalEntry.on_date) >= since)
        .group_by(col(JournalEntry.on_date), col(JournalEntry.kind))
    ).all()
    balance_fen, months = int(before), []
    for later in range(MONTHS):
        month = first_of_month(since, later)
        moved: dict[str, int] = {}
        for day, kind, fen in days:
            if first_of_month(day) == month:
                moved[kind] = moved.get(kind, 0) + int(fen)
        balance_fen += sum(moved.values())
        months.append(MonthEnd(month, moved.get(EntryKind.INCOME, 0), -moved.get(EntryKind.EXPENSE, 0), balance_fen))
    return BalanceCard(balance_fen, months[-1].income_fen, months[-1].expense_fen, tuple(months))


def by_category(session: Session, compound_id: UUID, from_on: date, to_on: date) -> dict[EntryKind, list[tuple[str, str, int]]]:
    """Per side, (code, account, fen) of what moved money in a period, largest first; their sums are income and expense."""
    moved = (  # summed before the accounts are named: else SQLite walks every posting of each account
        select(JournalEntry.kind, Posting.account_id, func.sum(Posting.amount_fen).label("fen"))
        .join(Posting, and_(col(Posting.compound_id) == JournalEntry.compound_id, col(Posting.entry_id) == JournalEntry.id))
        .where(
            JournalEntry.compound_id == compound_id,
            col(JournalEntry.on_date).between(from_on, to_on),
            col(JournalEntry.kind).in_((EntryKind.INCOME, EntryKind.EXPENSE)),
        )
        .group_by(col(JournalEntry.kind), col(Posting.account_id))
        .subquery()
    )
    rows = session.exec(
        select(moved.c.kind, LedgerAccount.code, LedgerAccount.name, moved.c.fen)
        .join(LedgerAccount, and_(col(LedgerAccount.compound_id) == compound_id, col(LedgerAccount.id) == moved.c.account_id))
        .where(LedgerAccount.use != Use.MONEY)
    ).all()
    sides: dict[EntryKind, list[tuple[str, str, int]]] = {EntryKind.INCOME: [], EntryKind.EXPENSE: []}
    for kind, code, name, fen in rows:
        side = EntryKind(kind)
        sides[side].append((code, name, -int(fen) if side is EntryKind.INCOME else int(fen)))
    for parts in sides.values():
        parts.sort(key=lambda part: (-part[2], part[0]))
    return sides


def statement_document(session: Session, compound_id: UUID, from_on: date, to_on: date) -> dict[str, Any]:
    """What is frozen when a period is published (amounts in fen, signed as they moved the money).

    What the books were opened with in the period counts as its opening balance. closing = opening + income − expense,
    which is what cash and bank hold on `to_on`.
    """
    cards = [
        card_from(row)
        for row in session.execute(
            ENTRY_CARDS.where(
                JournalEntry.kind != EntryKind.INTERNAL, col(JournalEntry.on_date).between(bindparam("from"), bindparam("to"))
            ).order_by(col(JournalEntry.on_date), col(JournalEntry.year), col(JournalEntry.number)),
            {"compound_id": compound_id, "from": from_on, "to": to_on},
        )
    ]
    references = _references(session, compound_id, from_on, to_on)
    funds = [_fund(session, compound_id, fund, from_on, to_on) for fund in funds_kept(session, compound_id)]
    ends = {account.code: fen for account, fen in balances(session, compound_id, to_on)}
    sides = by_category(session, compound_id, from_on, to_on)
    totals = {name: sum(fund[name] for fund in funds) for name in ("opening_fen", "income_fen", "expense_fen", "closing_fen")}
    return {
        "v": 1,
        "type": "statement",
        "from": from_on.isoformat(),
        "to": to_on.isoformat(),
        **totals,
        "funds": [{"fund": fund.value, **sums} for fund, sums in zip(funds_kept(session, compound_id), funds, strict=True)],
        "income": [{"code": code, "name": name, "fen": fen} for code, name, fen in sides[EntryKind.INCOME]],
        "expense": [{"code": code, "name": name, "fen": fen} for code, name, fen in sides[EntryKind.EXPENSE]],
        "stock_fen": ends.get(Code.STOCK, 0),
        "owed_fen": -ends.get(Code.OWED, 0),
        "lines": [
            {
                "entry": str(card.id),
                "number": card.number,
                "on": card.on_date.isoformat(),
                "kind": card.kind,
                "category": card.category or "",
                "memo": card.memo,
                "counterparty": card.counterparty,
                "amount_fen": card.amount_fen,
                "vouchers": card.vouchers,
                "decision": references.get(card.id, ""),
            }
            for card in cards
            if card.kind != EntryKind.OPENING
        ],
    }


def funds_kept(session: Session, compound_id: UUID) -> list[Fund]:
    """In which this compound has accounts."""
    rows = session.exec(select(LedgerAccount.fund).where(LedgerAccount.compound_id == compound_id).distinct())
    return sorted((Fund(fund) for fund in rows), key=list(FUND_SAYS).index)


def _fund(session: Session, compound_id: UUID, fund: Fund, from_on: date, to_on: date) -> dict[str, int]:
    earlier = case((col(JournalEntry.on_date) < from_on, 1), else_=0).label("earlier")
    rows = session.execute(
        columns(JournalEntry.kind, earlier, func.sum(JournalEntry.amount_fen))
        .where(JournalEntry.compound_id == compound_id, JournalEntry.fund == fund, col(JournalEntry.on_date) <= to_on)
        .group_by(col(JournalEntry.kind), earlier)
    ).all()
    opening = sum(int(fen) for kind, earlier, fen in rows if earlier or kind == EntryKind.OPENING)
    moved = {kind: int(fen) for kind, earlier, fen in rows if not earlier}
    income, expense = moved.get(EntryKind.INCOME, 0), -moved.get(EntryKind.EXPENSE, 0)
    return {"opening_fen": opening, "income_fen": income, "expense_fen": expense, "closing_fen": opening + income - expense}


def _references(session: Session, compound_id: UUID, from_on: date, to_on: date) -> dict[UUID, str]:
    rows = session.exec(
        select(JournalEntry.id, Decision)
        .join(Decision, pointing(JournalEntry, "decision_id", Decision))
        .where(JournalEntry.compound_id == compound_id, col(JournalEntry.on_date).between(from_on, to_on))
    )
    return {id: decision.reference for id, decision in rows}


def months_to_publish(session: Session, compound_id: UUID) -> list[date]:
    """First days of the months that are over and not published yet, the oldest first."""
    closed = published_until(session, compound_id)
    begun = session.exec(
        select(col(JournalEntry.on_date))
        .where(JournalEntry.compound_id == compound_id)
        .order_by(col(JournalEntry.on_date))
        .limit(1)
    ).first()
    if begun is None:
        return []
    first = closed + timedelta(days=1) if closed else first_of_month(begun)
    this_month = first_of_month(today())
    count = (this_month.year - first.year) * 12 + this_month.month - first.month
    return [first_of_month(first, later) for later in range(count)]


def draft_for(session: Session, actor: Actor, id: UUID) -> Draft:
    """Raises NotFound unless the actor may see drafts."""
    draft = session.get(Draft, (actor.compound.id, id), populate_existing=True) if policy.can_see_drafts(actor) else None
    if draft is None:
        raise NotFound
    return draft


def draft_to_change(session: Session, actor: Actor, id: UUID) -> Draft:
    """The draft with its row locked: first in the lock order. Raises NotFound."""
    draft_for(session, actor, id)
    return session.get_one(Draft, (actor.compound.id, id), with_for_update=True, populate_existing=True)


_DRAFTS = (
    columns(Draft, LedgerAccount.name, Person.name)
    .outerjoin(LedgerAccount, pointing(Draft, "category_id", LedgerAccount))
    .join(Person, pointing(Draft, "author_id", Person))
    .where(Draft.compound_id == bindparam("compound_id"))
    .order_by(col(Draft.made_at), col(Draft.id))
)
_TO_APPROVE = _DRAFTS.where(Draft.state == DraftState.SUBMITTED, Draft.author_id != bindparam("me"))
_MINE = _DRAFTS.where(Draft.state != DraftState.POSTED, Draft.author_id == bindparam("me"))
_RETURNED = _MINE.where(Draft.state == DraftState.RETURNED)


def _draft_cards(rows: Iterable[Any]) -> list[DraftCard]:
    return [
        DraftCard(d.id, d.kind, d.state, d.purpose, category, d.on_date, d.signed_fen, author, d.returned_because)
        for d, category, author in rows
    ]


def waiting_for(session: Session, actor: Actor) -> Waiting:
    """Drafts of others that I may approve, mine that were returned, lines with vouchers to release; the oldest first."""
    me = {"compound_id": actor.compound.id, "me": actor.person_id}
    to_approve = _draft_cards(session.execute(_TO_APPROVE, me)) if policy.can_approve(actor) else []
    returned = _draft_cards(session.execute(_RETURNED, me)) if policy.can_book(actor) else []
    waiting = session.execute(_TO_RELEASE, {"compound_id": actor.compound.id}) if policy.can_publish(actor) else ()
    return Waiting(to_approve, returned, [card_from(row) for row in waiting])


def my_drafts(session: Session, actor: Actor) -> list[DraftCard]:
    """Mine that are not posted."""
    return _draft_cards(session.execute(_MINE, {"compound_id": actor.compound.id, "me": actor.person_id}))


def vouchers_of(session: Session, compound_id: UUID, draft_id: UUID | None) -> list[DraftVoucher]:
    """In their order, which is that of their arrival until somebody changes it."""
    return list(
        session.exec(
            select(DraftVoucher)
            .where(DraftVoucher.compound_id == compound_id, DraftVoucher.draft_id == draft_id)
            .order_by(col(DraftVoucher.position), col(DraftVoucher.id))
        )
    )


def photos_of_draft(session: Session, draft: Draft) -> dict[UUID, Photo]:
    return photos_of(session, draft.compound_id, [v.id for v in vouchers_of(session, draft.compound_id, draft.id)])


def content_hash(session: Session, draft: Draft) -> str:
    return draft.content_hash([photo.sha256 for photo in photos_of_draft(session, draft).values()])


def voucher_for(session: Session, visitor: Visitor, id: UUID) -> tuple[DraftVoucher, Photo]:
    """Raises NotFound unless it is released or the visitor may see originals."""
    voucher = session.get(DraftVoucher, (visitor.compound.id, id))
    if voucher is None or not (voucher.released_at or policy.can_see_originals(visitor)):
        raise NotFound
    return voucher, session.get_one(Photo, (voucher.compound_id, voucher.id))


def released_in(session: Session, voucher: DraftVoucher) -> list[tuple[int, int]]:
    """(Version, index in the log) of each public copy there ever was, the first one first."""
    lines = entries_of_record(session, voucher.compound_id, voucher.id)
    return [(version, line.index) for version, line in enumerate(lines, 1)]


PUBLIC_SIZES = (PhotoSize.MIDDLE, PhotoSize.SMALL)


def picture_for(session: Session, visitor: Visitor, photo_id: UUID, size: PhotoSize) -> Photo:
    """A voucher's own photo or a copy of it: everything for who may see originals, for everybody the public copy alone.

    Raises NotFound; NotAllowed for a size of the public copy that is not public.
    """
    photo = session.get(Photo, (visitor.compound.id, photo_id))
    voucher = session.get(DraftVoucher, (visitor.compound.id, photo.redacts_id or photo.id)) if photo else None
    if photo is None or voucher is None:
        raise NotFound
    if not policy.can_see_originals(visitor):
        if voucher.public_id != photo.id:
            raise NotFound
        if size not in PUBLIC_SIZES:
            raise NotAllowed
    return photo


def entry_of_draft(session: Session, draft: Draft) -> JournalEntry | None:
    return session.exec(
        select(JournalEntry).where(JournalEntry.compound_id == draft.compound_id, JournalEntry.draft_id == draft.id)
    ).one_or_none()


def reversed_entry(session: Session, draft: Draft) -> JournalEntry | None:
    """The entry that this draft would reverse."""
    proposal = session.get(ReversalProposal, (draft.compound_id, draft.id))
    return session.get(JournalEntry, (draft.compound_id, proposal.entry_id)) if proposal else None


def hands(session: Session, visitor: Visitor, draft: Draft) -> tuple[str, list[str]]:
    """Who wrote it and who approved it, as this viewer may know them."""
    people = session.exec(
        select(Person.name)
        .join(Approval, pointing(Approval, "approver_id", Person))
        .where(Approval.compound_id == draft.compound_id, Approval.draft_id == draft.id)
        .order_by(col(Approval.approved_at))
    )
    author = session.get_one(Person, (draft.compound_id, draft.author_id))
    full = visitor.is_resident
    return known_as(author.name, full=full), [known_as(name, full=full) for name in people]


def share_a_home(session: Session, compound_id: UUID, one: UUID, other: UUID) -> bool:
    """Whether two persons own or live in the same unit today."""
    homes = [
        {
            unit
            for link in (Ownership, Residency)
            for unit in session.exec(
                select(link.unit_id).where(
                    link.compound_id == compound_id,
                    link.person_id == person,
                    holds(link),
                )
            )
        }
        for person in (one, other)
    ]
    return not homes[0].isdisjoint(homes[1])


def voucher_needed(session: Session, draft: Draft) -> bool:
    limit = rule(session, draft.compound_id, "voucher_needed_fen")
    return draft.kind == DraftKind.EXPENSE and draft.amount_fen >= limit


def checks_of(session: Session, actor: Actor, draft: Draft) -> list[Check]:
    """What an approver should know before signing. "fix": the verb would refuse it."""
    photos = photos_of_draft(session, draft)
    checks = []
    if photos:
        checks.append(Check("sent", _("通过：票据 %(n)s 张", n=len(photos))))
    elif draft.kind != DraftKind.REVERSAL:
        needed = voucher_needed(session, draft)
        checks.append(Check("fix", _("不通过：没有票据")) if needed else Check("kept", _("请看：没有票据")))
    if photos:
        elsewhere = session.exec(
            select(
                exists()
                .where(pointing(DraftVoucher, "id", Photo), col(Photo.compound_id) == draft.compound_id)
                .where(col(Photo.sha256).in_([p.sha256 for p in photos.values()]), col(DraftVoucher.draft_id) != draft.id)
            )
        ).one()
        checks.append(Check("kept", _("请看：同一张票据别处用过")) if elsewhere else Check("sent", _("通过：票据没有重复用过")))
        checks.extend(_invoice_checks(session, draft))
    if draft.kind == DraftKind.EXPENSE:
        checks.append(Check("sent", _("通过：有决议")) if draft.decision_id else Check("kept", _("请看：没有写明决议")))
    closed = published_until(session, draft.compound_id)
    if draft.kind != DraftKind.REVERSAL:
        shut = closed is not None and draft.on_date <= closed
        checks.append(Check("fix", _("不通过：那个月已经公布")) if shut else Check("sent", _("通过：那个月还没有公布")))
    if draft.author_id == actor.person_id:
        checks.append(Check("fix", _("不通过：自己记的账")))
    elif share_a_home(session, draft.compound_id, actor.person_id, draft.author_id):
        checks.append(Check("fix", _("不通过：和记账人是一家人")))
    return checks


def _invoice_checks(session: Session, draft: Draft) -> list[Check]:
    """Whether an invoice number of this draft stands on another entry or draft. Nothing to say where none was typed."""
    numbers = {v.invoice_number for v in vouchers_of(session, draft.compound_id, draft.id) if v.invoice_number}
    if not numbers:
        return []
    rows = session.exec(
        select(DraftVoucher.invoice_number, Draft.purpose)
        .join(Draft, pointing(DraftVoucher, "draft_id", Draft))
        .where(
            DraftVoucher.compound_id == draft.compound_id,
            col(DraftVoucher.invoice_number).in_(numbers),
            DraftVoucher.draft_id != draft.id,
        )
        .distinct()
        .order_by(col(DraftVoucher.invoice_number), col(Draft.purpose))
    )
    seen = [Check("kept", _("请看：发票号 %(no)s 用过，在“%(what)s”", no=number, what=what)) for number, what in rows]
    return seen or [Check("sent", _("通过：发票号没有用过"))]


def last_day(month: date) -> date:
    return first_of_month(month, 1) - timedelta(days=1)
