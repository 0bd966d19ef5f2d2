"""Settled records are only keys, kept for a while; how long records take is kept. Never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = ("flow", "value", "settled")
COVERED = ("flow", "source_covered")


def upgrade() -> None:
    """Add the columns, and settle the records that were decided and had arrived."""
    op.add_column("records", sa.Column("settled", sa.BigInteger))
    for end in ("source_began", "destination_began"):
        op.add_column("books", sa.Column(end, sa.BigInteger))
    op.add_column("books", sa.Column("pace", sa.Text))
    records, books = sa.table("records", *map(sa.column, COLUMNS)), sa.table("books", *map(sa.column, COVERED))
    read = sa.select(books.c.source_covered).where(books.c.flow == records.c.flow).scalar_subquery()
    decided = sa.or_(*(records.c.value.contains(f'"late":{late}', autoescape=True) for late in ("true", "false")))
    arrived = records.c.value.contains('"state":"matched"', autoescape=True)
    op.execute(records.update().where(arrived, decided).values(settled=sa.func.coalesce(read, 0)))
