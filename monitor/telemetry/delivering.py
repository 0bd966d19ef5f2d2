"""Metrics of what is handed over: attempts and how long they took, breakers, and how old is what waits.

An endpoint is named by its kind alone: neither an address nor a recipient stands in a label.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.breaker import Circuit
from alerts.delivery_order import Waiting
from alerts.endpoint import Endpoint
from alerts.message import DeliveryState, Lane, MessageKind
from alerts.settlement import Settlement
from probes.catalog import Catalog

NOBODY = "unknown"
NONE = "none"
BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
LANES = {kind: Lane.URGENT if kind is MessageKind.PAGE else Lane.NORMAL for kind in MessageKind}


class Delivering:
    """Counts attempts as they are put on record."""

    def __init__(self, registry: CollectorRegistry, catalog: Catalog) -> None:
        self._attempts = Counter(
            "tierwatch_deliveries_total",
            "Attempts to hand a message to a channel, by how they ended and why.",
            ("kind", "lane", "tier", "endpoint", "state", "reason"),
            registry=registry,
        )
        self._took = Histogram(
            "tierwatch_delivery_seconds",
            "How long an attempt took, by the kind of its endpoint.",
            ("lane", "endpoint"),
            registry=registry,
            buckets=BUCKETS,
        )
        ended = [state for state in DeliveryState if state is not DeliveryState.SENDING]
        for kind, tier, state in product(MessageKind, (*catalog.tiers, NOBODY), ended):
            self._attempts.labels(kind, LANES[kind], tier, NONE, state, NONE)
        for lane in Lane:
            self._took.labels(lane, NONE)

    def ended(self, settled: Settlement, catalog: Catalog) -> None:
        """Count an attempt."""
        delivery, message = settled.delivery, settled.message
        kind = MessageKind.NOTICE if message is None else message.kind
        lane = LANES[kind] if message is None else message.lane
        client = catalog.clients.get(message.client) if message is not None and message.client else None
        tier, endpoint = client.tier if client else NOBODY, delivery.endpoint or NONE
        self._attempts.labels(kind, lane, tier, endpoint, delivery.state, delivery.why).inc()
        self._took.labels(lane, endpoint).observe(max(0.0, (delivery.ended - delivery.started).total_seconds()))


def delivery_gauges(
    endpoints: Iterable[Endpoint], waiting: Iterable[Waiting], catalog: Catalog, now: datetime
) -> Iterator[Metric]:
    """Yield how many endpoints are left alone, and how old the oldest message is that waits, by lane and tier."""
    yield _breakers(endpoints, now)
    yield _ages(waiting, catalog, now)


def _breakers(endpoints: Iterable[Endpoint], now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "tierwatch_channel_breaker_endpoints",
        "Endpoints by the state of their circuit breaker: one that is open is left alone.",
        labels=("endpoint", "state"),
    )
    known = Tally((one.kind or NONE, one.breaker.circuit(now)) for one in endpoints)
    for kind, state in product(sorted({NONE} | {kind for kind, _ in known}), Circuit):
        family.add_metric([kind, state], known[kind, state])
    return family


def _ages(waiting: Iterable[Waiting], catalog: Catalog, now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "tierwatch_outbox_waiting_age_seconds",
        "Age of the oldest message that is due and waits to be handed over, by lane and tier; 0 where none does.",
        labels=("lane", "tier"),
    )
    ages = _oldest(waiting, {tier.weight: tier.id for tier in catalog.tiers.values()}, now)
    for lane, tier in product(Lane, (*catalog.tiers, NOBODY)):
        family.add_metric([lane, tier], ages.get((lane, tier), timedelta()).total_seconds())
    return family


def _oldest(
    waiting: Iterable[Waiting], tiers: Mapping[int, str], now: datetime
) -> Mapping[tuple[Lane, str], timedelta]:
    found: dict[tuple[Lane, str], timedelta] = {}
    for one in waiting:
        if one.due <= now:
            place = one.lane, tiers.get(one.weight, NOBODY)
            found[place] = max(found.get(place, timedelta()), now - one.created)
    return found
