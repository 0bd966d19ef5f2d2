"""What was heard of heartbeats. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of heartbeats."""
    op.create_table(
        "heartbeats",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeats"),
    )
