"""Triggers on both engines. Each refusal has its control: with the guard off the same statement goes through."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.kit.db import writing
from app.publiclog.models import LogEntry, LogNode
from tests.publiclog.tampering import guards_off, run

ENTRY = """INTO log_entry (compound_id, "index", entry, leaf_hash, type, record_id, created_at)
           SELECT compound_id, {index}, entry, leaf_hash, type, record_id, created_at FROM log_entry WHERE "index" = 0"""
NODE = """INTO log_node (compound_id, level, "index", hash)
          SELECT compound_id, level, {index}, hash FROM log_node WHERE level = 1 AND "index" = 0"""

FORBIDDEN = {
    "an entry is changed": "UPDATE log_entry SET type = 'x' WHERE \"index\" = 1",
    "an entry is changed to itself": "UPDATE log_entry SET entry = entry",
    "an entry is deleted": 'DELETE FROM log_entry WHERE "index" = 4',
    "an entry is put at a later place": "INSERT " + ENTRY.format(index=6),
    "an entry is put at a place below zero": "INSERT " + ENTRY.format(index=-1),
    "a node is changed": "UPDATE log_node SET level = level",
    "a node is deleted": "DELETE FROM log_node WHERE level = 1",
    "a node is put at a later place": "INSERT " + NODE.format(index=3),
}
ONLY_SQLITE = {
    "an entry is replaced": "INSERT OR REPLACE " + ENTRY.format(index=3),
    "a node is replaced": "INSERT OR REPLACE " + NODE.format(index=1),
}
ONLY_POSTGRESQL = {
    "the entries are truncated": "TRUNCATE log_entry",
    "the nodes are truncated": "TRUNCATE log_node",
}


@pytest.fixture
def five_entries(database, compound_id, log_of):
    with writing(database) as session:
        log_of(session, compound_id, 5)
    return database


def tried_with_and_without_the_guards(database, statement):
    with pytest.raises(DatabaseError, match=r"append-only|only the next"), writing(database) as session:
        session.connection().execute(text(statement))
    with writing(database) as session:
        guards_off(session, "log_entry", "log_node")
        run(session, statement)


@pytest.mark.parametrize("act", FORBIDDEN)
def test_it_is_refused_when(act, five_entries):
    tried_with_and_without_the_guards(five_entries, FORBIDDEN[act])


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("act", ONLY_SQLITE)
def test_it_is_refused_by_sqlite_when(act, five_entries):
    tried_with_and_without_the_guards(five_entries, ONLY_SQLITE[act])


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize("act", ONLY_POSTGRESQL)
def test_it_is_refused_by_postgresql_when(act, five_entries):
    tried_with_and_without_the_guards(five_entries, ONLY_POSTGRESQL[act])


def test_each_compound_counts_for_itself(five_entries, neighbour_id, log_of):
    with writing(five_entries) as session:
        log_of(session, neighbour_id, 2)
        assert session.get(LogEntry, (neighbour_id, 1))
        assert session.get(LogNode, (neighbour_id, 1, 0))
