"""A catalog as the contracts of its clients stand at an instant."""

from dataclasses import replace
from datetime import datetime

from probes.catalog import Catalog, Client, TierId
from probes.contract import in_force, next_version


def contracted(client: Client, now: datetime) -> Client:
    """Return a client under the version of its contract that is in force; before the first, under what stands there."""
    version = in_force(client.versions, now)
    return client if version is None else replace(client, contract=version, tier=TierId(version.tier))


def as_of(catalog: Catalog, now: datetime) -> Catalog:
    """Return a catalog with every client under the contract that is in force; the same one where nothing changes."""
    changed = {
        client.id: fresh
        for client in catalog.clients.values()
        if client.versions and (fresh := contracted(client, now)) != client
    }
    return replace(catalog, clients={**catalog.clients, **changed}) if changed else catalog


def next_change(catalog: Catalog, now: datetime) -> datetime | None:
    """Return when a client's next contract comes into force, None where none does."""
    starts = (next_version(client.versions, now) for client in catalog.clients.values() if client.versions)
    return min((at for at in starts if at is not None), default=None)
