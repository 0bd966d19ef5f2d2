"""How much of their months' budgets the clients of an incident have used: what its pages say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.month import MonthSoFar, month_so_far, told
from probes.catalog import Catalog, ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Every incident of the month that is known, and what its clients' contracts allow."""

    incidents: Mapping[IncidentId, Incident] = field(default_factory=dict)
    catalog: Catalog | None = None

    def lines(self, incident: Incident, now: datetime) -> tuple[str, ...]:
        """Return a line for each tier that an incident hurts and that has a budget."""
        return tuple(told(self.months(incident, now)))

    def months(self, incident: Incident, now: datetime) -> tuple[MonthSoFar, ...]:
        """Return the months of the clients that an incident hurts and that have a budget."""
        if self.catalog is None:
            return ()
        hurting: dict[ClientId, list[Incident]] = {}
        for one in {**self.incidents, incident.id: incident}.values():
            for client in one.impacts.keys() & incident.impacts.keys():
                hurting.setdefault(client, []).append(one)
        known = self.catalog.clients
        budgeted = [one for one in hurting if one in known and self.catalog.tier_of(one).breach_budget is not None]
        return tuple(month_so_far(known[one], self.catalog, hurting[one], now) for one in budgeted)


NOTHING_SPENT = Spent()
"""Nobody knows of any budget."""
