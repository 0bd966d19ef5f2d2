"""Settled records are only keys, remembered for a while; how long records take is kept. Never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and settle the records that were decided and had arrived."""
    op.add_column("records", sa.Column("settled", sa.BigInteger))
    op.add_column("books", sa.Column("pace", sa.Text))
    op.execute(
        """UPDATE records
           SET settled = coalesce((SELECT source_covered FROM books WHERE books.flow = records.flow), 0)
           WHERE value LIKE '%"state":"matched"%'
             AND (value LIKE '%"late":true%' OR value LIKE '%"late":false%')"""
    )
