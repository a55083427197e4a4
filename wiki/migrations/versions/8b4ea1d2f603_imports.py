"""what sources elsewhere said last"""

import sqlalchemy as sa
from alembic import op

revision = "8b4ea1d2f603"
down_revision = "7a3d90c1e5f2"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "imported",
        sa.Column("page_id", BigId, nullable=False),
        sa.Column("source", sa.LargeBinary(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_imported_page_id_page"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_imported")),
        sa.UniqueConstraint("source", name=op.f("uq_imported_source")),
    )


def downgrade() -> None:
    op.drop_table("imported")
