"""Twenty neighbours claim one request: exactly one has it, on both engines. The control has its guard off and must fail."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import NullPool, create_engine, func
from sqlmodel import Session, select

from app.kit.clock import now
from app.volunteering.request_models import RequestAct, RequestActKind, RequestState, ServiceRequest
from tests.cast import House, One
from tests.making import fresh

RIVALS = 20


@pytest.fixture
def rivals(house: House) -> list[One]:
    return [house.newcomer(f"邻居{i}") for i in range(RIVALS)]


def open_request(house: House) -> ServiceRequest:
    wish = {"kind": "代买东西", "what": "买一袋米", "wanted_at": (now() + timedelta(days=1)).isoformat()}
    id = house.wang.api.put(f"/service-requests/{fresh()}", wish).json["id"]
    house.he.api.put(f"/service-requests/{id}/acts/{fresh()}", {"kind": "confirmed"})
    with house.session() as session:
        return session.exec(select(ServiceRequest)).one()


def claims(house: House) -> int:
    with house.session() as session:
        return session.exec(select(func.count()).where(RequestAct.kind == RequestActKind.CLAIMED)).one()


def test_of_twenty_who_claim_at_once_one_has_it_and_nineteen_are_told(house: House, rivals: list[One]) -> None:
    request = open_request(house)
    path = f"/service-requests/{request.id}/acts"
    answers = house.at_once(*[(one.api, "PUT", f"{path}/{fresh()}", {"json": {"kind": "claimed"}}) for one in rivals])
    assert sorted(a.status for a in answers) == [201] + [409] * (RIVALS - 1)
    assert {a.json["code"] for a in answers if a.status == 409} == {"AlreadyClaimed"}
    winner = next(one for one, answer in zip(rivals, answers, strict=True) if answer.status == 201)
    with house.session() as session:
        assert session.exec(select(ServiceRequest.claimed_by_id)).one() == winner.id
    assert claims(house) == 1


def test_both_say_at_the_same_moment_that_it_is_done(house: House) -> None:
    """Neither undoes what the other said: it is done, and written twice."""
    path = f"/service-requests/{open_request(house).id}/acts"
    house.li.api.put(f"{path}/{fresh()}", {"kind": "claimed"})
    calls = [(house.li, "helped"), (house.wang, "received")]
    answers = house.at_once(*[(one.api, "PUT", f"{path}/{fresh()}", {"json": {"kind": kind}}) for one, kind in calls])
    assert [a.status for a in answers] == [201, 201]
    with house.session() as session:
        assert session.exec(select(ServiceRequest.state)).one() == RequestState.DONE


def test_control_without_the_lock_several_have_claimed_it(house: House, rivals: list[One]) -> None:
    """Look, then write, as most programs do: every rival sees it open before any has taken it."""
    request = open_request(house)
    engine = create_engine(house.db.url, poolclass=NullPool)
    barrier = Barrier(RIVALS)

    def claim(rival: One, number: int) -> None:
        with Session(engine) as session:
            seen = session.exec(select(ServiceRequest.state).where(ServiceRequest.id == request.id)).one()
            barrier.wait(30)
            if seen == RequestState.OPEN:
                session.add(
                    RequestAct(
                        compound_id=request.compound_id,
                        request_id=request.id,
                        position=10 + number,  # UNIQUE would refuse the same one
                        kind=RequestActKind.CLAIMED,
                        by_id=rival.id,
                        state=RequestState.CLAIMED,
                        sent_sha256=b"",
                    )
                )
                session.commit()

    threads = [Thread(target=claim, args=(rival, i)) for i, rival in enumerate(rivals)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    assert claims(house) > 1, "the control must have several winners, or the race above proves nothing"
