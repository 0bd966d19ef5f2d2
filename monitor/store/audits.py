"""What an audit reads: open incidents from their own timelines, and urgent messages that wait for too long.

Only what was written since the last time is read again, so that a storm costs no more than its news.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, and_, func, or_, select

from alerts.alert import IncidentId
from alerts.message import Lane
from alerts.timeline import Event
from monitor.store import codec
from monitor.store.outbox import WAITING
from monitor.store.tables import INCIDENTS, MESSAGES, TIMELINE


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """The incidents that are open, and the events of each that are new to who asks, oldest first."""

    open: frozenset[IncidentId]
    events: Mapping[IncidentId, tuple[Event, ...]]


def news(connection: Connection, known: Mapping[IncidentId, int]) -> News:
    """Return the open incidents, with their events after those that are known: so many of each.

    Raises:
        Unreadable: another version wrote one of them.
    """
    still = select(INCIDENTS.c.id).where(INCIDENTS.c.resolved.is_(None))
    counts = select(TIMELINE.c.incident, func.max(TIMELINE.c.sequence).label("last"))
    counted = connection.execute(counts.where(TIMELINE.c.incident.in_(still)).group_by(TIMELINE.c.incident)).all()
    behind = {row.incident: known.get(row.incident, 0) for row in counted if known.get(row.incident, 0) < row.last}
    return News(open=frozenset(IncidentId(row.incident) for row in counted), events=_after(connection, behind))


def _after(connection: Connection, behind: Mapping[str, int]) -> Mapping[IncidentId, tuple[Event, ...]]:
    if not behind:
        return {}
    wanted = or_(*(and_(TIMELINE.c.incident == one, TIMELINE.c.sequence > last) for one, last in behind.items()))
    query = select(TIMELINE.c.incident, TIMELINE.c.value).where(wanted)
    rows = connection.execute(query.order_by(TIMELINE.c.incident, TIMELINE.c.sequence)).all()
    grouped = groupby(rows, key=lambda row: row.incident)
    return {IncidentId(name): tuple(codec.EVENT.value(row.value) for row in group) for name, group in grouped}


def waiting_pages(connection: Connection, before: datetime) -> Iterable[tuple[str, datetime]]:
    """Return the urgent messages whose next attempt was due before an instant and has not begun, and when it was."""
    query = select(MESSAGES.c.key, MESSAGES.c.next_at).where(MESSAGES.c.lane == Lane.URGENT, WAITING)
    return [(row.key, row.next_at) for row in connection.execute(query.where(MESSAGES.c.next_at < before))]
