"""The books as a dict and a few lists: what each act does to them, or the refusal that it meets. Pure, and simple enough to
be believed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from app.kit.refusals import Malformed, NotThisState, Refusal
from app.kit.versions import Stale
from app.notices.periods import Span
from app.treasury.chart_models import AccountNotEmpty, Code, Fund, LastAccount, Use
from app.treasury.draft_models import (
    AccountRetired,
    ContentChanged,
    DecisionMissing,
    MoreThanHeld,
    OpeningTaken,
    OpeningUnproven,
    SameHouseholdAsApprover,
    VoucherMissing,
)
from app.treasury.fund_charts import FUND_CHARTS
from app.treasury.models import AlreadyReversed, MonthClosed, MonthPublished, NotReversible
from app.treasury.period_models import AlreadyClosed, NotClosed, PeriodNotOver, PublishedForGood
from app.treasury.statement_models import (
    AlreadyCorrected,
    AlreadyStated,
    NothingToCorrect,
    NothingToState,
    NotOfLater,
    TakenInElsewhere,
)

No = type[Refusal] | None
"""Why not; None where nothing stands against it."""

TWO_FROM, DECISION_FROM = 5_000_00, 20_000_00
"""Fen from which two must approve, and from which an expense needs a decision, where the compound set nothing else."""

CHART = {code: (fund, kind, use) for fund, chart in FUND_CHARTS.items() for code, _name, kind, use in chart}
SIDE = {"income": "income", "expense": "expense", "transfer": "money", "held_in": "held", "held_out": "held"}
KIND = SIDE | {"transfer": "transfer", "opening": "opening"}
ONE_HOME = {"chen", "lin"}


@dataclass(frozen=True)
class Asked:
    """What a draft would book. `paper`: a voucher comes with it; `decided`: it names a decision."""

    kind: str
    account: str
    category: str
    fen: int
    days_ago: int
    paper: bool
    decided: bool


@dataclass
class Sheet:
    """A draft. `seen`: the digests that it had, the present one last; `signed`: which of them each approver signed."""

    id: UUID
    kind: str
    fen: int
    on: date
    account: str = ""
    category: str = ""
    paper: bool = False
    decided: bool = False
    state: str = "draft"
    version: int = 1
    seen: list[str] = field(default_factory=list)
    signed: dict[str, str] = field(default_factory=dict)
    reverses: UUID | None = None
    entry: UUID | None = None

    @property
    def signers(self) -> set[str]:
        return {name for name, digest in self.signed.items() if digest == self.seen[-1]}


@dataclass(frozen=True)
class Entry:
    number: tuple[int, int]
    on: date
    kind: str
    fund: str
    lines: tuple[tuple[str, int], ...]
    reverses: UUID | None = None

    @property
    def money_fen(self) -> int:
        return sum(fen for code, fen in self.lines if CHART[code][2] == Use.MONEY)

    @property
    def turned_fen(self) -> int:
        return sum(fen for _code, fen in self.lines if fen > 0)


@dataclass(frozen=True)
class Stated:
    """What a statement says of a period: the sums of what is owned, what is held for others, and which entries it counts."""

    span: Span
    opening_fen: int
    income_fen: int
    expense_fen: int
    closing_fen: int
    held_fen: int
    stock_fen: int
    owed_fen: int
    lines: frozenset[UUID]


@dataclass
class Books:
    today: date
    funds: set[str]
    retired: set[str] = field(default_factory=set)
    drafts: list[Sheet] = field(default_factory=list)
    entries: dict[UUID, Entry] = field(default_factory=dict)
    closed: date = date.min
    statements: dict[UUID, Stated] = field(default_factory=dict)
    corrected: set[UUID] = field(default_factory=set)
    last: Counter[int] = field(default_factory=Counter)
    """Last number of each year."""

    @property
    def published(self) -> date:
        return max((stated.span[1] for stated in self.statements.values()), default=date.min)

    @property
    def reversed(self) -> set[UUID | None]:
        return {entry.reverses for entry in self.entries.values()} - {None}

    def balances(self) -> Counter[str]:
        held: Counter[str] = Counter()
        for entry in self.entries.values():
            for code, fen in entry.lines:
                held[code] += fen
        return held

    def money(self) -> Counter[str]:
        held: Counter[str] = Counter()
        for entry in self.entries.values():
            held[entry.fund] += entry.money_fen
        return held

    # drafts

    def _offers(self, code: str, *uses: str) -> bool:
        return code in CHART and CHART[code][0] in self.funds and code not in self.retired and CHART[code][2] in uses

    def _is_opened(self, code: str) -> bool:
        return any(
            entry.kind == "opening" and entry.reverses is None and id not in self.reversed and code in dict(entry.lines)
            for id, entry in self.entries.items()
        )

    def not_written(self, asked: Asked) -> No:
        if asked.kind == "opening":
            holds = asked.account in CHART and CHART[asked.account][1] in ("asset", "liability")
            if not (holds and self._offers(asked.account, *Use)):
                return Malformed
            return OpeningTaken if self._is_opened(asked.account) else None
        fits = self._offers(asked.category, SIDE[asked.kind]) and self._offers(asked.account, "money")
        one_fund = fits and CHART[asked.category][0] == CHART[asked.account][0] and asked.category != asked.account
        return None if one_fund else Malformed

    def not_edited(self, sheet: Sheet, asked: Asked, *, stale: bool) -> No:
        if sheet.kind == "reversal" or sheet.state == "posted":
            return NotThisState
        return Stale if stale else self.not_written(asked)

    def not_submitted(self, sheet: Sheet) -> No:
        if sheet.state == "submitted":
            return None
        if not sheet.paper and sheet.kind in ("expense", "held_out"):
            return VoucherMissing
        if not sheet.decided and sheet.kind == "expense" and sheet.fen >= DECISION_FROM:
            return DecisionMissing
        if not sheet.paper and not sheet.decided and sheet.kind == "opening":
            return OpeningUnproven
        return NotThisState if sheet.state == "posted" else None

    def not_returned(self, sheet: Sheet) -> No:
        return None if sheet.state == "submitted" else NotThisState

    def not_signed(self, sheet: Sheet, by: str, digest: str) -> No:
        if sheet.state == "posted":
            return None if sheet.signed.get(by) == digest else NotThisState
        if sheet.state != "submitted":
            return NotThisState
        if digest != sheet.seen[-1]:
            return ContentChanged
        if by in ONE_HOME and sheet.signers & ONE_HOME - {by}:
            return SameHouseholdAsApprover
        if len(sheet.signers | {by}) < self.needs(sheet):
            return None
        if sheet.reverses:
            return AlreadyReversed if sheet.reverses in self.reversed else self._not_undone(self.entries[sheet.reverses])
        if {sheet.account, sheet.category} & self.retired:
            return AccountRetired
        if sheet.kind == "opening" and self._is_opened(sheet.account):
            return OpeningTaken
        if sheet.kind == "held_out" and -self.balances()[sheet.category] < sheet.fen:
            return MoreThanHeld
        if sheet.on <= self.published:
            return MonthPublished
        return MonthClosed if sheet.on <= self.closed else None

    def _not_undone(self, entry: Entry) -> No:
        """Line by line, as it was booked."""
        for code, fen in entry.lines:
            if code in self.retired:
                return AccountRetired
            if CHART[code][2] == "held" and fen < 0 and -self.balances()[code] < -fen:
                return MoreThanHeld
        return None

    def needs(self, sheet: Sheet) -> int:
        """A reversal needs as many as what it turns back."""
        fen = self.entries[sheet.reverses].turned_fen if sheet.reverses else sheet.fen
        return 2 if fen >= TWO_FROM else 1

    def would_post(self, sheet: Sheet) -> Entry:
        number = (self.today.year, self.last[self.today.year] + 1)
        if sheet.reverses:
            was = self.entries[sheet.reverses]
            lines = tuple((code, -fen) for code, fen in was.lines)
            return replace(was, number=number, on=self.today, lines=lines, reverses=sheet.reverses)
        fund, kind, _use = CHART[sheet.account]
        other = sheet.category or next(c for c, (f, k, _u) in CHART.items() if (f, k) == (fund, "equity"))
        into = sheet.kind in ("income", "held_in", "opening") and kind != "liability"
        fen = sheet.fen if into else -sheet.fen
        return Entry(number, sheet.on, KIND[sheet.kind], fund, ((sheet.account, fen), (other, -fen)))

    def post(self, sheet: Sheet, id: UUID) -> None:
        self.entries[id] = entry = self.would_post(sheet)
        self.last[entry.number[0]] += 1
        sheet.state, sheet.entry = "posted", id

    def not_reversed(self, id: UUID) -> No:
        if self.entries[id].reverses:
            return NotReversible
        return AlreadyReversed if id in self.reversed else None

    # months

    def not_closed(self, month: Span) -> No:
        if month[1] >= self.today:
            return PeriodNotOver
        return AlreadyClosed if month[1] <= max(self.closed, self.published) else None

    def not_reopened(self, month: Span) -> No:
        if month[0] <= self.published:
            return PublishedForGood
        return NotClosed if month[0] > self.closed else None

    def not_published(self, span: Span) -> No:
        if span[1] >= self.today:
            return PeriodNotOver
        if any(stated.span == span for stated in self.statements.values()):
            return AlreadyStated
        return None if any(entry.on <= span[1] for entry in self.entries.values()) else NothingToState

    def stated(self, span: Span, later: Sequence[UUID] = ()) -> Stated:
        counted = {id: e for id, e in self.entries.items() if e.on <= span[1] or id in later}
        inside = {id: e for id, e in counted.items() if e.on >= span[0]}
        owned = [e for e in counted.values() if e.fund != Fund.HELD]
        opening = sum(e.money_fen for e in owned if e.on < span[0] or e.kind == "opening")
        income, expense = (
            sum(e.money_fen for e in inside.values() if e.kind == kind and e.fund != Fund.HELD) for kind in ("income", "expense")
        )
        on = {code: sum(dict(e.lines).get(code, 0) for e in counted.values()) for code in (Code.STOCK, Code.OWED)}
        return Stated(
            span=span,
            opening_fen=opening,
            income_fen=income,
            expense_fen=-expense,
            closing_fen=sum(e.money_fen for e in owned),
            held_fen=sum(e.money_fen for e in counted.values() if e.fund == Fund.HELD),
            stock_fen=on[Code.STOCK],
            owed_fen=-on[Code.OWED],
            lines=frozenset(id for id, e in inside.items() if e.kind in ("income", "expense")),
        )

    def would_correct(self, id: UUID, wanted: Sequence[UUID]) -> Stated:
        span = self.statements[id].span
        first = {one for one, e in self.entries.items() if span[0] <= e.on <= span[1]} | {*wanted}
        undone = {one for one, e in self.entries.items() if e.on > span[1] and e.reverses in first}
        return self.stated(span, [*wanted, *undone])

    def taken_in_elsewhere(self, span: Span) -> set[UUID]:
        """What corrections of other periods count, that stand."""
        others = (
            s for id, s in self.statements.items() if id not in self.corrected and (s.span[1] < span[0] or s.span[0] > span[1])
        )
        return {line for stated in others for line in stated.lines if self.entries[line].on > stated.span[1]}

    def not_corrected(self, id: UUID, wanted: Sequence[UUID]) -> No:
        if id in self.corrected:
            return AlreadyCorrected
        span = self.statements[id].span
        after = span[1]
        if self.taken_in_elsewhere(span) & {*wanted}:
            return TakenInElsewhere
        for one in (self.entries[w] for w in wanted):
            if one.on <= after or one.reverses or one.kind not in ("income", "expense"):
                return NotOfLater
        return NothingToCorrect if self.would_correct(id, wanted) == self.statements[id] else None

    # the chart

    def not_retired(self, code: str) -> No:
        fund, kind, use = CHART[code]
        if code in self.retired:
            return None
        if kind in ("asset", "liability") and self.balances()[code]:
            return AccountNotEmpty
        others = (c for c, named in CHART.items() if (named[0], named[2]) == (fund, use) and c != code)
        return None if any(c not in self.retired for c in others) else LastAccount


def wishes() -> Iterator[tuple[str, str, str]]:
    """(Kind, account, category) that fit each other, for two accounts of each use in three funds."""
    for fund in (Fund.PUBLIC_INCOME, Fund.MAINTENANCE, Fund.HELD):
        by_use: dict[str, list[str]] = {use: [] for use in Use}
        for code, (of, _kind, use) in CHART.items():
            if of == fund and code != Code.OWED:
                by_use[use].append(code)
        for kind, side in SIDE.items():
            yield from ((kind, a, c) for a in by_use["money"] for c in by_use[side][:2] if a != c)
        yield from (("opening", code, "") for code in (*by_use["money"][1:], *by_use["held"][:1]))
    yield from (("opening", code, "") for code in (Code.STOCK, Code.OWED))


FITTING = tuple(wishes())
MIXED = (
    ("income", "1102", Code.PARKING),
    ("expense", "1501", "5101"),
    ("transfer", Code.BANK, "1102"),
    ("transfer", Code.BANK, Code.BANK),
    ("held_in", Code.BANK, "2501"),
    ("income", Code.BANK, Code.DRAINS),
    ("expense", Code.DRAINS, Code.BANK),
    ("opening", Code.OPENING, ""),
    ("opening", Code.PARKING, ""),
)
"""What the verbs refuse: two funds, one account twice, the wrong side."""
