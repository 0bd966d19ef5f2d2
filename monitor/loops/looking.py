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
from monitor.limits import limits_of
from monitor.loops.attributing import Attributing
from monitor.loops.inspecting import Inspecting
from monitor.loops.pacing import Pacing
from monitor.loops.quotas import Counted, Quotas
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from monitor.situation import Sight, Situation
from probes.adapters.http import Transport
from probes.adapters.look import Instruments, Look, Looks, look
from probes.adapters.oauth import Tokens
from probes.budget import Balance, Purpose, rate, shifted
from probes.burn import targets_of
from probes.catalog import System, SystemId
from probes.cursor import Cursor, since
from probes.failure import FailureClass, Outcome, outcome_of
from probes.observation import Observation
from probes.plan import paced, tiers_hurt, wants_of
from probes.schedule import confirmations, next_due

FIRST_WINDOW = timedelta(minutes=15)
"""How far back the first look of a probe reaches."""

PUT_BACK = timedelta(seconds=5)
"""A clock that shows an instant this long before the last one was put back; less is adjustment."""

tracer = trace.get_tracer("tierwatch")


DOUBTFUL = (FailureClass.AUTH, FailureClass.EGRESS)
"""Failures that count against no vendor, and are looked into at once all the same."""

AT_ONCE = 25
"""Looks that begin in one turn; then those under way have theirs, so that what is too much waits for its beginning."""

TURN = timedelta(milliseconds=1)
PER_SIGHT = timedelta(microseconds=20)
"""How long looks that become due wait for others, for each sight: to go through all of them costs a tenth of this."""

COST_MEMORY = 0.8
"""How much of what looks used to cost is kept at each new one."""


def plan_looks(situation: Situation, seed: int, now: datetime) -> None:
    """Take a configuration's plan into the situation; a probe that was there before keeps what it saw."""
    catalog = situation.config.catalog
    situation.wants, situation.hurt = wants_of(catalog), tiers_hurt(catalog)
    situation.limits, situation.targets = limits_of(situation.config, situation.wants), targets_of(catalog)
    known, situation.sights = situation.sights, {}
    for system, wants in situation.wants.items():
        lengths = paced(wants, rate(catalog.systems[system].quota))
        for want in wants:
            length = lengths[want.probe.id]
            due = next_due(want.probe.id, length, seed, now)
            fresh = Sight(probe=want.probe, interval=length, next_due=due, wanted=want.wanted)
            situation.sights[want.probe.id] = _inherited(fresh, known.get(want.probe.id))


def _inherited(fresh: Sight, before: Sight | None) -> Sight:
    if before is not None:
        fresh.last, fresh.last_good, fresh.unknown_since = before.last, before.last_good, before.unknown_since
        fresh.throttled_since, fresh.cost = before.throttled_since, before.cost
    return fresh


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
        self._quotas = Quotas(lambda: desk.situation, waited)
        self._pacing = Pacing(self._quotas)
        self.attributing = Attributing(lambda: desk.situation)
        self.inspecting = Inspecting()
        self.seed = 0
        self.tokens: Tokens | None = None
        self.observe: Looks = look
        self._called = max(filter(None, [driver.clock.now(), desk.situation.alive]))

    @property
    def _clock(self) -> Clock:
        return self._driver.clock

    @property
    def _situation(self) -> Situation:
        return self._desk.situation

    async def tick(self, now: datetime) -> datetime | None:
        """Start every look that is due and that its quota allows; return when the next one is."""
        if now < self._called - PUT_BACK:
            self._begin_anew(now)
        self._called = now
        self._pacing.watch(self._situation, self.seed, now)
        ahead: dict[SystemId, Balance] = {}
        begun = 0
        for sight in self._due(now):
            if begun == AT_ONCE:
                return now + TURN
            if not self._holds(sight, ahead, now):
                self._begin(sight, now)
                begun += 1
        sights = self._situation.sights
        upcoming = min((one.held or one.next_due for one in sights.values() if not one.under_way), default=None)
        return upcoming and max(upcoming, now + len(sights) * PER_SIGHT)

    def _begin(self, sight: Sight, now: datetime) -> None:
        self._pacing.begun(now - (sight.held or sight.next_due))
        sight.under_way, sight.held = True, None
        self._driver.spawn(self._look(sight))

    def _due(self, now: datetime) -> list[Sight]:
        """The looks that are due: those that confirm a suspicion first, then the latest for their interval."""
        due = [sight for sight in self._situation.sights.values() if sight.next_due <= now and not sight.under_way]
        return sorted(due, key=lambda sight: (not sight.burst, (sight.next_due - now) / sight.interval))

    def _holds(self, sight: Sight, ahead: dict[SystemId, Balance], now: datetime) -> bool:
        """Whether a look waits for its quota. One that would be an interval late does not: it is seen to be skipped."""
        system = sight.probe.system
        wait = self._quotas.ahead(system, Purpose.CONFIRM if sight.burst else Purpose.ROUTINE, ahead, now)
        if wait <= timedelta() or wait > sight.interval - (now - sight.next_due):
            return False
        if sight.held is None:
            self._quotas.told_to_wait(system, wait)
        sight.held = now + wait
        return True

    def _begin_anew(self, now: datetime) -> None:
        """Plan anew after a clock that was ahead, and put what is owed to quotas back with it: all looks would wait.

        It is taken for put back at the last tick: what was owed then is owed now, and is never forgotten.
        """
        balances, by = self._situation.balances, now - self._called
        balances.update({system: shifted(one, by) for system, one in balances.items()})
        for sight in self._situation.sights.values():
            sight.burst, sight.held = (), None
            sight.next_due = next_due(sight.probe.id, sight.interval, self.seed, now)

    async def _look(self, sight: Sight) -> None:
        try:
            await self.look(sight)
        except Exception:
            # What could not be judged would fail again at once, and again, at the vendor's expense.
            sight.next_due = next_due(sight.probe.id, sight.interval, self.seed, self._clock.now())
            raise
        finally:
            sight.under_way = False
            self._driver.expect("looks", sight.next_due)

    async def look(self, sight: Sight) -> Observation:
        """Look once, have it judged and stored, and plan the next look."""
        with tracer.start_as_current_span("tierwatch.check") as span:
            span.set_attribute("tierwatch.probe", sight.probe.id)
            observation = await self.attributing.attributed(await self._observed(sight))
            span.set_attribute("tierwatch.outcome", observation.outcome)
        if observation.system not in self._situation.config.catalog.systems:
            return observation
        self._quotas.learned(observation)
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
            gap=cursor.gap if (cursor := self._situation.cursors.get(sight.probe.id)) else None,
            confirming=bool(sight.burst),
        )
        counted = Counted(self._transport, self._quotas, system.id)
        instruments = Instruments(
            transport=counted,
            take=counted.take,
            now=self._clock.now,
            sleep_until=self._clock.sleep_until,
            tokens=self.tokens,
            heard=counted.heard,
        )
        seen = await self.observe(request, instruments)
        return await self.inspecting.inspected(seen, system, secret, self.tokens)

    def _since(self, sight: Sight, system: System) -> datetime | None:
        resource = system.connector.resources.get(sight.probe.resource)
        if resource is None:
            return None
        cursor = self._situation.cursors.get(sight.probe.id) or Cursor(probe=sight.probe.id)
        return since(cursor, resource, FIRST_WINDOW, self._clock.now() + _offset(sight))

    def _plan(self, sight: Sight, observation: Observation) -> None:
        now = self._clock.now()
        self._pacing.renew(self._situation, sight.probe.system, self.seed, now)
        sight.burst = sight.burst[1:] if observation.confirming else sight.burst
        if not sight.burst and not observation.confirming and self._suspicious(observation):
            sight.burst = confirmations(now, sight.interval, self._situation.limits.row)
            self.attributing.ask_beside(sight.probe.system, now)
        regular = next_due(sight.probe.id, sight.interval, self.seed, now)
        sight.next_due = min(max(now, sight.burst[0]), regular) if sight.burst else regular

    def _suspicious(self, observation: Observation) -> bool:
        if observation.outcome is not Outcome.BAD and observation.failure not in DOUBTFUL:
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
    sight.last = replace(observation, records=(), samples=())
    sight.last_good = observation.answered if observation.outcome is Outcome.GOOD else sight.last_good
    sight.unknown_since = None if usable else sight.unknown_since or observation.answered
    kept = observation.outcome in (Outcome.THROTTLED, Outcome.SKIPPED)
    sight.throttled_since = (sight.throttled_since or observation.answered) if kept else None
    if observation.requests:
        sight.cost = COST_MEMORY * sight.cost + (1 - COST_MEMORY) * observation.requests


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
