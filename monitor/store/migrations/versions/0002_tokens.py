"""Access tokens that outlive the process. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of tokens."""
    op.create_table(
        "tokens",
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("value", sa.Text),
        sa.PrimaryKeyConstraint("system", name="pk_tokens"),
    )
