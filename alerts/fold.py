"""How each event changes an incident: the fold of its timeline, which never raises on a legal one.

What may follow what is said here; what an incident is stands in `incident`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from itertools import groupby
from typing import Any

from alerts import debt, escalated, noticed
from alerts.alert import AlertKind, IncidentId
from alerts.clocks import (
    ClockEvent,
    Clocks,
    ClocksPaused,
    ClocksResumed,
    Mitigated,
    PromisesCancelled,
    PromisesReset,
    PromisesWarned,
    StartSet,
    clocks_after,
)
from alerts.course import UNKNOWN, StageSaid, found, relapsed
from alerts.impact import Spell, both, ended, held, hurt_again, marked, newly_hurt
from alerts.incident import MOST_REFERENCES, BrokenTimeline, Incident
from alerts.mute import DebtsWaived, KeptBack
from alerts.notice_draft import DraftMoved
from alerts.revision import ContractRevised
from alerts.standing import Standing
from alerts.steps import EscalationPaused, OwnersPaged, PolicyTaken, StepMoved
from alerts.timeline import (
    Acknowledged,
    AlertsCleared,
    AlertsJoined,
    CauseFound,
    ClientsHurt,
    ClientsRecovered,
    Event,
    EvidenceAdded,
    MergedInto,
    NoticesQueued,
    Opened,
    Paged,
    PagesHeld,
    Reassigned,
    Reopened,
    Resolved,
    SeveritySet,
    SplitOff,
    TakenOver,
    Taking,
    Told,
)


def _joined(incident: Incident, event: AlertsJoined) -> Incident:
    narrowed, known = incident.nodes & event.nodes, frozenset(event.alerts)
    down = any(key.startswith(AlertKind.AVAILABILITY) for key in event.alerts)
    calm = (incident.answered, incident.course.monitoring, incident.mitigated)
    again = down and any(at is not None for at in calm)
    return replace(
        incident,
        standing=replace(incident.standing, throttled=(incident.standing.throttled - known) | event.throttled),
        alerts={**incident.alerts, **event.alerts},
        active=incident.active | known,
        answered=None if down else incident.answered,
        course=relapsed(incident.course, event.at) if again else incident.course,
        nodes=narrowed or incident.nodes,
        references=tuple(dict.fromkeys((*incident.references, *event.references)))[:MOST_REFERENCES],
        silent=incident.silent - known,
    )


def _hurt(incident: Incident, event: ClientsHurt) -> Incident:
    impacts = dict(incident.impacts)
    for hurt in event.hurt:
        before = impacts.get(hurt.terms.client)
        fresh = newly_hurt(hurt.terms, hurt.onset, event.at)
        impacts[hurt.terms.client] = hurt_again(before, hurt.onset) if before else fresh
    onset = min([incident.onset, *(hurt.onset for hurt in event.hurt)])
    # Who was another incident's and is hurt here anew is told of this one by this one.
    moved = {client: other for client, other in incident.moved.items() if client not in impacts}
    return replace(incident, impacts=impacts, onset=onset, blind=False, moved=moved)


def _recovered(incident: Incident, event: ClientsRecovered) -> Incident:
    impacts = dict(incident.impacts)
    for one in event.recovered:
        known = impacts[one.client]
        spells = ended(known.spells, one.drained)
        impacts[one.client] = replace(known, recovered=one.drained, closed=event.at, spells=spells)
    return escalated.progressed(replace(incident, impacts=impacts), event.at)


def _paged(incident: Incident, event: Paged) -> Incident:
    return replace(
        incident,
        next_step=event.step + 1,
        next_due=event.next_due,
        first_paged=incident.first_paged or event.at,
        paged=tuple(dict.fromkeys((*incident.paged, *event.people))),
        people={**{person.id: person for person in event.others}, **incident.people},
        pages=incident.pages + 1,
        muted=(),
        spells=marked(incident.spells, paged=event.at),
        standing=replace(incident.standing, because=None, why="", reached=False, waits_since=event.at),
    )


def _cleared(incident: Incident, event: AlertsCleared) -> Incident:
    left, answered = incident.active - set(event.alerts), event.answered or incident.answered
    silent = incident.silent | set(event.silent)
    return escalated.progressed(replace(incident, active=left, answered=answered, silent=silent), event.at)


def _resolved(incident: Incident, event: Resolved) -> Incident:
    over = replace(incident, spells=ended(incident.spells, event.at), kept_open=False)
    course = replace(over.course, false_alarm=event.false_alarm)
    ending = replace(over, resolved=event.at, resolved_why=event.why, resolved_by=event.by, next_due=None)
    return replace(ending, course=course)


def _reopened(incident: Incident, event: Reopened) -> Incident:
    """Return the incident as it goes on: somebody is paged anew, and the time in between counts for nobody."""
    return replace(
        incident,
        resolved=None,
        resolved_why=None,
        resolved_by=None,
        answered=None,
        mitigated=None,
        mitigated_by=None,
        acknowledged=None,
        acknowledged_by=None,
        first_paged=None,
        paged=(),
        next_step=0,
        next_due=event.at if incident.policy is not None else None,
        kept_open=event.by is not None,
        course=replace(UNKNOWN, relapsed=event.at),
        reopenings=incident.reopenings + 1,
        standing=Standing(concern=incident.standing.concern, throttled=incident.standing.throttled),
        spells=(*incident.spells, Spell(start=event.at)),
    )


def _cause_found(incident: Incident, event: CauseFound) -> Incident:
    return replace(incident, nodes=event.nodes, course=found(incident.course, event.at))


def _evidence(incident: Incident, event: EvidenceAdded) -> Incident:
    return replace(incident, evidence={**incident.evidence, **event.evidence})


def _taken_over(incident: Incident, event: TakenOver) -> Incident:
    impacts = dict(incident.impacts)
    for impact in event.impacts:
        known = impacts.get(impact.terms.client)
        impacts[impact.terms.client] = both(known, impact) if known else impact
    moved = {client: other for client, other in incident.moved.items() if client not in impacts}
    taken = replace(
        incident,
        alerts={**incident.alerts, **event.alerts},
        active=incident.active | event.active,
        impacts=impacts,
        nodes=(incident.nodes & event.nodes) or incident.nodes,
        onset=min(incident.onset, event.onset),
        blind=incident.blind and event.blind,
        evidence={**incident.evidence, **event.evidence},
        apart=incident.apart | {event.origin} if event.how is Taking.SPLIT else incident.apart,
        moved=moved,
        debts=debt.taken(incident.debts, event.escalating.paged, event.impacts, event.at),
        also=incident.also if incident.nodes & event.nodes else incident.also | event.nodes,
    )
    return escalated.joined_with(taken, event.escalating, event.at)


def _merged(incident: Incident, event: MergedInto) -> Incident:
    why = f"{event.into} goes on with it: {event.why}"
    end = Resolved(at=event.at, why=why, by=event.by)
    return replace(_resolved(incident, end), active=frozenset(), impacts={}, debts={}, merged=event.into)


def _split_off(incident: Incident, event: SplitOff) -> Incident:
    gone = set(event.alerts)
    return replace(
        incident,
        alerts={key: text for key, text in incident.alerts.items() if key not in gone},
        active=incident.active - gone,
        impacts={client: one for client, one in incident.impacts.items() if client not in event.clients},
        moved={**incident.moved, **dict.fromkeys(event.clients, event.into)},
        apart=incident.apart | {event.into},
        debts=debt.without(incident.debts, event.clients),
    )


def _reassigned(incident: Incident, event: Reassigned) -> Incident:
    people = {**incident.people, event.owner.id: event.owner}
    lapsed = event.at if incident.acknowledged is not None else None
    standing = replace(incident.standing, lapsed=lapsed, paused_until=None, waits_since=event.at)
    given = replace(incident, owner=event.owner.id, people=people, standing=standing)
    return replace(given, acknowledged_by=None, next_due=event.next_due)


def _held(incident: Incident, event: PagesHeld) -> Incident:
    return replace(incident, next_due=max(event.until, incident.next_due or event.until))


def _mitigated(incident: Incident, event: Mitigated) -> Incident:
    return replace(incident, mitigated=event.since, mitigated_by=event.by)


def _clocks(incident: Incident, event: ClockEvent) -> Incident:
    """Fold what was done to clients' clocks; an event without clients concerns all. Who shared one clock still does."""
    impacts, after = dict(incident.impacts), dict[int, Clocks]()
    for client in event.clients or tuple(impacts):
        if client in impacts:
            before = impacts[client].clocks
            if id(before) not in after:
                after[id(before)] = clocks_after(before, event)
            impacts[client] = replace(impacts[client], clocks=after[id(before)])
    return replace(incident, impacts=impacts)


def _revised(incident: Incident, event: ContractRevised) -> Incident:
    impacts = dict(incident.impacts)
    for terms in (one.after for one in event.revisions if one.after.client in impacts):
        impact = impacts[terms.client]
        earlier = (*impact.earlier, (event.at, impact.terms))
        impacts[terms.client] = replace(impact, terms=terms, earlier=earlier)
    return replace(incident, impacts=impacts)


def _opened_twice(incident: Incident, event: Opened) -> Incident:
    raise BrokenTimeline(f"{incident.id} is opened again at {event.at}")


FOLDS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    Opened: _opened_twice,
    AlertsJoined: _joined,
    AlertsCleared: _cleared,
    ClientsHurt: _hurt,
    ClientsRecovered: _recovered,
    SeveritySet: escalated.severity_set,
    PolicyTaken: escalated.policy_taken,
    Paged: _paged,
    OwnersPaged: escalated.owners_paged,
    StepMoved: escalated.step_moved,
    EscalationPaused: escalated.escalation_paused,
    NoticesQueued: noticed.queued,
    Told: noticed.told,
    Acknowledged: escalated.acknowledged,
    Resolved: _resolved,
    Reopened: _reopened,
    CauseFound: _cause_found,
    EvidenceAdded: _evidence,
    TakenOver: _taken_over,
    MergedInto: _merged,
    SplitOff: _split_off,
    Reassigned: _reassigned,
    PagesHeld: _held,
    Mitigated: _mitigated,
    ContractRevised: _revised,
    ClocksPaused: _clocks,
    ClocksResumed: _clocks,
    StartSet: _clocks,
    PromisesWarned: _clocks,
    PromisesCancelled: _clocks,
    PromisesReset: _clocks,
    KeptBack: noticed.kept_back,
    DebtsWaived: noticed.waived,
    StageSaid: noticed.stage_said,
    DraftMoved: noticed.draft_moved,
}


def opened(identity: IncidentId, event: Opened) -> Incident:
    """Return the incident that an opening begins."""
    return Incident(
        id=identity,
        opened=event.at,
        onset=event.onset,
        nodes=event.nodes,
        blind=event.blind,
        version=1,
        spells=(Spell(start=event.at),),
    )


# A message that was under way when the incident ended may still be accepted after it, word of the end may wait for
# consent, and people may still correct what its clocks show; else it must be reopened first.
AFTER_THE_END = (
    Told,
    NoticesQueued,
    Reopened,
    StartSet,
    ClocksPaused,
    ClocksResumed,
    Mitigated,
    DebtsWaived,
    DraftMoved,
)


def advanced(incident: Incident, event: Event) -> Incident:
    """Return the incident after one more event.

    Raises:
        BrokenTimeline: a second opening, or an event that cannot follow the end.
    """
    if not incident.open and not isinstance(event, AFTER_THE_END):
        raise BrokenTimeline(f"{incident.id} is resolved, so '{event.kind}' cannot follow")
    if isinstance(event, Reopened) and (incident.open or incident.merged is not None):
        state = f"merged into {incident.merged}" if incident.merged else "open"
        raise BrokenTimeline(f"{incident.id} is {state}, so it cannot be reopened")
    after = FOLDS[type(event)](incident, event)
    spells = held(after.spells, event.at, still=after.held) if incident.held != after.held else after.spells
    turns = incident.turns + (not isinstance(event, Told))
    return replace(after, spells=spells, version=incident.version + 1, turns=turns)


def advanced_by(incident: Incident, events: Iterable[Event]) -> Incident:
    """Return the incident after several more events: those of messages that arrived one after another are one step.

    Raises:
        BrokenTimeline: as `advanced` does.
    """
    for arrived, run in groupby(events, lambda event: isinstance(event, Told)):
        if arrived:
            incident = noticed.told_together(incident, [event for event in run if isinstance(event, Told)])
        else:
            incident = reduce(advanced, run, incident)
    return incident


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
    return advanced_by(opened(identity, first), timeline[1:])
