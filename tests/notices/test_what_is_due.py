"""What the compound's rules demand next, from what was published: a pure function, and where officers read it."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from app.compounds.models import Compound, Rule
from app.kit.clock import now, start_of, today
from app.notices.due import Due, due
from tests.cast import House
from tests.making import make_login
from tests.treasury.bookkeeping import opened

Q1, Q2, Q3 = (
    (date(2026, 1, 1), date(2026, 3, 31)),
    (date(2026, 4, 1), date(2026, 6, 30)),
    (date(2026, 7, 1), date(2026, 9, 30)),
)


EVERY_MONTH = {"source": "自治公约", "decided_by": "业主大会", "valid_from_on": date(2026, 1, 1)}


def last_month() -> date:
    return (today().replace(day=1) - timedelta(days=1)).replace(day=1)


def asked_for(house: House) -> list[dict[str, Any]]:
    """The periods that are over and not published."""
    return [period for period in house.liu.api.get("/notices/tasks").json["statements_due"] if period["over"]]


def quarterly(published: list[tuple[date, date]], today: date, since: date = date(2026, 1, 1)) -> list[Due]:
    return due(published, today, since, every_months=3, within_months=1)


def test_the_second_quarter_is_due_by_the_end_of_july() -> None:
    second = quarterly([Q1], date(2026, 7, 20))[0]
    assert (second.says, second.by_on, second.over, second.overdue) == ("2026年二季度", date(2026, 7, 31), True, False)
    assert not quarterly([Q1], date(2026, 7, 31))[0].overdue, "the last day is in time"
    assert quarterly([Q1], date(2026, 8, 1))[0].overdue


def test_three_months_published_one_by_one_are_the_quarter() -> None:
    april, may, june = (date(2026, 4, 1), date(2026, 4, 30)), (date(2026, 5, 1), date(2026, 5, 31)), (date(2026, 6, 1), Q2[1])
    assert [d.says for d in quarterly([june, april, may, Q1], date(2026, 7, 5))] == ["2026年三季度"]
    assert [d.says for d in quarterly([june, april, Q1], date(2026, 7, 5))] == ["2026年二季度", "2026年三季度"], "May is missing"


def test_what_is_still_running_is_named_and_not_yet_over() -> None:
    assert [(d.says, d.over, d.by_on) for d in quarterly([Q1, Q2, Q3], date(2026, 11, 26))] == [
        ("2026年四季度", False, date(2027, 1, 31))
    ]


def test_a_compound_is_not_asked_for_the_time_before_it_came() -> None:
    assert [d.from_on for d in quarterly([], date(2026, 11, 26), since=date(2026, 8, 3))] == [Q3[0], date(2026, 10, 1)]


def test_months_halves_and_years_have_their_names() -> None:
    named = {n: due([], date(2026, 7, 1), date(2026, 7, 1), every_months=n, within_months=1)[0].says for n in (1, 6, 12, 5)}
    assert named == {1: "2026年7月", 6: "2026年下半年", 12: "2026年全年", 5: "2026年6月1日(周一)至2026年10月31日(周六)"}


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(0, 900), st.integers(1, 12), st.integers(1, 6))
def test_periods_follow_each_other_without_gaps_to_today(since: date, days: int, every: int, within: int) -> None:
    today = since + timedelta(days=days)
    found = due([], today, since, every_months=every, within_months=within)
    assert found[0].from_on <= since
    assert found[-1].from_on <= today <= found[-1].to_on
    assert all(a.to_on + timedelta(days=1) == b.from_on for a, b in pairwise(found))
    assert all(d.by_on > d.to_on for d in found)
    assert not due([(found[0].from_on, found[-1].to_on)], today, since, every_months=every, within_months=within)


def test_officers_read_it_on_the_first_page_and_among_the_notices(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        session.get_one(Compound, house.compound.id).created_at = now() - timedelta(days=200)
    periods = house.liu.api.get("/notices/tasks").json["statements_due"]
    ended = [period for period in periods if period["over"]]
    assert [period["over"] for period in periods] == [True] * len(ended) + [False]
    for page in (house.zhang.get("/"), house.liu.get("/notices")):
        assert page.words.count("收支应在") >= len(ended) > 0
    assert "本小区的规则要求" in house.liu.get("/notices").words
    assert "收支应在" not in house.wang.get("/notices").words
    assert house.wang.api.get("/notices/tasks").status == 403


def test_a_published_month_is_no_longer_asked_for_and_a_withdrawn_one_is_again(house_sqlite: House) -> None:
    house = opened(house_sqlite)
    month = last_month()
    with house.session() as session:
        session.add(Rule(compound_id=house.compound.id, name="statement_every_months", value="1", **EVERY_MONTH))
        session.get_one(Compound, house.compound.id).created_at = start_of(month)
    assert [period["from_on"] for period in asked_for(house)] == [month.isoformat()]
    assert house.zhang.post("/money/publish", {"period": f"{month:%Y-%m}"}).status == 303
    assert asked_for(house) == []
    notice = house.nobody.api.get("/notices").json["items"][0]
    assert house.zhang.api.post(f"/notices/{notice['id']}/withdraw", json={"reason": "漏了一笔"}).status == 200
    assert [period["from_on"] for period in asked_for(house)] == [month.isoformat()]


def test_a_quarter_published_at_once_is_what_the_rule_asked_for(house_sqlite: House) -> None:
    house = opened(house_sqlite, date(2026, 6, 30))
    with time_machine.travel("2026-10-05T03:00:00Z", tick=False):
        with house.session() as session:
            session.get_one(Compound, house.compound.id).created_at = start_of(date(2026, 7, 3))
            house.zhang.cookies["sid"] = make_login(session, house.zhang.person)
            house.liu.cookies["sid"] = make_login(session, house.liu.person)
        row = house.zhang.get("/notices").page.select_one("#tasks a[href*=publish]")
        assert "2026年三季度收支应在10月31日前公布" in row.get_text()
        assert row["href"] == "/c/fengshu/money/publish?period=2026-Q3"
        assert row["href"] in [a["href"] for a in house.zhang.get("/").page.select("a")]
        assert house.liu.get("/notices").page.select("#tasks a[href*=publish]") == [], "who may not publish is only told"
        form = house.zhang.get("/money/publish?period=2026-Q3")
        assert form.page.find("input", {"name": "period"})["value"] == "2026-Q3"
        assert house.zhang.post("/money/publish", {"period": "2026-Q3"}).status == 303
        assert asked_for(house) == []
