"""under what names the files of a source were kept"""

import sqlalchemy as sa
from alembic import op

revision = "9c5fb2e3a714"
down_revision = "8b4ea1d2f603"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("imported", sa.Column("files", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("imported", "files")
