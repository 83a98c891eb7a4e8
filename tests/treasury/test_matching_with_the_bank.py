"""A treasurer brings the bank's file, looks, confirms, matches, and the difference is zero; or what does not fit is said."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from bs4 import Tag
from sqlalchemy import insert, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import select

from app.compounds.models import Rule, Seat, SeatKind
from app.kit.clock import today
from app.kit.ids import new_id
from app.treasury.bank_models import BankFile, BankLine, BankStatement, MatchedEntry, MatchedLine
from app.treasury.chart_models import Code
from app.treasury.journal import book, reverse
from app.treasury.models import JournalEntry
from tests.cast import Answer, House
from tests.making import fresh, make_seat
from tests.treasury.bank_samples import BANK, WECHAT, as_csv, as_xlsx, changed
from tests.treasury.bookkeeping import booked, opened

OCTOBER = {"month": "2026-10"}


@pytest.fixture
def october(house: House) -> House:
    """The books say what the sample file says; the fee for cleaning was booked a day earlier than the bank moved it."""
    opened(house, date(2026, 9, 30))
    booked(house, 5_000_00, date(2026, 10, 5), Code.PARKING, "10月停车")
    booked(house, -1_200_00, date(2026, 10, 9), Code.STOCK, "买礼品")
    booked(house, -300_00, date(2026, 10, 30), Code.RUBBISH, "清运")
    return house


def bring(house: House, data: bytes, filename: str = "对账单.csv", account: str = Code.BANK) -> Answer:
    form = {"id": str(fresh()), "account": account}
    return house.zhang.ask("POST", "/money/bank/bring", data=form, files={"file": (filename, data)})


def confirm(house: House, looked: Answer, **typed: str) -> Answer:
    path = looked.place.removeprefix("/c/fengshu")
    page = house.zhang.get(path)
    form = {field["name"]: field.get("value", "") for field in _form(page, "/confirm").find_all("input")}
    return house.zhang.post(f"{path}/confirm", form | typed)


def _form(page: Answer, ending: str) -> Tag:
    return next(form for form in page.page.find_all("form") if form["action"].endswith(ending))


def stated(house: House, **other: Any) -> dict[str, Any]:
    """The sample file as JSON."""
    wish = {
        "account": Code.BANK.value,
        "from_on": "2026-10-01",
        "to_on": "2026-10-31",
        "opening": {"amount": "10000.00"},
        "closing": {"amount": "13500.00"},
        "lines": [
            {"on_date": "2026-10-05", "amount": {"amount": "5000.00"}, "counterparty": "枫树停车", "reference": "B1"},
            {"on_date": "2026-10-09", "amount": {"amount": "-1200.00"}},
            {"on_date": "2026-10-31", "amount": {"amount": "-300.00"}, "text": "清运"},
        ],
    }
    return wish | other


def put(house: House, **other: Any) -> dict[str, Any]:
    answer = house.zhang.api.put(f"/bank-statements/{fresh()}", stated(house, **other))
    assert answer.status == 201, answer
    return dict(answer.json)


def counted(house: House, on: str, yuan: str, account: str = Code.BANK) -> Answer:
    form = {"id": str(fresh()), "account": account, "on_date": on, "balance": yuan}
    return house.zhang.post("/money/bank/count", form)


def sides(house: House, statement: str) -> tuple[list[str], list[str]]:
    """Ids of its lines and of the open entries."""
    lines = house.zhang.api.get(f"/bank-statements/{statement}/lines").json["items"]
    entries = house.zhang.api.get(f"/bank-statements/{statement}/open-entries").json["items"]
    return [line["id"] for line in lines], [entry["id"] for entry in entries]


def test_a_file_is_looked_at_confirmed_matched_and_the_difference_is_zero(october: House) -> None:
    looked = bring(october, as_csv(BANK, "gb18030"))
    page = october.zhang.follow(looked)
    for words in ("还没有写入", "3 笔", "+¥5,000.00", "−¥1,500.00", "¥13,500.00", "借方发生额", "白鹭百货", "合计或说明"):
        assert words in page.words
    with october.session() as session:
        assert not session.exec(select(BankStatement)).first()
        assert not session.exec(select(BankLine)).first()
    done = confirm(october, looked)
    matching = october.zhang.follow(done)
    for words in ("和银行一致，差 ¥0.00", "银行 3 笔，账上 4 笔", "都对上（3 笔不会错的）", "白鹭百货 礼品款"):
        assert words in matching.words
    path = done.place.removeprefix("/c/fengshu")
    matched = october.zhang.follow(october.zhang.post(f"{path}/sure"))
    assert "对上了 3 笔" in matched.words
    assert "银行 0 笔，账上 1 笔" in matched.words, "the opening entry lies before what the bank told"
    for one in (october.nobody, october.wang):
        assert "和银行一致，差 ¥0.00" in one.get("/money").words
        assert "2026年10月31日(周六)" in one.get("/money").words
    with october.session() as session:
        assert not session.exec(select(BankFile)).first(), "the file's reading goes with the yes"
    checks = october.nobody.api.get("/bank-checks").json["accounts"]
    assert {c["account"]: c["on"] for c in checks} == {"1001": None, "1002": "2026-10-31"}


def test_a_file_that_is_discarded_leaves_nothing(october: House) -> None:
    looked = bring(october, as_csv(BANK))
    path = looked.place.removeprefix("/c/fengshu")
    assert october.chen.get(path).status == 404, "who did not bring it does not see it"
    assert "什么都没有写" in october.zhang.follow(october.zhang.post(f"{path}/discard")).words
    assert october.zhang.get(path).status == 404
    bring(october, as_csv(BANK))
    bring(october, as_csv(WECHAT))
    with october.session() as session:
        assert len(session.exec(select(BankFile)).all()) == 1, "an officer looks at one file at a time"


def test_a_file_is_not_looked_at_by_who_is_treasurer_no_more(october: House) -> None:
    file = bring(october, as_csv(BANK)).place.removeprefix("/c/fengshu")
    with october.session() as session:
        session.exec(select(Seat).where(Seat.person_id == october.zhang.id)).one().to_on = today() - timedelta(days=1)
        make_seat(session, october.zhang.person, SeatKind.COORDINATOR)
    assert october.zhang.get(file).status == 404


def test_a_second_tap_on_the_file_and_on_the_yes_counts_once(october: House) -> None:
    form = {"id": str(fresh()), "account": Code.BANK.value}
    twice = [october.zhang.ask("POST", "/money/bank/bring", data=form, files={"file": ("a.csv", as_csv(BANK))}) for _ in range(2)]
    assert twice[0].place == twice[1].place
    path = twice[0].place.removeprefix("/c/fengshu")
    yes = {"to_on": "2026-10-31", "closing": "13,500.00"}
    assert [october.zhang.post(f"{path}/confirm", yes).status for _ in range(2)] == [303, 303]
    with october.session() as session:
        assert len(session.exec(select(BankLine)).all()) == 3


def test_what_is_wrong_in_a_file_is_named_and_nothing_is_kept(october: House) -> None:
    answer = bring(october, as_xlsx(changed(BANK, 6, 2, "一千二")), "对账单.xlsx")
    assert answer.status == 422
    for words in ("这个文件不能用", "第 6 行 C 列", "借方发生额", "一千二", "金额看不懂"):
        assert words in answer.words
    for data, words in (
        (b"", "空的"),
        (as_xlsx(BANK)[:900], "坏了"),
        (bytes(range(256)) * 10, "认不出"),
        ("日期\n1\n".encode(), "没找到表头"),
    ):
        refused = bring(october, data, "a.csv")
        assert refused.status == 422
        assert words in refused.words
    assert bring(october, as_csv(BANK), account="5003").status == 422
    assert october.zhang.ask("POST", "/money/bank/bring", data={"account": Code.BANK.value}).status == 422
    with october.session() as session:
        assert not session.exec(select(BankFile)).first()


def test_where_the_file_tells_no_balance_it_is_asked_for(october: House) -> None:
    looked = bring(october, as_csv(WECHAT), account=Code.CASH)
    missing = confirm(october, looked)
    assert missing.status == 422
    assert "这里还没有填" in missing.words
    early = confirm(october, looked, closing="167.50", to_on="2026-10-19")
    assert "不能早于最后一笔的日期" in early.words
    done = confirm(october, looked, closing="167.50")
    assert "微信" not in october.zhang.follow(done).words
    with october.session() as session:
        statement = session.exec(select(BankStatement)).one()
        assert (statement.opening_fen, statement.closing_fen, statement.lines) == (0, 167_50, 3)
        assert statement.file_sha256


def test_a_balance_that_the_file_knows_cannot_be_said_otherwise(october: House) -> None:
    answer = confirm(october, bring(october, as_csv(BANK)), closing="13,600.00")
    assert answer.status == 422
    assert "文件里最后的余额是 ¥13,500.00" in answer.words


def test_one_line_is_several_entries_and_several_lines_are_one(october: House) -> None:
    booked(october, 100_00, date(2026, 10, 12), Code.PARKING, "零星停车一")
    booked(october, 150_00, date(2026, 10, 12), Code.PARKING, "零星停车二")
    booked(october, -80_00, date(2026, 10, 20), Code.OFFICE, "办公用品")
    lines = [("2026-10-12", "250.00"), ("2026-10-20", "-30.00"), ("2026-10-20", "-50.00")]
    wish = {"lines": [{"on_date": day, "amount": {"amount": yuan}} for day, yuan in lines], "closing": {"amount": "10170.00"}}
    statement = put(october, **wish)
    (one, two, three), _ = sides(october, statement["id"])
    entries = october.zhang.api.get(f"/bank-statements/{statement['id']}/open-entries").json["items"]
    by_memo = {entry["memo"]: entry["id"] for entry in entries}
    path = f"/money/bank/statements/{statement['id']}"
    uneven = october.zhang.post(f"{path}/matches", {"lines": [one], "entries": [by_memo["零星停车一"]]})
    assert uneven.status == 422
    assert "对账单 +¥250.00，账上 +¥100.00" in uneven.words
    assert uneven.page.find("input", {"value": one}).has_attr("checked"), "what was ticked stays ticked"
    both = {"lines": [one], "entries": [by_memo["零星停车一"], by_memo["零星停车二"]]}
    assert october.zhang.post(f"{path}/matches", both).status == 303
    many = {"lines": [two, three], "entries": [by_memo["办公用品"]]}
    assert october.zhang.api.put(f"/bank-statements/{statement['id']}/matches/{fresh()}", many).status == 201
    matches = october.zhang.api.get(f"/bank-statements/{statement['id']}/matches").json["items"]
    assert [sorted(m["lines"]) for m in matches] == [sorted([two, three]), [one]]
    page = october.zhang.get(path)
    assert "每一笔都对上了" not in page.words, "entries of the books that the bank does not know are still there"
    assert "银行 0 笔" in page.words
    undone = october.zhang.follow(october.zhang.post(f"{path}/matches/{matches[0]['id']}/undo"))
    assert "银行 2 笔" in undone.words


def test_a_match_is_sent_twice_with_one_effect(october: House) -> None:
    statement = put(october)["id"]
    (first, *_rest), entries = sides(october, statement)
    wish = {"lines": [first], "entries": [entries[1]]}
    path = f"/bank-statements/{statement}/matches/{fresh()}"
    assert [october.zhang.api.put(path, wish).status for _ in range(2)] == [201, 200]
    other = october.zhang.api.put(path, wish | {"entries": []})
    assert other.json["code"] == "SameIdOtherContent"
    again = october.zhang.api.put(f"/bank-statements/{statement}/matches/{fresh()}", wish)
    assert (again.status, again.json["code"]) == (409, "AlreadyMatched")
    assert october.zhang.api.post(f"{path}/undo").json["open_lines"] == 3
    assert october.zhang.api.post(f"{path}/undo").status == 404
    assert october.zhang.api.put(path, wish).status == 201, "what was undone may be said again"


def test_an_entry_is_matched_once_by_the_databases_own_rule(october: House) -> None:
    statement = put(october)["id"]
    assert october.zhang.api.post(f"/bank-statements/{statement}/sure").json == {"matched": 3}
    with october.session() as session:
        row = session.exec(select(MatchedEntry)).first()
        line = session.exec(select(MatchedLine)).first()
        assert row
        assert line
    with pytest.raises(IntegrityError), october.session() as session:
        session.connection().execute(insert(MatchedEntry), [row.model_dump() | {"id": new_id()}])
    with pytest.raises(IntegrityError), october.session() as session:
        session.connection().execute(insert(MatchedLine), [line.model_dump()])
    with pytest.raises(DatabaseError, match="append-only"), october.session() as session:
        session.connection().execute(text("UPDATE bank_line SET fen = 1"))


def test_what_does_not_belong_together_is_not_found(october: House) -> None:
    statement, other = (
        put(october)["id"],
        put(october, from_on="2026-09-01", to_on="2026-09-30", lines=[], closing={"amount": "10000.00"})["id"],
    )
    (line, *_), entries = sides(october, statement)
    ask = october.zhang.api.put
    assert ask(f"/bank-statements/{other}/matches/{fresh()}", {"lines": [line], "entries": [entries[1]]}).status == 404
    assert ask(f"/bank-statements/{statement}/matches/{fresh()}", {"lines": [line], "entries": [str(fresh())]}).status == 404
    with october.session() as session:
        lines = [(Code.CASH, 5_000_00), (Code.PARKING, -5_000_00)]
        cash = book(session, october.compound.id, date(2026, 10, 5), "现金停车", lines).id
    no = ask(f"/bank-statements/{statement}/matches/{fresh()}", {"lines": [line], "entries": [str(cash)]})
    assert no.status == 404, "what moved the cash box did not move the bank account"
    assert ask(f"/bank-statements/{statement}/matches/{fresh()}", {}).json["code"] == "MatchUneven"
    assert october.zhao.api.get(f"/bank-statements/{statement}").status == 404


def test_lines_must_lead_from_the_opening_to_the_closing_balance(october: House) -> None:
    def refused(**other: Any) -> str:
        answer = october.zhang.api.put(f"/bank-statements/{fresh()}", stated(october, **other))
        assert answer.status == 422, answer
        return str(answer.json["errors"][0]["pointer"])

    assert refused(closing={"amount": "13500.01"}) == "/body/closing"
    assert refused(from_on="2026-10-06") == "/body/from_on"
    assert refused(from_on="2026-11-06") == "/body/from_on"
    assert refused(account="5003") == "/body/account"
    assert refused(lines=[{"on_date": "2026-10-05", "amount": {"amount": "0.00"}}]) == "/body/lines"
    assert refused(closing={"amount": "92233720368547758.08"}).startswith("/body/closing")
    assert refused(to_on="2999-01-01") == "/body/to_on"


def test_two_statements_of_an_account_never_overlap(october: House) -> None:
    first = put(october)["id"]
    again = october.zhang.api.put(f"/bank-statements/{fresh()}", stated(october, from_on="2026-09-15"))
    assert (again.status, again.json["code"]) == (409, "PeriodTaken")
    assert october.zhang.api.put(f"/bank-statements/{first}", stated(october)).status == 200
    assert put(october, account=Code.CASH.value)["account"] == "1001", "another account has days of its own"
    october.zhang.api.post(f"/bank-statements/{first}/sure")
    for _ in range(2):
        gone = october.zhang.api.post(f"/bank-statements/{first}/withdraw").json
        assert gone["withdrawn_at"]
    with october.session() as session:
        assert not session.exec(select(MatchedEntry)).first()
    assert october.zhang.api.post(f"/bank-statements/{first}/sure").json["code"] == "NotThisState"
    assert "已撤回" in october.zhang.get(f"/money/bank/statements/{first}").words
    assert put(october)["difference"]["amount"] == "0.00"
    assert [s["id"] for s in october.chen.api.get("/bank-statements").json["items"] if s["withdrawn_at"]] == [first]


def test_only_what_cannot_be_meant_otherwise_is_matched_in_one_tap(october: House) -> None:
    booked(october, 60_00, date(2026, 10, 14), Code.PARKING, "停车甲")
    twin = booked(october, 60_00, date(2026, 10, 15), Code.PARKING, "停车乙")
    wrong = booked(october, -9_00, date(2026, 10, 20), Code.OFFICE, "记错的")
    with october.session() as session:
        reverse(session, session.merge(wrong), "记错了")
    lines = [("2026-10-14", "60.00", "停车"), ("2026-10-25", "60.00", f"凭证{twin.reference}号"), ("2026-10-28", "5000.00", "")]
    wish = [{"on_date": day, "amount": {"amount": yuan}} | ({"text": text} if text else {}) for day, yuan, text in lines]
    statement = put(october, lines=wish, closing={"amount": "15120.00"})["id"]
    path = f"/money/bank/statements/{statement}"
    page = october.zhang.get(path).words
    assert "都对上（2 笔不会错的）" in page, "the one named by its number, and then only one is left for the other"
    assert "可能是" in page
    assert october.zhang.api.post(f"/bank-statements/{statement}/sure").json == {"matched": 2}
    left = {e["memo"] for e in october.zhang.api.get(f"/bank-statements/{statement}/open-entries").json["items"]}
    assert {"停车甲", "停车乙"}.isdisjoint(left)
    assert "10月停车" in left, "a line of the same amount three weeks later is not it"


def test_an_entry_and_its_reversal_that_never_reached_the_bank_are_a_pair(october: House) -> None:
    with october.session() as session:
        one = book(session, october.compound.id, date(2026, 10, 6), "错的", [(Code.BANK, -7_00), (Code.OFFICE, 7_00)])
        reverse(session, one, "记错了")
    statement = put(october, to_on=today().isoformat())["id"]
    october.zhang.api.post(f"/bank-statements/{statement}/sure")
    matches = october.zhang.api.get(f"/bank-statements/{statement}/matches").json["items"]
    assert sorted(len(m["lines"]) for m in matches) == [0, 1, 1, 1]
    assert "冲销的一对" in october.zhang.get(f"/money/bank/statements/{statement}").words


def test_a_balance_by_hand_is_held_against_the_books(october: House) -> None:
    short = october.zhang.follow(counted(october, "2026-10-31", "13,490.00"))
    assert "差 ¥10.00" in short.words
    assert "差 ¥10.00" in october.nobody.get("/money").words
    assert "差 ¥10.00" in october.chen.get("/money/bank").words
    right = october.zhang.follow(counted(october, "2026-10-31", "１３５００"))
    assert "和银行一致" in right.words
    assert "和银行一致" in october.nobody.get("/money").words, "of one day, what was entered last"
    assert counted(october, "2999-01-01", "1").status == 422
    assert counted(october, "2026-10-31", "1", "5003").status == 422
    assert "请写成 1234.50" in counted(october, "2026-10-31", "很多").words


@pytest.mark.parametrize("on", ["2026-10-31", "2026-10-10"])
def test_a_balance_that_fails_blocks_the_publication_of_what_ends_after_it(october: House, on: str) -> None:
    counted(october, on, "1.00")
    answer = october.zhang.api.post("/statements", json=OCTOBER)
    assert (answer.status, answer.json["code"]) == (409, "BalanceFails")
    assert "对不上，差" in answer.json["detail"]
    look = october.zhang.get("/money/publish?period=2026-10")
    assert "不通过：银行存款" in look.words
    assert "确认公布" not in look.words
    assert october.zhang.api.post("/statements", json={"month": "2026-09"}).status == 201, "September ended before"
    counted(october, "2026-10-31", "13500.00")
    assert "通过：银行存款10月31日和银行一致" in october.zhang.get("/money/publish?period=2026-10").words
    assert october.zhang.api.post("/statements", json=OCTOBER).status == 201


def test_a_balance_after_the_month_or_withdrawn_does_not_block_it(october: House) -> None:
    counted(october, "2026-11-01", "1.00")
    wrong = counted(october, "2026-10-31", "2.00").place.rpartition("/")[2]
    assert october.zhang.post(f"/money/bank/statements/{wrong}/withdraw").status == 303
    assert "请看：银行存款还没有对过账" in october.zhang.get("/money/publish?period=2026-10").words
    assert october.zhang.api.post("/statements", json=OCTOBER).status == 201


def test_a_compound_may_require_that_every_account_is_checked_first(october: House) -> None:
    with october.session() as session:
        session.add(
            Rule(
                compound_id=october.compound.id,
                name="bank_check_required",
                value="1",
                source="业主大会",
                decided_by="业主大会",
                valid_from_on=date(2026, 1, 1),
            )
        )
    answer = october.zhang.api.post("/statements", json=OCTOBER)
    assert (answer.status, answer.json["code"]) == (409, "BalanceUnchecked")
    assert "不通过：银行存款还没有对过账" in october.zhang.get("/money/publish?period=2026-10").words
    assert "库存现金" not in october.zhang.get("/money/publish?period=2026-10").words, "an account without entries needs no check"
    counted(october, "2026-10-31", "13500.00")
    assert october.zhang.api.post("/statements", json=OCTOBER).status == 201


def test_what_the_bank_wrote_is_read_by_officers_only(october: House) -> None:
    statement = put(october)["id"]
    for one, status in ((october.chen, 200), (october.liu, 200), (october.wang, 404), (october.nobody, 401)):
        assert one.api.get(f"/bank-statements/{statement}/lines").status == status
    assert october.chen.get(f"/money/bank/statements/{statement}").status == 200
    assert "都对上（" not in october.chen.get(f"/money/bank/statements/{statement}").words, "who checks does not match"
    assert october.chen.api.post(f"/bank-statements/{statement}/sure").status == 403
    other = october.newcomer("新财务", SeatKind.TREASURER)
    assert other.api.post(f"/bank-statements/{statement}/sure").json == {"matched": 3}


def test_lines_are_listed_page_by_page(october: House) -> None:
    statement = put(october)["id"]
    for path, total in (("lines", 3), ("open-entries", 4)):
        seen, cursor = [], ""
        while cursor is not None:
            page = october.zhang.api.get(f"/bank-statements/{statement}/{path}?limit=1{cursor}").json
            seen += [UUID(item["id"]) for item in page["items"]]
            cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
        assert len(seen) == len(set(seen)) == total


def test_a_match_never_touches_the_books(october: House) -> None:
    with october.session() as session:
        before = [e.model_dump() for e in session.exec(select(JournalEntry))]
    statement = put(october)["id"]
    october.zhang.api.post(f"/bank-statements/{statement}/sure")
    october.zhang.api.post(f"/bank-statements/{statement}/withdraw")
    with october.session() as session:
        assert [e.model_dump() for e in session.exec(select(JournalEntry))] == before


def test_a_balance_that_was_mistyped_stops_nobody_from_reading(october: House) -> None:
    """What the bank says less what the books say has to be an amount that can be told, too."""
    counted = {"id": str(fresh()), "account": Code.BANK.value, "on_date": "2026-10-31", "balance": "-9999999999999.99"}
    assert october.zhang.post("/money/bank/count", counted).status == 422
    said = {"opening": {"amount": "-9999999999999.99"}, "closing": {"amount": "-9999999999999.99"}, "lines": []}
    assert october.zhang.api.put(f"/bank-statements/{fresh()}", stated(october, **said)).status == 422
    assert october.zhang.post("/money/bank/count", counted | {"balance": "-9999999999.99"}).status == 303
    assert october.nobody.api.get("/bank-checks").json["accounts"][1]["difference"]["amount"] == "-10000013499.99"


def test_an_opening_balance_that_no_account_can_have_had_is_refused(october: House) -> None:
    lines = [[f"2026-10-{day:02}", "进账", "", "9,999,999,999.00", "", "某户", ""] for day in (5, 6)]
    looked = bring(october, as_csv([*BANK[:4], *lines]))
    assert "期初" in _form(refused := confirm(october, looked, closing="1.00"), "/confirm").get_text()
    assert refused.status == 422
    assert confirm(october, looked, closing="9999999999.00").status == 303


def test_the_form_of_a_file_that_was_confirmed_brings_no_other_one(october: House) -> None:
    """Two steps back in the browser and the next month's file chosen: it is not said to be imported."""
    form = {"id": str(fresh()), "account": Code.BANK.value}
    november = [BANK[3], ["2026-11-05", "停车费", "", "5,000.00", "18,500.00", "枫树停车", "B0004"]]
    bringing = {"data": form, "files": {"file": ("十月.csv", as_csv(BANK))}}
    made = confirm(october, october.zhang.ask("POST", "/money/bank/bring", **bringing))
    other = october.zhang.ask("POST", "/money/bank/bring", data=form, files={"file": ("十一月.csv", as_csv(november))})
    assert (other.status, "已经交过" in other.words, made.place in other.text) == (409, True, True)
    again = october.zhang.ask("POST", "/money/bank/bring", **bringing)
    assert confirm(october, again).place == made.place, "the same one again is the same statement"


def test_what_nobody_can_see_in_a_files_name_or_account_is_left_out(october: House) -> None:
    """httpx would escape the name."""
    parts = {"id": str(fresh()), "account": "10\x0002", 'file"; filename="十\0月.csv': as_csv(BANK).decode()}
    body = "".join(f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{part}\r\n' for name, part in parts.items())
    headers = {"content-type": "multipart/form-data; boundary=X"}
    looked = october.zhang.ask("POST", "/money/bank/bring", content=f"{body}--X--\r\n".encode(), headers=headers)
    assert "十月.csv" in october.zhang.follow(looked).text
