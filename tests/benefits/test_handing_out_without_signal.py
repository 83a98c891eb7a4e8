"""The table without signal: what a device reports becomes the claim, or stays in conflict until somebody else settles it."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from app.benefits.claim_models import Claim
from app.benefits.handover_models import Handover
from app.benefits.stock_models import Stock
from app.kit.clock import now
from tests.benefits.giving import OIL, RICE, check_the_books, hand_out, line, opened, plan
from tests.cast import Answer, House, One
from tests.making import fresh


def reported(house: House, id: str, owner: One, by: One | None = None, **changes: Any) -> dict[str, Any]:
    """What a device sends of one unit that was handed all of the plan's items."""
    return {
        "entitlement_id": str(line(house, id, owner).id),
        "items": [item["id"] for item in plan(house, id)["items"]],
        "way": "tick_with_witness",
        "ticked": True,
        "owner": owner.person.name,
        "device_at": (now() - timedelta(hours=2)).isoformat(),
    } | changes


def report(house: House, id: str, owner: One, by: One | None = None, **changes: Any) -> Answer:
    return (by or house.liu).api.put(f"/handovers/{fresh()}", reported(house, id, owner, **changes))


def settle(house: House, handover: str, outcome: str, by: One | None = None, words: str = "两边各发了一份") -> Answer:
    return (by or house.chen).api.ask("POST", f"/handovers/{handover}/settle", json={"outcome": outcome, "words": words})


def stock(house: House) -> tuple[int, int, int, int, int]:
    """(received, handed, conflicted, spoiled, left) of the only stock."""
    with house.session() as session:
        s = session.exec(select(Stock)).one()
        return s.received, s.handed, s.conflicted, s.spoiled, s.left


def test_what_a_device_reports_becomes_the_claim(house: House) -> None:
    id = opened(house, RICE, OIL, stock=10)
    answer = report(house, id, house.wang)
    assert answer.status == 201, answer
    assert (answer.json["conflict"], answer.json["items"]) == ("", ["大米 1袋", "菜籽油 2桶"])
    claim = house.wang.api.get(f"/claims/{answer.json['id']}").json
    assert (claim["collector"], len(claim["lines"])) == ("王阿姨", 2)
    check_the_books(house, id)


def test_a_report_sent_again_is_the_same_report(house: House) -> None:
    id = opened(house, stock=10)
    path, wish = f"/handovers/{fresh()}", reported(house, id, house.wang)
    assert [house.liu.api.put(path, wish).status for _ in range(3)] == [201, 200, 200]
    assert house.liu.api.put(path, wish | {"owner": "别人"}).json["code"] == "SameIdOtherContent"
    with house.session() as session:
        assert len(session.exec(select(Claim)).all()) == len(session.exec(select(Handover)).all()) == 1


def test_a_second_device_stays_in_conflict_and_its_pieces_are_gone(house: House) -> None:
    id = opened(house, stock=10)
    assert hand_out(house, id, house.wang).status == 201
    second = report(house, id, house.wang).json
    assert (second["conflict"], second["why"], second["outcome"]) == ("AlreadyClaimed", "这一户先前已经领过", None)
    assert stock(house) == (10, 1, 1, 0, 8)
    check_the_books(house, id)
    listed = house.chen.api.get(f"/distributions/{id}/conflicts").json["items"]
    assert [(one["label"], one["desk"]) for one in listed] == [("3-2-601", "发放台")]
