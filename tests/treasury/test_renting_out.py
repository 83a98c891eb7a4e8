"""The treasurer keeps the contracts; rent is booked to them; what is late everybody reads, and the treasurer is told once."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from app.inbox.models import Message
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.treasury.chart_models import Code
from app.treasury.contract_queries import receivables
from app.treasury.draft_models import Draft
from app.treasury.instalments import due_days, settled
from app.treasury.periods import later
from tests.cast import House
from tests.making import fresh
from tests.photos.papers import pdf
from tests.treasury.bookkeeping import ADVERTS, opened, picture, posted, signed, submitted, typed

TYPED = ADVERTS | {"amount": "3,000"}

autumn = time_machine.travel("2026-10-01T03:00:00Z", tick=False)
"""Three instalments of the adverts are due; of the last 16 days have passed."""


def recorded(house: House, **other: Any) -> str:
    id = str(fresh())
    answer = house.zhang.api.put(f"/contracts/{id}", ADVERTS | other)
    assert answer.status == 201, answer
    return id


def paid(house: House, contract: str, yuan: str, on: str = "2026-09-01") -> str:
    return posted(
        house,
        kind="income",
        category=Code.ADVERTISING.value,
        amount={"amount": yuan},
        on_date=on,
        counterparty="山雀广告社",
        purpose="电梯广告",
        contract_id=contract,
    )


def owed(house: House, on: str = "2026-10-01") -> list[tuple[str, str, int]]:
    items = house.nobody.api.get(f"/receivables?on={on}").json["items"]
    return [(x["due_on"], x["open"]["amount"], x["days_late"]) for x in items]


def test_a_31st_is_the_last_day_of_a_short_month() -> None:
    assert later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert list(due_days(date(2026, 1, 31), 1, date(2026, 4, 30))) == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert list(due_days(date(2026, 5, 1), 0, date(2030, 1, 1))) == [date(2026, 5, 1)], "once is once"


@given(st.integers(0, 900), st.integers(1, 100), st.integers(0, 400), st.sampled_from([0, 1, 3, 6, 12]))
def test_money_pays_the_oldest_first_and_none_of_it_is_lost(received: int, fen: int, days: int, months: int) -> None:
    first = date(2026, 1, 31)
    on = first + timedelta(days=days)
    due, following = settled(due_days(first, months, date(2027, 1, 31)), fen, received, on)
    assert all(x.due_on <= on for x in due)
    assert following is None or following.due_on > on
    whole = sum(x.received_fen for x in due) + (following.received_fen if following else 0)
    assert whole <= received
    for earlier, after in pairwise(due):
        assert earlier.open_fen == 0 or after.received_fen == 0, "nothing is paid while an older one is open"
    assert sum(x.open_fen for x in due) == max(0, fen * len(due) - received)


@autumn
def test_rent_that_has_not_come_is_shown_with_its_days(house: House) -> None:
    opened(house)
    contract = recorded(house)
    assert owed(house) == [("2026-03-15", "3000.00", 200), ("2026-06-15", "3000.00", 108), ("2026-09-15", "3000.00", 16)]
    paid(house, contract, "7000.00")
    assert owed(house) == [("2026-09-15", "2000.00", 16)], "the oldest are paid first, the rest in part"
    assert owed(house, "2026-08-31") == [("2026-03-15", "3000.00", 169), ("2026-06-15", "3000.00", 77)], "as it was that day"
    assert "¥2,000.00" in house.nobody.get("/money/contracts").words
    assert "晚了 16 天" in house.nobody.get("/money/contracts").words
    for who in (house.nobody, house.zhang):
        words = who.get("/money").words
        assert "电梯广告" in words
        assert "晚了 16 天" in words
    paid(house, contract, "4000.00", "2026-09-20")
    assert owed(house) == []
    assert "应收未收" not in house.nobody.get("/money").words
    page = house.nobody.get(f"/money/contracts/{contract}").words
    assert "都收到了" in page
    following = house.nobody.api.get(f"/contracts/{contract}").json["instalments"][-1]
    assert (following["due_on"], following["received"]["amount"]) == ("2026-12-15", "2000.00"), "what is too much is carried on"


@autumn
def test_a_reversed_payment_is_owed_again(house: House) -> None:
    opened(house)
    entry = paid(house, recorded(house), "9000.00")
    assert owed(house) == []
    draft = house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "收错了"}).json
    assert signed(house, draft).status == 200
    assert [line[0] for line in owed(house)] == ["2026-03-15", "2026-06-15", "2026-09-15"]


@autumn
def test_a_contract_that_ended_early_asks_for_nothing_more(house: House) -> None:
    opened(house)
    contract = recorded(house)
    end = {"on_date": "2026-06-30", "reason": "广告框拆了"}
    for _twice in range(2):
        assert house.zhang.api.post(f"/contracts/{contract}/end", json=end).json["ended_because"] == "广告框拆了"
    assert [line[0] for line in owed(house)] == ["2026-03-15", "2026-06-15"]
    page = house.nobody.get(f"/money/contracts/{contract}").words
    assert "2026年6月30日(周二)提前结束 广告框拆了" in page
    assert house.zhang.api.post(f"/contracts/{contract}/end", json=end | {"reason": "另一个"}).json["code"] == "NotThisState"
    edit = house.zhang.api.ask("PATCH", f"/contracts/{contract}", json=ADVERTS, headers={"if-match": '"2"'})
    assert edit.json["code"] == "NotThisState"
    other = recorded(house)
    late = house.zhang.api.post(f"/contracts/{other}/end", json=end | {"on_date": "2027-06-30"})
    assert late.json["errors"][0]["pointer"] == "/body/on_date"


def test_from_the_form_to_the_page_with_its_pages_for_officers_only(house: House) -> None:
    opened(house)
    form = house.zhang.get("/money/contracts/record").page
    id = form.find("input", {"name": "id"})["value"]
    scan = [("gallery", ("1.jpg", picture(1), "image/jpeg"))]
    for _twice in range(2):
        sent = house.zhang.post("/money/contracts/record", TYPED | {"id": id}, files=scan)
        page = house.zhang.follow(sent)
    assert "合同记下了。" in page.words
    src = str(page.page.select_one(".photos img")["src"]).removeprefix("/c/fengshu")
    assert "合同原件 1 页" in house.nobody.get(f"/money/contracts/{id}").words
    assert not house.nobody.get(f"/money/contracts/{id}").page.select(".photos")
    assert [one.get(src).status for one in (house.zhang, house.chen, house.liu)] == [200, 200, 200]
    assert [one.get(src).status for one in (house.wang, house.he, house.zhao_here)] == [403, 403, 303]
    (page_id,) = house.zhang.api.get(f"/contracts/{id}").json["pages"]
    assert house.wang.api.get(f"/contracts/{id}").json["pages"] == []
    assert house.wang.api.get(f"/contract-pages/{page_id}/320").json["code"] == "NotAllowed"
    edit = house.zhang.get(f"/money/contracts/{id}/correct").page
    assert edit.find("input", {"name": "amount"})["value"] == "3000.00"
    version = edit.find("input", {"name": "version"})["value"]
    changed = TYPED | {"id": str(fresh()), "version": version, "what": "全部电梯广告", "remove": page_id}
    assert "全部电梯广告" in house.zhang.follow(house.zhang.post(f"/money/contracts/{id}/correct", changed)).words
    assert house.zhang.api.get(f"/contracts/{id}").json["pages"] == []
    stale = house.zhang.post(f"/money/contracts/{id}/correct", changed)
    assert stale.status == 412
    assert "现在写的是：全部电梯广告" in stale.words


def test_a_page_of_another_contract_is_refused(house: House) -> None:
    opened(house)
    page = fresh()
    sent = {"content": picture(3), "headers": {"content-type": "image/jpeg"}}
    path = f"/contracts/{recorded(house)}/pages/{page}"
    assert [house.zhang.api.ask("PUT", path, **sent).status for _twice in range(2)] == [201, 200]
    other = house.zhang.api.ask("PUT", f"/contracts/{recorded(house)}/pages/{page}", **sent)
    assert other.json["code"] == "PageTaken"
    voucher = submitted(house)["vouchers"][0]
    with house.session() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM contract_paper").scalar() == 1
    assert house.wang.api.get(f"/contract-pages/{voucher}/320").status == 403
    assert house.zhang.api.get(f"/contract-pages/{voucher}/320").status == 404, "a voucher is no page"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"to_on": "2025-12-31"}, "to_on"),
        ({"to_on": "2099-12-31"}, "to_on"),
        ({"first_due_on": "2027-01-01"}, "first_due_on"),
        ({"amount": "0"}, "amount"),
        ({"category": Code.DRAINS.value}, "category"),
        ({"every": "week"}, "every"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(house_sqlite: House, other: dict[str, str], field: str) -> None:
    house = opened(house_sqlite)
    answer = house.zhang.post("/money/contracts/record", TYPED | {"id": str(fresh())} | other, files=[])
    assert answer.status == 422
    assert answer.page.select_one(f".errors a[href='#f-{field}']"), answer.words
    assert answer.page.find("input", {"name": "what"})["value"] == "电梯广告"


def test_every_version_stands_in_the_public_log(house: House) -> None:
    opened(house)
    contract = recorded(house)
    edit = house.zhang.api.ask("PATCH", f"/contracts/{contract}", json=ADVERTS, headers={"if-match": '"1"'})
    assert edit.headers["etag"] == '"2"'
    assert house.zhang.api.ask("PATCH", f"/contracts/{contract}", json=ADVERTS, headers={"if-match": '"1"'}).status == 412
    assert house.zhang.api.ask("PATCH", f"/contracts/{contract}", json=ADVERTS).status == 428
    house.zhang.api.post(f"/contracts/{contract}/end", json={"on_date": "2026-06-30", "reason": "拆了"})
    size = house.nobody.api.get("/log/head").json["size"]
    lines = [house.nobody.api.get(f"/log/entries/{n}").text for n in range(size)]
    assert [kind for kind in ("recorded", "corrected", "ended") if any(f"contract.{kind}" in line for line in lines)] == [
        "recorded",
        "corrected",
        "ended",
    ]
    assert not any("山雀" in line for line in lines)


@autumn
def test_the_list_is_searched_and_narrowed(house: House) -> None:
    opened(house)
    recorded(house)
    recorded(
        house,
        what="快递柜场地",
        counterparty="刺猬 100% 快递",
        from_on="2020-01-01",
        to_on="2020-12-31",
        first_due_on="2020-02-01",
    )

    def found(query: str) -> list[str]:
        return [item["what"] for item in house.nobody.api.get(f"/contracts?{query}").json["items"]]

    assert found("") == ["电梯广告", "快递柜场地"]
    assert found("q=刺猬 快递柜") == ["快递柜场地"]
    assert found("q=100%25") == ["快递柜场地"]
    assert found("q=_") == []
    assert found("state=running") == ["电梯广告"]
    assert found("state=over") == ["快递柜场地"]
    assert house.nobody.api.get("/contracts?state=some").status == 422
    assert "没有找到" in house.nobody.get("/money/contracts?q=灯笼").words
    first = house.nobody.get("/money/contracts?limit=1")
    assert "快递柜场地" in house.nobody.get(str(first.page.find("a", rel="next")["href"]).removeprefix("/c/fengshu")).words


@autumn
def test_the_booking_form_knows_the_contract(house: House) -> None:
    opened(house)
    contract = recorded(house)
    paid(house, contract, "2500.00")
    form = house.zhang.get(f"/money/book?contract={contract}").page
    assert form.find("input", {"name": "amount"})["value"] == "500.00", "what is left of the oldest that is open"
    assert form.find("input", {"name": "counterparty"})["value"] == "山雀广告社"
    assert form.select_one("select[name=contract_id] option[selected]")["value"] == contract
    assert form.select_one("input[name=category][checked]")["value"] == Code.ADVERTISING
    assert form.select_one("select[name=contract_id]").get_text().split() == ["没有合同", "电梯广告", "山雀广告社"]
    assert not house.zhang.get("/money/book?kind=expense").page.select("select[name=contract_id]")
    wrong = typed(id=str(fresh()), kind="income", category=Code.PARKING.value, contract_id=contract, amount="500")
    answer = house.zhang.post("/money/book", wrong)
    assert answer.status == 422
    assert "这份合同是另一类收入的。" in answer.words
    assert house.zhang.api.put(f"/drafts/{fresh()}", {**plainly(), "contract_id": str(fresh())}).status == 404


def plainly() -> dict[str, Any]:
    return {
        "kind": "income",
        "category": Code.ADVERTISING.value,
        "amount": {"amount": "1.00"},
        "on_date": "2026-09-01",
        "counterparty": "某人",
        "purpose": "某事",
    }


def test_an_approver_signs_the_contract_too(house: House) -> None:
    opened(house)
    asked = {**plainly(), "contract_id": recorded(house)}
    plain, named = (house.zhang.api.put(f"/drafts/{fresh()}", body).json for body in (plainly(), asked))
    same = house.zhang.api.ask("PATCH", f"/drafts/{plain['id']}", json=asked, headers={"if-match": '"1"'}).json
    assert same["contract_id"] == named["contract_id"]
    assert same["content_hash"] != plain["content_hash"]
    without = house.zhang.api.ask("PATCH", f"/drafts/{plain['id']}", json=plainly(), headers={"if-match": '"2"'}).json
    assert without["content_hash"] != same["content_hash"]
    with house.session() as session:
        draft = session.get_one(Draft, (house.compound.id, UUID(plain["id"])))
        bare = draft.content_hash([])
        draft.contract_id = UUID(named["contract_id"])
        assert draft.content_hash([]) != bare, "not only because the version is another"
        draft.contract_id = None


def told(house: House) -> list[str]:
    with house.session() as session:
        return [
            f"{message.title} {message.body}"
            for message in session.exec(select(Message).where(Message.person_id == house.zhang.id).order_by(Message.sent_at))
            if "一笔账" not in message.title
        ]


def test_the_treasurer_is_told_once_of_each_late_instalment_and_of_the_end(house: House) -> None:
    with time_machine.travel("2026-01-05T03:00:00Z", tick=False):
        opened(house)
        contract = recorded(house)
        run_once(house.db, HANDLERS)
        assert told(house) == []
    with time_machine.travel("2026-03-18T03:00:00Z", tick=False):
        run_once(house.db, HANDLERS)
        assert told(house) == [], "three days are given"
    with time_machine.travel("2026-03-19T03:00:00Z", tick=False):
        for _twice in range(2):
            run_once(house.db, HANDLERS)
        assert told(house) == ["租金到期没有收到 山雀广告社，电梯广告，3月15日应付，还差 ¥3,000.00。"]
        edit = house.zhang.api.ask("PATCH", f"/contracts/{contract}", json=ADVERTS, headers={"if-match": '"1"'})
        assert edit.status == 200
        run_once(house.db, HANDLERS)
        assert len(told(house)) == 1, "a correction tells nothing again"
        paid(house, contract, "6000.00", "2026-03-19")
    with time_machine.travel("2026-07-01T03:00:00Z", tick=False):
        run_once(house.db, HANDLERS)
        assert len(told(house)) == 1, "June is paid"
    with time_machine.travel("2026-10-31T03:00:00Z", tick=False):
        for _twice in range(2):
            run_once(house.db, HANDLERS)
        assert told(house)[1:] == ["租金到期没有收到 山雀广告社，电梯广告，9月15日应付，还差 ¥3,000.00。"]
    with time_machine.travel("2026-11-01T03:00:00Z", tick=False):
        for _twice in range(2):
            run_once(house.db, HANDLERS)
        assert told(house)[2:] == ["有一份合同快到期了 山雀广告社，电梯广告，2026年12月31日(周四)到期。"]


def test_a_contract_that_ended_early_reminds_of_nothing(house: House) -> None:
    with time_machine.travel("2026-01-05T03:00:00Z", tick=False):
        opened(house)
        contract = recorded(house)
        house.zhang.api.post(f"/contracts/{contract}/end", json={"on_date": "2026-02-28", "reason": "不租了"})
    with time_machine.travel("2026-12-20T03:00:00Z", tick=False):
        run_once(house.db, HANDLERS)
    assert told(house) == []


@autumn
def test_a_statement_may_ask_for_what_is_owed(house: House) -> None:
    opened(house)
    recorded(house)
    with house.session() as session:
        (first, *_others) = receivables(session, house.compound.id, date(2026, 9, 30))
        assert (first.category, first.fund, first.open_fen, first.days_late) == ("电梯和道闸广告", "public_income", 3_000_00, 199)
        assert receivables(session, house.next_door.id, date(2026, 9, 30)) == []


@autumn
def test_a_long_contract_shows_its_latest_instalments_and_says_how_many_more(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    contract = recorded(house, from_on="2020-01-01", first_due_on="2020-03-15")
    page = house.nobody.get(f"/money/contracts/{contract}")
    rows = [row.get_text(" ", strip=True) for row in page.page.select("#due tbody tr")]
    assert rows[:2] == ["2026年12月15日(周二) 下一期 ¥3,000.00", "2026年9月15日(周二) 晚了 16 天 ¥3,000.00"]
    assert len(rows) == 1 + 8
    assert "更早还有 19 期。" in page.words, "27 were due"


def test_a_pdf_comes_page_by_page_and_what_cannot_be_read_is_said(house_sqlite: House) -> None:
    house, id = opened(house_sqlite), str(fresh())
    scans = [
        ("gallery", ("合同.pdf", pdf(3, busy=True), "application/pdf")),
        ("gallery", ("x.jpg", b"not a picture", "image/jpeg")),
    ]
    page = house.zhang.follow(house.zhang.post("/money/contracts/record", TYPED | {"id": id}, files=scans))
    assert "合同记下了。有一张没收下" in page.words
    assert len(house.zhang.api.get(f"/contracts/{id}").json["pages"]) == 3
    slip = TYPED | {"id": str(fresh()), "what": ""}
    again = house.zhang.post("/money/contracts/record", slip, files=scans[:1])
    assert again.status == 422
    assert "照片没有存下，请再选一次。" in again.words


def test_a_contract_has_so_many_pages_and_no_more(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    contract = recorded(house)
    sent = {"content": pdf(20, busy=True), "headers": {"content-type": "application/pdf"}}
    assert [house.zhang.api.ask("PUT", f"/contracts/{contract}/pages/{fresh()}", **sent).status for _twice in range(2)] == [
        201,
        201,
    ]
    one_more = {"content": picture(4), "headers": {"content-type": "image/jpeg"}}
    assert house.zhang.api.ask("PUT", f"/contracts/{contract}/pages/{fresh()}", **one_more).json["code"] == "TooManyPages"
    assert len(house.zhang.api.get(f"/contracts/{contract}").json["pages"]) == 40
