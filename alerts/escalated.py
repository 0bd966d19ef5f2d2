"""How an incident's escalation changes with each event that is about it: that part of the incident's fold.

Who took what was less bad has not taken what is worse: where a worse tier is hurt, or a worse kind of failure shows,
its policy pages from the first step, whoever had acknowledged or paused before.
"""

from dataclasses import replace
from datetime import datetime

from alerts import standing
from alerts.concern import Concern
from alerts.escalation import Policy
from alerts.impact import held, held_earlier, marked
from alerts.incident import Incident
from alerts.steps import EscalationPaused, OwnersPaged, PolicyTaken, StepMoved
from alerts.timeline import Acknowledged, Escalating, SeveritySet, Told


def severity_set(incident: Incident, event: SeveritySet) -> Incident:
    """Return the incident with another severity, and the policy of it where that is another one."""
    worse, seen = event.weight > incident.weight, event.seen if event.by is not None else incident.seen
    raised = replace(incident, tier=event.tier, weight=event.weight, seen=seen)
    if incident.policy is None or incident.policy.name != event.policy.name:
        return _begun(raised, event.policy, event.concern, event.at, worse=worse)
    # The escalation goes on where it is; only who is left when nobody answers may be another tier's.
    last = event.policy.catch_all
    kept = replace(raised, policy=replace(incident.policy, catch_all=last), people={last.id: last, **incident.people})
    quiet = incident.held or incident.next_due is None or incident.standing.paused_until is not None
    if worse and quiet and kept.policy is not None:
        return _begun(kept, kept.policy, event.concern, event.at, worse=True)
    return kept


def policy_taken(incident: Incident, event: PolicyTaken) -> Incident:
    """Return the incident whose worst kind of failure is a worse one."""
    return _begun(incident, event.policy, event.concern, event.at, worse=True)


def _begun(incident: Incident, policy: Policy, concern: Concern, at: datetime, *, worse: bool) -> Incident:
    """Return the incident with a policy at its first step; what is no worse pages nobody by that, it comes when due."""
    taken = incident.acknowledged is not None
    again = taken or incident.pages > 0
    after = standing.begun(incident.standing, concern, at, lapses=worse and taken, again=again)
    due = at if worse else incident.next_due
    people = {**policy.everybody, **incident.people}
    return replace(incident, policy=policy, people=people, next_step=0, next_due=due, standing=after)


def step_moved(incident: Incident, event: StepMoved) -> Incident:
    """Return the incident whose next step is due at another instant."""
    after = standing.moved(incident.standing, event)
    return replace(incident, next_step=event.step, next_due=event.next_due, standing=after)


def owners_paged(incident: Incident, event: OwnersPaged) -> Incident:
    """Return the incident of which the owners of one kind of failure know."""
    people = {person.id: person for person in event.people}
    return replace(
        incident,
        people={**people, **incident.people},
        first_paged=incident.first_paged or event.at,
        paged=tuple(dict.fromkeys((*incident.paged, *people))),
        spells=marked(incident.spells, paged=event.at),
        standing=replace(incident.standing, told=incident.standing.told | {event.concern}),
    )


def escalation_paused(incident: Incident, event: EscalationPaused) -> Incident:
    """Return the incident whose next step somebody has put off."""
    due = None if incident.next_due is None else max(incident.next_due, event.until)
    return replace(incident, next_due=due, standing=standing.paused(incident.standing, event))


def acknowledged(incident: Incident, event: Acknowledged) -> Incident:
    """Return the incident that somebody has. The first has it until that lapses; when that was stays on record."""
    first, by = incident.acknowledged or event.at, incident.acknowledged_by if incident.held else None
    return replace(
        incident,
        acknowledged=first,
        acknowledged_by=by or event.by,
        next_due=event.until,
        spells=marked(incident.spells, acknowledged=event.at),
        standing=standing.taken(incident.standing, event.at, event.until),
    )


def told(incident: Incident, event: Told) -> Incident:
    """Return the incident of which a page was accepted: one of its last step has reached somebody."""
    if not event.key.startswith(f"{incident.id}/page/{incident.pages}/"):
        return incident
    return replace(incident, standing=replace(incident.standing, reached=True))


def progressed(incident: Incident, at: datetime) -> Incident:
    """Return the incident in which something has ended or somebody has recovered."""
    return replace(incident, standing=replace(incident.standing, progress=at))


def goes_on(other: Escalating, incident: Incident) -> bool:
    """Return whether another incident's escalation is the one that goes on once an incident has taken it over."""
    alike = other.weight == incident.weight
    return other.weight > incident.weight or (alike and _held(other) and not incident.held)


def _held(other: Escalating) -> bool:
    return other.acknowledged is not None and other.standing.lapsed is None


def joined_with(incident: Incident, other: Escalating, at: datetime) -> Incident:
    """Return the incident with the worse of two escalations; of two alike, with the one that somebody has."""
    other_held, theirs = _held(other), goes_on(other, incident)
    worse = other if theirs else incident
    firsts = [at for at in (incident.acknowledged, other.acknowledged) if at is not None]
    unheld = not (other_held if theirs else incident.held)
    after = replace(worse.standing, throttled=incident.standing.throttled | other.standing.throttled)
    if unheld and firsts and after.lapsed is None:
        after = replace(after, lapsed=max(firsts))
    spells = incident.spells
    if other.acknowledged is not None:
        spells = held_earlier(held(spells, at, still=not unheld), other.acknowledged, at)
    return replace(
        incident,
        spells=spells,
        tier=worse.tier,
        weight=worse.weight,
        policy=worse.policy,
        next_step=worse.next_step,
        next_due=worse.next_due,
        people={**other.people, **incident.people},
        paged=tuple(dict.fromkeys((*incident.paged, *other.paged))),
        first_paged=min((at for at in (incident.first_paged, other.first_paged) if at), default=None),
        acknowledged=min(firsts, default=None),
        acknowledged_by=worse.acknowledged_by or incident.acknowledged_by or other.acknowledged_by,
        owner=incident.owner or other.owner,
        seen=worse.seen,
        standing=after,
    )
