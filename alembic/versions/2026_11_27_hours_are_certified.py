"""hours are certified"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "bc0188330501"
down_revision = "c65319d0d632"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("issued_by_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_by_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoked_because", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_certificate_revoked_by_somebody")),
        sa.CheckConstraint("issued_by_id <> person_id", name=op.f("ck_certificate_issued_by_another")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_certificate_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["compound_id", "issued_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_certificate_compound_id_issued_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "person_id"], ["person.compound_id", "person.id"], name=op.f("fk_certificate_compound_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "revoked_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_certificate_compound_id_revoked_by_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_certificate_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("compound_id", "year", "number", name=op.f("uq_certificate_compound_id_year_number")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_person", ["compound_id", "person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_person")

    op.drop_table("certificate")
