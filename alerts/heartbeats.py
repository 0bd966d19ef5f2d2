"""Judges the heartbeats: what silence, a failure or a run without end says of an alert.

A heartbeat's alert lives like every other one. What is expected, and when, is for `probes.heartbeat`.
"""

from collections.abc import Iterator
from datetime import datetime

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import flow_nodes
from alerts.evaluate import STAY, About, Verdict, span
from alerts.weigh import Assessment, Before
from probes.catalog import Catalog
from probes.heartbeat import Condition, Expected, Heartbeat, HeartbeatId, Runs, absent, expected, next_change, watched

MOVES = {
    Condition.LATE: Move.SUSPECT,
    Condition.MISSED: Move.CONFIRM,
    Condition.OVERRUN: Move.CONFIRM,
    Condition.FAILED: Move.CONFIRM,
}


def about(heartbeat: Heartbeat, catalog: Catalog) -> About:
    """Return what a heartbeat's alert is about: with a flow, what explains that flow's alerts explains it too."""
    key = AlertKey(kind=AlertKind.HEARTBEAT, subject=heartbeat.id, client=heartbeat.client)
    flow = catalog.flows.get(heartbeat.flow) if heartbeat.flow is not None else None
    nodes = frozenset({f"heartbeat:{heartbeat.id}"}) if flow is None else flow_nodes(flow)
    return About(key=key, nodes=nodes, flow=heartbeat.flow)


def judge_heartbeat(heartbeat: Heartbeat, runs: Runs, now: datetime) -> Verdict:
    """Return what is to be thought of a heartbeat: late is suspect, and only a success clears anything."""
    stands = expected(heartbeat, runs, now)
    if stands.condition is Condition.ON_TIME:
        return STAY if runs.succeeded is None else Verdict(move=Move.CLEAR, cleared=runs.succeeded)
    text = f"{heartbeat.id} {_sentence(heartbeat, runs, stands)}"
    return Verdict(move=MOVES[stands.condition], explanation=text, onset=stands.onset)


def judge_heartbeats(assessment: Assessment, now: datetime) -> None:
    """Judge every heartbeat, begin to watch the new ones, and forget those that are no longer configured."""
    before = assessment.before
    for heartbeat, runs in _known(before, now):
        if runs != before.runs.get(heartbeat.id):
            assessment.runs[heartbeat.id] = runs
        assessment.move(about(heartbeat, before.catalog), judge_heartbeat(heartbeat, runs, now), now)
    assessment.runs |= dict.fromkeys(before.runs.keys() - before.heartbeats.keys())


def next_heartbeat(before: Before, now: datetime) -> datetime | None:
    """Return the next instant at which time alone changes how a heartbeat stands."""
    changes = (next_change(expected(heartbeat, runs, now), now) for heartbeat, runs in _known(before, now))
    return min((at for at in changes if at is not None), default=None)


def still_watched(before: Before, key: AlertKey) -> bool:
    """Return whether the heartbeat of an alert is still configured, and for the same client."""
    heartbeat = before.heartbeats.get(HeartbeatId(key.subject))
    return heartbeat is not None and heartbeat.client == key.client


def _known(before: Before, now: datetime) -> Iterator[tuple[Heartbeat, Runs]]:
    for heartbeat in before.heartbeats.values():
        runs = watched(heartbeat, before.runs.get(heartbeat.id), now)
        if before.absence is not None and runs.since < before.absence.end:
            runs = absent(runs, before.absence)
        yield heartbeat, runs


def _sentence(heartbeat: Heartbeat, runs: Runs, stands: Expected) -> str:
    last = "has never told of a success" if runs.succeeded is None else f"last succeeded at {_clock(runs.succeeded)}"
    if runs.failed is not None:
        return f"said at {_clock(runs.failed)} that it failed; it {last}"
    if stands.condition is Condition.OVERRUN and runs.started is not None and heartbeat.longest_run is not None:
        return f"runs since {_clock(runs.started)}, longer than {span(heartbeat.longest_run)}; it {last}"
    waited = f"was due at {_clock(stands.due)} and {last}; {span(heartbeat.grace)} of grace"
    ours = f", {span(stands.absence)} in which we did not run not counted" if stands.absence else ""
    return f"{waited}{ours}"


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
