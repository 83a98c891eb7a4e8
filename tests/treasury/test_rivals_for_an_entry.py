"""Rivals on both engines: whoever comes first has the effect, and it is one."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine, func, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.compounds.models import Compound, SeatKind
from app.kit.clock import today
from app.kit.db import writing
from app.treasury.chart_models import Code
from app.treasury.draft_models import Approval, Draft
from app.treasury.journal import book, reversal_of
from app.treasury.models import JournalEntry, Posting
from app.treasury.statement_models import Statement
from tests.cast import House, One
from tests.making import fresh, make_login
from tests.treasury.bookkeeping import approved, booked, decided_by, opened, posted, submitted, wish

RIVALS = 20
LARGE = {"amount": "6000.00"}
"""What two persons have to approve."""


def second_session(house: House, one: One) -> One:
    """The same person on another telephone."""
    with house.session() as session:
        compound = session.get_one(Compound, one.compound.id)
        return One(house, compound, one.person, make_login(session, one.person))


def approving(one: One, draft: dict[str, Any]) -> tuple[Any, str, str, dict[str, Any]]:
    return one.api, "POST", f"/drafts/{draft['id']}/approve", {"json": {"content_hash": draft["content_hash"]}}


def editing(house: House, draft: dict[str, Any], amount: str) -> tuple[Any, str, str, dict[str, Any]]:
    decided = decided_by(house)
    seen, words = {"if-match": f'"{draft["version"]}"'}, wish(amount={"amount": amount}, decision_id=decided)
    return house.zhang.api, "PATCH", f"/drafts/{draft['id']}", {"json": words, "headers": seen}


def entries_of(house: House, kind: str = "expense") -> list[JournalEntry]:
    with house.session() as session:
        return list(session.exec(select(JournalEntry).where(JournalEntry.kind == kind)))


def balanced(house: House) -> bool:
    with house.session() as session:
        return session.exec(select(func.coalesce(func.sum(Posting.amount_fen), 0))).one() == 0


def test_two_sessions_of_one_person_approve_once(house: House) -> None:
    opened(house)
    draft = submitted(house)
    sessions = [house.chen, second_session(house, house.chen)]
    answers = house.at_once(*[approving(one, draft) for one in sessions * (RIVALS // 2)])
    assert {a.status for a in answers} == {200}
    assert len({a.json["entry_id"] for a in answers}) == 1
    assert len(entries_of(house)) == 1
    with house.session() as session:
        assert len(session.exec(select(Approval)).all()) == 1


def test_two_supervisors_approve_and_one_of_them_posts(house: House) -> None:
    opened(house)
    draft = submitted(house)
    answers = house.at_once(*[approving(one, draft) for one in (house.chen, house.zhou) * (RIVALS // 2)])
    assert len(entries_of(house)) == 1
    assert Counter(a.status for a in answers) == {200: RIVALS // 2, 409: RIVALS // 2}


def test_two_approvals_from_two_sessions_of_one_person_count_once(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    sessions = [house.chen, second_session(house, house.chen)]
    answers = house.at_once(*[approving(one, draft) for one in sessions * (RIVALS // 2)])
    assert {a.status for a in answers} == {200}
    assert {(a.json["entry_id"], a.json["approvals_had"]) for a in answers} == {(None, 1)}
    assert entries_of(house) == []
    assert approved(house, house.zhou, draft).json["approvals_had"] == 2
    assert len(entries_of(house)) == 1


@pytest.mark.parametrize("last_line", [False, True])
def test_control_without_the_look_for_a_signature_one_person_is_two_approvers(
    house: House, monkeypatch: pytest.MonkeyPatch, last_line: bool
) -> None:
    """Only the UNIQUE approver would stop them, and that nobody may sign beside who shares their home: themselves."""
    opened(house)
    draft = submitted(house, amount=LARGE)
    monkeypatch.setattr("app.treasury.approving._own", lambda _given, _actor: None)
    monkeypatch.setattr("app.treasury.approving.share_a_home", lambda *_: False)
    if not last_line:
        with house.session() as session:  # a copy of a table has none of its constraints
            for statement in (
                "CREATE TABLE free AS SELECT * FROM approval",
                "DROP TABLE approval",
                "ALTER TABLE free RENAME TO approval",
            ):
                session.connection().execute(text(statement))
    approved(house, house.chen, draft)
    approved(house, second_session(house, house.chen), draft)
    assert len(entries_of(house)) == (0 if last_line else 1)


def test_two_persons_who_approve_at_once_post_once(house: House) -> None:
    opened(house)
    draft = submitted(house, amount=LARGE)
    answers = house.at_once(*[approving(one, draft) for one in (house.chen, house.zhou) * (RIVALS // 2)])
    assert {a.status for a in answers} == {200}
    assert len(entries_of(house)) == 1
    assert {a.json["entry_id"] for a in answers} == {None, str(entries_of(house)[0].id)}
    with house.session() as session:
        assert len(session.exec(select(Approval)).all()) == 2


def test_an_edit_after_the_first_approval_never_posts_what_only_one_has_seen(house: House) -> None:
    opened(house)
    for round_ in range(5):
        draft = submitted(house, shade=round_, amount=LARGE)
        assert approved(house, house.chen, draft).json["approvals_had"] == 1
        both = [approving(house.zhou, draft), editing(house, draft, "60000.00")]
        answers = house.at_once(*(both if round_ % 2 else reversed(both)))
        assert sorted(a.status for a in answers) == [200, 409]
        now_says = house.zhang.api.get(f"/drafts/{draft['id']}").json
        if now_says["state"] == "draft":
            assert now_says["approvals_had"] == 0, "the first approval was of other words"
            again = house.zhang.api.post(f"/drafts/{draft['id']}/submit").json
            assert approved(house, house.zhou, again).json["approvals_had"] == 1
    assert {entry.amount_fen for entry in entries_of(house)} <= {-6000_00}


def test_control_without_the_hash_the_first_approval_outlives_an_edit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(house)
    seen = submitted(house, amount=LARGE)
    assert approved(house, house.chen, seen).status == 200
    door, method, path, options = editing(house, seen, "60000.00")
    assert door.ask(method, path, **options).status == 200
    assert house.zhang.api.post(f"/drafts/{seen['id']}/submit").json["approvals_had"] == 0
    monkeypatch.setattr(Draft, "content_hash", lambda _draft, _vouchers: seen["content_hash"])
    assert approved(house, house.zhou, seen).json["approvals_had"] == 2
    assert [entry.amount_fen for entry in entries_of(house)] == [-60000_00], "without the guard"


def test_an_edit_and_an_approval_at_once_never_post_what_was_not_seen(house: House) -> None:
    opened(house)
    for round_ in range(5):
        draft = submitted(house, shade=round_)
        both = [approving(house.chen, draft), editing(house, draft, "4999.00")]
        answers = house.at_once(*(both if round_ % 2 else reversed(both)))
        assert sorted(a.status for a in answers) == [200, 409]
    assert {entry.amount_fen for entry in entries_of(house)} <= {-3200_00}


def test_twenty_reversals_of_one_entry_leave_one(house: House) -> None:
    opened(house)
    entry = posted(house)
    drafts = [house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "重复记了"}).json for _ in range(RIVALS)]
    answers = house.at_once(*[approving((house.chen, house.zhou)[n % 2], draft) for n, draft in enumerate(drafts)])
    assert Counter(a.status for a in answers) == {200: 1, 409: RIVALS - 1}
    assert {a.json.get("code", "AlreadyReversed") for a in answers} == {"AlreadyReversed"}
    assert sum(e.amount_fen for e in entries_of(house)) == 0
    read = house.nobody.api.get(f"/entries/{entry}").json
    assert read["reversed_by_id"]
    assert "已经冲销" in house.nobody.get(f"/money/entries/{entry}").words
    assert "合起来是零" in house.nobody.get(f"/money/entries/{entry}").words
    assert house.zhang.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "再来"}).json["code"] == "AlreadyReversed"
    assert balanced(house)


def test_a_reversal_is_proposed_by_one_and_approved_by_another(house: House) -> None:
    opened(house)
    entry = posted(house)
    assert house.chen.api.put(f"/entries/{entry}/reversals/{fresh()}", {"reason": "记错"}).status == 403
    sent = house.zhang.post(f"/money/entries/{entry}/reversals", {"id": str(fresh()), "reason": "记错了类别"})
    assert "等监督委员批准" in house.zhang.follow(sent).words
    draft = sent.place.rpartition("/")[2]
    page = house.chen.get(f"/money/drafts/{draft}")
    assert "要冲销的那一笔" in page.words
    assert "+¥3,200.00" in page.words
    seen = page.page.find("input", {"name": "content_hash"})["value"]
    done = house.chen.follow(house.chen.post(f"/money/drafts/{draft}/approve", {"content_hash": seen}))
    assert "看原来那一笔" in done.words
    assert house.nobody.api.get("/balances").json["money"]["amount"] == "10000.00"


def test_a_month_is_published_before_or_after_an_entry_never_around_it(house: House) -> None:
    opened(house, date(2026, 9, 30))
    booked(house, 100_00, date(2026, 10, 5), Code.PARKING)
    drafts = [submitted(house, shade=n, on_date="2026-10-20") for n in range(6)]
    calls = [approving(house.chen, draft) for draft in drafts]
    publish = (house.zhang.api, "POST", "/statements", {"json": {"month": "2026-10"}})
    answers = house.at_once(*calls[:3], publish, publish, *calls[3:])
    assert sorted(a.status for a in (answers[3], answers[4])) == [201, 409]
    with house.session() as session:
        statement = session.exec(select(Statement)).one()
        inside = session.exec(select(func.sum(JournalEntry.amount_fen)).where(col(JournalEntry.on_date) <= statement.to_on)).one()
    assert statement.closing_fen == inside
    assert all(a.status in (200, 409) for a in answers[:3] + answers[5:])


def look_then_act(house: House, look: Callable[[Session], bool], act: Callable[[Session], object]) -> None:
    """As most programs do: every rival looks before anybody has acted, and acts on what was seen."""
    engine, barrier = create_engine(house.db.url, poolclass=NullPool), Barrier(RIVALS)

    def rival() -> None:
        with Session(engine) as session:
            seen = look(session)
        barrier.wait(30)
        if seen:
            with suppress(IntegrityError), writing(house.db) as session:
                act(session)

    threads = [Thread(target=rival) for _ in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()


@pytest.mark.parametrize("last_line", [False, True])
def test_control_without_the_lock_one_draft_is_posted_by_every_rival(house: House, last_line: bool) -> None:
    """Only the UNIQUE draft would stop them."""
    opened(house)
    draft_id = UUID(submitted(house)["id"])

    def waits(session: Session) -> bool:
        return session.get_one(Draft, (house.compound.id, draft_id)).state == "submitted"

    def post(session: Session) -> None:
        lines = [(Code.BANK, -3200_00), (Code.DRAINS, 3200_00)]
        book(session, house.compound.id, today(), "5栋", lines, draft_id=draft_id if last_line else None)

    look_then_act(house, waits, post)
    assert len(entries_of(house)) == (1 if last_line else RIVALS)


@pytest.mark.parametrize("last_line", [False, True])
def test_control_without_the_lock_one_entry_is_reversed_by_every_rival(house: House, last_line: bool) -> None:
    """Only the UNIQUE link to what is reversed would stop them."""
    opened(house)
    key = (house.compound.id, UUID(posted(house)))

    def stands(session: Session) -> bool:
        return reversal_of(session, session.get_one(JournalEntry, key)) is None

    def take_back(session: Session) -> None:
        lines = [(Code.BANK, 3200_00), (Code.DRAINS, -3200_00)]
        reverses = session.get_one(JournalEntry, key) if last_line else None
        book(session, house.compound.id, today(), "重复记了", lines, reverses=reverses)

    look_then_act(house, stands, take_back)
    assert len(entries_of(house)) == 1 + (1 if last_line else RIVALS)


def test_control_without_the_hash_an_approval_signs_what_was_not_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The author edits after the supervisor has looked, and submits again."""
    opened(house)
    seen = submitted(house)
    changed = house.zhang.api.ask(
        "PATCH", f"/drafts/{seen['id']}", json=wish(amount={"amount": "4999.00"}), headers={"if-match": f'"{seen["version"]}"'}
    )
    assert changed.status == 200
    assert house.zhang.api.post(f"/drafts/{seen['id']}/submit").status == 200
    assert approved(house, house.chen, seen).json["code"] == "ContentChanged"
    assert entries_of(house) == []
    monkeypatch.setattr(Draft, "content_hash", lambda _draft, _vouchers: seen["content_hash"])
    assert approved(house, house.chen, seen).status == 200
    assert [entry.amount_fen for entry in entries_of(house)] == [-4999_00], "without the guard"


def test_fifty_duplicates_of_one_draft_are_one(house: House) -> None:
    opened(house)
    path = f"/drafts/{fresh()}"
    answers = house.at_once(*[(house.zhang.api, "PUT", path, {"json": wish()})] * 50)
    assert Counter(a.status for a in answers) == {201: 1, 200: 49}


def test_a_newcomer_with_a_supervisors_seat_may_approve(house: House) -> None:
    opened(house)
    assert house.newcomer("新监督", SeatKind.SUPERVISOR).api.post(**_as_post(submitted(house))).status == 200


def _as_post(draft: dict[str, Any]) -> dict[str, Any]:
    return {"path": f"/drafts/{draft['id']}/approve", "json": {"content_hash": draft["content_hash"]}}
