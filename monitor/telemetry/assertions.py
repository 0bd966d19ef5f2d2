"""A gauge of what is asserted of data: which share breaks it. Read at each scrape."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.quality import subject_of
from monitor.situation import Situation
from probes.sli import IndicatorKey, IndicatorKind, ratio


def assertion_gauges(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield the share of each assertion's records that break it in its window; nothing where nothing was counted."""
    text = "The share of a list's records that break an assertion, in its window."
    broken = GaugeMetricFamily("tierwatch_assertion_broken_ratio", text, labels=("system", "assertion"))
    for system in situation.config.catalog.systems.values():
        for resource in system.connector.resources.values():
            for one in resource.assertions:
                key = IndicatorKey(kind=IndicatorKind.DATA_QUALITY, subject=subject_of(system.id, resource.name, one))
                known = situation.indicators.get(str(key))
                share = ratio(*known.tally.totals(now)) if known is not None else None
                if share is not None:
                    broken.add_metric([system.id, f"{resource.name}:{one.name}"], share)
    if broken.samples:
        yield broken
