"""under what names the files of a source were kept"""

import sqlalchemy as sa
from alembic import op

revision = "9c5fb2e3a714"
down_revision = "8b4ea1d2f603"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("imported") as table:
        table.add_column(sa.Column("files", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("imported") as table:
        table.drop_column("files")
