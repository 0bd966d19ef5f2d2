"""Silences, and windows of maintenance that people set. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of silences and of windows."""
    for name in ("silences", "windows"):
        op.create_table(
            name,
            sa.Column("id", sa.Text, nullable=False),
            sa.Column("value", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )
