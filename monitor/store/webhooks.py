"""Which events of webhooks were heard, so that a repetition counts once.

Events are kept by their ids alone. What a webhook means is decided elsewhere and written in the same transaction.
"""

from collections.abc import Collection

from sqlalchemy import Connection, select

from monitor.changes import Changes
from monitor.store.rows import picked, upsert
from monitor.store.tables import WEBHOOK_EVENTS
from probes.catalog import SystemId

AT_ONCE = 500
"""Ids in one question: databases limit how many values a statement has."""


def heard_before(connection: Connection, system: SystemId, events: Collection[str]) -> frozenset[str]:
    """Return those of a system's events that were heard already."""
    listed, found = sorted(events), set[str]()
    for start in range(0, len(listed), AT_ONCE):
        some = listed[start : start + AT_ONCE]
        query = select(WEBHOOK_EVENTS.c.id).where(WEBHOOK_EVENTS.c.system == system, WEBHOOK_EVENTS.c.id.in_(some))
        found |= set(connection.scalars(query))
    return frozenset(found)


def write(connection: Connection, changes: Changes) -> None:
    """Write which events a pass has heard."""
    upsert(connection, WEBHOOK_EVENTS, (picked(event, ("system", "id", "at")) for event in changes.events))
