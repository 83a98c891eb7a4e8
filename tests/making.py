"""Test data by plain functions: each makes one row, with a believable default for all that the test does not care about."""

from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, select

from app.access.actors import acting
from app.access.service import keep_key
from app.accounts.models import Account
from app.accounts.service import begin_session
from app.compounds.models import (
    Body,
    BodyKind,
    Building,
    Community,
    Compound,
    Entrance,
    Ownership,
    Person,
    Seat,
    SeatKind,
    Unit,
)
from app.kit.clock import now, today
from app.kit.ids import new_id
from app.notices.models import Notice, NoticeKind
from app.notices.service import publish_notice
from app.publiclog.service import start_log
from app.volunteering.models import Activity, Shift


def make_compound(session: Session, slug: str = "fengshu", name: str = "枫树小区") -> Compound:
    community = session.exec(select(Community)).first()
    if community is None:
        community = Community(name="枫林社区", city="长沙")
        session.add(community)
        session.flush()
    compound = Compound(community_id=community.id, slug=slug, name=name, city="长沙", help_phone="0731-8555 0123")
    session.add(compound)
    session.flush()
    start_log(session, compound.id)
    return compound


def make_unit(
    session: Session, compound: Compound, building: str = "3栋", entrance: str = "2单元", room: str = "602", area: int = 8950
) -> Unit:
    b = session.exec(select(Building).where(Building.compound_id == compound.id, Building.name == building)).one_or_none()
    if b is None:
        b = Building(compound_id=compound.id, name=building)
        session.add(b)
        session.flush()
    e = session.exec(
        select(Entrance).where(Entrance.compound_id == compound.id, Entrance.building_id == b.id, Entrance.name == entrance)
    ).one_or_none()
    if e is None:
        e = Entrance(compound_id=compound.id, building_id=b.id, name=entrance)
        session.add(e)
        session.flush()
    label = f"{building.removesuffix('栋')}-{entrance.removesuffix('单元')}-{room}"
    unit = Unit(compound_id=compound.id, entrance_id=e.id, room=room, label=label, area=area)
    session.add(unit)
    session.flush()
    return unit


def make_person(session: Session, compound: Compound, name: str, unit: Unit | None = None) -> Person:
    """A person with an account (no password: tests sign in by `make_login`) who owns `unit`."""
    account = Account(phone=f"199{new_id().int % 10**8:08d}")
    session.add(account)
    session.flush()
    person = Person(compound_id=compound.id, name=name, phone=account.phone, account_id=account.id)
    session.add(person)
    session.flush()
    if unit is not None:
        session.add(Ownership(compound_id=compound.id, unit_id=unit.id, person_id=person.id, from_on=date(2024, 1, 1)))
        session.flush()
    return person


def move_out(session: Session, person: Person, last: date | None = None) -> None:
    """Every unit of the person is given up; yesterday was the last day, where nothing is said."""
    for tie in session.exec(
        select(Ownership).where(Ownership.compound_id == person.compound_id, Ownership.person_id == person.id)
    ):
        tie.to_on = last or today() - timedelta(days=1)


def make_seat(
    session: Session, person: Person, kind: SeatKind, *, from_on: date = date(2024, 1, 1), to_on: date | None = None
) -> Seat:
    name = f"{kind.value}的组织"
    body = session.exec(select(Body).where(Body.compound_id == person.compound_id, Body.name == name)).one_or_none()
    if body is None:
        body = Body(compound_id=person.compound_id, kind=BodyKind.MANAGEMENT, name=name)
        session.add(body)
        session.flush()
    seat = Seat(
        compound_id=person.compound_id,
        body_id=body.id,
        person_id=person.id,
        kind=kind,
        title=kind.value,
        from_on=from_on,
        to_on=to_on,
    )
    session.add(seat)
    session.flush()
    return seat


def make_login(session: Session, person: Person, *, second_factor: bool = True) -> str:
    """A session of the person's account; returns the token."""
    assert person.account_id
    return begin_session(session, person.account_id, "test", timedelta(days=90), second_factor=second_factor)


def make_key(session: Session, person: Person, *scopes: str) -> str:
    token = f"gz_live_{new_id().hex}"
    keep_key(session, person.compound_id, person.id, "test", frozenset(scopes), 30, token)
    return token


def make_shift(
    session: Session,
    leader: Person,
    *,
    capacity: int = 10,
    starts_in: timedelta = timedelta(days=3),
    title: str = "给独居老人送饭",
) -> Shift:
    activity = Activity(
        compound_id=leader.compound_id,
        kind="special_groups",
        title=title,
        place="社区食堂门口",
        what="每人送 3 户，都在小区里",
        leader_id=leader.id,
        sent_sha256=b"made",
    )
    session.add(activity)
    session.flush()
    starts = now() + starts_in
    shift = Shift(
        compound_id=leader.compound_id,
        activity_id=activity.id,
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        capacity=capacity,
    )
    session.add(shift)
    session.flush()
    return shift


def make_notice(session: Session, publisher: Person, *, title: str = "第三季度收支公示") -> Notice:
    """Published as a verb would, by somebody's hand."""
    compound = session.get_one(Compound, publisher.compound_id)
    actor = acting(session, compound, publisher)
    return publish_notice(session, actor, NoticeKind.STATEMENT, title, "/money", new_id(), {"v": 1, "balance_fen": 16430710})


def fresh() -> UUID:
    """An id as a client makes it."""
    return new_id()
