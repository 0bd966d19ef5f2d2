"""What look-ups at destinations show, as gauges: how many there were in the last day, and the bound that they prove."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.situation import Situation
from probes.lookup import lookup_by
from probes.reconcile import Bound, Sample, bound

FLOW = ("flow",)
NOTHING = Bound(asked=0, missing=0, ratio=1)


def _samples(situation: Situation) -> Iterator[Sample]:
    """The samples of the flows whose destinations can be asked for one record."""
    catalog = situation.config.catalog
    for flow in catalog.flows.values():
        end = flow.destination
        if lookup_by(catalog.systems[end.system].connector.resources[end.resource], end.field) is not None:
            yield situation.samples.get(flow.id) or Sample(flow=flow.id)


def reconciliation_gauges(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield the gauges of every flow that was sampled."""
    sampled = GaugeMetricFamily(
        "tierwatch_reconciliation_sampled_records", "Records looked up at the destination in the last day.", labels=FLOW
    )
    missing = GaugeMetricFamily(
        "tierwatch_reconciliation_missing_records", "Of these, records that were absent twice.", labels=FLOW
    )
    ratio = GaugeMetricFamily(
        "tierwatch_reconciliation_missing_bound_ratio",
        "The share of records of which fewer are missing, at 95 % confidence; 1 while nothing was looked up.",
        labels=FLOW,
    )
    last = GaugeMetricFamily(
        "tierwatch_reconciliation_last_run_timestamp_seconds",
        "When a record was last looked up, 0 for never.",
        labels=FLOW,
    )
    for sample in _samples(situation):
        found, flow = bound(sample, now) or NOTHING, str(sample.flow)
        sampled.add_metric([flow], found.asked)
        missing.add_metric([flow], found.missing)
        ratio.add_metric([flow], found.ratio)
        last.add_metric([flow], sample.last.timestamp() if sample.last else 0)
    yield from (sampled, missing, ratio, last)
