"""Gauges of channels that are tried out, and of the heartbeat that we send.

A channel is named by the reference of its address, never by the address.
"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.situation import Situation
from monitor.web.measure import reference


def canary_gauges(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield how each channel was of late; of one that was never tried, nothing."""
    last = _family("channel_last_success_timestamp_seconds", "When a channel that is tried out last took something.")
    broken = _family("channel_broken", "Whether a channel that is tried out has failed for longer than it may.")
    longest = situation.config.canaries.broken_after
    for channel, canary in situation.canaries.items():
        if canary.tried is not None:
            broken.add_metric([reference(channel)], float(canary.broken(longest, now)))
        if canary.succeeded is not None:
            last.add_metric([reference(channel)], canary.succeeded.timestamp())
    yield from (one for one in (last, broken) if one.samples)
    yield from _heartbeat(situation)


def _heartbeat(situation: Situation) -> Iterator[Metric]:
    known = situation.outgoing
    sent = GaugeMetricFamily(
        "tierwatch_outgoing_heartbeat_last_success_timestamp_seconds",
        "When the heartbeat that we send was last taken, 0 where none was.",
    )
    failing = GaugeMetricFamily(
        "tierwatch_outgoing_heartbeat_failing", "Whether the heartbeat that we send was not taken the last time."
    )
    sent.add_metric([], known.succeeded.timestamp() if known.succeeded is not None else 0)
    failing.add_metric([], float(known.failing_since is not None))
    yield from (sent, failing)


def _family(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tierwatch_{name}", text, labels=("channel",))
