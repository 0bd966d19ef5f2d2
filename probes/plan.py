"""What is probed and how often: from the promises to the clients, under the vendors' quotas.

A promise asks for looks six times as often as it could break. Where a system's quota cannot bear them all, they are
spread by what an undetected moment costs (`polling`), and no probe is looked at less often than its promises allow
while the quota can bear that. When exactly a look is due is `schedule`'s work, what no quota allows `shortfall`'s.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from probes.budget import rate
from probes.catalog import Catalog, End, Flow, Probe, ProbeId, System, SystemId, Tier, TierId
from probes.failing import tells_of
from probes.polling import Demand, spread
from probes.promise import Promise, detection_promises, failure_promises, limit_promises, sync_promises

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(seconds=60)
"""Between these lies what is wanted; only a quota or the configuration may make it longer."""

RAREST = timedelta(days=1)
"""However little a quota bears, a probe is looked at once in this time."""

Counts = Mapping[TierId, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """What looking at a probe has taught: the requests that a look costs, and how often it showed an incident.

    Of `incidents` only the proportion to other probes' counts.
    """

    cost: float = 1.0
    incidents: float = 1.0


NO_EXPERIENCE = Experience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What a probe is looked at for: the interval that is wanted, and the promises that it must keep.

    `weight` is that of all clients whom a look serves: one look at a list is a look for each of them. `rank` is that of
    the heaviest tier among them.
    """

    probe: Probe
    wanted: timedelta
    promises: tuple[Promise, ...]
    weight: float = 1.0
    rank: float = 0.0
    fixed: bool = False

    @property
    def longest(self) -> timedelta | None:
        """The longest interval that every promise allows, None where nothing is promised."""
        return min((max(SHORTEST, one.longest) for one in self.promises), default=None)


def probes_of(catalog: Catalog) -> tuple[Probe, ...]:
    """Return the probes of all systems: lists that flows travel between, that failures or a status are read from.

    A system with none of them is asked who we are.
    """
    return tuple(want.probe for wants in wants_of(catalog).values() for want in wants)


def wants_of(catalog: Catalog) -> dict[SystemId, tuple[Want, ...]]:
    """Return for each system what is to be looked at there, and how often that is wanted."""
    known = _known(catalog)
    hurt = tiers_hurt(catalog)
    return {one.id: tuple(_wants(catalog, one, known, hurt[one.id])) for one in catalog.systems.values()}


def tiers_hurt(catalog: Catalog) -> dict[SystemId, Counter[TierId]]:
    """Return for each system how many clients of each tier its failure hurts.

    It counts in one pass what :meth:`~probes.catalog.Catalog.clients_of` lists for one system.
    """
    touched: dict[SystemId, set[SystemId]] = {system: {system} for system in catalog.systems}
    for flow in catalog.flows.values():
        touched[flow.enters] |= {flow.source.system, flow.destination.system}
    found: dict[SystemId, Counter[TierId]] = {system: Counter() for system in catalog.systems}
    for client in catalog.clients.values():
        for system in set[SystemId]().union(*(touched[known] for known in client.identifiers)):
            found[system][client.tier] += 1
    return found


def _known(catalog: Catalog) -> Mapping[SystemId, Counter[TierId]]:
    """How many clients of each tier a system knows."""
    known: dict[SystemId, Counter[TierId]] = defaultdict(Counter)
    for client in catalog.clients.values():
        for system in client.identifiers:
            known[system][client.tier] += 1
    return known


def _wants(catalog: Catalog, system: System, known: Mapping[SystemId, Counts], hurt: Counts) -> Iterator[Want]:
    outage = [promise for tier in hurt for promise in detection_promises(catalog.tiers[tier])]
    flows = tuple(catalog.flows_of(system.id))
    resources = system.connector.resources
    lists = [_list(catalog, system, name, flows, known) for name in resources if resources[name].path]
    watched = [found for found in lists if found is not None]
    if not watched:
        probe = Probe(id=ProbeId(system.id), system=system.id, resource="")
        watched = [(probe, [], hurt)]
    for probe, promises, served in watched:
        weights = [(catalog.tiers[tier].weight, count) for tier, count in served.items()]
        want = _want(system, probe, (*promises, *outage))
        rank = max((weight for weight, _ in weights), default=0)
        yield replace(want, weight=max(1.0, sum(weight * count for weight, count in weights)), rank=rank)


def _want(system: System, probe: Probe, promises: tuple[Promise, ...]) -> Want:
    called_for = min((one.wanted for one in promises if one.wanted is not None), default=LONGEST)
    allowed = min((one.longest for one in promises), default=LONGEST)
    wanted = min(max(SHORTEST, min(called_for, allowed)), LONGEST)
    return Want(probe=probe, wanted=system.every or wanted, promises=promises, fixed=system.every is not None)


def _list(
    catalog: Catalog, system: System, name: str, flows: Sequence[Flow], known: Mapping[SystemId, Counts]
) -> tuple[Probe, list[Promise], Counts] | None:
    """The probe of a list with what it must keep and whom it serves; None where nothing calls for it."""
    here = (system.id, name)
    on = [
        (flow, end) for flow in flows for end in (flow.source, flow.destination) if (end.system, end.resource) == here
    ]
    kept: list[tuple[list[Promise], Counts]] = []
    for source in {flow.enters for flow, _ in on if flow.batch is None}:
        kept += _kept(catalog, known[source], sync_promises)
    # A run is late by the clock: looks serve its clients, and no promise of a tier asks for more of them.
    kept += [([], known[flow.enters]) for flow, _ in on if flow.batch is not None]
    if system.connector.resources[name].can_fail:
        kept += _kept(catalog, known[system.id], failure_promises)
    told_of = tells_of(system.connector.resources[name])
    kept += _kept(catalog, known[system.id], partial(limit_promises, told_of)) if told_of else ()
    status = system.identity.status
    told = {status.field} if status is not None and status.resource == name else set[str]()
    if not (on or kept or told or system.connector.resources[name].assertions):
        return None
    fields = tuple(sorted({field for flow, end in on for field in _fields(flow, end)} | told))
    probe = Probe(id=ProbeId(f"{system.id}.{name}"), system=system.id, resource=name, fields=fields)
    served: Counter[TierId] = Counter()
    for _, counts in kept:
        served |= Counter(counts)
    return probe, [promise for promises, _ in kept for promise in promises], served


def _fields(flow: Flow, end: End) -> Iterator[str]:
    """What must be read of the records at an end of a flow: what they are matched by, and what is compared."""
    yield end.field
    for one in flow.compare:
        path = one.source if end == flow.source else one.destination
        if path:
            yield path


def _kept(
    catalog: Catalog, counts: Counts, promised: Callable[[Tier], Iterator[Promise]]
) -> Iterator[tuple[list[Promise], Counts]]:
    """What is promised to each tier of some clients, and how many they are; nothing for tiers without a promise."""
    for tier, count in counts.items():
        promises = list(promised(catalog.tiers[tier]))
        if promises:
            yield promises, {tier: count}


def intervals(catalog: Catalog) -> dict[ProbeId, timedelta]:
    """Return the interval between looks of every probe, as the quotas bear it when nothing has been learned yet."""
    planned: dict[ProbeId, timedelta] = {}
    for system, wants in wants_of(catalog).items():
        planned |= paced(wants, rate(catalog.systems[system].quota))
    return planned


def paced(
    wants: Sequence[Want], sustained: float, experience: Mapping[ProbeId, Experience] = MappingProxyType({})
) -> dict[ProbeId, timedelta]:
    """Return the intervals of one system's probes where its quota sustains so many requests per second."""
    asked = [_demand(want, experience.get(want.probe.id, NO_EXPERIENCE)) for want in wants]
    rates = spread(asked, sustained)
    return {
        want.probe.id: _interval(want, demand, looks) for want, demand, looks in zip(wants, asked, rates, strict=True)
    }


def _demand(want: Want, seen: Experience) -> Demand:
    most = 1 / want.wanted.total_seconds()
    longest = want.wanted if want.fixed else want.longest
    least = min(most, 1 / longest.total_seconds()) if longest is not None else 0.0
    return Demand(weight=want.weight * seen.incidents, least=least, most=most, cost=seen.cost, rank=want.rank)


def _interval(want: Want, demand: Demand, looks: float) -> timedelta:
    """The wanted interval itself where it is kept: a quotient of floats would be off by a microsecond."""
    return want.wanted if looks >= demand.most else min(RAREST, timedelta(seconds=1 / max(looks, 1e-9)))


def looks_within(wants: Iterable[Want], span: timedelta) -> float:
    """Return how many looks are planned within a span where all of them are made; a quota only makes them fewer."""
    return sum(span / want.wanted for want in wants)


def strain(wants: Sequence[Want], sustained: float) -> float:
    """Return how many times the requests that are wanted exceed what the quota sustains; a look counts as one."""
    return sum(1 / want.wanted.total_seconds() for want in wants) / sustained
