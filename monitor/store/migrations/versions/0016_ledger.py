"""The ledger tells why and where, and whom for. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAMED = {
    "sqlite": "UPDATE messages SET recipient = json_extract(value, '$.recipient') WHERE json_valid(value)",
    "postgresql": "UPDATE messages SET recipient = value::json ->> 'recipient' WHERE value LIKE '{%'",
}


def upgrade() -> None:
    """Add why an attempt ended so, the kind of its endpoint, and whom a message is for."""
    op.add_column("messages", sa.Column("recipient", sa.Text))
    op.add_column("deliveries", sa.Column("why", sa.Text, nullable=False, server_default="unrecorded"))
    op.add_column("deliveries", sa.Column("endpoint", sa.Text))
    op.execute(NAMED[op.get_bind().dialect.name])
