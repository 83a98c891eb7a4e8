"""收入, 支出, 转账, 代收代付: debit and credit follow from the choice, funds are kept apart, and only two of them are a gain or
a loss."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from app.kit.clock import today
from app.treasury.chart_models import Code, Fund, LedgerAccount, Use
from app.treasury.journal import add_fund, book
from app.treasury.models import JournalEntry
from app.treasury.queries import balances
from tests.cast import House
from tests.making import fresh
from tests.treasury.bookkeeping import OPENING_FEN, approved, booked, opened, picture, posted, submitted, typed, wish

CASH_OUT = {"kind": "transfer", "account": Code.BANK.value, "category": Code.CASH.value, "counterparty": None, "purpose": None}
DEPOSIT = {"kind": "held_in", "category": "2501", "counterparty": "某业主", "purpose": "装修押金"}


def said(**other: Any) -> dict[str, Any]:
    """A wish without what is None."""
    return {name: value for name, value in wish(**other).items() if value is not None}


def booked_draft(house: House, **other: Any) -> dict[str, Any]:
    """A draft that waits for approval, without a voucher."""
    id = fresh()
    answer = house.zhang.api.put(f"/drafts/{id}", said(**other))
    assert answer.status == 201, answer
    return dict(house.zhang.api.post(f"/drafts/{id}/submit").json)


def entered(house: House, **other: Any) -> str:
    answer = approved(house, house.chen, booked_draft(house, **other))
    assert answer.status == 200, answer
    return str(answer.json["entry_id"])


def fund_opened(house: House, fund: Fund) -> None:
    with house.session() as session:
        add_fund(session, house.compound.id, fund)


def held(house: House) -> dict[str, int]:
    """Every balance that is not zero, by code."""
    with house.session() as session:
        return {account.code: fen for account, fen in balances(session, house.compound.id) if fen}


def problems(answer: Any) -> list[str]:
    assert answer.status == 422, answer
    return [error["pointer"] for error in answer.json["errors"]]


def test_a_transfer_moves_money_and_is_no_income_and_no_expense(house: House) -> None:
    opened(house)
    entry = entered(house, **CASH_OUT, amount={"amount": "800.00"})
    assert held(house) == {Code.CASH: 800_00, Code.BANK: OPENING_FEN - 800_00, Code.OPENING: -OPENING_FEN}
    read = house.nobody.api.get(f"/entries/{entry}").json
    assert (read["kind"], read["amount"]["amount"], read["category"]) == ("transfer", "0.00", None)
    line = house.nobody.get(f"/money/entries/{entry}").words
    assert "从银行存款转到库存现金" in line
    assert "转账 ¥800.00" in line
    page = house.nobody.get("/money")
    assert "¥10,000.00" in page.words
    assert "加 收入 ¥0.00 减 支出 ¥0.00" in page.words
    assert page.page.select(".bars a") == []
    assert "转账" in house.nobody.get("/money/entries").words
    found = house.nobody.get("/money/entries?kind=transfer").words
    assert "共 1 笔，收 ¥0.00，支 ¥0.00。" in found
    for side in ("income", "expense"):
        assert house.nobody.api.get(f"/entries?kind={side}").json["items"] == []


def test_a_transfer_is_reversed_like_any_entry(house: House) -> None:
    opened(house)
    entry = entered(house, **CASH_OUT)
    draft = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "转反了"}).json
    assert approved(house, house.chen, draft).status == 200
    assert held(house) == {Code.BANK: OPENING_FEN, Code.OPENING: -OPENING_FEN}
    with house.session() as session:
        assert set(session.exec(select(JournalEntry.kind))) == {"opening", "transfer"}


def test_money_held_for_others_is_owed_and_neither_income_nor_expense(house: House) -> None:
    opened(house)
    fund_opened(house, Fund.HELD)
    entered(house, **DEPOSIT, amount={"amount": "2000.00"})
    assert posted(house, **DEPOSIT | {"kind": "held_out", "purpose": "退装修押金"}, amount={"amount": "500.00"})
    assert held(house)["1502"] == 1_500_00
    assert held(house)["2501"] == -1_500_00, "a debt to somebody"
    owners, others = house.nobody.get("/money").words, house.nobody.get("/money?fund=held").words
    assert "公共收益余额 ¥10,000.00" in owners
    assert "代管资金 ¥1,500.00" in owners
    assert "代管资金余额 ¥1,500.00" in others
    assert "替别人保管的钱" in others
    assert "本月收入" not in others
    read = house.nobody.api.get("/entries?fund=held").json["items"]
    assert [(e["kind"], e["amount"]["amount"]) for e in read] == [("held", "-500.00"), ("held", "2000.00")]
    sums = house.nobody.api.get("/balances").json
    assert [(fund["fund"], fund["money"]["amount"]) for fund in sums["funds"]] == [
        ("public_income", "10000.00"),
        ("held", "1500.00"),
    ]


def test_what_is_passed_on_needs_a_voucher_like_an_expense(house: House) -> None:
    opened(house)
    fund_opened(house, Fund.HELD)
    id = fresh()
    assert house.zhang.api.put(f"/drafts/{id}", said(**DEPOSIT | {"kind": "held_out"})).status == 201
    assert house.zhang.api.post(f"/drafts/{id}/submit").json["code"] == "VoucherMissing"


def test_a_statement_counts_neither_transfers_nor_what_is_held(house: House) -> None:
    opened(house, date(2026, 9, 30))
    fund_opened(house, Fund.HELD)
    booked(house, 5_000_00, date(2026, 10, 5), Code.PARKING, "10月停车")
    entered(house, **CASH_OUT, on_date="2026-10-06")
    entered(house, **DEPOSIT, on_date="2026-10-07", amount={"amount": "2000.00"})
    id = house.zhang.api.post("/statements", json={"month": "2026-10"}).json["id"]
    lines = house.nobody.api.get(f"/statements/{id}/lines").json
    assert [line["memo"] for line in lines["lines"]] == ["10月停车"]
    assert (lines["income_fen"], lines["expense_fen"], lines["closing_fen"]) == (5_000_00, 0, 15_000_00)
    assert [(fund["fund"], fund["closing_fen"]) for fund in lines["funds"]] == [("public_income", 15_000_00), ("held", 2_000_00)]


@pytest.mark.parametrize(
    ("other", "pointer"),
    [
        ({"category": "5101"}, "/body/account"),
        ({"kind": "transfer", "category": "1102"}, "/body/account"),
        ({"kind": "transfer", "category": Code.BANK.value}, "/body/category"),
        ({"kind": "transfer", "category": Code.RUBBISH.value}, "/body/category"),
        ({"kind": "held_in", "category": Code.PARKING.value}, "/body/category"),
        ({"kind": "income", "category": Code.RUBBISH.value}, "/body/category"),
        ({"account": Code.RUBBISH.value}, "/body/account"),
        ({"category": Code.OPENING.value}, "/body/category"),
        ({"category": None}, "/body/category"),
        ({"counterparty": None}, "/body/counterparty"),
        ({"kind": "transfer", "category": None, "counterparty": None}, "/body/category"),
        ({"kind": "reversal"}, "/body/kind"),
    ],
)
def test_a_line_that_would_mix_two_funds_or_does_not_fit_its_face_is_refused(
    house_sqlite: House, other: dict[str, Any], pointer: str
) -> None:
    house = opened(house_sqlite)
    fund_opened(house, Fund.MAINTENANCE)
    refused = house.zhang.api.put(f"/drafts/{fresh()}", said(**{"account": Code.BANK.value} | other))
    assert problems(refused) == [pointer]


def test_without_an_account_the_funds_bank_is_meant(house: House) -> None:
    opened(house)
    fund_opened(house, Fund.MAINTENANCE)
    entered(house, kind="income", category="4101", purpose=None)
    assert held(house)["1102"] == 3_200_00
    assert house.nobody.api.get("/entries?fund=maintenance").json["items"][0]["memo"] == "业主交存", (
        "nobody wrote another purpose"
    )


def test_the_form_offers_the_accounts_of_the_chosen_fund_without_script(house: House) -> None:
    opened(house)
    one = house.zhang.get("/money/book?kind=income").page
    assert one.find(attrs={"aria-label": "哪种资金"}) is None, "there is only one"
    fund_opened(house, Fund.MAINTENANCE)
    fund_opened(house, Fund.HELD)
    two = house.zhang.get("/money/book?kind=income").page
    ways = two.find(attrs={"aria-label": "哪种资金"})
    assert ways
    links = {link.get_text(): link["href"].removeprefix("/c/fengshu") for link in ways("a")}
    assert links.keys() == {"公共收益", "维修资金"}, "what is held has no income"
    chosen = house.zhang.get(links["维修资金"]).page
    assert {box["value"] for box in chosen("input", {"name": "category"})} == {"4101", "4102", "4199"}
    assert [box["value"] for box in chosen("input", {"name": "account"}) if box.has_attr("checked")] == ["1102"]
    sent = house.zhang.post("/money/book", typed(kind="income", fund="maintenance", category="4101", account="1102", amount="x"))
    assert {box["value"] for box in sent.page("input", {"name": "category"})} == {"4101", "4102", "4199"}, "after a slip too"


def test_the_form_says_which_fund_must_be_opened_first(house: House) -> None:
    opened(house)
    page = house.zhang.get("/money/book?kind=held_in")
    assert "“代管资金”还没有开账" in page.words
    assert page.page.find("a", string="去开账")
    assert page.page.find("input", {"name": "amount"}) is None


def test_the_form_begins_with_the_account_used_last_and_the_categories_used_most(house: House) -> None:
    opened(house)
    posted(house, account=Code.CASH.value)
    for _ in range(2):
        booked(house, -1_00, today(), Code.AUDIT)
    page = house.zhang.get("/money/book").page
    assert [box["value"] for box in page("input", {"name": "account"}) if box.has_attr("checked")] == [Code.CASH]
    tiles = [box["value"] for box in page.select("#f-category > .pair input")]
    assert len(tiles) == 6
    assert {Code.AUDIT, Code.DRAINS} <= set(tiles)
    assert page.select("#f-category .more input"), "the others unfold"


def test_a_transfer_and_a_deposit_go_through_the_form(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    fund_opened(house, Fund.HELD)
    transfer = {"id": str(fresh()), "kind": "transfer", "account": "1002", "category": "1001", "amount": "500"}
    page = house.zhang.follow(house.zhang.post("/money/book", transfer | {"on_date": today().isoformat(), "act": "submit"}))
    for words in ("等监督委员批准", "从银行存款转到库存现金", "转账 ¥500.00", "从 银行存款 到 库存现金"):
        assert words in page.words
    edit = house.zhang.get(f"/money/drafts/{transfer['id']}/edit").page
    assert [box["value"] for box in edit.select("input[checked]")] == ["1002", "1001"]
    deposit = typed(**DEPOSIT, id=str(fresh()), fund="held", account="1502", act="submit")
    sent = house.zhang.post("/money/book", deposit, files=[("photos", ("1.jpg", picture(3), "image/jpeg"))])
    words = house.zhang.follow(sent).words
    assert "代收 +¥3,200.00" in words
    assert "资金 代管资金" in words


def test_what_programs_post_stays_within_one_fund(house: House) -> None:
    opened(house)
    fund_opened(house, Fund.HELD)
    with pytest.raises(ValueError, match="one fund"), house.session() as session:
        book(session, house.compound.id, today(), "", [(Code.BANK, 1), ("2501", -1)])
    with house.session() as session:
        uses = set(session.exec(select(LedgerAccount.use).where(LedgerAccount.fund == Fund.HELD)))
    assert uses == {Use.MONEY, Use.HELD, Use.INTERNAL}


def test_an_approver_sees_the_face_and_the_amount(house: House) -> None:
    opened(house)
    draft = booked_draft(house, **CASH_OUT, amount={"amount": "800.00"})
    assert (draft["account"], draft["category"]) == ("1002", "1001")
    assert "¥800.00，请批准" in house.chen.get("/").words
    assert "转账 ¥800.00" in house.chen.get(f"/money/drafts/{draft['id']}").words
    expense = submitted(house)
    assert "支出 −¥3,200.00" in house.chen.get(f"/money/drafts/{expense['id']}").words
