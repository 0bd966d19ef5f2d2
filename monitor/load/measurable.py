"""Promises that the indicators cannot show: too few looks, nothing to measure.

Statistics and arithmetic on the catalog only. Findings, never errors: a promise that cannot be shown may still be kept.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from monitor.load.acceptance import weighed
from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from probes.bound import looks_needed
from probes.catalog import Catalog, Client, SystemId
from probes.objectives import Availability
from probes.plan import intervals, probes_of, tiers_hurt


def unmeasurable(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    """Yield the promises that cannot be shown."""
    yield from _availability(config.catalog, sections, now)
    yield from _sync_latency(config.catalog, sections)
    yield from _failure_ratio(config.catalog, sections)


def _availability(catalog: Catalog, sections: Sections, now: datetime) -> Iterator[Problem]:
    rates = _looks_per_second(catalog)
    for system, tiers in tiers_hurt(catalog).items():
        for tier in tiers:
            promise = catalog.tiers[tier].objectives.availability
            message = _short_of_looks(promise, rates[system], system) if promise else ""
            if promise and message:
                loc = ("objectives", "availability", "target")
                finding = sections.parts["tiers"][tier].problem(message, loc, Grade.SEVERE)
                yield weighed(finding, promise.accepted, now)


def _looks_per_second(catalog: Catalog) -> dict[SystemId, float]:
    rates: dict[SystemId, float] = defaultdict(float)
    planned = intervals(catalog)
    for probe in probes_of(catalog):
        rates[probe.system] += 1 / planned[probe.id].total_seconds()
    return rates


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
        f"look every {spacing:.3g} s (systems.{system}.every, or a larger quota), lengthen the window or promise less"
    )


def _sync_latency(catalog: Catalog, sections: Sections) -> Iterator[Problem]:
    sources = {flow.source.system for flow in catalog.flows.values() if flow.batch is None}
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
