"""projects have a life

Every project so far had its contractor: where a phase has begun it is being built, else its contract is signed. That it stood
there is the first act of its life, and has the project's own id.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "56fe2653a7af"
down_revision = "a90ff789e5c1"
branch_labels = None
depends_on = None


STAGES = """UPDATE project SET stage = CASE WHEN EXISTS (
    SELECT 1 FROM phase p WHERE p.compound_id = project.compound_id AND p.project_id = project.id AND p.state <> 'planned')
    THEN 'building' ELSE 'contracted' END"""

FIRST_ACTS = """INSERT INTO project_act
    (compound_id, id, sent_sha256, project_id, position, kind, stage, happened_on, office, reference, how, text, by_id, done_at)
    SELECT compound_id, id, sent_sha256, id, 1, 'entered', stage, started_on, '', '', '', '', made_by_id, made_at FROM project"""


def upgrade() -> None:
    op.create_table(
        "project_act",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("office", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("until_on >= happened_on", name=op.f("ck_project_act_in_order")),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_project_act_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"],
            ["project.compound_id", "project.id"],
            name=op.f("fk_project_act_compound_id_project_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_project_act_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_project_act")),
        sa.UniqueConstraint("compound_id", "project_id", "position", name=op.f("uq_project_act_compound_id_project_id_position")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True))
    op.execute(STAGES)
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.alter_column("stage", existing_type=sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False)
    op.execute(FIRST_ACTS)


def downgrade() -> None:
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_column("stage")

    op.drop_table("project_act")
