"""What a dead process leaves behind, read from its database without opening it as a store."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from alerts.alert import IncidentId
from alerts.fold import folded
from alerts.incident import Incident
from alerts.timeline import Event, Paged
from monitor.store import codec

DIED = "the process stopped while it was sending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What was on record at an instant: incidents, and the keys of messages by how far they had come."""

    at: datetime
    incidents: tuple[Incident, ...] = ()
    in_flight: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    queued: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    unanswered: Counter[str]
    owed: frozenset[str] = frozenset()

    @property
    def settled(self) -> bool:
        """Whether there are incidents, all of them over, and nothing waits to be told."""
        over = bool(self.incidents) and not any(incident.open for incident in self.incidents)
        return over and not self.queued


def _timelines(connection: sqlite3.Connection) -> Iterable[tuple[IncidentId, list[Event]]]:
    rows = connection.execute(
        "SELECT incidents.id, timeline.value FROM timeline JOIN incidents ON incidents.id = timeline.incident"
        " ORDER BY number, sequence"
    )
    for name, lines in groupby(rows, key=lambda row: str(row[0])):
        yield IncidentId(name), [codec.EVENT.value(line[1]) for line in lines]


def owed_by(incident: Incident, events: Iterable[Event]) -> Iterable[str]:
    """Yield the keys of all messages that a timeline says were written."""
    pages = (event for event in events if isinstance(event, Paged))
    for turn, event in enumerate(pages, start=1):
        yield from (f"{incident.id}/page/{turn}/{person}" for person in event.people)
    if not incident.open:
        again = f"/{incident.reopenings}" if incident.reopenings else ""
        yield from (f"{incident.id}/page/resolved{again}/{person}" for person in incident.paged)
    for client, impact in incident.impacts.items():
        for turn in range(1, len(impact.queued) + 1):
            places = range(1, len(impact.terms.contacts) + 1)
            yield from (f"{incident.id}/notice/{client}/{turn}/{place}" for place in places)


def remains(database: Path, at: datetime) -> Remains:
    """Return what is on record; nothing where the process died before it had made its tables."""
    if not database.exists():
        return Remains(at=at, unanswered=Counter())
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'deliveries'").fetchone():
            return Remains(at=at, unanswered=Counter())

        def keys(query: str) -> list[str]:
            return [str(row[0]) for row in connection.execute(query)]

        connection.execute("BEGIN")
        found = [(folded(name, events), events) for name, events in _timelines(connection)]
        return Remains(
            at=at,
            incidents=tuple(incident for incident, _ in found),
            in_flight=frozenset(keys("SELECT key FROM deliveries WHERE state = 'sending'")),
            told=frozenset(keys("SELECT key FROM messages WHERE state = 'accepted'")),
            queued=frozenset(keys("SELECT key FROM messages WHERE state = 'queued'")),
            failed=frozenset(keys("SELECT key FROM messages WHERE state = 'failed'")),
            unanswered=Counter(
                keys(f"SELECT key FROM deliveries WHERE state = 'unknown' AND reason != '{DIED}'")  # noqa: S608
            ),
            owed=frozenset(key for incident, events in found for key in owed_by(incident, events)),
        )
