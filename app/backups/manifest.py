"""What is true of a database, written down so that a copy of it can be held against it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, inspect, select, table, text
from sqlmodel import Session, col

from app.compounds.models import Compound
from app.photos.models import Photo
from app.publiclog.models import LogHead
from app.publiclog.verifying import verify_log
from app.treasury.chart_models import LedgerAccount
from app.treasury.models import Posting

NAME = "manifest.json"


class CompoundFacts(BaseModel):
    """`log_root` in hex; `trial_balance`: account code → the sum of its postings in fen, debit positive."""

    slug: str
    log_size: int
    log_root: str
    log_balance_fen: int
    trial_balance: dict[str, int]


class Facts(BaseModel):
    """`revision` is Alembic's; `rows` counts every table that is there, also those this version does not know."""

    revision: str | None
    rows: dict[str, int]
    compounds: dict[UUID, CompoundFacts]


class Manifest(BaseModel):
    """`database_sha256` of the database's file inside the backup; `missing`: pictures whose file was gone or changed."""

    v: Literal[1] = 1
    made_at: datetime
    engine: Literal["sqlite", "postgresql"]
    database_sha256: str
    facts: Facts
    photos: int
    missing: list[str]


def facts_of(session: Session) -> Facts:
    """Read in one transaction, so that it is the truth of one moment."""
    connection = session.connection()
    tables = sorted(inspect(connection).get_table_names())
    revision = text("SELECT version_num FROM alembic_version")
    heads = select(Compound.id, Compound.slug, LogHead.size, LogHead.root, LogHead.running_balance_fen).join(  # type: ignore[call-overload]
        LogHead, col(LogHead.compound_id) == col(Compound.id)
    )
    return Facts(
        revision=connection.scalar(revision) if "alembic_version" in tables else None,
        rows={name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in tables},
        compounds={
            id: CompoundFacts(
                slug=slug, log_size=size, log_root=root.hex(), log_balance_fen=fen, trial_balance=trial_balance(session, id)
            )
            for id, slug, size, root, fen in connection.execute(heads.order_by(col(Compound.slug)))
        },
    )


def trial_balance(session: Session, compound_id: UUID) -> dict[str, int]:
    """Account code → the sum of its postings in fen. The sums of sound books add up to zero."""
    sums = session.connection().execute(
        select(col(LedgerAccount.code), func.sum(col(Posting.amount_fen)))
        .join(
            Posting,
            (col(Posting.compound_id) == col(LedgerAccount.compound_id)) & (col(Posting.account_id) == col(LedgerAccount.id)),
        )
        .where(col(LedgerAccount.compound_id) == compound_id)
        .group_by(col(LedgerAccount.code))
        .order_by(col(LedgerAccount.code))
    )
    return {code: int(fen) for code, fen in sums}


def needed_files(session: Session) -> set[str]:
    """The blobs that the photos' rows name."""
    rows = session.connection().execute(select(Photo.original_key, Photo.k1600, Photo.k960, Photo.k320))  # type: ignore[call-overload]
    return {key for row in rows for key in row if key}


def differences(promised: Facts, found: Facts) -> list[str]:
    """In words, each thing that is not as promised."""
    wrong = []
    if found.revision != promised.revision:
        wrong.append(f"its tables are those of {found.revision}, not of {promised.revision}")
    for name in sorted(promised.rows.keys() | found.rows.keys()):
        if promised.rows.get(name) != found.rows.get(name):
            wrong.append(f"{name} has {found.rows.get(name, 'no table and')} rows, not {promised.rows.get(name, 'any')}")
    for id in promised.compounds.keys() | found.compounds.keys():
        was, now = promised.compounds.get(id), found.compounds.get(id)
        if was != now:
            wrong.append(f"the log or the books of {(was or now).slug} are others than were saved")  # type: ignore[union-attr]
    return wrong


def unsound(session: Session, facts: Facts) -> list[str]:
    """In words: logs that do not verify, books that do not balance."""
    wrong = []
    for id, compound in facts.compounds.items():
        finding = verify_log(session, id).finding
        if finding:
            at = "its head" if finding.index is None else f"entry {finding.index}"
            wrong.append(f"the log of {compound.slug} is wrong at {at}: {finding.wrong}")
        if total := sum(compound.trial_balance.values()):
            wrong.append(f"the books of {compound.slug} do not balance: they are {total} fen off")
    return wrong
