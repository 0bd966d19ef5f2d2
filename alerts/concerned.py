"""Whom a window of maintenance concerns, and whether what it is about still fails for them."""

from collections.abc import Callable, Iterator
from datetime import datetime

from alerts.draft import Context
from alerts.forewarn import Plans
from alerts.maintenance import Scope, Window, WindowId, covers_system
from alerts.quiet import UNNOTIFIED, Quiet
from probes.catalog import Catalog, ClientId, NoticePolicy, SystemId
from probes.manners import MaintenanceNotice

TOLD = frozenset({NoticePolicy.AUTOMATIC, NoticePolicy.APPROVAL})
"""Clients of these tiers are told of maintenance: a window that is announced was written and released by somebody."""


def concerned(scope: Scope, catalog: Catalog) -> frozenset[ClientId]:
    """Return the clients whose systems or flows a window touches, also where it touches what a system depends on."""
    clients = scope.clients & catalog.clients.keys() if scope.clients else frozenset(catalog.clients)
    if scope.anywhere:
        return frozenset(clients)
    touched = {client.id for system in _systems(scope, catalog) for client in catalog.clients_of(system)}
    flows = (catalog.flows[flow] for flow in scope.flows if flow in catalog.flows)
    touched |= {client.id for flow in flows for client in catalog.clients_on(flow)}
    return frozenset(clients & touched)


def _systems(scope: Scope, catalog: Catalog) -> frozenset[SystemId]:
    """The systems that a window names, and those that cannot work without one of them."""
    places = Scope(systems=scope.systems, flows=scope.flows, vendors=scope.vendors)
    found = {system for system in catalog.systems if covers_system(places, system, catalog)}
    while more := {one.id for one in catalog.systems.values() if not found.isdisjoint(one.depends_on)} - found:
        found |= more
    return frozenset(found)


def plans_of(context: Context, now: datetime) -> Plans:
    """Return everything by which clients are told of maintenance now."""
    catalog, quiet = context.catalog, context.quiet

    def notice(client: ClientId) -> MaintenanceNotice | None:
        tier = catalog.tier_of(client) if client in catalog.clients else None
        return tier.maintenance if tier is not None and tier.notices in TOLD else None

    def told(client: ClientId) -> bool:
        known = catalog.clients.get(client)
        # Whoever was told of one is told what becomes of it, also where the tier announces none any more.
        if known is None or not known.contacts:
            return False
        return quiet.contract(client, now).state not in UNNOTIFIED

    return Plans(
        windows={window.id: window for window in quiet.windows},
        concerned=lambda window: concerned(window.scope, catalog),
        notice=notice,
        told=told,
        failing=_failing(quiet),
    )


def _failing(quiet: Quiet) -> Callable[[Window, ClientId], bool]:
    known: dict[WindowId, frozenset[ClientId | None]] = {}

    def failing(window: Window, client: ClientId) -> bool:
        if window.id not in known:
            known[window.id] = frozenset(_hurt(quiet, window))
        return not known[window.id].isdisjoint({None, client})

    return failing


def _hurt(quiet: Quiet, window: Window) -> Iterator[ClientId | None]:
    for alert in quiet.alerts.values():
        if alert.active and quiet.is_about(window, alert):
            yield alert.key.client
