"""What is limited or asserted and nothing tells of: a limit that no list can break, a sum without amounts."""

from collections.abc import Iterator, Mapping

from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from probes.catalog import Catalog, Flow, SystemId
from probes.connector import FailureKind
from probes.failing import LIMITED, tells_of


def untold(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield every limit on failures of which no system of the tier's clients tells, and every total without amounts."""
    yield from _limits(config, sections)
    for flow in config.catalog.flows.values():
        without = _without_amount(config.catalog, flow)
        if flow.totals is not None and without:
            message = f"only counts records: {' and '.join(without)} have no amount in the connector; add it there"
            yield sections.parts["flows"][flow.id].problem(message, ("totals",), Grade.MINOR)


def _limits(config: Config, sections: Sections) -> Iterator[Problem]:
    catalog, told = config.catalog, _told(config.catalog)
    for tier in catalog.tiers.values():
        systems = {system for one in catalog.clients.values() if one.tier == tier.id for system in one.identifiers}
        known = frozenset[FailureKind]().union(*(told[system] for system in systems))
        for kind in sorted(tier.objectives.failures.keys() - known):
            message = f"can never be exceeded: no list of a system that knows its clients tells of {kind.value}"
            loc = ("objectives", "failures", LIMITED[kind])
            yield sections.parts["tiers"][tier.id].problem(f"{message}; take it away", loc, Grade.MINOR)


def _told(catalog: Catalog) -> Mapping[SystemId, frozenset[FailureKind]]:
    return {
        system.id: frozenset[FailureKind]().union(*(tells_of(one) for one in system.connector.resources.values()))
        for system in catalog.systems.values()
    }


def _without_amount(catalog: Catalog, flow: Flow) -> list[str]:
    lists = ((end, catalog.systems[end.system].connector.resources[end.resource]) for end in flow.ends)
    return [f"{end.system}.{end.resource}" for end, resource in lists if resource.amount is None]
