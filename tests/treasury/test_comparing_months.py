"""What a month has more or less than the one before, in sentences."""

from datetime import date

from app.treasury.comparing import MOST, compared, than_before
from app.treasury.models import EntryKind
from app.treasury.periods import Term

NOTHING: dict[EntryKind, list[tuple[str, str, int]]] = {EntryKind.INCOME: [], EntryKind.EXPENSE: []}


def income(*parts: tuple[str, int]) -> dict[EntryKind, list[tuple[str, str, int]]]:
    return NOTHING | {EntryKind.INCOME: [(name, name, fen) for name, fen in parts]}


def same_days_before(day: date, text: str) -> date:
    return Term.read(text).same_days_before(day)


def test_days_that_have_run_stand_against_as_many() -> None:
    assert same_days_before(date(2026, 11, 12), "2026-11") == date(2026, 10, 12)
    assert same_days_before(date(2026, 3, 30), "2026-03") == date(2026, 2, 28), "a short month is whole"
    assert same_days_before(date(2026, 2, 28), "2026-02") == date(2026, 1, 31), "a whole month stands against a whole one"
    assert same_days_before(date(2026, 1, 5), "2026-01") == date(2025, 12, 5)
    assert same_days_before(date(2026, 11, 12), "2026-Q4") == date(2026, 8, 12)
    assert same_days_before(date(2026, 11, 12), "2026-Q3") == date(2026, 6, 30), "what is over stands against a whole one"
    assert same_days_before(date(2024, 2, 29), "2024") == date(2023, 2, 28)


def test_what_is_over_is_compared_with_the_whole_one_before() -> None:
    november = date(2026, 11, 12)
    assert [than_before(Term.read(text), november) for text in ("2026-11", "2026-Q4", "2026")] == [
        "上月同期",
        "上季同期",
        "上年同期",
    ]
    assert [than_before(Term.read(text), november) for text in ("2026-10", "2026-Q3", "2025")] == ["上月", "上季", "上年"]


def test_what_has_not_changed_is_not_said() -> None:
    assert compared(income(("停车", 100)), income(("停车", 100))) == []
    assert compared(NOTHING, NOTHING) == []


def test_one_category_alone_is_told_once_and_by_its_name() -> None:
    assert compared(income(("停车", 100)), NOTHING) == ["停车收入多 ¥1.00"]


def test_what_is_gone_is_less() -> None:
    assert compared(income(("广告", 300)), income(("停车", 100), ("广告", 300))) == [
        "总收入少 ¥1.00",
        "停车收入少 ¥1.00",
    ]


def test_only_the_largest_changes_are_named() -> None:
    said = compared(income(*((f"第{n}项", n * 100) for n in range(1, 9))), NOTHING)
    assert len(said) == 1 + MOST
    assert said[1] == "第8项收入多 ¥8.00"
