"""Gauges of what becomes of records: how many are on their way, and how many missing, mismatched or orphans.

Of a flow of several hops each hop is a flow here, and says which stage of which way it is.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.situation import Situation
from probes.book import Book
from probes.catalog import Flow
from probes.tracked import Standing

PLACE = ("flow", "client", "tier")
TROUBLES = {
    "missing": "Records that left the source and did not arrive, although younger ones did.",
    "mismatched": "Records of which both ends do not say the same.",
    "orphaned": "Records at the destination of which the source knows nothing.",
}


def records(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield the gauges as they stand now."""
    age = _family(
        "sync_oldest_unsynced_record_age_seconds", "Age of the oldest unsynced record, 0 where none is.", *PLACE
    )
    unsynced = _family("sync_unsynced_records", "Records seen at the source and not at the destination.", *PLACE)
    troubles = [_family(f"sync_{name}_records", text, *PLACE) for name, text in TROUBLES.items()]
    for place, standing in _standings(situation):
        waited = now - standing.oldest if standing.oldest else timedelta()
        age.add_metric(place, max(timedelta(), waited).total_seconds())
        unsynced.add_metric(place, standing.unsynced)
        counts = (standing.missing, standing.mismatched, standing.orphans)
        for family, count in zip(troubles, counts, strict=True):
            family.add_metric(place, count)
    yield from (age, unsynced, *troubles)
    yield _stages(situation)


def _stages(situation: Situation) -> Metric:
    info = _family("flow_info", "A flow and the way that it is a hop of; always 1.", "flow", "chain", "hop")
    for flow in situation.config.catalog.flows.values():
        info.add_metric([flow.id, *_stage(flow)], 1)
    return info


def _stage(flow: Flow) -> tuple[str, str]:
    return (flow.id, "1") if flow.hop is None else (flow.hop.chain, str(flow.hop.number))


def _standings(situation: Situation) -> Iterator[tuple[list[str], Standing]]:
    catalog = situation.config.catalog
    for flow in catalog.flows.values():
        standings = (situation.books.get(flow.id) or Book(flow.id)).standings()
        for client in catalog.clients_on(flow):
            yield [flow.id, client.id, client.tier], standings.get(client.id, Standing())


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tierwatch_{name}", text, labels=labels)
