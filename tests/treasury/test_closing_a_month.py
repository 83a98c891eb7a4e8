"""open → closed → published: the treasurer closes a month and may open it again, with a reason, until it is published."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, func, select

from app.kit.audit import AuditLine
from app.kit.clock import today
from app.treasury.chart_models import Code
from app.treasury.journal import book
from app.treasury.models import Books, JournalEntry, MonthClosed
from app.treasury.period_models import PeriodChange
from tests.cast import House
from tests.making import make_login
from tests.publiclog.tampering import guards_off
from tests.treasury.bookkeeping import approved, booked, opened, posted, submitted

OCTOBER, INSIDE = {"month": "2026-10"}, date(2026, 10, 20)
REOPEN = OCTOBER | {"reason": "漏记了一张电费单"}


@pytest.fixture
def october(house: House) -> House:
    opened(house, date(2026, 8, 31))
    booked(house, 5_000_00, date(2026, 10, 5), Code.PARKING, "10月停车")
    booked(house, 1_00, date(2026, 11, 1), Code.INTEREST, "利息")
    return house


def closed(house: House, month: str = "2026-10") -> None:
    answer = house.zhang.api.post("/periods/close", json={"month": month})
    assert answer.status == 200, answer


def states(house: House) -> dict[str, str]:
    return {month["month"]: month["state"] for month in house.nobody.api.get("/periods").json["months"]}


def test_nothing_is_posted_in_a_closed_month_or_before_it(october: House) -> None:
    draft, earlier = submitted(october, on_date="2026-10-20"), submitted(october, shade=1, on_date="2026-09-20")
    closed(october)
    assert states(october) == {"2026-11": "open", "2026-10": "closed", "2026-09": "closed", "2026-08": "closed"}
    for one in (draft, earlier):
        refused = approved(october, october.chen, one)
        assert (refused.status, refused.json["code"]) == (409, "MonthClosed")
    assert "2026年10月已经结账，不能再记进去。" in approved(october, october.chen, draft).json["detail"]
    assert "不通过：那个月已经结账" in october.chen.get(f"/money/drafts/{draft['id']}").words
    with pytest.raises(MonthClosed), october.session() as session:
        book(session, october.compound.id, INSIDE, "停车", [(Code.BANK, 1), (Code.PARKING, -1)])
    assert posted(october, shade=2), "today's month takes entries"


def test_a_closed_month_opens_again_with_a_reason_that_stays_on_record(october: House) -> None:
    draft = submitted(october, on_date="2026-10-20")
    closed(october, "2026-09")
    closed(october)
    assert october.zhang.api.post("/periods/reopen", json=OCTOBER).status == 422
    assert october.zhang.api.post("/periods/reopen", json=REOPEN).json["closed_until"] == "2026-09-30"
    assert states(october) == {"2026-11": "open", "2026-10": "open", "2026-09": "closed", "2026-08": "closed"}
    assert approved(october, october.chen, draft).status == 200
    with october.session() as session:
        changes = session.exec(select(PeriodChange.act, PeriodChange.reason).order_by(col(PeriodChange.at))).all()
        acts = session.exec(
            select(AuditLine.act).where(col(AuditLine.act).startswith("month.")).order_by(col(AuditLine.at))
        ).all()
    assert changes == [("closed", ""), ("closed", ""), ("reopened", "漏记了一张电费单")]
    assert acts == ["month.closed", "month.closed", "month.reopened"]
    seen = october.chen.get("/money/periods").words
    assert "2026年10月重新打开 漏记了一张电费单 张会计" in seen


def test_opening_an_early_month_opens_all_after_it(october: House) -> None:
    closed(october)
    october.zhang.api.post("/periods/reopen", json=REOPEN | {"month": "2026-09"})
    assert states(october) == {"2026-11": "open", "2026-10": "open", "2026-09": "open", "2026-08": "closed"}


def test_a_published_month_stays_shut(october: House) -> None:
    closed(october)
    assert october.zhang.api.post("/statements", json=OCTOBER).status == 201
    assert states(october)["2026-10"] == "published"
    assert october.zhang.api.post("/periods/reopen", json=REOPEN).json["code"] == "PublishedForGood"
    assert october.zhang.api.post("/periods/close", json=OCTOBER).json["code"] == "AlreadyClosed"
    with october.session() as session:
        assert session.exec(select(Books.closed_until)).one() == date(2026, 10, 31)


def test_a_month_is_closed_once_when_it_is_over(october: House) -> None:
    running = f"{today():%Y-%m}"
    assert october.zhang.api.post("/periods/close", json={"month": running}).json["code"] == "PeriodNotOver"
    closed(october)
    for month in ("2026-10", "2026-09"):
        assert october.zhang.api.post("/periods/close", json={"month": month}).json["code"] == "AlreadyClosed"
    assert october.zhang.api.post("/periods/reopen", json=REOPEN | {"month": running}).json["code"] == "NotClosed"


def test_the_page_closes_and_opens_and_keeps_a_slip(october: House) -> None:
    page = october.zhang.get("/money/periods")
    assert "结2026年8月的账" in page.words, "the earliest first"
    done = october.zhang.follow(october.zhang.post("/money/periods/close", OCTOBER))
    assert "2026年10月结账了" in done.words
    slip = october.zhang.post("/money/periods/reopen", OCTOBER | {"reason": ""})
    assert (slip.status, "为什么打开" in slip.words) == (422, True)
    done = october.zhang.follow(october.zhang.post("/money/periods/reopen", REOPEN))
    assert "2026年10月重新打开了" in done.words
    watching = october.chen.get("/money/periods").page
    assert watching.find("button", string="结账") is None, "who may not close sees the state alone"


def test_only_the_treasurer_closes_and_only_with_the_second_factor(october: House) -> None:
    for path, body in (("/periods/close", OCTOBER), ("/periods/reopen", REOPEN)):
        for one, status in ((october.wang, 403), (october.chen, 403), (october.liu, 403), (october.nobody, 401)):
            assert one.api.post(path, json=body).status == status
        with october.session() as session:
            bare = make_login(session, october.zhang.person, second_factor=False)
        refused = october.zhang.api.post(path, json=body, cookies={"sid": bare})
        assert refused.json["code"] == "SecondFactorNeeded"


def test_a_reversal_of_a_closed_entry_is_booked_today(october: House) -> None:
    entry = posted(october, on_date="2026-10-20")
    closed(october)
    draft = october.zhang.api.put(f"/entries/{entry}/reversals/{entry}", {"reason": "重复记了"}).json
    assert approved(october, october.chen, draft).status == 200
    with october.session() as session:
        last = session.exec(select(JournalEntry.on_date).where(col(JournalEntry.reverses_id).is_not(None))).one()
    assert last == today()


@pytest.mark.parametrize("guarded", [True, False])
def test_the_database_refuses_too(october: House, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """A program that forgets to ask; without the trigger it gets in."""
    closed(october)
    monkeypatch.setattr("app.treasury.journal.need_open", lambda _session, _compound, _day: None)

    def slip_in(session: Session) -> None:
        book(session, october.compound.id, INSIDE, "停车", [(Code.BANK, 1), (Code.PARKING, -1)])

    if guarded:
        with pytest.raises(DatabaseError, match="this month is closed"), october.session() as session:
            slip_in(session)
    else:
        with october.session() as session:
            guards_off(session, "journal_entry")
            slip_in(session)
    with october.session() as session:
        assert session.exec(select(func.count()).where(JournalEntry.on_date == INSIDE)).one() == (0 if guarded else 1)


def test_what_was_closed_and_opened_is_never_rewritten(october: House) -> None:
    closed(october)
    with pytest.raises(DatabaseError, match="append-only"), october.session() as session:
        session.exec(select(PeriodChange)).one().reason = "别的"


def test_rivals_post_before_or_after_the_closing_never_around_it(october: House) -> None:
    drafts = [submitted(october, shade=n, on_date="2026-10-20") for n in range(10)]
    approve = [
        (october.chen.api, "POST", f"/drafts/{draft['id']}/approve", {"json": {"content_hash": draft["content_hash"]}})
        for draft in drafts
    ]
    close = (october.zhang.api, "POST", "/periods/close", {"json": OCTOBER})
    answers = october.at_once(*approve[:5], *[close] * 10, *approve[5:])
    assert Counter(a.status for a in answers[5:15]) == {200: 1, 409: 9}
    signed = answers[:5] + answers[15:]
    assert {a.json["code"] for a in signed if a.status != 200} <= {"MonthClosed"}
    with october.session() as session:
        inside = session.exec(
            select(JournalEntry.posted_at).where(JournalEntry.on_date == INSIDE).order_by(col(JournalEntry.number))
        ).all()
        closing = session.exec(select(PeriodChange.at)).one()
    assert len(inside) == sum(a.status == 200 for a in signed)
    assert all(moment <= closing for moment in inside)
