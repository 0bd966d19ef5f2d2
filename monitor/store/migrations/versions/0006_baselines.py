"""What clients' weeks are like. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of baselines."""
    op.create_table(
        "baselines",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.LargeBinary, nullable=False),
        sa.Column("low", sa.Integer, nullable=False),
        sa.Column("a_week", sa.Double, nullable=False),
        sa.Column("spread", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_baselines"),
    )
