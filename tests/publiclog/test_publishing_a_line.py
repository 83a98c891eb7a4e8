"""A line is written in the transaction of its act, at the next place, with its balance made under the lock."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlmodel import Session, col, select

from app.compounds.models import Compound
from app.kit.db import reading, writing
from app.kit.ids import new_id
from app.publiclog import service
from app.publiclog.canonical import NotCanonical, canonical
from app.publiclog.merkle import leaf_hash
from app.publiclog.models import Commitment, LogEntry, LogHead, commitment_of
from app.publiclog.queries import entries_of_record, entry_at, head_of
from app.publiclog.service import Attachment, Entry, NotAnEntry, append, commit_to, erase_of, publish
from app.publiclog.verifying import verify_log
from tests.publiclog.conftest import found
from tests.publiclog.trees import root_of


def plain(compound_id, **given):
    return lambda index: Entry("notice.published", compound_id, new_id(), **given).values()


def saying(compound_id, facts):
    """What no `Entry` would say."""
    return lambda index: plain(compound_id)(index) | {"facts": facts}


def test_a_line_stands_in_the_log_after_the_commit_and_not_before(database, compound_id):
    with writing(database) as session:
        publish(session, compound_id, plain(compound_id))
        assert head_of(session, compound_id).size == 0
    with reading(database) as session:
        head, logged = head_of(session, compound_id), entry_at(session, compound_id, 0)
        assert (head.size, head.root) == (1, leaf_hash(logged.entry))


def test_an_act_undone_leaves_no_line(database, compound_id):
    with suppress(ZeroDivisionError), writing(database) as session:
        publish(session, compound_id, plain(compound_id))
        raise ZeroDivisionError
    with reading(database) as session:
        assert head_of(session, compound_id).size == 0


def test_a_session_that_goes_on_after_a_rollback_does_not_publish_what_was_undone(database, compound_id):
    with writing(database) as session:
        session.get_one(Compound, compound_id).help_phone = "0731-2"
        publish(session, compound_id, plain(compound_id, facts={"n": 1}))
        session.rollback()
        publish(session, compound_id, plain(compound_id, facts={"n": 2}))
    assert facts_of(database, compound_id) == [{"n": 2}]


def test_a_savepoint_undone_takes_only_its_own_lines_with_it(database, compound_id):
    with writing(database) as session:
        publish(session, compound_id, plain(compound_id, facts={"n": 1}))
        with suppress(ZeroDivisionError), session.begin_nested():
            publish(session, compound_id, plain(compound_id, facts={"n": 2}))
            with session.begin_nested():
                publish(session, compound_id, plain(compound_id, facts={"n": 3}))
            raise ZeroDivisionError
        with session.begin_nested():
            publish(session, compound_id, plain(compound_id, facts={"n": 4}))
    assert facts_of(database, compound_id) == [{"n": 1}, {"n": 4}]


def test_a_flush_refused_inside_a_savepoint_keeps_the_lines_outside_it(database, compound_id):
    with writing(database) as session:
        publish(session, compound_id, plain(compound_id, facts={"n": 1}))
        with suppress(IntegrityError), session.begin_nested():
            publish(session, compound_id, plain(compound_id, facts={"n": 2}))
            session.add(LogHead(compound_id=new_id()))
            session.flush()
    assert facts_of(database, compound_id) == [{"n": 1}]


def test_lines_of_several_compounds_are_written_in_compound_order(database, compound_id, neighbour_id):
    written = []

    def noting(compound_id):
        def make(index):
            written.append((compound_id, index))
            return Entry("notice.published", compound_id, new_id()).values()

        return make

    first, second = sorted((compound_id, neighbour_id))
    with writing(database) as session:
        for each in (second, first, second, first):
            publish(session, each, noting(each))
        assert written == []
    assert written == [(first, 0), (first, 1), (second, 0), (second, 1)]


def test_the_head_carries_the_root_of_all_entries(database, compound_id, log_of):
    with writing(database) as session:
        entries = log_of(session, compound_id, 21)
    with reading(database) as session:
        head = head_of(session, compound_id)
        stored = session.exec(select(LogEntry).order_by(col(LogEntry.index))).all()
        assert [(e.index, e.entry, e.leaf_hash) for e in stored] == [(i, e, leaf_hash(e)) for i, e in enumerate(entries)]
        assert (head.size, head.root) == (21, root_of(map(leaf_hash, entries)))


def test_the_balance_runs_through_the_lines_that_move_money(database, compound_id):
    with writing(database) as session:
        for amount_fen in (10_000, None, -2_550, 0, -10_000):
            publish(session, compound_id, plain(compound_id, amount_fen=amount_fen))
    with reading(database) as session:
        said = [json.loads(e.entry) for e in session.exec(select(LogEntry).order_by(col(LogEntry.index)))]
        assert [e.get("running_balance_fen") for e in said] == [10_000, None, 7_450, 7_450, -2_550]
        assert head_of(session, compound_id).running_balance_fen == -2_550


def test_an_entry_says_what_was_given_and_nothing_else(compound_id):
    record_id, at = new_id(), datetime(2026, 6, 12, 9, 30, 15, 999, tzinfo=timezone(timedelta(hours=8)))
    short = {
        "v": 1,
        "type": "statement.published",
        "compound": str(compound_id),
        "record_id": str(record_id),
        "record_version": 1,
        "published_at": "2026-06-12T01:30:15Z",
    }
    assert Entry("statement.published", compound_id, record_id, published_at=at).values() == short
    full = Entry(
        "statement.published",
        compound_id,
        record_id,
        record_version=3,
        amount_fen=0,
        decision_ref="议〔2026〕3号",
        attachments=(Attachment("ab" * 32, 5, "image/webp"),),
        commits={"payee": "cd" * 32},
        supersedes=0,
        facts={"行": 12},
        published_at=at,
    )
    assert full.values() == short | {
        "record_version": 3,
        "amount_fen": 0,
        "decision_ref": "议〔2026〕3号",
        "attachments": [{"sha256": "ab" * 32, "size": 5, "type": "image/webp"}],
        "commits": {"payee": "cd" * 32},
        "supersedes": 0,
        "facts": {"行": 12},
    }


def test_an_entry_is_dated_when_it_is_written(database, compound_id, time_machine):
    time_machine.move_to(datetime(2026, 6, 12, 1, 0, tzinfo=UTC), tick=False)
    with writing(database) as session:
        publish(session, compound_id, plain(compound_id))
        time_machine.move_to(datetime(2026, 6, 12, 2, 0, tzinfo=UTC), tick=False)
    with reading(database) as session:
        logged = entry_at(session, compound_id, 0)
        assert json.loads(logged.entry)["published_at"] == "2026-06-12T02:00:00Z"
        assert logged.created_at == datetime(2026, 6, 12, 2, 0, tzinfo=UTC)


def test_the_bytes_are_canonical_and_everything_about_a_record_is_found(database, compound_id, neighbour_id):
    record_id = new_id()
    made = [
        Entry("finding.opened", compound_id, record_id),
        Entry("notice.published", compound_id, new_id()),
        Entry("finding.closed", compound_id, record_id, record_version=2, supersedes=0),
    ]
    with writing(database) as session:
        for entry in made:
            publish(session, compound_id, lambda index, entry=entry: entry.values())
        publish(session, neighbour_id, lambda index: Entry("finding.opened", neighbour_id, record_id).values())
    with reading(database) as session:
        about = entries_of_record(session, compound_id, record_id)
        assert [e.entry for e in about] == [canonical(made[0].values()), canonical(made[2].values())]
        assert [(e.index, e.type) for e in about] == [(0, "finding.opened"), (2, "finding.closed")]


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"n": 0.5}, NotCanonical),
        ({"n": 2**63}, NotCanonical),
        ({"n": "\ud800"}, NotCanonical),
        ({"n": "文" * 21_845}, NotAnEntry),
    ],
    ids=["float", "too large", "lone surrogate", "too long"],
)
def test_an_entry_that_cannot_be_logged_undoes_the_whole_act(facts, refusal, database, compound_id):
    def act():
        with writing(database) as session:
            publish(session, compound_id, plain(compound_id, amount_fen=1))
            publish(session, compound_id, saying(compound_id, facts))

    with pytest.raises(refusal):
        act()
    with reading(database) as session:
        head = head_of(session, compound_id)
        assert (head.size, head.running_balance_fen) == (0, 0)


def test_a_nul_in_the_text_is_logged_on_both_engines(database, compound_id):
    with writing(database) as session:
        publish(session, compound_id, saying(compound_id, {"n": "\x00"}))
    assert facts_of(database, compound_id) == [{"n": "\x00"}]


def test_the_longest_entry_fits(database, compound_id):
    with writing(database) as session:
        rest = 65_535 - len(canonical(plain(compound_id, facts={"n": ""})(0)))
        publish(session, compound_id, plain(compound_id, facts={"n": "x" * rest}))
    with reading(database) as session:
        assert len(entry_at(session, compound_id, 0).entry) == 65_535


@pytest.mark.parametrize("wrong", [{"running_balance_fen": 5}, {"amount_fen": None}, {"amount_fen": True}, {"amount_fen": "5"}])
def test_a_line_with_an_odd_amount_or_a_balance_of_its_own_is_refused(wrong, database_sqlite):
    compound_id = found(database_sqlite, "fengshu")
    with pytest.raises(NotAnEntry), writing(database_sqlite) as session:
        append(session, compound_id, lambda index: plain(compound_id)(index) | wrong)


def test_a_line_of_another_compound_is_refused(database, compound_id, neighbour_id):
    with pytest.raises(NotAnEntry), writing(database) as session:
        append(session, compound_id, plain(neighbour_id))


def test_a_compound_without_a_log_publishes_nothing(database):
    with pytest.raises(NoResultFound), writing(database) as session:
        publish(session, new_id(), plain(new_id()))


def test_publishing_raises_the_data_version(database, compound_id):
    with reading(database) as session:
        before = session.get_one(Compound, compound_id).data_version
    with writing(database) as session:
        publish(session, compound_id, plain(compound_id))
    with reading(database) as session:
        assert session.get_one(Compound, compound_id).data_version == before + 1


def at_once(database, work, rivals=8):
    """Runs `work(session)` in as many transactions as there are rivals, all begun before any goes on."""
    ready = Barrier(rivals)

    def rival(n):
        with writing(database) as session:
            if not database.on_sqlite:  # its writers come one by one: they would wait for each other here
                ready.wait(30)
            work(session, n)

    with ThreadPoolExecutor(rivals) as pool:
        return [future.exception(timeout=60) for future in [pool.submit(rival, n) for n in range(rivals)]]


def test_rivals_get_a_place_each(database, compound_id):
    failures = at_once(database, lambda session, n: publish(session, compound_id, plain(compound_id, amount_fen=2**n)))
    assert failures == [None] * 8
    with reading(database) as session:
        report = verify_log(session, compound_id)
        assert (report.size, report.balance_fen, report.finding) == (8, 255, None)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_without_the_lock_rivals_fall_over_each_other(database, compound_id, monkeypatch):
    """The control: the same race, the head read without its lock."""
    monkeypatch.setattr(service, "_HEAD", select(LogHead).where(col(LogHead.compound_id) == bindparam("compound_id")))
    ready = Barrier(8)

    def slowly(index):
        ready.wait(30)
        return plain(compound_id)(index)

    failures = at_once(database, lambda session, n: publish(session, compound_id, slowly))
    assert [type(failure) for failure in failures if failure] == [IntegrityError] * 7


def test_rivals_that_commit_to_names_do_not_wait_for_each_other_for_ever(database, compound_id):
    """If a kept name pointed to the head, each would hold the head's row and wait for the other's (PostgreSQL)."""
    met = Barrier(8)

    def work(session, n):
        payee = commit_to(session, compound_id, f"王{n}")
        session.flush()
        if not database.on_sqlite:
            met.wait(30)
        publish(session, compound_id, plain(compound_id, commits={"payee": payee}))

    assert at_once(database, work) == [None] * 8


def test_a_committed_value_can_be_read_checked_and_erased(database, compound_id):
    with writing(database) as session:
        them, others = new_id(), new_id()
        payee = commit_to(session, compound_id, "王秀英", of=them)
        again = commit_to(session, compound_id, "王秀英", of=others)
        nobodys = commit_to(session, compound_id, "水费")
        publish(session, compound_id, plain(compound_id, commits={"payee": payee}))
    assert payee != again, "the salt keeps two lines about one person apart"
    with reading(database) as session:
        kept = session.get_one(Commitment, (compound_id, bytes.fromhex(payee)))
        assert commitment_of(kept.salt, "王秀英").hex() == payee
        assert len(kept.salt) == 16
        assert kept.value == "王秀英"
        assert "王秀英".encode() not in entry_at(session, compound_id, 0).entry
    with writing(database) as session:
        erase_of(session, compound_id, them)
    with reading(database) as session:
        assert session.get(Commitment, (compound_id, bytes.fromhex(payee))) is None
        assert session.get_one(Commitment, (compound_id, bytes.fromhex(again))).value == "王秀英"
        assert session.get_one(Commitment, (compound_id, bytes.fromhex(nobodys))).value == "水费"
        assert verify_log(session, compound_id).finding is None


@pytest.mark.parametrize("facts", [{"what": "选举王秀英"}, {"votes": ["王秀英", 3]}, {"on": {"by": "wang xiuying"}}])
def test_what_somebody_wrote_is_never_a_fact(facts):
    with pytest.raises(NotAnEntry, match="commits"):
        Entry(type="decision.recorded", compound_id=new_id(), record_id=new_id(), facts=facts)
    Entry(type="x", compound_id=new_id(), record_id=new_id(), facts={"on": "2026-11-26", "votes": [1, "a-b_c.d"], "none": None})


def facts_of(database, compound_id):
    with reading(database) as session:
        return [json.loads(e.entry).get("facts") for e in session.exec(select(LogEntry).order_by(col(LogEntry.index)))]


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_head_read_before_the_lock_is_read_again(database, compound_id):
    """Another line was committed between our first look at the head and our lock."""
    with Session(database.writing) as early:
        seen = early.get_one(LogHead, compound_id)
        assert seen.size == 0
        with writing(database) as session:
            publish(session, compound_id, plain(compound_id))
        assert [line.index for line in append(early, compound_id, plain(compound_id))] == [1]
        assert seen.size == 2
        database.finish(early)
