"""Removes what has been kept long enough. Nothing open, queued or needed to go on is ever removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Delete, Select, and_, delete, func, or_, select

from alerts.alert import AlertState
from alerts.message import MessageState
from monitor.store.tables import (
    ACTS,
    ALERTS,
    BASELINES,
    BOOKS,
    INCIDENTS,
    LOOKS,
    MESSAGES,
    RECORDS,
    WEBHOOK_EVENTS,
)
from probes.rhythm import WEEK, WEEKS, hour_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long each table keeps what is over.

    Incidents count from their end and take their timelines with them, messages from their creation and take their
    deliveries, alerts from when they were resolved. Of webhooks the ids of their events are kept: a repetition that
    comes later counts again. Records of a flow neither of whose ends could be read for so long go with it.
    """

    incidents: timedelta = timedelta(days=730)
    messages: timedelta = timedelta(days=730)
    alerts: timedelta = timedelta(days=30)
    looks: timedelta = timedelta(days=400)
    acts: timedelta = timedelta(days=730)
    webhooks: timedelta = timedelta(days=90)
    records: timedelta = timedelta(days=90)


def prune(connection: Connection, now: datetime, retention: Retention) -> Mapping[str, int]:
    """Return how many rows of each table were removed, what hangs on them not counted."""
    statements = _statements(now, retention)
    return {table: connection.execute(statement).rowcount for table, statement in statements.items()}


def _unread(since: datetime) -> Select[tuple[str]]:
    """The flows that nobody has read since an instant: most likely they left the configuration."""
    latest = func.coalesce(BOOKS.c.source_covered, BOOKS.c.destination_covered)
    neither = (or_(end.is_(None), end < since) for end in (BOOKS.c.source_covered, BOOKS.c.destination_covered))
    return select(BOOKS.c.flow).where(latest.is_not(None), *neither)


def _statements(now: datetime, retention: Retention) -> dict[str, Delete]:
    # The newest incident stays, whatever its age, so that no number is ever given twice.
    newest = select(func.max(INCIDENTS.c.number)).scalar_subquery()
    over = and_(INCIDENTS.c.resolved < now - retention.incidents, INCIDENTS.c.number < newest)
    still_open = select(INCIDENTS.c.id).where(INCIDENTS.c.resolved.is_(None))
    told = and_(
        MESSAGES.c.created < now - retention.messages,
        MESSAGES.c.state != MessageState.QUEUED,
        func.coalesce(MESSAGES.c.incident, "").not_in(still_open),
    )
    resolved = and_(ALERTS.c.state == AlertState.RESOLVED, ALERTS.c.since < now - retention.alerts)
    return {
        "incidents": delete(INCIDENTS).where(over),
        "messages": delete(MESSAGES).where(told),
        "alerts": delete(ALERTS).where(resolved),
        "looks": delete(LOOKS).where(LOOKS.c.hour < now - retention.looks),
        "webhooks": delete(WEBHOOK_EVENTS).where(WEBHOOK_EVENTS.c.at < now - retention.webhooks),
        # A baseline holds so many weeks: one that nobody has gone on with for as long knows nothing any more.
        "baselines": delete(BASELINES).where(BASELINES.c.until < hour_of(now - WEEKS * WEEK)),
        "records": delete(RECORDS).where(RECORDS.c.flow.in_(_unread(now - retention.records))),
        "acts": delete(ACTS).where(ACTS.c.at < now - retention.acts),
    }
