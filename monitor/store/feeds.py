"""What is kept of systems' upkeep and of lists: how each was of late, and what it usually does. One row each."""

from typing import TypeVar

from sqlalchemy import Connection, Table, select

from monitor.changes import Changes
from monitor.store import codec
from monitor.store.codec import Codec, Unreadable
from monitor.store.rows import upsert
from monitor.store.tables import FEEDS, HABITS, UPKEEP
from probes.catalog import ProbeId, SystemId
from probes.feed import Feed, Habit
from probes.upkeep import Upkeep

T = TypeVar("T")


def write(connection: Connection, changes: Changes) -> None:
    """Write what changed of systems' upkeep and of lists."""
    upkeep = ({"system": key, "value": codec.UPKEEP.text(one)} for key, one in changes.upkeep.items())
    upsert(connection, UPKEEP, upkeep)
    feeds = ({"probe": key, "value": codec.FEED.text(one)} for key, one in changes.feeds.items())
    upsert(connection, FEEDS, feeds)
    habits = ({"probe": key, "value": codec.HABIT.text(one)} for key, one in changes.habits.items())
    upsert(connection, HABITS, habits)


def upkeep(connection: Connection, lost: list[str]) -> dict[SystemId, Upkeep]:
    """Return every system's upkeep; `lost` gets the names of what cannot be read."""
    return {SystemId(key): one for key, one in _values(connection, UPKEEP, codec.UPKEEP, lost).items()}


def feeds(connection: Connection, lost: list[str]) -> dict[ProbeId, Feed]:
    """Return how every list was of late."""
    return {ProbeId(key): one for key, one in _values(connection, FEEDS, codec.FEED, lost).items()}


def habits(connection: Connection, lost: list[str]) -> dict[ProbeId, Habit]:
    """Return what every list usually does."""
    return {ProbeId(key): one for key, one in _values(connection, HABITS, codec.HABIT, lost).items()}


def _values(connection: Connection, table: Table, kind: Codec[T], lost: list[str]) -> dict[str, T]:
    found: dict[str, T] = {}
    (name,) = table.primary_key
    for key, text in connection.execute(select(name, table.c.value)):
        try:
            found[key] = kind.value(text)
        except Unreadable:
            lost.append(f"{table.name} {key}")
    return found
