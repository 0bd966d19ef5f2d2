"""The desk: where a look, the passing of time or a person's word becomes a decision that is on record.

Each method is one pass: it reads what is known, lets the pure rooms decide, writes everything in one transaction, and
only then takes it over into memory. When the store cannot be written, nothing is decided and nothing in memory moves.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from alerts.alert import IncidentId
from alerts.apart import each_apart, soonest
from alerts.assess import assess_time, next_judgement
from alerts.draft import Draft
from alerts.dues import attend, attended, next_due
from alerts.escalate import acknowledged
from alerts.incident import Incident
from alerts.message import Delivery, Message
from alerts.respond import resolved
from alerts.weigh import Assessment, Before
from alerts.wording import Links
from monitor.changes import Act, Changes, together
from monitor.clock import Clock
from monitor.deciding import NOTICED, Judged, absence, add, before, blindness_of, context, decided, draft_of, judged
from monitor.ears import Ears
from monitor.holding import Held
from monitor.receiving import received
from monitor.record import (
    delivered,
    drafted,
    failed_of_clients,
    said_of_clients,
    taken_over,
    with_word_to_receivers,
)
from monitor.situation import Situation
from monitor.store import Store, StoreUnwritable
from monitor.store.thread import StoreThread
from monitor.undecided import ESCALATION, besides, undecided
from probes.adapters.webhook import Event
from probes.book import Book
from probes.catalog import FlowId, SystemId
from probes.failure import Outcome
from probes.heartbeat import Heartbeat, Signal, heard, watched
from probes.identity import met
from probes.observation import Observation
from probes.reconcile import Finding, Sample, answered, lost, regained

T = TypeVar("T")

GRAIN = timedelta(seconds=1)
"""How long time alone is left unjudged at least: thousands of records reach their limits at thousands of instants."""


AT_ONCE = 100
"""How many looks share a pass at most: judging them keeps everything else waiting."""


GATHER = timedelta(milliseconds=100)
"""While passes follow each other faster than this, what says nothing new waits: a pass costs as much as ten looks."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A look that is to be judged: whether it was stored, or why it could not be judged."""

    observation: Observation
    now: datetime
    stored: bool = False
    error: Exception | None = None


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
        self.links = links
        self._turn = asyncio.Lock()
        self._waiting: list[Waiting] = []
        self._passed: datetime | None = None
        self.clock: Clock | None = None
        self._owed: list[tuple[Message, Delivery]] = []
        self._held = Held()
        self._awake = situation.alive
        self.noticed = NOTICED

    async def between_passes(self, change: Callable[[], T]) -> T:
        """Return what a change of the situation returns, made while no pass is under way."""
        async with self._turn:
            return change()

    async def looked(self, observation: Observation, now: datetime) -> bool:
        """Fold, judge and store one look; return whether it could be stored.

        Looks that end while a pass is under way share the next one: each is judged as it would be alone, and they are
        stored together. A look at a system that a reload has taken away meanwhile says nothing any more.
        """
        look = Waiting(observation, now)
        self._waiting.append(look)
        await self._gather(look)
        async with self._turn:
            if look in self._waiting:
                self._passed = self.clock.now() if self.clock else None
                await self._judge(self._next_looks())
        if look.error is not None:
            raise look.error
        return look.stored

    async def _gather(self, look: Waiting) -> None:
        """Wait for others while passes come thick and fast; what is not good waits for nobody, and takes them along.

        Without a clock nothing is waited for.
        """
        routine = look.observation.outcome is Outcome.GOOD and not look.observation.confirming
        if self.clock is not None and self._passed is not None and routine:
            await self.clock.sleep_until(min(self._passed, look.now) + GATHER)

    def _next_looks(self) -> list[Waiting]:
        looks, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        systems = self.situation.config.catalog.systems
        return [look for look in looks if look.observation.system in systems]

    async def _judge(self, looks: list[Waiting]) -> None:
        found = list(self._judged(looks))
        if found and await self._commit(together([one.changes for _, one in found])):
            for look, one in found:
                look.stored = True
                self._seen(one.observation, one.assessment)
                self._ears.looked(one.observation, one.assessment, one.late)

    def _judged(self, looks: list[Waiting]) -> Iterator[tuple[Waiting, Judged]]:
        """Yield what each look changes; one that cannot be judged takes no other with it."""
        draft = self.situation if len(looks) == 1 else draft_of(self.situation)
        for look in looks:
            try:
                one = judged(draft, look.observation, self.links, look.now)
            except Exception as error:  # noqa: BLE001 - raised again to who handed the look in
                look.error = error
                continue
            if draft is not self.situation:
                add(draft, one)
            yield look, one

    async def time_passed(self, now: datetime) -> datetime | None:
        """Judge what time alone changes; return the next instant at which that could be more."""
        async with self._turn:
            await self._feel_the_store(now)
            await self._pay_up()
            if self._held.overdue(now):
                await self._write(Changes())
            known, systems = self.situation, self.situation.config.catalog.systems
            blindness = {system: blindness_of(known, system, None, now) for system in systems}
            away = absence(self._awake, self.noticed, now)
            assessment = assess_time(replace(before(known), absence=away), blindness, now)
            if await self._commit(decided(known, assessment, self.links, now)) and not self.unwritable:
                self._awake = now
        upcoming = next_judgement(before(known), blindness, now)
        return None if upcoming is None else max(upcoming, now + GRAIN)

    async def judged(self, assess: Callable[[Before], Assessment], now: datetime) -> bool:
        """Have something assessed, and store what follows from it; return whether it could be stored."""
        async with self._turn:
            assessment = assess(before(self.situation))
            return await self._commit(decided(self.situation, assessment, self.links, now))

    async def escalate(self, now: datetime) -> datetime | None:
        """Do what is due in open incidents: pages to the next step, updates to clients; return when more is due."""
        async with self._turn:
            known = replace(context(self.situation, self.links), past=self.situation.past)
            drafts = [Draft(incident=one) for one in attended(self.situation.incidents.values(), known)]
            failed = each_apart(drafts, lambda draft: attend(draft, known, now))
            changes = drafted(draft for draft in drafts if draft.events)
            await self._commit(besides(changes, undecided(self.situation, known, ESCALATION, failed, now)))
        known = context(self.situation, self.links)
        return soonest(self.situation.open_incidents, lambda incident: next_due(incident, known, now))

    async def heard(self, heartbeat: Heartbeat, signal: Signal, now: datetime) -> None:
        """Record what a run told of itself; what that means is judged as time passes.

        Raises:
            StoreUnwritable: it could not be recorded.
        """
        async with self._turn:
            known = watched(heartbeat, self.situation.runs.get(heartbeat.id), now)
            if not await self._commit(Changes(runs={heartbeat.id: heard(known, signal, now)})):
                raise StoreUnwritable(self.unwritable or "the store cannot be written")

    async def told(self, system: SystemId, events: Sequence[Event], now: datetime) -> int:
        """Fold, judge and store what a webhook tells; return how many of its events were not heard before.

        Raises:
            StoreUnwritable: it could not be recorded.
            StoreUnreadable: nobody can say what was heard before.
        """
        async with self._turn:
            if system not in self.situation.config.catalog.systems:
                raise StoreUnwritable(f"a reload has just taken {system} away")
            names = [event.id for event in events]
            known = await self._thread.read(self._store.heard_before, system, names)
            new = [event for event in events if event.id not in known]
            assessment, changes = received(self.situation, system, new, self.links, now)
            if not await self._commit(changes):
                raise StoreUnwritable(self.unwritable or "the store cannot be written")
            self._learned(system, assessment, now)
            self._ears.told(system, assessment)
        return len(new)

    async def reconciled(self, flow: FlowId, key: str, now: datetime, *, found: bool) -> Finding:
        """Record what a look-up showed of a record; one that is missing ends as such in its flow's book.

        Raises:
            StoreUnwritable: it could not be recorded.
        """
        async with self._turn:
            sample = self.situation.samples.get(flow) or Sample(flow=flow)
            after, finding = answered(sample, key, found=found, now=now)
            book = self.situation.books.get(flow) or Book(flow)
            moved = {Finding.MISSING: lost(sample, flow, key), Finding.REGAINED: regained(book, key, now)}.get(finding)
            if not await self._commit(Changes(samples={flow: after}, books=(moved,) if moved else ())):
                raise StoreUnwritable(self.unwritable or "the store cannot be written")
        return finding

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
            draft = resolved(self._open(incident), by, why, context(self.situation, self.links), now)
            await self._record(draft, Act(at=now, actor=by, action="resolve", subject=incident, detail=why))
        return self.situation.incidents[incident]

    async def delivered(self, ended: Sequence[tuple[Message, Delivery]]) -> None:
        """Record how attempts ended; while the store cannot be written it is kept and recorded later."""
        async with self._turn:
            if not await self._commit(delivered(self.situation, ended)):
                self._owed += ended

    async def decide(self, decision: Callable[[Situation], tuple[T, Changes]]) -> T:
        """Return what a decision on the situation answers, once what it changes is on record; what it raises is raised.

        Raises:
            StoreUnwritable: it could not be recorded.
        """
        async with self._turn:
            answer, changes = decision(self.situation)
            if not await self._commit(changes):
                raise StoreUnwritable(self.unwritable or "the store cannot be written")
        return answer

    async def note(self, *acts: Act) -> None:
        """Record something a person did that changes no incident."""
        async with self._turn:
            await self._commit(Changes(acts=acts))

    def _seen(self, observation: Observation, assessment: Assessment) -> None:
        sight = self.situation.sights.get(observation.probe)
        if sight is not None:
            sight.unknown_records += assessment.unknown_clients
        failed_of_clients(self.situation, observation)
        self._learned(observation.system, assessment, observation.answered)

    def _learned(self, system: SystemId, assessment: Assessment, at: datetime) -> None:
        said_of_clients(self.situation, system, assessment.statuses)
        if assessment.strangers:
            strangers = self.situation.strangers
            strangers[system] = met(strangers.get(system, ()), assessment.strangers, at)

    def _open(self, incident: IncidentId) -> Incident:
        found = self.situation.incidents.get(incident)
        if found is None or not found.open:
            raise UnknownIncidentError(f"{incident} is not an open incident")
        return found

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
            ended = self._owed[:AT_ONCE]
            if not await self._commit(delivered(self.situation, ended)):
                return
            del self._owed[:AT_ONCE]

    async def settle(self) -> None:
        """Write what waits to be written, before the process ends."""
        async with self._turn:
            await self._write(Changes())

    async def _commit(self, changes: Changes) -> bool:
        """Write changes, or keep them back for a moment where nobody would miss them, and take them over."""
        if changes.empty:
            return True
        changes = with_word_to_receivers(self.situation, changes)
        held = self.clock is not None and not self.unwritable and self._held.hold(changes, self.clock.now())
        written = False
        try:
            written = held or await self._write(changes)
        finally:
            if not written:
                self.situation.settled.clear()
        if not written:
            return False
        taken_over(self.situation, changes)
        self._ears.stored(changes)
        return True

    async def _write(self, changes: Changes) -> bool:
        """Write changes with what was kept back before them; return whether the store took them."""
        try:
            await self._thread.write(self._store.commit, self._held.whole(changes))
        except StoreUnwritable as error:
            self.unwritable = str(error)
            self._ears.unwritable(str(error))
            return False
        self.unwritable = None
        self._held.written()
        return True
