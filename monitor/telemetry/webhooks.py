"""Gauges of webhooks, read off the situation at each scrape."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.situation import Situation


def webhook_gauges(situation: Situation) -> Iterator[Metric]:
    """Yield when each system's webhooks last came."""
    last = GaugeMetricFamily(
        "tierwatch_webhook_last_received_timestamp_seconds",
        "When a webhook of a system last came that was its own.",
        labels=("system",),
    )
    for system, reception in situation.receptions.items():
        if system in situation.config.catalog.systems:
            last.add_metric([system], reception.last.timestamp())
    yield last
