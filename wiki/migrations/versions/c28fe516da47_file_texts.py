"""the texts that stand in files"""

import sqlalchemy as sa
from alembic import op

revision = "c28fe516da47"
down_revision = "b17ed405c936"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_text",
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["file.sha256"], name=op.f("fk_file_text_sha256_file"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file_text")),
    )


def downgrade() -> None:
    op.drop_table("file_text")
