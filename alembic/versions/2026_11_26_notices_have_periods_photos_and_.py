"""notices have periods, photos and withdrawals"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "ffce3b0f1993"
down_revision = "10cf73979555"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "board_photo",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("moment", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("posted_by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "id"], ["photo.compound_id", "photo.id"], name=op.f("fk_board_photo_compound_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "notice_id"], ["notice.compound_id", "notice.id"], name=op.f("fk_board_photo_compound_id_notice_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "posted_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_board_photo_compound_id_posted_by_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_board_photo_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_board_photo")),
    )
    with op.batch_alter_table("board_photo", schema=None) as batch_op:
        batch_op.create_index("ix_board_photo_notice", ["compound_id", "notice_id", "moment"], unique=False)

    op.create_table(
        "objection_photo",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "id"], ["photo.compound_id", "photo.id"], name=op.f("fk_objection_photo_compound_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "objection_id"],
            ["objection.compound_id", "objection.id"],
            name=op.f("fk_objection_photo_compound_id_objection_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_objection_photo_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_objection_photo")),
    )
    with op.batch_alter_table("objection_photo", schema=None) as batch_op:
        batch_op.create_index("ix_objection_photo_objection", ["compound_id", "objection_id"], unique=False)

    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("days", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("working", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("covers_from_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("covers_to_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_notice_compound_id_withdrawn_by_id"),
            "person",
            ["compound_id", "withdrawn_by_id"],
            ["compound_id", "id"],
        )

    # What is published already says which period it is about.
    for end in ("from_on", "to_on"):
        op.execute(
            f"UPDATE notice SET covers_{end} = (SELECT s.{end} FROM statement s"
            " WHERE s.compound_id = notice.compound_id AND s.notice_id = notice.id)"
        )

    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_by_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_objection_compound_id_entered_by_id"),
            "person",
            ["compound_id", "entered_by_id"],
            ["compound_id", "id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_objection_compound_id_entered_by_id"), type_="foreignkey")
        batch_op.drop_column("entered_by_id")

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notice_compound_id_withdrawn_by_id"), type_="foreignkey")
        batch_op.drop_column("withdrawn_by_id")
        batch_op.drop_column("covers_to_on")
        batch_op.drop_column("covers_from_on")
        batch_op.drop_column("working")
        batch_op.drop_column("days")

    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_column("withdrawn")

    with op.batch_alter_table("objection_photo", schema=None) as batch_op:
        batch_op.drop_index("ix_objection_photo_objection")

    op.drop_table("objection_photo")
    with op.batch_alter_table("board_photo", schema=None) as batch_op:
        batch_op.drop_index("ix_board_photo_notice")

    op.drop_table("board_photo")
