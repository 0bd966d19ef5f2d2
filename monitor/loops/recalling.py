"""The tick that recalls how long past incidents lasted: from the store, a few at a time, and as they end."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.alert import IncidentId
from alerts.forecast import Repair, repair_of
from alerts.incident import Incident
from monitor.situation import Situation
from monitor.store import Store, StoreThread

PAGE = 20
MOST = 2_000
"""So many past incidents are enough for any forecast."""

SOON = timedelta(seconds=2)
EVERY = timedelta(seconds=30)


class Recalling:
    """Keeps what the past says of repairs in the situation, the newest incidents first."""

    def __init__(self, situation: Situation, store: Store, thread: StoreThread) -> None:
        """Begin with nothing recalled."""
        self._situation = situation
        self._store = store
        self._thread = thread
        self._known: dict[IncidentId, tuple[int, Repair | None]] = {}
        self._oldest: IncidentId | None = None
        self._all = False

    async def tick(self, now: datetime) -> datetime | None:
        """Take in what has ended meanwhile, and some more of the past; say when to go on."""
        self._take(self._situation.incidents)
        if not self._all:
            found = await self._thread.read(self._store.incidents, PAGE, self._oldest)
            self._take({one.id: one for one in found})
            self._oldest = found[-1].id if found else self._oldest
            self._all = len(found) < PAGE or len(self._known) >= MOST
        self._situation.past = tuple(one for _, one in self._known.values() if one is not None)
        return now + (EVERY if self._all else SOON)

    def _take(self, incidents: Mapping[IncidentId, Incident]) -> None:
        for identity, incident in incidents.items():
            known = self._known.get(identity)
            if known is None or known[0] != incident.version:
                self._known[identity] = (incident.version, repair_of(incident))
