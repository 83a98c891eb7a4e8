"""Shapes at the border of the table and its goods. A plan's are in `plan_schemas`."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.benefits.claim_models import SIGNATURE_BYTES, TABLE_WAYS, Authority, ClaimWay
from app.benefits.handover_models import Outcome
from app.benefits.plan_schemas import UnitLabel
from app.benefits.stock_models import MoveKind
from app.kit.clock import today
from app.kit.forms import Count, Line, Moment, Says, Wish
from app.kit.i18n import mark
from app.kit.money import AmountRead, AreaRead

Strokes = Annotated[
    str, StringConstraints(max_length=SIGNATURE_BYTES, pattern=r"^(M[0-9]{1,4} [0-9]{1,4}(L[0-9]{1,4} [0-9]{1,4})*)+$")
]
"""A signature as an SVG path of moves and lines in a field of 1000 × 400; nothing else can be in it."""


class DeskWish(Wish):
    name: Annotated[Line, Field(max_length=60)]


class StockMoveWish(Wish):
    """`arrived` comes to a desk (the first one where none is named), `moved` goes from one to another, `spoiled` leaves one;
    `counted` is one more or less there than was counted before. The last two say why.
    """

    item_id: UUID
    kind: MoveKind = MoveKind.ARRIVED
    quantity: Annotated[Count, Field(ge=1)]
    from_desk_id: UUID | None = None
    to_desk_id: Annotated[UUID | None, Field(validate_default=True)] = None
    reason: Annotated[Line | None, Field(max_length=200, validate_default=True)] = None

    @field_validator("to_desk_id")
    @classmethod
    def has_its_desks(cls, to: UUID | None, info: ValidationInfo) -> UUID | None:
        left = info.data.get("from_desk_id")
        fits = {
            MoveKind.ARRIVED: left is None,
            MoveKind.MOVED: left is not None and to is not None and left != to,
            MoveKind.SPOILED: left is not None and to is None,
            MoveKind.COUNTED: (left is None) != (to is None),
        }
        if "kind" in info.data and not fits[info.data["kind"]]:
            raise PydanticCustomError("desks", mark("请写明从哪个发放台，到哪个发放台。"))
        return to

    @field_validator("reason")
    @classmethod
    def says_why(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if reason is None and info.data.get("kind") in (MoveKind.SPOILED, MoveKind.COUNTED):
            raise PydanticCustomError("reason_missing", mark("请写明原因。"))
        return reason


class StockCorrectionWish(Wish):
    """`quantity`: how many it was in truth, 0 where it never was."""

    quantity: Count
    reason: Annotated[Line, Field(max_length=200)]


def _of_somebody_who_is_there(way: ClaimWay) -> ClaimWay:
    if way not in TABLE_WAYS:
        raise PydanticCustomError("not_at_the_table", mark("转账的，请在转账清单里标。"))
    return way


class Signing(Wish):
    """How receipt was confirmed. `proxy_name` and `proxy_relation`: who came instead of an owner, both or neither; `authority`:
    how it was known that they may, with a note of the call where the owner said so on the phone.

    `desk_id`: the first desk where none is named. `cash`: money is counted out at the table and not transferred.
    """

    way: Annotated[ClaimWay, AfterValidator(_of_somebody_who_is_there)]
    proxy_name: Annotated[Line | None, Field(max_length=60), Says(mark("代领人姓名"))] = None
    proxy_relation: Annotated[Line | None, Field(max_length=30, validate_default=True), Says(mark("和业主的关系"))] = None
    authority: Authority | None = None
    authority_note: Annotated[Line | None, Field(max_length=200, validate_default=True), Says(mark("打给了谁，怎么说的"))] = None
    signature: Annotated[Strokes | None, Field(validate_default=True)] = None
    ticked: Annotated[bool, Field(validate_default=True)] = False
    desk_id: UUID | None = None
    cash: bool = False

    @field_validator("proxy_relation")
    @classmethod
    def proxy_is_whole(cls, relation: str | None, info: ValidationInfo) -> str | None:
        if "proxy_name" in info.data and (relation is None) != (info.data["proxy_name"] is None):
            raise PydanticCustomError("proxy_half", mark("代领人的姓名和关系，两样都要写。"))
        return relation

    @field_validator("authority")
    @classmethod
    def authority_of_a_proxy(cls, authority: Authority | None, info: ValidationInfo) -> Authority | None:
        """What was chosen before the name was taken out again is dropped."""
        return authority if info.data.get("proxy_name") else None

    @field_validator("authority_note")
    @classmethod
    def noted_if_called(cls, note: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("authority") != Authority.PHONE:
            return None
        if note is None:
            raise PydanticCustomError("call_not_noted", mark("请写一句：打给了谁，怎么说的。"))
        return note

    @property
    def lacks_authority(self) -> bool:
        return self.proxy_name is not None and self.authority is None

    @field_validator("signature")
    @classmethod
    def signed_if_so(cls, signature: str | None, info: ValidationInfo) -> str | None:
        """Strokes that were drawn before another way was chosen are dropped."""
        if info.data.get("way") != ClaimWay.SIGNATURE:
            return None
        if signature is None:
            raise PydanticCustomError("not_signed", mark("请在框里签名，或者换一种办法。"))
        return signature

    @field_validator("ticked")
    @classmethod
    def ticked_if_so(cls, ticked: bool, info: ValidationInfo) -> bool:
        if info.data.get("way") == ClaimWay.TICK_WITH_WITNESS and not ticked:
            raise PydanticCustomError("not_ticked", mark("请打勾，确认东西已经交到手里。"))
        return ticked


class ClaimWish(Signing):
    """`owner_id`: the co-owner it is for. `lines`: which lines are handed over; all open ones of the batch that is running
    where none is named.
    """

    owner_id: UUID | None = None
    lines: Annotated[list[UUID], Field(max_length=20, default_factory=list)]


class TransferredWish(ClaimWish):
    """What the bank paid to the accounts of `owner_id`; nobody stood at a table."""

    way: ClaimWay = ClaimWay.TRANSFER


MOST_LINES = 200
"""Of one list: as many as a person can look through."""


class TransferWish(Wish):
    """What the bank carried out of the exported list: which of its lines, each as it stood there, and by which reference on
    which day.
    """

    reference: Annotated[Line, Field(max_length=60)]
    on_date: date
    lines: Annotated[list[UUID], Field(min_length=1, max_length=MOST_LINES)]

    @field_validator("on_date")
    @classmethod
    def is_over(cls, on: date) -> date:
        if on > today():
            raise PydanticCustomError("not_yet", mark("这一天还没有到。"))
        return on


class TransferRead(BaseModel):
    """Each unit of it has a claim, in the way "transfer"."""

    id: UUID
    distribution_id: UUID
    reference: str
    on_date: date
    marked_at: datetime


class HandoverWish(Signing):
    """What a desk without signal handed out, as it froze it. `items`: of the plan, as its roll names them. `owner`: by the name
    that the roll gave. `device_at`: by the device's clock.
    """

    entitlement_id: UUID
    items: Annotated[list[UUID], Field(min_length=1, max_length=20)]
    owner: Annotated[Line | None, Field(max_length=60)] = None
    device_at: Moment


class DeliveryWish(Wish):
    """`unit`: as people write it. `reason` and `phone` are read by who brings it."""

    unit: Annotated[UnitLabel, Says(mark("房号"))]
    reason: Annotated[Line, Field(max_length=200), Says(mark("为什么来不了"))]
    phone: Annotated[Line | None, Field(max_length=30), Says(mark("送之前打哪个电话"))] = None


class AssignWish(Wish):
    """Who brings which units what they are due, and on which day (today where none is named)."""

    deliveries: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    volunteer_id: UUID
    deliver_on: date = Field(default_factory=today)


class ReturnWish(Wish):
    reason: Annotated[Line, Field(max_length=200), Says(mark("为什么没送到"))]


class CallWish(Wish):
    """`number`: which is called. Without it the next one: after `seen`, the one that was shown as the last to be called, so
    that the same tap again calls the same.
    """

    number: Annotated[Count | None, Field(ge=1)] = None
    seen: Count | None = None


class SettleWish(Wish):
    outcome: Outcome
    words: Annotated[Line, Field(max_length=200)]


class VoidWish(Wish):
    reason: Annotated[Line, Field(max_length=200)]


class DueLineRead(BaseModel):
    """One item of what a unit is due. `quantity` is 0 of money; `weight` is what the unit counted with. It is owed as long as
    there is neither a claim nor a conversion.
    """

    id: UUID
    item_id: UUID
    batch_id: UUID
    name: str
    unit: str
    amount: Annotated[AmountRead, Field(validation_alias="amount_fen")]
    quantity: int
    weight: int
    claim_id: UUID | None
    claimed_at: datetime | None
    conversion_id: UUID | None


class EntitlementRead(BaseModel):
    """`code`: what its owners show or read aloud at the table; it finds the line and opens nothing. `hold`: the stated basis
    on which it is kept back for the unit.
    """

    id: UUID
    distribution_id: UUID
    title: str
    version: int
    label: str
    area: AreaRead
    amount: Annotated[AmountRead, Field(validation_alias="amount_fen")]
    code: str
    hold: str | None
    lines: list[DueLineRead]


class TurnRead(BaseModel):
    """One unit at one version; `before` is null where it was in no roll."""

    now: EntitlementRead
    before: EntitlementRead | None


class EntitlementList(BaseModel):
    items: list[EntitlementRead]


class DeskRead(BaseModel):
    id: UUID
    distribution_id: UUID
    position: int
    name: str


class StockMoveRead(BaseModel):
    """`corrects_id`: the move whose number was wrong; `quantity` is then the difference, below zero where there were fewer."""

    id: UUID
    distribution_id: UUID
    item_id: UUID
    kind: MoveKind
    from_desk_id: UUID | None
    to_desk_id: UUID | None
    quantity: int
    reason: str
    counted_at: datetime
    corrects_id: UUID | None


class StockRead(BaseModel):
    """Of one item at one desk: `received` = `handed` + `conflicted` + `spoiled` + `left`."""

    item_id: UUID
    desk_id: UUID
    desk: str
    received: int
    handed: int
    conflicted: int
    spoiled: int
    left: int


class StockList(BaseModel):
    items: list[StockRead]


class ClaimRead(BaseModel):
    """`authority`: of a proxy; "" where an owner came, `unrecorded` where it was not asked yet. `delivery_id`: brought home."""

    id: UUID
    entitlement_id: UUID
    lines: list[UUID]
    desk_id: UUID
    number: int
    way: ClaimWay
    collector: str
    relation: str
    authority: str
    authority_note: str
    slip_id: UUID | None
    delivery_id: UUID | None
    made_at: datetime
    photo_id: UUID | None
    voided_at: datetime | None
    void_reason: str


class CommitmentRead(BaseModel):
    """`index`: of the log's entry. `salt` and `commitment` in hex."""

    index: int
    field: str
    value: str
    salt: str
    commitment: str


class DeliveryRead(BaseModel):
    id: UUID
    distribution_id: UUID
    label: str
    volunteer_id: UUID | None
    deliver_on: date | None
    returned_because: str
    withdrawn_at: datetime | None


class DeliveryList(BaseModel):
    items: list[DeliveryRead]


class StopRead(BaseModel):
    """One door of a route. `items`: what is to be brought; none once it is `done`."""

    id: UUID
    entitlement_id: UUID
    label: str
    building: str
    entrance: str
    reason: str
    phone: str
    owners: list[str]
    items: list[str]
    done: bool


class RouteRead(BaseModel):
    """In the order of the buildings, entrances and rooms."""

    items: list[StopRead]


class QueueNumberRead(BaseModel):
    """`serving`: the number that was called last, 0 before the first. `ahead`: how many wait before this one."""

    number: int
    on_date: date
    serving: int
    ahead: int
    called_at: datetime | None


class CalledRead(BaseModel):
    number: int
    entitlement_id: UUID
    label: str


class HandoverRead(BaseModel):
    """`items` left the table. Those that nobody had claimed became the claim, which bears the id of the report;
    `items_in_conflict` did not. `conflict`: the code of the refusal that a claim would have met, `why` in words, or "".
    """

    id: UUID
    distribution_id: UUID
    entitlement_id: UUID
    label: str
    items: list[str]
    items_in_conflict: list[str]
    desk: str
    owner: str
    proxy: str
    relation: str
    authority: str
    authority_note: str
    way: ClaimWay
    device_at: datetime
    reported_at: datetime
    conflict: str
    why: str
    outcome: Outcome | None
    words: str
    settled_at: datetime | None


class HandoverList(BaseModel):
    items: list[HandoverRead]


class RollItemRead(BaseModel):
    """`from_on`: the day from which it is handed out."""

    id: UUID
    name: str
    from_on: date
    is_money: bool


class RollDeskRead(BaseModel):
    id: UUID
    name: str


class RollLineRead(BaseModel):
    """`item`: its place in the roll's `items`. A unit has one line of an item, so a line needs no id of its own: of all that
    is sent, ids weigh most.
    """

    item: int
    said: str
    claimed: bool


class RollUnitRead(BaseModel):
    """`owners`: by name, as they are asked for at the table. `hold`: the stated basis on which it is kept back."""

    id: UUID
    label: str
    code: str
    owners: list[str]
    hold: str | None
    lines: list[RollLineRead]


class OfflineRollRead(BaseModel):
    """A roll to be taken along to a desk without signal. `until_on`: the last day on which anything is handed out."""

    id: UUID
    title: str
    version: int
    taken_at: datetime
    until_on: date
    items: list[RollItemRead]
    desks: list[RollDeskRead]
    units: list[RollUnitRead]
