"""Who is hurt by what at this moment: the open incidents, looked up by client and by place."""

from alerts.alert import Alert, AlertState, Urgency
from alerts.incident import Incident
from monitor.situation import Situation
from monitor.web.view.health import Health
from probes.catalog import ClientId

ALERT_HEALTH = {
    AlertState.FIRING: Health.FAILING,
    AlertState.BLIND: Health.BLIND,
    AlertState.PENDING: Health.SUSPECT,
}


def health_of(alert: Alert) -> Health:
    """Return how an alert that means something now makes its subject look: what may wait is worth a look, no more."""
    return Health.WARNED if alert.urgency is Urgency.TICKET else ALERT_HEALTH[alert.state]


def tickets(situation: Situation) -> tuple[Alert, ...]:
    """Return the alerts that page nobody and wait until somebody has the time, the oldest first."""
    waiting = (one for one in situation.alerts.values() if one.active and one.urgency is Urgency.TICKET)
    return tuple(sorted(waiting, key=lambda one: (one.onset, str(one.key))))


def hurting(situation: Situation) -> dict[ClientId, Incident]:
    """Return the clients that an open incident hurts and that have not recovered, each with its worst incident."""
    found: dict[ClientId, Incident] = {}
    for incident in situation.open_incidents:
        for client, impact in incident.impacts.items():
            if impact.recovered is None:
                found.setdefault(client, incident)
    return found


def alerts_on(situation: Situation, subject: str) -> tuple[Alert, ...]:
    """Return the alerts on a system or flow that mean something now, the worst first."""
    here = (
        one
        for one in situation.alerts.values()
        if subject in {one.key.subject, one.system} and one.state in ALERT_HEALTH
    )
    order = list(ALERT_HEALTH)
    return tuple(sorted(here, key=lambda one: (order.index(one.state), one.onset, str(one.key))))


def incident_on(situation: Situation, *subjects: str) -> Incident | None:
    """Return the worst open incident with an alert on one of these systems or flows."""
    for incident in situation.open_incidents:
        # An error budget's alert is about a tier's target on a system: `billing:gold`.
        if any(key.split("/")[1].partition(":")[0] in subjects for key in incident.active):
            return incident
    return None
