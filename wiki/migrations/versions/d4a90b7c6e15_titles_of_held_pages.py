"""pages of which all is held are called by their places"""

from alembic import op

revision = "d4a90b7c6e15"
down_revision = "c28fe516da47"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE page SET title = slug WHERE shown = 0")


def downgrade() -> None:
    """Their titles come back with their release."""
