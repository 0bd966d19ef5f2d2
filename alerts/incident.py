"""An incident is its timeline: the events, and the fold that gives its state.

Events are facts in the past tense and are never changed. Everything that a page, a timer or a report says of an incident
is computed from them. Which alerts belong together is for `correlate`, what happens next for `respond`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from alerts.alert import IncidentId
from alerts.escalation import PageReason, Policy
from alerts.message import Stage
from alerts.oncall import PersonId
from probes.catalog import Client, ClientId, Contact, NoticePolicy, Sla, Tier, TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The contract that a client was hurt under. An open incident keeps it, whatever is configured meanwhile."""

    client: ClientId
    name: str
    tier: TierId
    weight: int
    sla: Sla
    timezone: str
    locale: str
    notices: NoticePolicy
    contacts: tuple[Contact, ...]


def terms_of(client: Client, tier: Tier) -> Terms:
    """Return what a client's contract says at this moment."""
    return Terms(
        client=client.id,
        name=client.name,
        tier=tier.id,
        weight=tier.weight,
        sla=tier.sla,
        timezone=client.timezone,
        locale=client.locale,
        notices=tier.notices,
        contacts=client.contacts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurt:
    """A client that joins an incident; `onset` is when its own data went bad."""

    terms: Terms
    onset: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A client whose backlog has drained; `drained` comes from the data, not from when we looked."""

    client: ClientId
    drained: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The incident began to exist. `blind` says that we cannot know whether anybody is hurt."""

    at: datetime
    onset: datetime
    nodes: frozenset[str]
    blind: bool
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsJoined:
    """Alerts with the same possible causes became part of the incident, each with its sentence."""

    at: datetime
    alerts: Mapping[str, str]
    nodes: frozenset[str]
    kind: Literal["alerts_joined"] = "alerts_joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsCleared:
    """Alerts ended on evidence."""

    at: datetime
    alerts: tuple[str, ...]
    kind: Literal["alerts_cleared"] = "alerts_cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsHurt:
    """Clients joined the incident, each under its own contract."""

    at: datetime
    hurt: tuple[Hurt, ...]
    kind: Literal["clients_hurt"] = "clients_hurt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsRecovered:
    """Clients' own backlogs have drained."""

    at: datetime
    recovered: tuple[Recovery, ...]
    kind: Literal["clients_recovered"] = "clients_recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveritySet:
    """The worst hurt tier, and the policy that pages for it from now on."""

    at: datetime
    tier: TierId
    weight: int
    policy: Policy
    kind: Literal["severity_set"] = "severity_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """An escalation step paged people; `next_due` is when the next step follows without an acknowledgement."""

    at: datetime
    step: int
    people: tuple[PersonId, ...]
    reason: PageReason
    next_due: datetime | None
    kind: Literal["paged"] = "paged"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesQueued:
    """Notices of one stage were written for clients, in the same transaction as this event."""

    at: datetime
    stage: Stage
    clients: tuple[ClientId, ...]
    kind: Literal["notices_queued"] = "notices_queued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message was accepted by its receiver. `client` is None for a page."""

    at: datetime
    key: str
    recipient: str
    stage: Stage
    client: ClientId | None = None
    kind: Literal["told"] = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Somebody took the incident; no further person is paged."""

    at: datetime
    by: str
    kind: Literal["acknowledged"] = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The incident ended: on evidence (`by` is None), or because somebody said so."""

    at: datetime
    why: str
    by: str | None = None
    kind: Literal["resolved"] = "resolved"


Event = (
    Opened
    | AlertsJoined
    | AlertsCleared
    | ClientsHurt
    | ClientsRecovered
    | SeveritySet
    | Paged
    | NoticesQueued
    | Told
    | Acknowledged
    | Resolved
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What an incident does to one client: hurt from its own onset until its own backlog has drained.

    `queued` lists the notices written for it, `told` the first instant at which each stage was accepted.
    """

    terms: Terms
    joined: datetime
    onset: datetime
    recovered: datetime | None = None
    closed: datetime | None = None
    queued: tuple[tuple[Stage, datetime], ...] = ()
    told: Mapping[Stage, datetime] = field(default_factory=dict)

    @property
    def owed(self) -> bool:
        """Whether the client was written to and its last notice was not the all-clear."""
        return bool(self.queued) and self.queued[-1][0] is not Stage.RESOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The state of an incident: the fold of its timeline. `version` is the number of events folded."""

    id: IncidentId
    opened: datetime
    onset: datetime
    nodes: frozenset[str]
    blind: bool
    version: int = 0
    alerts: Mapping[str, str] = field(default_factory=dict)
    active: frozenset[str] = frozenset()
    impacts: Mapping[ClientId, Impact] = field(default_factory=dict)
    tier: TierId | None = None
    weight: int = -1
    policy: Policy | None = None
    next_step: int = 0
    next_due: datetime | None = None
    first_paged: datetime | None = None
    paged: tuple[PersonId, ...] = ()
    pages: int = 0
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    resolved: datetime | None = None
    resolved_why: str | None = None

    @property
    def open(self) -> bool:
        """Whether it has not been resolved."""
        return self.resolved is None

    @property
    def hurt(self) -> tuple[Impact, ...]:
        """The impacts, worst tier first, then by onset and client."""
        order = sorted(self.impacts.values(), key=lambda one: (-one.terms.weight, one.onset, one.terms.client))
        return tuple(order)


class BrokenTimeline(Exception):  # noqa: N818 - it names what is wrong
    """Events that no incident can have: the first is not its opening, or something follows its end."""


def _joined(incident: Incident, event: AlertsJoined) -> Incident:
    narrowed = incident.nodes & event.nodes
    return replace(
        incident,
        alerts={**incident.alerts, **event.alerts},
        active=incident.active | event.alerts.keys(),
        nodes=narrowed or incident.nodes,
    )


def _hurt(incident: Incident, event: ClientsHurt) -> Incident:
    impacts = dict(incident.impacts)
    for hurt in event.hurt:
        before = impacts.get(hurt.terms.client)
        if before is None:
            impacts[hurt.terms.client] = Impact(terms=hurt.terms, joined=event.at, onset=hurt.onset)
        else:
            impacts[hurt.terms.client] = replace(before, recovered=None, closed=None)
    onset = min([incident.onset, *(hurt.onset for hurt in event.hurt)])
    return replace(incident, impacts=impacts, onset=onset, blind=False)


def _recovered(incident: Incident, event: ClientsRecovered) -> Incident:
    impacts = dict(incident.impacts)
    for one in event.recovered:
        impacts[one.client] = replace(impacts[one.client], recovered=one.drained, closed=event.at)
    return replace(incident, impacts=impacts)


def _severity(incident: Incident, event: SeveritySet) -> Incident:
    raised = replace(incident, tier=event.tier, weight=event.weight, policy=event.policy)
    if incident.policy is not None and incident.policy.name == event.policy.name:
        return raised
    return replace(raised, next_step=0, next_due=event.at if incident.acknowledged is None else None)


def _paged(incident: Incident, event: Paged) -> Incident:
    return replace(
        incident,
        next_step=event.step + 1,
        next_due=event.next_due,
        first_paged=incident.first_paged or event.at,
        paged=tuple(dict.fromkeys((*incident.paged, *event.people))),
        pages=incident.pages + 1,
    )


def _queued(incident: Incident, event: NoticesQueued) -> Incident:
    impacts = dict(incident.impacts)
    for client in event.clients:
        impacts[client] = replace(impacts[client], queued=(*impacts[client].queued, (event.stage, event.at)))
    return replace(incident, impacts=impacts)


def _told(incident: Incident, event: Told) -> Incident:
    if event.client is None or event.client not in incident.impacts:
        return incident
    impact = incident.impacts[event.client]
    told = {event.stage: event.at, **impact.told}
    return replace(incident, impacts={**incident.impacts, event.client: replace(impact, told=told)})


def _next(incident: Incident, event: Event) -> Incident:
    match event:
        case AlertsJoined():
            return _joined(incident, event)
        case AlertsCleared():
            return replace(incident, active=incident.active - set(event.alerts))
        case ClientsHurt():
            return _hurt(incident, event)
        case ClientsRecovered():
            return _recovered(incident, event)
        case SeveritySet():
            return _severity(incident, event)
        case Paged():
            return _paged(incident, event)
        case NoticesQueued():
            return _queued(incident, event)
        case Told():
            return _told(incident, event)
        case Acknowledged():
            first, by = incident.acknowledged or event.at, incident.acknowledged_by or event.by
            return replace(incident, acknowledged=first, acknowledged_by=by, next_due=None)
        case Resolved():
            return replace(incident, resolved=event.at, resolved_why=event.why, next_due=None)
        case Opened():
            raise BrokenTimeline(f"{incident.id} is opened twice")


def opened(identity: IncidentId, event: Opened) -> Incident:
    """Return the incident that an opening begins."""
    return Incident(
        id=identity, opened=event.at, onset=event.onset, nodes=event.nodes, blind=event.blind, version=1, next_due=None
    )


# A message that was under way when the incident ended may still be accepted after it; nothing else follows the end.
AFTER_THE_END = (Told, NoticesQueued)


def advanced(incident: Incident, event: Event) -> Incident:
    """Return the incident after one more event.

    Raises:
        BrokenTimeline: a second opening, or an event that cannot follow the end.
    """
    if not incident.open and not isinstance(event, AFTER_THE_END):
        raise BrokenTimeline(f"{incident.id} is resolved, so '{event.kind}' cannot follow")
    return replace(_next(incident, event), version=incident.version + 1)


def folded(identity: IncidentId, events: Iterable[Event]) -> Incident:
    """Return the state of an incident from its whole timeline.

    Raises:
        BrokenTimeline: the first event is not an opening, or the events cannot follow each other.
    """
    first, *rest = events
    if not isinstance(first, Opened):
        raise BrokenTimeline(f"{identity} begins with '{first.kind}', not with its opening")
    incident = opened(identity, first)
    for event in rest:
        incident = advanced(incident, event)
    return incident
