"""What a new configuration changes of who is known by which identifier: for the audit, and for what is still unknown.

Whose an identifier is, is decided in `probes.identity`.
"""

from datetime import datetime

from monitor.changes import Act
from monitor.situation import Situation
from probes.catalog import Catalog, ClientId, SystemId
from probes.identity import Stranger, changes
from probes.status import Said


def known_as(before: Catalog, after: Catalog, now: datetime) -> tuple[Act, ...]:
    """Return an act for each identifier that changed hands, about the client that has it now, or else had it."""
    return tuple(
        Act(at=now, actor="", action="crosswalk", subject=str(one.after or one.before), detail=str(one))
        for one in changes(before.crosswalk, after.crosswalk)
    )


def still_said(situation: Situation, before: Catalog) -> dict[ClientId, dict[SystemId, Said]]:
    """Return what systems said of clients, as far as it would be read alike and of the same client still."""
    after = situation.config.catalog
    kept = {
        client: {system: one for system, one in known.items() if _unchanged(client, system, before, after)}
        for client, known in situation.statuses.items()
    }
    return {client: known for client, known in kept.items() if known}


def _unchanged(client: ClientId, system: SystemId, before: Catalog, after: Catalog) -> bool:
    if client not in after.clients or system not in after.systems:
        return False
    names = (catalog.clients[client].identifiers.get(system) for catalog in (before, after))
    ways = (catalog.systems[system].identity for catalog in (before, after))
    return len(set(names)) == 1 and next(ways) == next(ways)


def still_strangers(situation: Situation) -> dict[SystemId, tuple[Stranger, ...]]:
    """Return the identifiers that were nobody's, without those that the configuration in force gives to somebody."""
    catalog = situation.config.catalog
    left = {
        system: tuple(one for one in known if catalog.client_in(system, one.identifier) is None)
        for system, known in situation.strangers.items()
        if system in catalog.systems
    }
    return {system: known for system, known in left.items() if known}
