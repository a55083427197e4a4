"""what communities say of themselves, and invitations"""

import sqlalchemy as sa
from alembic import op

revision = "b17ed405c936"
down_revision = "a06dc3f4b825"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "community",
        sa.Column("space_id", BigId, nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("licences", sa.Text(), nullable=False),
        sa.Column("welcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_community_space_id_space"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_community")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.LargeBinary(32), nullable=False),
        sa.Column("space_id", BigId, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("by_id", BigId, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["space_id"], ["space.id"], name=op.f("fk_invitation_space_id_space"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_invitation_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code", name=op.f("uq_invitation_code")),
    )
    op.create_index(op.f("ix_invitation_space_id"), "invitation", ["space_id"])


def downgrade() -> None:
    op.drop_table("invitation")
    op.drop_table("community")
