"""The systems: how each is, how the looks at it went, and how much of its quota is left."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertState, IncidentId, Urgency
from alerts.burn import Budget, budgets
from monitor.situation import Sight, Situation
from monitor.web.view.asserted import AssertedView, asserted
from monitor.web.view.health import Health, worst
from monitor.web.view.hurting import alerts_on, health_of, incident_on
from monitor.web.view.webhooks import WebhooksView, webhooks
from probes.budget import Balance, Window, effective, paces, remaining
from probes.catalog import ClientId, ProbeId, SecretRef, System, SystemId
from probes.failure import Outcome
from probes.identity import Stranger
from probes.observation import Observation
from probes.sli import IndicatorKind, ratio

STALE_AFTER = timedelta(seconds=10)
"""How late a look may be, beyond two of its intervals, before what it saw last is called stale."""

STRETCHED = 1.1
"""So many times the wanted interval is noticeably longer."""

LOOK_HEALTH = {
    Outcome.GOOD: Health.OK,
    Outcome.BAD: Health.FAILING,
    Outcome.THROTTLED: Health.THROTTLED,
    Outcome.SKIPPED: Health.THROTTLED,
    Outcome.ERROR_OWN: Health.OWN_ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookView:
    """The last look of one probe; `resource` is empty for the who-am-I.

    `throttled_since` says since when a quota has kept it from seeing anything. The looks are stretched where their
    `interval` is longer than the one that is `wanted`: where `crowded`, because of what we can bear ourselves.
    """

    probe: ProbeId
    system: SystemId
    resource: str
    health: Health
    interval: timedelta
    next_due: datetime
    last: Observation | None = None
    last_good: datetime | None = None
    unknown_since: datetime | None = None
    unknown_records: int = 0
    wanted: timedelta | None = None
    throttled_since: datetime | None = None
    crowded: bool = False

    @property
    def stretched(self) -> bool:
        """Whether the looks come noticeably less often than is wanted."""
        return self.wanted is not None and self.interval > STRETCHED * self.wanted

    @property
    def reason(self) -> str:
        """Why it was not good, in words; empty where it was."""
        return self.last.reason if self.last else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """One window of a quota: how many requests our share lets through at once, and how many of them are left."""

    window: Window
    capacity: int
    remaining: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Failed or late among all that were decided; `value` is None where nothing was."""

    bad: int = 0
    total: int = 0

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return ratio(self.total - self.bad, self.bad)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemView:
    """One system. `known` says that its quota was stated, `credential` where its key is found, never the key.

    `spent` and `allowed` are requests per second: what the looks cost on average, and what our share sustains.
    """

    id: SystemId
    connector: str
    base_url: str
    credential: SecretRef | None
    health: Health
    explanation: str
    incident: IncidentId | None
    looks: tuple[LookView, ...]
    windows: tuple[WindowView, ...]
    known: bool
    share: float
    spent: float
    allowed: float
    banned_until: datetime | None
    failures: Ratio
    availability: Ratio
    clients: int
    identity: Ratio = Ratio()
    strangers: tuple[Stranger, ...] = ()
    webhooks: WebhooksView | None = None
    asserted: tuple[AssertedView, ...] = ()
    budgets: tuple[Budget, ...] = ()

    @property
    def used(self) -> float:
        """The share of what we are allowed that the looks spend in the long run; above 1 looks are skipped."""
        return self.spent / self.allowed


def look(sight: Sight, now: datetime) -> LookView:
    """Return how a probe's last look went, and whether it is still worth anything."""
    view = LookView(
        probe=sight.probe.id,
        system=sight.probe.system,
        resource=sight.probe.resource,
        health=Health.UNSEEN,
        interval=sight.interval,
        next_due=sight.next_due,
        last=sight.last,
        last_good=sight.last_good,
        unknown_since=sight.unknown_since,
        unknown_records=sight.unknown_records,
        wanted=sight.wanted,
        throttled_since=sight.throttled_since,
        crowded=sight.bearable is not None,
    )
    return replace(view, health=_look_health(view, now))


def _look_health(view: LookView, now: datetime) -> Health:
    late = 2 * view.interval + STALE_AFTER
    if now > view.next_due + late:
        return Health.STALE
    if view.last is None:
        return Health.UNSEEN
    if view.throttled_since is not None and now > (view.last_good or view.throttled_since) + late:
        return Health.STALE
    health = LOOK_HEALTH[view.last.outcome]
    return Health.STRETCHED if health is Health.OK and view.stretched else health


def looks(situation: Situation, now: datetime) -> tuple[LookView, ...]:
    """Return every probe's last look."""
    return tuple(look(sight, now) for sight in situation.sights.values())


def system(situation: Situation, identity: SystemId, now: datetime) -> SystemView:
    """Return one system; KeyError where none has this id."""
    one = situation.config.catalog.systems[identity]
    balance = situation.balances.get(identity, Balance())
    seen = tuple(look(sight, now) for sight in situation.sights.values() if sight.probe.system == identity)
    alerts = _alerts(situation, identity)
    incident = incident_on(situation, identity)
    explanations = (*(alert.explanation for alert in alerts), *(one.reason for one in seen if one.reason))
    return SystemView(
        id=identity,
        connector=one.connector.name,
        base_url=one.base_url,
        credential=one.credential,
        health=worst(*(health_of(alert) for alert in alerts), *(one.health for one in seen)),
        explanation=next(iter(explanations), ""),
        incident=incident.id if incident else None,
        looks=seen,
        windows=_windows(one, balance, now),
        known=bool(one.quota.windows or balance.told),
        share=one.quota.ours,
        spent=sum((one.last.requests if one.last else 1) / one.interval.total_seconds() for one in seen),
        allowed=min(1 / pace.interval.total_seconds() for pace in paces(effective(one.quota, balance), balance.speed)),
        banned_until=balance.not_before if balance.not_before and balance.not_before > now else None,
        failures=tallied(situation, IndicatorKind.FAILURE_RATIO, identity, now),
        availability=tallied(situation, IndicatorKind.AVAILABILITY, identity, now),
        clients=sum(1 for _ in situation.config.catalog.clients_of(identity)),
        identity=tallied(situation, IndicatorKind.IDENTITY, identity, now),
        strangers=situation.strangers.get(identity, ()),
        webhooks=webhooks(situation, one, now),
        asserted=asserted(situation, identity, now),
        budgets=tuple(budgets(situation.targets.get(identity, ()), situation.indicators, now)),
    )


def _alerts(situation: Situation, identity: SystemId) -> tuple[Alert, ...]:
    """The system's own alerts, and those of clients whose records fail on it for certain; tickets last."""
    here = (one for one in alerts_on(situation, identity) if one.key.client is None or one.state is AlertState.FIRING)
    return tuple(sorted(here, key=lambda one: one.urgency is Urgency.TICKET))


def systems(situation: Situation, now: datetime) -> tuple[SystemView, ...]:
    """Return every system, as configured."""
    return tuple(system(situation, identity, now) for identity in situation.config.catalog.systems)


def _windows(one: System, balance: Balance, now: datetime) -> tuple[WindowView, ...]:
    known = effective(one.quota, balance)
    pairs = zip(known.windows, paces(known, balance.speed), remaining(one.quota, balance, now), strict=True)
    return tuple(
        WindowView(window=window, capacity=pace.burst, remaining=min(have, pace.burst)) for window, pace, have in pairs
    )


def tallied(
    situation: Situation, kind: IndicatorKind, subject: str, now: datetime, client: ClientId | None = None
) -> Ratio:
    """Return what an indicator adds up to on a system or flow: of one client, or of all together."""
    here = (one for one in situation.indicators.values() if one.key.kind is kind and one.key.subject == subject)
    totals = [one.tally.totals(now) for one in here if client in (None, one.key.client)]
    good, bad = sum(good for good, _ in totals), sum(bad for _, bad in totals)
    return Ratio(bad=bad, total=good + bad)
