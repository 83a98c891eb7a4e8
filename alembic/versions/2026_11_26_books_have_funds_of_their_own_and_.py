"""books have funds of their own and months that are closed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "2ac99e787a96"
down_revision = "e7d5141d5cd0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "period_change",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_period_change_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_period_change_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_period_change")),
    )
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_until", sa.Date(), nullable=True))

    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=60), server_default="", nullable=False))

    # What is posted already keeps the name that its account has today.
    op.execute(
        "UPDATE journal_entry SET category = (SELECT a.name FROM ledger_account a"
        " WHERE a.compound_id = journal_entry.compound_id AND a.id = journal_entry.category_id)"
        " WHERE category_id IS NOT NULL"
    )

    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ledger_account", schema=None) as batch_op:
        batch_op.drop_column("retired_at")

    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.drop_column("category")

    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.drop_column("closed_until")

    op.drop_table("period_change")
