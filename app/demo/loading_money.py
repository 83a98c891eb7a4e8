"""The books of the demo: booked, approved and published by the people who would, on the days they would."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from app.demo.prints import voucher_key
from app.demo.shapes import Books, Budget, Contract, MoneyLine, Objection, Statement
from app.demo.telling import Happening, Loader, moment
from app.kit.clock import today
from app.kit.money import PositiveMoney, SignedMoney
from app.notices.objecting import answer, object_to
from app.notices.queries import notice_of_record
from app.notices.schemas import AnswerWish, ObjectionWish
from app.photos.service import keep
from app.treasury import approving, drafting, publishing, vouchers
from app.treasury.bank_keeping import keep_statement
from app.treasury.bank_schemas import BankStatementWish
from app.treasury.budget_schemas import BudgetWish
from app.treasury.budgeting import set_budget
from app.treasury.chart_models import Code
from app.treasury.contract_schemas import ContractWish
from app.treasury.contracting import record_contract
from app.treasury.covering import public_file
from app.treasury.draft_queries import content_hash, draft_for, voucher_for
from app.treasury.draft_schemas import ApproveWish, DraftWish
from app.treasury.journal import open_books
from app.treasury.reconciling import match_sure
from app.treasury.statement_schemas import PeriodWish
from app.treasury.voucher_schemas import ReleaseWish

BANK_MONTHS = 4
"""Of so many last whole months the treasurer has brought what the bank says; the newest waits to be matched."""

BROUGHT_AFTER_DAYS = 2


def happenings_of_money(loader: Loader) -> Iterator[Happening]:
    """Months before the present committee's term are entered on its first day, as a new treasurer takes over old books."""
    books = loader.story.books
    if books is None:
        open_books(loader.session, loader.compound.id)
        return
    term = min(s.from_on for s in loader.story.seats if s.kind == "treasurer")
    yield Happening(moment(term, 8), partial(open_books, loader.session, loader.compound.id, books.opening_fen, books.opening_on))
    by = books.statements[-1].prepared_by
    for contract in books.contracts:
        yield Happening(moment(max(contract.from_on, term), 10), partial(_rent_out, loader, by, contract))
    for line in books.lines:
        yield Happening(moment(max(line.on, term), 21), partial(_enter, loader, line))
    if books.budget:
        yield Happening(moment(max(books.budget.set_on, term), 10), partial(_plan, loader, by, books.budget))
    for told in books.statements[-BANK_MONTHS:]:
        brought_on = max(told.to_on, term) + timedelta(days=BROUGHT_AFTER_DAYS)
        if brought_on <= today():
            yield Happening(moment(brought_on, 20), partial(_bring, loader, books, told, told is not books.statements[-1]))
    for statement in books.statements:
        if statement.published_on:
            yield Happening(
                moment(max(statement.published_on, term + timedelta(days=1)), 10), partial(_publish, loader, statement)
            )
            for objection in statement.objections:
                yield Happening(objection.objected_at, partial(_object, loader, statement, objection))
                if objection.answered_at:
                    yield Happening(objection.answered_at, partial(_answer, loader, statement, objection))


def rule_for_vouchers(books: Books) -> tuple[date, date]:
    """(the first day of the books, the day from which every expense has its photo): before it the vouchers are paper."""
    unphotographed = [x.on for x in books.lines if not x.income and not any(v.photographed for v in x.vouchers)]
    return books.opening_on, max(unphotographed) + timedelta(days=1)


def _enter(loader: Loader, line: MoneyLine) -> None:
    session, compound_id = loader.session, loader.compound.id
    treasurer, id = loader.actor(line.booked_by), loader.id("draft", line.key)
    photos = [
        keep(session, compound_id, loader.id("voucher", voucher_key(v)), loader.prints[voucher_key(v)], treasurer.person_id).photo
        for v in line.vouchers
        if v.photographed
    ]
    asked = {
        "kind": "income" if line.income else "expense",
        "category": _category(loader, line),
        "amount": PositiveMoney.of(line.amount_fen),
        "on_date": line.on,
        "counterparty": line.counterparty,
        "purpose": line.says,
        "decision_id": loader.id("decision", line.decision) if line.decision else None,
        "contract_id": loader.id("contract", line.rent_of) if line.rent_of else None,
    }
    wish = DraftWish.model_validate(asked)
    drafting.save_draft(session, treasurer, id, wish, photos)
    if line.state == "draft":
        return
    drafting.submit(session, treasurer, id)
    if line.state == "waiting":
        return
    others = (seat.person for seat in loader.story.seats if seat.kind == "supervisor" and seat.person != line.approved_by)
    for person in (line.approved_by, *others):
        approver = loader.actor(person)
        seen = content_hash(session, draft_for(session, approver, id))
        if approving.approve(session, approver, id, ApproveWish(content_hash=seen)):
            break
    for v in line.vouchers:
        if v.photographed and v.released:
            voucher, _photo = voucher_for(session, treasurer, loader.id("voucher", voucher_key(v)))
            shown = public_file(session, voucher, loader.blobs)
            vouchers.release_voucher(session, treasurer, voucher.id, shown, ReleaseWish(seen_sha256=shown.sha256, clean=True))


def _rent_out(loader: Loader, by: str, told: Contract) -> None:
    asked = {name: getattr(told, name) for name in ("counterparty", "what", "from_on", "to_on", "every", "first_due_on")}
    asked |= {"category": Code[told.category.upper()], "amount": PositiveMoney.of(told.fen)}
    record_contract(loader.session, loader.actor(by), loader.id("contract", told.key), ContractWish.model_validate(asked))


def _plan(loader: Loader, by: str, told: Budget) -> None:
    lines = [{"category": Code[name.upper()], "amount": PositiveMoney.of(fen)} for name, fen in told.lines]
    asked = {"period": str(told.year), "decision_id": loader.id("decision", told.decision), "lines": lines}
    set_budget(loader.session, loader.actor(by), loader.id("budget", str(told.year)), BudgetWish.model_validate(asked))


def _category(loader: Loader, line: MoneyLine) -> str:
    """Goods for the plan that is being handed out are stock; gifts of earlier years have long been given."""
    if line.category != "gift":
        return Code[line.category.upper()]
    return Code.STOCK if any(plan.decision == line.decision for plan in loader.story.gifts) else Code.BENEFITS


def _bring(loader: Loader, books: Books, told: Statement, matched: bool) -> None:
    """The month as the bank saw it: every third transfer arrives a day later, never in the next month."""
    lines = [line for line in books.lines if line.state == "posted" and told.from_on <= line.on <= told.to_on]
    wish = {
        "account": Code.BANK,
        "from_on": told.from_on,
        "to_on": told.to_on,
        "opening": SignedMoney.of(told.opening_fen),
        "closing": SignedMoney.of(told.closing_fen),
        "lines": [
            {
                "on_date": min(line.on + timedelta(days=number % 3 == 0), told.to_on),
                "amount": SignedMoney.of(line.signed_fen),
                "counterparty": line.counterparty,
                "text": "转账收入" if line.income else "转账支出",
                "reference": f"{line.on:%Y%m%d}{number:04}",
            }
            for number, line in enumerate(lines, 1)
        ],
    }
    treasurer, id = loader.actor(told.prepared_by), loader.id("bank", told.key)
    keep_statement(loader.session, treasurer, id, BankStatementWish.model_validate(wish))
    if matched:
        match_sure(loader.session, treasurer, id)


def _publish(loader: Loader, told: Statement) -> None:
    period = PeriodWish(period=f"{told.from_on:%Y-%m}")
    statement = publishing.publish_period(loader.session, loader.actor(told.prepared_by), period)
    loader.published[told.key] = statement.id


def _object(loader: Loader, statement: Statement, told: Objection) -> None:
    found = notice_of_record(loader.session, loader.compound.id, loader.published[statement.key])
    assert found
    id = loader.id("objection", f"{statement.key}/{told.person}")
    object_to(loader.session, loader.actor(told.person), found[0].id, id, ObjectionWish(text=told.says))


def _answer(loader: Loader, statement: Statement, told: Objection) -> None:
    id = loader.id("objection", f"{statement.key}/{told.person}")
    answer(loader.session, loader.actor(told.answered_by), id, AnswerWish(text=told.answer))
