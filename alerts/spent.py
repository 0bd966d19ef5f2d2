"""How much of their months' budgets the clients of an incident have used: what its pages say of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.month import MonthSoFar, month_so_far, told
from probes.catalog import Catalog, ClientId, TierId

MOST_OF_A_TIER = 50
"""Of so many clients of a tier the months are looked at: a page waits for it, and a storm hurts thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Every incident of the month that is known, and what its clients' contracts allow."""

    incidents: Mapping[IncidentId, Incident] = field(default_factory=dict)
    catalog: Catalog | None = None

    def lines(self, incident: Incident, now: datetime) -> tuple[str, ...]:
        """Return a line for each tier that an incident hurts and that has a budget."""
        return tuple(told(self.months(incident, now)))

    def months(self, incident: Incident, now: datetime) -> tuple[MonthSoFar, ...]:
        """Return the months of the clients that an incident hurts and that have a budget: of a tier, the longest hurt.

        Whose budget is used most is among them but for pauses and calendars, and each month takes a millisecond.
        """
        if self.catalog is None:
            return ()
        hurting: dict[ClientId, list[Incident]] = {}
        for one in {**self.incidents, incident.id: incident}.values():
            for client in one.impacts.keys() & incident.impacts.keys():
                hurting.setdefault(client, []).append(one)
        known = self.catalog.clients
        looked_at = _longest(hurting, self.catalog, now)
        return tuple(month_so_far(known[one], self.catalog, hurting[one], now) for one in looked_at)


def _longest(hurting: Mapping[ClientId, list[Incident]], catalog: Catalog, now: datetime) -> Iterator[ClientId]:
    """Yield the clients with a budget that were hurt for longest, so many of each tier, the gravest tier first."""

    def length(client: ClientId) -> tuple[timedelta, ClientId]:
        return sum((one.impacts[client].hurt_for(now) for one in hurting[client]), timedelta()), client

    budgeted: dict[TierId, list[ClientId]] = {}
    for client in hurting.keys() & catalog.clients.keys():
        if catalog.tier_of(client).breach_budget is not None:
            budgeted.setdefault(catalog.clients[client].tier, []).append(client)
    for tier in sorted(budgeted, key=lambda tier: (-catalog.tiers[tier].weight, tier)):
        yield from nlargest(MOST_OF_A_TIER, budgeted[tier], key=length)


NOTHING_SPENT = Spent()
"""Nobody knows of any budget."""
