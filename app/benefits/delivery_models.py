"""Nouns of home delivery: a unit whose people cannot come, and who brings it what it is due."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.kit.clock import now, today
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import points_to
from app.kit.refusals import Refusal


class AlreadyAsked(Refusal):
    says = mark("这一户已经登记了送货上门。")


class NotDelivering(Refusal):
    says = mark("这一户的送货上门已经取消了。")


class NobodyToDeliver(Refusal):
    says = mark("送货的人要是本小区的志愿者，或者有任职。")


class NotOnItsWay(Refusal):
    says = mark("这一户今天没有派给人送，不用交回。")


class NothingToBring(Refusal):
    says = mark("这一户今天没有要送的了，不用交回。")


class OwnDelivery(Refusal):
    says = mark("%(name)s不能给自己家送，请换一个人。")


class DayOver(Refusal):
    says = mark("送货的日子已经过了，请选今天或以后。")


class Delivery(SentOnce, table=True):
    """送货上门: somebody has what a unit is due brought home. `reason` and `phone` are for who brings it, and nobody else.

    `volunteer_id` may confirm the unit's claim at its door on `deliver_on`, on no other day and while they hold a seat: what was
    not delivered comes back by itself. It stands until it is withdrawn or the plan is closed, so that a later batch is brought
    too; from then on the words have no purpose, and are erased (PIPL art. 47).
    """

    at = "/benefits/{row.distribution_id}/code"

    __tablename__ = "home_delivery"
    __table_args__ = (
        points_to("distribution", "distribution_id"),
        points_to("unit", "unit_id"),
        points_to("person", "asked_by_id"),
        points_to("person", "volunteer_id"),
        points_to("person", "assigned_by_id"),
        points_to("person", "withdrawn_by_id"),
        CheckConstraint("(reason <> '') = (withdrawn_at IS NULL)", name="says_why_while_it_stands"),
        CheckConstraint(
            "(volunteer_id IS NULL) = (deliver_on IS NULL) AND (volunteer_id IS NULL) = (assigned_by_id IS NULL)",
            name="assigned_for_a_day",
        ),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"),
        Index(
            "uq_home_delivery_live",
            "compound_id",
            "distribution_id",
            "unit_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_home_delivery_volunteer", "compound_id", "volunteer_id", "deliver_on"),
    )

    distribution_id: UUID
    unit_id: UUID
    reason: str = Field(max_length=200)
    phone: str = Field(default="", max_length=30)
    asked_by_id: UUID
    asked_at: datetime = Field(default_factory=now)
    volunteer_id: UUID | None = None
    deliver_on: date | None = None
    assigned_by_id: UUID | None = None
    returned_because: str = Field(default="", max_length=200)
    """Why it was brought back the last time."""
    withdrawn_at: datetime | None = None
    withdrawn_by_id: UUID | None = None

    @property
    def is_ahead(self) -> bool:
        """Somebody was asked to bring it, today or later."""
        return self.deliver_on is not None and self.deliver_on >= today()

    def assign(self, volunteer_id: UUID, on: date, by_id: UUID) -> None:
        """Raises NotDelivering or DayOver."""
        self.check_stands()
        if on < today():
            raise DayOver
        self.volunteer_id, self.deliver_on, self.assigned_by_id = volunteer_id, on, by_id

    def bring_back(self, because: str) -> None:
        """It waits for somebody again. Raises NotDelivering or NotOnItsWay."""
        self.check_stands()
        if self.deliver_on != today():
            raise NotOnItsWay
        self.volunteer_id = self.deliver_on = self.assigned_by_id = None
        self.returned_because = because

    def withdraw(self, by_id: UUID) -> None:
        """Raises NotDelivering."""
        self.check_stands()
        self.withdrawn_at, self.withdrawn_by_id = now(), by_id
        self.reason = self.phone = self.returned_because = ""

    def check_stands(self) -> None:
        if self.withdrawn_at:
            raise NotDelivering
