"""Which events of webhooks were heard, so that a repetition counts once, and what has come of webhooks.

Events are kept by their ids alone. What a webhook means is decided elsewhere and written in the same transaction.
"""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, select

from monitor.changes import Changes
from monitor.store import codec
from monitor.store.rows import execute, picked, upsert
from monitor.store.tables import ANNOUNCEMENTS, WEBHOOK_EVENTS, WEBHOOKS
from probes.catalog import SystemId

FORGET = delete(ANNOUNCEMENTS).where(ANNOUNCEMENTS.c.key == bindparam("gone"))
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
    """Write what a pass changes of webhooks."""
    upsert(connection, WEBHOOK_EVENTS, (picked(event, ("system", "id", "at")) for event in changes.events))
    receptions = ({"system": key, "value": codec.RECEPTION.text(one)} for key, one in changes.receptions.items())
    upsert(connection, WEBHOOKS, receptions)
    known = changes.announcements.items()
    kept = ({"key": key, "value": codec.ANNOUNCEMENT.text(one)} for key, one in known if one is not None)
    upsert(connection, ANNOUNCEMENTS, kept)
    execute(connection, FORGET, ({"gone": key} for key, one in known if one is None))
