"""The keys of clients' status pages, as digests. A revision is history: it is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of keys."""
    op.create_table(
        "page_keys",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_page_keys"),
    )
