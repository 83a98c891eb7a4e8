"""what nobody collected is converted by a decision"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "e1ca4f8d1e50"
down_revision = "532448eb9f71"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversion",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("distribution_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("converted_by_id", sa.Uuid(), nullable=False),
        sa.Column("converted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_conversion_is_something")),
        sa.ForeignKeyConstraint(
            ["compound_id", "converted_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_conversion_compound_id_converted_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "decision_id"],
            ["decision.compound_id", "decision.id"],
            name=op.f("fk_conversion_compound_id_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "distribution_id"],
            ["distribution.compound_id", "distribution.id"],
            name=op.f("fk_conversion_compound_id_distribution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "entry_id"],
            ["journal_entry.compound_id", "journal_entry.id"],
            name=op.f("fk_conversion_compound_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_conversion_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_conversion")),
    )
    with op.batch_alter_table("conversion", schema=None) as batch_op:
        batch_op.create_index("ix_conversion_distribution", ["compound_id", "distribution_id", "converted_at"], unique=False)

    with op.batch_alter_table("claim_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("conversion_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("claim_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_claim_line_compound_id_conversion_id"),
            "conversion",
            ["compound_id", "conversion_id"],
            ["compound_id", "id"],
        )
        batch_op.create_check_constraint(
            op.f("ck_claim_line_claimed_or_converted"), "(claim_id IS NULL) <> (conversion_id IS NULL)"
        )


def downgrade() -> None:
    """What was converted is owed again: the table of before cannot say otherwise."""
    op.execute("DELETE FROM claim_line WHERE claim_id IS NULL")
    with op.batch_alter_table("claim_line", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_claim_line_claimed_or_converted"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_claim_line_compound_id_conversion_id"), type_="foreignkey")
        batch_op.alter_column("claim_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("conversion_id")

    with op.batch_alter_table("conversion", schema=None) as batch_op:
        batch_op.drop_index("ix_conversion_distribution")

    op.drop_table("conversion")
