"""Whose an incident is: the policy that pages for it, by tier, kind of failure and hour, and the owners of the rest.

A system's own owner of a kind is paged before anybody else of that kind's policy. When a step is due is for `escalate`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from alerts.calendar import is_open
from alerts.concern import ORDER, Concern, concern_of, widening
from alerts.escalation import Policy, Step, Target, people_of, wait_of
from alerts.incident import Incident
from alerts.oncall import Board, Person
from alerts.roster import Roster
from probes.catalog import Catalog, FlowId, SystemId, Tier, TierId


def kinds(incident: Incident) -> tuple[Concern, ...]:
    """Return what kinds of failure go on in an incident, the worst first; on-call's where nothing does."""
    return _kinds(incident.active, incident.standing.throttled)


@lru_cache(maxsize=256)
def _kinds(active: frozenset[str], throttled: frozenset[str]) -> tuple[Concern, ...]:
    # Asked several times at every look of thousands of alerts; a set that is the same one is found at once.
    found = {concern_of(key, throttled) for key in active}
    return tuple(one for one in ORDER if one in found) or (Concern.UNAVAILABILITY,)


def policy_for(incident: Incident, tier: Tier, catalog: Catalog, roster: Roster, now: datetime) -> Policy:
    """Return the policy that pages for an incident of a tier if it begins now."""
    concern = kinds(incident)[0]
    chosen = in_force(roster.policies[named(roster, tier.id, concern) or tier.escalation], roster, now)
    return _led(roster.last_of(tier, chosen), tuple(_owners(incident, concern, catalog, roster)))


def named(roster: Roster, tier: TierId, concern: Concern) -> str | None:
    """Return the policy that a tier names for a kind of failure or a wider one, None where it names none."""
    known = roster.concerns.get(tier, {})
    return next((known[one] for one in widening(concern) if one in known), None)


def in_force(policy: Policy, roster: Roster, now: datetime) -> Policy:
    """Return a policy, or what pages in its place outside its hours; a variant may have one of its own."""
    seen = {policy.name}
    while policy.hours is not None and policy.otherwise and not is_open(policy.hours, now):
        if policy.otherwise in seen or policy.otherwise not in roster.policies:
            break
        seen.add(policy.otherwise)
        policy = roster.policies[policy.otherwise]
    return policy


def _led(policy: Policy, owners: tuple[Target, ...]) -> Policy:
    """Return a policy that pages owners before anybody else; they wait as long as its own first step would."""
    known = {(one.schedule.name if one.schedule else None, one.person): one for one in owners}
    if not known:
        return policy
    wait = wait_of(policy, 0)
    steps = tuple(Step(schedule=one.schedule, person=one.person, wait=wait) for one in known.values())
    names = ", ".join(str(one.person.id) if one.person else str(name) for (name, _), one in known.items())
    return replace(policy, name=f"{policy.name}, {names} first", steps=(*steps, *policy.steps))


def _owners(incident: Incident, concern: Concern, catalog: Catalog, roster: Roster) -> Iterator[Target]:
    """Yield whom the systems at fault name for a kind of failure."""
    for system in systems_of(incident, concern, catalog):
        known = roster.owners.get(system, {})
        found = next((known[one] for one in widening(concern) if one in known), None)
        if found is not None:
            yield found


def systems_of(incident: Incident, concern: Concern, catalog: Catalog) -> Iterable[SystemId]:
    """Return the systems that the active alerts of a kind are about: their own, or those at the ends of their flow."""
    found: dict[SystemId, None] = {}
    for key in sorted(incident.active):
        if concern_of(key, incident.standing.throttled) is concern:
            subject = key.split("/")[1] if "/" in key else ""
            flow = catalog.flows.get(FlowId(subject))
            ends = (flow.source.system, flow.destination.system) if flow is not None else (SystemId(subject),)
            found |= dict.fromkeys(system for system in ends if system in catalog.systems)
    return tuple(found)


def owed(incident: Incident, catalog: Catalog, roster: Roster, now: datetime) -> Iterator[tuple[Concern, Policy]]:
    """Yield the kinds of failure beside the one that pages whose owners have not been told, each with its policy.

    A kind that nobody is named for is on-call's, who knows. One whose policy is outside its hours and waits is told
    when they begin.
    """
    if incident.tier is None or incident.policy is None:
        return
    for concern in kinds(incident):
        if concern is incident.standing.concern or concern in incident.standing.told:
            continue
        wanted, owners = named(roster, incident.tier, concern), tuple(_owners(incident, concern, catalog, roster))
        if wanted is None and not owners:
            continue
        policy = in_force(roster.policies[wanted], roster, now) if wanted is not None else incident.policy
        if owners or policy.name != incident.policy.name:
            yield concern, _led(policy, owners)


def first_of(policy: Policy, board: Board, now: datetime) -> tuple[Person, ...] | None:
    """Return whom a policy would page first, None while it waits for its hours; the catch-all where nobody is there."""
    if policy.hours is not None and not policy.otherwise and not is_open(policy.hours, now):
        return None
    people = (people_of(policy, step, board, now) for step in policy.steps)
    return next((found for found in people if found), (policy.catch_all,))
