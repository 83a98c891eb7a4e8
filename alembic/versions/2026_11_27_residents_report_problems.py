"""residents report problems"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "751ba11a8586"
down_revision = "56fe2653a7af"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "problem",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("building_id", sa.Uuid(), nullable=True),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("reported_by_id", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "building_id"],
            ["building.compound_id", "building.id"],
            name=op.f("fk_problem_compound_id_building_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "reported_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_problem_compound_id_reported_by_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_problem_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_problem")),
    )
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.create_index("ix_problem_day", ["compound_id", "reported_at", "id"], unique=False)
        batch_op.create_index("ix_problem_reporter", ["compound_id", "reported_by_id"], unique=False)

    op.create_table(
        "problem_act",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("problem_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("project_id IS NOT NULL OR text <> ''", name=op.f("ck_problem_act_says_something")),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_problem_act_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "problem_id"],
            ["problem.compound_id", "problem.id"],
            name=op.f("fk_problem_act_compound_id_problem_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"],
            ["project.compound_id", "project.id"],
            name=op.f("fk_problem_act_compound_id_project_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_problem_act_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_problem_act")),
        sa.UniqueConstraint("compound_id", "problem_id", "position", name=op.f("uq_problem_act_compound_id_problem_id_position")),
    )
    with op.batch_alter_table("problem_act", schema=None) as batch_op:
        batch_op.create_index("ix_problem_act_project", ["compound_id", "project_id"], unique=False)

    op.create_table(
        "problem_photo",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("problem_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "id"], ["photo.compound_id", "photo.id"], name=op.f("fk_problem_photo_compound_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "problem_id"],
            ["problem.compound_id", "problem.id"],
            name=op.f("fk_problem_photo_compound_id_problem_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_problem_photo_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_problem_photo")),
    )
    with op.batch_alter_table("problem_photo", schema=None) as batch_op:
        batch_op.create_index("ix_problem_photo_problem", ["compound_id", "problem_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("problem_photo", schema=None) as batch_op:
        batch_op.drop_index("ix_problem_photo_problem")

    op.drop_table("problem_photo")
    with op.batch_alter_table("problem_act", schema=None) as batch_op:
        batch_op.drop_index("ix_problem_act_project")

    op.drop_table("problem_act")
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.drop_index("ix_problem_reporter")
        batch_op.drop_index("ix_problem_day")

    op.drop_table("problem")
