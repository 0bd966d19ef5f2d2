"""What is probed and how often: from the promises to the clients, under the vendors' quotas.

A promise asks for looks six times as often as it could break; a quota that cannot bear it stretches all looks of its
system alike, and says so in a finding. When exactly a look is due is `schedule`'s work.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from probes.budget import rate
from probes.catalog import Catalog, Probe, ProbeId, System, SystemId

LOOKS_PER_PROMISE = 6
"""Looks within a promise's time: late by a sixth at the most is soon enough to decide at its limit."""

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(seconds=60)
"""Between these lies what is wanted; only a quota or the configuration may make it longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaFinding:
    """What the quota of a system makes untrue or uncertain."""

    system: SystemId
    message: str


def probes_of(catalog: Catalog) -> tuple[Probe, ...]:
    """Return the probes of all systems: the lists that flows travel between, and those a failure ratio is promised of.

    A system with neither is asked who we are.
    """
    return tuple(probe for system in catalog.systems.values() for probe in _probes(catalog, system))


def _probes(catalog: Catalog, system: System) -> tuple[Probe, ...]:
    fields = _matched_fields(catalog, system)
    promised = any(_ratio_spans(catalog, system))
    names = [
        name for name, known in system.connector.resources.items() if name in fields or (known.can_fail and promised)
    ]
    if not names:
        return (Probe(id=ProbeId(system.id), system=system.id, resource=""),)
    return tuple(_probe(system, name, fields[name]) for name in names)


def _matched_fields(catalog: Catalog, system: System) -> dict[str, set[str]]:
    """The fields that flows match records by, for each of the system's lists that flows touch."""
    fields: dict[str, set[str]] = defaultdict(set)
    for flow in catalog.flows_of(system.id):
        for end in (flow.source, flow.destination):
            if end.system == system.id:
                fields[end.resource].add(end.field)
    return fields


def _probe(system: System, resource: str, fields: set[str]) -> Probe:
    return Probe(
        id=ProbeId(f"{system.id}.{resource}"), system=system.id, resource=resource, fields=tuple(sorted(fields))
    )


def intervals(catalog: Catalog) -> dict[ProbeId, timedelta]:
    """Return the interval between looks of every probe."""
    return {probe.id: interval(catalog, probe) for probe in probes_of(catalog)}


def interval(catalog: Catalog, probe: Probe) -> timedelta:
    """Return the interval between a probe's looks: the configured one, else the wanted one as the quota bears it."""
    system = catalog.systems[probe.system]
    return system.every or wanted(catalog, probe) * max(1.0, _strain(catalog, system))


def wanted(catalog: Catalog, probe: Probe) -> timedelta:
    """Return the interval that the shortest promise touching the probe calls for, from 1 s to 60 s."""
    promises = (*_sync_promises(catalog, probe), *_failure_promises(catalog, probe))
    called_for = min(promises, default=LONGEST * LOOKS_PER_PROMISE) / LOOKS_PER_PROMISE
    return min(max(SHORTEST, called_for), LONGEST)


def quota_findings(catalog: Catalog) -> tuple[QuotaFinding, ...]:
    """Return a finding for each system whose quota cannot bear the looks that its promises, or `every`, call for."""
    strained = ((system, _strain(catalog, system)) for system in catalog.systems.values())
    return tuple(
        QuotaFinding(system=system.id, message=_told(system, strain)) for system, strain in strained if strain > 1
    )


def _told(system: System, strain: float) -> str:
    allowed = rate(system.quota)
    kept = "looks will be skipped" if system.every else f"all looks come {strain:.1f} times as far apart as wanted"
    return (
        f"systems.{system.id}: its looks need {strain * allowed:.3g} requests/s, its share of the quota without the"
        f" reserve bears {allowed:.3g}/s: {kept}. Raise quota.share or quota.rate, or look less often (every)."
    )


def _strain(catalog: Catalog, system: System) -> float:
    """How many times the requests that the looks call for exceed what the quota bears; a look counts as one request."""
    gaps = (system.every or wanted(catalog, probe) for probe in _probes(catalog, system))
    return sum(1 / gap.total_seconds() for gap in gaps) / rate(system.quota)


def _sync_promises(catalog: Catalog, probe: Probe) -> Iterator[timedelta]:
    for flow in catalog.flows_of(probe.system):
        if (probe.system, probe.resource) in {(end.system, end.resource) for end in (flow.source, flow.destination)}:
            for client in catalog.clients_on(flow):
                latency = catalog.tier_of(client.id).objectives.sync_latency
                if latency is not None:
                    yield latency.within


def _failure_promises(catalog: Catalog, probe: Probe) -> Iterator[timedelta]:
    system = catalog.systems[probe.system]
    resource = system.connector.resources.get(probe.resource)
    if resource is not None and resource.can_fail:
        yield from _ratio_spans(catalog, system)


def _ratio_spans(catalog: Catalog, system: System) -> Iterator[timedelta]:
    """Over how long the failure ratios are promised of the clients that the system knows."""
    for client in catalog.clients.values():
        ratio = catalog.tier_of(client.id).objectives.failure_ratio
        if ratio is not None and system.id in client.identifiers:
            yield ratio.over
