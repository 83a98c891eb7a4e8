"""phases have progress"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "dceef5a5cabe"
down_revision = "40a58f58af6d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phase_progress",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("phase_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_phase_progress_part_of_it")),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_phase_progress_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "phase_id"], ["phase.compound_id", "phase.id"], name=op.f("fk_phase_progress_compound_id_phase_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_phase_progress_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_phase_progress")),
    )
    with op.batch_alter_table("phase_progress", schema=None) as batch_op:
        batch_op.create_index("ix_phase_progress_phase", ["compound_id", "phase_id", "on_day", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("phase_progress", schema=None) as batch_op:
        batch_op.drop_index("ix_phase_progress_phase")

    op.drop_table("phase_progress")
