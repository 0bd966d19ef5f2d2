"""The runs that tell of themselves: how each stands, when it last succeeded, and when its next success is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import IncidentId
from monitor.situation import Situation
from monitor.web.view.health import Health
from monitor.web.view.hurting import incident_on
from probes.catalog import ClientId, FlowId
from probes.heartbeat import Condition, Expected, Heartbeat, HeartbeatId, Runs, expected, watched

HEALTH = {
    Condition.LATE: Health.SUSPECT,
    Condition.MISSED: Health.FAILING,
    Condition.OVERRUN: Health.FAILING,
    Condition.FAILED: Health.FAILING,
}
WORDS = {
    Condition.LATE: "late, within its grace",
    Condition.MISSED: "missed",
    Condition.OVERRUN: "runs for too long",
    Condition.FAILED: "said that it failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One heartbeat; `why` is empty while it is on time, `started` a run under way, `took` the length of the last."""

    id: HeartbeatId
    client: ClientId | None
    health: Health
    why: str
    incident: IncidentId | None
    due: datetime
    succeeded: datetime | None
    started: datetime | None
    took: timedelta | None


def heartbeats(situation: Situation, now: datetime, flow: FlowId | None = None) -> tuple[RunView, ...]:
    """Return every heartbeat as configured, or those that serve one flow."""
    known = situation.config.heartbeats.values()
    return tuple(_view(situation, one, now) for one in known if flow in (None, one.flow))


def _view(situation: Situation, heartbeat: Heartbeat, now: datetime) -> RunView:
    runs = watched(heartbeat, situation.runs.get(heartbeat.id), now)
    stands, incident = expected(heartbeat, runs, now), incident_on(situation, heartbeat.id)
    return RunView(
        id=heartbeat.id,
        client=heartbeat.client,
        health=_health(runs, stands),
        why=WORDS.get(stands.condition, ""),
        incident=incident.id if incident else None,
        due=stands.due,
        succeeded=runs.succeeded,
        started=runs.started,
        took=runs.took,
    )


def _health(runs: Runs, stands: Expected) -> Health:
    if stands.condition is Condition.ON_TIME:
        return Health.UNSEEN if runs.succeeded is None else Health.OK
    return HEALTH[stands.condition]
