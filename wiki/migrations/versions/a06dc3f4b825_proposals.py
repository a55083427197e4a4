"""changes left out of pulls, proposals and what is said of them"""

import sqlalchemy as sa
from alembic import op

revision = "a06dc3f4b825"
down_revision = "9c5fb2e3a714"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _to(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete
    )


def upgrade() -> None:
    op.create_table(
        "left_out",
        sa.Column("page_id", BigId, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("change", sa.LargeBinary(8), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        _to("left_out", "page_id", "page", "CASCADE"),
        _to("left_out", "source_id", "page", "CASCADE"),
        sa.PrimaryKeyConstraint("page_id", "source_id", "change", name=op.f("pk_left_out")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("page_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("onto", sa.Integer(), nullable=False),
        sa.Column("source_id", BigId, nullable=True),
        sa.Column("source_number", sa.Integer(), nullable=True),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("became", sa.Integer(), nullable=True),
        _to("proposal", "page_id", "page"),
        _to("proposal", "source_id", "page"),
        _to("proposal", "by_id", "account"),
        _to("proposal", "decided_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("uid", name=op.f("uq_proposal_uid")),
        sa.UniqueConstraint("page_id", "number", name=op.f("uq_proposal_page_id_number")),
    )
    op.create_index("ix_proposal_state", "proposal", ["page_id", "state"])
    op.create_index(op.f("ix_proposal_source_id"), "proposal", ["source_id"])
    op.create_index(op.f("ix_proposal_by_id"), "proposal", ["by_id"])
    op.create_table(
        "remark",
        sa.Column("id", BigId, nullable=False),
        sa.Column("proposal_id", BigId, nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        _to("remark", "proposal_id", "proposal", "CASCADE"),
        _to("remark", "by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index(op.f("ix_remark_proposal_id"), "remark", ["proposal_id"])


def downgrade() -> None:
    for name in ("remark", "proposal", "left_out"):
        op.drop_table(name)
