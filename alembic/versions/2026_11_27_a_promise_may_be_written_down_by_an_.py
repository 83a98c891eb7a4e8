"""a promise may be written down by an officer"""

import sqlalchemy as sa
from alembic import op

revision = "1744bce7c48e"
down_revision = "e45d29bba6c9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_by_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_pledge_compound_id_entered_by_id"), "person", ["compound_id", "entered_by_id"], ["compound_id", "id"]
        )
        batch_op.create_check_constraint(batch_op.f("ck_pledge_entered_by_another"), "entered_by_id <> person_id")


def downgrade() -> None:
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_pledge_entered_by_another"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_pledge_compound_id_entered_by_id"), type_="foreignkey")
        batch_op.drop_column("entered_by_id")
