"""Gauges of the error budgets: what is left of what may fail, and how fast looks use it up."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.burn import budgets
from monitor.situation import Situation
from probes.burn import speed


def budget_gauges(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield the gauges of every target; nothing for one of which nothing was seen."""
    left = GaugeMetricFamily(
        "tierwatch_error_budget_left_ratio",
        "What is left of the looks that may fail in a target's period: 1 is all, below 0 the target is missed.",
        labels=("system", "tier"),
    )
    burning = GaugeMetricFamily(
        "tierwatch_error_budget_burn_ratio",
        "How many times as fast as allowed a target's period has used its budget so far.",
        labels=("system", "tier"),
    )
    for targets in situation.targets.values():
        for one in budgets(targets, situation.indicators, now):
            if one.left is not None:
                place = [one.target.system, one.target.tier]
                left.add_metric(place, one.left)
                burning.add_metric(place, speed(one.target.promise, one.looks))
    yield from (left, burning)
