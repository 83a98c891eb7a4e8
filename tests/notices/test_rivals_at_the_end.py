"""Answer, withdrawal and the closing instant, all at once: one effect each, on both engines, and controls that fail."""

from datetime import timedelta
from threading import Barrier, Event, Thread

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select

from app.kit.clock import pretending
from app.kit.db import Database, reading, writing
from app.notices.models import Answer, Notice
from app.notices.objecting import object_to
from app.notices.queries import is_effective, is_effective_to_act
from app.notices.schemas import ObjectionWish
from app.publiclog.models import LogEntry
from tests.cast import House, actor_of
from tests.making import fresh
from tests.notices.board import objected, published, row


def settled(house: House) -> int:
    with house.session() as session:
        return session.exec(select(func.count()).select_from(Answer)).one()


def written(house: House, type: str) -> int:
    with house.session() as session:
        return b"".join(session.exec(select(LogEntry.entry)).all()).count(f'"type":"{type}"'.encode())


def test_an_answer_and_a_withdrawal_at_once_are_one_of_them(house: House) -> None:
    notice = published(house)
    objection = objected(house, notice)
    answers = [(house.liu.api, "POST", f"/objections/{objection}/answer", {"json": {"text": "有的"}})] * 10
    withdrawals = [(house.wang.api, "POST", f"/objections/{objection}/withdraw", {})] * 10
    both = [call for pair in zip(answers, withdrawals, strict=True) for call in pair]
    assert sorted(a.status for a in house.at_once(*both)) == [200, *[409] * 19]
    assert settled(house) == 1
    assert written(house, "objection.answered") + written(house, "objection.withdrawn") == 1


def test_control_without_the_lock_both_are_tried_and_the_constraint_is_the_last_line(house: House) -> None:
    """Look, then write: everybody sees the objection open. What is left is the database's own refusal."""
    objection = objected(house, published(house))
    engine, barrier, refused = create_engine(house.db.url, poolclass=NullPool), Barrier(2), list[str]()

    def settle(by_id: object, withdrawn: bool) -> None:
        with Session(engine) as session:
            seen = session.exec(select(Answer.id).where(Answer.objection_id == objection)).first()
            session.rollback()
            barrier.wait(30)
            assert seen is None, "the control must see it open, or the race above proves nothing"
            session.add(
                Answer(compound_id=house.compound.id, objection_id=objection, person_id=by_id, text="", withdrawn=withdrawn)
            )
            try:
                session.commit()
            except IntegrityError:
                refused.append("refused")

    threads = [Thread(target=settle, args=one) for one in ((house.liu.id, False), (house.wang.id, True))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    assert refused == ["refused"]
    assert settled(house) == 1


def test_twenty_withdrawals_of_a_notice_are_one(house: House) -> None:
    notice = published(house)
    calls = [(house.zhang.api, "POST", f"/notices/{notice.id}/withdraw", {"json": {"reason": f"理由{n}"}}) for n in range(20)]
    answers = house.at_once(*calls)
    assert sorted(a.status for a in answers) == [200, *[409] * 19]
    said = next(a.json["withdrawn_because"] for a in answers if a.status == 200)
    assert house.nobody.api.get(f"/notices/{notice.id}").json["withdrawn_because"] == said, (
        "the reason that won is the one that stays"
    )
    assert written(house, "notice.withdrawn") == 1


def test_control_without_the_lock_a_notice_is_withdrawn_twice(house: House) -> None:
    notice = published(house)
    engine, barrier, done = create_engine(house.db.url, poolclass=NullPool), Barrier(2), list[str]()

    def withdraw(reason: str) -> None:
        with Session(engine) as session:
            seen = row(session, notice)
            session.expunge(seen)
            session.rollback()  # SQLite would refuse a write on a view that is out of date
            barrier.wait(30)
            seen.withdraw(house.zhang.id, reason)
            session.add(seen)
            session.commit()
            done.append(reason)

    threads = [Thread(target=withdraw, args=(reason,)) for reason in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    assert sorted(done) == ["乙", "甲"], "the control must withdraw twice, or the race above proves nothing"


class AtTheEnd:
    """An objection made an instant before the period's end, whose transaction is still open when the end has come."""

    def __init__(self, house: House, notice: Notice) -> None:
        self.house, self.notice = house, notice
        self.made, self.commit = Event(), Event()
        self.thread = Thread(target=self._object)

    def _object(self) -> None:
        actor = actor_of(self.house.wang)
        with pretending(self.notice.objections_until_at - timedelta(milliseconds=1)), writing(self.house.db) as session:
            object_to(session, actor, self.notice.id, fresh(), ObjectionWish(text="赶上了"))
            session.flush()
            self.made.set()
            assert self.commit.wait(30)

    def __enter__(self) -> None:
        self.thread.start()
        assert self.made.wait(30)

    def __exit__(self, *_: object) -> None:
        self.commit.set()
        self.thread.join(30)


def effective_at_the_end(db: Database, notice: Notice) -> bool:
    with pretending(notice.objections_until_at), writing(db) as session:
        return is_effective_to_act(session, notice.compound_id, notice.record_id)


def test_who_acts_at_the_closing_instant_waits_for_an_objection_under_way(house: House) -> None:
    notice, found = published(house), list[bool]()
    acting = Thread(target=lambda: found.append(effective_at_the_end(house.db, notice)))
    with AtTheEnd(house, notice):
        acting.start()
        acting.join(0.3)
        assert found == [], "it waits"
    acting.join(30)
    assert found == [False]


def test_control_who_only_looks_sees_it_effective(house: House) -> None:
    notice = published(house)
    with AtTheEnd(house, notice), pretending(notice.objections_until_at), reading(house.db) as session:
        assert is_effective(session, notice.compound_id, notice.record_id), "or the race above proves nothing"
