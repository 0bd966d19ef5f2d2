"""The metrics that are counted as things happen, in one registry.

Names follow the Prometheus conventions with the design's words. Labels are bounded: ids of systems, probes, flows,
clients and tiers, never names, addresses or record ids. What can be read off the situation at a scrape is in `gauges`.
"""

from collections.abc import Iterable
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from monitor.receipt import RESULTS
from monitor.telemetry.changing import Changing
from monitor.telemetry.delivering import Delivering
from monitor.telemetry.notices import Noticing
from probes.catalog import Catalog, SystemId
from probes.connector import FailureKind, RefusalKind
from probes.failing import LIMITED, tells_of
from probes.failure import Outcome
from probes.plan import probes_of
from probes.tracked import Ending

UNKNOWN = "unknown"
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60)
SYNC_BUCKETS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 259200)
PROMISE_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)


def edges(buckets: Iterable[float], targets: Iterable[timedelta | None]) -> tuple[float, ...]:
    """Return bucket edges in seconds that include every target, so that what met it is an exact count."""
    return tuple(sorted({*map(float, buckets), *(target.total_seconds() for target in targets if target is not None)}))


def _promises(catalog: Catalog) -> Iterable[timedelta | None]:
    for tier in catalog.tiers.values():
        yield from (tier.sla.acknowledge, tier.sla.first_notice, tier.sla.repair)


def _within(catalog: Catalog) -> Iterable[timedelta | None]:
    promised = (tier.objectives.sync_latency for tier in catalog.tiers.values())
    return (objective.within for objective in promised if objective is not None)


NOBODY = "unknown"
"""The label of a client that is not known, and of its tier."""


class Metrics:
    """The instruments. Bucket edges are those of the tiers at the start; a reload does not move them.

    What can be counted of the catalog at the start begins at 0, because nothing sees the rise of a series that appears
    with its first event.
    """

    def __init__(self, catalog: Catalog) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # they double the exposition and tell nobody anything
        self.registry = CollectorRegistry()
        self._probes()
        self._records(catalog)
        self._webhooks()
        self._incidents(catalog)
        self._telling()
        self.delivering = Delivering(self.registry, catalog)
        self.noticing = Noticing(self.registry)
        self._begin_with_systems(catalog)
        self._begin_with_records(catalog)
        self._begin_with_failures(catalog)
        self._begin_with_incidents(catalog)

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(f"tierwatch_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"tierwatch_{name}", text, labels, registry=self.registry, buckets=buckets)

    def _probes(self) -> None:
        self.probe_runs = self._counter("probe_runs_total", "Checks by how they ended.", ("system", "probe", "outcome"))
        self.probe_duration = self._histogram(
            "probe_duration_seconds", "From sending a check to its last answer.", ("system",), REQUEST_BUCKETS
        )
        self.requests = self._counter("probe_requests_total", "Requests that checks sent, pages included.", ("system",))
        self.throttled = self._counter("throttled_total", "Checks that a vendor throttled.", ("system",))
        self.quota_wait = self._histogram(
            "quota_wait_seconds",
            "How long a request was told to wait for its system's quota, each time it asked; 0 where it went at once.",
            ("system",),
            REQUEST_BUCKETS,
        )
        self.unread_headers = self._counter(
            "ratelimit_headers_unread_total", "Rate-limit headers that could not be parsed.", ("system",)
        )
        self.late_records = self._counter(
            "cursor_late_records_total",
            "Records first seen inside a look's overlap: a naive cursor would have lost them.",
            ("system", "probe"),
        )
        self.unknown_clients = self._counter(
            "unknown_client_records_total", "Records whose client is not configured.", ("system",)
        )
        self.refusals = self._counter(
            "credential_refusals_total", "Checks whose credential a system refused, by why.", ("system", "kind")
        )
        self.ahead = self._counter(
            "records_ahead_total",
            "Records that claimed to be created after they were seen: taken as created when seen.",
            ("system",),
        )

    def _records(self, catalog: Catalog) -> None:
        self.sync_latency = self._histogram(
            "sync_latency_seconds",
            "From a record's creation at the source to the look that first saw it at the destination, where an earlier "
            "look had not.",
            ("flow", "tier"),
            edges(SYNC_BUCKETS, _within(catalog)),
        )
        flow = ("flow", "client", "tier")
        self.sync_good = self._counter(
            "sync_records_good_total", "Records that met their tier's limit, decided at the limit.", flow
        )
        self.sync_bad = self._counter(
            "sync_records_bad_total", "Records that missed their tier's limit, decided at the limit.", flow
        )
        self.endings = self._counter(
            "sync_records_total", "Records by what became of them.", ("flow", "tier", "ending")
        )
        promised = edges(SYNC_BUCKETS, _within(catalog))
        self.entire_latency = self._histogram(
            "sync_entire_latency_seconds",
            "From entering a way of several hops to the end of it.",
            ("chain", "tier"),
            promised,
        )
        system = ("system", "client", "tier")
        self.records_good = self._counter("records_good_total", "Settled records that did not fail.", system)
        self.records_bad = self._counter("records_bad_total", "Settled records that failed.", system)
        self.record_failures = self._counter(
            "record_failures_total",
            "Records that failed in one way that a tier can limit; one may fail in several.",
            (*system, "kind"),
        )

    def _webhooks(self) -> None:
        self.webhooks = self._counter(
            "webhooks_total",
            "Webhooks by how they ended: stored, repeated, cut off by their sender, or why they were refused.",
            ("system", "result"),
        )
        place = ("system", "client", "tier")
        self.webhook_announced = self._counter(
            "webhook_announced_total", "Records that a look showed and a webhook told of in time.", place
        )
        self.webhook_lost = self._counter(
            "webhook_lost_total", "Records that a look showed and no webhook told of in time.", place
        )

    def _incidents(self, catalog: Catalog) -> None:
        buckets = edges(PROMISE_BUCKETS, _promises(catalog))
        self.incidents = self._counter("incidents_total", "Incidents opened.")
        self.changing = Changing(self.registry)
        self.detect = self._histogram(
            "incident_detect_seconds", "Per hurt client, from its onset to its joining.", ("tier",), buckets
        )
        self.acknowledge = self._histogram(
            "incident_acknowledge_seconds", "From the first page to the acknowledgement.", ("tier",), buckets
        )
        self.notify = self._histogram(
            "incident_first_notice_seconds",
            "Per told client, from its joining to its first accepted notice.",
            ("tier",),
            buckets,
        )
        self.repair = self._histogram(
            "incident_repair_seconds",
            "Per hurt client, from its joining to the drain of its backlog.",
            ("tier",),
            buckets,
        )

    def _telling(self) -> None:
        self.last_resorts = self._counter(
            "last_resorts_total", "Messages sent directly to the catch-all because nothing could be recorded."
        )
        self.reload_success = Gauge(
            "tierwatch_config_last_reload_successful",
            "Whether the last reading of the configuration was taken over.",
            registry=self.registry,
        )
        self.reload_time = Gauge(
            "tierwatch_config_last_reload_success_timestamp_seconds",
            "When the configuration in force was read.",
            registry=self.registry,
        )

    def _begin_with_systems(self, catalog: Catalog) -> None:
        for system in catalog.systems:
            for instrument in (self.requests, self.throttled, self.unread_headers, self.unknown_clients):
                instrument.labels(system)
            self.ahead.labels(system)
            for kind in (*RefusalKind, UNKNOWN):
                self.refusals.labels(system, kind)
            for histogram in (self.probe_duration, self.quota_wait):
                histogram.labels(system)
        for probe in probes_of(catalog):
            self.late_records.labels(probe.system, probe.id)
            for outcome in Outcome:
                self.probe_runs.labels(probe.system, probe.id, outcome)

        for one in catalog.systems.values():
            if one.webhooks is not None:
                self._begin_with_webhooks(one.id, catalog)

    def _begin_with_webhooks(self, system: SystemId, catalog: Catalog) -> None:
        for result in RESULTS:
            self.webhooks.labels(system, result)
        known = [(client.id, client.tier) for client in catalog.clients.values() if system in client.identifiers]
        for client, tier in (*known, (NOBODY, NOBODY)):
            self.webhook_announced.labels(system, client, tier)
            self.webhook_lost.labels(system, client, tier)

    def _begin_with_records(self, catalog: Catalog) -> None:
        for flow in catalog.flows.values():
            for client in catalog.clients_on(flow):
                if catalog.tier_of(client.id).objectives.sync_latency is not None:
                    self.sync_latency.labels(flow.id, client.tier)
                    self.sync_good.labels(flow.id, client.id, client.tier)
                    self.sync_bad.labels(flow.id, client.id, client.tier)
                for ending in Ending:
                    self.endings.labels(flow.id, client.tier, ending)
                if flow.hop is not None and flow.hop.last:
                    self.entire_latency.labels(flow.hop.chain, client.tier)
        for client in catalog.clients.values():
            if catalog.tier_of(client.id).objectives.failure_ratio is not None:
                for system in client.identifiers:
                    if any(resource.can_fail for resource in catalog.systems[system].connector.resources.values()):
                        self.records_good.labels(system, client.id, client.tier)
                        self.records_bad.labels(system, client.id, client.tier)

    def _begin_with_failures(self, catalog: Catalog) -> None:
        told = {
            system.id: set[FailureKind]().union(*(tells_of(one) for one in system.connector.resources.values()))
            for system in catalog.systems.values()
        }
        for client in catalog.clients.values():
            for system in client.identifiers:
                for kind in catalog.tier_of(client.id).objectives.failures.keys() & told[system]:
                    self.record_failures.labels(system, client.id, client.tier, LIMITED[kind])

    def _begin_with_incidents(self, catalog: Catalog) -> None:
        for tier in catalog.tiers:
            for instrument in (self.detect, self.acknowledge, self.notify, self.repair):
                instrument.labels(tier)
