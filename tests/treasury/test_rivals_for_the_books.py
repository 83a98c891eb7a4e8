"""Rivals for the same month, account, contract, budget or notice, on both engines: one after the other."""

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import col, func, select

from app.compounds.models import Rule
from app.notices.models import Announcement, Notice
from app.treasury.chart_models import Code, Fund, LedgerAccount
from app.treasury.models import JournalEntry
from app.treasury.period_models import PeriodChange
from app.treasury.statement_models import Statement
from tests.cast import House
from tests.making import fresh
from tests.treasury.bookkeeping import ADVERTS, booked, decided_by, opened, posted, submitted
from tests.treasury.test_rivals_for_an_entry import approving

ROUNDS = 3
ENOUGH = 10

Call = tuple[Any, str, str, dict[str, Any]]


def statuses(house: House, *calls: Call, turned: bool = False) -> list[int]:
    answers = house.at_once(*(reversed(calls) if turned else calls))
    found = [answer.status for answer in answers]
    assert all(status < 500 for status in found), answers
    return [*reversed(found)] if turned else found


def bank_fen(house: House) -> int:
    return round(float(house.nobody.api.get("/balances").json["money"]["amount"]) * 100)


def test_a_draft_is_approved_or_returned(house: House) -> None:
    opened(house)
    for round_ in range(ROUNDS):
        draft = submitted(house, shade=round_)
        back = (house.zhou.api, "POST", f"/drafts/{draft['id']}/return", {"json": {"reason": "不清楚"}})
        yes, no = statuses(house, approving(house.chen, draft), back, turned=bool(round_ % 2))
        state = house.zhang.api.get(f"/drafts/{draft['id']}").json["state"]
        assert (yes, no, state) in ((200, 409, "posted"), (409, 200, "returned"))


def test_a_month_is_closed_before_or_after_an_entry(house: House) -> None:
    opened(house, date(2026, 8, 31))
    for round_, month in enumerate(("2026-09", "2026-10")):
        draft = submitted(house, shade=round_, on_date=f"{month}-20")
        close = (house.zhang.api, "POST", "/periods/close", {"json": {"month": month}})
        posted_, closed = statuses(house, approving(house.chen, draft), close, turned=bool(round_ % 2))
        assert closed in (200, 201)
        assert posted_ in (200, 409)
        with house.session() as session:
            inside = session.exec(
                select(func.count()).where(
                    JournalEntry.kind == "expense", col(JournalEntry.on_date) >= date.fromisoformat(f"{month}-01")
                )
            ).one()
        assert inside == (posted_ == 200)


def test_a_month_that_is_closed_and_opened_at_once_is_one_of_both(house: House) -> None:
    opened(house, date(2026, 8, 31))
    close = (house.zhang.api, "POST", "/periods/close", {"json": {"month": "2026-10"}})
    reopen = (house.zhang.api, "POST", "/periods/reopen", {"json": {"month": "2026-10", "reason": "还有一笔"}})
    statuses(house, *[close, reopen] * ENOUGH)
    read = house.nobody.api.get("/periods").json
    with house.session() as session:
        acts = [change.act for change in session.exec(select(PeriodChange).order_by(col(PeriodChange.at), col(PeriodChange.id)))]
    assert all(one != other for one, other in pairwise(acts)), "they take turns"
    assert (read["closed_until"] == "2026-10-31") == (acts[-1] == "closed")


def test_a_month_and_its_quarter_are_published_at_once_with_the_same_books(house: House) -> None:
    opened(house, date(2026, 6, 30))
    booked(house, 100_00, date(2026, 9, 5), Code.PARKING)
    draft = submitted(house, on_date="2026-09-20")
    calls = [(house.zhang.api, "POST", "/statements", {"json": {"period": period}}) for period in ("2026-09", "2026-Q3") * 3]
    found = statuses(house, *calls[:3], approving(house.chen, draft), *calls[3:])
    assert Counter(found[:3] + found[4:]) == {201: 2, 409: 4}
    with house.session() as session:
        closing = {statement.closing_fen for statement in session.exec(select(Statement))}
    assert closing == {bank_fen(house)}


def test_the_budgets_last_yuan_is_spent_once(house: House) -> None:
    opened(house)
    decision = decided_by(house)
    lines = [{"category": Code.DRAINS.value, "amount": {"amount": "5000.00"}}]
    assert house.zhang.api.put(f"/budgets/{fresh()}", {"period": "2026", "decision_id": decision, "lines": lines}).status == 201
    with house.session() as session:
        facts = {"source": "自治公约", "decided_by": "业主大会", "valid_from_on": date(2026, 1, 1)}
        session.add(Rule(compound_id=house.compound.id, name="budget_binds", value="1", **facts))
    drafts = [submitted(house, shade=shade) for shade in range(4)]
    found = statuses(house, *[approving((house.chen, house.zhou)[n % 2], draft) for n, draft in enumerate(drafts)])
    assert Counter(found) == {200: 1, 409: 3}


def test_of_the_money_that_is_held_no_more_is_paid_by_two_at_once(house: House) -> None:
    opened(house)
    assert house.zhang.api.post("/funds", json={"fund": Fund.HELD.value}).status == 201
    deposit = {"category": "2501", "counterparty": "某业主", "amount": {"amount": "500.00"}}
    posted(house, kind="held_in", **deposit)
    drafts = [submitted(house, shade=shade, kind="held_out", **deposit) for shade in range(1, 5)]
    found = statuses(house, *[approving((house.chen, house.zhou)[n % 2], draft) for n, draft in enumerate(drafts)])
    assert Counter(found) == {200: 1, 409: 3}


def test_an_account_is_retired_or_booked_on(house: House) -> None:
    opened(house)
    for round_ in range(ROUNDS):
        made = house.zhang.api.post("/accounts", json={"name": f"备用{round_}", "fund": "public_income", "use": "money"})
        code, tag = made.json["code"], house.nobody.api.get(f"/accounts/{made.json['code']}").headers["etag"]
        into = {"kind": "transfer", "category": code, "account": Code.BANK.value, "counterparty": ""}
        draft = submitted(house, shade=round_, **into, amount={"amount": "10.00"})
        retire = (
            Tagged(house.zhang.api, tag),
            "PATCH",
            f"/accounts/{code}",
            {"json": {"name": f"备用{round_}", "retired": True}},
        )
        found = statuses(house, approving(house.chen, draft), retire, turned=bool(round_ % 2))
        assert sorted(found) == [200, 409]
        read = house.nobody.api.get(f"/accounts/{code}").json
        assert (read["retired"], read["balance"]["amount"]) in ((True, "0.00"), (False, "10.00"))


class Tagged:
    """A door whose next change is of one version."""

    def __init__(self, door: Any, tag: str) -> None:
        self.base, self.cookies, self.headers = door.base, door.cookies, {"if-match": tag}


def test_a_contract_is_corrected_or_booked_on(house: House) -> None:
    opened(house)
    for round_ in range(ROUNDS):
        contract = str(fresh())
        assert house.zhang.api.put(f"/contracts/{contract}", ADVERTS).status == 201
        rent = {"kind": "income", "category": Code.ADVERTISING.value, "contract_id": contract}
        draft = submitted(house, shade=round_, **rent)
        correct = (
            Tagged(house.zhang.api, '"1"'),
            "PATCH",
            f"/contracts/{contract}",
            {"json": ADVERTS | {"category": Code.VENUE.value}},
        )
        taken, corrected = statuses(house, approving(house.chen, draft), correct, turned=bool(round_ % 2))
        assert corrected == 200
        with house.session() as session:
            entries = session.exec(select(JournalEntry).where(JournalEntry.kind == "income")).all()
        assert taken in (200, 409)
        assert sum(str(entry.contract_id) == contract for entry in entries) == (taken == 200)


def test_a_fund_is_opened_once(house: House) -> None:
    opened(house)
    call = (house.zhang.api, "POST", "/funds", {"json": {"fund": Fund.DONATION.value}})
    account = (house.zhang.api, "POST", "/accounts", {"json": {"name": "广场舞", "fund": "public_income", "use": "expense"}})
    assert Counter(statuses(house, *[call] * ENOUGH, *[account] * ENOUGH)) == {201: 2, 200: 2 * ENOUGH - 2}
    with house.session() as session:
        codes = session.exec(select(LedgerAccount.code).where(LedgerAccount.fund == Fund.DONATION)).all()
        assert len(codes) == len(set(codes))
        assert session.exec(select(func.count()).where(LedgerAccount.name == "广场舞")).one() == 1


def test_twenty_announcements_with_one_id_are_one(house: House) -> None:
    call = (house.liu.api, "PUT", f"/announcements/{fresh()}", {"json": {"title": "停水", "text": "明天停水。"}})
    assert Counter(statuses(house, *[call] * 2 * ENOUGH)) == {201: 1, 200: 2 * ENOUGH - 1}
    with house.session() as session:
        assert session.exec(select(func.count()).select_from(Announcement)).one() == 1
        assert session.exec(select(func.count()).select_from(Notice)).one() == 1


@pytest.mark.parametrize("path", ["/contracts", "/budgets"])
def test_twenty_of_one_id_are_one(house: House, path: str) -> None:
    opened(house)
    lines = [{"category": Code.DRAINS.value, "amount": {"amount": "5000.00"}}]
    wish = ADVERTS if path == "/contracts" else {"period": "2026", "decision_id": decided_by(house), "lines": lines}
    call = (house.zhang.api, "PUT", f"{path}/{fresh()}", {"json": wish})
    assert Counter(statuses(house, *[call] * 2 * ENOUGH)) == {201: 1, 200: 2 * ENOUGH - 1}


def test_a_later_entry_goes_into_one_of_two_corrections_at_once(house: House) -> None:
    opened(house, date(2026, 7, 31))
    entry = str(booked(house, -320_00, date(2026, 11, 20), Code.DRAINS).id)
    published = [house.zhang.api.post("/statements", json={"period": period}) for period in ("2026-08", "2026-09")]
    wish = {"json": {"reason": "漏记", "entries": [entry]}}
    calls: list[Call] = [(house.zhang.api, "POST", f"/statements/{one.json['id']}/corrections", wish) for one in published]
    assert Counter(statuses(house, *calls)) == {201: 1, 409: 1}
