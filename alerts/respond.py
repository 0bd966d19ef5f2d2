"""What an incident does next: the events and the messages that follow from alerts, time and people.

Every function is a decision: it takes the state and `now` and returns a :class:`Draft` of events (each with its reason)
and messages, which the shell writes in one transaction. Nothing is sent here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.alert import UNSEEING, Alert, AlertState, IncidentId, Urgency, attached
from alerts.answered import answered
from alerts.concern import is_throttled
from alerts.correlate import Group, grouped
from alerts.draft import Context, Draft, Evaluated, Response
from alerts.dues import due, notify, tell_the_end
from alerts.failures import last_failure
from alerts.fold import opened
from alerts.harm import hurt
from alerts.incident import MOST_REFERENCES, Incident
from alerts.recover import finish, recover
from alerts.severity import severity
from alerts.timeline import AlertsCleared, AlertsJoined, ClientsRecovered, Opened, Recovery, Resolved

STILL_THERE = timedelta(minutes=15)
"""After how long an alert that outlives an incident resolved by hand makes a new one."""


def _begin(group: Group, identity: IncidentId, now: datetime) -> Draft:
    onset = min(alert.onset for alert in group.alerts)
    blind = all(alert.state is AlertState.BLIND or alert.key.kind in UNSEEING for alert in group.alerts)
    event = Opened(at=now, onset=onset, nodes=group.nodes, blind=blind)
    return Draft(incident=opened(identity, event), events=[event])


def _severity(draft: Draft, context: Context, now: datetime) -> None:
    risen = severity(draft.incident, context.catalog, context.roster, now)
    if risen is not None:
        draft.add(risen)


def _joined(draft: Draft, group: Group, now: datetime) -> None:
    sentences = {str(alert.key): alert.explanation for alert in group.alerts}
    throttled = frozenset(str(alert.key) for alert in group.alerts if is_throttled(alert))
    references = dict.fromkeys(one for alert in group.alerts for one in alert.references)
    shown = tuple(references)[:MOST_REFERENCES]
    joined = AlertsJoined(at=now, alerts=sentences, nodes=group.nodes, throttled=throttled, references=shown)
    draft.add(joined)


def _cleared(
    drafts: dict[IncidentId, Draft], evaluated: Evaluated, incidents: Mapping[IncidentId, Incident], now: datetime
) -> None:
    gone: dict[IncidentId, list[str]] = {}
    for alert in evaluated.moved:
        incident = incidents.get(alert.incident) if alert.incident else None
        if incident is not None and incident.open and not alert.active and str(alert.key) in incident.active:
            gone.setdefault(incident.id, []).append(str(alert.key))
    for identity, keys in gone.items():
        draft = drafts.setdefault(identity, Draft(incident=incidents[identity]))
        back = answered(draft.incident, keys, evaluated.alerts)
        silent = tuple(key for key in keys if key in evaluated.alerts and evaluated.alerts[key].silent)
        draft.add(AlertsCleared(at=now, alerts=tuple(keys), answered=back, silent=silent))


def _strays(evaluated: Evaluated, incidents: Mapping[IncidentId, Incident], now: datetime) -> Iterator[Alert]:
    """Yield the alerts that go on although somebody ended their incident a while ago: the fault is still there."""
    for alert in evaluated.alerts.values():
        incident = incidents.get(alert.incident) if alert.active and alert.incident else None
        ended = incident.resolved if incident is not None else None
        if ended is not None and now - ended >= STILL_THERE and _goes_on(alert, ended, evaluated):
            yield alert


def _goes_on(alert: Alert, ended: datetime, evaluated: Evaluated) -> bool:
    """Whether there was anything new since the incident ended: a limit stays exceeded until its window has passed."""
    key = last_failure(alert.key)
    known = evaluated.indicator(key) if key is not None else None
    last = known.evidence.last_bad if known is not None else None
    return key is None or (last is not None and last > ended)


def _gather(
    evaluated: Evaluated, incidents: Mapping[IncidentId, Incident], number: int, now: datetime
) -> tuple[dict[IncidentId, Draft], dict[str, Alert]]:
    drafts: dict[IncidentId, Draft] = {}
    moved: dict[str, Alert] = {}
    begun = {alert.key: alert for alert in (*_strays(evaluated, incidents, now), *evaluated.moved)}
    calling = (alert for alert in begun.values() if alert.active and alert.urgency is Urgency.PAGE)
    for group in grouped(calling, incidents.values()):
        if group.incident is None:
            identity = IncidentId(f"INC-{number + sum(one not in incidents for one in drafts)}")
            drafts[identity] = _begin(group, identity, now)
        else:
            identity = group.incident
            drafts.setdefault(identity, Draft(incident=incidents[identity]))
        _joined(drafts[identity], group, now)
        moved |= {str(alert.key): attached(alert, identity) for alert in group.alerts}
    return drafts, moved


def respond(
    evaluated: Evaluated, incidents: Mapping[IncidentId, Incident], context: Context, number: int, now: datetime
) -> Response:
    """Return what follows from an evaluation: incidents opened, joined, recovered and resolved, and who is told.

    `number` is the next free incident number. Every open incident is looked at, because a client may recover without
    any alert moving (its backlog drained).
    """
    if not evaluated.moved and not any(one.open or one.active for one in incidents.values()):
        # So it is after nearly every look: nothing began, nothing goes on.
        return Response(drafts=(), alerts=())
    context = replace(context, quiet=replace(context.quiet, alerts=evaluated.alerts))
    drafts, joined = _gather(evaluated, incidents, number, now)
    _cleared(drafts, evaluated, incidents, now)
    for incident in incidents.values():
        if incident.open:
            drafts.setdefault(incident.id, Draft(incident=incident))
    for identity, draft in drafts.items():
        hurt(draft, (alert for alert in joined.values() if alert.incident == identity), context, now)
        _severity(draft, context, now)
        recover(draft, evaluated, context, now)
        due(draft, context, now)
        finish(draft, context, now)
    changed = tuple(draft for draft in drafts.values() if draft.events)
    return Response(drafts=changed, alerts=tuple(joined.values()))


def resolved(incident: Incident, by: str, why: str, context: Context, now: datetime) -> Draft:
    """Return what a person's word does: the incident ends, and everybody who was told of it is told so."""
    draft = Draft(incident=incident)
    unrecovered = tuple(
        Recovery(client=client, drained=now) for client, impact in incident.impacts.items() if impact.recovered is None
    )
    if unrecovered:
        draft.add(ClientsRecovered(at=now, recovered=unrecovered))
    draft.add(Resolved(at=now, why=why, by=by))
    notify(draft, context, now)
    tell_the_end(draft, context, now)
    return draft
