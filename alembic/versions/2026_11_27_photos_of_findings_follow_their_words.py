"""photos of findings follow their words

What a photo showed (before, after, when it was looked at) is told by the step that it came with: its own column goes.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "d2308266b173"
down_revision = "4c54d22fe97d"
branch_labels = None
depends_on = None

ROLES = """UPDATE finding_photo SET role = CASE
    WHEN act_id IS NULL THEN 'before'
    WHEN (SELECT a.kind FROM finding_act a WHERE a.compound_id = finding_photo.compound_id AND a.id = finding_photo.act_id)
        = 'answered' THEN 'after'
    ELSE 'recheck' END"""


def upgrade() -> None:
    op.create_table(
        "awaited_photo",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("announced_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("caption", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("device_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("exif_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["compound_id", "act_id"],
            ["finding_act.compound_id", "finding_act.id"],
            name=op.f("fk_awaited_photo_compound_id_act_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "finding_id"],
            ["finding.compound_id", "finding.id"],
            name=op.f("fk_awaited_photo_compound_id_finding_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_awaited_photo_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_awaited_photo")),
    )
    with op.batch_alter_table("awaited_photo", schema=None) as batch_op:
        batch_op.create_index("ix_awaited_photo_finding", ["compound_id", "finding_id", "act_id", "position"], unique=False)

    with op.batch_alter_table("finding_act", schema=None) as batch_op:
        batch_op.add_column(sa.Column("of_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_finding_act_compound_id_of_id"), "finding_act", ["compound_id", "of_id"], ["compound_id", "id"]
        )

    with op.batch_alter_table("finding_photo", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_finding_photo_compound_id_finding_id_role_photo_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_finding_photo_compound_id_finding_id_photo_id"), ["compound_id", "finding_id", "photo_id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_finding_photo_compound_id_act_id"), "finding_act", ["compound_id", "act_id"], ["compound_id", "id"]
        )
        batch_op.drop_column("role")


def downgrade() -> None:
    """Only while no photo was announced: what waits for its photos has no place before this step."""
    if op.get_bind().execute(sa.text("SELECT COUNT(*) FROM awaited_photo")).scalar_one():
        raise RuntimeError("announced photos have no place before this step")
    with op.batch_alter_table("finding_photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.VARCHAR(length=10), nullable=True))
    op.execute(ROLES)
    with op.batch_alter_table("finding_photo", schema=None) as batch_op:
        batch_op.alter_column("role", existing_type=sa.VARCHAR(length=10), nullable=False)
        batch_op.drop_constraint(batch_op.f("fk_finding_photo_compound_id_act_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_finding_photo_compound_id_finding_id_photo_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_finding_photo_compound_id_finding_id_role_photo_id"), ["compound_id", "finding_id", "role", "photo_id"]
        )

    with op.batch_alter_table("finding_act", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_finding_act_compound_id_of_id"), type_="foreignkey")
        batch_op.drop_column("of_id")

    with op.batch_alter_table("awaited_photo", schema=None) as batch_op:
        batch_op.drop_index("ix_awaited_photo_finding")

    op.drop_table("awaited_photo")
