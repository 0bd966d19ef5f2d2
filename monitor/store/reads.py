"""Questions that pages, commands and metrics ask of the store; nothing here writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.message import Delivery, DeliveryState, Lane, Message, MessageState
from alerts.reason import ReasonClass
from alerts.uptime import HourCount
from monitor.changes import COUNTS, Act, Entry
from monitor.store import codec
from monitor.store.rows import picked
from monitor.store.state import folds
from monitor.store.tables import ACTS, DELIVERIES, INCIDENTS, LOOKS, MESSAGES, QUEUED, TIMELINE
from probes.catalog import ClientId, SecretRef, SystemId


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message and where it stands in the outbox. `next_at` is None once nothing more is tried."""

    message: Message
    state: MessageState
    attempts: int
    next_at: datetime | None


def incidents(connection: Connection, limit: int, before: IncidentId | None) -> tuple[Incident, ...]:
    """Return incidents, the newest first; with `before`, only those older than that one."""
    newest = select(INCIDENTS.c.id).order_by(INCIDENTS.c.number.desc()).limit(limit)
    if before is not None:
        bound = select(INCIDENTS.c.number).where(INCIDENTS.c.id == before).scalar_subquery()
        newest = newest.where(INCIDENTS.c.number < bound)
    return tuple(reversed(folds(connection, newest, []).values()))


def timeline(connection: Connection, incident: IncidentId) -> tuple[Entry, ...]:
    """Return the whole timeline of an incident, () where there is none of that name.

    Raises:
        Unreadable: another version wrote it.
    """
    query = select(TIMELINE.c.sequence, TIMELINE.c.value).where(TIMELINE.c.incident == incident)
    rows = connection.execute(query.order_by(TIMELINE.c.sequence))
    return tuple(Entry(incident=incident, sequence=row.sequence, event=codec.EVENT.value(row.value)) for row in rows)


def messages(
    connection: Connection, incident: IncidentId | None, client: ClientId | None, limit: int
) -> tuple[Outgoing, ...]:
    """Return messages, the newest first, of one incident or client or of all.

    Raises:
        Unreadable: another version wrote one of them.
    """
    query = select(MESSAGES).order_by(MESSAGES.c.created.desc(), MESSAGES.c.key).limit(limit)
    if incident is not None:
        query = query.where(MESSAGES.c.incident == incident)
    if client is not None:
        query = query.where(MESSAGES.c.client == client)
    return tuple(outgoing(row) for row in connection.execute(query))


def outgoing(row: Row[Any]) -> Outgoing:
    """Return a message of the outbox. Raises Unreadable where another version wrote it."""
    return Outgoing(
        message=codec.MESSAGE.value(row.value),
        state=MessageState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
    )


def deliveries(connection: Connection, key: str | None, limit: int) -> tuple[Delivery, ...]:
    """Return attempts, the newest first, of one message or of all; one under way has its start as its end."""
    query = select(DELIVERIES).order_by(DELIVERIES.c.started.desc(), DELIVERIES.c.key, DELIVERIES.c.attempt.desc())
    if key is not None:
        query = query.where(DELIVERIES.c.key == key)
    return tuple(delivery(row) for row in connection.execute(query.limit(limit)))


def delivery(row: Row[Any]) -> Delivery:
    """Return an attempt; one under way has its start as its end."""
    return Delivery(
        key=row.key,
        attempt=row.attempt,
        channel=SecretRef(row.channel),
        state=DeliveryState(row.state),
        reason=row.reason,
        started=row.started,
        ended=row.ended or row.started,
        permanent=row.permanent,
        why=ReasonClass(row.why),
        endpoint=row.endpoint or "",
    )


def acts(connection: Connection, limit: int) -> tuple[Act, ...]:
    """Return what people did, the newest first."""
    rows = connection.execute(select(ACTS).order_by(ACTS.c.id.desc()).limit(limit))
    return tuple(Act(**picked(row, ("at", "actor", "action", "subject", "detail"))) for row in rows)


def looks(connection: Connection, system: SystemId, since: datetime) -> HourCount:
    """Return how a system's looks ended in the hours that began at or after an instant; `hour` is that instant."""
    sums = (func.coalesce(func.sum(LOOKS.c[name]), 0).label(name) for name in COUNTS)
    row = connection.execute(select(*sums).where(LOOKS.c.system == system, LOOKS.c.hour >= since)).mappings().one()
    return HourCount(system=system, hour=since, **row)


def outbox_age(connection: Connection, now: datetime) -> timedelta:
    """Return the age of the oldest message that still waits to be told, zero where none does."""
    oldest = connection.scalar(select(func.min(MESSAGES.c.created)).where(QUEUED))
    return timedelta() if oldest is None else max(timedelta(), now - oldest)


def counts(connection: Connection) -> Mapping[tuple[Lane, MessageState], int]:
    """Return how many messages stand where; what is absent is zero."""
    query = select(MESSAGES.c.lane, MESSAGES.c.state, func.count()).group_by(MESSAGES.c.lane, MESSAGES.c.state)
    return {(Lane(lane), MessageState(state)): count for lane, state, count in connection.execute(query)}
