"""Gauges of what clients were told of maintenance, and of the dunning guard. Read at each scrape."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.foretold import PlanState
from monitor.situation import Situation


def manners_gauges(situation: Situation) -> Iterator[Metric]:
    """Yield what was told of maintenance and is remembered, and the holds with the calls that are still to be taken."""
    text = "Spans of maintenance that clients were told of, each for each client, by how they stand."
    told = GaugeMetricFamily("tierwatch_maintenance_told", text, labels=("state",))
    states = Counter(one.state for one in situation.foretold.values())
    for state in PlanState:
        told.add_metric([state], states[state])
    yield told
    text = "Clients whose payment failures are held from being dunned."
    held = GaugeMetricFamily("tierwatch_dunning_holds", text)
    held.add_metric([], sum(hold.open for hold in situation.dunning.values()))
    yield held
    text = "Calls to hold or to release that a billing system has not taken yet."
    waiting = GaugeMetricFamily("tierwatch_dunning_calls_waiting", text)
    calls = (said for hold in situation.dunning.values() for said in hold.said.values())
    waiting.add_metric([], sum(said.accepted is None for said in calls))
    yield waiting
