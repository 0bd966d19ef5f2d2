"""What an incident does next: the events and the messages that follow from alerts, time and people.

Every function is a decision: it takes the state and `now` and returns a :class:`Draft` of events (each with its reason)
and messages, which the shell writes in one transaction. Nothing is sent here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.alert import HURTS_EVERYBODY, UNSEEING, Alert, AlertState, IncidentId, Urgency, attached
from alerts.answered import answered
from alerts.correlate import Group, flow_nodes, grouped
from alerts.escalation import call
from alerts.failures import last_failure
from alerts.incident import Impact, Incident, advanced, opened
from alerts.message import Message, Stage
from alerts.notice import next_update, notices, stage_due
from alerts.paging import all_clear, page, unanswered
from alerts.roster import Roster
from alerts.severity import severity
from alerts.timeline import (
    Acknowledged,
    AlertsCleared,
    AlertsJoined,
    ClientsHurt,
    ClientsRecovered,
    Event,
    Hurt,
    NoticesQueued,
    Opened,
    Paged,
    Recovery,
    Resolved,
    terms_of,
)
from alerts.wording import Links
from probes.catalog import Catalog, ClientId, FlowId
from probes.sli import Indicator, IndicatorKey, IndicatorKind

STILL_THERE = timedelta(minutes=15)
"""After how long an alert that outlives an incident resolved by hand makes a new one."""


@dataclass(slots=True)
class Draft:
    """An incident with the events and messages that a decision adds to it."""

    incident: Incident
    events: list[Event] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Append an event and fold it."""
        self.incident = advanced(self.incident, event)
        self.events.append(event)

    @property
    def first_sequence(self) -> int:
        """The sequence number of the first of the events."""
        return self.incident.version - len(self.events) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What decisions read besides the incident: who is watched, who can be paged, and where our pages are."""

    catalog: Catalog
    roster: Roster
    links: Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What an evaluation found: alerts that moved, all alerts as they now are, and who is behind on which flow.

    `indicators` are all as they now are, in layers: what changed before what did not.
    """

    moved: tuple[Alert, ...]
    alerts: Mapping[str, Alert]
    backlog: frozenset[tuple[FlowId, ClientId]]
    indicators: tuple[Mapping[str, Indicator], ...] = ()

    def indicator(self, key: IndicatorKey) -> Indicator | None:
        """Return an indicator as it now is, None where there is none."""
        name = str(key)
        return next((layer[name] for layer in self.indicators if name in layer), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The drafts of every incident that changes, and the alerts that were attached to one."""

    drafts: tuple[Draft, ...]
    alerts: tuple[Alert, ...]


def _begin(group: Group, identity: IncidentId, now: datetime) -> Draft:
    onset = min(alert.onset for alert in group.alerts)
    blind = all(alert.state is AlertState.BLIND or alert.key.kind in UNSEEING for alert in group.alerts)
    event = Opened(at=now, onset=onset, nodes=group.nodes, blind=blind)
    return Draft(incident=opened(identity, event), events=[event])


def _hurt_by(alert: Alert, catalog: Catalog) -> Iterable[ClientId]:
    """Return whom an alert hurts: its client, or everybody on a system that is down. Not seeing hurts nobody."""
    if alert.state is not AlertState.FIRING:
        return ()
    if alert.key.client is not None:
        return (alert.key.client,) if alert.key.client in catalog.clients else ()
    if alert.clients:
        return sorted(alert.clients & catalog.clients.keys())
    if alert.system is None or alert.key.kind not in HURTS_EVERYBODY:
        return ()
    return (client.id for client in catalog.clients_of(alert.system))


def _hurt(draft: Draft, alerts: Iterable[Alert], context: Context, now: datetime) -> None:
    onsets: dict[ClientId, datetime] = {}
    for alert in alerts:
        for client in _hurt_by(alert, context.catalog):
            onsets[client] = min(alert.onset, onsets.get(client, alert.onset))
    catalog, known = context.catalog, draft.incident.impacts
    fresh = tuple(
        Hurt(terms=terms_of(catalog.clients[client], catalog.tier_of(client)), onset=onset)
        for client, onset in onsets.items()
        if client not in known or known[client].recovered is not None
    )
    if fresh:
        draft.add(ClientsHurt(at=now, hurt=fresh))


def _severity(draft: Draft, context: Context, now: datetime) -> None:
    risen = severity(draft.incident, context.catalog, context.roster, now)
    if risen is not None:
        draft.add(risen)


def _over(incident: Incident) -> bool:
    return not incident.active and all(impact.recovered is not None for impact in incident.impacts.values())


def _escalate(draft: Draft, context: Context, now: datetime) -> None:
    incident = draft.incident
    if incident.policy is None or incident.next_due is None or incident.next_due > now or _over(incident):
        return
    step = call(incident.policy, incident.next_step, now)
    people = tuple(person.id for person in step.people)
    draft.add(Paged(at=now, step=step.step, people=people, reason=step.reason, next_due=step.next_due))
    draft.messages += [page(draft.incident, person, step.reason, context.links, now) for person in step.people]


def _notify(draft: Draft, now: datetime) -> None:
    due: dict[Stage, list[Impact]] = {}
    for impact in draft.incident.impacts.values():
        stage = stage_due(impact, now)
        if stage is not None:
            due.setdefault(stage, []).append(impact)
    for stage, impacts in due.items():
        draft.messages += notices(draft.incident, impacts, stage, now)
        draft.add(NoticesQueued(at=now, stage=stage, clients=tuple(one.terms.client for one in impacts)))


def _tell_the_end(draft: Draft, context: Context, now: datetime) -> None:
    draft.suppressed += unanswered(draft.incident)
    draft.messages += all_clear(draft.incident, context.links, now)


def due(draft: Draft, context: Context, now: datetime) -> Draft:
    """Add what time alone makes due: the next escalation step, and notices."""
    _escalate(draft, context, now)
    _notify(draft, now)
    return draft


def next_due(incident: Incident) -> datetime | None:
    """Return when time alone next makes something due in an incident, None where nothing is."""
    updates = (next_update(impact) for impact in incident.impacts.values()) if incident.open else ()
    return min((at for at in (incident.next_due, *updates) if at is not None), default=None)


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


def _recover(draft: Draft, evaluated: Evaluated, context: Context, now: datetime) -> None:
    incident = draft.incident
    active = [evaluated.alerts[key] for key in incident.active if key in evaluated.alerts]
    if any(alert.key.client is None and alert.state is AlertState.FIRING for alert in active):
        return
    flows = [flow.id for flow in context.catalog.flows.values() if flow_nodes(flow) & incident.nodes]
    held = {alert.key.client for alert in active} | {client for flow, client in evaluated.backlog if flow in flows}
    free = [impact for client, impact in incident.impacts.items() if impact.recovered is None and client not in held]
    cleared = _last_cleared(incident, evaluated.alerts) if free else {}
    done: list[Recovery] = []
    for impact in free:
        client = impact.terms.client
        ends = [cleared[one] for one in (client, None) if one in cleared] + _drained(evaluated, flows, client)
        done.append(Recovery(client=client, drained=max([impact.onset, *ends]) if ends else now))
    if done:
        draft.add(ClientsRecovered(at=now, recovered=tuple(done)))


def _why_over(incident: Incident) -> str:
    if incident.impacts:
        return "the data caught up: every hurt client's backlog has drained"
    return "it can be seen again" if incident.blind else "what was wrong has ended"


def _finish(draft: Draft, context: Context, now: datetime) -> None:
    incident = draft.incident
    if not _over(incident):
        return
    draft.add(Resolved(at=now, why=_why_over(incident)))
    _tell_the_end(draft, context, now)


def _joined(draft: Draft, group: Group, now: datetime) -> None:
    sentences = {str(alert.key): alert.explanation for alert in group.alerts}
    draft.add(AlertsJoined(at=now, alerts=sentences, nodes=group.nodes))


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
        draft.add(AlertsCleared(at=now, alerts=tuple(keys), answered=back))


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
    drafts, joined = _gather(evaluated, incidents, number, now)
    _cleared(drafts, evaluated, incidents, now)
    for incident in incidents.values():
        if incident.open:
            drafts.setdefault(incident.id, Draft(incident=incident))
    for identity, draft in drafts.items():
        _hurt(draft, (alert for alert in joined.values() if alert.incident == identity), context, now)
        _severity(draft, context, now)
        _recover(draft, evaluated, context, now)
        due(draft, context, now)
        _finish(draft, context, now)
    changed = tuple(draft for draft in drafts.values() if draft.events)
    return Response(drafts=changed, alerts=tuple(joined.values()))


def acknowledged(incident: Incident, by: str, now: datetime) -> Draft:
    """Return what an acknowledgement does: no further person is paged, and pages still waiting are not sent."""
    draft = Draft(incident=incident)
    draft.add(Acknowledged(at=now, by=by))
    draft.suppressed += unanswered(draft.incident)
    return draft


def resolved(incident: Incident, by: str, why: str, context: Context, now: datetime) -> Draft:
    """Return what a person's word does: the incident ends, and everybody who was told of it is told so."""
    draft = Draft(incident=incident)
    hurt = tuple(
        Recovery(client=client, drained=now) for client, impact in incident.impacts.items() if impact.recovered is None
    )
    if hurt:
        draft.add(ClientsRecovered(at=now, recovered=hurt))
    draft.add(Resolved(at=now, why=why, by=by))
    _notify(draft, now)
    _tell_the_end(draft, context, now)
    return draft
