"""The store's reads over lists in memory, for the office that keeps everything there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.message import Delivery, MessageKind
from alerts.uptime import HourCount
from monitor.changes import Act, Entry
from monitor.store import Outgoing
from monitor.store.clients import ClientRecord, Wanted
from monitor.store.ledger import Sought
from probes.catalog import ClientId


class MemoryReads:
    """The store's reads over lists in memory."""

    def __init__(self) -> None:
        self.timelines: dict[IncidentId, list[Entry]] = {}
        self.folds: dict[IncidentId, Incident] = {}
        self.rows: list[Outgoing] = []
        self.tries: list[Delivery] = []
        self.done: list[Act] = []
        self.hours: list[HourCount] = []

    def incidents(self, limit: int, before: IncidentId | None = None) -> Sequence[Incident]:
        """Return incidents, newest first."""
        newest = sorted(self.folds.values(), key=lambda one: one.opened, reverse=True)
        start = 0 if before is None else 1 + [one.id for one in newest].index(before)
        return newest[start : start + limit]

    def timeline(self, incident: IncidentId) -> Sequence[Entry]:
        """Return an incident's events."""
        return tuple(self.timelines.get(incident, ()))

    def messages(
        self, incident: IncidentId | None = None, client: ClientId | None = None, limit: int = 100
    ) -> Sequence[Outgoing]:
        """Return messages, newest first."""
        wanted = (row for row in self.rows if incident in (None, row.message.incident))
        found = [row for row in wanted if client in (None, row.message.client)]
        return sorted(found, key=lambda row: row.message.created, reverse=True)[:limit]

    def deliveries(self, key: str | None = None, limit: int = 100) -> Sequence[Delivery]:
        """Return attempts, newest first."""
        return [one for one in reversed(self.tries) if key in (None, one.key)][:limit]

    def ledger(self, sought: Sought, limit: int = 100) -> Sequence[Outgoing]:
        """Return the messages that somebody looks for, newest first."""
        rows = self.messages(sought.incident, sought.client, len(self.rows))
        named = [row for row in rows if sought.recipient in (None, row.message.recipient)]
        found = [row for row in named if sought.state in (None, row.state)]
        keys = [row.message.key for row in found]
        start = 0 if sought.before is None else 1 + keys.index(sought.before)
        return found[start : start + limit]

    def attempts(self, keys: Collection[str]) -> Mapping[str, Sequence[Delivery]]:
        """Return the attempts at messages, by their keys."""
        return {key: [one for one in self.tries if one.key == key] for key in keys}

    def acts(self, limit: int = 100) -> Sequence[Act]:
        """Return what people did, newest first."""
        return self.done[::-1][:limit]

    def told_client(self, wanted: Wanted) -> ClientRecord:
        """Return what a client's page shows of what is on record."""
        rows = [row for row in self.messages(client=wanted.client) if row.message.kind is MessageKind.NOTICE]
        about = {row.message.incident for row in rows} - wanted.known
        return ClientRecord(
            hours=tuple(one for one in self.hours if one.system in wanted.systems),
            measured={one.system: one.hour for one in reversed(self.hours)},
            notices=tuple(rows),
            incidents={name: one for name, one in self.folds.items() if name in about},
        )

    def happened_to(self, wanted: Wanted) -> ClientRecord:
        """Return everything on record that bears on a client."""
        touching = {name: one for name, one in self.folds.items() if wanted.client in one.impacts}
        keys = {row.message.key for row in self.messages(client=wanted.client)}
        attempts = tuple(one for one in self.tries if one.key in keys)
        latest = max((one.hour for one in self.hours), default=None)
        return replace(self.told_client(wanted), incidents=touching, deliveries=attempts, latest=latest)
