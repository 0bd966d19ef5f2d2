"""What was worked out of an incident, for as long as nothing changes that it follows from.

In a storm that is kept quiet nothing changes at nearly every look, and to work out anew what keeps thousands back costs
more than all the rest. What follows from an incident's alerts has to be forgotten where one of them moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.maintenance import Window
from probes.catalog import Catalog

MOST = 1_000
"""Of so many incidents something is known at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What something was worked out from: the very incident and catalog, all silences, and windows."""

    incident: Incident
    catalog: Catalog
    silences: int
    windows: tuple[Window, ...]

    def stand(self, other: "Grounds") -> bool:
        """Return whether other grounds are the same."""
        same = self.incident is other.incident and self.catalog is other.catalog and self.silences == other.silences
        return same and self.windows == other.windows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    grounds: Grounds
    since: datetime
    until: datetime | None
    found: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lull:
    """That nobody is due a notice before `until` (None: ever), while nothing but acceptances happen in an incident."""

    turns: int
    since: datetime
    until: datetime | None


class Settled:
    """What is known of each incident, by what it is; nothing at first."""

    def __init__(self) -> None:
        self._known: dict[IncidentId, _Known] = {}
        self._lulls: dict[IncidentId, _Lull] = {}
        self._still: dict[IncidentId, tuple[int, Catalog, dict[str, bool]]] = {}

    def still(self, incident: Incident, catalog: Catalog) -> dict[str, bool]:
        """Return what holds of an incident, as it is on record, until more than an acceptance happens, to be added to.

        It may follow from the incident, the catalog and the state of the incident's alerts, and from nothing else.
        """
        turns, known, found = self._still.get(incident.id, (-1, catalog, {}))
        if turns == incident.turns and known is catalog:
            return found
        if len(self._still) >= MOST:
            self._still.clear()
        fresh: dict[str, bool] = {}
        self._still[incident.id] = (incident.turns, catalog, fresh)
        return fresh

    def lulled(self, incident: Incident, now: datetime) -> bool:
        """Return whether it is known that no client of an incident is due a notice by now."""
        known = self._lulls.get(incident.id)
        if known is None or known.turns != incident.turns:
            return False
        return known.since <= now and (known.until is None or now < known.until)

    def lull(self, incident: Incident, now: datetime, until: datetime | None) -> None:
        """Remember that no client of an incident, as it is on record, is due a notice before an instant."""
        if len(self._lulls) >= MOST:
            self._lulls.clear()
        self._lulls[incident.id] = _Lull(turns=incident.turns, since=now, until=until)

    def found(self, grounds: Grounds, now: datetime) -> dict[str, Any] | None:
        """Return what was found on these grounds and still holds, to be added to; None where nothing is known."""
        known = self._known.get(grounds.incident.id)
        if known is None or not known.grounds.stand(grounds):
            return None
        return known.found if known.since <= now and (known.until is None or now < known.until) else None

    def begin(self, grounds: Grounds, now: datetime, until: datetime | None) -> dict[str, Any]:
        """Return where to put what is found from now on; it holds until an instant."""
        if len(self._known) >= MOST:
            self._known.clear()
        known = _Known(grounds=grounds, since=now, until=until, found={})
        self._known[grounds.incident.id] = known
        return known.found

    def forget(self, incidents: Iterable[IncidentId | None]) -> None:
        """Forget what is known of incidents whose alerts have moved."""
        for incident in incidents:
            if incident is not None:
                self._known.pop(incident, None)
                self._still.pop(incident, None)

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._lulls.clear()
        self._still.clear()
