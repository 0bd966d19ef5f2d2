"""Systems' upkeep, and what lists do. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of upkeep, feeds and habits."""
    for name, key in (("upkeep", "system"), ("feeds", "probe"), ("habits", "probe")):
        op.create_table(
            name,
            sa.Column(key, sa.Text, nullable=False),
            sa.Column("value", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        )
