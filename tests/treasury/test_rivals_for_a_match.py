"""Two officers at one bank statement: an entry is matched once, whoever comes first; and what fails where nobody waits."""

from collections import Counter
from contextlib import suppress
from datetime import date
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.compounds.models import SeatKind
from app.kit.db import writing
from app.treasury.bank_models import BankStatement, MatchedEntry, MatchedLine
from app.treasury.bank_queries import bank_statement_for
from app.treasury.chart_models import Code
from app.treasury.reconciling import _write
from app.treasury.statement_models import Statement
from tests.cast import House, One, actor_of
from tests.making import fresh
from tests.treasury.bank_samples import BANK, as_csv
from tests.treasury.bookkeeping import booked, opened
from tests.treasury.test_matching_with_the_bank import bring

RIVALS = 12
LINE = {"on_date": "2026-10-05", "amount": {"amount": "60.00"}}


@pytest.fixture
def twins(house: House) -> tuple[House, One, str, list[str], str]:
    """The house, a second treasurer, a statement with two equal lines, and the one entry that both might be."""
    opened(house, date(2026, 9, 30))
    entry = booked(house, 60_00, date(2026, 10, 5), Code.PARKING, "停车")
    other = house.newcomer("新财务", SeatKind.TREASURER)
    wish = {
        "account": Code.BANK.value,
        "from_on": "2026-10-01",
        "to_on": "2026-10-31",
        "opening": {"amount": "10000.00"},
        "closing": {"amount": "10120.00"},
        "lines": [LINE, LINE],
    }
    statement = house.zhang.api.put(f"/bank-statements/{fresh()}", wish).json["id"]
    lines = [line["id"] for line in house.zhang.api.get(f"/bank-statements/{statement}/lines").json["items"]]
    return house, other, statement, lines, str(entry.id)


def matching(one: One, statement: str, line: str, entry: str) -> tuple[Any, str, str, dict[str, Any]]:
    path = f"/bank-statements/{statement}/matches/{fresh()}"
    return one.api, "PUT", path, {"json": {"lines": [line], "entries": [entry]}}


def matched(house: House) -> tuple[int, int]:
    with house.session() as session:
        return len(session.exec(select(MatchedLine)).all()), len(session.exec(select(MatchedEntry)).all())


def test_two_officers_match_one_entry_with_two_lines_and_one_of_them_does(twins: tuple[House, One, str, list[str], str]) -> None:
    house, other, statement, lines, entry = twins
    calls = [matching((house.zhang, other)[n % 2], statement, lines[n % 2], entry) for n in range(RIVALS)]
    answers = house.at_once(*calls)
    assert Counter(a.status for a in answers) == {201: 1, 409: RIVALS - 1}
    assert {a.json["code"] for a in answers if a.status == 409} == {"AlreadyMatched"}
    assert matched(house) == (1, 1)


def test_one_tap_for_all_by_two_officers_matches_once(twins: tuple[House, One, str, list[str], str]) -> None:
    house, other, statement, lines, entry = twins
    booked(house, 60_00, date(2026, 10, 20), Code.PARKING, "晚的")
    undone = house.zhang.api.put(f"/bank-statements/{statement}/matches/{fresh()}", {"lines": [lines[0]], "entries": [entry]})
    assert undone.status == 201
    booked(house, 60_00, date(2026, 10, 6), Code.PARKING, "另一笔")
    calls = [((house.zhang, other)[n % 2].api, "POST", f"/bank-statements/{statement}/sure", {}) for n in range(RIVALS)]
    answers = house.at_once(*calls)
    assert sorted(a.json["matched"] for a in answers) == [0] * (RIVALS - 1) + [1]
    assert matched(house) == (2, 2)


def test_a_failing_balance_and_a_publication_at_once_never_both_stand(house: House) -> None:
    """Whichever comes first: published before anybody said otherwise, or refused."""
    opened(house, date(2026, 9, 30))
    wish = {"account": Code.BANK.value, "from_on": "2026-10-31", "to_on": "2026-10-31", "lines": []}
    wish |= {"opening": {"amount": "1.00"}, "closing": {"amount": "1.00"}}
    publish = (house.zhang.api, "POST", "/statements", {"json": {"month": "2026-10"}})
    count = (house.zhang.api, "PUT", f"/bank-statements/{fresh()}", {"json": wish})
    published, stated = house.at_once(publish, count)
    assert stated.status == 201
    assert published.status in (201, 409)
    with house.session() as session:
        statement = session.exec(select(Statement)).one_or_none()
        balance = session.exec(select(BankStatement)).one()
    assert (published.status == 201) == (statement is not None)
    assert statement is None or statement.published_at <= balance.made_at, "published first, or not at all"


def test_a_file_is_confirmed_or_given_up(house: House) -> None:
    opened(house, date(2026, 9, 30))
    for round_ in range(4):
        file = bring(house, as_csv(BANK)).place.removeprefix("/c/fengshu")
        yes = (house.zhang, "POST", f"{file}/confirm", {"data": {"to_on": "2026-10-31", "closing": "13500.00"}})
        no = (house.zhang, "POST", f"{file}/discard", {})
        answers = house.at_once(*((yes, no) if round_ % 2 else (no, yes)))
        assert sorted(answer.status for answer in answers) == [303, 404]
        for made in house.zhang.api.get("/bank-statements").json["items"]:
            house.zhang.api.post(f"/bank-statements/{made['id']}/withdraw")


@pytest.mark.parametrize("last_line", [False, True])
def test_control_without_the_lock_every_rival_matches_unless_the_database_refuses(
    twins: tuple[House, One, str, list[str], str], last_line: bool
) -> None:
    """Look whether the entry is open, then match: every rival finds it open. Only the UNIQUE entry stops them."""
    house, _other, statement_id, lines, entry = twins
    if not last_line:
        with house.session() as session:
            _drop_unique(session)
    engine, barrier = create_engine(house.db.url, poolclass=NullPool), Barrier(2)

    def rival(line: str) -> None:
        with Session(engine) as session:
            free = not session.exec(select(MatchedEntry)).first()
        barrier.wait(30)
        if free:
            with suppress(IntegrityError), writing(house.db) as session:
                actor = actor_of(house.zhang)
                statement = bank_statement_for(session, actor, UUID(statement_id))
                _write(session, actor, statement, [(fresh(), [UUID(line)], [UUID(entry)])], b"")

    threads = [Thread(target=rival, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    engine.dispose()
    assert matched(house)[1] == (1 if last_line else 2)


def _drop_unique(session: Session) -> None:
    """SQLite has no way to drop a constraint: the table is built anew without it."""
    if session.connection().dialect.name == "postgresql":
        name = "uq_matched_entry_compound_id_account_id_entry_id"
        session.connection().execute(text(f"ALTER TABLE matched_entry DROP CONSTRAINT {name}"))
    else:
        session.connection().execute(text("CREATE TABLE bare AS SELECT * FROM matched_entry"))
        session.connection().execute(text("DROP TABLE matched_entry"))
        session.connection().execute(text("ALTER TABLE bare RENAME TO matched_entry"))
