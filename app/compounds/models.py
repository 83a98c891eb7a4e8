"""Nouns of DOMAIN §3. A compound is the tenant: everything below it carries its id in its key."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.kit.clock import now, today
from app.kit.ids import new_id
from app.kit.records import Record, points_to, shared_by_all


@shared_by_all
class Community(SQLModel, table=True):
    """社区: the community office that several compounds belong to."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=100, unique=True)
    city: str = Field(max_length=100)


@shared_by_all
class Compound(SQLModel, table=True):
    """小区: the self-governing neighbourhood. `data_version` rises with every commit that changes one of its rows."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    slug: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=100)
    city: str = Field(max_length=100)
    help_phone: str = Field(max_length=30)
    data_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = Field(default_factory=now)


class Building(Record, table=True):
    """楼栋. `name` as people say it: "3栋"."""

    __table_args__ = (UniqueConstraint("compound_id", "name"),)

    name: str = Field(max_length=20)
    position: int = 0


class Entrance(Record, table=True):
    """单元: a stairwell of a building."""

    __table_args__ = (points_to("building", "building_id"), UniqueConstraint("compound_id", "building_id", "name"))

    building_id: UUID
    name: str = Field(max_length=20)
    position: int = 0


class UnitKind(StrEnum):
    DWELLING = "dwelling"
    SHOP = "shop"
    GARAGE = "garage"


class Unit(Record, table=True):
    """户 / 专有部分: what a vote, a fee and an entitlement attach to. `area` in 0.01 m², as registered."""

    __table_args__ = (
        points_to("entrance", "entrance_id"),
        UniqueConstraint("compound_id", "label"),
        CheckConstraint("area >= 0", name="area_not_negative"),
    )

    entrance_id: UUID
    kind: str = Field(default=UnitKind.DWELLING, max_length=10)
    room: str = Field(max_length=20)
    label: str = Field(max_length=60)
    area: int
    """The whole address inside the compound, made once: "3-2-602"."""


class Person(Record, table=True):
    """居民/人员: a human being known to the compound, with or without an account."""

    __table_args__ = (
        UniqueConstraint("compound_id", "account_id"),
        Index("ix_person_phone", "compound_id", "phone"),
    )

    name: str = Field(max_length=60)
    phone: str | None = Field(default=None, max_length=20)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    created_at: datetime = Field(default_factory=now)


class Ownership(Record, table=True):
    """业主关系: a share of a unit, from–to. Any one co-owner may act for the unit (DOMAIN §4)."""

    __table_args__ = (
        points_to("unit", "unit_id"),
        points_to("person", "person_id"),
        CheckConstraint("share_of > 0 AND share > 0 AND share <= share_of", name="share_is_a_part"),
        Index("ix_ownership_unit", "compound_id", "unit_id"),
        Index("ix_ownership_person", "compound_id", "person_id"),
    )

    unit_id: UUID
    person_id: UUID
    share: int = 1
    share_of: int = 1
    from_on: date = Field(default_factory=today)
    to_on: date | None = None


class Residency(Record, table=True):
    """居住关系: who lives in a unit, owner or tenant, from–to."""

    __table_args__ = (
        points_to("unit", "unit_id"),
        points_to("person", "person_id"),
        Index("ix_residency_unit", "compound_id", "unit_id"),
        Index("ix_residency_person", "compound_id", "person_id"),
    )

    unit_id: UUID
    person_id: UUID
    tenant: bool = False
    from_on: date = Field(default_factory=today)
    to_on: date | None = None


class BodyKind(StrEnum):
    PARTY_BRANCH = "party_branch"
    BUILDING_GROUP = "building_group"
    MANAGEMENT = "management"
    SUPERVISION = "supervision"
    VOLUNTEERS = "volunteers"
    COMMUNITY_OFFICE = "community_office"


class Body(Record, table=True):
    """组织: party branch, building group, management or supervision committee, volunteer team."""

    __table_args__ = (UniqueConstraint("compound_id", "name"),)

    kind: str = Field(max_length=20)
    name: str = Field(max_length=60)


class SeatKind(StrEnum):
    """What a seat lets its holder do is the table `access.permissions.SEAT_PERMISSIONS`; nothing else gives authority."""

    SECRETARY = "secretary"
    DIRECTOR = "director"
    DEPUTY = "deputy"
    MEMBER = "member"
    TREASURER = "treasurer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    COORDINATOR = "coordinator"
    VOLUNTEER = "volunteer"
    GROUP_LEADER = "group_leader"
    MEMBER_HOUSEHOLD = "member_household"
    COMMUNITY_OFFICER = "community_officer"
    REGISTRAR = "registrar"


class Seat(Record, table=True):
    """任职: a person in a body with a title and a term."""

    __table_args__ = (
        points_to("body", "body_id"),
        points_to("person", "person_id"),
        Index("ix_seat_person", "compound_id", "person_id"),
        Index("ix_seat_body", "compound_id", "body_id"),
    )

    body_id: UUID
    person_id: UUID
    kind: str = Field(max_length=20)
    title: str = Field(max_length=60)
    basis: str = Field(default="", max_length=200)
    from_on: date = Field(default_factory=today)
    to_on: date | None = None


class CareLink(Record, table=True):
    """党员联户: a member household looks after a unit."""

    __tablename__ = "care_link"
    __table_args__ = (
        points_to("seat", "seat_id"),
        points_to("unit", "unit_id"),
        Index(
            "uq_care_link_open",
            "compound_id",
            "unit_id",
            unique=True,
            sqlite_where=text("to_on IS NULL"),
            postgresql_where=text("to_on IS NULL"),
        ),
    )

    seat_id: UUID
    unit_id: UUID
    from_on: date = Field(default_factory=today)
    to_on: date | None = None


class Baseline(Record, table=True):
    """A dated figure about how the neighbourhood fares (complaints, fee paid on time, incidents), with its source."""

    __table_args__ = (UniqueConstraint("compound_id", "kind", "on_date"),)

    kind: str = Field(max_length=40)
    on_date: date
    value: int
    measure: str = Field(max_length=20)
    source: str = Field(max_length=200)


class Rule(Record, table=True):
    """One value of one settable rule, from a day on. Rows are added, not changed: the past keeps its rules."""

    __table_args__ = (UniqueConstraint("compound_id", "name", "valid_from_on"),)

    name: str = Field(max_length=60)
    value: str = Field(max_length=200)
    source: str = Field(max_length=200)
    decided_by: str = Field(max_length=100)
    valid_from_on: date


class NumberSeries(Record, table=True):
    """The last number given in a series of a year; locked while the next one is taken, so there are no gaps."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("compound_id", "kind", "year"),)

    kind: str = Field(max_length=20)
    year: int
    last: int = 0
