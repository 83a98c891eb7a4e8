"""projects have a warranty"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "3c21aca643f3"
down_revision = "05343deb1e11"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "warranty",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_warranty_in_order")),
        sa.ForeignKeyConstraint(
            ["compound_id", "act_id"], ["project_act.compound_id", "project_act.id"], name=op.f("fk_warranty_compound_id_act_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"], ["project.compound_id", "project.id"], name=op.f("fk_warranty_compound_id_project_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_warranty_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_warranty")),
        sa.UniqueConstraint("compound_id", "act_id", "kind", name=op.f("uq_warranty_compound_id_act_id_kind")),
    )


def downgrade() -> None:
    op.drop_table("warranty")
