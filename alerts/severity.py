"""How severe an incident is: as the tier of its worst hurt client, or worse where a cut-off of a hurt client is near.

By itself it only rises: what has got somebody out of bed is not made smaller again while it lasts. A person may lower
it, and then it stays so until something worse joins than what they saw.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts.causes import explains, systems_below
from alerts.correlate import flow_of, tier_of
from alerts.evaluate import span
from alerts.incident import Incident
from alerts.ownership import kinds, policy_for
from alerts.roster import Roster
from alerts.timeline import SeveritySet
from alerts.unseen import due_tiers
from probes.catalog import Catalog, Cutoff, Tier
from probes.cutoff import Upcoming, cutoffs_of, next_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """As severe as this tier, of that weight, and why."""

    tier: Tier
    weight: int
    why: str = ""


def severity(incident: Incident, catalog: Catalog, roster: Roster, now: datetime) -> SeveritySet | None:
    """Return how severe an incident has become, None where it is no worse than it was."""
    found = worst(incident, catalog, now)
    # What somebody has seen and set lower stays so: only something worse than that says more than they knew.
    enough = max(incident.weight, incident.seen if incident.seen is not None else -1)
    if found is None or found.tier.id == incident.tier or found.weight <= enough:
        return None
    policy, concern = policy_for(incident, found.tier, catalog, roster, now), kinds(incident)[0]
    return SeveritySet(at=now, tier=found.tier.id, weight=found.weight, policy=policy, why=found.why, concern=concern)


def worst(incident: Incident, catalog: Catalog, now: datetime) -> Rank | None:
    """Return how severe an incident is by whom it hurts and what is near, whatever anybody has said."""
    ranks = [rank for rank in (_by_the_hurt(incident, catalog, now), *_by_cutoffs(incident, catalog, now)) if rank]
    return max(ranks, key=lambda one: one.weight, default=None)


def _by_the_hurt(incident: Incident, catalog: Catalog, now: datetime) -> Rank | None:
    terms = (one.terms for one in incident.impacts.values())
    first = max(terms, key=lambda one: (one.weight, one.tier), default=None)
    if first is not None:
        # What was agreed with the clients when they were hurt, not what the tier has come to weigh since.
        tier = catalog.tiers.get(first.tier)
        return Rank(tier=tier, weight=first.weight) if tier is not None else None
    tiers = [*_concerned(incident, catalog)] or list(catalog.tiers.values())
    tiers = due_tiers(tiers, incident.opened, now) if incident.blind else tiers
    tier = max(tiers, key=lambda one: one.weight, default=None)
    return Rank(tier=tier, weight=tier.weight) if tier is not None else None


def _concerned(incident: Incident, catalog: Catalog) -> Iterable[Tier]:
    """Return the tiers that depend on an incident's places: who could be hurt where nobody is known to be."""
    for node in incident.nodes:
        flow, tier = flow_of(node), tier_of(node)
        if tier in catalog.tiers and tier is not None:
            yield catalog.tiers[tier]
        if flow in catalog.flows and flow is not None:
            yield from (catalog.tiers[client.tier] for client in catalog.clients_on(catalog.flows[flow]))
        for system in systems_below(catalog, node):
            yield from (catalog.tiers[client.tier] for client in catalog.clients_of(system))


def _by_cutoffs(incident: Incident, catalog: Catalog, now: datetime) -> Iterator[Rank]:
    """Yield what the cut-offs that are near make of an incident, where that would be worse than it is."""
    for client, impact in incident.impacts.items():
        if impact.recovered is not None or client not in catalog.clients:
            continue
        for cutoff in cutoffs_of(catalog, client):
            tier = catalog.tiers.get(cutoff.raise_to) if cutoff.raise_to is not None else None
            if tier is None or tier.weight <= incident.weight or not concerns(cutoff, incident, catalog):
                continue
            near = Upcoming(client=client, cutoff=cutoff, at=next_at(cutoff, catalog, client, now))
            if cutoff.raise_within is not None and near.at - now <= cutoff.raise_within:
                yield Rank(tier=tier, weight=tier.weight, why=_why(near, tier, now))


def any_cutoffs(incident: Incident, catalog: Catalog) -> bool:
    """Return whether there is a cut-off of a client that an incident hurts, so that time alone may make it worse."""
    return any(cutoffs_of(catalog, client) for client in incident.impacts if client in catalog.clients)


def next_cutoff(incident: Incident, catalog: Catalog, now: datetime) -> Upcoming | None:
    """Return the nearest cut-off of a client that an incident hurts and that it can be in the way of."""
    hurt = (client for client, one in incident.impacts.items() if one.recovered is None and client in catalog.clients)
    found = (
        Upcoming(client=client, cutoff=cutoff, at=next_at(cutoff, catalog, client, now))
        for client in hurt
        for cutoff in cutoffs_of(catalog, client)
        if concerns(cutoff, incident, catalog)
    )
    return min(found, key=lambda one: (one.at, one.client, one.cutoff.name), default=None)


def concerns(cutoff: Cutoff, incident: Incident, catalog: Catalog) -> bool:
    """Return whether an incident can be in the way of what a cut-off waits for."""
    if cutoff.flow is None:
        return True
    named = (flow for flow in catalog.flows.values() if cutoff.flow in (flow.id, flow.hop.chain if flow.hop else None))
    return any(explains(catalog, incident.nodes, flow) for flow in named)


def _why(near: Upcoming, tier: Tier, now: datetime) -> str:
    cutoff = near.cutoff
    within = span(cutoff.raise_within) if cutoff.raise_within is not None else ""
    left = span(near.at - now)
    return (
        f"{cutoff.name} of {near.client} is at {near.at:%Y-%m-%d %H:%M} UTC, in {left}; "
        f"from {within} before it an incident counts as {tier.id}"
    )
