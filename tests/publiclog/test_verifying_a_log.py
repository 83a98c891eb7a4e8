"""Whatever somebody with the database's password changes, the first entry it touches is named."""

import json
import re
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.db import reading, writing
from app.kit.ids import new_id
from app.kit.refusals import NotFound
from app.publiclog.canonical import canonical
from app.publiclog.merkle import EMPTY_ROOT, Frontier, leaf_hash
from app.publiclog.service import Entry, commit_to
from app.publiclog.verifying import Finding, Head, Line, Report, Wrong, check, verify_log
from tests.publiclog.tampering import tamper
from tests.publiclog.trees import root_of

SIZE = 21
COMPOUND = new_id()


def export(size: int) -> tuple[list[Line], Head]:
    """A sound log in memory: every third entry moves money."""
    lines, balance_fen = [], 0
    for index in range(size):
        amount_fen = 100 - index if index % 3 == 0 else None
        values = Entry("entry.posted", COMPOUND, new_id(), amount_fen=amount_fen).values()
        if amount_fen is not None:
            balance_fen += amount_fen
            values["running_balance_fen"] = balance_fen
        lines.append(stored(index, canonical(values)))
    return lines, Head(size, root_of(line.leaf_hash for line in lines), balance_fen)


def stored(index: int, entry: bytes) -> Line:
    return Line(index, entry, leaf_hash(entry))


def nodes_of(lines: list[Line]) -> list[tuple[int, int, bytes]]:
    frontier = Frontier()
    return [node for line in lines for node in frontier.append(line.leaf_hash)]


def rewritten(line: Line, **changes: object) -> Line:
    """A line rewritten whole, with a leaf hash that fits."""
    return stored(line.index, canonical(json.loads(line.entry) | changes))


def found(lines, head, nodes=None) -> Finding | None:
    return check(COMPOUND, lines, head, nodes).finding


LINES, HEAD = export(SIZE)
NODES = nodes_of(LINES)
anywhere = st.integers(0, SIZE - 1)


def test_a_sound_log_is_sound():
    for size in (0, 1, 2, 3, 8, SIZE):
        lines, head = export(size)
        assert check(COMPOUND, lines, head, nodes_of(lines)) == Report(size, head.root, head.balance_fen)
    assert export(0)[1].root == EMPTY_ROOT


@pytest.mark.parametrize("index", range(SIZE))
def test_every_one_byte_flip_is_found_at_its_entry(index):
    line = LINES[index]
    for place in range(len(line.entry)):
        for bit in (1, 128):
            flip = bytearray(line.entry)
            flip[place] ^= bit
            bad = [*LINES[:index], replace(line, entry=bytes(flip)), *LINES[index + 1 :]]
            assert found(bad, HEAD) == Finding(Wrong.CHANGED, index)


@given(anywhere, st.integers(0, 31), st.integers(1, 255))
def test_every_flip_in_a_leaf_hash_is_found_at_its_entry(index, place, mask):
    flip = bytearray(LINES[index].leaf_hash)
    flip[place] ^= mask
    assert found([*LINES[:index], replace(LINES[index], leaf_hash=bytes(flip)), *LINES[index + 1 :]], HEAD) == Finding(
        Wrong.CHANGED, index
    )


@given(st.integers(0, len(NODES) - 1), st.integers(0, 31), st.integers(1, 255))
def test_every_flip_in_a_node_is_found_at_the_first_entry_under_it(at, place, mask):
    level, index, h = NODES[at]
    flip = bytearray(h)
    flip[place] ^= mask
    bad = [*NODES[:at], (level, index, bytes(flip)), *NODES[at + 1 :]]
    assert found(LINES, HEAD, bad) == Finding(Wrong.NODE, index << level)


@given(anywhere)
def test_every_deletion_is_found(index):
    left = [*LINES[:index], *LINES[index + 1 :]]
    assert found(left, HEAD) == Finding(Wrong.TRUNCATED if index == SIZE - 1 else Wrong.GAP, index)


@given(anywhere)
def test_every_deletion_that_closes_the_gap_is_found(index):
    moved = [replace(line, index=i) for i, line in enumerate([*LINES[:index], *LINES[index + 1 :]])]
    assert found(moved, replace(HEAD, size=SIZE - 1)) is not None
    wrong = found(moved, HEAD, NODES)
    assert wrong is not None
    assert wrong.index == index


@given(st.lists(anywhere, min_size=2, max_size=2, unique=True).map(sorted))
def test_every_swap_is_found_at_the_first_of_the_two(pair):
    i, j = pair
    rows = LINES.copy()
    rows[i], rows[j] = rows[j], rows[i]
    assert found(rows, HEAD) == Finding(Wrong.GAP, i)
    swapped = [replace(line, index=n) for n, line in enumerate(rows)]
    assert found(swapped, HEAD, NODES) == Finding(Wrong.NODE, i)
    assert found(swapped, HEAD) is not None, "an export has no nodes, but its root tells"


@given(anywhere)
def test_every_truncation_is_found(size):
    assert found(LINES[:size], HEAD) == Finding(Wrong.TRUNCATED, size)
    short = Head(size, root_of(line.leaf_hash for line in LINES[:size]))
    assert found(LINES[:size], short, NODES) == Finding(Wrong.NODE, size)
    assert found(LINES, short) == Finding(Wrong.BEYOND_HEAD, size)


@given(anywhere)
def test_an_entry_told_twice_is_found(index):
    assert found([*LINES[: index + 1], *LINES[index:]], HEAD) == (
        Finding(Wrong.BEYOND_HEAD, SIZE) if index == SIZE - 1 else Finding(Wrong.GAP, index + 1)
    )


@given(anywhere)
def test_a_missing_or_added_node_is_found(at):
    level, index, _ = NODES[at]
    assert found(LINES, HEAD, [*NODES[:at], *NODES[at + 1 :]]) == Finding(Wrong.NODE, index << level)
    assert found(LINES, HEAD, [*NODES, (0, SIZE, bytes(32))]) == Finding(Wrong.NODE, SIZE)


def test_a_changed_head_is_found():
    assert found(LINES, replace(HEAD, root=EMPTY_ROOT)) == Finding(Wrong.HEAD_ROOT, None)
    assert found(LINES, replace(HEAD, balance_fen=HEAD.balance_fen + 1)) == Finding(Wrong.HEAD_BALANCE, None)
    assert found(LINES, replace(HEAD, peaks=bytes(96))) == Finding(Wrong.HEAD_ROOT, None)
    assert found(LINES, Head(HEAD.size, HEAD.root)) is None


@pytest.mark.parametrize(
    ("index", "changes"),
    [
        (3, {"amount_fen": 1}),
        (6, {"running_balance_fen": 0}),
        (4, {"amount_fen": 1}),
        (4, {"running_balance_fen": 0}),
        (5, {"running_balance_fen": "0"}),
    ],
)
def test_a_balance_that_does_not_follow_is_found_even_in_a_log_rewritten_whole(index, changes):
    lines = [*LINES[:index], rewritten(LINES[index], **changes), *LINES[index + 1 :]]
    head = replace(HEAD, root=root_of(line.leaf_hash for line in lines))
    assert found(lines, head, nodes_of(lines)) == Finding(Wrong.BALANCE, index)


def test_an_amount_taken_out_of_a_line_shows_at_the_next_amount():
    said = json.loads(LINES[3].entry)
    del said["amount_fen"], said["running_balance_fen"]
    lines = [*LINES[:3], stored(3, canonical(said)), *LINES[4:]]
    head = replace(HEAD, root=root_of(line.leaf_hash for line in lines))
    assert found(lines, head) == Finding(Wrong.BALANCE, 6)


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"\xff",
        b"{",
        b"[]",
        b"[" * 60_000,
        b"9" * 60_000,
        canonical(Entry("x", new_id(), new_id()).values()),
        canonical(Entry("x", COMPOUND, new_id()).values() | {"amount_fen": "5", "running_balance_fen": "5"}),
        canonical(Entry("x", COMPOUND, new_id()).values() | {"amount_fen": True, "running_balance_fen": 101}),
        canonical(Entry("x", COMPOUND, new_id()).values() | {"amount_fen": None}),
    ],
    ids=[
        "empty",
        "no UTF-8",
        "cut",
        "list",
        "deep",
        "long number",
        "a neighbour's",
        "text amount",
        "yes as amount",
        "null amount",
    ],
)
def test_bytes_that_are_no_entry_are_found(entry):
    lines = [*LINES[:2], stored(2, entry), *LINES[3:]]
    head = replace(HEAD, root=root_of(line.leaf_hash for line in lines))
    assert found(lines, head, nodes_of(lines)) == Finding(Wrong.UNREADABLE, 2)


@settings(max_examples=20)
@given(anywhere)
def test_a_report_tells_what_was_good_until_then(index):
    report = check(COMPOUND, LINES[:index], HEAD)
    assert (report.size, report.root) == (index, root_of(line.leaf_hash for line in LINES[:index]))


def test_only_the_frontier_is_kept_in_memory():
    """A log is read once, never gathered: 20,000 lines that exist one at a time."""

    def lines():
        for index in range(20_000):
            yield Line(index, entry, leaf)

    entry = canonical(Entry("x", COMPOUND, new_id()).values())
    leaf = leaf_hash(entry)
    head = Head(20_000, root_of(leaf for _ in range(20_000)))
    tracemalloc.start()
    assert check(COMPOUND, lines(), head).finding is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000


# The same in the database, on both engines.


@pytest.fixture
def entries(database, compound_id, neighbour_id, log_of):
    with writing(database) as session:
        log_of(session, neighbour_id, 3)
        return log_of(session, compound_id, SIZE)


HERE = "WHERE compound_id = :c AND"
STATEMENTS = {
    "a flipped entry": (f'UPDATE log_entry SET entry = :b {HERE} "index" = 7', Wrong.CHANGED, 7),
    "text in the place of an entry": (f"UPDATE log_entry SET entry = 'x' {HERE} \"index\" = 7", Wrong.CHANGED, 7),
    "a changed leaf hash": (f'UPDATE log_entry SET leaf_hash = :h {HERE} "index" = 7', Wrong.CHANGED, 7),
    "an entry rewritten whole": (
        f'UPDATE log_entry SET entry = :b, leaf_hash = :b_leaf {HERE} "index" = 7',
        Wrong.NODE,
        7,
    ),
    "a deleted entry": (f'DELETE FROM log_entry {HERE} "index" = 7', Wrong.GAP, 7),
    "a log cut short": (f'DELETE FROM log_entry {HERE} "index" >= 7', Wrong.TRUNCATED, 7),
    "a changed leaf node": (f'UPDATE log_node SET hash = :h {HERE} level = 0 AND "index" = 7', Wrong.NODE, 7),
    "a changed node": (f'UPDATE log_node SET hash = :h {HERE} level = 2 AND "index" = 3', Wrong.NODE, 12),
    "a deleted node": (f'DELETE FROM log_node {HERE} level = 3 AND "index" = 1', Wrong.NODE, 8),
    "a changed type": (f"UPDATE log_entry SET type = 'x' {HERE} \"index\" = 7", Wrong.MISFILED, 7),
    "a changed record": (f'UPDATE log_entry SET record_id = :r {HERE} "index" = 7', Wrong.MISFILED, 7),
    "a changed head root": ("UPDATE log_head SET root = :h WHERE compound_id = :c", Wrong.HEAD_ROOT, None),
    "changed peaks": ("UPDATE log_head SET peaks = :h WHERE compound_id = :c", Wrong.HEAD_ROOT, None),
    "a head pushed back": ("UPDATE log_head SET size = 7 WHERE compound_id = :c", Wrong.BEYOND_HEAD, 7),
    "a head pushed on": ("UPDATE log_head SET size = 99 WHERE compound_id = :c", Wrong.TRUNCATED, SIZE),
    "a changed balance": ("UPDATE log_head SET running_balance_fen = 1 WHERE compound_id = :c", Wrong.HEAD_BALANCE, None),
    "a changed name": ("UPDATE commitment SET value = '李四' WHERE compound_id = :c", Wrong.COMMITMENT, None),
}


@pytest.mark.parametrize("act", STATEMENTS)
def test_the_verifier_finds(act, database, compound_id, neighbour_id, entries):
    statement, wrong, index = STATEMENTS[act]
    with writing(database) as session:
        commit_to(session, compound_id, "张三")
    with reading(database) as session:
        assert verify_log(session, compound_id).finding is None
    values = {"c": compound_id, "b": entries[8], "b_leaf": leaf_hash(entries[8]), "h": bytes(32), "r": neighbour_id}
    with writing(database) as session:
        assert tamper(
            session, statement, **{name: value for name, value in values.items() if re.search(rf":{name}\b", statement)}
        )
    with reading(database) as session:
        assert verify_log(session, compound_id).finding == Finding(wrong, index)
        assert verify_log(session, neighbour_id).finding is None


def test_two_rows_swapped_in_the_database_are_found(database, compound_id, entries):
    with writing(database) as session:
        for here, there in ((4, 1004), (11, 4), (1004, 11)):
            assert tamper(session, f'UPDATE log_entry SET "index" = {there} WHERE "index" = {here}')
    with reading(database) as session:
        assert verify_log(session, compound_id).finding == Finding(Wrong.NODE, 4)


def test_an_empty_log_is_sound_and_no_log_is_not_found(database, compound_id):
    with reading(database) as session:
        assert verify_log(session, compound_id) == Report(0, EMPTY_ROOT, 0)
        with pytest.raises(NotFound):
            verify_log(session, new_id())
