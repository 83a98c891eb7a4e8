"""The first page answers three questions: what waits for me, where the money stands, what is new."""

from datetime import date, timedelta

import time_machine

from app.compounds.models import Baseline, SeatKind
from app.inbox.service import send
from app.kit.clock import now, today
from tests.benefits import giving
from tests.cast import House, One
from tests.making import fresh, make_notice, make_seat, make_shift
from tests.renovation import sites
from tests.renovation.test_reporting_a_problem import reported
from tests.treasury import bookkeeping
from tests.volunteering import attending
from tests.volunteering import test_asking_for_help as asking
from tests.volunteering.serving import planned

MORNING = "2026-11-23T08:30:00+08:00"


def test_a_stranger_is_welcomed_and_reads_what_is_new(house_sqlite: House) -> None:
    with house_sqlite.session() as session:
        make_notice(session, house_sqlite.zhang.person)
    page = house_sqlite.nobody.get("/")
    assert page.status == 200
    assert "欢迎来到枫树小区" in page.words
    assert "第三季度收支公示" in page.words
    assert "可提异议，还剩" in page.words
    assert page.page.find("a", href="/sign-in?next=/c/fengshu/")
    assert "等我办的" not in page.words


def test_a_neighbour_is_greeted_by_name_and_staircase_never_by_room(house_sqlite: House) -> None:
    with time_machine.travel(MORNING, tick=False):
        page = house_sqlite.wang.get("/")
    assert page.page.find("h1").get_text() == "王阿姨，早上好"
    assert "11月23日(周一) 3栋2单元" in page.words
    assert "601" not in page.words
    assert "没有等您办的事" in page.words


def test_a_held_place_is_the_button_of_the_page(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        shift = make_shift(session, house.he.person, capacity=1)
    first = house.li.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json
    assert "去确认" not in house.wang.get("/").words
    house.li.api.post(f"/signups/{first['id']}/withdraw")
    page = house.wang.get("/")
    assert "给独居老人送饭，有名额了" in page.words
    assert page.page.select_one("#waiting .btn.go")["href"] == f"/c/fengshu/volunteering/signups/{mine['id']}"
    assert "2 件" in page.words, "the place and the message about it"


def test_tomorrows_shift_waits_and_next_weeks_does_not(house_sqlite: House) -> None:
    house = house_sqlite
    with time_machine.travel(MORNING, tick=False):
        with house.session() as session:
            tomorrow = make_shift(session, house.he.person, starts_in=timedelta(days=1), title="楼道清扫")
            later = make_shift(session, house.he.person, starts_in=timedelta(days=7), title="花坛除草")
        for shift in (tomorrow, later):
            house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
        words = house.wang.get("/").words
    assert "明天上午8:30 楼道清扫" in words or "明天早上8:30 楼道清扫" in words
    assert "花坛除草" not in words


def test_on_the_day_the_first_page_leads_to_the_check_in_and_then_to_the_check_out(house_sqlite: House) -> None:
    house = house_sqlite
    with time_machine.travel(MORNING, tick=False) as clock:
        with house.session() as session:
            shift = make_shift(session, house.he.person, starts_in=timedelta(hours=2))
        mine = house.wang.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {}).json["id"]
        page = f"/volunteering/signups/{mine}"
        assert "可以签到" not in house.wang.get("/").words
        assert "去签到" not in house.wang.get(page).words
        clock.shift(timedelta(minutes=61))
        first = house.wang.get("/").page.select_one("#waiting .btn.go")
        assert first
        assert (first.get_text(), first["href"]) == ("去签到", "/c/fengshu/volunteering/check-in")
        assert "到了，去签到" in house.wang.get(page).words
        assert "去签到" not in house.he.get(page).words, "who leads has the list"
        house.he.api.post(f"/signups/{mine}/check-in")
        assert "签到了，走的时候签退" in house.wang.get("/").words
        assert "走了，去签退" in house.wang.get(page).words


def test_hours_written_afterwards_wait_for_whoever_may_approve_them(house_sqlite: House) -> None:
    house = house_sqlite
    shift, (mine,) = attending.shift_with(house, "wang")
    with time_machine.travel(shift.ends_at + timedelta(hours=5), tick=False):
        attending.propose(house.he, mine)
        page = house.liu.get("/")
        assert "1 条服务时长等您核准" in page.words
        assert page.page.find("a", href="/c/fengshu/volunteering/hours/proposals")
        for one in (house.he, house.wang):
            assert "等您核准" not in one.get("/").words


def test_a_shift_that_lacks_people_waits_for_the_coordinator_three_days_before(house_sqlite: House) -> None:
    house = house_sqlite
    with time_machine.travel(MORNING, tick=False) as clock:
        day = {"starts_at": "2026-11-27T14:00:00+08:00", "ends_at": "2026-11-27T15:00:00+08:00"}
        shift = planned(house, minimum=2, **day)
        assert "最少还缺" not in house.he.get("/").words
        clock.shift(timedelta(days=2))
        page = house.he.get("/")
        assert "给独居老人送饭，最少还缺 2 人" in page.words
        assert page.page.find("a", href=f"/c/fengshu/volunteering/shifts/{shift.id}")
        assert "最少还缺" not in house.wang.get("/").words
        people = house.he.get(f"/volunteering/shifts/{shift.id}").page.select_one("a[href*='census/people']")
        assert people
        assert people["href"] == "/c/fengshu/volunteering/census/people?slot=fri-afternoon"
        assert house.he.get(str(people["href"]).removeprefix("/c/fengshu")).status == 200
        for one in (house.wang, house.li):
            one.api.put(f"/shifts/{shift.id}/signups/{fresh()}", {})
        assert "最少还缺" not in house.he.get("/").words


def test_unread_messages_wait_until_they_are_opened(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        send(session, house.compound.id, house.wang.id, "有人答复了", "请看看", "/notices")
    assert "1 条新消息" in house.wang.get("/").words
    form = next(f for f in house.wang.get("/me/messages").page.find_all("form") if "/open" in f["action"])
    answer = house.wang.post(form["action"].removeprefix("/c/fengshu"))
    assert answer.place == "/c/fengshu/notices"
    assert "新消息" not in house.wang.get("/").words
    assert house.li.post(form["action"].removeprefix("/c/fengshu")).status == 404, "another's message does not exist"


def test_a_gift_to_collect_shows_its_code_and_goes_when_it_is_collected(house_sqlite: House) -> None:
    house = house_sqlite
    assert "请来领" not in house.wang.get("/").words
    gift = giving.opened(house)
    page = house.wang.get("/")
    assert "端午礼包，请来领" in page.words
    code = page.page.select_one("#waiting .btn.go")
    assert code
    assert code.get_text() == "出示领取码"
    assert house.wang.get(str(code["href"]).removeprefix("/c/fengshu")).status == 200
    assert giving.hand_out(house, gift, house.wang).status == 201
    assert "请来领" not in house.wang.get("/").words
    assert "请来领" in house.li.get("/").words


def test_an_entry_waits_for_its_approver_and_for_nobody_else(house_sqlite: House) -> None:
    house = bookkeeping.opened(house_sqlite)
    bookkeeping.submitted(house)
    page = house.chen.get("/")
    assert "¥3,200.00，请批准" in page.words
    assert house.chen.get(str(page.page.select_one("#waiting .btn.go")["href"]).removeprefix("/c/fengshu")).status == 200  # type: ignore[index]
    assert "请批准" not in house.zhang.get("/").words
    assert "请批准" not in house.wang.get("/").words


def test_a_mended_finding_waits_for_another_supervisor(house_sqlite: House) -> None:
    house = house_sqlite
    finding = sites.finding_in(house, sites.project_in(house))
    assert "请复查" not in house.zhou.get("/").words
    sites.answered(house, finding)
    page = house.zhou.get("/")
    assert "请复查" in page.words
    assert page.page.select_one("#waiting .btn.go")["href"] == f"/c/fengshu/works/findings/{finding}"  # type: ignore[index]
    assert "请复查" not in house.chen.get("/").words, "who raised it does not re-check it"


def test_a_request_waits_for_whoever_takes_its_next_step(house_sqlite: House) -> None:
    house = house_sqlite
    mine = asking.asked(house, wanted_at=(now() + timedelta(days=3)).isoformat())

    def waits(one: One) -> str:
        section = one.get("/").page.select_one("#waiting")
        assert section
        link = section.find("a", href=f"/c/fengshu/volunteering/requests/{mine}")
        return section.get_text(" ", strip=True) if link else ""

    steps = (
        ("confirmed", house.he, "代买东西，有人请帮忙"),
        ("claimed", None, ""),
        ("helped", house.li, "代买东西，您接的单"),
        ("received", house.wang, "代买东西，办好了吗？"),
        ("rated", house.wang, "代买东西，帮得怎么样？"),
    )
    for kind, by, says in steps:
        for one in (house.wang, house.li, house.he, house.zhou):
            assert (says in waits(one)) if one is by else not waits(one), (kind, one.person.name)
        more = {"stars": 5} if kind == "rated" else {}
        assert asking.step(by or house.li, mine, kind, **more).status == 201
    assert not any(waits(one) for one in (house.wang, house.li, house.he))


def test_whoever_acts_on_a_request_has_read_what_they_were_told_of_it(house_sqlite: House) -> None:
    house = house_sqlite
    mine = asking.asked(house)
    asking.asked(house, house.li)
    assert "2 条新消息" in house.he.get("/").words
    asking.step(house.he, mine, "confirmed")
    assert "1 条新消息" in house.he.get("/").words
    assert "1 条新消息" in house.wang.get("/").words, "hers is not read by his act"


def test_what_nobody_claims_waits_for_the_coordinator_a_day_before(house_sqlite: House) -> None:
    house = house_sqlite
    with time_machine.travel(MORNING, tick=False) as clock:
        asking.opened(house, wanted_at=(now() + timedelta(days=2)).isoformat())
        assert "还没有人接" not in house.he.get("/").words
        clock.shift(timedelta(days=1))
        assert "代买东西，还没有人接" in house.he.get("/").words
        assert "还没有人接" not in house.li.get("/").words


def test_a_fortnight_later_nobody_is_asked_for_stars(house_sqlite: House) -> None:
    house = house_sqlite
    with time_machine.travel(MORNING, tick=False) as clock:
        mine = asking.opened(house)
        for one, kind in ((house.li, "claimed"), (house.li, "helped"), (house.wang, "received")):
            asking.step(one, mine, kind)
        assert "帮得怎么样" in house.wang.get("/").words
        clock.shift(timedelta(days=15))
        assert "帮得怎么样" not in house.wang.get("/").words


def test_problems_and_questions_wait_for_whoever_answers_them(house_sqlite: House) -> None:
    house = house_sqlite
    project, question = sites.project_in(house).id, fresh()
    problem = reported(house.wang)
    house.wang.api.put(f"/projects/{project}/questions/{question}", {"text": "哪天停水？"})
    page = house.liu.get("/")
    assert "居民报的 1 个问题等处理" in page.words
    assert page.page.find("a", href=f"/c/fengshu/works/problems/{problem}")
    assert "工程上 1 个提问等答复" in page.words
    assert page.page.find("a", href=f"/c/fengshu/works/questions/{question}")
    assert "提问等答复" in house.chen.get("/").words
    assert "问题等处理" not in house.chen.get("/").words, "a supervisor sees them and does not settle them"
    assert "等答复" not in house.wang.get("/").words
    reported(house.li)
    assert house.liu.get("/").page.find("a", href="/c/fengshu/works/problems")
    assert house.chen.api.put(f"/questions/{question}/answers/{fresh()}", {"text": "周五上午"}).status == 201
    assert house.liu.api.put(f"/problems/{problem}/acts/{fresh()}", {"text": "转给物业了"}).status == 201
    words = house.liu.get("/").words
    assert "提问等答复" not in words
    assert "居民报的 1 个问题等处理" in words


def test_where_the_money_stands_is_open_to_everybody(house_sqlite: House) -> None:
    assert "还没有记账" in house_sqlite.nobody.get("/").words
    house = bookkeeping.opened(house_sqlite)
    bookkeeping.booked(house, -12_345, today())
    for one in (house.nobody, house.wang):
        hero = one.get("/").page.select_one("#money .hero")
        assert hero
        assert "¥9,876.55" in hero.get_text()
        assert "−¥123.45" in hero.get_text()
        assert len(hero.select("svg.trend rect")) == 12
        assert len(hero.select("tbody tr")) == 12


def test_officers_find_their_rooms_and_residents_do_not(house_sqlite: House) -> None:
    assert "各小区总表" in house_sqlite.huang.get("/").words
    assert "安排志愿服务" in house_sqlite.he.get("/").words
    assert "我的工作" not in house_sqlite.wang.get("/").words


def test_the_rules_in_force_are_readable_with_their_source(house_sqlite: House) -> None:
    words = house_sqlite.nobody.get("/rules").words
    assert "收支公示的异议期" in words
    assert "30 天" in words
    assert "多地规定公示30个工作日" in words
    assert "国办发明电〔2025〕7号" in words
    assert "没有列出的年份，只除去周六和周日" in words


def test_figures_are_shown_as_change_with_their_source(house_sqlite: House) -> None:
    house = house_sqlite
    with house.session() as session:
        for year, value in ((2017, 38), (2026, 5)):
            session.add(
                Baseline(
                    compound_id=house.compound.id,
                    kind="complaints",
                    on_date=date(year, 12, 31),
                    value=value,
                    measure="件",
                    source=f"社区台账 {year}",
                )
            )
    words = house.wang.get("/baselines").words
    assert "少了 33 件" in words
    assert "社区台账 2017" in words
    assert house.nobody.get("/baselines").status == 303, "strangers sign in first"


def test_a_community_officer_sees_one_table_over_the_compounds_of_the_community(house_sqlite: House) -> None:
    words = house_sqlite.huang.get("/community").words
    assert "枫树小区" in words
    assert "工行小区" in words
    assert "8 户" in words
    assert "没改好的问题" in words
    assert house_sqlite.liu.get("/community").status == 403
    assert house_sqlite.wang.get("/community").status == 403


def test_a_seat_that_ended_opens_no_table(house_sqlite: House) -> None:
    with house_sqlite.session() as session:
        make_seat(session, house_sqlite.li.person, SeatKind.COMMUNITY_OFFICER, to_on=(now() - timedelta(days=2)).date())
    assert house_sqlite.li.get("/community").status == 403


def test_benefits_are_found_when_nothing_waits_for_me(house_sqlite: House) -> None:
    for path in ("/me", "/money"):
        assert house_sqlite.wang.get(path).page.find("a", href="/c/fengshu/benefits"), path
