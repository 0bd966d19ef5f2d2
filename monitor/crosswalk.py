"""What a new configuration changes of who is known by which identifier: for the audit, and for what is still unknown.

Whose an identifier is, is decided in `probes.identity`.
"""

from datetime import datetime

from monitor.changes import Act
from monitor.situation import Situation
from probes.catalog import Catalog, SystemId
from probes.identity import Stranger, changes


def known_as(before: Catalog, after: Catalog, now: datetime) -> tuple[Act, ...]:
    """Return an act for each identifier that changed hands, about the client that has it now, or else had it."""
    return tuple(
        Act(at=now, actor="", action="crosswalk", subject=str(one.after or one.before), detail=str(one))
        for one in changes(before.crosswalk, after.crosswalk)
    )


def still_strangers(situation: Situation) -> dict[SystemId, tuple[Stranger, ...]]:
    """Return the identifiers that were nobody's, without those that the configuration in force gives to somebody."""
    catalog = situation.config.catalog
    left = {
        system: tuple(one for one in known if catalog.client_in(system, one.identifier) is None)
        for system, known in situation.strangers.items()
        if system in catalog.systems
    }
    return {system: known for system, known in left.items() if known}
