"""The tick that audits the others: what was due and was not done is told to the catch-all, past the desk.

It reads the store and not the memory that the escalation works on, and writes its own messages, so that an escalation
that fails, hangs or has forgotten something is noticed all the same.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from alerts.alert import IncidentId
from alerts.audit import PATIENCE, SLACK, Overdue, What, message, overdue
from alerts.fold import advanced, opened
from alerts.incident import BrokenTimeline, Incident
from alerts.timeline import Event, Opened
from alerts.wording import Links
from monitor.changes import Changes
from monitor.situation import Situation
from monitor.store import Store, StoreThread

EVERY = timedelta(seconds=15)

log = structlog.get_logger("tierwatch")


class Auditing:
    """The audit. `late` counts what is overdue at this moment, by what it is."""

    def __init__(
        self, situation: Situation, store: Store, thread: StoreThread, links: Links, told: Callable[[], None]
    ) -> None:
        """Begin knowing nothing; `told` is called once messages wait to be sent."""
        self._situation = situation
        self._store = store
        self._thread = thread
        self._links = links
        self._told = told
        self._incidents: dict[IncidentId, Incident] = {}
        self._noticed: dict[str, datetime] = {}
        self._said: set[str] = set()
        self.late: Mapping[What, int] = {}

    async def tick(self, now: datetime) -> datetime | None:
        """Hold what is on record against the clock; tell the catch-all of what has been overdue for too long."""
        await self._read()
        waiting = await self._thread.read(self._store.waiting_pages, now - SLACK)
        found = [*overdue(self._incidents.values(), now), *_pages(waiting)]
        self.late = Counter(one.what for one in found)
        noticed = self._noticed
        self._noticed = {one.name: min(noticed.get(one.name, now), now) for one in found}
        await self._tell([one for one in found if now - self._noticed[one.name] >= PATIENCE], now)
        return now + EVERY

    async def _read(self) -> None:
        """Take in what was written since the last time."""
        known = {one.id: one.version for one in self._incidents.values()}
        news = await self._thread.read(self._store.news, known)
        self._incidents = {one: fold for one, fold in self._incidents.items() if one in news.open}
        for incident, events in news.events.items():
            try:
                self._fold(incident, events)
            except BrokenTimeline as error:
                log.error("a timeline cannot be audited", incident=incident, reason=str(error))  # noqa: TRY400 - it says it all

    def _fold(self, incident: IncidentId, events: Iterable[Event]) -> None:
        for event in events:
            known = self._incidents.get(incident)
            if known is not None:
                self._incidents[incident] = advanced(known, event)
            elif isinstance(event, Opened):
                self._incidents[incident] = opened(incident, event)

    async def _tell(self, found: Iterable[Overdue], now: datetime) -> None:
        person = self._situation.config.roster.catch_all
        messages = {one.key: one for one in (message(each, person, self._links, now) for each in found)}
        new = tuple(one for key, one in messages.items() if key not in self._said)
        if new:
            log.error("something due was not done", count=len(new), first=new[0].subject)
            await self._thread.write(self._store.commit, Changes(messages=new))
            self._told()
        self._said = set(messages)


def _pages(waiting: Iterable[tuple[str, datetime]]) -> Iterable[Overdue]:
    return [Overdue(what=What.PAGE, due=due, key=key) for key, due in waiting if not key.startswith("overdue")]
