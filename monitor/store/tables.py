"""The tables, and the two kinds of column that both databases treat alike. Who reads and writes them is next door.

Tables hold transitions and intentions, never raw samples. What a query selects or sorts by is a column; the rest of a
value lies as JSON in the column `value`, written and read by `codec`.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    literal_column,
)
from sqlalchemy.types import TypeDecorator

from alerts.message import DeliveryState, MessageState

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as whole microseconds since 1970 UTC: exact, and sorted the same everywhere.

    A naive datetime raises ValueError, for nobody can know which instant it means.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone; a naive datetime cannot be stored")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the same
        """Return the instant, in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


def storable(text: str) -> str:
    """Return the text without what a database refuses: NUL and lone surrogates, which a vendor's garbage may hold."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


class Words(TypeDecorator[str]):
    """Text from anywhere: what no database takes is replaced, so that one odd name cannot block a whole commit."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same
        """Return the text as both databases take it."""
        return None if value is None else storable(value)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str) -> Column[str]:
    return Column(name, Words, primary_key=True)


def _value() -> Column[str]:
    return Column("value", Text, nullable=False)


INCIDENTS = Table(
    "incidents",
    METADATA,
    _key("id"),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("opened", Instant, nullable=False),
    Column("resolved", Instant, index=True),
)

TIMELINE = Table(
    "timeline",
    METADATA,
    Column("incident", Words, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", Words, nullable=False),
    _value(),
)

ALERTS = Table(
    "alerts",
    METADATA,
    _key("key"),
    Column("state", Words, nullable=False),
    Column("since", Instant, nullable=False),
    _value(),
)

INDICATORS = Table("indicators", METADATA, _key("key"), _value())
CURSORS = Table("cursors", METADATA, _key("probe"), _value())
BALANCES = Table("balances", METADATA, _key("system"), _value())
SAMPLES = Table("samples", METADATA, _key("flow"), _value())
HEARTBEATS = Table("heartbeats", METADATA, _key("id"), _value())
UPKEEP = Table("upkeep", METADATA, _key("system"), _value())
SILENCES = Table("silences", METADATA, _key("id"), _value())
EXCLUSIONS = Table("exclusions", METADATA, _key("key"), _value())
DUNNING = Table("dunning", METADATA, _key("key"), _value())
FORETOLD = Table("foretold", METADATA, _key("key"), _value())
CONTACT_MARKS = Table("contact_marks", METADATA, _key("key"), _value())
NOTICE_DRAFTS = Table("notice_drafts", METADATA, _key("id"), _value())
CONVERSATIONS = Table("conversations", METADATA, _key("key"), _value())
CANARIES = Table("canaries", METADATA, _key("channel"), _value())
WINDOWS = Table("windows", METADATA, _key("id"), _value())
OVERRIDES = Table("overrides", METADATA, _key("id"), _value())
ROTAS = Table("rotas", METADATA, _key("schedule"), _value())
HANDOVERS = Table("handovers", METADATA, _key("schedule"), _value())
DUTY_EVENTS = Table("duty_events", METADATA, _key("schedule"), _value())
CALENDAR_LINKS = Table("calendar_links", METADATA, _key("subject"), _value())
PAGE_KEYS = Table("page_keys", METADATA, _key("digest"), _value())
FEEDS = Table("feeds", METADATA, _key("probe"), _value())
HABITS = Table("habits", METADATA, _key("probe"), _value())
# `counts` are sixteen-bit numbers, the lower byte first.
BASELINES = Table(
    "baselines",
    METADATA,
    _key("key"),
    Column("until", BigInteger, nullable=False),
    Column("counts", LargeBinary, nullable=False),
    Column("low", Integer, nullable=False),
    Column("a_week", Double, nullable=False),
    Column("spread", Double, nullable=False),
)

WEBHOOKS = Table("webhooks", METADATA, _key("system"), _value())
ANNOUNCEMENTS = Table("announcements", METADATA, _key("key"), _value())

WEBHOOK_EVENTS = Table(
    "webhook_events", METADATA, _key("system"), _key("id"), Column("at", Instant, nullable=False, index=True)
)

BOOKS = Table(
    "books",
    METADATA,
    _key("flow"),
    Column("source_covered", Instant),
    Column("destination_covered", Instant),
    Column("source_began", Instant),
    Column("destination_began", Instant),
    Column("pace", Text),
)

# Of a record that is `settled` only the key is still needed, for a while.
RECORDS = Table("records", METADATA, _key("flow"), _key("key"), _value(), Column("settled", Instant))

LOOKS = Table(
    "looks",
    METADATA,
    _key("system"),
    Column("hour", Instant, primary_key=True, autoincrement=False),
    Column("good", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("excluded_good", Integer, nullable=False, server_default="0"),
    Column("excluded_bad", Integer, nullable=False, server_default="0"),
)

ACTS = Table(
    "acts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", Words, nullable=False),
)

# `attempts` counts the attempts begun and `channel` refers to the channel of the next one. `withdrawn` says that the
# message is no longer wanted but was under way when that became known: the attempt is left alone, another never begins.
MESSAGES = Table(
    "messages",
    METADATA,
    _key("key"),
    Column("lane", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("created", Instant, nullable=False, index=True),
    Column("next_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("channel", Words),
    Column("withdrawn", Boolean, nullable=False),
    Column("incident", Words, index=True),
    Column("client", Words, index=True),
    Column("recipient", Words),
    _value(),
)

# Written out in the statement, for SQLite uses a partial index only where it reads the same words.
QUEUED = MESSAGES.c.state == literal_column(f"'{MessageState.QUEUED}'")
Index("ix_messages_queued", MESSAGES.c.lane, MESSAGES.c.next_at, sqlite_where=QUEUED, postgresql_where=QUEUED)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("key", Words, ForeignKey("messages.key", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("channel", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("started", Instant, nullable=False, index=True),
    Column("ended", Instant),
    Column("permanent", Boolean, nullable=False),
    Column("why", Words, nullable=False, server_default="unrecorded"),
    Column("endpoint", Words),
)

SENDING = DELIVERIES.c.state == literal_column(f"'{DeliveryState.SENDING}'")
Index("ix_deliveries_sending", DELIVERIES.c.key, sqlite_where=SENDING, postgresql_where=SENDING)

# `value` is what opens a vendor's account: it is read for that alone, and never shown.
TOKENS = Table(
    "tokens",
    METADATA,
    _key("system"),
    Column("claimed_until", Instant),
    Column("value", Text),
)

# One row: when this database was last seen to take a write.
PULSE = Table("pulse", METADATA, Column("id", Integer, primary_key=True), Column("at", Instant, nullable=False))

# The bodies of others' reports as they came, until they are in the alerts below. Numbers are never used again.
INTAKE = Table(
    "intake",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("timeout", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

REPORTED = Table("reported", METADATA, _key("fingerprint"), _value())
