"""drafts"""

import sqlalchemy as sa
from alembic import op

import wiki.db


revision = '7c1d0e5a92b4'
down_revision = 'a1556bef2ca1'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('draft',
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('page_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('fields', sa.LargeBinary(), nullable=False),
    sa.Column('at', wiki.db.Moment(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_draft_account_id_account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_draft_page_id_page'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'place', name=op.f('pk_draft'))
    )
    op.create_index(op.f('ix_draft_page_id'), 'draft', ['page_id'])
    op.create_index(op.f('ix_draft_at'), 'draft', ['at'])


def downgrade() -> None:
    op.drop_table('draft')
