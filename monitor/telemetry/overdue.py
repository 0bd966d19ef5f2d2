"""What the audit has found to be overdue, at each scrape."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.audit import What


def overdue_gauges(late: Mapping[What, int]) -> Iterator[Metric]:
    """Yield how much of each kind is overdue."""
    family = GaugeMetricFamily(
        "tierwatch_overdue_steps", "Steps, updates and pages that were due and not done, by an audit.", labels=("what",)
    )
    for what in What:
        family.add_metric([what], late.get(what, 0))
    yield family
