"""Looks up single records at their destinations, with what the quotas leave over after the planned looks.

Who is drawn, how far apart look-ups are, and what they show is `probes.reconcile`'s to say; the desk records it. A
look-up never takes what is kept to confirm a suspicion, and gives way to every look that waits.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from monitor.changes import Changes
from monitor.desk import Desk
from monitor.driver import Driver
from monitor.loops.quotas import Counted, Quotas
from monitor.loops.searching import Searching
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from monitor.situation import Sight, Situation
from probes.adapters.http import Transport
from probes.adapters.look import Instruments, Look
from probes.adapters.lookup import LookedUp, look_up
from probes.adapters.oauth import Tokens
from probes.book import Book
from probes.budget import Balance, Purpose
from probes.catalog import Flow, FlowId, Probe, ProbeId, System, SystemId
from probes.connector import Lookup
from probes.failure import FailureClass, Outcome, outcome_of
from probes.lookup import lookup_by
from probes.observation import Observation
from probes.reconcile import Finding, Sample, apart, next_lookup, offered, shown
from probes.tracked import Ending

LATER = timedelta(minutes=1)
"""When a flow is asked about again for which nothing is left of the quota, or nobody is old enough."""

SPARE = 2
"""Requests that could be made at once before one of them is a look-up."""

log = structlog.get_logger("tierwatch")


class Reconciling:
    """The tick that looks records up."""

    def __init__(
        self,
        desk: Desk,
        driver: Driver,
        transport: Transport,
        secrets: Secrets,
        waited: Callable[[str, timedelta], None],
    ) -> None:
        self._desk = desk
        self._driver = driver
        self._transport = transport
        self._secrets = secrets
        self._quotas = Quotas(lambda: desk.situation, waited)
        self._due: dict[FlowId, datetime] = {}
        self._under_way: set[FlowId] = set()
        self.tokens: Tokens | None = None
        self.searching = Searching(desk, driver, transport, secrets, self._quotas)

    @property
    def _situation(self) -> Situation:
        return self._desk.situation

    def heard(self, changes: Changes) -> None:
        """Take records seen at a source into the sample of their flow; compare both ends where some are missing."""
        flows, samples = self._situation.config.catalog.flows, self._situation.samples
        for change in changes.books:
            flow = flows.get(change.flow)
            if flow is not None and self._lookup(flow) is not None:
                sample = samples.get(flow.id) or Sample(flow=flow.id)
                samples[flow.id] = offered(sample, shown(change))
            if flow is not None and any(ending is Ending.MISSING for _, ending in change.endings):
                self.searching.suspect(flow, (one for one in change.kept if one.ending is Ending.MISSING))

    async def tick(self, now: datetime) -> datetime | None:
        """Begin the look-ups that are due; return when the next one is."""
        every = ((flow, self._lookup(flow)) for flow in self._situation.config.catalog.flows.values())
        flows = [(flow, lookup) for flow, lookup in every if lookup is not None]
        sharing = Counter(flow.destination.system for flow, _ in flows)
        gaps = {system: self._apart(system, number) for system, number in sharing.items()}
        wakes = [self._turn(flow, lookup, gaps[flow.destination.system], now) for flow, lookup in flows]
        return min((max(at, now + timedelta(seconds=1)) for at in wakes), default=None)

    def _turn(self, flow: Flow, lookup: Lookup, gap: timedelta | None, now: datetime) -> datetime:
        """Begin a look-up of a flow where one is due; return when the next one is."""
        if gap is None:
            return now + LATER
        if self._due.setdefault(flow.id, now + gap) <= now and flow.id not in self._under_way:
            self._due[flow.id] = now + (gap if self._begun(flow, lookup, now) else max(gap, LATER))
        return self._due[flow.id]

    def _lookup(self, flow: Flow) -> Lookup | None:
        system = self._situation.config.catalog.systems[flow.destination.system]
        return lookup_by(system.connector.resources[flow.destination.resource], flow.destination.field)

    def _apart(self, system: SystemId, sharing: int) -> timedelta | None:
        """How far apart the look-ups of a flow are; the flows that end in one system share what it leaves over."""
        planned = sum(sight.cost / sight.interval.total_seconds() for sight in self._sights(system))
        return apart(self._quotas.sustained(system), planned, sharing)

    def _sights(self, system: SystemId) -> list[Sight]:
        sights, wants = self._situation.sights, self._situation.wants.get(system, ())
        return [sights[want.probe.id] for want in wants if want.probe.id in sights]

    def _begun(self, flow: Flow, lookup: Lookup, now: datetime) -> bool:
        """Begin a look-up where a record is to be drawn and no look wants the quota; tell whether it was begun."""
        situation = self._situation
        sample, book = situation.samples.get(flow.id), situation.books.get(flow.id) or Book(flow.id)
        key = next_lookup(sample, book, now) if sample is not None else None
        if key is None or self._wanted(flow.destination.system, now):
            return False
        self._under_way.add(flow.id)
        self._driver.spawn(self._reconcile(flow, lookup, key))
        return True

    def _wanted(self, system: SystemId, now: datetime) -> bool:
        """Whether a look waits for the quota, or would if we took of it."""
        ahead: dict[SystemId, Balance] = {}
        waits = (self._quotas.ahead(system, Purpose.ROUTINE, ahead, now) for _ in range(SPARE))
        return any(sight.held or sight.burst for sight in self._sights(system)) or any(
            wait > timedelta() for wait in waits
        )

    async def _reconcile(self, flow: Flow, lookup: Lookup, key: str) -> None:
        try:
            looked = await self._looked_up(flow, lookup, key)
            if looked is None or looked.found is None:
                return
            finding = await self._desk.reconciled(flow.id, key, looked.answered, found=looked.found)
            if finding is Finding.MISSING:
                log.warning("a record is missing", flow=flow.id)
        finally:
            self._under_way.discard(flow.id)

    async def _looked_up(self, flow: Flow, lookup: Lookup, key: str) -> LookedUp | None:
        """Ask for one record, and learn what the answer says of the quota; None where no credential is to be had."""
        system = self._situation.config.catalog.systems[flow.destination.system]
        try:
            request = self._request(flow, system)
        except ConfigError:
            return None
        counted, sent = Counted(self._transport, self._quotas, system.id), self._driver.clock.now()
        tools = Instruments(
            transport=counted,
            take=counted.take,
            now=self._driver.clock.now,
            tokens=self.tokens,
            heard=counted.heard,
        )
        looked = await look_up(request, lookup, key, tools)
        if looked.failure is not FailureClass.QUOTA and system.id in self._situation.config.catalog.systems:
            self._quotas.learned(_observed(request, looked, sent))
        return looked

    def _request(self, flow: Flow, system: System) -> Look:
        secret, parts = self._secrets.of(system)
        end = flow.destination
        probe = Probe(
            id=ProbeId(f"{end.system}.{end.resource}"), system=end.system, resource=end.resource, fields=(end.field,)
        )
        return Look(probe=probe, system=system, secret=secret, secrets=parts)


def _observed(request: Look, looked: LookedUp, sent: datetime) -> Observation:
    """A look-up as a look, for what it says of the quota."""
    return Observation(
        probe=request.probe.id,
        system=request.system.id,
        resource=request.probe.resource,
        outcome=Outcome.GOOD if looked.failure is None else outcome_of(looked.failure),
        sent=sent,
        answered=looked.answered,
        failure=looked.failure,
        reason=looked.reason,
        news=looked.news,
    )
