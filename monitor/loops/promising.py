"""The tick of promises: warnings before they break, clocks that stand still, contracts whose date has come.

What is due is decided below, on the desk's turn; this only asks at the right time. How often an incident's next warning
is worked out follows from how often the incident changes, and never more than once in a moment.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.alert import IncidentId
from alerts.apart import each_apart, soonest
from alerts.clocks import PauseCause
from alerts.draft import Context, Draft
from alerts.incident import Incident
from alerts.pausing import clock_events
from alerts.revise import revised
from alerts.vendor_fault import vendor_causes
from alerts.warn import next_warning, warn
from alerts.wording import Links
from monitor.changes import Changes
from monitor.deciding import context
from monitor.desk import Desk
from monitor.record import drafted
from monitor.situation import Situation
from monitor.undecided import PROMISES, besides, undecided
from probes.catalog import Catalog
from probes.versions import as_of, next_change

GRAIN = timedelta(seconds=1)
"""How long an incident that keeps changing is left alone at least: each of thousands of clients is looked at."""


class Promising:
    """Asks what has become of promises, and remembers when to ask again."""

    def __init__(self, desk: Desk, situation: Situation, links: Links) -> None:
        self.renewed: Callable[[datetime], None] = lambda _: None
        self._desk = desk
        self._situation = situation
        self._links = links
        self._passed: datetime | None = None
        self._known: dict[IncidentId, tuple[int, datetime | None]] = {}
        self._contracts: Catalog | None = None

    async def tick(self, now: datetime) -> datetime | None:
        """Do what is due of promises; return when more is."""
        # A clock that was put back waits for nothing: what is due by it is due.
        if self._passed is not None and self._passed <= now < self._passed + GRAIN:
            return self._passed + GRAIN
        await self._desk.between_passes(lambda: self._renew(now))
        await self._desk.decide(lambda situation: self._decided(situation, now))
        self._contracts, self._passed = self._situation.config.catalog, now
        still = self._situation.open_incidents
        self._known = {one.id: self._known[one.id] for one in still if one.id in self._known}
        wakes = (soonest(still, lambda one: self._next(one, now)), next_change(self._situation.config.catalog, now))
        return min((at for at in wakes if at is not None), default=None)

    def _renew(self, now: datetime) -> None:
        """Let contracts be in force whose date has come."""
        before = self._situation.config.catalog
        after = as_of(before, now)
        if after is not before:
            self._situation.config = replace(self._situation.config, catalog=after)
            self.renewed(now)

    def _decided(self, situation: Situation, now: datetime) -> tuple[None, Changes]:
        known = context(situation, self._links)
        drafts = [Draft(incident=one) for one in situation.open_incidents]
        failed = each_apart(drafts, lambda draft: self._draft(draft, known, situation, now))
        changes = drafted(draft for draft in drafts if draft.events)
        return None, besides(changes, undecided(situation, known, PROMISES, failed, now))

    def _draft(self, draft: Draft, known: Context, situation: Situation, now: datetime) -> None:
        incident = draft.incident
        if self._contracts is not situation.config.catalog:
            for revision in revised(incident, known.catalog, now):
                draft.add(revision)
        causes = vendor_causes(draft.incident, situation.alerts)
        for turn in clock_events(draft.incident, causes, now, (PauseCause.VENDOR_CAUSED,)):
            draft.add(turn)
        due = self._known.get(incident.id, (0, now))
        if draft.events or due[0] != incident.version or (due[1] is not None and due[1] <= now):
            warn(draft, known, now)

    def _next(self, incident: Incident, now: datetime) -> datetime | None:
        version, at = self._known.get(incident.id, (0, None))
        if version != incident.version or (at is not None and at <= now):
            self._known[incident.id] = (incident.version, next_warning(incident, now))
        return self._known[incident.id][1]
