"""Shapes at the border: wishes in (forms and JSON alike), reads out."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.kit.clock import today
from app.kit.forms import Count, Line, Moment, Prose, Wish, unwidened
from app.kit.i18n import mark
from app.photos.models import PhotoSource
from app.photos.schemas import Sha256
from app.renovation.check_schemas import RecheckRead, TypedCheck, TypedRaised, TypedRecheck, VisitCheckRead
from app.renovation.finding_models import ActKind, FindingState, Severity
from app.renovation.models import PhaseState, ProjectStage, VisitPhotoRole, Weather

MOST_PHOTOS = 60
MOST_PHASES = 20

_DAY = r"\d{4}-\d{1,2}-\d{1,2}"
_PHASE = re.compile(rf"(?P<name>\S.*?)[\s,，]+(?P<from>{_DAY})\s*(?:至|到|-|~|—|,|，|\s)\s*(?P<to>{_DAY})")


def _absent(value: Any) -> Any:
    """The outbox sends every field of its form; an empty one is an absent one."""
    return None if isinstance(value, str) and not value.strip() else value


def _evidence(value: Any, read: Callable[[Any], Any]) -> Any:
    """What a phone says about itself may be missing, and may be nonsense: then it is missing. It never parks a record."""
    if value in (None, ""):
        return None
    try:
        return read(value)
    except (ValidationError, OverflowError):
        return None


PhoneTime = Annotated[Moment | None, WrapValidator(_evidence)]
Optional = BeforeValidator(_absent)
Text = Annotated[Prose | None, Optional]


def _phase(typed: Any) -> Any:
    """One line of the form: 管网改造 2026-03-01 至 2026-05-30."""
    if not isinstance(typed, str):
        return typed
    found = _PHASE.fullmatch(typed.strip())
    if found is None:
        raise PydanticCustomError("phase_line", mark("每一步写：名称 开工日 至 完工日。"))
    days = ["-".join(part.zfill(2) for part in found[name].split("-")) for name in ("from", "to")]
    return {"name": found["name"], "planned_from_on": days[0], "planned_to_on": days[1]}


def without_blanks(typed: Any) -> Any:
    return [one for one in typed if not isinstance(one, str) or one.strip()] if isinstance(typed, (list, tuple)) else typed


def _in_reach(day: date | None) -> date | None:
    if day and not 2000 <= day.year <= 2100:
        raise PydanticCustomError("far_day", mark("请核对年份。"))
    return day


def _happened(day: date | None) -> date | None:
    if day and day > today():
        raise PydanticCustomError("future_day", mark("这一天还没有到。"))
    return day


Due = Annotated[date | None, Optional, AfterValidator(_in_reach)]
Happened = Annotated[Due, AfterValidator(_happened)]
"""A day that has come; today where nobody says."""


class PhaseWish(Wish):
    name: Annotated[Line, Field(max_length=40)]
    planned_from_on: date
    planned_to_on: date
    note: Annotated[Annotated[Line, Field(max_length=200)] | None, Optional] = None

    @model_validator(mode="after")
    def in_order(self) -> "PhaseWish":
        if self.planned_to_on < self.planned_from_on:
            raise PydanticCustomError("ends_first", mark("完工日不能早于开工日。"))
        return self


class ReplanWish(Wish):
    """Other planned days, and why; what was planned before stays to be read."""

    planned_from_on: date
    planned_to_on: date
    why: Annotated[Line, Field(max_length=200)]

    @field_validator("planned_to_on")
    @classmethod
    def in_order(cls, day: date, info: ValidationInfo) -> date:
        began = info.data.get("planned_from_on")
        if began and day < began:
            raise PydanticCustomError("ends_first", mark("完工日不能早于开工日。"))
        return day


class ProjectWish(Wish):
    """`phases` in their order; a form sends one line for each. `stage`: where it stands on the day it is put on record, before
    its acceptance, from which the warranty counts; its contractor and its phases may not be known yet.
    """

    title: Annotated[Line, Field(max_length=60)]
    what: Annotated[Prose, Field(max_length=500)]
    stage: Literal[
        ProjectStage.PROPOSED,
        ProjectStage.APPLIED,
        ProjectStage.ADMITTED,
        ProjectStage.DESIGN,
        ProjectStage.CONTRACTED,
        ProjectStage.BUILDING,
    ] = ProjectStage.PROPOSED
    contractor: Annotated[Annotated[Line, Field(max_length=60)] | None, Optional] = None
    contractor_phone: Annotated[Annotated[Line, Field(max_length=20)] | None, Optional] = None
    started_on: date
    phases: Annotated[
        list[Annotated[PhaseWish, BeforeValidator(_phase)]],
        BeforeValidator(without_blanks),
        Field(max_length=MOST_PHASES, default_factory=list),
    ]


class PhaseMove(Wish):
    """`on`: the day it began or was done; today if not said."""

    state: PhaseState
    on: Annotated[date | None, Optional] = None


class MaterialWish(Wish):
    name: Prose
    quantity: Annotated[Annotated[Line, Field(max_length=100)] | None, Optional] = None


def _materials(typed: Any) -> Any:
    """The form's lines, "水泥 20袋": what stands last is how much. Every line is kept, however it was written."""
    texts = [typed] if isinstance(typed, str) else typed
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        return typed
    lines = [" ".join(line.split()) for text in texts for line in re.split(r"[\n；;]", text)]
    found = (re.fullmatch(r"(?P<name>.+?)(?:[ ，,：:](?P<quantity>[^ ，,：:]{1,100}))?", line) for line in lines)
    return [line.groupdict() for line in found if line]


class ProgressWish(Wish):
    """How much of a phase is done; `on`: as of which day, today if not said."""

    percent: Annotated[int, BeforeValidator(unwidened), Field(ge=0, le=100)]
    on: Happened = None


class AnnouncedPhoto(Wish):
    """A photo that will follow. `announced_sha256` is of the bytes the camera made, also where a smaller copy is sent."""

    id: UUID
    announced_sha256: Annotated[Sha256 | None, Optional] = None
    source: PhotoSource = PhotoSource.UNKNOWN
    role: VisitPhotoRole = VisitPhotoRole.SITE
    item_id: Annotated[UUID | None, Optional] = None
    point_id: Annotated[UUID | None, Optional] = None
    device_at: PhoneTime = None
    exif_at: PhoneTime = None
    lat: Annotated[Annotated[float, Field(ge=-90, le=90)] | None, WrapValidator(_evidence)] = None
    lon: Annotated[Annotated[float, Field(ge=-180, le=180)] | None, WrapValidator(_evidence)] = None
    accuracy: Annotated[Annotated[float, Field(ge=0, le=1_000_000)] | None, WrapValidator(_evidence)] = None
    caption: Annotated[Line | None, Optional] = None

    @property
    def place(self) -> tuple[float, float, float | None] | tuple[None, None, None]:
        """Half a position is none."""
        return (self.lat, self.lon, self.accuracy) if self.lat is not None and self.lon is not None else (None, None, None)


class VisitWish(Wish):
    """A supervision log (after GB/T 50319) as the phone froze it. `nonce`, `started_at`, `device_at` and what the photos say
    about themselves are evidence: where it cannot be read it counts as absent. So do a number and a day that are none: what is
    frozen on a phone cannot be put right there. `materials`: a form sends one line for each.
    """

    project_id: UUID
    place: Line
    weather: Annotated[Weather | None, Optional] = None
    progress: Text = None
    checked: Text = None
    problems: Text = None
    others: Text = None
    present: Annotated[Annotated[Line, Field(max_length=200)] | None, Optional] = None
    headcount: Annotated[Count | None, WrapValidator(_evidence)] = None
    materials: Annotated[tuple[MaterialWish, ...], BeforeValidator(_materials), Field(max_length=1000)] = ()
    tests: Text = None
    complaints: Text = None
    safety: Text = None
    next_on: Annotated[Due, WrapValidator(_evidence)] = None
    checks: Annotated[tuple[TypedCheck, ...], Field(max_length=400)] = ()
    raises: Annotated[tuple[TypedRaised, ...], Field(max_length=10)] = ()
    rechecks: Annotated[tuple[TypedRecheck, ...], Field(max_length=60)] = ()
    nonce: Annotated[Annotated[str, Field(max_length=200)] | None, WrapValidator(_evidence)] = None
    started_at: PhoneTime = None
    device_at: PhoneTime = None
    supersedes_id: Annotated[UUID | None, Optional] = None
    photos: Annotated[tuple[AnnouncedPhoto, ...], Field(max_length=MOST_PHOTOS)] = ()

    @property
    def says_nothing(self) -> bool:
        words = (self.progress, self.checked, self.problems, self.others, self.tests, self.complaints, self.safety)
        return not (any(words) or self.materials or self.checks or self.raises or self.rechecks or self.photos)

    @model_validator(mode="after")
    def each_once(self) -> "VisitWish":
        if len({photo.id for photo in self.photos}) < len(self.photos):
            raise PydanticCustomError("photo_twice", mark("两张照片用了同一个编号。"))
        if len({check.item_id for check in self.checks}) < len(self.checks):
            raise PydanticCustomError("check_twice", mark("同一项检查答了两次。"))
        if len({recheck.finding_id for recheck in self.rechecks}) < len(self.rechecks):
            raise PydanticCustomError("recheck_twice", mark("同一个问题复查了两次。"))
        return self


class AwaitedWish(Wish):
    """A photo of a finding, or of a step in its life, that will follow: as `AnnouncedPhoto`, without a place."""

    id: UUID
    announced_sha256: Annotated[Sha256 | None, Optional] = None
    source: PhotoSource = PhotoSource.UNKNOWN
    device_at: PhoneTime = None
    exif_at: PhoneTime = None
    caption: Annotated[Line | None, Optional] = None


def _each_once(photos: tuple[AwaitedWish, ...]) -> tuple[AwaitedWish, ...]:
    if len({photo.id for photo in photos}) < len(photos):
        raise PydanticCustomError("photo_twice", mark("两张照片用了同一个编号。"))
    return photos


Awaited = Annotated[tuple[AwaitedWish, ...], Field(max_length=MOST_PHOTOS), AfterValidator(_each_once)]
"""Photos that follow; whatever says that something is mended stands when the first of them is here."""


class FindingWish(Wish):
    """`photo_ids`: photos of the visit that show it, and photos sent along. `due_on`: by the compound's rule if not said. A
    `draft` is for supervisors only, until one of them issues it.
    """

    visit_id: Annotated[UUID | None, Optional] = None
    place: Line
    what: Annotated[Prose, Field(max_length=1000)]
    basis: Annotated[Annotated[Prose, Field(max_length=300)] | None, Optional] = None
    demand: Annotated[Prose, Field(max_length=1000)]
    severity: Severity
    due_on: Due = None
    draft: bool = False
    photo_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_PHOTOS)] = ()
    photos: Awaited = ()


class ActWish(Wish):
    """What a supervisor does about a finding. A reason is owed for everything but a signature and a yes.

    `due_on`: by when it is to be mended now, where it goes back to the contractor; by the compound's rule if not said.
    """

    kind: Literal[
        ActKind.ISSUED,
        ActKind.SECONDED,
        ActKind.UPHELD,
        ActKind.MENDED,
        ActKind.NOT_MENDED,
        ActKind.UNFIXED,
        ActKind.VOIDED,
        ActKind.REOPENED,
        ActKind.DISMISSED,
    ]
    text: Annotated[Text, Field(validate_default=True)] = None
    due_on: Due = None
    photos: Awaited = ()

    @field_validator("text")
    @classmethod
    def reasons(cls, text: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("kind", ActKind.MENDED) not in (ActKind.ISSUED, ActKind.SECONDED, ActKind.MENDED) and not text:
            raise PydanticCustomError("reason_missing", mark("请写明原因。"))
        return text


class ReportWish(Wish):
    """Broken again: what is seen."""

    text: Prose


class AnswerWish(Wish):
    """The contractor's word. `answered_by`: the person of the firm, as they name themselves."""

    kind: Literal[ActKind.ACKNOWLEDGED, ActKind.DISPUTED, ActKind.ANSWERED] = ActKind.ANSWERED
    answered_by: Annotated[Line, Field(max_length=60)]
    text: Annotated[Text, Field(validate_default=True)] = None
    photos: Awaited = ()

    @field_validator("text")
    @classmethod
    def says(cls, text: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("kind") is not ActKind.ACKNOWLEDGED and not text:
            raise PydanticCustomError("missing", mark("请填写。"))
        return text


class NonceRead(BaseModel):
    nonce: str
    issued_at: datetime


class ProjectLine(BaseModel):
    """`steps` phases, of which `done` are done; `open` findings wait."""

    id: UUID
    title: str
    what: str
    stage: ProjectStage
    started_on: date
    steps: int
    done: int
    open: int


class PhaseRead(BaseModel):
    """`late`: days behind the plan, its beginning while nobody has begun, else its end."""

    id: UUID
    name: str
    state: PhaseState
    planned_from_on: date
    planned_to_on: date
    began_on: date | None
    done_on: date | None
    percent: int
    late: int


class ProgressRead(BaseModel):
    """`by` as this reader may know the name."""

    id: UUID
    on: date
    percent: int
    by: str


class ReplanRead(BaseModel):
    """`was_…`: as it was planned before. `by` as this reader may know the name."""

    was_from_on: date
    was_to_on: date
    planned_from_on: date
    planned_to_on: date
    why: str
    by: str
    said_at: datetime


class ProjectRead(BaseModel):
    """`contractor_phone` only for officers who deal with the contractor."""

    id: UUID
    title: str
    what: str
    stage: ProjectStage
    contractor: str
    contractor_phone: str | None
    started_on: date
    phases: list[PhaseRead]


class MaterialRead(BaseModel):
    name: str
    quantity: str


class VisitRead(BaseModel):
    """`complete`: every announced photo is here. `supervisor` as this reader may know the name."""

    id: UUID
    project_id: UUID
    year: int
    number: int
    place: str
    weather: str | None
    progress: str
    checked: str
    problems: str
    others: str
    present: str
    headcount: int | None
    materials: list[MaterialRead]
    tests: str
    complaints: str
    safety: str
    next_on: date | None
    checks: list[VisitCheckRead]
    rechecks: list[RecheckRead]
    visited_at: datetime
    not_before_at: datetime | None
    received_at: datetime
    supervisor: str
    supersedes_id: UUID | None
    superseded_by_id: UUID | None
    photos_announced: int
    photos_received: int
    complete: bool
    sha256: str


class ManifestPhoto(BaseModel):
    id: UUID
    state: str
    received_sha256: str | None


class Manifest(BaseModel):
    """What of a visit is here: what the phone still has to send."""

    visit: bool
    photos: list[ManifestPhoto]


class Evidence(BaseModel):
    """Which of the announced photos are here: what the phone still has to send."""

    photos: list[ManifestPhoto]


class PhotoReceipt(BaseModel):
    id: UUID
    received_sha256: str
    received_at: datetime
    complete: bool


class OriginalReceipt(BaseModel):
    id: UUID
    received_sha256: str


class FindingRead(BaseModel):
    """`number` and `year` are absent before it is issued; `seconded_by` until a second supervisor has signed."""

    id: UUID
    project_id: UUID
    visit_id: UUID | None
    year: int | None
    number: int | None
    place: str
    what: str
    basis: str
    demand: str
    severity: Severity
    due_on: date
    overdue: bool
    state: FindingState
    reopened: int
    raised_at: datetime
    raised_by: str
    seconded_by: str | None
    received_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None


class RecordRead(BaseModel):
    """`rounds`: how often it was said to be mended. `overdue`, `reopened`: findings. `unfixed` is not in `closed`."""

    name: str
    findings: int
    open: int
    closed: int
    unfixed: int
    rounds: int
    days: float | None
    overdue: int
    reopened: int


class RecordsRead(BaseModel):
    contractors: list[RecordRead]
    parts: list[RecordRead]


class ActRead(BaseModel):
    """`by` as this reader may know the name; empty for what happened by itself. `state`, `due_on`: of the finding after it.
    `waits`: it does not stand yet, its photos are on the way.
    """

    id: UUID
    kind: ActKind
    text: str
    by: str
    at: datetime
    state: FindingState
    due_on: date
    waits: bool
    photos: list[UUID]


class LinkRead(BaseModel):
    """The address is shown this once; asking again makes a new one and ends this."""

    address: str
    until_at: datetime
