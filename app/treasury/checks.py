"""What an approver should know before signing, in words. A new check is one more function in the list of `checks_of`."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from app.access.actors import Actor
from app.compounds.people import share_a_home
from app.compounds.rules import rule
from app.kit.clock import short_day, today
from app.kit.i18n import _, mark
from app.kit.money import yuan
from app.kit.records import pointing
from app.photos.models import Photo
from app.treasury import policy
from app.treasury.bank_queries import booked_fen
from app.treasury.budget_queries import Within, within_budget
from app.treasury.contract_models import Contract
from app.treasury.draft_models import Draft, DraftKind, DraftState
from app.treasury.draft_queries import (
    decision_needed,
    held_fen,
    photos_of_draft,
    sides_of,
    signatures,
    voucher_needed,
    vouchers_of,
)
from app.treasury.journal import closed_until, published_until
from app.treasury.models import JournalEntry
from app.treasury.voucher_models import DraftVoucher

COLOURS: dict[str, Literal["green", "yellow", "red"]] = {"sent": "green", "kept": "yellow", "fix": "red"}

ROUND_FEN = 1_000_00
WEEK = timedelta(days=7)
NEAR = timedelta(days=3)

LIMITS = (
    ("two_approvers_fen", mark("请看：七天里 %(n)s 笔合计 %(sum)s，合起来要两个人批")),
    ("decision_needed_fen", mark("请看：七天里 %(n)s 笔合计 %(sum)s，合起来要有决议")),
    ("voucher_needed_fen", mark("请看：七天里 %(n)s 笔合计 %(sum)s，合起来要有票据")),
)
"""What an expense could stay under by being paid in parts."""


class Check(NamedTuple):
    """`state`: "sent" passed · "kept" look here · "fix" refused (components/check_list.html). `name`: for programs."""

    state: str
    words: str
    name: str

    @property
    def colour(self) -> Literal["green", "yellow", "red"]:
        return COLOURS[self.state]


class Alike(NamedTuple):
    """Another entry or draft of the same side with the same counterparty."""

    fen: int
    on: date
    purpose: str


def checks_of(session: Session, actor: Actor, draft: Draft) -> list[Check]:
    """What an approver should know before signing, what would be refused ("fix") first and what passed last."""
    if draft.kind == DraftKind.REVERSAL:
        return _hands(session, actor, draft)
    alike = _alike(session, draft)
    found = [
        *_vouchers(session, draft, photos_of_draft(session, draft).values()),
        *_invoices(session, draft),
        *_decision(session, draft),
        *_budget(session, draft),
        *_accounts(session, draft),
        *_left(session, draft),
        *_opening(session, draft),
        _month(session, draft),
        *_counterparty(session, draft),
        _near(draft, alike),
        *_parts(session, draft, alike),
        *_hands(session, actor, draft),
    ]
    return sorted(found, key=lambda check: list(COLOURS).index(check.state), reverse=True)


def _vouchers(session: Session, draft: Draft, photos: Iterable[Photo]) -> list[Check]:
    digests = [photo.sha256 for photo in photos]
    if not digests:
        missing = voucher_needed(session, draft)
        return [Check("fix", _("不通过：没有票据"), "voucher") if missing else Check("kept", _("请看：没有票据"), "voucher")]
    elsewhere = session.exec(
        select(
            exists()
            .where(pointing(DraftVoucher, "id", Photo), col(Photo.compound_id) == draft.compound_id)
            .where(col(Photo.sha256).in_(digests), col(DraftVoucher.draft_id) != draft.id)
        )
    ).one()
    return [
        Check("sent", _("通过：票据 %(n)s 张", n=len(digests)), "voucher"),
        Check("kept", _("请看：同一张票据别处用过"), "voucher_new")
        if elsewhere
        else Check("sent", _("通过：票据没有重复用过"), "voucher_new"),
    ]


def _invoices(session: Session, draft: Draft) -> list[Check]:
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
    words = [_("请看：发票号 %(no)s 用过，在“%(what)s”", no=number, what=what) for number, what in rows]
    return [Check("kept", says, "invoice_new") for says in words] or [Check("sent", _("通过：发票号没有用过"), "invoice_new")]


def _decision(session: Session, draft: Draft) -> list[Check]:
    if draft.kind != DraftKind.EXPENSE:
        return []
    if draft.decision_id:
        return [Check("sent", _("通过：有决议"), "decision")]
    missing = decision_needed(session, draft)
    return [
        Check("fix", _("不通过：这么大的支出要有决议"), "decision")
        if missing
        else Check("kept", _("请看：没有写明决议"), "decision")
    ]


def _budget(session: Session, draft: Draft) -> list[Check]:
    """How the category stands against its budget with this draft. Nothing to say where the period has none."""
    within = within_budget(session, draft)
    if within is None:
        return []
    stands = within.standing
    named = {"what": stands.name, "period": within.term.says}
    if not stands.planned_fen:
        words = (
            _("不通过：%(period)s没有给“%(what)s”定预算")
            if _refused(within, draft)
            else _("请看：%(period)s没有给“%(what)s”定预算")
        )
    elif stands.over_fen:
        words = (
            _("不通过：记入后“%(what)s”超出%(period)s预算 %(amount)s")
            if _refused(within, draft)
            else _("请看：记入后“%(what)s”超出%(period)s预算 %(amount)s")
        )
    else:
        words = _("通过：在%(period)s预算内，记入后“%(what)s”还剩 %(amount)s")
    state = "sent" if not stands.over_fen else "fix" if _refused(within, draft) else "kept"
    return [Check(state, words % (named | {"amount": yuan(abs(stands.left_fen))}), "budget")]


def _refused(within: Within, draft: Draft) -> bool:
    """As `need_within_budget` sees it."""
    return within.binds and draft.decision_id is None


def _accounts(session: Session, draft: Draft) -> list[Check]:
    """What was changed since the draft was written. Nothing to say where all is as it was."""
    checks = [
        Check("fix", _("不通过：“%(account)s”已经停用", account=account.name), "account")
        for account in sides_of(session, draft)
        if account and account.retired_at
    ]
    if draft.contract_id:
        contract = session.get_one(Contract, (draft.compound_id, draft.contract_id))
        if contract.account_id != draft.category_id:
            checks.append(Check("fix", _("不通过：合同现在是另一类收入的"), "contract"))
    return checks


def _left(session: Session, draft: Draft) -> list[Check]:
    """Whether there is enough of what would leave: of others' money it is refused. Money that is still to be booked is common."""
    money, category = sides_of(session, draft)
    if category and draft.kind == DraftKind.HELD_OUT and (held := held_fen(session, category)) < draft.amount_fen:
        return [Check("fix", _("不通过：“%(account)s”只代管着 %(amount)s", account=category.name, amount=yuan(held)), "left")]
    if money and draft.signed_fen < 0:
        left = booked_fen(session, draft.compound_id, money.id, today()) + draft.signed_fen
        if left < 0:
            words = _("请看：记入后“%(account)s”是 %(amount)s", account=money.name, amount=yuan(left))
            return [Check("kept", words, "left")]
    return []


def _opening(session: Session, draft: Draft) -> list[Check]:
    """Whether what is opened may hold already what was booked one by one. Nothing to say where it comes first."""
    if draft.kind != DraftKind.OPENING or draft.money_id is None:
        return []
    before = abs(booked_fen(session, draft.compound_id, draft.money_id, draft.on_date))
    words = _("请看：到那天已经记了 %(amount)s，期初余额里不要再算一遍", amount=yuan(before))
    return [Check("kept", words, "opening")] if before else []


def _month(session: Session, draft: Draft) -> Check:
    published, closed = published_until(session, draft.compound_id), closed_until(session, draft.compound_id)
    if published and draft.on_date <= published:
        return Check("fix", _("不通过：那个月已经公布"), "month")
    if closed and draft.on_date <= closed:
        return Check("fix", _("不通过：那个月已经结账"), "month")
    return Check("sent", _("通过：那个月还没有公布"), "month")


def _counterparty(session: Session, draft: Draft) -> list[Check]:
    if not draft.counterparty:
        return []
    known = session.exec(
        select(
            exists().where(
                col(JournalEntry.compound_id) == draft.compound_id, col(JournalEntry.counterparty) == draft.counterparty
            )
        )
    ).one()
    if known:
        return [Check("sent", _("通过：对方以前出现过"), "counterparty")]
    return [Check("kept", _("请看：对方第一次出现"), "counterparty")]


def _near(draft: Draft, alike: list[Alike]) -> Check:
    for other in alike:
        if other.fen == draft.amount_fen and abs(other.on - draft.on_date) <= NEAR:
            words = _("请看：%(day)s有同样金额的一笔，“%(what)s”", day=short_day(other.on), what=other.purpose)
            return Check("kept", words, "near")
    return Check("sent", _("通过：前后三天没有同样的一笔"), "near")


def _parts(session: Session, draft: Draft, alike: list[Alike]) -> list[Check]:
    """Hints about an expense's amount. They accuse nobody: a round price and two bills in a week are common and honest."""
    if draft.kind != DraftKind.EXPENSE:
        return []
    return [_roundness(draft.amount_fen), _split(session, draft, alike)]


def _roundness(fen: int) -> Check:
    if fen % ROUND_FEN == 0:
        return Check("kept", _("请看：金额是整千，和票据对一对"), "round")
    return Check("sent", _("通过：金额不是整千"), "round")


def _split(session: Session, draft: Draft, alike: list[Alike]) -> Check:
    own = Alike(draft.amount_fen, draft.on_date, draft.purpose)
    for name, says in LIMITS:
        limit = rule(session, draft.compound_id, name)
        under = [one for one in (own, *alike) if one.fen < limit]
        if own not in under:
            continue
        weeks = [[one for one in under if first.on <= one.on < first.on + WEEK] for first in under]
        week = max((week for week in weeks if own in week), key=lambda week: sum(one.fen for one in week))
        together = sum(one.fen for one in week)
        if together >= limit:
            return Check("kept", _(says, n=len(week), sum=yuan(together)), "split")
    return Check("sent", _("通过：七天里合起来没有过门槛"), "split")


def _hands(session: Session, actor: Actor, draft: Draft) -> list[Check]:
    """Whether the reader may sign it; of no concern to who signs nothing."""
    if not policy.can_approve(actor):
        return []

    def at_home_with(person_id: UUID) -> bool:
        return person_id != actor.person_id and share_a_home(session, draft.compound_id, actor.person_id, person_id)

    if draft.author_id == actor.person_id:
        return [Check("fix", _("不通过：自己记的账"), "hands")]
    if at_home_with(draft.author_id):
        return [Check("fix", _("不通过：和记账人是一家人"), "hands")]
    signed = [one.approver_id for one in signatures(session, draft) if one.approver_id != actor.person_id]
    if any(at_home_with(person_id) for person_id in signed):
        return [Check("fix", _("不通过：和另一位批准人是一家人"), "hands")]
    if any(share_a_home(session, draft.compound_id, draft.author_id, person_id) for person_id in signed):
        return [Check("fix", _("不通过：先批的那位和记账人成了一家人"), "hands")]
    return [Check("sent", _("通过：您和经手的人不是一家"), "hands")]


def _alike(session: Session, draft: Draft) -> list[Alike]:
    """What happened with the same counterparty within a week: entries that stand, and drafts on their way."""
    undone = aliased(JournalEntry)
    entries = session.exec(
        select(JournalEntry.amount_fen, col(JournalEntry.on_date), JournalEntry.memo).where(
            JournalEntry.compound_id == draft.compound_id,
            col(JournalEntry.on_date).between(draft.on_date - WEEK, draft.on_date + WEEK),
            JournalEntry.kind == draft.kind,
            JournalEntry.counterparty == draft.counterparty,
            col(JournalEntry.reverses_id).is_(None),
            ~exists().where(col(undone.compound_id) == JournalEntry.compound_id, col(undone.reverses_id) == JournalEntry.id),
            or_(col(JournalEntry.draft_id).is_(None), col(JournalEntry.draft_id) != draft.id),
        )
    )
    drafts = session.exec(
        select(Draft.amount_fen, col(Draft.on_date), Draft.purpose).where(
            Draft.compound_id == draft.compound_id,
            col(Draft.on_date).between(draft.on_date - WEEK, draft.on_date + WEEK),
            Draft.kind == draft.kind,
            Draft.counterparty == draft.counterparty,
            col(Draft.state).in_((DraftState.DRAFT, DraftState.SUBMITTED)),
            Draft.id != draft.id,
        )
    )
    return sorted((Alike(abs(fen), on, what) for fen, on, what in (*entries, *drafts)), key=lambda one: one.on)
