"""Quarters and years over months that are published or open, what a statement says of hands and funds, and old statements."""

import csv
import io
import json
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine
from sqlmodel import col, select

from app.access.actors import acting
from app.compounds.models import Compound
from app.kit.ids import new_id
from app.notices.models import Notice, NoticeKind
from app.notices.service import publish_notice
from app.treasury import bank_keeping
from app.treasury.bank_schemas import BankStatementWish
from app.treasury.chart_models import Code, Fund
from app.treasury.journal import add_fund, book, published_until
from app.treasury.statement_models import Statement
from app.treasury.statement_pages import MOST_LINES
from tests.cast import House, actor_of
from tests.making import fresh, make_login
from tests.treasury.bookkeeping import ADVERTS, booked, opened, posted, released

Q3 = "2026-Q3"


@pytest.fixture
def third(house: House) -> House:
    """Three months of books, all of them over."""
    opened(house, date(2026, 6, 30))
    booked(house, 500_00, date(2026, 7, 5), Code.PARKING, "7月停车")
    booked(house, -120_00, date(2026, 8, 9), Code.STOCK, "买礼品")
    booked(house, -30_00, date(2026, 9, 30), Code.RUBBISH, "清运")
    return house


def published(house: House, period: str) -> dict[str, Any]:
    answer = house.zhang.api.post("/statements", json={"period": period})
    assert answer.status == 201, answer
    return dict(answer.json)


def frozen(house: House, id: str) -> dict[str, Any]:
    return dict(house.nobody.api.get(f"/statements/{id}/lines").json)


def test_a_quarter_over_open_months_closes_them(third: House) -> None:
    told = published(third, Q3)
    assert (told["period"], told["from_on"], told["to_on"]) == (Q3, "2026-07-01", "2026-09-30")
    assert (told["opening"]["amount"], told["closing"]["amount"]) == ("10000.00", "10350.00")
    page = third.nobody.get(f"/money/statements/{told['id']}").words
    assert "2026年三季度收支" in page
    for memo in ("7月停车", "买礼品", "清运"):
        assert memo in page
    with third.session() as session:
        assert published_until(session, third.compound.id) == date(2026, 9, 30)
    assert "2026年三季度" in third.nobody.get("/money").words


def test_a_month_that_was_left_out_is_still_owed(third: House) -> None:
    published(third, "2026-09")
    offered = third.zhang.get("/money/publish").words
    assert "2026年8月" in offered
    published(third, "2026-08")
    published(third, "2026-Q3")
    assert "2026年7月" not in third.zhang.get("/money/publish").words, "the quarter has told it"


def test_a_quarter_over_published_months_says_them_again_and_closes_nothing_new(third: House) -> None:
    months = [published(third, f"2026-{month:02}") for month in (7, 8, 9, 10)]
    before = [frozen(third, month["id"]) for month in months]
    quarter = published(third, Q3)
    year_to_come = third.zhang.api.post("/statements", json={"period": "2026"})
    assert year_to_come.json["code"] == "PeriodNotOver"
    told = frozen(third, quarter["id"])
    assert told["lines"] == [line for month in before for line in month["lines"]]
    assert (told["opening_fen"], told["closing_fen"]) == (before[0]["opening_fen"], before[2]["closing_fen"])
    assert [frozen(third, month["id"]) for month in months] == before
    with third.session() as session:
        assert published_until(session, third.compound.id) == date(2026, 10, 31)
    again = third.zhang.api.post("/statements", json={"period": Q3})
    assert again.json["code"] == "AlreadyStated"


def test_a_year_and_a_half_are_periods_too_and_nothing_else_is(third: House) -> None:
    with time_machine.travel("2027-01-10T03:00:00Z", tick=False):
        with third.session() as session:
            third.zhang.cookies["sid"] = make_login(session, third.zhang.person)
        offered = third.zhang.get("/money/publish").words
        for name in ("2026年7月", "2026年三季度", "2026年下半年", "2026年全年"):
            assert name in offered
        assert [published(third, key)["period"] for key in ("2026-H2", "2026")] == ["2026-H2", "2026"]
        for wrong in ("2026-13", "2026-Q5", "2026-H3", "26", "2026-1"):
            assert third.zhang.api.post("/statements", json={"period": wrong}).status == 422
        assert third.zhang.get("/money/publish?period=2026-Q9").status == 422


def test_a_statement_says_who_wrote_and_approved_each_line_as_the_public_may_know_them(house: House) -> None:
    opened(house, date(2026, 9, 30))
    entry = posted(house, on_date="2026-10-12")
    voucher = house.nobody.api.get(f"/entries/{entry}").json["papers"][0]["id"]
    assert released(house, voucher).status == 200
    told = frozen(house, published(house, "2026-10")["id"])
    (line,) = told["lines"]
    assert (line["handler"], line["approvers"], line["account"], line["fund"]) == ("张*", ["陈*"], "银行存款", "public_income")
    assert (told["v"], told["prepared_by"], told["approvers"], told["phone"]) == (2, "张*", ["陈*"], "0731-8555 0123")
    for whole in ("张会计", "陈工"):
        assert whole not in json.dumps(told, ensure_ascii=False)
    page = house.nobody.get("/money").page.select_one("a[href*='/money/statements/']")["href"].removeprefix("/c/fengshu")
    shown = house.nobody.get(page)
    for words in ("经办张*", "批准陈*", "银行存款", "制表 张*", "批准入账 陈*"):
        assert words in shown.words
    link = shown.page.select_one("#lines li a")
    assert link["href"].endswith(f"/money/entries/{entry}")
    assert house.nobody.get(link.find("img")["src"].removeprefix("/c/fengshu")).status == 200, "the voucher's public copy"
    sheet = house.nobody.get(f"{page}/sheet").words
    for words in ("张*", "陈*", "监督委员", "有异议", line["number"]):
        assert words in sheet


def test_what_the_bank_said_stands_beside_what_the_books_say(third: House) -> None:
    wish = {
        "account": Code.BANK,
        "from_on": "2026-09-28",
        "to_on": "2026-09-30",
        "opening": {"amount": "10380.00"},
        "closing": {"amount": "10350.00"},
        "lines": [],
    }
    with third.session() as session:
        bank_keeping.keep_statement(
            session, actor_of(third.zhang), fresh(), BankStatementWish.model_validate(wish | {"opening": wish["closing"]})
        )
    told = published(third, Q3)
    (account,) = frozen(third, told["id"])["accounts"]
    assert account == {
        "name": "银行存款",
        "fund": "public_income",
        "closing_fen": 10350_00,
        "checked_on": "2026-09-30",
        "checked_fen": 10350_00,
    }
    assert "9月30日核对是 ¥10,350.00" in third.nobody.get(f"/money/statements/{told['id']}").words


def test_funds_are_told_apart_and_money_held_for_others_is_named(third: House) -> None:
    with third.session() as session:
        add_fund(session, third.compound.id, Fund.HELD)
        add_fund(session, third.compound.id, Fund.DONATION)
        book(session, third.compound.id, date(2026, 8, 1), "收装修押金", [("1502", 2000_00), ("2501", -2000_00)])
        book(session, third.compound.id, date(2026, 8, 2), "端午捐款", [("1402", 300_00), ("4401", -300_00)])
    told = published(third, Q3)
    document = frozen(third, told["id"])
    assert [fund["fund"] for fund in document["funds"]] == ["public_income", "donation", "held"]
    assert (document["income_fen"], document["closing_fen"], document["held_fen"]) == (800_00, 10650_00, 2000_00)
    assert "收装修押金" not in [line["memo"] for line in document["lines"]], "nobody earned it"
    page = third.nobody.get(f"/money/statements/{told['id']}").words
    assert "公共收益：支出" in page
    assert "捐款：收入" in page or "捐款： 收入" in page
    rows = list(csv.reader(io.StringIO(third.nobody.get(f"/money/statements/{told['id']}/csv").text.removeprefix("\ufeff"))))
    assert ["代管资金"] in rows
    assert ["代管资金", "2000.00"] in rows


def test_what_is_owed_by_contract_and_its_period_stand_in_the_statement(third: House) -> None:
    contract = str(fresh())
    assert third.zhang.api.put(f"/contracts/{contract}", ADVERTS).status == 201
    rent = {"category": Code.ADVERTISING.value, "counterparty": "山雀广告社", "purpose": "电梯广告", "contract_id": contract}
    assert posted(third, kind="income", amount={"amount": "4000.00"}, on_date="2026-09-01", **rent)
    document = frozen(third, published(third, Q3)["id"])
    (line,) = [line for line in document["lines"] if line["memo"] == "电梯广告"]
    assert line["contract"] == f"{ADVERTS['from_on']}/{ADVERTS['to_on']}"
    assert [owed["what"] for owed in document["receivables"]] == ["山雀广告社，电梯广告"] * 2
    assert sum(owed["fen"] for owed in document["receivables"]) == 3 * 3000_00 - 4000_00


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_programs_take_the_same_spreadsheet_home_as_people_with_the_way_to_each_voucher(third: House, form: str) -> None:
    id = published(third, Q3)["id"]
    asked = third.nobody.api.get(f"/statements/{id}/files/{form}")
    assert asked.status == 200
    assert f'filename="fengshu-2026-Q3.{form}"' in asked.headers["content-disposition"]
    content = third.nobody.get(f"/money/statements/{id}/{form}").response.content
    rows = [_rows(form, one) for one in (asked.response.content, content)]
    assert rows[0] == rows[1]
    entry = frozen(third, id)["lines"][-1]["entry"]
    assert rows[0][-1][-1] == f"http://127.0.0.1:8000/c/fengshu/money/entries/{entry}"
    assert third.nobody.get(f"/money/entries/{entry}").status == 200
    assert third.nobody.api.get(f"/statements/{id}/files/pdf").status == 422
    assert third.zhao.api.get(f"/statements/{id}/files/{form}").status == 404


def _rows(form: str, content: bytes) -> list[list[Any]]:
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return [list(row) for row in openpyxl.load_workbook(BytesIO(content)).active.values]


def test_bytes_of_the_first_kind_are_still_read_everywhere(house_sqlite: House) -> None:
    house = opened(house_sqlite, date(2026, 6, 30))
    line = {
        "entry": str(new_id()),
        "number": "2026-7",
        "on": "2026-07-05",
        "kind": "income",
        "category": "地面停车",
        "memo": "停车费",
        "counterparty": "车主",
        "amount_fen": 500_00,
        "vouchers": 1,
        "decision": "2026-1",
    }
    sums = {"opening_fen": 1000_00, "income_fen": 500_00, "expense_fen": 0, "closing_fen": 1500_00}
    old = {
        "v": 1,
        "type": "statement",
        "title": "2026年7月公共收益收支表",
        "compound": "枫树小区",
        "from": "2026-07-01",
        "to": "2026-07-31",
        **sums,
        "funds": [{"fund": "public_income", **sums}],
        "income": [{"code": "4001", "name": "地面停车", "fen": 500_00}],
        "expense": [],
        "stock_fen": 0,
        "owed_fen": 0,
        "lines": [line],
    }
    id, span = new_id(), (date(2026, 7, 1), date(2026, 7, 31))
    with house.session() as session:
        actor = acting(session, session.get_one(Compound, house.compound.id), house.zhang.person)
        path = f"/money/statements/{id}"
        notice = publish_notice(session, actor, NoticeKind.STATEMENT, str(old["title"]), path, id, old, covers=span)
        session.flush()
        here = {"compound_id": house.compound.id, "id": id, "notice_id": notice.id, "published_by_id": house.zhang.id}
        session.add(Statement(from_on=span[0], to_on=span[1], **here, **sums))
    for page in ("", "/sheet", "/csv"):
        assert "停车费" in house.nobody.get(f"/money/statements/{id}{page}").text
    assert frozen(house, str(id)) == old
    with house.session() as session:
        assert session.exec(select(Notice.frozen).where(col(Notice.record_id) == id)).one().startswith(b'{"closing_fen"')


def test_a_long_statement_is_read_month_by_month_and_printed_as_its_sums(third: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_LINES == 300
    monkeypatch.setattr("app.treasury.statement_pages.MOST_LINES", 2)
    id = published(third, Q3)["id"]
    july, august = (third.nobody.get(f"/money/statements/{id}{month}") for month in ("", "?month=2026-08"))
    assert "7月停车" in july.words
    assert "买礼品" not in july.words
    assert "买礼品" in august.words
    assert "共 3 笔" in august.words
    sheet = third.nobody.get(f"/money/statements/{id}/sheet").words
    assert "每一笔请扫码看" in sheet
    assert "7月停车" not in sheet
    assert "地面停车" in sheet
