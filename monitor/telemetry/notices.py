"""Metrics of client notices that wait for somebody: how many drafts do, how late they are, what became of them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client import Counter as Counting
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.notice_draft import DraftCause, DraftMove, DraftMoved
from alerts.timeline import Event
from monitor.situation import Situation


class Noticing:
    """Counts what is done to drafts of notices, and what happens to them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Begin with every move at 0."""
        text = "What was done to drafts of client notices, or happened to them."
        self._moves = Counting("tierwatch_notice_draft_moves_total", text, ("move",), registry=registry)
        for move in DraftMove:
            self._moves.labels(move)

    def heard(self, event: Event) -> None:
        """Hear of an event that was stored."""
        if isinstance(event, DraftMoved):
            self._moves.labels(event.move).inc()


def notice_gauges(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield the drafts that wait, by why, and those among them whose time is past."""
    waiting = [one for one in situation.notice_drafts.values() if one.waiting]
    text = "Drafts of client notices that wait for somebody, by why they do."
    drafts = GaugeMetricFamily("tierwatch_notice_drafts", text, labels=("cause",))
    found = Counter(one.cause for one in waiting)
    for cause in DraftCause:
        drafts.add_metric([cause], found[cause])
    yield drafts
    text = "Drafts of client notices that still wait although their promise broke."
    late = sum(one.due is not None and one.due < now for one in waiting)
    yield GaugeMetricFamily("tierwatch_notice_drafts_late", text, value=late)
