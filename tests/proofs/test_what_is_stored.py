"""Somebody with the database's password changes what was published, triggers switched off: it is named."""

from datetime import date
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from app.kit.ids import new_id
from app.notices.models import Notice
from app.proofs.stored import not_as_published
from app.publiclog.models import Commitment
from app.publiclog.verifying import verify_log
from app.treasury.chart_models import Code
from app.treasury.models import JournalEntry
from app.treasury.statement_models import Statement
from tests.cast import House
from tests.making import fresh, make_login, make_notice
from tests.publiclog.tampering import guards_off, run
from tests.treasury.bookkeeping import ADVERTS, booked, opened, posted

TABLES = ("journal_entry", "posting", "statement", "notice")


@pytest.fixture
def stated(house: House) -> House:
    opened(house, date(2026, 9, 30))
    booked(house, 5_000_00, date(2026, 10, 5), Code.PARKING, "10月停车")
    posted(house, on_date="2026-10-20")
    assert house.zhang.api.post("/statements", json={"period": "2026-10"}).status == 201
    assert found(house) == []
    return house


def found(house: House) -> list[str]:
    with house.session() as session:
        assert verify_log(session, house.compound.id).finding is None, "the log itself was left alone"
        return list(not_as_published(session, house.compound.id))


def change(house: House, *statements: str, **values: Any) -> None:
    with house.session() as session:
        guards_off(session, *TABLES)
        assert sum(run(session, statement, **values) for statement in statements) > 0


def number(house: House, memo: str) -> str:
    with house.session() as session:
        return session.exec(select(JournalEntry).where(JournalEntry.memo == memo)).one().reference


def test_an_amount_changed_on_both_sides_balances_and_is_named_all_the_same(stated: House) -> None:
    change(
        stated,
        "UPDATE posting SET amount_fen = amount_fen / 2 WHERE abs(amount_fen) = 320000",
        "UPDATE journal_entry SET amount_fen = amount_fen / 2 WHERE abs(amount_fen) = 320000",
    )
    assert found(stated) == [f"entry {number(stated, '5栋下水道疏通')} is not what was published"]


@pytest.mark.parametrize(
    "set_",
    ["amount_fen = amount_fen + 1", "on_date = '2026-10-06'", "memo = '11月停车'", "counterparty = '某某'", "number = 77"],
)
def test_every_field_of_a_line_is_held_against_the_log(stated: House, set_: str) -> None:
    name = number(stated, "10月停车")
    change(stated, f"UPDATE journal_entry SET {set_} WHERE memo = '10月停车'")
    assert found(stated) == [f"entry {name} is not what was published"]


def test_a_line_that_went_and_one_that_was_slipped_in_are_named(stated: House) -> None:
    booked(stated, 1_00, date(2026, 11, 1), Code.INTEREST, "利息")
    name, other = number(stated, "利息"), {"new": new_id()}
    with stated.session() as session:
        guards_off(session, *TABLES)
        if session.get_bind().dialect.name == "sqlite":
            session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        of_it = "(SELECT id FROM journal_entry WHERE memo = '利息')"
        assert run(session, f"UPDATE posting SET entry_id = :new WHERE entry_id = {of_it}", **other) == 2
        assert run(session, "UPDATE journal_entry SET id = :new WHERE memo = '利息'", **other) == 1
    assert found(stated) == [f"entry {name} is gone", f"entry {name} was never published"]


def test_a_published_statement_is_held_against_its_notice_and_that_against_the_log(stated: House) -> None:
    change(stated, "UPDATE statement SET closing_fen = closing_fen + 100")
    assert found(stated) == ["statement 2026-10 says other sums than its notice"]
    change(stated, "UPDATE statement SET closing_fen = closing_fen - 100")
    with stated.session() as session:
        notice = session.exec(select(Notice)).one()
        notice.frozen = notice.frozen.replace(b"-320000", b"-220000")
        title = notice.title
    told = f"notice {title!r} is not what was published"
    assert found(stated) == [told]
    with stated.session() as session:
        session.exec(select(Notice)).one().frozen = b"not JSON"
    assert found(stated) == [told, "statement 2026-10 says other sums than its notice"]


def test_a_notice_that_was_removed_is_named_by_its_place_in_the_log(stated: House) -> None:
    with stated.session() as session:
        lost = make_notice(session, stated.zhang.person)
    change(stated, "DELETE FROM notice WHERE id = :id", id=lost.id)
    assert [what for what in found(stated) if "is gone" in what] == found(stated) != []


def test_words_that_were_erased_say_nothing(stated: House) -> None:
    with stated.session() as session:
        for commitment in session.exec(select(Commitment)):
            session.delete(commitment)
    assert found(stated) == []
    with stated.session() as session:
        assert session.exec(select(Statement)).one().key == "2026-10"


def test_names_accounts_funds_and_months_change_without_a_trace_of_tampering(stated: House) -> None:
    treasurer = stated.zhang.api
    assert treasurer.post("/funds", json={"fund": "donation"}).status == 201
    for code, name, retired in ((Code.PARKING, "车位费", False), (Code.DRAINS, "下水道", True)):
        tag = stated.nobody.api.get(f"/accounts/{code}").headers["etag"]
        changed = {"json": {"name": name, "retired": retired}, "headers": {"if-match": tag}}
        assert treasurer.ask("PATCH", f"/accounts/{code}", **changed).status == 200
    with time_machine.travel("2026-12-05T03:00:00Z", tick=False):
        stated.zhang.cookies["sid"] = stated.zhang.api.cookies["sid"] = again(stated)
        assert treasurer.post("/periods/close", json={"month": "2026-11"}).status == 200
        assert found(stated) == []
        assert treasurer.post("/periods/reopen", json={"month": "2026-11", "reason": "还有一笔"}).status == 200
    assert found(stated) == []


def again(house: House) -> str:
    """Signed in anew, a moment ago."""
    with house.session() as session:
        return make_login(session, house.zhang.person)


def test_an_entry_that_was_given_to_another_contract_is_named(stated: House) -> None:
    contract = str(fresh())
    assert stated.zhang.api.put(f"/contracts/{contract}", ADVERTS).status == 201
    posted(stated, shade=1, kind="income", category=Code.ADVERTISING.value, purpose="广告费", contract_id=contract)
    assert found(stated) == []
    change(stated, "UPDATE journal_entry SET contract_id = NULL WHERE memo = '广告费'")
    assert found(stated) == [f"entry {number(stated, '广告费')} is not what was published"]
