"""Reminders also leave the house: as letters for who wants them, as a line in the compound's group chat."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import time_machine
from sqlmodel import select

from app.access.consents import Purpose, give
from app.inbox.models import MailAddress, Message
from app.kit.clock import now
from app.kit.jobs import Job, run_once
from app.kit.posting import NotTaken
from app.kit.robots import MOST, Robot
from app.main import handlers
from app.settings import Settings, UnsafeSetting
from app.volunteering.reminding import MAIL_REMINDER, TELL_GROUP
from tests.cast import House, One, actor_of, open_house
from tests.inbox.post_office import GroupChat, PostOffice, group_chat, post_office
from tests.volunteering.serving import ask, set_rule, shift_in
from tests.volunteering.test_reminding import START

DAY_BEFORE = START + timedelta(days=2)


class Outside:
    """A house of which every way out is open, two days before the shifts are reminded of."""

    house: House
    office: PostOffice
    chat: GroupChat

    def work(self) -> int:
        return run_once(self.house.db, handlers(self.house.app.state.settings))


@pytest.fixture
def outside(house_url: str, tmp_path: Path) -> Iterator[Outside]:
    with ExitStack() as open_:
        out = Outside()
        out.office, out.chat = open_.enter_context(post_office()), open_.enter_context(group_chat())
        ways: dict[str, Any] = {"mail_url": out.office.url, "mail_from": "we@here.example"}
        robots = f"fengshu={out.chat.url} gonghang=https://robot.example/?key=other"
        out.house = open_.enter_context(open_house(house_url, tmp_path, group_robots=robots, **ways))
        yield out


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def reached(house: House, one: One) -> None:
    """They have named and confirmed a mailbox."""
    with house.session() as session:
        give(session, actor_of(one), Purpose.MAIL)
        address = f"{one.person.phone}@example.org"
        session.add(MailAddress(compound_id=house.compound.id, person_id=one.id, address=address, confirmed_at=now()))


def test_a_reminder_goes_by_letter_once_to_who_wants_letters(outside: Outside, clock: Any) -> None:
    shift = shift_in(outside.house)
    reached(outside.house, outside.house.wang)
    ask(outside.house.wang, shift)
    ask(outside.house.li, shift)
    clock.move_to(DAY_BEFORE)
    outside.work()
    assert outside.work() == 0
    [(to, letter)] = outside.office.letters
    assert to == f"{outside.house.wang.person.phone}@example.org"
    assert "明天这时候" in letter["subject"]
    assert "在社区食堂门口集合" in letter.get_content()


def test_nobody_who_cancelled_gets_a_letter_that_was_on_its_way(outside: Outside, clock: Any) -> None:
    """The mail server was away while the message was written; then one withdraws, and another shift is called off."""
    house = outside.house
    set_rule(house, "withdraw_hours", 0)
    first, second, stays = shift_in(house), shift_in(house, title="花坛除草"), shift_in(house, title="楼道清扫")
    asked = [(house.wang, first), (house.li, second), (house.zhang, stays)]
    for one, _shift in asked:
        reached(house, one)
    withdrawn, *_others = [ask(one, shift).json["id"] for one, shift in asked]
    clock.move_to(DAY_BEFORE)
    outside.office.answers = ["451 come back"] * 3
    outside.work()
    with house.session() as session:
        assert len(session.exec(select(Message)).all()) == 3
    assert house.wang.api.post(f"/signups/{withdrawn}/withdraw").status == 200
    house.he.post(f"/volunteering/shifts/{second.id}/cancel")
    clock.shift(timedelta(minutes=1))
    outside.work()
    reminders = [to for to, letter in outside.office.letters if "明天这时候" in letter["subject"]]
    assert reminders == [f"{house.zhang.person.phone}@example.org"]


def test_no_letter_comes_after_the_start(outside: Outside, clock: Any) -> None:
    shift = shift_in(outside.house)
    reached(outside.house, outside.house.wang)
    ask(outside.house.wang, shift)
    clock.move_to(START + timedelta(days=3) - timedelta(minutes=5))
    outside.office.answers = ["451 come back"]
    outside.work()
    clock.move_to(START + timedelta(days=3, seconds=1))
    outside.work()
    assert outside.office.letters == []


def test_the_groups_robot_tells_when_where_and_how_many_and_names_nobody(outside: Outside, clock: Any) -> None:
    house = outside.house
    set_rule(house, "signup_overlaps", 1)
    shift_in(house, title="没人报名")
    for shift in (shift_in(house), shift_in(house, title="花坛除草")):
        assert ask(house.wang, shift).status == 201
    clock.move_to(DAY_BEFORE)
    outside.work()
    assert outside.work() == 0
    [(path, body)] = outside.chat.got
    assert path == "/cgi-bin/webhook/send?key=a-secret-key"
    assert (body["msgtype"], sorted(body)) == ("text", ["msgtype", "text"])
    said = body["text"]["content"].splitlines()
    assert said[0] == "明天这时候，有您报的志愿服务"
    assert said[1:3] == [
        "给独居老人送饭，2026年12月12日(周六) 上午9:00，在社区食堂门口集合，1 人来。",
        "花坛除草，2026年12月12日(周六) 上午9:00，在社区食堂门口集合，1 人来。",
    ]
    assert said[3:] == ["http://127.0.0.1:8000/c/fengshu/volunteering"]
    assert "王" not in body["text"]["content"]


def test_a_robot_that_says_no_is_asked_again_and_its_key_stands_in_no_log(outside: Outside, clock: Any) -> None:
    """WeCom answers 200 and says no in its body; a redirect is no delivery either."""
    ask(outside.house.wang, shift_in(outside.house))
    outside.chat.answers = [(200, '{"errcode": 45009, "errmsg": "too many"}'), (302, "")]
    with structlog.testing.capture_logs() as lines:
        for minutes in (0, 1, 2, 3):
            clock.move_to(DAY_BEFORE + timedelta(minutes=minutes))
            outside.work()
    assert len(outside.chat.got) == 3
    assert [line["event"] for line in lines] == ["job.failed", "job.failed"]
    with outside.house.session() as session:
        job = session.exec(select(Job).where(Job.kind == TELL_GROUP)).one()
        assert "a-secret-key" not in f"{job!r} {lines!r}"


def test_where_no_way_out_is_set_up_nothing_waits_for_one(house_sqlite: House, clock: Any) -> None:
    ask(house_sqlite.wang, shift_in(house_sqlite))
    reached(house_sqlite, house_sqlite.li)
    clock.move_to(DAY_BEFORE)
    run_once(house_sqlite.db, handlers(house_sqlite.app.state.settings))
    with house_sqlite.session() as session:
        kinds = set(session.exec(select(Job.kind).where(Job.kind.in_((MAIL_REMINDER, TELL_GROUP)))))  # type: ignore[attr-defined]
    assert kinds == set()


def test_a_long_text_is_cut_between_two_letters() -> None:
    with group_chat() as chat:
        Robot(chat.url).say("志" * 1000)
        [(_, body)] = chat.got
        assert body["text"]["content"] == "志" * (MOST // 3)
        chat.answers = [(200, "thank you"), (200, "[]"), (500, "")]
        Robot(chat.url).say("您好")
        Robot(chat.url).say("您好")
        with pytest.raises(NotTaken, match=r"^500$"):
            Robot(chat.url).say("您好")
    assert "a-secret-key" not in repr(Robot(chat.url))


def test_a_robot_elsewhere_is_spoken_to_by_https_only_and_its_key_is_not_told(tmp_path: Path) -> None:
    for wrong in ("fengshu=http://robot.example/?key=a-secret-key", "fengshu", "fengshu=file:///a-secret-key"):
        with pytest.raises(UnsafeSetting, match="GROUP_ROBOTS") as refused:
            Settings(data_dir=tmp_path, group_robots=wrong).check_safe()
        assert "a-secret-key" not in str(refused.value)
    good = Settings(data_dir=tmp_path, group_robots="a=https://robot.example/?key=a-secret-key")
    good.check_safe()
    assert "a-secret-key" not in repr(good)
