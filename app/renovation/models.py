"""Nouns and their own rules. Whoever moves a finding on holds its row lock (`queries.finding_to_change`)."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from app.kit.clock import now
from app.kit.guards import append_only, guard
from app.kit.i18n import mark
from app.kit.once import SentOnce
from app.kit.records import Record, points_to
from app.kit.refusals import Refusal


class PhotoNotAnnounced(Refusal):
    status = 404
    says = mark("这篇日志里没有这张照片。")


class DigestDiffers(Refusal):
    """The bytes are not those whose SHA-256 the phone named: something on the way changed them."""

    status = 422
    says = mark("照片在路上传坏了，请重传。")


class EmptyVisit(Refusal):
    status = 422
    says = mark("请写下看到了什么，或拍一张照片。")


class AlreadyCorrected(Refusal):
    says = mark("这篇日志已经更正过，请更正新的那篇。")


class TooManyPhases(Refusal):
    says = mark("一个工程最多 %(most)s 步。")


class SamePlan(Refusal):
    status = 422
    says = mark("和现在的计划一样，没有改。")


class NotTheLatest(Refusal):
    says = mark("后面的日子已经有人报过进度。")


class PhaseState(StrEnum):
    PLANNED = "planned"
    GOING = "going"
    DONE = "done"


class ProjectStage(StrEnum):
    """How far a project is; what moves it from one to the next stands in `life_models.PROJECT_MOVES`."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    ADMITTED = "admitted"
    TURNED_DOWN = "turned_down"
    DESIGN = "design"
    CONTRACTED = "contracted"
    BUILDING = "building"
    ACCEPTED = "accepted"
    WARRANTY = "warranty"
    ENDED = "ended"
    STOPPED = "stopped"


class Weather(StrEnum):
    CLEAR = "clear"
    CLOUDY = "cloudy"
    OVERCAST = "overcast"
    LIGHT_RAIN = "light_rain"
    HEAVY_RAIN = "heavy_rain"
    SNOW = "snow"


class VisitPhotoRole(StrEnum):
    SITE = "site"
    CERTIFICATE = "certificate"
    """合格证: the paper that came with a material."""


WEATHER_SAYS = {
    Weather.CLEAR: mark("晴"),
    Weather.CLOUDY: mark("多云"),
    Weather.OVERCAST: mark("阴"),
    Weather.LIGHT_RAIN: mark("小雨"),
    Weather.HEAVY_RAIN: mark("大雨"),
    Weather.SNOW: mark("雪"),
}


class Project(SentOnce, table=True):
    """改造工程. The contractor's telephone is for officers only; `contractor` is "" while nobody knows who will build.

    `stage` is what the last act in its life made it (`life_models.ProjectAct`); nothing else writes it. `started_on`: the day
    on which the works begin, as planned.
    """

    at = "/works/projects/{row.id}"

    __table_args__ = (points_to("person", "made_by_id"), Index("ix_project_day", "compound_id", "started_on", "id"))

    title: str = Field(max_length=60)
    what: str = Field(max_length=500)
    contractor: str = Field(default="", max_length=60)
    contractor_phone: str | None = Field(default=None, max_length=20)
    started_on: date
    stage: str = Field(max_length=12)
    made_by_id: UUID
    made_at: datetime = Field(default_factory=now)


class Phase(Record, table=True):
    """A step of a project, in the order of `position`."""

    __table_args__ = (
        points_to("project", "project_id"),
        UniqueConstraint("compound_id", "project_id", "position"),
        CheckConstraint("planned_to_on >= planned_from_on", name="planned_in_order"),
    )

    project_id: UUID
    position: int
    name: str = Field(max_length=40)
    note: str = Field(default="", max_length=200)
    state: str = Field(default=PhaseState.PLANNED, max_length=10)
    planned_from_on: date
    planned_to_on: date
    began_on: date | None = None
    done_on: date | None = None

    def move(self, state: PhaseState, on: date) -> None:
        """Begin it, finish it, or take either back; `on` is the day it happened."""
        self.state = state
        if state == PhaseState.PLANNED:
            self.began_on = None
        else:
            self.began_on = self.began_on or on
        self.done_on = on if state == PhaseState.DONE else None

    def reach(self, percent: int, on: date) -> None:
        """So much of it is done on a day: more than nothing is a beginning, all of it the end, and less than all is not."""
        state = PhaseState.PLANNED if not percent and self.began_on is None else PhaseState.GOING
        if percent == 100:
            state = PhaseState.DONE
        if state != self.state:
            self.move(state, on)


class PhaseProgress(SentOnce, table=True):
    """How much of a phase was done on a day, as somebody on the spot judged it; of one day the last row counts."""

    __tablename__ = "phase_progress"
    at = "/works/phases/{row.phase_id}"

    __table_args__ = (
        points_to("phase", "phase_id"),
        points_to("person", "by_id"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="part_of_it"),
        Index("ix_phase_progress_phase", "compound_id", "phase_id", "on_day", "id"),
    )

    phase_id: UUID
    on_day: date
    percent: int
    by_id: UUID
    said_at: datetime = Field(default_factory=now)


class PhaseReplan(SentOnce, table=True):
    """The planned days of a phase, put right: what was planned before stays written beside who changed it and why."""

    __tablename__ = "phase_replan"
    at = "/works/phases/{row.phase_id}"

    __table_args__ = (
        points_to("phase", "phase_id"),
        points_to("person", "by_id"),
        UniqueConstraint("compound_id", "phase_id", "position"),
        CheckConstraint("planned_to_on >= planned_from_on", name="planned_in_order"),
    )

    phase_id: UUID
    position: int
    was_from_on: date
    was_to_on: date
    planned_from_on: date
    planned_to_on: date
    why: str = Field(max_length=200)
    by_id: UUID
    said_at: datetime = Field(default_factory=now)


class Visit(SentOnce, table=True):
    """监督日志: written once; a correction is a new visit that names the one it supersedes.

    What the phone says of the time (`started_at`, `device_at`) is kept beside what the server knows: `not_before_at`
    from a nonce it signed at the start, `received_at`. `skew_seconds`: how far the phone's clock was ahead at the nonce.
    `present`: who else was there, by their part and not by name; `headcount`: workers on the site. `tests` were witnessed,
    `complaints` heard. `frozen`: the canonical JSON whose SHA-256 stands in the public log (`freezing`).
    """

    at = "/works/visits/{row.id}"

    __table_args__ = (
        points_to("project", "project_id"),
        points_to("person", "supervisor_id"),
        points_to("visit", "supersedes_id"),
        UniqueConstraint("compound_id", "year", "number"),
        UniqueConstraint("compound_id", "supersedes_id"),
        Index("ix_visit_project", "compound_id", "project_id", "received_at", "id"),
    )

    project_id: UUID
    supervisor_id: UUID
    supersedes_id: UUID | None = None
    year: int
    number: int
    place: str = Field(max_length=100)
    weather: str | None = Field(default=None, max_length=12)
    progress: str = ""
    checked: str = ""
    problems: str = ""
    others: str = ""
    present: str = Field(default="", max_length=200)
    headcount: int | None = None
    tests: str = ""
    complaints: str = ""
    safety: str = ""
    next_on: date | None = None
    started_at: datetime | None = None
    device_at: datetime | None = None
    not_before_at: datetime | None = None
    skew_seconds: int | None = Field(default=None, sa_type=BigInteger)
    received_at: datetime = Field(default_factory=now)
    frozen: bytes = Field(sa_type=LargeBinary)
    sha256: bytes

    @property
    def visited_at(self) -> datetime:
        """When it began, as well as can be known: the server's own moment, else the phone's where it can be true."""
        if self.not_before_at:
            return self.not_before_at
        if self.started_at and self.received_at - timedelta(days=60) <= self.started_at <= self.received_at:
            return self.started_at
        return self.received_at


class VisitPhoto(Record, table=True):
    """A photo that a visit announced; its id is the photo's. Nothing but its arrival is ever written to it again.

    A photo of this id that came into the house in another way is not this one: only `received_at` says that it is here.
    """

    __tablename__ = "visit_photo"
    __table_args__ = (
        points_to("visit", "visit_id"),
        points_to("check_item", "item_id"),
        points_to("photo_point", "point_id"),
        UniqueConstraint("compound_id", "visit_id", "position"),
        Index("ix_visit_photo_point", "compound_id", "point_id"),
    )

    visit_id: UUID
    position: int
    announced_sha256: str | None = Field(default=None, max_length=64)
    source: str = Field(max_length=10)
    role: str = Field(default=VisitPhotoRole.SITE, max_length=12)
    item_id: UUID | None = None
    point_id: UUID | None = None
    caption: str = Field(default="", max_length=100)
    device_at: datetime | None = None
    exif_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    received_at: datetime | None = None


class VisitMaterial(Record, table=True):
    """进场材料, as it was written down: "水泥", "20袋"."""

    __tablename__ = "visit_material"
    __table_args__ = (points_to("visit", "visit_id"), UniqueConstraint("compound_id", "visit_id", "position"))

    visit_id: UUID
    position: int
    name: str = Field(max_length=2000)
    quantity: str = Field(default="", max_length=100)


for table in ("visit", "visit_material", "phase_progress", "phase_replan"):
    append_only(table)


def _only_arrival_is_written() -> None:
    """`visit_photo`: append-only but for `received_at`, which is set once. PostgreSQL looks at the whole row, because it knows
    no column that a later migration adds.
    """
    fixed = ", ".join(c for c in VisitPhoto.model_fields if c != "received_at")
    others = "to_jsonb({0}) - 'received_at'"
    changed = f"{others.format('OLD')} IS DISTINCT FROM {others.format('NEW')}"
    no = "visit_photo is append-only"
    for name, sqlite, postgresql in (
        ("visit_photo_announced_once", f"UPDATE OF {fixed} ON visit_photo", f"UPDATE ON visit_photo {{each}} WHEN ({changed})"),
        ("visit_photo_arrives_once", _ARRIVED.format(each=""), _ARRIVED),
        ("visit_photo_no_delete", "DELETE ON visit_photo", "DELETE ON visit_photo {each}"),
    ):
        guard(
            "visit_photo",
            name,
            sqlite=f"CREATE TRIGGER {name} BEFORE {sqlite} BEGIN SELECT RAISE(ABORT, '{no}'); END",
            postgresql=f"CREATE TRIGGER {name} BEFORE {postgresql.format(each='FOR EACH ROW')} EXECUTE FUNCTION refuse('{no}')",
        )


_ARRIVED = "UPDATE OF received_at ON visit_photo {each} WHEN (OLD.received_at IS NOT NULL)"
_only_arrival_is_written()
