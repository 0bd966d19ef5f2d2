"""Metrics of promises: how long the parts of incidents took, by tier and cause, and what clients' months have come to.

Lengths are histograms whose edges include every tier's targets, never by client. Of months there are gauges for the
clients whose contracts have a budget.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.alert import AlertKind
from alerts.month import month_so_far
from alerts.report import Phase, cases
from alerts.timeline import Resolved
from alerts.wording import kind_of
from monitor.changes import Changes
from monitor.situation import Situation
from monitor.telemetry.metrics import PROMISE_BUCKETS, edges
from probes.catalog import Catalog, ClientId


class Promises(Collector):
    """The instruments, and the gauges of months as a collector of their own."""

    def __init__(
        self, registry: CollectorRegistry, situation: Callable[[], Situation], now: Callable[[], datetime]
    ) -> None:
        self._situation = situation
        self._now = now
        catalog = situation().config.catalog
        self.phases = Histogram(
            "tierwatch_incident_phase_seconds",
            "Per hurt client of an incident that is over: how long a part of it took, from the onset.",
            ("tier", "cause", "phase"),
            registry=registry,
            buckets=edges(PROMISE_BUCKETS, _targets(catalog)),
        )
        for tier in catalog.tiers:
            for phase in Phase:
                self.phases.labels(tier, AlertKind.AVAILABILITY, phase)
        registry.register(self)

    def heard(self, changes: Changes) -> None:
        """Hear of changes that were stored: of incidents that are over by them."""
        known = self._situation().incidents
        ended = {entry.incident for entry in changes.entries if isinstance(entry.event, Resolved)}
        for case in cases((known[one] for one in ended if one in known), lambda *_: timedelta()):
            for phase, took in case.phases.items():
                tier, cause = case.impact.terms.tier, kind_of(case.incident)
                self.phases.labels(tier, cause, phase).observe(took.least.total_seconds())

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges as they stand now."""
        names = ("client", "tier")
        broken = GaugeMetricFamily(
            "tierwatch_month_breach_seconds", "For how long promises to a client were broken this month.", labels=names
        )
        budget = GaugeMetricFamily(
            "tierwatch_month_breach_budget_seconds", "For how long they may be broken in a month.", labels=names
        )
        available = GaugeMetricFamily(
            "tierwatch_month_availability_ratio", "The part of the month in which a client was not hurt.", labels=names
        )
        given = GaugeMetricFamily(
            "tierwatch_month_credit_ratio", "The part of the month's price that is given back so far.", labels=names
        )
        situation, now = self._situation(), self._now()
        for client in _budgeted(situation.config.catalog):
            hurting = (one for one in situation.incidents.values() if client in one.impacts)
            known = situation.config.catalog.clients[client]
            month = month_so_far(known, situation.config.catalog, hurting, now)
            place = [month.client, month.tier]
            broken.add_metric(place, month.breach_time.total_seconds())
            budget.add_metric(place, (month.budget or timedelta()).total_seconds())
            available.add_metric(place, month.availability)
            given.add_metric(place, month.given.credit if month.given is not None else 0.0)
        yield from (broken, budget, available, given)

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: what there is shows when it is collected."""
        return iter(())


def _budgeted(catalog: Catalog) -> Iterator[ClientId]:
    return (client for client in catalog.clients if catalog.tier_of(client).breach_budget is not None)


def _targets(catalog: Catalog) -> Iterator[timedelta | None]:
    for tier in catalog.tiers.values():
        sla = tier.sla
        yield from (sla.detect, sla.acknowledge, sla.first_notice, sla.mitigate, sla.repair)
