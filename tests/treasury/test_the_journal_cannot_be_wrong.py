"""Triggers and constraints on both engines. Each refusal has its control: with the guard off the same statement goes through."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, insert, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import Session, col, select

from app.kit.ids import new_id
from app.publiclog.models import LogEntry
from app.publiclog.verifying import Wrong, verify_log
from app.treasury.chart_models import Code, Fund, LedgerAccount, Use
from app.treasury.journal import accounts_by_code, book, reverse
from app.treasury.models import AlreadyReversed, BooksNotOpen, EntryKind, JournalEntry, NotReversible, Posting
from app.treasury.queries import balances
from tests.cast import House
from tests.publiclog.tampering import guards_off, run, tamper
from tests.treasury.bookkeeping import OPENING_FEN, booked, opened

DAY = date(2026, 3, 2)

FORBIDDEN = {
    "an entry is changed": "UPDATE journal_entry SET memo = 'x'",
    "an entry is deleted": "DELETE FROM journal_entry WHERE kind = 'expense'",
    "a posting is changed": "UPDATE posting SET amount_fen = amount_fen * 2",
    "a posting is deleted": "DELETE FROM posting WHERE line = 1",
}
ONE_MORE = """INTO posting (compound_id, entry_id, line, account_id, amount_fen)
              SELECT compound_id, entry_id, {line}, account_id, 5 FROM posting WHERE line = 1"""
AGAIN = """INTO journal_entry ({columns}) SELECT {columns} FROM journal_entry WHERE kind = 'expense'"""


@pytest.fixture
def books(house: House) -> House:
    opened(house)
    booked(house, -300_00, DAY)
    return house


def tried(house: House, statement: str, *, guards: bool) -> None:
    with house.session() as session:
        if not guards:
            guards_off(session, "posting", "journal_entry")
        session.connection().execute(
            text("PRAGMA defer_foreign_keys = ON" if house.db.on_sqlite else "SET CONSTRAINTS ALL DEFERRED")
        )
        changed = run(session, statement)
        assert changed, "the statement meets a row"
        if not guards:
            session.rollback()  # that it was taken is enough; a deferred key may still mind what is left behind


@pytest.mark.parametrize("act", FORBIDDEN)
def test_it_is_refused_when(act: str, books: House) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        tried(books, FORBIDDEN[act], guards=True)
    tried(books, FORBIDDEN[act], guards=False)


def test_no_posting_is_added_to_an_entry(books: House) -> None:
    with pytest.raises(DatabaseError, match="no posting is added"):
        tried(books, "INSERT " + ONE_MORE.format(line=3), guards=True)
    tried(books, "INSERT " + ONE_MORE.format(line=3), guards=False)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_nothing_is_replaced_on_sqlite(books: House) -> None:
    columns = ", ".join('"' + column.name + '"' for column in JournalEntry.__table__.columns)  # type: ignore[attr-defined]
    for statement in (ONE_MORE.format(line=1), AGAIN.format(columns=columns)):
        with pytest.raises(DatabaseError, match=r"no posting is added|written once"):
            tried(books, "INSERT OR REPLACE " + statement, guards=True)
        tried(books, "INSERT OR REPLACE " + statement, guards=False)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_nothing_is_truncated_on_postgresql(books: House) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        tried(books, "TRUNCATE journal_entry CASCADE", guards=True)


Lines = list[tuple[str, int]]
BAD: dict[str, tuple[Lines, dict[str, object]]] = {
    "the sum is not zero": ([(Code.BANK, 100), (Code.PARKING, -99)], {"amount_fen": 100}),
    "there is one posting": ([(Code.BANK, 100)], {"amount_fen": 100}),
    "there is no posting": ([], {"amount_fen": 0}),
    "the header says another amount": ([(Code.BANK, 100), (Code.PARKING, -100)], {"amount_fen": 99}),
    "the header says another number of lines": ([(Code.BANK, 100), (Code.PARKING, -100)], {"amount_fen": 100, "lines": 3}),
    "the header says another fund": ([(Code.BANK, 100), (Code.PARKING, -100)], {"amount_fen": 100, "fund": Fund.GRANT}),
    "two funds are mixed": ([("9002", 100), (Code.PARKING, -100)], {"amount_fen": 100}),
}


def by_hand(session: Session, compound_id: UUID, lines: Lines, said: dict[str, object]) -> None:
    """What a mistaken program would write."""
    chart, id = accounts_by_code(session, compound_id), new_id()
    for number, (code, fen) in enumerate(lines, 1):
        row = {"compound_id": compound_id, "entry_id": id, "line": number, "account_id": chart[code].id, "amount_fen": fen}
        session.connection().execute(insert(Posting), [row])
    entry = JournalEntry(
        compound_id=compound_id,
        id=id,
        year=1999,
        number=1,
        posted_at=session.get_one(JournalEntry, (compound_id, _any(session, compound_id))).posted_at,
        on_date=DAY,
        kind=EntryKind.INCOME,
        fund=Fund.PUBLIC_INCOME,
        amount_fen=0,
        lines=len(lines),
        memo="",
        counterparty="",
    )
    session.connection().execute(insert(JournalEntry), [entry.model_dump() | said])


def _any(session: Session, compound_id: UUID) -> UUID:
    return session.exec(select(JournalEntry.id).where(JournalEntry.compound_id == compound_id).limit(1)).one()


@pytest.mark.parametrize("wrong", BAD)
def test_no_entry_gets_in_where(wrong: str, books: House) -> None:
    with books.session() as session:
        grant = LedgerAccount(
            compound_id=books.compound.id, code="9002", name="补助专户", kind="asset", fund=Fund.GRANT, use=Use.MONEY
        )
        session.add(grant)
    with pytest.raises(DatabaseError, match="the sum of its postings"), books.session() as session:
        by_hand(session, books.compound.id, *BAD[wrong])
    with books.session() as session:
        guards_off(session, "journal_entry", "posting")
        by_hand(session, books.compound.id, *BAD[wrong])


def test_a_posting_of_nothing_and_one_without_an_entry_are_refused(books: House) -> None:
    with pytest.raises(IntegrityError, match="moves_something"), books.session() as session:
        by_hand(session, books.compound.id, [(Code.BANK, 0), (Code.PARKING, 0)], {})
    with pytest.raises(IntegrityError), books.session() as session:  # noqa: PT012 the deferred key speaks at the commit
        row = {"compound_id": books.compound.id, "entry_id": new_id(), "line": 1, "amount_fen": 1}
        account = accounts_by_code(session, books.compound.id)[Code.BANK]
        session.connection().execute(insert(Posting), [row | {"account_id": account.id}])


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize("guarded", [True, False])
def test_a_posting_for_an_entry_that_is_not_committed_yet_does_not_slip_in(books: House, guarded: bool) -> None:
    """The header's trigger cannot see a header of another open transaction: the count at the commit can."""
    if not guarded:
        with books.session() as session:
            session.connection().execute(text("DROP TRIGGER posting_counted ON posting"))
    engine = create_engine(books.db.url, poolclass=NullPool)
    chart_of = books.compound.id
    with Session(engine) as honest, Session(engine) as other:
        chart = accounts_by_code(honest, chart_of)
        entry = book(honest, chart_of, DAY, "停车", [(Code.BANK, 100), (Code.PARKING, -100)])
        id = entry.id
        extra = {"compound_id": chart_of, "entry_id": id, "line": 3, "account_id": chart[Code.BANK].id, "amount_fen": 7}
        other.connection().execute(insert(Posting), [extra])
        honest.commit()
        if guarded:
            with pytest.raises(IntegrityError, match="no posting is added"):
                other.commit()
        else:
            other.commit()
    engine.dispose()
    with books.session() as session:
        total = sum(session.exec(select(Posting.amount_fen).where(col(Posting.entry_id) == id)))
    assert total == (0 if guarded else 7)


def test_a_program_that_books_nonsense_is_stopped_before_the_database(books: House) -> None:
    id = books.compound.id
    for lines in (
        [(Code.BANK, 100)],
        [(Code.BANK, 100), (Code.PARKING, -99)],
        [(Code.BANK, 0), (Code.PARKING, 0)],
        [(Code.BANK, 50), (Code.PARKING, -100), (Code.OFFICE, 50)],
    ):
        with pytest.raises(ValueError, match="entr"), books.session() as session:
            book(session, id, DAY, "", lines)
    with pytest.raises(BooksNotOpen), books.session() as session:
        book(session, books.next_door.id, DAY, "", [(Code.BANK, 1), (Code.PARKING, -1)])


def test_numbers_have_no_gaps_also_after_a_refusal(books: House) -> None:
    with pytest.raises(RuntimeError, match="changed their mind"), books.session() as session:  # noqa: PT012
        book(session, books.compound.id, DAY, "停车", [(Code.BANK, 100), (Code.PARKING, -100)])
        raise RuntimeError("changed their mind")
    booked(books, 100, DAY, Code.PARKING)
    with books.session() as session:
        assert sorted(session.exec(select(JournalEntry.number))) == [1, 2, 3]


def test_an_entry_is_reversed_once_and_the_two_are_linked(books: House) -> None:
    with books.session() as session:
        entry = session.exec(select(JournalEntry).where(JournalEntry.kind == EntryKind.EXPENSE)).one()
        undone = reverse(session, entry, "记错了类别")
        assert (undone.amount_fen, undone.kind, undone.reverses_id) == (300_00, EntryKind.EXPENSE, entry.id)
    with pytest.raises(AlreadyReversed), books.session() as session:
        reverse(session, session.get_one(JournalEntry, (entry.compound_id, entry.id)), "再来")
    with pytest.raises(NotReversible), books.session() as session:
        reverse(session, session.get_one(JournalEntry, (entry.compound_id, undone.id)), "再来")
    with books.session() as session:
        found = {account.code: fen for account, fen in balances(session, books.compound.id)}
    assert found[Code.BANK] == OPENING_FEN
    assert found[Code.RUBBISH] == 0


MONEY = st.integers(min_value=1, max_value=10**13)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("in"), st.sampled_from([Code.PARKING, Code.INTEREST, Code.OTHER_INCOME]), MONEY),
        st.tuples(st.just("out"), st.sampled_from([Code.DRAINS, Code.STOCK, Code.BENEFITS, Code.OWED]), MONEY),
        st.tuples(st.just("give"), st.sampled_from([Code.STOCK, Code.OWED]), MONEY),
        st.tuples(st.just("reverse"), st.integers(min_value=0, max_value=50), MONEY),
    ),
    max_size=12,
)


@pytest.fixture
def scratch(house: House) -> House:
    return opened(house)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(acts=ACTS)
def test_whatever_is_posted_every_prefix_balances_and_balances_are_the_sums(
    scratch: House, acts: list[tuple[str, str, int]]
) -> None:
    """One transaction per example, undone at its end: the journal cannot be emptied."""
    compound_id = scratch.compound.id
    with scratch.db.turn(), Session(scratch.db.writing) as session:
        model: dict[str, int] = {Code.BANK: OPENING_FEN, Code.OPENING: -OPENING_FEN}
        written: list[JournalEntry] = []
        for act, what, fen in acts:
            lines: Lines
            if act == "reverse":
                open_ones = [e for e in written if e.reverses_id is None and e.id not in {w.reverses_id for w in written}]
                if not open_ones:
                    continue
                entry = reverse(session, open_ones[int(what) % len(open_ones)], "冲销")
                found = session.exec(
                    select(LedgerAccount.code, Posting.amount_fen)
                    .join(Posting, col(Posting.account_id) == LedgerAccount.id)
                    .where(Posting.entry_id == entry.id)
                )
                lines = [(code, amount) for code, amount in found]
            else:
                lines = {
                    "in": [(Code.BANK, fen), (what, -fen)],
                    "out": [(what, fen), (Code.BANK, -fen)],
                    "give": [(Code.BENEFITS, fen), (what, -fen)],
                }[act]
                entry = book(session, compound_id, DAY, act, lines)
            written.append(entry)
            for code, amount in lines:
                model[code] = model.get(code, 0) + amount
            found_balances = {account.code: amount for account, amount in balances(session, compound_id)}
            assert sum(found_balances.values()) == 0
            assert {code: amount for code, amount in found_balances.items() if amount} == {
                code: amount for code, amount in model.items() if amount
            }
        session.rollback()


def test_what_was_changed_in_the_log_by_hand_is_named(books: House) -> None:
    booked(books, 5_000_00, DAY, Code.PARKING, "停车")
    with books.session() as session:
        good = verify_log(session, books.compound.id)
        assert (good.finding, good.balance_fen) == (None, OPENING_FEN - 300_00 + 5_000_00)
        bytes_ = session.exec(select(LogEntry.entry).where(LogEntry.index == 1)).one()
        forged = bytes_.replace(b'"amount_fen":-30000', b'"amount_fen":-20000')
        assert forged != bytes_
        assert tamper(session, 'UPDATE log_entry SET entry = :forged WHERE "index" = 1', forged=forged) == 1
        finding = verify_log(session, books.compound.id).finding
    assert finding
    assert (finding.wrong, finding.index) == (Wrong.CHANGED, 1)


def test_the_log_holds_every_line_and_no_word_that_somebody_wrote(books: House) -> None:
    with books.session() as session:
        written = b"".join(session.exec(select(LogEntry.entry).order_by(col(LogEntry.index)))).decode()
    assert '"lines":[["1002",-30000],["5004",30000]]' in written
    assert "灰喜鹊" not in written
    assert "保洁" not in written
