"""Overrides, calendars in and out, and handovers. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEYS = {
    "overrides": "id",
    "rotas": "schedule",
    "handovers": "schedule",
    "duty_events": "schedule",
    "calendar_links": "subject",
}


def upgrade() -> None:
    """Make a table of each."""
    for name, key in KEYS.items():
        op.create_table(
            name,
            sa.Column(key, sa.Text, nullable=False),
            sa.Column("value", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        )
