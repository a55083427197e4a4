"""snapshot crc"""

import zlib

import sqlalchemy as sa
from alembic import op

revision = "2f6c0b9a7d31"
down_revision = "1d9d252ad518"
branch_labels = None
depends_on = None

BATCH = 500
snapshot = sa.table("snapshot", sa.column("id"), sa.column("body"), sa.column("crc"))


def upgrade() -> None:
    op.add_column("snapshot", sa.Column("crc", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    next_rows = sa.select(snapshot.c.id, snapshot.c.body).order_by(snapshot.c.id).limit(BATCH)
    set_crc = sa.update(snapshot).where(snapshot.c.id == sa.bindparam("row")).values(crc=sa.bindparam("found"))
    after = 0
    while rows := connection.execute(next_rows.where(snapshot.c.id > after)).all():
        connection.execute(set_crc, [{"row": id, "found": zlib.crc32(body)} for id, body in rows])
        after = rows[-1].id
    with op.batch_alter_table("snapshot") as batch:
        batch.alter_column("crc", existing_type=sa.BigInteger(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("snapshot") as batch:
        batch.drop_column("crc")
