"""What each account held when the books began: with a day and a proof, by the treasurer, approved by a second person, once."""

from datetime import date
from typing import Any

from app.kit.clock import today
from app.treasury.chart_models import Code, Fund
from app.treasury.journal import add_fund, open_books
from app.treasury.queries import balances
from tests.cast import House
from tests.making import fresh
from tests.treasury.bookkeeping import approved, booked, photograph, signed

DAY = date(2026, 9, 30)


def books(house: House, *funds: Fund) -> House:
    with house.session() as session:
        open_books(session, house.compound.id)
        for fund in funds:
            add_fund(session, house.compound.id, fund)
    return house


def opening(account: str, amount: str = "5000.00", **other: Any) -> dict[str, Any]:
    return {"kind": "opening", "account": account, "amount": {"amount": amount}, "on_date": DAY.isoformat()} | other


def submitted(house: House, account: str, amount: str = "5000.00", shade: int = 0) -> dict[str, Any]:
    id = fresh()
    assert house.zhang.api.put(f"/drafts/{id}", opening(account, amount)).status == 201
    assert photograph(house.zhang, id, shade).status == 201
    return dict(house.zhang.api.post(f"/drafts/{id}/submit").json)


def entered(house: House, account: str, amount: str = "5000.00", shade: int = 0) -> str:
    answer = signed(house, submitted(house, account, amount, shade))
    assert answer.status == 200, answer
    return str(answer.json["entry_id"])


def held(house: House) -> dict[str, int]:
    with house.session() as session:
        return {account.code: fen for account, fen in balances(session, house.compound.id) if fen}


def test_an_opening_is_entered_by_account_and_stands_before_all_income(house: House) -> None:
    books(house)
    entry = entered(house, Code.BANK.value)
    entered(house, Code.CASH.value, "300.00", 1)
    assert held(house) == {Code.BANK: 5_000_00, Code.CASH: 300_00, Code.OPENING: -5_300_00}
    read = house.nobody.api.get(f"/entries/{entry}").json
    assert (read["kind"], read["amount"]["amount"], read["on_date"]) == ("opening", "5000.00", "2026-09-30")
    page = house.nobody.get("/money").words
    assert "公共收益余额 ¥5,300.00" in page
    assert "期初余额：银行存款" in house.nobody.get("/money/entries").words
    assert house.nobody.api.get("/entries?kind=income").json["items"] == []


def test_what_is_owed_and_what_lies_in_stock_are_opened_too_and_move_no_money(house: House) -> None:
    books(house)
    entry = entered(house, Code.OWED.value, "700.00")
    entered(house, Code.STOCK.value, "200.00", 1)
    assert held(house) == {Code.OWED: -700_00, Code.STOCK: 200_00, Code.OPENING: 500_00}
    assert house.nobody.api.get(f"/entries/{entry}").json["amount"]["amount"] == "0.00"
    assert "期初结余 ¥700.00" in house.nobody.get(f"/money/entries/{entry}").words
    assert "公共收益余额 ¥0.00" in house.nobody.get("/money").words


def test_each_fund_is_opened_in_itself(house: House) -> None:
    books(house, Fund.MAINTENANCE, Fund.HELD)
    entered(house, "1102", "80000.00")
    entered(house, "1502", "2000.00", 1)
    entered(house, "2501", "2000.00", 2)
    assert held(house) == {"1102": 80_000_00, "3101": -80_000_00, "1502": 2_000_00, "2501": -2_000_00}
    assert "维修资金余额 ¥80,000.00" in house.nobody.get("/money?fund=maintenance").words


def test_an_opening_needs_a_voucher_or_a_decision(house: House) -> None:
    books(house)
    id = fresh()
    house.zhang.api.put(f"/drafts/{id}", opening(Code.BANK.value))
    refused = house.zhang.api.post(f"/drafts/{id}/submit")
    assert refused.json["code"] == "OpeningUnproven"
    form = {"kind": "opening", "account": "1001", "amount": "30", "on_date": DAY.isoformat(), "act": "submit", "id": str(fresh())}
    page = house.zhang.follow(house.zhang.post("/money/book", form))
    assert "已存成草稿。期初余额要有依据" in page.words
    decision = fresh()
    decided = {"kind": "meeting", "decided_on": DAY.isoformat(), "title": "交接账目", "what": "接收原有结余", "votes_for": 5}
    answer = house.liu.api.put(f"/decisions/{decision}", decided)
    assert answer.status == 201, answer
    other = fresh()
    house.zhang.api.put(f"/drafts/{other}", opening(Code.CASH.value, decision_id=str(decision)))
    assert house.zhang.api.post(f"/drafts/{other}/submit").json["state"] == "submitted"


def test_nobody_approves_their_own_opening(house: House) -> None:
    books(house)
    assert approved(house, house.zhang, submitted(house, Code.BANK.value)).status == 403


def test_an_account_is_opened_once_until_that_is_reversed(house: House) -> None:
    books(house)
    two = [submitted(house, Code.BANK.value, "500.00", n) for n in range(2)]
    answers = [approved(house, house.chen, draft) for draft in two]
    assert [a.status for a in answers] == [200, 409]
    assert answers[1].json["code"] == "OpeningTaken"
    assert house.zhang.api.put(f"/drafts/{fresh()}", opening(Code.BANK.value)).json["code"] == "OpeningTaken"
    entry = answers[0].json["entry_id"]
    back = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "数字抄错了"}).json
    assert approved(house, house.chen, back).status == 200
    entered(house, Code.BANK.value, "4000.00", 5)
    assert held(house) == {Code.BANK: 4_000_00, Code.OPENING: -4_000_00}


def test_rivals_open_an_account_once(house: House) -> None:
    books(house)
    drafts = [submitted(house, Code.BANK.value, "500.00", n) for n in range(10)]
    calls = [
        (one.api, "POST", f"/drafts/{draft['id']}/approve", {"json": {"content_hash": draft["content_hash"]}})
        for draft in drafts
        for one in (house.chen, house.zhou)
    ]
    answers = house.at_once(*calls)
    assert sum(a.status == 200 for a in answers) == 1
    assert held(house) == {Code.BANK: 500_00, Code.OPENING: -500_00}


def test_only_what_holds_or_owes_something_has_an_opening(house_sqlite: House) -> None:
    house = books(house_sqlite)
    for account in (Code.PARKING.value, Code.OPENING.value, "9999"):
        refused = house.zhang.api.put(f"/drafts/{fresh()}", opening(account))
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/body/account")
    page = house.zhang.get("/money/book?kind=opening").page
    assert {box["value"] for box in page("input", {"name": "account"})} == {"1001", "1002", "1405", "2203"}
    late = house.zhang.api.put(f"/drafts/{fresh()}", opening(Code.BANK.value, on_date=f"{today().year + 1}-01-01"))
    assert late.status == 422


def test_an_opening_of_what_was_booked_before_it_is_pointed_at(house: House) -> None:
    books(house)
    booked(house, 60_00, date(2026, 9, 20), Code.PARKING)
    for code, said in ((Code.BANK, ["请看：到那天已经记了 ¥60.00，期初余额里不要再算一遍"]), (Code.CASH, [])):
        draft = submitted(house, code.value)
        checks = house.chen.api.get(f"/drafts/{draft['id']}").json["checks"]
        assert [check["words"] for check in checks if check["name"] == "opening"] == said
