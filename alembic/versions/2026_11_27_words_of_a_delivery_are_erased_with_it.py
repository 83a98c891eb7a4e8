"""words of a delivery are erased with it"""

from alembic import op

revision = "22c88d7c40de"
down_revision = "4b9a7a540042"
branch_labels = None
depends_on = None

OF_CLOSED = """
    UPDATE home_delivery SET withdrawn_by_id = asked_by_id, withdrawn_at = (
        SELECT closed_at FROM distribution d WHERE d.compound_id = home_delivery.compound_id AND d.id = distribution_id
    )
    WHERE withdrawn_at IS NULL AND EXISTS (
        SELECT 1 FROM distribution d
        WHERE d.compound_id = home_delivery.compound_id AND d.id = distribution_id AND d.closed_at IS NOT NULL
    )
"""


def upgrade() -> None:
    with op.batch_alter_table("home_delivery", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_home_delivery_says_why"), type_="check")
    op.execute(OF_CLOSED)
    op.execute("UPDATE home_delivery SET reason = '', phone = '', returned_because = '' WHERE withdrawn_at IS NOT NULL")
    with op.batch_alter_table("home_delivery", schema=None) as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_home_delivery_says_why_while_it_stands"), "(reason <> '') = (withdrawn_at IS NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("home_delivery", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_home_delivery_says_why_while_it_stands"), type_="check")
    op.execute("UPDATE home_delivery SET reason = '（已删除）' WHERE reason = ''")
    with op.batch_alter_table("home_delivery", schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f("ck_home_delivery_says_why"), "reason <> ''")
