"""findings have acts

Receipts, answers and re-checks become the acts of their finding, after the one that issued it, in the order of their time.
What a row is made of gives it its id.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "90b8bb1a66d8"
down_revision = "d3d895ee9242"
branch_labels = None
depends_on = None


ACTS = """INSERT INTO finding_act
    (compound_id, id, sent_sha256, finding_id, position, kind, by_id, link_id, by_name, text, state, due_on, done_at)
SELECT a.compound_id, a.id, a.sent, a.finding_id,
       ROW_NUMBER() OVER (PARTITION BY a.compound_id, a.finding_id ORDER BY a.step, a.done_at, a.id),
       a.kind, a.by_id, a.link_id, a.by_name, a.text,
       CASE a.kind WHEN 'answered' THEN 'rectified_claimed' WHEN 'mended' THEN 'closed' WHEN 'not_mended' THEN 'rejected'
                   WHEN 'reopened' THEN 'reopened' WHEN 'unfixed' THEN 'closed_unfixed' ELSE 'issued' END,
       f.due_on, a.done_at
FROM (SELECT compound_id, id, :nothing AS sent, id AS finding_id, 0 AS step, 'issued' AS kind, raised_by_id AS by_id,
             NULL AS link_id, '' AS by_name, '' AS text, raised_at AS done_at FROM finding
      UNION ALL
      SELECT compound_id, id, :nothing, finding_id, 1, 'received', NULL, id, '', '', received_at FROM finding_link
      WHERE received_at IS NOT NULL
      UNION ALL
      SELECT compound_id, id, sent_sha256, finding_id, 1, 'answered', NULL, link_id, answered_by, text, answered_at
      FROM rectification
      UNION ALL
      SELECT compound_id, id, sent_sha256, finding_id, 1, verdict, checked_by_id, NULL, '', text, checked_at FROM recheck) a
JOIN finding f ON f.compound_id = a.compound_id AND f.id = a.finding_id"""

STATES = """UPDATE finding SET state = CASE state
    WHEN 'open' THEN CASE WHEN reopened = 0 THEN 'issued' ELSE
        (SELECT a.state FROM finding_act a WHERE a.compound_id = finding.compound_id AND a.finding_id = finding.id
         AND a.kind IN ('not_mended', 'reopened') ORDER BY a.position DESC LIMIT 1) END
    WHEN 'answered' THEN 'rectified_claimed'
    ELSE state END"""

NOT_TAKEN_BACK = """SELECT
    (SELECT COUNT(*) FROM finding WHERE number IS NULL OR seconded_by_id IS NOT NULL OR reported_at IS NOT NULL)
    + (SELECT COUNT(*) FROM finding_act
       WHERE kind NOT IN ('issued', 'received', 'answered', 'mended', 'not_mended', 'unfixed', 'reopened'))"""

STATES_BACK = """UPDATE finding SET state = CASE state
    WHEN 'issued' THEN 'open' WHEN 'rejected' THEN 'open' WHEN 'reopened' THEN 'open'
    WHEN 'rectified_claimed' THEN 'answered' ELSE state END"""

ACTS_BACK = (
    """INSERT INTO rectification (compound_id, id, finding_id, link_id, text, answered_by, answered_at, sent_sha256)
       SELECT compound_id, id, finding_id, link_id, text, by_name, done_at, sent_sha256 FROM finding_act
       WHERE kind = 'answered'""",
    """INSERT INTO recheck
       (compound_id, id, finding_id, rectification_id, verdict, text, checked_by_id, checked_at, sent_sha256)
       SELECT c.compound_id, c.id, c.finding_id,
              CASE WHEN c.kind = 'reopened' THEN NULL ELSE
                   (SELECT a.id FROM finding_act a WHERE a.compound_id = c.compound_id AND a.finding_id = c.finding_id
                    AND a.kind = 'answered' AND a.position < c.position ORDER BY a.position DESC LIMIT 1) END,
              c.kind, c.text, c.by_id, c.done_at, c.sent_sha256
       FROM finding_act c WHERE c.kind IN ('mended', 'not_mended', 'unfixed', 'reopened')""",
)


def upgrade() -> None:
    op.create_table(
        "finding_act",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN link_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN by_id IS NULL THEN 0 ELSE 1 END)"
            " = CASE WHEN kind = 'escalated' THEN 0 ELSE 1 END",
            name=op.f("ck_finding_act_done_by_one"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "by_id"], ["person.compound_id", "person.id"], name=op.f("fk_finding_act_compound_id_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "finding_id"],
            ["finding.compound_id", "finding.id"],
            name=op.f("fk_finding_act_compound_id_finding_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "link_id"],
            ["finding_link.compound_id", "finding_link.id"],
            name=op.f("fk_finding_act_compound_id_link_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_finding_act_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_finding_act")),
        sa.UniqueConstraint("compound_id", "finding_id", "position", name=op.f("uq_finding_act_compound_id_finding_id_position")),
    )
    op.get_bind().execute(sa.text(ACTS), {"nothing": b""})
    for table in ("recheck", "rectification"):
        op.drop_table(table)
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seconded_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("reported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.alter_column("year", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("number", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column(
            "state",
            existing_type=sqlmodel.sql.sqltypes.AutoString(length=16),
            type_=sqlmodel.sql.sqltypes.AutoString(length=20),
            existing_nullable=False,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_finding_compound_id_seconded_by_id"),
            "person",
            ["compound_id", "seconded_by_id"],
            ["compound_id", "id"],
        )
        batch_op.create_check_constraint("numbered_when_issued", "number IS NOT NULL OR state IN ('draft', 'void')")
        batch_op.create_check_constraint("number_is_whole", "(year IS NULL) = (number IS NULL)")
        batch_op.create_check_constraint("seconded_by_another", "seconded_by_id <> raised_by_id")
    op.execute(STATES)


def downgrade() -> None:
    """Only while nothing was done about a finding that there was no room for: a second signature, a dispute, a report."""
    if op.get_bind().execute(sa.text(NOT_TAKEN_BACK)).scalar_one():
        raise RuntimeError("drafts, second signatures, disputes, reports and escalations have no place before this step")
    op.execute(STATES_BACK)
    with op.batch_alter_table("finding", schema=None) as batch_op:
        for check in ("numbered_when_issued", "number_is_whole", "seconded_by_another"):
            batch_op.drop_constraint(batch_op.f(f"ck_finding_{check}"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_finding_compound_id_seconded_by_id"), type_="foreignkey")
        batch_op.alter_column(
            "state",
            existing_type=sqlmodel.sql.sqltypes.AutoString(length=20),
            type_=sqlmodel.sql.sqltypes.AutoString(length=16),
            existing_nullable=False,
        )
        batch_op.alter_column("number", existing_type=sa.INTEGER(), nullable=False)
        batch_op.alter_column("year", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("reported_at")
        batch_op.drop_column("seconded_by_id")

    op.create_table(
        "rectification",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("answered_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "finding_id"],
            ["finding.compound_id", "finding.id"],
            name=op.f("fk_rectification_compound_id_finding_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "link_id"],
            ["finding_link.compound_id", "finding_link.id"],
            name=op.f("fk_rectification_compound_id_link_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_rectification_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_rectification")),
    )
    with op.batch_alter_table("rectification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rectification_finding"), ["compound_id", "finding_id", "answered_at"], unique=False)

    op.create_table(
        "recheck",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("rectification_id", sa.Uuid(), nullable=True),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["compound_id", "checked_by_id"],
            ["person.compound_id", "person.id"],
            name=op.f("fk_recheck_compound_id_checked_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "finding_id"], ["finding.compound_id", "finding.id"], name=op.f("fk_recheck_compound_id_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id", "rectification_id"],
            ["rectification.compound_id", "rectification.id"],
            name=op.f("fk_recheck_compound_id_rectification_id"),
        ),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_recheck_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", "id", name=op.f("pk_recheck")),
    )
    with op.batch_alter_table("recheck", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recheck_finding"), ["compound_id", "finding_id", "checked_at"], unique=False)

    for statement in ACTS_BACK:
        op.execute(statement)
    op.drop_table("finding_act")
