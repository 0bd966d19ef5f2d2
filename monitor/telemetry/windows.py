"""Gauges of what is due at a time of day: the runs of batch flows, and the clients' cut-offs.

Instants are exported as timestamps, as everywhere: how far off they are is for the query to say.
"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.weigh import limits
from monitor.situation import Situation
from probes.book import Book
from probes.cutoff import upcoming
from probes.progress import progress


def windows(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield the gauges as they stand now."""
    yield from _runs(situation, now)
    cutoffs = GaugeMetricFamily(
        "tierwatch_cutoff_timestamp_seconds", "When a client's next cut-off is.", labels=("client", "tier", "cutoff")
    )
    for client in situation.config.catalog.clients.values():
        for one in upcoming(situation.config.catalog, client.id, now):
            cutoffs.add_metric([client.id, client.tier, one.cutoff.name], one.at.timestamp())
    yield cutoffs


def _runs(situation: Situation, now: datetime) -> Iterator[Metric]:
    labels = ("flow", "client", "tier")
    waiting = GaugeMetricFamily(
        "tierwatch_batch_waiting_records", "Records that wait for the run under way, or the next one.", labels=labels
    )
    over = GaugeMetricFamily(
        "tierwatch_batch_due_timestamp_seconds",
        "When the run under way, or the next one, is to be over.",
        labels=labels,
    )
    catalog = situation.config.catalog
    for flow in catalog.flows.values():
        book = situation.books.get(flow.id) or Book(flow.id)
        for client, one in progress(book, limits(catalog, flow), now).items():
            place = [flow.id, client, catalog.clients[client].tier]
            waiting.add_metric(place, one.waiting)
            over.add_metric(place, one.run.due.timestamp())
    yield from (waiting, over)
