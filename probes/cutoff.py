"""When a client's next cut-offs are: an invoice run, the end of a reporting day. What follows is not decided here.

A cut-off hangs on the clock of its own zone, or of the client's.
"""

from dataclasses import dataclass
from datetime import datetime

from probes.catalog import Catalog, ClientId, Cutoff
from probes.timetable import Cron, next_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The next instant of a client's cut-off."""

    client: ClientId
    cutoff: Cutoff
    at: datetime


def cutoffs_of(catalog: Catalog, client: ClientId) -> tuple[Cutoff, ...]:
    """Return the cut-offs of a client that is in the catalog: its tier's, and its own, which come before those."""
    every = (*catalog.tier_of(client).cutoffs, *catalog.clients[client].cutoffs)
    return tuple({cutoff.name: cutoff for cutoff in every}.values())


def next_at(cutoff: Cutoff, catalog: Catalog, client: ClientId, now: datetime) -> datetime:
    """Return the next instant of a client's cut-off."""
    zone = cutoff.zone or catalog.clients[client].timezone
    return next_instant(Cron(expression=cutoff.expression, zone=zone), now)


def upcoming(catalog: Catalog, client: ClientId, now: datetime) -> tuple[Upcoming, ...]:
    """Return the next instants of a client's cut-offs, the nearest first."""
    found = (
        Upcoming(client=client, cutoff=cutoff, at=next_at(cutoff, catalog, client, now))
        for cutoff in cutoffs_of(catalog, client)
    )
    return tuple(sorted(found, key=lambda one: (one.at, one.cutoff.name)))
