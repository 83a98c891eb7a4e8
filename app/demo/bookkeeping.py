"""Months, interest, voucher numbers and statements: the arithmetic that every invented ledger shares. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.demo.shapes import Books, MoneyLine, Objection, Statement, Voucher
from app.notices.periods import first_of_month, last_of_month

PUBLISHED_AFTER_DAYS = 12
"""A month is published on the 12th of the next; the last one never is: whoever tries the demo publishes it."""

STILL_OPEN_DAYS = 20
"""The newest statement was published no longer ago, however late in the month one looks: objections to it are still taken."""

ASKED_FOR_DAYS = 6
"""Objections stand under the newest statement that has been public for so long: all of them lie in the past."""

INTEREST_DAYS = ((3, 21), (6, 21), (9, 21), (12, 21))
"""When banks in China pay interest on a current account."""


def months_until(today: date, count: int) -> list[date]:
    """The firsts of `count` whole months before the running one, and of the running one."""
    return [first_of_month(today, later) for later in range(-count, 1)]


def with_interest(lines: Iterable[MoneyLine], opening_fen: int, line_for: "InterestLine") -> list[MoneyLine]:
    """The lines in order of day with a line of interest each quarter: 0.1% a year on the balance of the eve, for 90 of 360
    days.
    """
    ordered = sorted(lines, key=lambda line: (line.on, line.key))
    balance, out = opening_fen, []
    days = sorted({date(line.on.year, month, day) for line in ordered for month, day in INTEREST_DAYS})
    due = [day for day in days if ordered[0].on < day <= ordered[-1].on]
    for line in ordered:
        while due and due[0] <= line.on:
            paid = line_for(due.pop(0), balance // 4000)
            balance += paid.amount_fen
            out.append(paid)
        if line.state == "posted":
            balance += line.signed_fen
        out.append(line)
    return out


class InterestLine:
    """Makes the line of one quarter's interest; the three hands are the compound's."""

    def __init__(self, booked_by: str, checked_by: str, approved_by: str) -> None:
        self.hands = (booked_by, checked_by, approved_by)

    def __call__(self, day: date, fen: int) -> MoneyLine:
        booked, checked, approved = self.hands
        says = f"第{(day.month - 1) // 3 + 1}季度存款利息"
        paper = Voucher("bank_slip", "", day, fen, photographed=False, released=True)
        return MoneyLine(
            f"interest-{day}", day, True, "interest", says, "开户银行", "银行入账", fen, (paper,), booked, checked, approved
        )


def numbered(lines: Sequence[MoneyLine], prefix: str) -> tuple[MoneyLine, ...]:
    """Papers numbered without gaps in each year, in order of day: FS-2026-0318."""
    given: dict[int, int] = {}
    out = []
    for line in lines:
        papers = []
        for paper in line.vouchers:
            given[line.on.year] = given.get(line.on.year, 0) + 1
            papers.append(replace(paper, number=f"{prefix}-{line.on.year}-{given[line.on.year]:04}"))
        out.append(replace(line, vouchers=tuple(papers)))
    return tuple(out)


def books(
    lines: Sequence[MoneyLine],
    opening_fen: int,
    months: Sequence[date],
    today: date,
    prepared_by: str,
    signers: tuple[str, ...],
    objections_after: Callable[[date], tuple[Objection, ...]] | None = None,
) -> Books:
    """A statement for every whole month. `objections_after` gets the day of publishing of the one that residents ask about."""
    statements: list[Statement] = []
    opening = opening_fen
    for first in months:
        last = last_of_month(first)
        if last >= today:
            break
        posted = [line for line in lines if line.state == "posted" and first <= line.on <= last]
        income = sum(line.amount_fen for line in posted if line.income)
        expense = sum(line.amount_fen for line in posted if not line.income)
        closing = opening + income - expense
        due = last + timedelta(days=PUBLISHED_AFTER_DAYS)
        statements.append(
            Statement(
                f"statement-{first:%Y-%m}",
                first,
                last,
                opening,
                income,
                expense,
                closing,
                closing,
                due if due <= today and first_of_month(last, 2) <= today else None,
                prepared_by,
                signers,
            )
        )
        opening = closing
    newest = max(n for n, one in enumerate(statements) if one.published_on)
    published_on = statements[newest].published_on
    assert published_on
    statements[newest] = replace(statements[newest], published_on=max(published_on, today - timedelta(days=STILL_OPEN_DAYS)))
    if objections_after:
        asked = max(
            n for n, one in enumerate(statements) if one.published_on and (today - one.published_on).days >= ASKED_FOR_DAYS
        )
        about = statements[asked]
        assert about.published_on
        statements[asked] = replace(about, objections=objections_after(about.published_on))
    bank = opening_fen + sum(line.signed_fen for line in lines if line.state == "posted" and line.on <= today)
    return Books(months[0] - timedelta(days=1), opening_fen, tuple(lines), tuple(statements), bank)
