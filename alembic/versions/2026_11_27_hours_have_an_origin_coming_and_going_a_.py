"""hours have an origin, coming and going a mark

What was checked was checked by a leader, and what was added was added by one officer alone: those lines have no second hand.
Who had checked somebody in was not kept with the sign-up, so the marks of old name nobody.
"""

from uuid import uuid4

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "f55dab343bae"
down_revision = "671d1ec2dcdd"
branch_labels = None
depends_on = None

SOURCES = """UPDATE hour_entry SET source = CASE WHEN corrects_id IS NOT NULL THEN 'correction'
    WHEN source = 'checked' THEN 'leader' ELSE 'added_later' END"""

SOURCES_BACK = """UPDATE hour_entry SET source = CASE WHEN source = 'added_later' THEN 'added' ELSE 'checked' END"""

NOT_TAKEN_BACK = """SELECT (SELECT COUNT(*) FROM hour_entry WHERE recorded_by_id IS NULL)
    + (SELECT COUNT(*) FROM check_in WHERE how <> 'leader') + (SELECT COUNT(*) FROM hour_proposal)"""

CHECKS = {
    "a_correction_names_its_line": "(source = 'correction') = (corrects_id IS NOT NULL)",
    "written_by_somebody": "recorded_by_id IS NOT NULL OR source IN ('planned', 'correction')",
    "approved_by_another": "approved_by_id <> recorded_by_id AND approved_by_id <> person_id",
}

signup = sa.table(
    "signup",
    *(sa.column(name, sa.Uuid()) for name in ("compound_id", "id", "person_id")),
    *(sa.column(name, sqlmodel.sql.sqltypes.UTCDateTime()) for name in ("checked_in_at", "checked_out_at")),
)


def marks(connection: sa.Connection, check_in: sa.Table) -> None:
    for row in connection.execute(sa.select(signup).where(signup.c.checked_in_at.is_not(None))).all():
        for way, at in (("in", row.checked_in_at), ("out", row.checked_out_at)):
            if at:
                mark = {"compound_id": row.compound_id, "id": uuid4(), "signup_id": row.id, "person_id": row.person_id}
                told = {"way": way, "how": "leader", "happened_at": at, "received_at": at, "sent_sha256": b""}
                connection.execute(check_in.insert().values(**mark, **told))


def upgrade() -> None:
    check_in = op.create_table(
        "check_in",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=False),
        sa.Column("happened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("device_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_by_id", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("how = 'leader' OR seen_by_id IS NULL", name=op.f("ck_check_in_only_leaders_see")),
        sa.CheckConstraint("way IN ('in', 'out')", name=op.f("ck_check_in_in_or_out")),
        sa.ForeignKeyConstraint(
            ["compound_id", "person_id"], ["person.compound_id", "person.id"], name=op.f("fk_check_in_compound_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "seen_by_id"], ["person.compound_id", "person.id"], name=op.f("fk_check_in_compound_id_seen_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "signup_id"], ["signup.compound_id", "signup.id"], name=op.f("fk_check_in_compound_id_signup_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_check_in_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_check_in")),
    )
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.create_index(
            "uq_check_in_once",
            ["compound_id", "signup_id", "way"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    marks(op.get_bind(), check_in)

    op.create_table(
        "hour_proposal",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decided_because", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.CheckConstraint("(state = 'waiting') = (decided_by_id IS NULL)", name=op.f("ck_hour_proposal_decided_by_somebody")),
        sa.CheckConstraint(
            "decided_by_id <> proposed_by_id AND decided_by_id <> person_id", name=op.f("ck_hour_proposal_decided_by_another")
        ),
        sa.CheckConstraint(
            "minutes > 0 OR (minutes = 0 AND corrects_id IS NOT NULL)", name=op.f("ck_hour_proposal_asks_for_something")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "corrects_id"],
            ["hour_entry.compound_id", "hour_entry.id"],
            name=op.f("fk_hour_proposal_compound_id_corrects_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "decided_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_hour_proposal_compound_id_decided_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "person_id"], ["person.compound_id", "person.id"], name=op.f("fk_hour_proposal_compound_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "proposed_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_hour_proposal_compound_id_proposed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "signup_id"], ["signup.compound_id", "signup.id"], name=op.f("fk_hour_proposal_compound_id_signup_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_hour_proposal_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_hour_proposal")),
    )
    with op.batch_alter_table("hour_proposal", schema=None) as batch_op:
        batch_op.create_index("ix_hour_proposal_person", ["compound_id", "person_id"], unique=False)
        batch_op.create_index(
            "uq_hour_proposal_waiting",
            ["compound_id", "signup_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    with op.batch_alter_table("hour_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("approved_by_id", sa.Uuid(), nullable=True))
        batch_op.alter_column(
            "source",
            existing_type=sqlmodel.sql.sqltypes.AutoString(length=10),
            type_=sqlmodel.sql.sqltypes.AutoString(length=12),
            existing_nullable=False,
        )
        batch_op.alter_column("recorded_by_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_index("ix_hour_entry_signup", ["compound_id", "signup_id"], unique=False)
        batch_op.create_index(
            "uq_hour_entry_origin",
            ["compound_id", "signup_id"],
            unique=True,
            sqlite_where=sa.text("corrects_id IS NULL"),
            postgresql_where=sa.text("corrects_id IS NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_hour_entry_compound_id_approved_by_id"),
            "person",
            ["compound_id", "approved_by_id"],
            ["compound_id", "id"],
        )
    op.execute(SOURCES)
    with op.batch_alter_table("hour_entry", schema=None) as batch_op:
        for name, says in CHECKS.items():
            batch_op.create_check_constraint(name, says)


def downgrade() -> None:
    """Only while nobody checked in by themselves, nobody forgot to check out and nothing was proposed."""
    if op.get_bind().execute(sa.text(NOT_TAKEN_BACK)).scalar_one():
        raise RuntimeError("check-ins by code, forgotten check-outs and proposals have no place before this step")
    with op.batch_alter_table("hour_entry", schema=None) as batch_op:
        for name in CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_hour_entry_{name}"), type_="check")
    op.execute(SOURCES_BACK)
    with op.batch_alter_table("hour_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_hour_entry_compound_id_approved_by_id"), type_="foreignkey")
        batch_op.drop_index(
            "uq_hour_entry_origin", sqlite_where=sa.text("corrects_id IS NULL"), postgresql_where=sa.text("corrects_id IS NULL")
        )
        batch_op.drop_index("ix_hour_entry_signup")
        batch_op.alter_column("recorded_by_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.alter_column(
            "source",
            existing_type=sqlmodel.sql.sqltypes.AutoString(length=12),
            type_=sqlmodel.sql.sqltypes.AutoString(length=10),
            existing_nullable=False,
        )
        batch_op.drop_column("approved_by_id")

    with op.batch_alter_table("hour_proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hour_proposal_waiting", sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'")
        )
        batch_op.drop_index("ix_hour_proposal_person")

    op.drop_table("hour_proposal")
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_check_in_once", sqlite_where=sa.text("undone_at IS NULL"), postgresql_where=sa.text("undone_at IS NULL")
        )

    op.drop_table("check_in")
