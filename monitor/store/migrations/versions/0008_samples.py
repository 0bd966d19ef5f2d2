"""What reconciliation has sampled of each flow. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of samples."""
    op.create_table(
        "samples",
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("flow", name="pk_samples"),
    )
