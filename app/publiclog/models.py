"""The log's tables. Their keys say where a row stands in its tree, so none has an id of its own: they are no `Record`s."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from app.kit.clock import now
from app.kit.guards import append_only, guard
from app.publiclog.merkle import EMPTY_ROOT

LONGEST_ENTRY = 65_535
"""Bytes: the length before an entry is two bytes wide in an entry bundle (C2SP tlog-tiles)."""


class LogHead(SQLModel, table=True):
    """Where a compound's log ends: key (compound_id), one row a compound, made with it. Its row lock is the one pen."""

    __tablename__ = "log_head"

    compound_id: UUID = Field(primary_key=True, foreign_key="compound.id")
    size: int = Field(default=0, sa_type=BigInteger)
    root: bytes = EMPTY_ROOT
    peaks: bytes = b""
    """The hashes of the complete subtrees that end the tree, largest first, 32 bytes each: an append reads nothing else."""
    running_balance_fen: int = Field(default=0, sa_type=BigInteger)
    """The sum of amount_fen over all entries that carry one."""


class LogEntry(SQLModel, table=True):
    """A published line: key (compound_id, index), index gap-free from 0. `entry` holds the exact bytes, never made again.

    `type` and `record_id` repeat what the bytes say, to find the entry by.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        ForeignKeyConstraint(["compound_id"], ["log_head.compound_id"]),
        CheckConstraint(f"length(entry) <= {LONGEST_ENTRY}", name="entry_fits_a_bundle"),
        Index("ix_log_entry_record", "compound_id", "record_id"),
    )

    compound_id: UUID = Field(primary_key=True)
    index: int = Field(primary_key=True, sa_type=BigInteger)
    entry: bytes
    leaf_hash: bytes
    type: str = Field(max_length=60)
    record_id: UUID
    created_at: datetime = Field(default_factory=now)


class LogNode(SQLModel, table=True):
    """The hash of a complete subtree: key (compound_id, level, index). Level 0 are the leaves.

    So a leaf hash is kept twice: whoever rewrites a line of `log_entry` whole is still found at exactly that line.
    """

    __tablename__ = "log_node"
    __table_args__ = (ForeignKeyConstraint(["compound_id"], ["log_head.compound_id"]),)

    compound_id: UUID = Field(primary_key=True)
    level: int = Field(primary_key=True)
    index: int = Field(primary_key=True, sa_type=BigInteger)
    hash: bytes


class Commitment(SQLModel, table=True):
    """A personal value behind an entry's commitment: key (compound_id, commitment). Deleting the row erases the person
    and leaves the log verifiable.

    It points to the compound, not to the head: a foreign key check locks its parent row until commit, and a head locked
    in the middle of a verb is a deadlock (ARCHITECTURE §2, lock order).
    """

    __table_args__ = (Index("ix_commitment_person", "compound_id", "person_id"),)

    compound_id: UUID = Field(primary_key=True, foreign_key="compound.id")
    commitment: bytes = Field(primary_key=True)
    salt: bytes
    value: str
    person_id: UUID | None = None
    """Whose it is: closing their account erases it. None for what is nobody's alone (a purpose, a room)."""


def commitment_of(salt: bytes, value: str) -> bytes:
    return sha256(salt + value.encode()).digest()


def _only_the_next(table: str, *within: str) -> None:
    """Refuse a row whose index is not the next one: no gaps, and no way around the other guards by INSERT OR REPLACE."""
    same = " AND ".join(f"{column} = NEW.{column}" for column in ("compound_id", *within))
    # Not MAX: PostgreSQL keeps the plan it made when the table was small, and then reads the whole log for each line.
    last = f'SELECT "index" FROM {table} WHERE {same} ORDER BY "index" DESC LIMIT 1'  # noqa: S608 (our own names)
    following = f"COALESCE(({last}) + 1, 0)"
    name, no = f"{table}_only_the_next", f"{table} takes only the next index"
    guard(
        table,
        name,
        sqlite=f"""CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN NEW."index" IS NOT {following}
                   BEGIN SELECT RAISE(ABORT, '{no}'); END""",
        postgresql=(
            f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW."index" IS DISTINCT FROM {following} THEN
                    RAISE EXCEPTION '{no}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW; END $$""",
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ),
    )


append_only("log_entry")
append_only("log_node")
_only_the_next("log_entry")
_only_the_next("log_node", "level")
