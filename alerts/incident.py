"""An incident is its timeline: the fold of its events gives its state.

Everything that a page, a timer or a report says of an incident is computed from this. Which alerts belong together is
for `correlate`, what happens next for `respond`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from alerts.alert import AlertKind, IncidentId
from alerts.escalation import Policy
from alerts.message import Stage
from alerts.oncall import Person, PersonId
from alerts.timeline import (
    Acknowledged,
    AlertsCleared,
    AlertsJoined,
    ClientsHurt,
    ClientsRecovered,
    Event,
    NoticesQueued,
    Opened,
    Paged,
    Resolved,
    SeveritySet,
    Terms,
    Told,
)
from probes.catalog import ClientId, TierId


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
    """The state of an incident: the fold of its timeline. `version` is the number of events folded.

    `answered` is since when its systems answer again, None while one does not or none was at fault: the clients have
    recovered only when their own backlogs have drained. `people` are all whom its policies could reach, also those of a
    policy that a worse hurt tier's has replaced.
    """

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
    people: Mapping[PersonId, Person] = field(default_factory=dict)
    next_step: int = 0
    next_due: datetime | None = None
    first_paged: datetime | None = None
    paged: tuple[PersonId, ...] = ()
    pages: int = 0
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    resolved: datetime | None = None
    resolved_why: str | None = None
    resolved_by: str | None = None
    answered: datetime | None = None

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
        answered=None if any(key.startswith(AlertKind.AVAILABILITY) for key in event.alerts) else incident.answered,
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
    raised = replace(incident, tier=event.tier, weight=event.weight)
    if incident.policy is not None and incident.policy.name == event.policy.name:
        # The escalation goes on where it is; only who is left when nobody answers may be another tier's.
        last = event.policy.catch_all
        kept = replace(incident.policy, catch_all=last)
        return replace(raised, policy=kept, people={last.id: last, **incident.people})
    due = event.at if incident.acknowledged is None else None
    people = {**event.policy.everybody, **incident.people}
    return replace(raised, policy=event.policy, people=people, next_step=0, next_due=due)


def _paged(incident: Incident, event: Paged) -> Incident:
    return replace(
        incident,
        next_step=event.step + 1,
        next_due=event.next_due,
        first_paged=incident.first_paged or event.at,
        paged=tuple(dict.fromkeys((*incident.paged, *event.people))),
        people={**{person.id: person for person in event.others}, **incident.people},
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


def _cleared(incident: Incident, event: AlertsCleared) -> Incident:
    return replace(incident, active=incident.active - set(event.alerts), answered=event.answered or incident.answered)


def _acknowledged(incident: Incident, event: Acknowledged) -> Incident:
    first, by = incident.acknowledged or event.at, incident.acknowledged_by or event.by
    return replace(incident, acknowledged=first, acknowledged_by=by, next_due=None)


def _resolved(incident: Incident, event: Resolved) -> Incident:
    return replace(incident, resolved=event.at, resolved_why=event.why, resolved_by=event.by, next_due=None)


def _opened_twice(incident: Incident, event: Opened) -> Incident:
    raise BrokenTimeline(f"{incident.id} is opened again at {event.at}")


FOLDS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    Opened: _opened_twice,
    AlertsJoined: _joined,
    AlertsCleared: _cleared,
    ClientsHurt: _hurt,
    ClientsRecovered: _recovered,
    SeveritySet: _severity,
    Paged: _paged,
    NoticesQueued: _queued,
    Told: _told,
    Acknowledged: _acknowledged,
    Resolved: _resolved,
}


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
    return replace(FOLDS[type(event)](incident, event), version=incident.version + 1)


def folded(identity: IncidentId, events: Iterable[Event]) -> Incident:
    """Return the state of an incident from its whole timeline.

    Raises:
        BrokenTimeline: the first event is not an opening, or the events cannot follow each other.
    """
    timeline = tuple(events)
    first = timeline[0] if timeline else None
    if not isinstance(first, Opened):
        found = "nothing" if first is None else f"'{first.kind}'"
        raise BrokenTimeline(f"{identity} begins with {found}, not with its opening")
    incident = opened(identity, first)
    for event in timeline[1:]:
        incident = advanced(incident, event)
    return incident
