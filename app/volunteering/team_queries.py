"""The team as it shows itself, and what the street office counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.access.actors import Actor, Visitor
from app.access.consents import Purpose, agreed
from app.compounds.models import Building, Entrance, Person, Seat, SeatKind, Unit
from app.compounds.terms import holds
from app.kit.clock import start_of
from app.kit.records import columns, pointing
from app.kit.refusals import NotAllowed
from app.volunteering import policy
from app.volunteering.census_models import CensusEntry, SeenBy
from app.volunteering.census_queries import SkillSaid, skills_by_person
from app.volunteering.hour_models import HourEntry
from app.volunteering.models import Activity, Shift
from app.volunteering.request_models import FULFILLED, ServiceRequest
from app.volunteering.request_queries import SHOWN_FROM
from app.volunteering.signup_models import Signup

_stars: Any = col(ServiceRequest.stars)

TEAM = (SeatKind.COORDINATOR, SeatKind.VOLUNTEER)


@dataclass(frozen=True, slots=True)
class Teammate:
    name: str
    skills: tuple[SkillSaid, ...]


@dataclass(frozen=True, slots=True)
class Honoured:
    """Minutes by where they come from, the most first."""

    name: str
    minutes: int
    by_source: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """A year. `hours`: minutes by kind of service and where they come from; `requests` of a building: (asked, fulfilled)."""

    year: int
    team: int
    in_census: int
    served: int
    """People with any minute in the year."""
    hours: Mapping[tuple[str, str], int]
    asked: int
    fulfilled: int
    ratings: int
    stars: int
    by_building: Mapping[str, tuple[int, int]]


def team_size(session: Session, compound_id: UUID) -> int:
    people = select(func.count(col(Seat.person_id).distinct())).where(
        Seat.compound_id == compound_id, col(Seat.kind).in_(TEAM), holds(Seat)
    )
    return session.exec(people).one()


def teammates(session: Session, visitor: Visitor) -> list[Teammate]:
    """Who let themselves be seen by this reader: everybody sees the public ones, the team its own."""
    seen = [SeenBy.PUBLIC]
    if isinstance(visitor, Actor) and (visitor.seats & set(TEAM) or policy.can_plan(visitor)):
        seen.append(SeenBy.TEAM)
    rows = session.exec(
        select(CensusEntry.person_id, Person.name)
        .join(Person, pointing(CensusEntry, "person_id", Person))
        .where(
            CensusEntry.compound_id == visitor.compound.id,
            col(CensusEntry.seen_by).in_(seen),
            agreed(Purpose.SKILLS, CensusEntry),
        )
        .order_by(col(CensusEntry.id))
    ).all()
    skills = skills_by_person(session, visitor.compound.id, [id for id, _name in rows])
    return [Teammate(name, skills.get(id, ())) for id, name in rows]


def honour_roll(session: Session, compound_id: UUID, year: int) -> list[Honoured]:
    """Of those who agreed to stand on it, by where each hour comes from; without a minute nobody does."""
    rows = session.exec(
        select(Person.id, Person.name, HourEntry.source, func.sum(col(HourEntry.minutes)))
        .join(HourEntry, pointing(HourEntry, "person_id", Person))
        .join(Signup, pointing(HourEntry, "signup_id", Signup))
        .join(Shift, pointing(Signup, "shift_id", Shift))
        .where(Person.compound_id == compound_id, *_in_year(year), agreed(Purpose.HONOUR, HourEntry))
        .group_by(col(Person.id), col(Person.name), col(HourEntry.source))
    )
    names: dict[UUID, str] = {}
    minutes: dict[UUID, dict[str, int]] = {}
    for id, name, source, total in rows:
        names[id] = name
        minutes.setdefault(id, {})[source] = int(total or 0)
    roll = [Honoured(names[id], sum(by.values()), by) for id, by in minutes.items() if sum(by.values()) > 0]
    return sorted(roll, key=lambda one: (-one.minutes, one.name))


def statistics(session: Session, actor: Actor, year: int) -> Statistics:
    """For coordinators and the street office. Raises NotAllowed."""
    if not policy.may_count(actor):
        raise NotAllowed
    compound_id = actor.compound.id
    hours = session.exec(
        select(Activity.kind, HourEntry.source, func.sum(col(HourEntry.minutes)))
        .join(Shift, pointing(Shift, "activity_id", Activity))
        .join(Signup, pointing(Signup, "shift_id", Shift))
        .join(HourEntry, pointing(HourEntry, "signup_id", Signup))
        .where(Activity.compound_id == compound_id, *_in_year(year))
        .group_by(col(Activity.kind), col(HourEntry.source))
        .order_by(col(Activity.kind), col(HourEntry.source))
    ).all()
    served = session.exec(
        select(func.count(col(HourEntry.person_id).distinct()))
        .join(Signup, pointing(HourEntry, "signup_id", Signup))
        .join(Shift, pointing(Signup, "shift_id", Shift))
        .where(HourEntry.compound_id == compound_id, *_in_year(year))
    ).one()
    in_census = select(func.count()).where(CensusEntry.compound_id == compound_id, agreed(Purpose.SKILLS, CensusEntry))
    rows = session.execute(
        columns(Building.name, ServiceRequest.state, func.count(), func.count(_stars), func.sum(_stars))
        .select_from(ServiceRequest)
        .outerjoin(Unit, pointing(ServiceRequest, "unit_id", Unit))
        .outerjoin(Entrance, pointing(Unit, "entrance_id", Entrance))
        .outerjoin(Building, pointing(Entrance, "building_id", Building))
        .where(ServiceRequest.compound_id == compound_id, ServiceRequest.year == year)
        .group_by(Building.name, ServiceRequest.state)
        .order_by(Building.name)
    )
    asked = fulfilled = ratings = stars = 0
    by_building: dict[str, tuple[int, int]] = {}
    for building, state, count, rated, total in rows:
        done = count if state in FULFILLED else 0
        asked, fulfilled, ratings, stars = asked + count, fulfilled + done, ratings + rated, stars + int(total or 0)
        before = by_building.get(building or "", (0, 0))
        by_building[building or ""] = (before[0] + count, before[1] + done)
    return Statistics(
        year,
        team_size(session, compound_id),
        session.exec(in_census).one(),
        served,
        {(kind, source): int(total or 0) for kind, source, total in hours},
        asked,
        fulfilled,
        ratings,
        stars if ratings >= SHOWN_FROM else 0,
        by_building,
    )


def _in_year(year: int) -> tuple[bool, bool]:
    """Terms about `Shift`: an hour belongs to the year in which it was served."""
    return Shift.starts_at >= start_of(date(year, 1, 1)), Shift.starts_at < start_of(date(year + 1, 1, 1))
