"""Promises that the indicators cannot show: too few looks, no quota for them, nothing to measure.

Statistics and arithmetic on the catalog only. Findings, never errors: a promise that cannot be shown may still be kept.
"""

import math
from collections import defaultdict
from collections.abc import Iterator

from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from probes.catalog import Availability, Catalog, Client, SystemId, TierId
from probes.plan import interval, probes_of, quota_findings

CONFIDENCE = 0.95


def unmeasurable(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the promises that cannot be shown, and the systems whose quota is to blame."""
    yield from _quotas(config.catalog, sections)
    yield from _availability(config.catalog, sections)
    yield from _sync_latency(config.catalog, sections)
    yield from _failure_ratio(config.catalog, sections)


def looks_needed(target: float) -> float:
    """Return how many looks in a row must be good to show a share of good looks with 95 % confidence.

    The rule of three in its exact form, ln 0.05 / ln target; infinite for a target of 1, which nothing can show.
    """
    return math.inf if target >= 1 else math.ceil(math.log(1 - CONFIDENCE) / math.log(target))


def _quotas(catalog: Catalog, sections: Sections) -> Iterator[Problem]:
    for finding in quota_findings(catalog):
        yield sections.parts["systems"][finding.system].problem(
            finding.message.removeprefix(f"systems.{finding.system}: "), ("quota",), Grade.MINOR
        )


def _availability(catalog: Catalog, sections: Sections) -> Iterator[Problem]:
    rates = _looks_per_second(catalog)
    systems = _systems_of_tiers(catalog)
    for name, tier in catalog.tiers.items():
        promise = tier.objectives.availability
        for system in sorted(systems[name]) if promise else ():
            message = promise and _short_of_looks(promise, rates[system], system)
            if message:
                loc = ("objectives", "availability", "target")
                yield sections.parts["tiers"][name].problem(message, loc, Grade.MINOR)


def _looks_per_second(catalog: Catalog) -> dict[SystemId, float]:
    rates: dict[SystemId, float] = defaultdict(float)
    for probe in probes_of(catalog):
        rates[probe.system] += 1 / interval(catalog, probe).total_seconds()
    return rates


def _systems_of_tiers(catalog: Catalog) -> dict[TierId, set[SystemId]]:
    systems: dict[TierId, set[SystemId]] = defaultdict(set)
    for system in catalog.systems:
        for client in catalog.clients_of(system):
            systems[client.tier].add(system)
    return systems


def _short_of_looks(promise: Availability, rate: float, system: SystemId) -> str:
    needed, looks = looks_needed(promise.target), rate * promise.window.total_seconds()
    share = f"{promise.target * 100:.10g}%"
    if math.isinf(needed):
        return f"{share} can be kept but never be shown by any number of looks; promise less than all of them"
    if looks >= needed:
        return ""
    spacing = promise.window.total_seconds() / needed
    return (
        f"{share} cannot be shown for {system}: it takes {needed:,.0f} looks, and {looks:,.0f} fit into the window; "
        f"look every {spacing:.3g} s, lengthen the window or promise less"
    )


def _sync_latency(catalog: Catalog, sections: Sections) -> Iterator[Problem]:
    sources = {flow.source.system for flow in catalog.flows.values()}
    for client in catalog.clients.values():
        if catalog.tier_of(client.id).objectives.sync_latency and not sources & client.identifiers.keys():
            message = f"is promised sync latency by tier {client.tier}, and no flow begins in a system that knows it"
            advice = "add an identifier or a flow"
            yield _at_client(client, f"{message}; {advice}", sections)


def _failure_ratio(catalog: Catalog, sections: Sections) -> Iterator[Problem]:
    telling = {
        system.id
        for system in catalog.systems.values()
        if any(resource.can_fail and resource.client_paths for resource in system.connector.resources.values())
    }
    for client in catalog.clients.values():
        if catalog.tier_of(client.id).objectives.failure_ratio and not telling & client.identifiers.keys():
            message = (
                f"is promised a failure ratio by tier {client.tier}, and no system that knows it tells of failures"
            )
            advice = "add an identifier, or `failed` to a connector's resource"
            yield _at_client(client, f"{message}; {advice}", sections)


def _at_client(client: Client, message: str, sections: Sections) -> Problem:
    return sections.parts["clients"][client.id].problem(message, ("identifiers",), Grade.MINOR)
