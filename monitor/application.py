"""The application: every part wired to the others, as one object that pages, metrics and commands talk to.

It is made by `app`, which chooses the parts. It decides nothing itself: it hears what the desk has stored, wakes the
ticks that this concerns, and answers what it is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

import structlog
from prometheus_client import generate_latest

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.masked import NOT_FOUND, Masked, masked
from alerts.merging import CannotBeDone
from alerts.orders import Order
from alerts.weigh import Assessment
from alerts.wording import Links
from monitor.begun import begun
from monitor.changes import Act, Changes
from monitor.crosswalk import known_as, still_said, still_strangers
from monitor.desk import Desk, UnknownIncidentError
from monitor.driver import Beat, Driver
from monitor.intake import AlertIntake
from monitor.lastresort import LastResort
from monitor.load import ConfigError, Loaded, Problem, load
from monitor.loops.auditing import Auditing
from monitor.loops.canarying import Canarying
from monitor.loops.digesting import Digesting
from monitor.loops.duty import Duty
from monitor.loops.forewarning import Forewarning
from monitor.loops.guarding import Guarding
from monitor.loops.keeping import Keeping
from monitor.loops.looking import Looking, plan_looks
from monitor.loops.promising import Promising
from monitor.loops.recalling import Recalling
from monitor.loops.reconciling import Reconciling
from monitor.loops.unreached import Unreached
from monitor.ordered import ordered
from monitor.parts import Parts
from monitor.posting import outbox
from monitor.receipt import Receipt
from monitor.situation import Situation
from monitor.store import Store
from monitor.telemetry.gauges import Gauges
from monitor.telemetry.listener import Listener
from monitor.telemetry.metrics import Metrics
from monitor.telemetry.promises import Promises
from monitor.tokens import StoredTokens
from monitor.undecided import told
from monitor.waking import MOMENT, concerned, concerned_soon
from monitor.web.access import Doors, Keys
from monitor.web.office import SandboxLink, refusing
from monitor.webhooks import Intake
from probes.adapters.oauth import Tokens
from probes.budget import NEVER
from probes.catalog import SecretRef, SystemId
from probes.heartbeat import Heartbeat, Signal
from probes.observation import Observation
from probes.webhook import Posted, Refusal

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

STALLED = timedelta(seconds=30)
"""A tick that is overdue by more than this has stalled."""

UNNAMED = "Tierwatch"
"""Who reloads where nobody is named."""

log = structlog.get_logger("tierwatch")


class Application:
    """The running application. `version` grows with each stored change, so that pages know when to look again."""

    def __init__(self, parts: Parts, loaded: Loaded) -> None:
        now = parts.clock.now()
        parts.store.recover(now)
        self._parts = parts
        self.thread = parts.thread(parts.store)
        self.situation = begun(loaded, parts.store.load(now), now)
        plan_looks(self.situation, 0, now)
        self.driver = Driver(parts.clock)
        self.instruments = Metrics(self.situation.config.catalog)
        self._listener = Listener(self.instruments, lambda: self.situation)
        self._promises = Promises(self.instruments.registry, lambda: self.situation, self.now)
        links = Links(external=parts.doors.address)
        self.desk = Desk(self.situation, parts.store, self.thread, self, links)
        self.intake = AlertIntake(self.desk, parts.store, self.thread, parts.secrets)
        self.intake.begin(now)
        self.promising = Promising(self.desk, self.situation, links)
        self.promising.renewed = self._plan_anew
        self._intake = Intake(self.desk, parts.secrets, self._posted)
        self.looking = Looking(self.desk, self.driver, parts.transport, parts.secrets, self._waited)
        self.looking.attributing.reach = parts.reach
        self.looking.inspecting.shown = parts.shown
        self.looking.observe = parts.look
        self.looking.tokens = Tokens(
            parts.transport, StoredTokens(parts.store, self.thread), parts.clock.now, parts.clock.sleep_until
        )
        self.reconciling = Reconciling(self.desk, self.driver, parts.transport, parts.secrets, self._waited)
        self.reconciling.tokens = self.reconciling.searching.tokens = self.looking.tokens
        self.auditing = Auditing(self.situation, parts.store, self.thread, self.desk.links, self._deliver)
        self.recalling = Recalling(self.situation, parts.store, self.thread)
        self.keeping = Keeping(self.driver, self.situation, parts.store, self.thread)
        self.keeping.retention = parts.retention
        self.keeping.unwritable = self.unwritable
        self.duty = Duty(self.desk, self.driver, parts.transport, parts.secrets)
        self.outbox = outbox(parts, self.desk, self.driver, self.thread)
        self.last_resort = LastResort(channel=parts.channel, resolve=parts.secrets.resolve)
        self.version = 0
        self._news = asyncio.Event()
        parts.configured(self.situation.config)
        self._beat()

    def _deliver(self) -> None:
        """Have delivered what was written past the desk."""
        self.outbox.doubt()
        self.driver.wake("delivery")

    def _beat(self) -> None:
        self.driver.add("looks", self.looking.tick)
        self.driver.add("time", self.desk.time_passed)
        self.driver.add("reconciling", self.reconciling.tick)
        self.driver.add("intake", self.intake.tick)
        self.intake.wake = lambda: self.driver.wake("intake")
        self.intake.expect = lambda at: self.driver.expect("intake", at)
        self.driver.add("escalation", self.desk.escalate)
        self.driver.add("promises", self.promising.tick)
        self.driver.add("delivery", self.outbox.tick)
        self.driver.add("auditing", self.auditing.tick)
        self.driver.add("unreached", Unreached(self.desk, self._parts.store, self.thread).tick)
        self.driver.add("recalling", self.recalling.tick)
        self.driver.add("keeping", self.keeping.tick)
        self.driver.add("canaries", Canarying(self.desk, self.situation).tick)
        self.driver.add("oncall", self.duty.tick)
        self.driver.add("forewarning", Forewarning(self.desk).tick)
        self.driver.add("guarding", Guarding(self.desk).tick)
        self.driver.add("digesting", Digesting(self.desk, self.store, self.thread).tick)
        self.instruments.registry.register(Gauges(self))
        self.instruments.reload_success.set(1)
        self.instruments.reload_time.set(self.now().timestamp())

    # What the desk tells.

    def looked(self, observation: Observation, assessment: Assessment, late: int) -> None:
        """Hear of a look that was stored."""
        self._listener.looked(observation, assessment, late)

    def told(self, system: SystemId, assessment: Assessment) -> None:
        """Hear of a webhook that was stored."""
        self._listener.told(system, assessment)

    def stored(self, changes: Changes) -> None:
        """Hear of changes that were stored: count them, and wake whom they concern."""
        self._listener.stored(changes)
        self._promises.heard(changes)
        for one in told(changes):
            log.error("an incident cannot be decided", incident=one.failure.incident, exc_info=one.failure.error)
        self.reconciling.heard(changes)
        self.outbox.heard(changes)
        self.driver.wake(*concerned(changes))
        for name in concerned_soon(changes):
            self.driver.expect(name, self.now() + MOMENT)
        self.version += 1
        self._news.set()
        self._news = asyncio.Event()

    def unwritable(self, reason: str) -> None:
        """Hear that nothing can be recorded: say so to the catch-all, without the store."""
        log.error("the store cannot be written", reason=reason)
        self.driver.spawn(self._last_resort())

    async def _last_resort(self) -> None:
        sent = await self.last_resort.send(self.situation.config.roster.catch_all, self.now())
        self.instruments.last_resorts.inc(sent)

    # What pages, metrics and commands ask.

    @property
    def store(self) -> Store:
        """The store's reads, to be called through `read`."""
        return self._parts.store

    @property
    def doors(self) -> Doors:
        """Where we are reached."""
        return self._parts.doors

    @property
    def keys(self) -> Keys:
        """What opens the doors."""
        return self._parts.keys

    @property
    def sandbox(self) -> SandboxLink | None:
        """The sandbox, in the demo only."""
        return self._parts.sandbox

    @property
    def beats(self) -> Mapping[str, Beat]:
        """The ticks and their pulses."""
        return self.driver.beats

    @property
    def outbox_age(self) -> timedelta:
        """The age of the oldest message that waits to be told."""
        return self.keeping.outbox_age

    @property
    def writable(self) -> bool:
        """Whether the store takes writes."""
        return self.desk.unwritable is None and not self.keeping.reason

    def now(self) -> datetime:
        """Return the present instant."""
        return self._parts.clock.now()

    def read(self, query: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Awaitable[Answer]:
        """Return the answer of one of the store's reads, without holding up the loop."""
        return self.thread.read(query, *args, **kwargs)

    async def changed(self, after: int) -> int:
        """Wait until the version is another than `after`, and return it."""
        while self.version == after:
            await self._news.wait()
        return self.version

    async def acknowledge(self, incident: IncidentId, by: str) -> Incident:
        """Record that somebody took an incident. Raises Refused, or StoreUnwritable."""
        with refusing(UnknownIncidentError):
            return await self.desk.acknowledge(incident, by, self.now())

    async def resolve(self, incident: IncidentId, by: str, why: str) -> Incident:
        """Record that somebody ended an incident, and why. Raises Refused, or StoreUnwritable."""
        with refusing(UnknownIncidentError):
            return await self.desk.resolve(incident, by, why, self.now())

    async def order(self, order: Order) -> Incident:
        """Carry out what somebody orders about an incident. Raises Refused, or StoreUnwritable."""
        with refusing(CannotBeDone):
            done = await self.desk.decide(lambda known: ordered(known, order, self.desk.links, self.now()))
        return self.situation.incidents[done]

    def is_sender(self, heartbeat: Heartbeat, offered: str) -> bool:
        """Return whether somebody who offers this token may speak for a heartbeat."""
        return self._parts.secrets.matches(heartbeat.token, offered)

    def is_returning(self, offered: str) -> bool:
        """Return whether somebody who offers this token may hand in reports of mails that came back."""
        token = self.situation.config.mail.bounce_token
        return token is not None and self._parts.secrets.matches(token, offered)

    async def heard(self, heartbeat: Heartbeat, signal: Signal) -> None:
        """Record what a run told of itself. Raises StoreUnwritable."""
        await self.desk.heard(heartbeat, signal, self.now())

    async def posted(self, system: str, posted: Posted) -> Receipt | Refusal:
        """Take in a webhook. Raises Unprepared, StoreUnreadable or StoreUnwritable."""
        return await self._intake.take(system, posted, self.now())

    def cut_off(self, system: str) -> None:
        """Hear of a webhook whose sender hung up before its end."""
        self._intake.cut_off(system)

    def _posted(self, system: SystemId, result: str) -> None:
        self.instruments.webhooks.labels(system, result).inc()

    async def decide(self, decision: Callable[[Situation], tuple[Answer, Changes]]) -> Answer:
        """Return what a decision on the situation answers, once that is on record; what it raises is raised."""
        return await self.desk.decide(decision)

    def masked(self, channel: SecretRef) -> Masked:
        """Return what kind of channel an address is of, and its masked form."""
        try:
            return masked(self._parts.secrets.resolve(channel))
        except ConfigError:
            return NOT_FOUND

    async def reload(self, by: str = UNNAMED) -> Sequence[Problem]:
        """Read the configuration again and return its errors; with any, the old one stays. `by` asked for it."""
        now = self.now()
        loaded = await asyncio.to_thread(load, self._parts.config_path, now=now)
        self.situation.reload_errors = loaded.errors
        for error in loaded.errors:
            log.error("the configuration has an error, the old one stays in force", by=by, error=str(error))
        self.instruments.reload_success.set(loaded.config is not None)
        acts = await self.desk.between_passes(lambda: self._take_over(loaded, now))
        self.driver.wake("looks", "forewarning", "guarding")
        await self.desk.note(
            Act(at=now, actor=by, action="reload", subject="configuration", detail=_told(loaded.errors)), *acts
        )
        return loaded.errors

    def _take_over(self, loaded: Loaded, now: datetime) -> tuple[Act, ...]:
        if loaded.config is None:
            return ()
        before = self.situation.config.catalog
        self.situation.config, self.situation.findings = loaded.config, loaded.findings
        self.situation.strangers = still_strangers(self.situation)
        self.situation.statuses = still_said(self.situation, before)
        self._plan_anew(now)
        self.situation.reloaded = now
        self.driver.wake("promises", "canaries")
        self.instruments.reload_time.set(now.timestamp())
        return known_as(before, loaded.config.catalog, now)

    def _plan_anew(self, now: datetime) -> None:
        """Plan the looks anew, for what is configured is another than before."""
        plan_looks(self.situation, self.looking.seed, now)
        self._parts.configured(self.situation.config)
        self.intake.configured()
        self.outbox.configured()

    def ready(self) -> tuple[bool, str]:
        """Return whether everything runs, and what does not."""
        if not self.writable:
            return False, f"the store takes no writes: {self.desk.unwritable or self.keeping.reason}"
        tick, late = self.driver.pulse(self.now())
        if late > STALLED:
            return False, f"the tick '{tick}' is {late.total_seconds():.0f} s overdue"
        return True, "ready"

    def metrics(self) -> bytes:
        """Return the exposition for Prometheus."""
        return generate_latest(self.instruments.registry)

    def _waited(self, system: str, wait: timedelta) -> None:
        if wait != NEVER:
            self.instruments.quota_wait.labels(system).observe(wait.total_seconds())


def _told(errors: Sequence[Problem]) -> str:
    return f"{len(errors)} errors, the old one stays in force" if errors else "taken over"
