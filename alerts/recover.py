"""How an incident ends: each client when its own backlog has drained, the incident once nobody is hurt any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from alerts.alert import Alert, AlertState
from alerts.causes import explains
from alerts.draft import Context, Draft, Evaluated, still
from alerts.dues import over, tell_the_end
from alerts.incident import Incident
from alerts.timeline import ClientsRecovered, Recovery, Resolved
from probes.catalog import ClientId, FlowId
from probes.sli import IndicatorKey, IndicatorKind

NOBODY_FREE = "an alert holds everybody who is hurt"


def _last_cleared(incident: Incident, alerts: Mapping[str, Alert]) -> dict[ClientId | None, datetime]:
    found: dict[ClientId | None, datetime] = {}
    for key in incident.alerts:
        alert = alerts.get(key)
        if alert is not None and alert.cleared is not None:
            found[alert.key.client] = max(alert.cleared, found.get(alert.key.client, alert.cleared))
    return found


def _drained(evaluated: Evaluated, flows: Iterable[FlowId], client: ClientId) -> list[datetime]:
    """Return when the last overdue record of a client arrived on each of the flows where one did."""
    kinds = (IndicatorKind.SYNC_LATENCY, IndicatorKind.BATCH)
    keys = (IndicatorKey(kind=kind, subject=flow, client=client) for flow in flows for kind in kinds)
    known = (evaluated.indicator(key) for key in keys)
    return [one.drained for one in known if one is not None and one.drained is not None]


def recover(draft: Draft, evaluated: Evaluated, context: Context, now: datetime) -> None:
    """Add the clients that have recovered: no alert holds them any more, and their own backlog has drained."""
    incident, known = draft.incident, still(draft, context)
    if NOBODY_FREE in known:
        return
    active = [evaluated.alerts[key] for key in incident.active if key in evaluated.alerts]
    if any(alert.key.client is None and alert.state is AlertState.FIRING for alert in active):
        return
    held = {alert.key.client for alert in active}
    loose = [impact for client, impact in incident.impacts.items() if impact.recovered is None and client not in held]
    if not loose:
        known[NOBODY_FREE] = True
        return
    flows = [flow.id for flow in context.catalog.flows.values() if explains(context.catalog, incident.nodes, flow)]
    behind = {client for flow, client in evaluated.backlog if flow in flows}
    free = [impact for impact in loose if impact.terms.client not in behind]
    cleared = _last_cleared(incident, evaluated.alerts) if free else {}
    done: list[Recovery] = []
    for impact in free:
        client = impact.terms.client
        ends = [cleared[one] for one in (client, None) if one in cleared] + _drained(evaluated, flows, client)
        done.append(Recovery(client=client, drained=max([impact.onset, *ends]) if ends else now))
    if done:
        draft.add(ClientsRecovered(at=now, recovered=tuple(done)))


def _why_over(incident: Incident) -> str:
    if incident.silent:
        number = len(incident.silent)
        which = "an alert of others was" if number == 1 else f"{number:,} alerts of others were"
        return f"{which} not sent to us again; nobody has said that it is over"
    if incident.impacts:
        return "the data caught up: every hurt client's backlog has drained"
    return "it can be seen again" if incident.blind else "what was wrong has ended"


def finish(draft: Draft, context: Context, now: datetime) -> None:
    """End an incident in which nothing is wrong and nobody is hurt any more."""
    incident = draft.incident
    if not over(incident):
        return
    draft.add(Resolved(at=now, why=_why_over(incident)))
    tell_the_end(draft, context, now)
