"""projects have documents"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "05343deb1e11"
down_revision = "2c8fcbb03459"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "act_id"], ["project_act.compound_id", "project_act.id"], name=op.f("fk_document_compound_id_act_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_document_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"], ["project.compound_id", "project.id"], name=op.f("fk_document_compound_id_project_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_document_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_document")),
        sa.UniqueConstraint("compound_id", "chain_id", "version", name=op.f("uq_document_compound_id_chain_id_version")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_project", ["compound_id", "project_id", "made_at"], unique=False)

    op.create_table(
        "document_page",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "document_id"],
            ["document.compound_id", "document.id"],
            name=op.f("fk_document_page_compound_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "id"], ["photo.compound_id", "photo.id"], name=op.f("fk_document_page_compound_id_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_document_page_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_document_page")),
        sa.UniqueConstraint(
            "compound_id", "document_id", "position", name=op.f("uq_document_page_compound_id_document_id_position")
        ),
    )


def downgrade() -> None:
    op.drop_table("document_page")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_project")

    op.drop_table("document")
