"""Every owner is told when a gift can be collected, and whoever has not before its last day: each once."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from app.benefits import telling
from app.inbox.models import Message
from app.kit.clock import now
from app.kit.jobs import run_once
from app.main import HANDLERS
from app.notices.models import Objection
from tests.benefits.giving import RICE, arrived, batch, goods, hand_out, label_of, let_it_take_effect, published
from tests.cast import House, One

OPENS, ENDS = "端午礼包可以领了", "端午礼包还没领"


def days_go_by(house: House, days: float) -> None:
    with time_machine.travel(now() + timedelta(days=days), tick=False):
        for _again in range(5):
            run_once(house.db, HANDLERS)


def told(house: House, one: One) -> list[str]:
    with house.session() as session:
        messages = session.exec(select(Message).where(Message.person_id == one.id).order_by(Message.sent_at)).all()
        return [message.title for message in messages if message.title in (OPENS, ENDS)]


def given(house: House) -> str:
    """Its objections are over in seven days; it is handed out for twenty."""
    return published(house, RICE, batches=[batch(ends=20)])


def test_owners_are_told_once_when_it_opens_and_once_before_it_ends(house: House) -> None:
    given(house)
    days_go_by(house, 2)
    assert told(house, house.wang) == [], "objections can still be made"
    days_go_by(house, 8)
    days_go_by(house, 9)
    assert told(house, house.wang) == [OPENS]
    assert told(house, house.zhao) == []
    days_go_by(house, 16)
    assert told(house, house.wang) == [OPENS]
    days_go_by(house, 18)
    days_go_by(house, 19)
    assert told(house, house.wang) == [OPENS, ENDS]


def test_whoever_has_it_is_not_reminded(house_sqlite: House) -> None:
    house = house_sqlite
    id = given(house)
    days_go_by(house, 8)
    let_it_take_effect(house, id)
    arrived(house, id, goods(house, id)[0], 1)
    assert hand_out(house, id, house.wang).status == 201
    days_go_by(house, 18)
    assert told(house, house.wang) == [OPENS]
    assert told(house, house.zhang) == [OPENS, ENDS]


def test_an_unanswered_objection_is_waited_for(house_sqlite: House) -> None:
    house = house_sqlite
    given(house)
    notice = house.nobody.api.get("/notices").json["items"][0]["id"]
    assert house.wang.post(f"/notices/{notice}/objections", {"text": "为什么没有商铺？"}).status == 303
    days_go_by(house, 8)
    assert told(house, house.wang) == []
    with house.session() as session:
        objection = session.exec(select(Objection)).one().id
    assert house.liu.post(f"/notices/objections/{objection}/answer", {"text": "商铺不在这次方案里。"}).status == 303
    days_go_by(house, 8.1)
    assert told(house, house.wang) == [OPENS]


def test_a_closed_table_reminds_nobody(house_sqlite: House) -> None:
    house = house_sqlite
    id = given(house)
    let_it_take_effect(house, id)
    assert house.liu.api.ask("POST", f"/distributions/{id}/close").status == 200
    days_go_by(house, 8)
    days_go_by(house, 18)
    assert told(house, house.zhang) == []


def test_what_is_held_is_not_announced_as_ready(house_sqlite: House) -> None:
    house = house_sqlite
    id = given(house)
    note = {"unit": label_of(house, house.zhang), "why": "产权有争议"}
    assert house.liu.api.ask("POST", f"/distributions/{id}/holds", json=note).status == 200
    days_go_by(house, 8)
    assert (told(house, house.zhang), told(house, house.wang)) == ([], [OPENS])


def test_many_owners_are_told_in_steps_and_each_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "STEP", 3)
    given(house)
    days_go_by(house, 8)
    days_go_by(house, 8)
    for one in (house.wang, house.zhang, house.chen, house.he, house.liu):
        assert told(house, one) == [OPENS]
