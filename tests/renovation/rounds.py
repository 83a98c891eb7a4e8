"""An acceptance for the tests: a project that is being built, a round of it, opinions, and the way through the doors."""

from typing import Any
from uuid import UUID

from sqlmodel import select

from app.compounds.models import Ownership
from app.kit.clock import now
from app.renovation.acceptance_models import Acceptance
from app.renovation.models import Project
from tests.cast import Answer, House, One, actor_of
from tests.making import fresh
from tests.renovation.sites import planned

ITEMS = [{"text": "屋面不积水"}, {"text": "女儿墙收口", "photo_required": True}]


def building_site(house: House) -> Project:
    with house.session() as session:
        return planned(session, actor_of(house.liu), stage="building")


def opened(house: House, project: Project | None = None, **more: Any) -> str:
    project = project or building_site(house)
    answer = house.chen.api.put(f"/projects/{project.id}/acceptances/{fresh()}", more)
    assert answer.status == 201, answer
    return str(answer.json["id"])


def unit_of(house: House, one: One) -> UUID:
    with house.session() as session:
        return session.exec(select(Ownership.unit_id).where(Ownership.person_id == one.id)).one()


def opinion(house: House, round_: str, one: One, stars: int | None = 5, *, by: One | None = None, **more: Any) -> Answer:
    """Of their own unit, by their phone, or typed `by` somebody."""
    wish: dict[str, Any] = {"unit_id": str(unit_of(house, one)), "stars": stars} | more
    if by:
        wish["person_id"] = str(one.id)
    return (by or one).api.put(f"/acceptances/{round_}/opinions/{fresh()}", wish)


def all_in(house: House, round_: str) -> None:
    """The last day is over."""
    with house.session() as session:
        session.exec(select(Acceptance).where(Acceptance.id == UUID(round_))).one().closes_at = now()


def roof(house: House) -> list[str]:
    """The items of a list."""
    answer = house.chen.api.put(f"/checks/{fresh()}", {"trade": "防水", "items": ITEMS})
    assert answer.status == 201, answer
    return [item["id"] for item in answer.json["items"]]


def part(house: House, round_: str, items: list[str], found: str = "ok", **more: Any) -> Answer:
    checks = [{"item_id": item, "found": found} for item in items]
    return house.chen.api.put(f"/acceptances/{round_}/parts/{fresh()}", {"name": "3栋屋面", "checks": checks} | more)


def reservation(house: House, round_: str, **more: Any) -> Answer:
    wish = {"place": "3栋屋面", "what": "落水口堵了", "demand": "清开", "severity": "mid"}
    return house.chen.api.put(f"/acceptances/{round_}/reservations/{fresh()}", wish | more)


def proposed(house: House, round_: str, outcome: str = "accepted", **more: Any) -> Answer:
    return house.chen.api.put(f"/acceptances/{round_}/proposals/{fresh()}", {"outcome": outcome} | more)


def seen(house: House, round_: str) -> Any:
    return house.nobody.api.get(f"/acceptances/{round_}").json


def signed(house: House, round_: str, one: One, content: str | None = None) -> Answer:
    wish = {"content_hash": content or seen(house, round_)["content_sha256"]}
    return one.api.put(f"/acceptances/{round_}/signatures/{fresh()}", wish)


def concluded(house: House, round_: str, content: str | None = None) -> Answer:
    wish = {"content_hash": content or seen(house, round_)["content_sha256"]}
    return house.zhou.api.ask("POST", f"/acceptances/{round_}/conclude", json=wish)


def ready(house: House, project: Project | None = None) -> str:
    """Everything is in and the two supervisors have signed."""
    round_ = opened(house, project)
    assert part(house, round_, roof(house)).status == 201
    all_in(house, round_)
    assert proposed(house, round_).status == 201
    assert [signed(house, round_, one).status for one in (house.chen, house.zhou)] == [201, 201]
    return round_
