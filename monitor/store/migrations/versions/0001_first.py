"""The first schema. A revision is history: it names plain column types and is never edited after a release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _make_incidents()
    _make_states()
    _make_books()
    _make_outbox()
    _make_audit()


def _make_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("resolved", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("number", name="uq_incidents_number"),
    )
    op.create_index("ix_incidents_resolved", "incidents", ["resolved"])
    op.create_table(
        "timeline",
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name="fk_timeline_incident", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident", "sequence", name="pk_timeline"),
    )


def _make_states() -> None:
    op.create_table(
        "alerts",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_alerts"),
    )
    for table, key in (("indicators", "key"), ("cursors", "probe"), ("balances", "system")):
        op.create_table(
            table,
            sa.Column(key, sa.Text, nullable=False),
            sa.Column("value", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint(key, name=f"pk_{table}"),
        )


def _make_books() -> None:
    op.create_table(
        "books",
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("source_covered", sa.BigInteger),
        sa.Column("destination_covered", sa.BigInteger),
        sa.PrimaryKeyConstraint("flow", name="pk_books"),
    )
    op.create_table(
        "records",
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("flow", "key", name="pk_records"),
    )


def _make_outbox() -> None:
    op.create_table(
        "messages",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("incident", sa.Text),
        sa.Column("client", sa.Text),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_messages"),
    )
    for column in ("created", "incident", "client"):
        op.create_index(f"ix_messages_{column}", "messages", [column])
    queued = sa.text("state = 'queued'")
    op.create_index("ix_messages_queued", "messages", ["lane", "next_at"], sqlite_where=queued, postgresql_where=queued)
    _make_deliveries()


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("permanent", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["messages.key"], name="fk_deliveries_key", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "attempt", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_started", "deliveries", ["started"])
    sending = sa.text("state = 'sending'")
    op.create_index("ix_deliveries_sending", "deliveries", ["key"], sqlite_where=sending, postgresql_where=sending)


def _make_audit() -> None:
    op.create_table(
        "looks",
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("hour", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("bad", sa.Integer, nullable=False),
        sa.Column("unknown", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("system", "hour", name="pk_looks"),
    )
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_acts"),
    )
    op.create_index("ix_acts_at", "acts", ["at"])
    op.create_table(
        "pulse",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pulse"),
    )
