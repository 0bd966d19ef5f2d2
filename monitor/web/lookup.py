"""Finds what an address names: in the situation where it is fresh, else in the store."""

from alerts.alert import IncidentId
from alerts.fold import folded
from alerts.incident import Incident
from monitor.web.office import Office


class NotFound(Exception):  # noqa: N818 - it says what happened
    """There is nothing of this name; the message says what was looked for."""


async def incident(office: Office, identity: IncidentId) -> Incident:
    """Return an incident, open, resolved lately, or long past.

    Raises:
        NotFound: there never was one of this number.
    """
    known = office.situation.incidents.get(identity)
    if known is not None:
        return known
    entries = await office.read(office.store.timeline, identity)
    if not entries:
        raise NotFound(f"there is no incident {identity}")
    return folded(identity, (entry.event for entry in entries))


async def incidents(office: Office, wanted: str, before: IncidentId | None, limit: int) -> list[Incident]:
    """Return incidents, newest first: `open`, `resolved`, or `all`; with `before` only those older than that one."""
    if wanted == "open":
        return sorted(office.situation.open_incidents, key=lambda one: one.opened, reverse=True)[:limit]
    found = [_fresh(office, one) for one in await office.read(office.store.incidents, limit, before)]
    return [one for one in found if wanted == "all" or not one.open]


def _fresh(office: Office, stored: Incident) -> Incident:
    return office.situation.incidents.get(stored.id, stored)
