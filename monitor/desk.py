"""The desk: where a look, the passing of time or a person's word becomes a decision that is on record.

Each method is one pass: it reads what is known, lets the pure rooms decide, writes everything in one transaction, and
only then takes it over into memory. When the store cannot be written, nothing is decided and nothing in memory moves.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from alerts.alert import IncidentId
from alerts.assess import assess_look, assess_time, blind_after, next_judgement
from alerts.evaluate import Blindness
from alerts.incident import Incident
from alerts.message import Delivery, Message
from alerts.respond import Context, Draft, Evaluated, acknowledged, due, next_due, resolved, respond
from alerts.weigh import Assessment, Before
from alerts.wording import Links
from monitor.changes import Act, Changes
from monitor.record import delivered, drafted, looks_of, taken_over
from monitor.situation import Situation
from monitor.store import Store, StoreUnwritable
from monitor.store.thread import StoreThread
from probes.catalog import SystemId
from probes.cursor import Cursor, advanced
from probes.failure import Outcome
from probes.heartbeat import Absence, Heartbeat, Signal, heard, watched
from probes.identity import met
from probes.observation import Observation, Record
from probes.sli import IndicatorKey, IndicatorKind

T = TypeVar("T")

NOTICED = timedelta(seconds=15)
"""Passes come more often than this. If none came for longer, we did not run, or could record nothing."""

GRAIN = timedelta(seconds=1)
"""How long time alone is left unjudged at least: thousands of records reach their limits at thousands of instants."""


class Ears(Protocol):
    """Who wants to know what was decided: telemetry, the pages, the other ticks."""

    def looked(self, observation: Observation, assessment: Assessment, late: int) -> None:
        """Hear of a look that was stored; `late` of its records a naive cursor would have lost."""

    def stored(self, changes: Changes) -> None:
        """Hear of changes that were stored."""

    def unwritable(self, reason: str) -> None:
        """Hear that the store could not be written."""


class UnknownIncidentError(Exception):
    """There is no open incident with this number."""


class Desk:
    """Makes decisions one at a time, and keeps the situation equal to what is stored."""

    def __init__(self, situation: Situation, store: Store, thread: StoreThread, ears: Ears, links: Links) -> None:
        self.situation = situation
        self.unwritable: str | None = None
        self._store = store
        self._thread = thread
        self._ears = ears
        self._links = links
        self._turn = asyncio.Lock()
        self._owed: list[tuple[Message, Delivery]] = []
        self._awake = situation.alive

    async def between_passes(self, change: Callable[[], T]) -> T:
        """Return what a change of the situation returns, made while no pass is under way."""
        async with self._turn:
            return change()

    async def looked(self, observation: Observation, now: datetime) -> bool:
        """Fold, judge and store one look; return whether it could be stored.

        A look at a system that a reload has taken away meanwhile says nothing any more.
        """
        async with self._turn:
            if observation.system not in self.situation.config.catalog.systems:
                return False
            cursor, fresh, late = self._read(observation)
            blindness = self._blindness(observation.system, observation, now)
            assessment = assess_look(self._before(), observation, fresh, blindness, now)
            balances = self.situation.balances
            changes = replace(
                self._decided(assessment, now),
                cursors=(cursor,) if cursor else (),
                looks=(looks_of(observation),),
                balances={key: balances[key] for key in (observation.system,) if key in balances},
            )
            if not await self._commit(changes):
                return False
            self._seen(observation, assessment)
            self._ears.looked(observation, assessment, late)
        return True

    async def time_passed(self, now: datetime) -> datetime | None:
        """Judge what time alone changes; return the next instant at which that could be more."""
        async with self._turn:
            await self._feel_the_store(now)
            await self._pay_up()
            before, systems = replace(self._before(), absence=self._absence(now)), self.situation.config.catalog.systems
            blindness = {system: self._blindness(system, None, now) for system in systems}
            if await self._commit(self._decided(assess_time(before, blindness, now), now)) and not self.unwritable:
                self._awake = now
        upcoming = next_judgement(self._before(), blindness, now)
        return None if upcoming is None else max(upcoming, now + GRAIN)

    async def escalate(self, now: datetime) -> datetime | None:
        """Do what is due in open incidents: pages to the next step, updates to clients; return when more is due."""
        async with self._turn:
            drafts = [due(Draft(incident=one), self._context(), now) for one in self.situation.open_incidents]
            await self._commit(drafted(draft for draft in drafts if draft.events))
        wakes = (next_due(incident) for incident in self.situation.open_incidents)
        return min((at for at in wakes if at is not None), default=None)

    async def heard(self, heartbeat: Heartbeat, signal: Signal, now: datetime) -> None:
        """Record what a run told of itself; what that means is judged as time passes.

        Raises:
            StoreUnwritable: it could not be recorded.
        """
        async with self._turn:
            known = watched(heartbeat, self.situation.runs.get(heartbeat.id), now)
            if not await self._commit(Changes(runs={heartbeat.id: heard(known, signal, now)})):
                raise StoreUnwritable(self.unwritable or "the store cannot be written")

    async def acknowledge(self, incident: IncidentId, by: str, now: datetime) -> Incident:
        """Record that somebody took an incident.

        Raises:
            UnknownIncidentError: it is not open.
            StoreUnwritable: it could not be recorded.
        """
        async with self._turn:
            draft = acknowledged(self._open(incident), by, now)
            await self._record(draft, Act(at=now, actor=by, action="acknowledge", subject=incident))
        return self.situation.incidents[incident]

    async def resolve(self, incident: IncidentId, by: str, why: str, now: datetime) -> Incident:
        """Record that somebody ended an incident, and tell everybody who was told of it.

        Raises:
            UnknownIncidentError: it is not open.
            StoreUnwritable: it could not be recorded.
        """
        async with self._turn:
            draft = resolved(self._open(incident), by, why, self._context(), now)
            await self._record(draft, Act(at=now, actor=by, action="resolve", subject=incident, detail=why))
        return self.situation.incidents[incident]

    async def delivered(self, message: Message, delivery: Delivery) -> None:
        """Record how an attempt ended; while the store cannot be written it is kept and recorded later."""
        async with self._turn:
            if not await self._commit(delivered(self.situation, message, delivery)):
                self._owed.append((message, delivery))

    async def note(self, *acts: Act) -> None:
        """Record something a person did that changes no incident."""
        async with self._turn:
            await self._commit(Changes(acts=acts))

    def _seen(self, observation: Observation, assessment: Assessment) -> None:
        sight = self.situation.sights.get(observation.probe)
        if sight is not None:
            sight.unknown_records += assessment.unknown_clients
        for client, said in assessment.statuses.items():
            self.situation.statuses.setdefault(client, {})[observation.system] = said
        if assessment.strangers:
            strangers, system = self.situation.strangers, observation.system
            strangers[system] = met(strangers.get(system, ()), assessment.strangers, observation.answered)

    def _before(self) -> Before:
        now = self.situation
        return Before(
            catalog=now.config.catalog,
            indicators=now.indicators,
            alerts=now.alerts,
            books=now.books,
            heartbeats=now.config.heartbeats,
            runs=now.runs,
            statuses=now.statuses,
        )

    def _absence(self, now: datetime) -> Absence | None:
        """Return from when to when nobody could be heard, if this is the first pass after that."""
        if self._awake is None or now - self._awake < NOTICED:
            return None
        return Absence(start=self._awake, end=now)

    def _context(self) -> Context:
        config = self.situation.config
        return Context(catalog=config.catalog, roster=config.roster, links=self._links)

    def _open(self, incident: IncidentId) -> Incident:
        found = self.situation.incidents.get(incident)
        if found is None or not found.open:
            raise UnknownIncidentError(f"{incident} is not an open incident")
        return found

    def _read(self, observation: Observation) -> tuple[Cursor | None, tuple[Record, ...], int]:
        system = self.situation.config.catalog.systems[observation.system]
        resource = system.connector.resources.get(observation.resource)
        if resource is None:
            return None, (), 0
        known = self.situation.cursors.get(observation.probe) or Cursor(probe=observation.probe)
        return advanced(known, resource, observation)

    def _blindness(self, system: SystemId, observation: Observation | None, now: datetime) -> Blindness:
        """Since when a system has given nothing usable. Time in which we did not run ourselves does not count."""
        sights = [sight for sight in self.situation.sights.values() if sight.probe.system == system]
        interval = min((sight.interval for sight in sights), default=now - now)
        key = str(IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=system))
        indicator = self.situation.indicators.get(key)
        since = max(self.situation.started, (indicator.seen if indicator else None) or self.situation.started)
        if observation is not None and observation.outcome in (Outcome.GOOD, Outcome.BAD):
            since = now
        last = observation or next((sight.last for sight in sights if sight.last is not None), None)
        reason = f"{last.outcome}: {last.reason}" if last else "no look has come back"
        limit = blind_after(self.situation.config.catalog, system, interval)
        return Blindness(since=since, limit=limit, reason=reason)

    def _decided(self, assessment: Assessment, now: datetime) -> Changes:
        situation = self.situation
        evaluated = Evaluated(
            moved=tuple(assessment.moved.values()),
            alerts=assessment.alerts,
            backlog=assessment.backlog(now),
            indicators=(assessment.indicators, situation.indicators),
        )
        response = respond(evaluated, situation.incidents, self._context(), situation.next_number, now)
        attached = {str(alert.key): alert for alert in response.alerts}
        return replace(
            drafted(response.drafts),
            alerts=tuple({**assessment.moved, **attached}.values()),
            indicators=tuple(assessment.indicators.values()),
            books=tuple(change for change in assessment.books.values() if not change.empty),
            runs=assessment.runs,
        )

    async def _record(self, draft: Draft, act: Act) -> None:
        if not await self._commit(replace(drafted((draft,)), acts=(act,))):
            raise StoreUnwritable(self.unwritable or "the store cannot be written")

    async def _feel_the_store(self, now: datetime) -> None:
        """See whether a store that took no write does again, also where nothing waits to be written."""
        if self.unwritable is not None:
            self.unwritable = await self._thread.write(self._store.writable, now) or None

    async def _pay_up(self) -> None:
        """Record the ends of attempts that could not be recorded when they came."""
        while self._owed:
            message, delivery = self._owed[0]
            if not await self._commit(delivered(self.situation, message, delivery)):
                return
            self._owed.pop(0)

    async def _commit(self, changes: Changes) -> bool:
        if changes == Changes():
            return True
        try:
            await self._thread.write(self._store.commit, changes)
        except StoreUnwritable as error:
            self.unwritable = str(error)
            self._ears.unwritable(str(error))
            return False
        self.unwritable = None
        taken_over(self.situation, changes)
        self._ears.stored(changes)
        return True
