"""Looks at what is due, each look beside the others, and hands every observation to the desk.

When to look is `probes.schedule`'s and `probes.plan`'s to say, what a look means is the desk's.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from opentelemetry import trace

from alerts.alert import AlertKey, AlertKind
from monitor.clock import Clock
from monitor.desk import Desk
from monitor.driver import Driver
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from monitor.situation import Sight, Situation
from probes.adapters.http import Transport
from probes.adapters.look import Instruments, Look, look
from probes.adapters.oauth import Tokens
from probes.budget import Balance, Grant, Purpose, take
from probes.catalog import Catalog, ProbeId, System
from probes.cursor import Cursor, since
from probes.failure import FailureClass, Outcome, outcome_of
from probes.feedback import learn
from probes.observation import Observation
from probes.plan import intervals, probes_of
from probes.schedule import confirmations, next_due

FIRST_WINDOW = timedelta(minutes=15)
"""How far back the first look of a probe reaches."""

PUT_BACK = timedelta(seconds=5)
"""A clock that shows an instant this long before the last one was put back; less is adjustment."""

tracer = trace.get_tracer("tierwatch")


def sights_of(catalog: Catalog, known: dict[ProbeId, Sight], seed: int, now: datetime) -> dict[ProbeId, Sight]:
    """Return a sight for every probe of a catalog; one that was there before keeps what it saw."""
    found = {}
    planned = intervals(catalog)
    for probe in probes_of(catalog):
        pause = planned[probe.id]
        fresh = Sight(probe=probe, interval=pause, next_due=next_due(probe.id, pause, seed, now))
        before = known.get(probe.id)
        if before is not None:
            fresh.last, fresh.last_good, fresh.unknown_since = before.last, before.last_good, before.unknown_since
        found[probe.id] = fresh
    return found


class Looking:
    """The tick that looks."""

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
        self._waited = waited
        self.seed = 0
        self.tokens: Tokens | None = None
        self._called = driver.clock.now()

    @property
    def _clock(self) -> Clock:
        return self._driver.clock

    @property
    def _situation(self) -> Situation:
        return self._desk.situation

    async def tick(self, now: datetime) -> datetime | None:
        """Start every look that is due; return when the next one is."""
        if now < self._called - PUT_BACK:
            self._begin_anew(now)
        self._called = now
        for sight in self._situation.sights.values():
            if sight.next_due <= now and not sight.under_way:
                sight.under_way = True
                self._driver.spawn(self._look(sight))
        waiting = (sight.next_due for sight in self._situation.sights.values() if not sight.under_way)
        return min(waiting, default=None)

    def _begin_anew(self, now: datetime) -> None:
        """Forget what was planned and what was owed to quotas by a clock that was ahead: all looks would wait."""
        self._situation.balances.clear()
        for sight in self._situation.sights.values():
            sight.burst, sight.next_due = (), next_due(sight.probe.id, sight.interval, self.seed, now)

    async def _look(self, sight: Sight) -> None:
        try:
            await self.look(sight)
        finally:
            sight.under_way = False
            self._driver.wake("looks")

    async def look(self, sight: Sight) -> Observation:
        """Look once, have it judged and stored, and plan the next look."""
        with tracer.start_as_current_span("tierwatch.check") as span:
            span.set_attribute("tierwatch.probe", sight.probe.id)
            observation = await self._observed(sight)
            span.set_attribute("tierwatch.outcome", observation.outcome)
        self._learn(observation)
        stored = await self._desk.looked(observation, self._clock.now())
        if stored:
            _remember(sight, observation)
        self._plan(sight, observation)
        return observation

    async def _observed(self, sight: Sight) -> Observation:
        system = self._situation.config.catalog.systems[sight.probe.system]
        try:
            secret, parts = self._secrets.of(system)
        except ConfigError as error:
            return _unable(sight, str(error), self._clock.now())
        request = Look(
            probe=sight.probe,
            system=system,
            secret=secret,
            secrets=parts,
            since=self._since(sight, system),
            offset=_offset(sight),
            confirming=bool(sight.burst),
        )
        instruments = Instruments(
            transport=self._transport,
            take=lambda purpose, now: self._take(system, purpose, now),
            now=self._clock.now,
            sleep_until=self._clock.sleep_until,
            tokens=self.tokens,
        )
        return await look(request, instruments)

    def _since(self, sight: Sight, system: System) -> datetime | None:
        resource = system.connector.resources.get(sight.probe.resource)
        if resource is None:
            return None
        cursor = self._situation.cursors.get(sight.probe.id) or Cursor(probe=sight.probe.id)
        return since(cursor, resource, FIRST_WINDOW, self._clock.now() + _offset(sight))

    def _take(self, system: System, purpose: Purpose, now: datetime) -> Grant:
        grant = take(system.quota, self._situation.balances.get(system.id, Balance()), purpose, 1, now)
        self._situation.balances[system.id] = grant.balance
        self._waited(system.id, grant.wait)
        return grant

    def _learn(self, observation: Observation) -> None:
        quota = self._situation.config.catalog.systems[observation.system].quota
        balance = self._situation.balances.get(observation.system, Balance())
        self._situation.balances[observation.system] = learn(quota, balance, observation.news, observation.answered)

    def _plan(self, sight: Sight, observation: Observation) -> None:
        now = self._clock.now()
        sight.burst = tuple(at for at in sight.burst if at > now)
        if not sight.burst and not observation.confirming and self._suspicious(observation):
            sight.burst = confirmations(now)
        planned = next_due(sight.probe.id, sight.interval, self.seed, now)
        sight.next_due = min(sight.burst[0], planned) if sight.burst else planned

    def _suspicious(self, observation: Observation) -> bool:
        if observation.outcome is not Outcome.BAD and observation.failure is not FailureClass.AUTH:
            return False
        kinds = (AlertKind.AVAILABILITY, AlertKind.CREDENTIAL)
        keys = (str(AlertKey(kind=kind, subject=observation.system)) for kind in kinds)
        known = (self._situation.alerts.get(key) for key in keys)
        return not any(alert is not None and alert.active for alert in known)


def _offset(sight: Sight) -> timedelta:
    """How far the vendor's clock was off ours at the last look."""
    return sight.last.correction if sight.last is not None else timedelta()


def _remember(sight: Sight, observation: Observation) -> None:
    usable = observation.outcome in (Outcome.GOOD, Outcome.BAD)
    sight.last = replace(observation, records=())
    sight.last_good = observation.answered if observation.outcome is Outcome.GOOD else sight.last_good
    sight.unknown_since = None if usable else sight.unknown_since or observation.answered


def _unable(sight: Sight, reason: str, now: datetime) -> Observation:
    return Observation(
        probe=sight.probe.id,
        system=sight.probe.system,
        resource=sight.probe.resource,
        outcome=outcome_of(FailureClass.OWN),
        sent=now,
        answered=now,
        failure=FailureClass.OWN,
        reason=reason,
        requests=0,
    )
