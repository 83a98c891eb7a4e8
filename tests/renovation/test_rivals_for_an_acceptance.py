"""Two opinions of one unit, a signature against a change, one person who signs often, an opinion in the last instant: one effect
each, on both engines, and controls that fail.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread
from uuid import UUID

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select

from app.kit.clock import pretending
from app.kit.db import reading, writing
from app.renovation.acceptance_models import Acceptance, Outcome, Proposal, Signature
from app.renovation.acceptance_schemas import ProposalWish
from app.renovation.accepting import propose
from app.renovation.opining import give_opinion
from app.renovation.opinion_models import Opinion
from app.renovation.opinion_queries import opinions_told
from app.renovation.opinion_schemas import OpinionWish
from tests.cast import House, actor_of
from tests.making import fresh
from tests.renovation.rounds import all_in, opened, part, proposed, ready, roof, seen, unit_of


def found(house: House, round_: str) -> Acceptance:
    with house.session() as session:
        return session.exec(select(Acceptance).where(Acceptance.id == UUID(round_))).one()


def at_once(house: House, *acts: Callable[[Session, Barrier], None]) -> list[str]:
    """Each in a session of its own, without the verbs' locks; what the database refused."""
    engine, barrier, refused = create_engine(house.db.url, poolclass=NullPool), Barrier(len(acts)), list[str]()

    def run(act: Callable[[Session, Barrier], None]) -> None:
        with Session(engine) as session:
            try:
                act(session, barrier)
                session.commit()
            except IntegrityError as no:
                refused.append(str(no.orig))

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    return refused


def test_of_two_opinions_of_one_unit_one_stands_and_the_other_is_told(house: House) -> None:
    round_ = opened(house)
    unit = str(unit_of(house, house.wang))
    calls = [
        (house.wang.api, "PUT", f"/acceptances/{round_}/opinions/{fresh()}", {"json": {"unit_id": unit, "stars": 1 + n % 5}})
        for n in range(8)
    ]
    answers = house.at_once(*calls)
    assert sorted(answer.status for answer in answers) == [201, *[409] * 7]
    assert {answer.json["code"] for answer in answers if answer.status == 409} == {"OpinionGiven"}
    assert seen(house, round_)["opinions"]["given"] == 1


def test_control_without_the_lock_both_see_none_and_the_constraint_is_the_last_line(house: House) -> None:
    round_, unit = found(house, opened(house)), unit_of(house, house.wang)

    def give(session: Session, barrier: Barrier) -> None:
        before = session.exec(select(Opinion.id).where(Opinion.unit_id == unit)).first()
        session.rollback()
        barrier.wait(30)
        assert before is None, "the control must see none, or the race above proves nothing"
        person = {"person_id": house.wang.id, "entered_by_id": house.wang.id, "unit_id": unit}
        of = {"compound_id": round_.compound_id, "acceptance_id": round_.id}
        session.add(Opinion(**of, **person, position=1, stars=5, sent_sha256=b""))

    assert len(at_once(house, give, give)) == 1


def test_a_conclusion_and_a_change_at_once_are_one_of_them(house: House) -> None:
    """Never is anything published that its signers did not see."""
    round_, items = ready(house), roof(house)
    wish = {"content_hash": seen(house, round_)["content_sha256"]}
    checks = {"name": "5栋屋面", "checks": [{"item_id": item, "found": "not_ok"} for item in items]}
    conclude, change = house.at_once(
        (house.zhou.api, "POST", f"/acceptances/{round_}/conclude", {"json": wish}),
        (house.chen.api, "PUT", f"/acceptances/{round_}/parts/{fresh()}", {"json": checks}),
    )
    told = (conclude.status, change.status, conclude.json.get("code"), change.json.get("code"))
    assert told in ((200, 409, None, "AcceptanceConcluded"), (409, 201, "AcceptanceChanged", None))


def test_a_signature_and_a_change_at_once_leave_none_for_what_stands(house: House) -> None:
    round_, items = opened(house), roof(house)
    part(house, round_, items)
    all_in(house, round_)
    proposed(house, round_)
    wish = {"content_hash": seen(house, round_)["content_sha256"]}
    checks = {"name": "5栋屋面", "checks": [{"item_id": item, "found": "not_ok"} for item in items]}
    sign, change = house.at_once(
        (house.zhou.api, "PUT", f"/acceptances/{round_}/signatures/{fresh()}", {"json": wish}),
        (house.chen.api, "PUT", f"/acceptances/{round_}/parts/{fresh()}", {"json": checks}),
    )
    assert change.status == 201
    assert (sign.status, sign.json.get("code")) in ((201, None), (409, "AcceptanceChanged"))
    assert seen(house, round_)["quorum"]["signed"] == []


def test_control_without_the_lock_it_is_concluded_and_changed(house: House) -> None:
    round_ = found(house, ready(house))

    def see(session: Session, barrier: Barrier) -> Acceptance:
        acceptance = session.get_one(Acceptance, (round_.compound_id, round_.id))
        session.expunge(acceptance)
        session.rollback()  # SQLite would refuse a write on a view that is out of date
        barrier.wait(30)
        return acceptance

    def conclude(session: Session, barrier: Barrier) -> None:
        acceptance = see(session, barrier)
        acceptance.conclude(house.zhou.id)
        session.add(acceptance)

    def change(session: Session, barrier: Barrier) -> None:
        acceptance = see(session, barrier)
        acceptance.check_open()
        of = {"compound_id": acceptance.compound_id, "acceptance_id": acceptance.id, "by_id": house.chen.id}
        session.add(Proposal(**of, position=2, outcome=Outcome.NOT_ACCEPTED, text="不行", sent_sha256=b""))

    assert at_once(house, conclude, change) == [], "both must go through, or the race above proves nothing"
    assert found(house, str(round_.id)).concluded_at


def test_one_person_who_signs_ten_times_at_once_is_one(house: House) -> None:
    round_ = opened(house)
    part(house, round_, roof(house))
    all_in(house, round_)
    proposed(house, round_)
    wish = {"content_hash": seen(house, round_)["content_sha256"]}
    calls = [(house.chen.api, "PUT", f"/acceptances/{round_}/signatures/{fresh()}", {"json": wish}) for _ in range(10)]
    assert sorted(answer.status for answer in house.at_once(*calls)) == [*[200] * 9, 201]
    assert len(seen(house, round_)["quorum"]["signed"]) == 1
    refused = house.zhou.api.ask("POST", f"/acceptances/{round_}/conclude", json=wish)
    assert refused.json["code"] == "QuorumMissing"


def test_control_without_the_lock_they_sign_twice_but_for_the_constraint(house: House) -> None:
    round_ = found(house, opened(house))

    def sign(session: Session, barrier: Barrier) -> None:
        before = session.exec(select(func.count()).select_from(Signature)).one()
        session.rollback()
        barrier.wait(30)
        assert before == 0, "the control must see none, or the race above proves nothing"
        of = {"compound_id": round_.compound_id, "acceptance_id": round_.id, "by_id": house.chen.id}
        session.add(Signature(**of, content_hash=b"the same", sent_sha256=b""))

    assert len(at_once(house, sign, sign)) == 1


class InTheLastInstant:
    """An opinion given an instant before the end, whose transaction is still open when the end has come."""

    def __init__(self, house: House, round_: Acceptance) -> None:
        self.house, self.round = house, round_
        self.wish = OpinionWish(unit_id=unit_of(house, house.wang), stars=2)
        self.given, self.commit = Event(), Event()
        self.thread = Thread(target=self._give)

    def _give(self) -> None:
        actor = actor_of(self.house.wang)
        with pretending(self.round.closes_at - timedelta(milliseconds=1)), writing(self.house.db) as session:
            give_opinion(session, actor, self.round.id, fresh(), self.wish)
            session.flush()
            self.given.set()
            assert self.commit.wait(30)

    def __enter__(self) -> None:
        self.thread.start()
        assert self.given.wait(30)

    def __exit__(self, *_: object) -> None:
        self.commit.set()
        self.thread.join(30)


def proposed_at(house: House, round_: Acceptance, moment: datetime) -> int:
    """How many opinions whoever proposes a conclusion has counted."""
    wish = ProposalWish(outcome=Outcome.NOT_ACCEPTED, text="漏水")
    with pretending(moment), writing(house.db) as session:
        propose(session, actor_of(house.chen), round_.id, fresh(), wish)
        return opinions_told(session, round_).given


def test_who_proposes_at_the_closing_instant_counts_the_opinion_under_way(house: House) -> None:
    round_, counted = found(house, opened(house)), list[int]()
    proposing = Thread(target=lambda: counted.append(proposed_at(house, round_, round_.closes_at)))
    with InTheLastInstant(house, round_):
        proposing.start()
        proposing.join(0.3)
        assert counted == [], "it waits"
    proposing.join(30)
    assert counted == [1]


def test_control_who_only_looks_at_the_closing_instant_counts_none(house: House) -> None:
    round_ = found(house, opened(house))
    with InTheLastInstant(house, round_), pretending(round_.closes_at), reading(house.db) as session:
        assert not round_.asks
        assert opinions_told(session, round_).given == 0, "or the race above proves nothing"
