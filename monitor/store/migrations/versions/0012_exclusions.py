"""What is kept out of the promises, with its cause. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of exclusions, and count looks apart that are kept out of the promises."""
    op.create_table(
        "exclusions",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_exclusions"),
    )
    for name in ("excluded_good", "excluded_bad"):
        op.add_column("looks", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
