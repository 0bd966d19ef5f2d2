"""Writes what is kept of systems' upkeep and of lists: how each was of late, and what it usually does. One row each."""

from sqlalchemy import Connection

from monitor.changes import Changes
from monitor.store import codec
from monitor.store.rows import upsert
from monitor.store.tables import FEEDS, HABITS, UPKEEP


def write(connection: Connection, changes: Changes) -> None:
    """Write what changed of systems' upkeep and of lists."""
    upkeep = ({"system": key, "value": codec.UPKEEP.text(one)} for key, one in changes.upkeep.items())
    upsert(connection, UPKEEP, upkeep)
    feeds = ({"probe": key, "value": codec.FEED.text(one)} for key, one in changes.feeds.items())
    upsert(connection, FEEDS, feeds)
    habits = ({"probe": key, "value": codec.HABIT.text(one)} for key, one in changes.habits.items())
    upsert(connection, HABITS, habits)
