"""works have a contract and payments"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "2c8fcbb03459"
down_revision = "dceef5a5cabe"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "works_contract",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("contractor", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("supervisor", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_works_contract_amount_positive")),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_works_contract_in_order")),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_works_contract_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "decision_id"],
            ["decision.compound_id", "decision.id"],
            name=op.f("fk_works_contract_compound_id_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"],
            ["project.compound_id", "project.id"],
            name=op.f("fk_works_contract_compound_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "supersedes_id"],
            ["works_contract.compound_id", "works_contract.id"],
            name=op.f("fk_works_contract_compound_id_supersedes_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_works_contract_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_works_contract")),
        sa.UniqueConstraint("compound_id", "supersedes_id", name=op.f("uq_works_contract_compound_id_supersedes_id")),
    )
    with op.batch_alter_table("works_contract", schema=None) as batch_op:
        batch_op.create_index("ix_works_contract_project", ["compound_id", "project_id", "position"], unique=False)

    op.create_table(
        "milestone",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("share", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("due", sqlmodel.sql.sqltypes.AutoString(length=13), nullable=False),
        sa.Column("phase_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(phase_id IS NOT NULL) = (due = 'phase')", name=op.f("ck_milestone_phase_named")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_milestone_amount_positive")),
        sa.ForeignKeyConstraint(
            ["compound_id", "contract_id"],
            ["works_contract.compound_id", "works_contract.id"],
            name=op.f("fk_milestone_compound_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "phase_id"], ["phase.compound_id", "phase.id"], name=op.f("fk_milestone_compound_id_phase_id")
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_milestone_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("compound_id", "contract_id", "position", name=op.f("uq_milestone_compound_id_contract_id_position")),
    )
    op.create_table(
        "works_payment",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payer", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("takes_back_id", sa.Uuid(), nullable=True),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(amount_fen > 0) = (takes_back_id IS NULL)", name=op.f("ck_works_payment_signed")),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_works_payment_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "entry_id"],
            ["journal_entry.compound_id", "journal_entry.id"],
            name=op.f("fk_works_payment_compound_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "project_id"],
            ["project.compound_id", "project.id"],
            name=op.f("fk_works_payment_compound_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "takes_back_id"],
            ["works_payment.compound_id", "works_payment.id"],
            name=op.f("fk_works_payment_compound_id_takes_back_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_works_payment_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_works_payment")),
        sa.UniqueConstraint("compound_id", "takes_back_id", name=op.f("uq_works_payment_compound_id_takes_back_id")),
    )
    with op.batch_alter_table("works_payment", schema=None) as batch_op:
        batch_op.create_index("ix_works_payment_entry", ["compound_id", "entry_id"], unique=False)
        batch_op.create_index("ix_works_payment_project", ["compound_id", "project_id", "paid_on", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("works_payment", schema=None) as batch_op:
        batch_op.drop_index("ix_works_payment_project")
        batch_op.drop_index("ix_works_payment_entry")

    op.drop_table("works_payment")
    op.drop_table("milestone")
    with op.batch_alter_table("works_contract", schema=None) as batch_op:
        batch_op.drop_index("ix_works_contract_project")

    op.drop_table("works_contract")
