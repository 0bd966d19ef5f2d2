"""Gauges read off the situation at each scrape, so that they are never older than what is known.

Instants are exported as timestamps, not ages; the one age is that of the oldest unsynced record, because the record it
belongs to changes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.alert import AlertKind, AlertState
from monitor.driver import Beat
from monitor.loops.auditing import Auditing
from monitor.outbox import Outbox
from monitor.outlook import present_bound
from monitor.situation import Situation
from monitor.telemetry.assertions import assertion_gauges
from monitor.telemetry.budgets import budget_gauges
from monitor.telemetry.canaries import canary_gauges
from monitor.telemetry.changing import stake_gauges
from monitor.telemetry.delivering import delivery_gauges
from monitor.telemetry.manners import manners_gauges
from monitor.telemetry.notices import notice_gauges
from monitor.telemetry.oncall import oncall_gauges
from monitor.telemetry.overdue import overdue_gauges
from monitor.telemetry.quiet import quiet_gauges
from monitor.telemetry.reconciliation import reconciliation_gauges
from monitor.telemetry.records import records
from monitor.telemetry.reporting import alertmanager_metrics, reporting_metrics
from monitor.telemetry.upkeep import upkeep_gauges
from monitor.telemetry.webhooks import webhook_gauges
from monitor.telemetry.windows import windows
from probes.budget import Balance, Quota, effective, remaining
from probes.heartbeat import Condition, expected, watched
from probes.status import differ

WINDOW = ("system", "window")
STATES = tuple(state for state in AlertState if state is not AlertState.INACTIVE)


class Source(Protocol):
    """What the gauges are read from."""

    @property
    def situation(self) -> Situation:
        """What is known at this moment."""

    @property
    def beats(self) -> Mapping[str, Beat]:
        """The ticks and their pulses."""

    @property
    def outbox_age(self) -> timedelta:
        """The age of the oldest message that waits to be told."""

    @property
    def writable(self) -> bool:
        """Whether the store takes writes."""

    @property
    def outbox(self) -> Outbox:
        """What is handed over, and what waits to be."""

    @property
    def auditing(self) -> Auditing:
        """The audit of what is due."""

    def now(self) -> datetime:
        """Return the present instant."""


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tierwatch_{name}", text, labels=labels)


def window_label(period: timedelta) -> str:
    """Return a quota window's length as a label: `1s`, `60s`, `86400s`."""
    return f"{period.total_seconds():g}s"


class Gauges(Collector):
    """A collector over the situation."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def describe(self) -> list[Metric]:
        """Return nothing: reading the situation once more at registration would gain nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every gauge as it stands now."""
        situation, now = self._source.situation, self._source.now()
        yield from _probes(situation)
        yield from records(situation, now)
        yield from _quotas(situation, now)
        yield from _bounds(situation, now)
        yield from budget_gauges(situation, now)
        yield from _heartbeats(situation, now)
        yield from windows(situation, now)
        yield from reconciliation_gauges(situation, now)
        yield from webhook_gauges(situation)
        yield from upkeep_gauges(situation)
        yield from oncall_gauges(situation, now)
        yield from quiet_gauges(situation, now)
        yield from notice_gauges(situation, now)
        yield from manners_gauges(situation)
        yield from canary_gauges(situation, now)
        yield from assertion_gauges(situation, now)
        yield from _alerts(situation)
        yield from reporting_metrics(situation, now)
        yield from alertmanager_metrics(situation, now)
        yield from stake_gauges(situation)
        yield from _catalog(situation)
        outbox = self._source.outbox
        yield from delivery_gauges(outbox.endpoints.values(), outbox.waiting, situation.config.catalog, now)
        yield from overdue_gauges(self._source.auditing.late)
        yield from self._process(now)

    def _process(self, now: datetime) -> Iterator[Metric]:
        lag = _family("tick_lag_seconds", "How long after it was due a tick was last called.", "tick")
        passed = _family("tick_last_pass_timestamp_seconds", "When a tick last came to its end.", "tick")
        for beat in self._source.beats.values():
            lag.add_metric([beat.name], max(beat.lag, now - beat.due, timedelta()).total_seconds())
            if beat.passed is not None:
                passed.add_metric([beat.name], beat.passed.timestamp())
        age = _family("outbox_oldest_age_seconds", "Age of the oldest message that waits, 0 where none does.")
        age.add_metric([], self._source.outbox_age.total_seconds())
        writable = _family("store_writable", "Whether the last attempt to write the store succeeded.")
        writable.add_metric([], float(self._source.writable))
        yield from (lag, passed, age, writable)


def _probes(situation: Situation) -> Iterator[Metric]:
    labels = ("system", "probe")
    last = _family("probe_last_run_timestamp_seconds", "When a probe last looked.", *labels)
    good = _family("probe_last_success_timestamp_seconds", "When a probe last came back good.", *labels)
    interval = _family("probe_interval_seconds", "The planned interval between a probe's looks.", *labels)
    for sight in situation.sights.values():
        place = [sight.probe.system, sight.probe.id]
        interval.add_metric(place, sight.interval.total_seconds())
        if sight.last is not None:
            last.add_metric(place, sight.last.answered.timestamp())
        if sight.last_good is not None:
            good.add_metric(place, sight.last_good.timestamp())
    yield from (last, good, interval)


def _quotas(situation: Situation, now: datetime) -> Iterator[Metric]:
    limit = _family(
        "quota_limit", "Requests per window that a vendor allows all clients together, where known.", *WINDOW
    )
    left = _family("quota_remaining", "Requests of our share that could be made at once.", *WINDOW)
    known = _family("quota_known", "Whether anybody has said what the vendor's limit is.", "system")
    speed = _family(
        "quota_speed_ratio", "The part of our share that is used, halved when the vendor throttles.", "system"
    )
    for system in situation.config.catalog.systems.values():
        balance = situation.balances.get(system.id, Balance())
        said = bool(system.quota.windows or balance.told)
        known.add_metric([system.id], said)
        speed.add_metric([system.id], balance.speed)
        for label, (allowed, count) in _tightest(system.quota, balance, now).items():
            left.add_metric([system.id, label], count)
            if said:
                limit.add_metric([system.id, label], allowed)
    yield from (limit, left, known, speed)


def _tightest(quota: Quota, balance: Balance, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Limit and rest of each window by its label; of two windows of one length the smaller numbers."""
    found: dict[str, tuple[int, int]] = {}
    windows = effective(quota, balance).windows
    for window, count in zip(windows, remaining(quota, balance, now), strict=True):
        label = window_label(window.period)
        before = found.get(label, (window.limit, count))
        found[label] = min(before[0], window.limit), min(before[1], count)
    return found


def _bounds(situation: Situation, now: datetime) -> Iterator[Metric]:
    bounds = _family(
        "detection_delay_bound_seconds",
        "Within what time an outage is certain to be found, by the looks as they are planned at this moment.",
        "system",
        "tier",
    )
    for system, tiers in situation.hurt.items():
        bound = present_bound(situation, system, now)
        if bound is not None:
            for tier in tiers:
                bounds.add_metric([system, tier], bound.total_seconds())
    yield bounds


def _heartbeats(situation: Situation, now: datetime) -> Iterator[Metric]:
    last = _family("heartbeat_last_success_timestamp_seconds", "When a run last told of its success.", "heartbeat")
    late = _family(
        "heartbeat_late", "Whether a run is late, missed, failed or without end; within its grace too.", "heartbeat"
    )
    for heartbeat in situation.config.heartbeats.values():
        runs = watched(heartbeat, situation.runs.get(heartbeat.id), now)
        if runs.succeeded is not None:
            last.add_metric([heartbeat.id], runs.succeeded.timestamp())
        late.add_metric([heartbeat.id], expected(heartbeat, runs, now).condition is not Condition.ON_TIME)
    yield from (last, late)


def _alerts(situation: Situation) -> Iterator[Metric]:
    alerts = _family("alerts", "Alerts by kind and state.", "kind", "state")
    found = Counter((alert.key.kind, alert.state) for alert in situation.alerts.values())
    for kind, state in product(AlertKind, STATES):
        alerts.add_metric([kind, state], found[kind, state])
    opened = _family("incidents_open", "Open incidents by the worst tier that they hurt.", "tier")
    worst = Counter(incident.tier for incident in situation.open_incidents)
    for tier in situation.config.catalog.tiers:
        opened.add_metric([tier], worst[tier])
    undecided = _family("incidents_undecided", "Open incidents that a fault of ours keeps from being decided.")
    undecided.add_metric([], len({one.failure.incident for one in situation.undecided.values()}))
    yield from (alerts, opened, undecided)


def _catalog(situation: Situation) -> Iterator[Metric]:
    clients = _family("client_info", "A client and its tier; always 1.", "client", "tier")
    for client in situation.config.catalog.clients.values():
        clients.add_metric([client.id, client.tier], 1)
    findings = _family("config_findings", "What is true of the configuration only until it is mended.", "grade")
    counts = Counter(finding.grade for finding in situation.findings)
    for grade in ("severe", "minor", "accepted"):
        findings.add_metric([grade], sum(count for known, count in counts.items() if known == grade))
    yield from (clients, findings)
    yield from _identities(situation)


def _identities(situation: Situation) -> Iterator[Metric]:
    catalog = situation.config.catalog
    unknown = _family("unknown_identifiers", "Identifiers seen since the start and nobody's, 50 at most.", "system")
    for system in catalog.systems:
        unknown.add_metric([system], len(situation.strangers.get(system, ())))
    one_sided = _family("one_sided_clients", "Clients that only one end of a flow knows.", "flow")
    for flow in catalog.flows.values():
        one_sided.add_metric([flow.id], sum(1 for _ in catalog.one_sided(flow)))
    yield from (unknown, one_sided)
    yield from _statuses(situation)


def _statuses(situation: Situation) -> Iterator[Metric]:
    known = situation.statuses.values()
    conflicts = _family("status_conflicts", "Clients of whom two systems say different things.")
    conflicts.add_metric([], sum(differ(one.values()) for one in known))
    undeclared = _family("undeclared_statuses", "Clients of whom a system says a word that is not declared.", "system")
    for system in situation.config.catalog.systems:
        words = (one[system] for one in known if system in one)
        undeclared.add_metric([system], sum(word.meaning is None for word in words))
    yield from (conflicts, undeclared)
