"""Numbers: without a gap, one for each home and day, called one after the other and again."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

from sqlalchemy import NullPool, create_engine, func, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from app.benefits.queue_models import QueueNumber
from app.benefits.roll_models import Entitlement
from app.compounds.models import SeatKind
from app.kit.clock import today
from tests.benefits.giving import OIL, RICE, batch, hand_out, line, lines, money, more_units, opened
from tests.benefits.test_rivals_at_the_table import units_without_owner
from tests.cast import Answer, House, One
from tests.making import fresh


def numbered(house: House, **changes: object) -> str:
    return opened(house, batches=[batch(numbered=True, **changes)])


def take(house: House, id: str, one: One, by: One | None = None) -> Answer:
    return (by or one).api.put(f"/entitlements/{line(house, id, one).id}/queue-number")


def call(house: House, id: str, by: One | None = None, **wish: int) -> Answer:
    return (by or house.liu).api.ask("POST", f"/distributions/{id}/calls", json=wish)


def given_today(house: House) -> list[int]:
    with house.session() as session:
        return list(session.exec(select(QueueNumber.number).order_by(col(QueueNumber.number))))


def test_a_home_takes_a_number_and_the_same_again(house: House) -> None:
    id = numbered(house)
    first = take(house, id, house.wang)
    assert (first.status, first.json["number"], first.json["serving"], first.json["ahead"]) == (201, 1, 0, 0)
    assert [take(house, id, house.wang).status for _ in range(2)] == [200, 200]
    assert take(house, id, house.li, by=house.liu).json["number"] == 2, "for somebody without a phone"
    third = take(house, id, house.he).json
    assert (third["number"], third["ahead"]) == (3, 2)
    assert take(house, id, house.wang, by=house.li).status == 404, "another's home"
    assert house.zhang.api.get(f"/entitlements/{line(house, id, house.zhang).id}/queue-number").status == 404


def test_the_whole_way_on_the_pages(house: House) -> None:
    id = numbered(house)
    code = house.wang.get(f"/benefits/{id}/code")
    assert "取今天的号" in code.words
    form = code.page.find("form", action=f"/c/fengshu/benefits/{id}/queue")
    sent = {i["name"]: i["value"] for i in form.find_all("input")}
    mine = house.wang.follow(house.wang.post(f"/benefits/{id}/queue", sent))
    assert "1 号" in mine.words
    assert "还没有开始叫号" in mine.words
    assert house.liu.post(f"/benefits/{id}/queue", {"unit": ""}).status == 422
    house.liu.post(f"/benefits/{id}/queue", {"unit": "3-2-602"})
    assert "排队叫号" in house.liu.get(f"/benefits/{id}/desk").words
    queue = house.liu.get(f"/benefits/{id}/queue")
    assert "叫下一号：1 号" in queue.words
    called = house.liu.follow(house.liu.post(f"/benefits/{id}/queue/call", {"seen": "0"}))
    assert "请 1 号，3-2-601" in called.page.get_text()
    assert "确认发给 3-2-601" in called.words
    assert called.page.find("a", class_="who")["href"].endswith("/queue"), "the next one waits in the line"
    assert "叫到您了" in house.wang.get(f"/benefits/{id}/code").words
    assert "现在叫到 1 号，您前面还有 0 户" in house.li.get(f"/benefits/{id}/code").words


def test_two_desks_call_different_numbers_and_one_tap_twice_calls_one(house: House) -> None:
    id = numbered(house)
    other = house.newcomer("委员", SeatKind.MEMBER)
    for one in (house.wang, house.li, house.he, house.zhang):
        take(house, id, one)
    answers = house.at_once(*[(by.api, "POST", f"/distributions/{id}/calls", {"json": {"seen": 0}}) for by in (house.liu, other)])
    assert sorted(a.json["number"] for a in answers) == [1, 2]
    mine = next(a.json["number"] for a in answers if a.json["label"] in ("3-2-601", "3-2-602"))
    assert call(house, id, seen=0).json["number"] in (1, 2), "the tap that was sent again"
    assert mine in (1, 2)
    last = call(house, id, seen=0).json["number"]
    assert [call(house, id, seen=last).json["number"], call(house, id, seen=last).json["number"]] == [3, 3]
    assert call(house, id, by=other).json["number"] == 4
    assert call(house, id).json["code"] == "NobodyWaits"


def test_what_was_handed_over_before_the_number_or_by_the_bank_takes_nobody_out_of_the_line(house: House) -> None:
    """They stand there for what is left."""
    id = opened(house, RICE, OIL, money("10.00", "fixed_per_unit"), batches=[batch(numbered=True)])
    of_wang, of_li = lines(house, id, house.wang), lines(house, id, house.li)
    hand_out(house, id, house.wang, lines=[of_wang["大米"]["id"]])
    for one in (house.wang, house.li):
        take(house, id, one)
    paid = {"reference": "B-1", "on_date": today().isoformat(), "lines": [of_li["分红"]["id"]]}
    assert house.liu.api.put(f"/distributions/{id}/paid-transfers/{fresh()}", paid).status == 201
    assert take(house, id, house.he).json["ahead"] == 2
    assert [call(house, id).json["label"] for _ in range(2)] == ["3-2-601", "3-2-602"]
    hand_out(house, id, house.wang, lines=[of_wang["菜籽油"]["id"]])
    assert "再叫 1 号" not in house.liu.get(f"/benefits/{id}/queue").words, "now they have been there"


def test_who_was_skipped_is_called_again_and_who_has_collected_is_not_called(house: House) -> None:
    id = numbered(house)
    for one in (house.wang, house.li, house.he):
        take(house, id, one)
    hand_out(house, id, house.li)
    assert take(house, id, house.zhang).json["ahead"] == 2, "who has been at a desk is before nobody"
    assert [call(house, id).json["number"] for _ in range(2)] == [1, 3]
    assert "再叫 1 号" in house.liu.get(f"/benefits/{id}/queue").words
    again = call(house, id, number=1).json
    assert (again["number"], again["label"]) == (1, "3-2-601")
    assert take(house, id, house.wang).json["serving"] == 1
    assert call(house, id, number=9).status == 404
    assert call(house, id, by=house.wang).status == 403
    assert call(house, id).json["number"] == 4


def test_when_there_are_no_numbers(house: House) -> None:
    without = opened(house)
    assert take(house, without, house.wang).json["code"] == "NoNumbersToday"
    assert "取今天的号" not in house.wang.get(f"/benefits/{without}/code").words
    assert house.liu.api.get(f"/distributions/{without}").json["batches"][0]["numbered"] is False
    tomorrow = numbered(house, begins=1)
    assert take(house, tomorrow, house.wang).json["code"] == "NoNumbersToday"
    id = numbered(house)
    hand_out(house, id, house.wang)
    assert take(house, id, house.wang).json["code"] == "NothingToQueueFor"


def test_each_day_begins_with_one(house_sqlite: House) -> None:
    house = house_sqlite
    id = numbered(house)
    assert [take(house, id, one).json["number"] for one in (house.wang, house.li)] == [1, 2]
    with house.session() as session:
        for row in session.exec(select(QueueNumber)):
            row.on_date = today() - timedelta(days=1)
    assert take(house, id, house.li).json["number"] == 1


def test_fifty_at_once_are_one_to_fifty(house: House) -> None:
    more_units(house, 50)
    id = numbered(house)
    units = units_without_owner(house, id)
    calls = [(house.liu.api, "PUT", f"/entitlements/{unit}/queue-number", {}) for unit in units for _twice in range(2)]
    answers = house.at_once(*calls)
    assert Counter(a.status for a in answers) == {201: 50, 200: 50}
    assert given_today(house) == list(range(1, 51))


def rush_without_lock(house: House, id: str, units: list[UUID]) -> list[str]:
    """Count, then insert, as most programs do; the refusals, where anything refuses."""
    engine = create_engine(house.db.url, poolclass=NullPool)
    barrier, refused = Barrier(len(units)), []

    def one(entitlement_id: UUID) -> None:
        with Session(engine) as session:
            entitlement = session.get_one(Entitlement, (house.compound.id, entitlement_id))
            highest = session.exec(select(func.count()).select_from(QueueNumber)).one()
            barrier.wait(30)
            session.add(
                QueueNumber(
                    compound_id=house.compound.id,
                    distribution_id=UUID(id),
                    unit_id=entitlement.unit_id,
                    number=highest + 1,
                    taken_by_id=house.liu.id,
                )
            )
            try:
                session.commit()
            except (IntegrityError, OperationalError) as no:
                refused.append(type(no).__name__)

    threads = [Thread(target=one, args=(unit,)) for unit in units]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    return refused


def test_control_without_lock_and_index_one_number_is_given_twice(house: House) -> None:
    more_units(house, 6)
    id = numbered(house)
    with house.session() as session:
        session.execute(text("DROP INDEX uq_queue_number_once"))
    rush_without_lock(house, id, units_without_owner(house, id))
    assert len(set(given_today(house))) < len(given_today(house)), "or the race above proves nothing"


def test_the_index_alone_gives_no_number_twice(house: House) -> None:
    more_units(house, 6)
    id = numbered(house)
    refused = rush_without_lock(house, id, units_without_owner(house, id))
    assert given_today(house) == [1]
    assert refused == ["IntegrityError"] * 5
