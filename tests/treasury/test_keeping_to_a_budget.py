"""A decision sets what a year may cost; the treasurer writes it as a table; everybody reads what is left of it."""

from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy.exc import DBAPIError

from app.compounds.models import Rule
from app.treasury.chart_models import AccountKind, Code, Fund, LedgerAccount, Use
from app.treasury.periods import Term
from tests.cast import Answer, House
from tests.making import fresh
from tests.treasury.bookkeeping import approved, booked, opened, submitted

DECISION = {
    "kind": "owners",
    "title": "年度预算",
    "what": "疏通 4,000 元以内。",
    "decided_on": "2026-01-10",
    "votes_for": 20,
    "votes_against": 1,
    "votes_abstained": 0,
}

november = time_machine.travel("2026-11-12T03:00:00Z", tick=False)


def decided(house: House) -> str:
    id = str(fresh())
    answer = house.liu.api.put(f"/decisions/{id}", DECISION)
    assert answer.status == 201, answer
    return id


def wish(house: House, *lines: tuple[str, str], **other: Any) -> dict[str, Any]:
    rows = [{"category": code, "amount": {"amount": amount}} for code, amount in lines]
    return {"period": "2026", "decision_id": decided(house), "lines": rows} | other


def planned(house: House, *lines: tuple[str, str], **other: Any) -> Answer:
    return house.zhang.api.put(f"/budgets/{fresh()}", wish(house, *lines, **other))


def binding(house: House) -> None:
    with house.session() as session:
        rule = {"source": "自治公约", "decided_by": "业主大会", "valid_from_on": date(2026, 1, 1)}
        session.add(Rule(compound_id=house.compound.id, name="budget_binds", value="1", **rule))


def test_a_period_is_read_and_written() -> None:
    for text, first, last in (
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    ):
        term = Term.read(text)
        assert (term.key, term.first, term.last) == (text, first, last)
        assert term.beside(-1).beside(1) == term
        assert Term.of(last, term.months) == term
    assert Term.read("2026-Q1").beside(-1).key == "2025-Q4"


@november
def test_what_is_left_is_said_in_words(house: House) -> None:
    opened(house)
    assert "还没有定预算" in house.nobody.get("/money/budget?period=2026").words
    assert planned(house, (Code.DRAINS, "4000"), (Code.RUBBISH, "1000"), (Code.PARKING, "10000")).status == 201
    booked(house, -2_800_00, date(2026, 3, 1), Code.DRAINS)
    booked(house, -1_300_00, date(2026, 3, 2), Code.RUBBISH)
    booked(house, 6_300_00, date(2026, 3, 3), Code.PARKING)
    booked(house, -50_00, date(2026, 3, 4), Code.OFFICE)
    words = house.nobody.get("/money/budget").words
    assert "下水道疏通 已用 70%，还剩 ¥1,200.00" in words
    assert "保洁和清运 已用 130%，超出预算 ¥300.00" in words
    assert "地面停车 已收 63%，还差 ¥3,700.00" in words
    assert "办公 没有预算" in words
    assert "计划 ¥5,000.00。 已用 82%，还剩 ¥900.00" in words, "what nobody planned is no part of the plan's sum"
    bar = house.nobody.get("/money/budget").page.find("a", string="下水道疏通")
    lines = house.nobody.get(str(bar["href"]).removeprefix("/c/fengshu"))
    assert "共 1 笔，收 ¥0.00，支 ¥2,800.00。" in lines.words


@november
def test_a_correction_is_another_version_with_its_reason(house: House) -> None:
    opened(house)
    first = planned(house, (Code.DRAINS, "4000")).json
    assert first["version"] == 1
    assert planned(house, (Code.DRAINS, "9000")).json["code"] == "Stale", "nobody overwrites what they have not seen"
    silent = planned(house, (Code.DRAINS, "9000"), replaces=1)
    assert silent.json["errors"][0]["pointer"] == "/body/reason"
    second = planned(house, (Code.DRAINS, "9000"), replaces=1, reason="雨水多").json
    assert (second["version"], second["reason"]) == (2, "雨水多")
    words = house.nobody.get("/money/budget?period=2026").words
    assert "改的原因：雨水多" in words
    assert "¥9,000.00" in words
    old = house.nobody.get(f"/money/budget?version={first['id']}").words
    assert "这是第 1 版，已经改过" in old
    assert "¥4,000.00" in old
    assert sorted(b["version"] for b in house.nobody.api.get("/budgets").json["items"]) == [1, 2]
    with pytest.raises(DBAPIError, match="append-only"), house.session() as session:
        session.connection().exec_driver_sql("UPDATE budget_line SET fen = 1")


def test_it_is_written_as_a_table(house: House) -> None:
    opened(house)
    decision = decided(house)
    form = house.zhang.get("/money/budget/write?period=2026-Q4").page
    codes = [field["value"] for field in form.find_all("input", {"name": "category"})]
    amounts = ["４，０００" if code == Code.DRAINS else "" for code in codes]
    sent = {"id": form.find("input", {"name": "id"})["value"], "version": "0", "decision_id": decision}
    sent |= {"category": codes, "amount": amounts}
    for _twice in range(2):
        page = house.zhang.follow(house.zhang.post("/money/budget/write?period=2026-Q4", sent)).words
    assert "2026年四季度预算" in page
    assert "第 1 版" in page
    again = house.zhang.get("/money/budget/write?period=2026-Q4").page
    assert [f["value"] for f in again.find_all("input", {"name": "amount"}) if f["value"]] == ["4000.00"]
    wrong = house.zhang.post("/money/budget/write?period=2026-Q4", sent | {"id": str(fresh()), "amount": ["x", *amounts[1:]]})
    assert wrong.status == 422
    assert "第 1 行：金额请写成 1234.50 这样，要大于零。" in wrong.words
    assert wrong.page.find_all("input", {"name": "amount"})[0]["value"] == "x"
    nothing = house.zhang.post("/money/budget/write", sent | {"id": str(fresh()), "amount": [""] * len(codes)})
    assert "请至少写一类的金额。" in nothing.words
    cut = house.zhang.post("/money/budget/write", sent | {"id": str(fresh()), "amount": amounts[:-1]})
    assert "表格不完整" in cut.words
    stale = house.zhang.post("/money/budget/write?period=2026-Q4", sent | {"id": str(fresh()), "reason": "多了"})
    assert stale.status == 412
    assert stale.page.find("input", {"name": "version"})["value"] == "1"


def test_an_unknown_category_and_one_twice_are_refused(house: House) -> None:
    opened(house)
    assert planned(house, ("9999", "1")).status == 422
    assert planned(house, (Code.BANK, "1")).status == 422, "money itself has no budget"
    assert planned(house, (Code.DRAINS, "1"), (Code.DRAINS, "2")).status == 422


def test_where_several_funds_are_kept_each_category_says_whose_it_is(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    planned(house, (Code.DRAINS, "4000"))
    assert "公共收益" not in house.nobody.get("/money/budget?period=2026").words
    with house.session() as session:
        account = {"code": "5102", "name": "困难帮扶", "kind": AccountKind.EXPENSE, "fund": Fund.DONATION, "use": Use.EXPENSE}
        session.add(LedgerAccount(compound_id=house.compound.id, **account))
    planned(house, (Code.DRAINS, "4000"), ("5102", "600"), replaces=1, reason="多了一笔捐款")
    words = house.nobody.get("/money/budget?period=2026").words
    assert "下水道疏通 公共收益，已用 0%，还剩 ¥4,000.00" in words
    assert "困难帮扶 捐款" in words
    assert "困难帮扶 捐款" in house.zhang.get("/money/budget/write?period=2026").words


def seen(house: House, **other: Any) -> str:
    return house.chen.get(f"/money/drafts/{submitted(house, **other)['id']}").words


@november
def test_an_approver_sees_how_the_category_stands(house: House) -> None:
    opened(house)
    assert "预算" not in seen(house), "where none was set there is nothing to say"
    planned(house, (Code.DRAINS, "4000"))
    booked(house, -500_00, date(2026, 2, 1), Code.DRAINS)
    assert "通过：在2026年全年预算内，记入后“下水道疏通”还剩 ¥300.00" in seen(house)
    assert "通过：在2026年全年预算内，记入后“下水道疏通”还剩 ¥0.00" in seen(house, amount={"amount": "3500.00"})
    assert "请看：记入后“下水道疏通”超出2026年全年预算 ¥0.01" in seen(house, amount={"amount": "3500.01"})
    assert "请看：2026年全年没有给“办公”定预算" in seen(house, category=Code.OFFICE.value)
    planned(house, (Code.DRAINS, "100"), period="2026-Q4")
    assert "超出2026年四季度预算 ¥3,100.00" in seen(house), "the narrower period is asked first"
    assert "预算" not in seen(house, kind="income", category=Code.PARKING.value)


@november
def test_where_the_rule_binds_too_much_needs_a_decision(house: House) -> None:
    opened(house)
    planned(house, (Code.DRAINS, "4000"))
    draft = submitted(house, amount={"amount": "4000.01"})
    binding(house)
    words = house.chen.get(f"/money/drafts/{draft['id']}").words
    assert "不通过：记入后“下水道疏通”超出2026年全年预算 ¥0.01" in words
    assert "有不通过的，不能批准" in words
    refused = approved(house, house.chen, draft)
    assert refused.json["code"] == "OverBudget"
    assert "超出预算 ¥0.01" in refused.json["detail"]
    assert approved(house, house.chen, submitted(house, amount={"amount": "4000.00"})).status == 200
    unplanned = submitted(house, category=Code.OFFICE.value)
    assert "不通过：2026年全年没有给“办公”定预算" in house.chen.get(f"/money/drafts/{unplanned['id']}").words
    assert approved(house, house.chen, unplanned).json["code"] == "OverBudget"
    backed = submitted(house, decision_id=decided(house))
    assert approved(house, house.chen, backed).status == 200, "who decided it has the last word"


@november
def test_of_two_rivals_for_what_is_left_one_wins(house: House) -> None:
    opened(house)
    planned(house, (Code.DRAINS, "4000"))
    binding(house)
    drafts = [submitted(house, shade=n, amount={"amount": "2500.00"}) for n in (1, 2)]
    answers = house.at_once(
        *(
            (one.api, "POST", f"/drafts/{draft['id']}/approve", {"json": {"content_hash": draft["content_hash"]}})
            for one, draft in zip((house.chen, house.zhou), drafts, strict=True)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409]


@november
@pytest.mark.parametrize("version", ["5", "10001", "999999999999999"])
def test_a_form_that_corrects_a_version_that_never_was_is_drawn_again(house: House, version: str) -> None:
    opened(house)
    typed = {"id": str(fresh()), "decision_id": decided(house), "category": [Code.DRAINS.value], "amount": ["4000"]}
    answer = house.zhang.post("/money/budget/write?period=2026", typed | {"version": version})
    assert answer.status == 412
    assert "再按一次" in answer.words
    sent = {field["name"]: field["value"] for field in answer.page.select("input[name=version]")}
    assert house.zhang.post("/money/budget/write?period=2026", typed | sent).status == 303
