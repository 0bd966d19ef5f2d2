"""Marks of contacts, threads at receivers, how channels were of late. A revision is history: it is never edited."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of what is known of receivers, each a value under a key."""
    for name, key in (("contact_marks", "key"), ("conversations", "key"), ("canaries", "channel")):
        op.create_table(
            name,
            sa.Column(key, sa.Text, nullable=False),
            sa.Column("value", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        )
