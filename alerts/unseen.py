"""From when somebody is paged for what we cannot see: it is shown at once, and paged once a tier says so.

Missing data ends nothing and, for a while, calls nobody: each tier says for how long its systems may be out of sight.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertState, Urgency
from probes.catalog import Catalog, SystemId, Tier


def limits(catalog: Catalog, system: SystemId | None) -> Mapping[str, timedelta]:
    """Return for how long a system may be out of sight before somebody is paged, by each tier that depends on it."""
    name = f"unseen {system}"
    known: Mapping[str, timedelta] | None = catalog.derived.get(name)
    if known is None:
        known_one = system is not None and system in catalog.systems
        concerned = {client.tier for client in catalog.clients_of(system)} if known_one and system else set()
        tiers = [catalog.tiers[tier] for tier in concerned] or [*catalog.tiers.values()]
        known = catalog.derived[name] = {tier.id: tier.page_when_blind_for for tier in tiers}
    return known


def paged_at(alert: Alert, catalog: Catalog) -> datetime:
    """Return from when an alert that is blind pages: as the tier says that waits least."""
    return alert.since + min(limits(catalog, alert.system).values(), default=timedelta())


def calls(alert: Alert, catalog: Catalog, now: datetime) -> bool:
    """Return whether an alert calls somebody by now: it is active, no ticket, and not only just out of sight."""
    if not alert.active or alert.urgency is not Urgency.PAGE:
        return False
    return alert.state is not AlertState.BLIND or paged_at(alert, catalog) <= now


def waits_for_nobody(catalog: Catalog) -> bool:
    """Return whether every tier has somebody paged as soon as it is blind."""
    return not any(tier.page_when_blind_for for tier in catalog.tiers.values())


def waiting(alerts: Iterable[Alert], catalog: Catalog) -> Iterable[Alert]:
    """Return the alerts that are out of sight and no part of an incident yet."""
    if waits_for_nobody(catalog):
        return ()
    return [one for one in alerts if one.state is AlertState.BLIND and one.incident is None]


def next_call(alerts: Iterable[Alert], catalog: Catalog, now: datetime) -> datetime | None:
    """Return the next instant at which somebody is paged for what is out of sight, None where nobody will be."""
    return min((at for one in waiting(alerts, catalog) if (at := paged_at(one, catalog)) > now), default=None)


def due_tiers(tiers: Iterable[Tier], opened: datetime, now: datetime) -> list[Tier]:
    """Return the tiers for which an incident in which we cannot see is one by now; it was one for the first at once."""
    several = list(tiers)
    first = min((tier.page_when_blind_for for tier in several), default=timedelta())
    return [tier for tier in several if now - opened >= tier.page_when_blind_for - first]
