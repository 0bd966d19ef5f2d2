"""What look-ups at destinations show, as gauges: how many there were in the last day, and the bound that they prove."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.situation import Situation
from probes.reconcile import bound

FLOW = ("flow",)


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
        "The share of records of which fewer are missing, at 95 % confidence.",
        labels=FLOW,
    )
    last = GaugeMetricFamily(
        "tierwatch_reconciliation_last_run_timestamp_seconds", "When a record was last looked up.", labels=FLOW
    )
    for flow, sample in situation.samples.items():
        found = bound(sample, now)
        sampled.add_metric([flow], found.asked if found else 0)
        missing.add_metric([flow], found.missing if found else 0)
        if found is not None:
            ratio.add_metric([flow], found.ratio)
        if sample.last is not None:
            last.add_metric([flow], sample.last.timestamp())
    yield from (sampled, missing, ratio, last)
