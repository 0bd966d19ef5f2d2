"""Who receives an alert, said as Alertmanager says it: our escalation policies are its receivers.

The route is a list, and the first line that fits counts: by client, by tier, by system, by flow; what fits nowhere goes
to the heaviest tier's policy. It says which policy an alert calls for by itself. An incident is paged by the policy of
its worst hurt tier, which may be a heavier one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from alerts.intake import Intake, Role
from probes.catalog import Catalog, SystemId, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the route: what has one of these `values` in this `label` goes to a receiver."""

    label: str
    values: frozenset[str]
    receiver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The whole route. `receivers` are all that there are, by name."""

    lines: tuple[Line, ...]
    default: str
    receivers: tuple[str, ...]

    def line(self, labels: Mapping[str, str]) -> int:
        """Return which line an alert of these labels fits, the number of lines where it fits none."""
        fitting = (number for number, one in enumerate(self.lines) if labels.get(one.label, "") in one.values)
        return next(fitting, len(self.lines))

    def leads_to(self, line: int) -> str:
        """Return the receiver of a line."""
        return self.lines[line].receiver if line < len(self.lines) else self.default

    def receiver(self, labels: Mapping[str, str]) -> str:
        """Return who receives an alert of these labels."""
        return self.leads_to(self.line(labels))


def route_of(intake: Intake, catalog: Catalog, policies: Iterable[str]) -> Route:
    """Return the route that a configuration comes to."""
    receivers = tuple(sorted(policies))
    heaviest = max(catalog.tiers.values(), key=_rank, default=None)
    default = heaviest.escalation if heaviest is not None else min(receivers, default="catch-all")
    lines = tuple(_lines(intake, catalog))
    # Where all lead to one receiver, the default says it alone.
    lines = lines if any(line.receiver != default for line in lines) else ()
    return Route(lines=lines, default=default, receivers=receivers)


def _lines(intake: Intake, catalog: Catalog) -> Iterator[Line]:
    tiers = {tier.id: tier for tier in catalog.tiers.values()}
    named = {
        Role.CLIENT: _by_client(catalog),
        Role.TIER: {str(tier): one for tier, one in tiers.items()},
        Role.SYSTEM: _by_system(catalog),
        Role.FLOW: _by_flow(catalog),
    }
    for role, known in named.items():
        for label in _labels(role, intake):
            for receiver in dict.fromkeys(one.escalation for one in sorted(tiers.values(), key=_rank, reverse=True)):
                values = frozenset(name for name, tier in known.items() if tier.escalation == receiver)
                if values:
                    yield Line(label=label, values=values, receiver=receiver)


def _labels(role: Role, intake: Intake) -> tuple[str, ...]:
    """Return the labels of a role: those of the configuration, and the one that our own alerts have."""
    return tuple(dict.fromkeys((*intake.labels.get(role, ()), role.value)))


def _by_client(catalog: Catalog) -> Mapping[str, Tier]:
    """Return the tier of every name of a client: ours, and each system's where that is nobody else's."""
    found: dict[str, Tier] = {}
    disputed = {name for _, name in catalog.crosswalk.disputed}
    for client in catalog.clients.values():
        names = {name for known in client.identifiers.values() for name in known} - disputed
        found |= dict.fromkeys(names, catalog.tiers[client.tier])
    return found | {client.id: catalog.tiers[client.tier] for client in catalog.clients.values()}


def _by_system(catalog: Catalog) -> Mapping[str, Tier]:
    found = {system: _worst(catalog.tier_of(one.id) for one in catalog.clients_of(system)) for system in _ids(catalog)}
    return {system: tier for system, tier in found.items() if tier is not None}


def _by_flow(catalog: Catalog) -> Mapping[str, Tier]:
    flows = catalog.flows.values()
    found = {flow.id: _worst(catalog.tier_of(one.id) for one in catalog.clients_on(flow)) for flow in flows}
    return {flow: tier for flow, tier in found.items() if tier is not None}


def _ids(catalog: Catalog) -> tuple[SystemId, ...]:
    return tuple(catalog.systems)


def _worst(tiers: Iterator[Tier]) -> Tier | None:
    return max(tiers, key=_rank, default=None)


def _rank(tier: Tier) -> tuple[int, str]:
    return tier.weight, tier.id
