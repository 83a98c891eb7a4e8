"""Proofs from the stored nodes, for every size the log ever had."""

import pytest
from sqlalchemy import event

from app.kit.db import reading, writing
from app.kit.ids import new_id
from app.kit.refusals import NotFound
from app.publiclog.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from app.publiclog.queries import BrokenLog, consistency_for, entry_at, head_of, proof_for, root_at
from tests.publiclog.tampering import tamper
from tests.publiclog.trees import root_of

SIZE = 13


@pytest.fixture
def entries(database, compound_id, log_of):
    with writing(database) as session:
        return log_of(session, compound_id, SIZE)


def test_every_entry_is_proved_in_every_size_since(database, compound_id, entries):
    with reading(database) as session:
        for size in range(1, SIZE + 1):
            root = root_of(map(leaf_hash, entries[:size]))
            assert root_at(session, compound_id, size) == root
            for index in range(size):
                proof = proof_for(session, compound_id, index, size)
                assert (proof.entry, proof.leaf_hash, proof.root) == (entries[index], leaf_hash(entries[index]), root)
                assert verify_inclusion(proof.leaf_hash, proof.index, proof.size, proof.path, proof.root)


def test_a_proof_is_for_the_log_as_it_is_now_unless_a_size_is_said(database, compound_id, entries):
    with reading(database) as session:
        proof = proof_for(session, compound_id, 3)
        assert (proof.size, proof.root) == (SIZE, head_of(session, compound_id).root)


def test_every_size_is_proved_to_continue_every_smaller_one(database, compound_id, entries):
    with reading(database) as session:
        for size2 in range(1, SIZE + 1):
            for size1 in range(1, size2 + 1):
                proof = consistency_for(session, compound_id, size1, size2)
                assert proof.root1 == root_of(map(leaf_hash, entries[:size1]))
                assert verify_consistency(proof.size1, proof.size2, proof.path, proof.root1, proof.root2)


def test_outside_the_log_there_is_nothing_to_prove(database, compound_id, neighbour_id, entries):
    with reading(database) as session:
        assert root_at(session, neighbour_id, 0) == EMPTY_ROOT
        for ask in (
            lambda: proof_for(session, compound_id, SIZE),
            lambda: proof_for(session, compound_id, -1),
            lambda: proof_for(session, compound_id, 5, 5),
            lambda: proof_for(session, compound_id, 5, SIZE + 1),
            lambda: proof_for(session, neighbour_id, 0),
            lambda: consistency_for(session, compound_id, 0, 5),
            lambda: consistency_for(session, compound_id, 6, 5),
            lambda: consistency_for(session, compound_id, 5, SIZE + 1),
            lambda: root_at(session, compound_id, SIZE + 1),
            lambda: root_at(session, compound_id, -1),
            lambda: entry_at(session, compound_id, SIZE),
            lambda: head_of(session, new_id()),
        ):
            with pytest.raises(NotFound):
                ask()


def test_a_changed_node_shows_as_a_proof_that_fails(database, compound_id, entries):
    with writing(database) as session:
        assert tamper(session, 'UPDATE log_node SET hash = :h WHERE level = 1 AND "index" = 1', h=bytes(32)) == 1
    with reading(database) as session:
        proof = proof_for(session, compound_id, 0)
        assert not verify_inclusion(proof.leaf_hash, proof.index, proof.size, proof.path, proof.root)


def test_a_missing_node_is_said(database, compound_id, entries):
    with writing(database) as session:
        assert tamper(session, 'DELETE FROM log_node WHERE level = 1 AND "index" = 1') == 1
    with reading(database) as session, pytest.raises(BrokenLog, match="node 1 of level 1"):
        proof_for(session, compound_id, 0)


def asked_for_a_proof(session, compound_id):
    asked = []
    event.listen(session.connection(), "before_cursor_execute", lambda *args: asked.append(args[2:4]))
    proof_for(session, compound_id, 0)
    return asked


def test_a_proof_asks_the_database_three_times_whatever_its_length(database, compound_id, entries):
    with reading(database) as session:
        assert len(asked_for_a_proof(session, compound_id)) == 3


@pytest.mark.parametrize("engine", ["sqlite"])
def test_each_node_is_found_by_its_whole_key(database, compound_id, entries):
    """Otherwise SQLite reads all nodes of the compound: 300 ms at a million entries."""
    with reading(database) as session:
        statement, values = asked_for_a_proof(session, compound_id)[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        searches = [step for *_, step in plan if "log_node" in step]
        assert searches
        assert all("(compound_id=? AND level=? AND index=?)" in step for step in searches)
