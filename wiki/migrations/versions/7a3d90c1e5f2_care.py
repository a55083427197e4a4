"""care: holds, blocks, flags, notices"""

import sqlalchemy as sa
from alembic import op

revision = "7a3d90c1e5f2"
down_revision = "2f6c0b9a7d31"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Columns are added in place: making `page`, `revision` or `account` anew would empty what refers to them.
    op.add_column("page", sa.Column("shown", sa.Integer(), nullable=True))
    op.add_column("revision", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("file", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("account", sa.Column("blocked", sa.BigInteger(), nullable=True))
    op.create_table(
        "flag",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.LargeBinary(16), nullable=False),
        sa.Column("page_id", BigId, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("file_id", BigId, nullable=True),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("closed_by_id", BigId, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_flag_page_id_page")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_flag_file_id_file")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_flag_by_id_account")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["account.id"], name=op.f("fk_flag_closed_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("uid", name=op.f("uq_flag_uid")),
    )
    op.create_index("ix_flag_closed", "flag", ["closed", "id"])
    op.create_table(
        "notice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("page_id", BigId, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notice_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_notice_page_id_page")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_account_id", "notice", ["account_id", "id"])
    op.create_index("ix_notice_replied", "notice", ["replied"])


def downgrade() -> None:
    op.drop_table("notice")
    op.drop_table("flag")
    op.drop_column("account", "blocked")
    op.drop_column("file", "held")
    op.drop_column("revision", "held")
    op.drop_column("page", "shown")
