"""projects are asked about and followed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "e7b9762a53cf"
down_revision = "f55dab343bae"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_follow",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["compound_id", "person_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_project_follow_compound_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"],
            ["project.compound_id", "project.id"],
            name=op.f("fk_project_follow_compound_id_project_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_project_follow_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_project_follow")),
        sa.UniqueConstraint(
            "compound_id", "project_id", "person_id", name=op.f("uq_project_follow_compound_id_project_id_person_id")
        ),
    )
    op.create_table(
        "question",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "person_id"], ["person.compound_id", "person.id"], name=op.f("fk_question_compound_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"], ["project.compound_id", "project.id"], name=op.f("fk_question_compound_id_project_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_question_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_question")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index("ix_question_project", ["compound_id", "project_id", "asked_at", "id"], unique=False)

    op.create_table(
        "question_answer",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "person_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_question_answer_compound_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "question_id"],
            ["question.compound_id", "question.id"],
            name=op.f("fk_question_answer_compound_id_question_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_question_answer_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_question_answer")),
        sa.UniqueConstraint("compound_id", "question_id", name=op.f("uq_question_answer_compound_id_question_id")),
    )


def downgrade() -> None:
    op.drop_table("question_answer")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index("ix_question_project")

    op.drop_table("question")
    op.drop_table("project_follow")
