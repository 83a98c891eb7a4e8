"""What the invented world is made of. Named like DOMAIN §3, so that a loader reads like the domain.

`key` is a name for one thing inside one compound, by which other things point to it ("zhou", "3-2-602"); it is not shown to
people. Money is in fen, areas in 0.01 m², times are aware (wall time of China), days are dates there. Kinds of seats,
bodies, units and services are the values of the product's own enums.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

Paper = Literal["invoice", "receipt", "bank_slip", "contract", "minutes"]
Method = Literal["银行转账", "微信收款", "现金存行", "银行入账"]
LineState = Literal["posted", "waiting", "draft"]
DecidedBy = Literal["owners", "owners_three_quarters", "council", "election"]
ServiceKind = Literal["governance", "civility", "beauty", "special_groups", "needs"]
ClaimWay = Literal["signed", "ticked", "paper", "witnessed"]
FindingEventKind = Literal["received", "answered", "passed", "failed", "reopened", "closed_unfixed"]

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment by the clock on the wall in China (no summer time there since 1991)."""
    return datetime.combine(day, time(hour, minute), CHINA)


# ---------------------------------------------------------------- who and where


@dataclass(frozen=True)
class Community:
    name: str
    city: str


@dataclass(frozen=True)
class Compound:
    slug: str
    name: str
    city: str
    help_phone: str
    community: Community
    founded_on: date
    """The day its committee began: the oldest date in its data."""


@dataclass(frozen=True)
class Unit:
    """`key` is the whole address, the product's `label`: "3-2-602". Buildings and entrances are made from their names."""

    key: str
    building: str
    entrance: str
    room: str
    kind: Literal["dwelling", "shop", "garage"]
    area: int


@dataclass(frozen=True)
class Person:
    """`phone` is None for people without one. Occupation, interests and skills are the answers of the census (consented)."""

    key: str
    name: str
    phone: str | None
    occupation: str = ""
    interests: str = ""
    skills: str = ""
    party_member: bool = False


@dataclass(frozen=True)
class Ownership:
    unit: str
    person: str
    share: int
    share_of: int
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True)
class Residency:
    """`relation`: 本人, 配偶, 子女, 租户, 商户 …"""

    unit: str
    person: str
    tenant: bool
    relation: str
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True)
class Body:
    key: str
    kind: str
    name: str


@dataclass(frozen=True)
class Seat:
    key: str
    body: str
    person: str
    kind: str
    title: str
    basis: str
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True)
class CareLink:
    """党员联户: the seat of a member household and one unit it looks after (its own home is not listed)."""

    seat: str
    unit: str
    from_on: date


@dataclass(frozen=True)
class Baseline:
    """`value` in `measure`; the kinds are `complaints`, `safety_incidents`, `fee_on_time`."""

    kind: str
    on_date: date
    value: int
    measure: str
    source: str


@dataclass(frozen=True)
class Rule:
    name: str
    value: int
    source: str
    decided_by: str
    valid_from_on: date


# ---------------------------------------------------------------- pictures


@dataclass(frozen=True)
class Photo:
    """`scenes.photo_bytes(scene, seed, taken_at)` makes it. Two photos with one seed are framed alike: before and after."""

    key: str
    scene: str
    seed: str
    caption: str
    taken_at: datetime
    source: Literal["camera", "gallery"] = "camera"


@dataclass(frozen=True)
class Voucher:
    """A paper. `scenes.voucher_bytes(paper, number, number, on, amount_fen)` makes it when `photographed`; older ones lie
    in a folder.

    `released`: the treasurer has let the redacted copy be seen.
    """

    paper: Paper
    number: str
    on: date
    amount_fen: int | None
    photographed: bool
    released: bool


# ---------------------------------------------------------------- deciding


@dataclass(frozen=True)
class Votes:
    """Counts of persons and of area (0.01 m²; 0 for a council, where every representative has one voice)."""

    persons_total: int
    persons_part: int
    persons_yes: int
    persons_no: int
    area_total: int = 0
    area_part: int = 0
    area_yes: int = 0
    area_no: int = 0

    @property
    def persons_abstained(self) -> int:
        return self.persons_part - self.persons_yes - self.persons_no

    @property
    def area_abstained(self) -> int:
        return self.area_part - self.area_yes - self.area_no


@dataclass(frozen=True)
class Decision:
    """`by`: all owners (ordinary matters or such that need three quarters), the council of representatives, or an election."""

    key: str
    number: str
    decided_on: date
    by: DecidedBy
    title: str
    what: str
    votes: Votes
    minutes: Voucher


# ---------------------------------------------------------------- money

CATEGORIES: dict[str, str] = {
    "parking": "地面停车",
    "advertising": "电梯和道闸广告",
    "parcel_lockers": "快递柜场地",
    "venue": "场地租用",
    "telecom_site": "通信基站场地",
    "water_vending": "售水机",
    "ev_charging": "充电桩分成",
    "damages": "损坏赔偿",
    "interest": "存款利息",
    "scrap": "废品变卖",
    "cameras": "监控",
    "gate": "道闸和大门",
    "drains": "下水道疏通",
    "rubbish": "保洁和清运",
    "mosquitoes": "灭蚊消杀",
    "repairs": "公共维修",
    "electricity": "公共用电",
    "watch": "门岗值守",
    "office": "办公",
    "audit": "审计",
    "gift": "福利发放",
}
"""Every category with the name people read. `gift` is goods bought for a distribution: stock until it is handed out."""


@dataclass(frozen=True)
class MoneyLine:
    """One income or expense of the public income, paid through its one bank account.

    `state`: `posted`; `waiting` for approval; `draft`. Only posted lines are in balances and statements. `booked_by`,
    `checked_by`, `approved_by` are three persons of three households. `decision` is the key of the decision it rests on, ""
    where the yearly budget suffices.
    """

    key: str
    on: date
    income: bool
    category: str
    says: str
    counterparty: str
    method: Method
    amount_fen: int
    vouchers: tuple[Voucher, ...]
    booked_by: str
    checked_by: str
    approved_by: str
    state: LineState = "posted"
    decision: str = ""
    contract: str = ""
    """Contract period as people read it, "" without one."""
    rent_of: str = ""
    """Key of the contract by which it came."""

    @property
    def signed_fen(self) -> int:
        return self.amount_fen if self.income else -self.amount_fen


@dataclass(frozen=True)
class Objection:
    """By name, answered by name; `answer` is "" while it waits. The objector is never shown publicly."""

    person: str
    objected_at: datetime
    says: str
    answered_by: str = ""
    answered_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True)
class Statement:
    """One whole month. `published_on` is None for the last month while it is being made."""

    key: str
    from_on: date
    to_on: date
    opening_fen: int
    income_fen: int
    expense_fen: int
    closing_fen: int
    bank_balance_fen: int
    published_on: date | None
    prepared_by: str
    signed_by: tuple[str, ...]
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True)
class Contract:
    """Who rents a common place: `fen` falls due on `first_due_on` and then `every` so often."""

    key: str
    category: str
    what: str
    counterparty: str
    from_on: date
    to_on: date
    fen: int
    every: Literal["quarter", "half", "year"]
    first_due_on: date


@dataclass(frozen=True)
class Budget:
    """What a year may cost and should bring, by category, as `decision` set it."""

    year: int
    decision: str
    set_on: date
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Books:
    """The public income of one compound: opening balance on the eve of the first line, then every line in order of day."""

    opening_on: date
    opening_fen: int
    lines: tuple[MoneyLine, ...]
    statements: tuple[Statement, ...]
    bank_balance_fen: int
    """What the bank says on `today`: the posted lines and nothing else."""
    contracts: tuple[Contract, ...] = ()
    budget: Budget | None = None


# ---------------------------------------------------------------- a gift


@dataclass(frozen=True)
class GiftItem:
    """One piece of it for each unit, in pieces of `unit` at `cost_fen`."""

    name: str
    unit: str
    supplier: str
    cost_fen: int


@dataclass(frozen=True)
class Claim:
    """`way`: signed (on the screen), ticked (name and tick), paper (photo of the signed sheet), witnessed (by the officer
    alone).

    `agent` and `relation` for somebody who came instead. A voided claim was entered for the wrong unit and taken back by
    another officer.
    """

    key: str
    unit: str
    person: str
    claimed_at: datetime
    way: ClaimWay
    officer: str
    agent: str = ""
    relation: str = ""
    voided_by: str = ""
    voided_at: datetime | None = None
    voided_because: str = ""


@dataclass(frozen=True)
class Stop:
    """A home whose people cannot come. `volunteer` brings it today; "" where nobody has been found yet."""

    unit: str
    reason: str
    volunteer: str = ""


@dataclass(frozen=True)
class GiftPlan:
    """One pack for every dwelling household, by a decision of the owners because it is not shared by area."""

    key: str
    title: str
    decision: str
    items: tuple[GiftItem, ...]
    units: tuple[str, ...]
    approvers: tuple[str, ...]
    roll_on: date
    published_on: date
    objections_until_on: date
    claims_from_on: date
    claims_until_on: date
    late_until_on: date
    place: str
    hours: str
    bring: str
    claims: tuple[Claim, ...]
    stops: tuple[Stop, ...]
    in_line: tuple[str, ...]
    """Units that have taken a number today; the first of them was called."""

    @property
    def each_fen(self) -> int:
        return sum(item.cost_fen for item in self.items)

    @property
    def total_fen(self) -> int:
        return self.each_fen * len(self.units)


# ---------------------------------------------------------------- helping


@dataclass(frozen=True)
class Activity:
    key: str
    kind: ServiceKind
    title: str
    place: str
    what: str
    leader: str
    bring: str = ""


@dataclass(frozen=True)
class Signup:
    """`attended`: None before the shift; after it True or False. `minutes` are checked in and out unless `added_because`
    says why not.

    `entered_by` is the person's own key, or the officer's who signed somebody up that has no phone.
    """

    key: str
    person: str
    entered_by: str
    asked_at: datetime
    state: Literal["confirmed", "waiting", "withdrawn"]
    attended: bool | None = None
    minutes: int = 0
    added_because: str = ""


@dataclass(frozen=True)
class Shift:
    """Sign-ups stand in the order in which they were asked for; confirmed ones never exceed `capacity`."""

    key: str
    activity: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    signups: tuple[Signup, ...]
    minimum: int = 0


@dataclass(frozen=True)
class Pledge:
    """承诺 / 践诺: promised, kept (or still to be kept), and what residents think of it."""

    key: str
    seat: str
    pledged_on: date
    says: str
    kept_on: date | None
    kept_how: str
    evidence: tuple[Photo, ...]
    good: int
    fair: int
    poor: int


@dataclass(frozen=True)
class HomeVisit:
    """走访: what the holder of `seat` saw in a home that it looks after; `helped`: what was needed became a request."""

    seat: str
    unit: str
    visited_on: date
    saw: str
    needed: str = ""
    helped: bool = False


# ---------------------------------------------------------------- works


@dataclass(frozen=True)
class Phase:
    key: str
    name: str
    planned_from_on: date
    planned_to_on: date
    began_on: date | None
    done_on: date | None
    note: str


@dataclass(frozen=True)
class Visit:
    """监督日志, in the five parts of DOMAIN §4. `minutes_without_signal`: it was written in a cellar and sent later."""

    key: str
    number: int
    visited_at: datetime
    supervisors: tuple[str, ...]
    place: str
    weather: str
    temperature: int
    progress: str
    checked: str
    problems: str
    others: str
    photos: tuple[Photo, ...]
    minutes_without_signal: int = 0
    present: str = ""
    headcount: int | None = None
    materials: str = ""
    """A line for each, as it is typed."""
    tests: str = ""
    checked_by: tuple[str, tuple[str, ...]] | None = None
    """The trade of a check list, and what was found at its items, in their order."""


@dataclass(frozen=True)
class FindingEvent:
    """What happened to a finding after it was raised, in order of time.

    received and answered are the contractor's (by link, no account: `by` is the firm's man as he names himself); passed,
    failed, reopened, closed_unfixed are a supervisor's (`by` is a key), and passed is never by the one who raised it.
    """

    kind: FindingEventKind
    happened_at: datetime
    by: str
    says: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True)
class Finding:
    """整改通知. The photos are those of before. `state_on(today)` reads the events; nothing is stored twice."""

    key: str
    number: int
    visit: str
    part: str
    severity: Literal["serious", "ordinary", "slight"]
    facts: str
    basis: str
    demand: str
    due_on: date
    raised_at: datetime
    issued_by: tuple[str, str]
    photos: tuple[Photo, ...]
    events: tuple[FindingEvent, ...] = ()

    def state_on(self, today: date) -> str:
        """One of open, overdue, answered, sent_back, reopened, closed, closed_unfixed."""
        last = next((event.kind for event in reversed(self.events) if event.kind != "received"), None)
        match last:
            case "answered" | "reopened" | "closed_unfixed":
                return last
            case "passed":
                return "closed"
            case "failed":
                return "sent_back"
            case _:
                return "overdue" if self.due_on < today else "open"


@dataclass(frozen=True)
class ProjectStep:
    """A step in a project's life. `parts`: what a warranty covers."""

    kind: str
    on: date
    says: str = ""
    office: str = ""
    reference: str = ""
    how: str = ""
    until_on: date | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProjectPaper:
    """`drawn`: which drawn paper it looks like (`scenes.voucher_bytes`); `with_step`: the kind of step that it belongs to."""

    key: str
    kind: str
    title: str
    drawn: str
    on: date
    with_step: str = ""


@dataclass(frozen=True)
class ProjectContract:
    """`milestones`: name, per cent of the sum, and when: "signed", "accepted", "warranty_over" or the name of a phase.
    `payments`: day, fen.
    """

    signed_on: date
    supervisor: str
    milestones: tuple[tuple[str, int, str], ...]
    payments: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class Problem:
    """What a resident reported; `answered`: in words by the planner, "" where the project takes it."""

    person: str
    on: date
    kind: str
    building: str
    place: str
    says: str
    answered: str = ""


@dataclass(frozen=True)
class Question:
    person: str
    on: date
    says: str
    by: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Dispute:
    """Between a resident and the contractor, settled on paper and told with the consent of both."""

    key: str
    person: str
    mediator: str
    on: date
    subject: str
    says: str
    firm_says: str
    proposal: str
    follow_up_on: date
    found: str
    """At the follow-up."""
    told: str
    """What everybody reads of it."""


@dataclass(frozen=True)
class ProjectLife:
    """What befell a project besides its visits and findings. `progress`: phase, day, per cent, who said it."""

    steps: tuple[ProjectStep, ...]
    contract: ProjectContract
    progress: tuple[tuple[str, date, int, str], ...] = ()
    papers: tuple[ProjectPaper, ...] = ()
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    followers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProjectAcceptance:
    """居民验收. `checked`: a part, the list's trade, what was found at its items. One home in `asked_every` says something, from
    paper where `papers` of ten do; a few of them in these `words`. Without `signed_by` opinions are still taken.
    """

    by: str
    opened_on: date
    closes_on: date
    says: str
    checked: tuple[tuple[str, str, tuple[str, ...]], ...]
    asked_every: int
    words: tuple[str, ...]
    papers: int = 3
    signed_by: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True)
class Project:
    """Without a `life` it is put on record while it is being built."""

    key: str
    number: str
    title: str
    what: str
    contractor: str
    contractor_contact: str
    contractor_phone: str
    contract_fen: int
    paid_fen: int
    paid_from: str
    percent_done: int
    phases: tuple[Phase, ...]
    visits: tuple[Visit, ...] = ()
    findings: tuple[Finding, ...] = ()
    before_and_after: tuple[tuple[Photo, Photo], ...] = ()
    warranty: str = ""
    supervised_on: tuple[int, ...] = ()
    """Days of the week, 0 is Monday."""
    life: ProjectLife | None = None
    acceptance: ProjectAcceptance | None = None


# ---------------------------------------------------------------- a whole neighbourhood


@dataclass(frozen=True)
class Story:
    """Everything about one compound. Every key points to something inside the same story."""

    compound: Compound
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    ownerships: tuple[Ownership, ...]
    residencies: tuple[Residency, ...]
    bodies: tuple[Body, ...]
    seats: tuple[Seat, ...]
    care_links: tuple[CareLink, ...] = ()
    pledges: tuple[Pledge, ...] = ()
    home_visits: tuple[HomeVisit, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    rules: tuple[Rule, ...] = ()
    decisions: tuple[Decision, ...] = ()
    books: Books | None = None
    gifts: tuple[GiftPlan, ...] = ()
    activities: tuple[Activity, ...] = ()
    shifts: tuple[Shift, ...] = ()
    projects: tuple[Project, ...] = ()

    def person(self, key: str) -> Person:
        """Raises StopIteration for a key that is nobody's."""
        return next(person for person in self.people if person.key == key)


@dataclass(frozen=True)
class Guest:
    """One line of the demo's sign-in page. `person` is "" for the contractor, who comes by the link of a finding."""

    slug: str
    person: str
    name: str
    role: str
    role_en: str
    can_try: str
    can_try_en: str
    finding: str = ""


@dataclass(frozen=True)
class World:
    stories: tuple[Story, ...]
    guests: tuple[Guest, ...] = field(default=())

    def story(self, slug: str) -> Story:
        """Raises StopIteration for an unknown compound."""
        return next(story for story in self.stories if story.compound.slug == slug)
