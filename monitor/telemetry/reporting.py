"""Metrics of what others report, and those by which Alertmanager's own dashboards and rules, and karma, know it.

The second kind has Alertmanager's names and meanings: what reads them reads them here too.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from alerts.labels import labels_of
from alerts.reports import Received
from alerts.silence import SilenceState, state_of
from monitor.situation import Situation
from monitor.wire import SPEAKS


def reporting_metrics(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield what has come in, and what goes on."""
    taken = CounterMetricFamily(
        "tierwatch_intake_alerts", "Reports of alerts by others, by what they said.", labels=("result",)
    )
    for result in Received:
        taken.add_metric([result], situation.reports.received[result])
    known = GaugeMetricFamily("tierwatch_intake_active_alerts", "Alerts of others that go on.")
    known.add_metric([], sum(situation.reports.goes_on(one, now) for one in situation.reports))
    yield from (taken, known)


def alertmanager_metrics(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield what an Alertmanager would expose of the same."""
    build = GaugeMetricFamily(
        "alertmanager_build_info",
        "The version of Alertmanager whose API this is; the revision is ours.",
        labels=("branch", "goversion", "revision", "version"),
    )
    build.add_metric(["tierwatch", "", version("tierwatch"), SPEAKS], 1)
    alerts = GaugeMetricFamily("alertmanager_alerts", "How many alerts by state.", labels=("state",))
    for state, number in _alerts(situation, now).items():
        alerts.add_metric([state], number)
    silences = GaugeMetricFamily("alertmanager_silences", "How many silences by state.", labels=("state",))
    states = Counter(state_of(one, now) for one in situation.silences.values())
    for which in SilenceState:
        silences.add_metric([which], states[which])
    received = CounterMetricFamily(
        "alertmanager_alerts_received", "The total number of received alerts.", labels=("status", "version")
    )
    for status in (Received.FIRING, Received.RESOLVED):
        received.add_metric([status, "v2"], situation.reports.received[status])
    invalid = CounterMetricFamily(
        "alertmanager_alerts_invalid", "The total number of received alerts that were invalid.", labels=("version",)
    )
    invalid.add_metric(["v2"], situation.reports.received[Received.INVALID])
    loaded = GaugeMetricFamily(
        "alertmanager_config_last_reload_successful", "Whether the last configuration reload attempt was successful."
    )
    loaded.add_metric([], float(not situation.reload_errors))
    yield from (build, alerts, silences, received, invalid, loaded)


def _alerts(situation: Situation, now: datetime) -> Counter[str]:
    """Count the alerts that go on by whether a silence is in force for them."""
    states = Counter({"active": 0, "suppressed": 0})
    for alert in situation.alerts.values():
        if alert.active:
            quiet = situation.silenced and situation.silenced.by(labels_of(alert, situation.config.catalog), now)
            states["suppressed" if quiet else "active"] += 1
    return states
