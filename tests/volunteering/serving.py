"""What the tests of the weekly service do again and again, through the doors where there is one."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import select

from app.access.consents import Purpose, give
from app.compounds.models import Rule
from app.inbox.models import Message
from app.volunteering.helping import skill_named
from app.volunteering.models import Shift
from app.volunteering.signup_models import Signup
from app.volunteering.skill_models import HeldSkill
from tests.cast import Answer, House, One, actor_of
from tests.making import fresh, make_shift

SHAPE = {"starts_at": "2099-05-09T15:00:00+08:00", "ends_at": "2099-05-09T16:00:00+08:00", "capacity": 3}
MEALS = {"kind": "special_groups", "title": "给独居老人送饭", "place": "社区食堂门口", "what": "每人送 3 户"}


def shift_in(house: House, **options: Any) -> Shift:
    with house.session() as session:
        return make_shift(session, house.he.person, **options)


def planned(house: House, **other: object) -> Shift:
    """One shift in 2099, by the coordinator."""
    made = house.he.api.put(f"/activities/{fresh()}", MEALS | SHAPE | other)
    assert made.status == 201, made
    with house.session() as session:
        return session.get_one(Shift, (house.compound.id, UUID(made.json["shifts"][0]["id"])))


def ask(one: One, shift: Shift, **wish: object) -> Answer:
    """To sign up, at the programs' door."""
    return one.api.put(f"/shifts/{shift.id}/signups/{fresh()}", wish)


def set_rule(house: House, name: str, value: int) -> None:
    with house.session() as session:
        facts = {"source": "居民公约", "decided_by": "议事会", "valid_from_on": date(2020, 1, 1)}
        session.add(Rule(compound_id=house.compound.id, name=name, value=str(value), **facts))


def skilled(house: House, one: One, skill: str) -> None:
    """They have said so, and consented to its being kept."""
    with house.session() as session:
        give(session, actor_of(one), Purpose.SKILLS)
        id = skill_named(session, house.compound.id, skill)
        session.add(HeldSkill(compound_id=house.compound.id, person_id=one.id, skill_id=id))


def titles(house: House, one: One) -> list[str]:
    """Of their messages, the earliest first."""
    with house.session() as session:
        return list(session.exec(select(Message.title).where(Message.person_id == one.id).order_by(Message.sent_at)))  # type: ignore[arg-type]


def signups(house: House) -> list[Signup]:
    with house.session() as session:
        return list(session.exec(select(Signup)))
