"""A month is published once, frozen; what lies in it is closed, and everybody reads it on page, paper and in a spreadsheet."""

import csv
import io
import json
from datetime import date

import pytest
import time_machine
from sqlalchemy import insert, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import select

from app.kit.clock import today
from app.kit.ids import new_id
from app.notices.models import Notice
from app.treasury.chart_models import Code
from app.treasury.models import MonthPublished
from app.treasury.statement_models import Statement
from tests.cast import House
from tests.making import make_key, make_login
from tests.publiclog.tampering import guards_off
from tests.treasury.bookkeeping import approved, booked, opened, submitted

PERIOD = {"period": "2026-10"}
MONTH = {"month": "2026-10"}
"""As programs said it before there were quarters."""


@pytest.fixture
def october(house: House) -> House:
    opened(house, date(2026, 9, 30))
    booked(house, 5_000_00, date(2026, 10, 5), Code.PARKING, "10月停车")
    booked(house, -1_200_00, date(2026, 10, 9), Code.STOCK, "买礼品")
    booked(house, -300_00, date(2026, 10, 31), Code.RUBBISH, "=HYPERLINK(1)")
    booked(house, 1_00, date(2026, 11, 1), Code.INTEREST, "利息")
    return house


def test_the_ledger_is_read_month_by_month(october: House) -> None:
    folds = october.nobody.get("/money/entries").page.select("details.fold[id^=m]")
    assert [fold["id"] for fold in folds] == ["m2026-11-01", "m2026-10-01", "m2026-09-01"]
    assert [fold.has_attr("open") for fold in folds] == [True, False, False]
    assert [len(fold.select("li")) for fold in folds] == [1, 3, 1]


def test_the_treasurer_looks_at_the_sums_and_publishes(october: House) -> None:
    with time_machine.travel("2026-11-12T03:00:00Z", tick=False):
        october.zhang.cookies = {"sid": _login(october)}
        look = october.zhang.get("/money/publish").words
        assert "公布2026年9月收支" in look, "the oldest first"
        assert "¥13,500.00" in october.zhang.get("/money/publish?period=2026-10").words
        done = october.zhang.post("/money/publish", PERIOD)
        page = october.zhang.follow(done)
        assert "公布了" in page.words
        for words in ("¥10,000.00", "+¥5,000.00", "−¥1,500.00", "¥13,500.00", "另有库存礼品", "买礼品", "还剩 43 天"):
            assert words in page.words
        assert "利息" not in page.words
        path = done.place.removeprefix("/c/fengshu")
        sheet = october.nobody.get(path + "/sheet")
        assert sheet.page.find("svg", class_="qr")
        assert "¥13,500.00" in sheet.words
        assert "张会计" not in sheet.words, "a stranger knows nobody's whole name"
        assert "张会计" in october.zhang.get(path + "/sheet").words
        assert "2026年10月" in october.nobody.get("/money").words
        assert "没有要公布的月份" in october.zhang.get("/money/publish").words, "an opening alone is no month of books"
        notice = october.nobody.api.get("/notices").json["items"][0]
        assert (notice["kind"], notice["state"]) == ("statement", "open")


def _login(house: House) -> str:
    with house.session() as session:
        return make_login(session, house.zhang.person)


def published(house: House) -> dict[str, object]:
    answer = house.zhang.api.post("/statements", json=MONTH)
    assert answer.status == 201, answer
    return dict(answer.json)


def test_a_statement_is_read_by_programs_and_spreadsheets(october: House) -> None:
    id = published(october)["id"]
    read = october.nobody.api.get(f"/statements/{id}").json
    assert [read[name]["amount"] for name in ("opening", "income", "expense", "closing")] == [
        "10000.00",
        "5000.00",
        "1500.00",
        "13500.00",
    ]
    frozen = october.nobody.api.get(f"/statements/{id}/lines").json
    assert [line["amount_fen"] for line in frozen["lines"]] == [500000, -120000, -30000]
    assert sum(line["amount_fen"] for line in frozen["lines"]) + frozen["opening_fen"] == frozen["closing_fen"]
    assert frozen["funds"] == [
        {"fund": "public_income", "opening_fen": 1000000, "income_fen": 500000, "expense_fen": 150000, "closing_fen": 1350000}
    ]
    sheet = october.nobody.get(f"/money/statements/{id}/csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(sheet.text.removeprefix("\ufeff"))))
    assert rows[4] == ["期末余额", "13500.00"]
    line = dict(zip(rows[rows.index([]) + 1], rows[-1], strict=True))
    assert line["用途"] == "'=HYPERLINK(1)"
    assert line["金额"] == "-300.00"


def test_what_is_published_stays_as_it_was(october: House) -> None:
    id = published(october)["id"]
    before = october.nobody.api.get(f"/statements/{id}/lines").text
    draft = submitted(october, on_date="2026-11-02")
    approved(october, october.chen, draft)
    assert october.nobody.api.get(f"/statements/{id}/lines").text == before
    with october.session() as session:
        assert json.loads(session.exec(select(Notice.frozen)).one()) == json.loads(before)


def test_a_month_is_published_once(october: House) -> None:
    published(october)
    again = october.zhang.api.post("/statements", json=MONTH)
    assert (again.status, again.json["code"]) == (409, "AlreadyStated")
    earlier = october.zhang.api.post("/statements", json={"month": "2026-09"})
    assert earlier.status == 201, "a month that was left out is closed already, and may still be told"
    running = october.zhang.api.post("/statements", json={"month": f"{today():%Y-%m}"})
    assert running.json["code"] == "PeriodNotOver"
    with october.session() as session:
        row = session.exec(select(Statement).where(Statement.from_on == date(2026, 10, 1))).one().model_dump()
    with pytest.raises(IntegrityError), october.session() as session:
        session.connection().execute(insert(Statement), [row | {"id": new_id()}])
    with pytest.raises(DatabaseError, match="append-only"), october.session() as session:
        session.connection().execute(text("UPDATE statement SET closing_fen = 0"))


def test_nothing_is_posted_into_a_published_month(october: House) -> None:
    draft = submitted(october, on_date="2026-10-20")
    published(october)
    assert "不通过：那个月已经公布" in october.chen.get(f"/money/drafts/{draft['id']}").words
    assert approved(october, october.chen, draft).json["code"] == "MonthPublished"
    assert october.zhang.api.get(f"/drafts/{draft['id']}").json["state"] == "submitted"
    with pytest.raises(MonthPublished):
        booked(october, 5, date(2026, 9, 1))


def test_the_closed_month_is_held_by_the_database_too(october: House, monkeypatch: pytest.MonkeyPatch) -> None:
    published(october)
    monkeypatch.setattr("app.treasury.journal.published_until", lambda *_: None)
    with pytest.raises(DatabaseError, match="this month is published"):
        booked(october, 5, date(2026, 10, 20), Code.PARKING)
    with october.session() as session:
        guards_off(session, "journal_entry")
    booked(october, 5, date(2026, 10, 20), Code.PARKING)


def test_only_the_treasurer_publishes_and_with_the_second_factor(october: House) -> None:
    for one, status in ((october.wang, 403), (october.chen, 403), (october.liu, 403), (october.nobody, 401), (october.zhao, 403)):
        assert one.api.post("/statements", json=MONTH).status == status
    with october.session() as session:
        bare = make_login(session, october.zhang.person, second_factor=False)
    answer = october.zhang.api.post("/statements", json=MONTH, cookies={"sid": bare})
    assert answer.json["code"] == "SecondFactorNeeded"
    assert october.zhang.api.post("/statements", json={"month": "2026-13"}).status == 422
    assert october.zhao.api.get("/statements").json["items"] == []


def test_the_money_page_shows_the_year_and_this_month(house: House) -> None:
    with time_machine.travel("2026-11-23T03:00:00Z", tick=False):
        opened(house, date(2025, 6, 30))
        booked(house, 700_00, date(2025, 12, 1), Code.PARKING)
        booked(house, 80_00, date(2026, 11, 2), Code.SCRAP, "旧纸箱")
        booked(house, -30_00, date(2026, 11, 3), Code.OFFICE, "打印纸")
        page = house.nobody.get("/money")
        for words in ("¥10,750.00", "+¥80.00", "−¥30.00", "废品变卖", "办公", "打印纸", "2025年12月"):
            assert words in page.words
        assert len(page.page.select("svg.trend rect")) == 12
        accounts = house.nobody.api.get("/balances").json
        assert accounts["money"]["amount"] == "10750.00"
        assert "¥10,750.00" in house.wang.get("/money").words


def test_a_key_reads_the_ledger_page_by_page(october: House) -> None:
    with october.session() as session:
        token = make_key(session, october.wang.person, "treasury:read")
        blind = make_key(session, october.wang.person, "council:read")
    bearer = {"headers": {"authorization": f"Bearer {token}"}}
    seen, path = [], "/entries?limit=2"
    while path:
        page = october.nobody.api.get(path, **bearer).json
        seen += [entry["memo"] for entry in page["items"]]
        path = f"/entries?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == ["利息", "=HYPERLINK(1)", "买礼品", "10月停车", "期初结余"]
    wrong = october.nobody.api.get("/entries", headers={"authorization": f"Bearer {blind}"})
    assert wrong.json["code"] == "WrongScope"
    assert october.nobody.api.put(f"/drafts/{new_id()}", {}, **bearer).status in (403, 422)
    assert october.nobody.api.get("/entries?cursor=made-up").json["code"] == "BadCursor"


def test_another_compounds_ledger_is_not_this_one(october: House) -> None:
    entry = october.nobody.api.get("/entries").json["items"][0]["id"]
    assert october.zhao.api.get(f"/entries/{entry}").status == 404
    assert october.zhao.get(f"/money/entries/{entry}").status == 404
    statement = published(october)["id"]
    for path in ("", "/sheet", "/csv"):
        assert october.zhao.get(f"/money/statements/{statement}{path}").status == 404
