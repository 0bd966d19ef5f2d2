"""What others report: the journal and the alerts. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the intake."""
    op.create_table(
        "intake",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("timeout", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake"),
    )
    op.create_table(
        "reported",
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_reported"),
    )
