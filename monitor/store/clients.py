"""What is on record of one client: its notices and how they were delivered, its systems' looks by the hour."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Select, func, or_, select

from alerts.alert import IncidentId
from alerts.calendar import Interval
from alerts.incident import Incident
from alerts.message import Delivery, DeliveryState, MessageKind
from alerts.uptime import HourCount
from monitor.changes import COUNTS
from monitor.store.codec import Unreadable
from monitor.store.reads import Outgoing, delivery, outgoing
from monitor.store.rows import picked
from monitor.store.state import folds
from monitor.store.tables import DELIVERIES, INCIDENTS, LOOKS, MESSAGES
from probes.catalog import ClientId, SystemId

MOST_NOTICES = 2000
"""So many notices of a client are read at most: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of which client and systems something is wanted, and of what time. Incidents that are `known` are not read."""

    client: ClientId
    systems: frozenset[SystemId]
    span: Interval
    known: frozenset[IncidentId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """What the store holds of a client in a time: notices newest first, counts by the hour, since when there are any.

    `incidents` are those that its notices are about, or all of the time where that was asked for. `latest` is the last
    hour in which anything was looked at.
    """

    hours: tuple[HourCount, ...] = ()
    measured: Mapping[SystemId, datetime] = field(default_factory=dict)
    notices: tuple[Outgoing, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    incidents: Mapping[IncidentId, Incident] = field(default_factory=dict)
    latest: datetime | None = None


def told(connection: Connection, wanted: Wanted) -> ClientRecord:
    """Return what a client's page shows: incidents are those that it was told of in the time."""
    notices = tuple(_notices(connection, wanted))
    about = {one.message.incident for one in notices if one.message.incident is not None} - wanted.known
    which = select(INCIDENTS.c.id).where(INCIDENTS.c.id.in_(sorted(about)))
    return ClientRecord(
        hours=tuple(_hours(connection, wanted)),
        measured=_measured(connection, wanted.systems),
        notices=notices,
        incidents=folds(connection, which, []) if about else {},
    )


def happened(connection: Connection, wanted: Wanted) -> ClientRecord:
    """Return everything that bears on a client in a time: every incident that touches it, and each delivery."""
    over = or_(INCIDENTS.c.resolved.is_(None), INCIDENTS.c.resolved >= wanted.span.start)
    which = select(INCIDENTS.c.id).where(INCIDENTS.c.opened < wanted.span.end, over)
    found = folds(connection, which, [])
    own = _own(wanted)
    attempts = select(DELIVERIES).where(DELIVERIES.c.key.in_(own.with_only_columns(MESSAGES.c.key)))
    rows = connection.execute(attempts.order_by(DELIVERIES.c.key, DELIVERIES.c.attempt))
    return ClientRecord(
        hours=tuple(_hours(connection, wanted)),
        measured=_measured(connection, wanted.systems),
        notices=tuple(_notices(connection, wanted)),
        deliveries=tuple(one for one in map(delivery, rows) if one.state is not DeliveryState.SENDING),
        incidents={name: one for name, one in found.items() if wanted.client in one.impacts},
        latest=connection.scalar(select(func.max(LOOKS.c.hour))),
    )


def _own(wanted: Wanted) -> Select[tuple[str]]:
    time = MESSAGES.c.created >= wanted.span.start, MESSAGES.c.created < wanted.span.end
    return select(MESSAGES.c.key).where(MESSAGES.c.client == wanted.client, *time)


def _notices(connection: Connection, wanted: Wanted) -> Iterator[Outgoing]:
    query = _own(wanted).with_only_columns(*MESSAGES.c)
    for row in connection.execute(query.order_by(MESSAGES.c.created.desc(), MESSAGES.c.key).limit(MOST_NOTICES)):
        try:
            one = outgoing(row)
        except Unreadable:
            continue  # another version wrote it: what can be read is shown
        if one.message.kind is MessageKind.NOTICE:
            yield one


def _hours(connection: Connection, wanted: Wanted) -> Iterator[HourCount]:
    names = ("system", "hour", *COUNTS)
    query = select(*(LOOKS.c[name] for name in names)).where(
        LOOKS.c.system.in_(sorted(wanted.systems)), LOOKS.c.hour >= wanted.span.start, LOOKS.c.hour < wanted.span.end
    )
    for row in connection.execute(query.order_by(LOOKS.c.hour, LOOKS.c.system)):
        yield HourCount(**picked(row, names))


def _measured(connection: Connection, systems: Collection[SystemId]) -> dict[SystemId, datetime]:
    query = select(LOOKS.c.system, func.min(LOOKS.c.hour).label("first")).where(LOOKS.c.system.in_(sorted(systems)))
    return {SystemId(row.system): row.first for row in connection.execute(query.group_by(LOOKS.c.system))}
