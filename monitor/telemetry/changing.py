"""Counts of how alerts move and why, and of what becomes of incidents beside opening and ending; and what is at stake.

A move is counted once, also where an alert is written again because its incident is another one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.alert import Alert, AlertState
from alerts.causes import explained, live
from alerts.stake import hurt_now
from alerts.timeline import Event, MergedInto, PagesHeld, Reassigned, Reopened, SeveritySet, SplitOff
from monitor.situation import Situation

WORDS: dict[type[Event], str] = {
    MergedInto: "merged",
    SplitOff: "split",
    Reassigned: "reassigned",
    Reopened: "reopened",
    SeveritySet: "severity",
    PagesHeld: "held",
}


class Changing:
    """The counters, and what of each alert was counted last."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Begin at 0."""
        self._moves = Counter(
            "tierwatch_alert_transitions_total",
            "Moves of alerts, by the state that they entered and why.",
            ("kind", "state", "reason"),
            registry=registry,
        )
        self._incidents = Counter(
            "tierwatch_incident_changes_total",
            "What became of incidents between their beginning and their end, by evidence or by a person.",
            ("change", "by"),
            registry=registry,
        )
        for word in WORDS.values():
            self._incidents.labels(word, "evidence")
        self._last: dict[str, tuple[AlertState, datetime]] = {}

    def moved(self, alerts: Iterable[Alert]) -> None:
        """Count the alerts that have moved."""
        for alert in alerts:
            key, now = str(alert.key), (alert.state, alert.since)
            if self._last.get(key) != now:
                self._moves.labels(alert.key.kind, alert.state, alert.reason).inc()
            if alert.state is AlertState.INACTIVE:
                self._last.pop(key, None)
            else:
                self._last[key] = now

    def heard(self, event: Event) -> None:
        """Count what became of an incident."""
        word = WORDS.get(type(event))
        if word is not None:
            by = "person" if getattr(event, "by", None) else "evidence"
            self._incidents.labels(word, by).inc()


def stake_gauges(situation: Situation) -> Iterator[Metric]:
    """Yield how many alerts others explain, and what the clients pay in a year that open incidents hurt."""
    catalog, indicators = situation.config.catalog, situation.indicators
    places = live(situation.alerts, lambda key: indicators.get(str(key)), catalog)
    active = (one for one in situation.alerts.values() if one.active) if places else ()
    family = GaugeMetricFamily("tierwatch_alerts_explained", "Active alerts that other active alerts explain.")
    family.add_metric([], sum(bool(explained(one, places, catalog)) for one in active))
    yield family
    revenue = GaugeMetricFamily(
        "tierwatch_revenue_at_risk",
        "What the clients that open incidents hurt pay in a year, where it is written.",
        labels=("currency",),
    )
    at_risk = dict.fromkeys(sorted({one.revenue.currency for one in catalog.clients.values() if one.revenue}), 0.0)
    hurt = {client for incident in situation.open_incidents for client in hurt_now(incident)}
    for paid in (catalog.clients[client].revenue for client in hurt if client in catalog.clients):
        if paid is not None:
            at_risk[paid.currency] += paid.yearly
    for currency, amount in at_risk.items():
        revenue.add_metric([currency], amount)
    if at_risk:
        yield revenue
