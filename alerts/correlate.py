"""Which alerts are one incident: alerts whose possible causes intersect share one.

An alert names the places of the dependency graph that could explain it (`flow:invoices`, `system:erp`). An incident
keeps the places that could explain all its alerts; an alert joins where something is left in common.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.alert import Alert, IncidentId
from alerts.incident import Incident
from probes.catalog import Flow, FlowId, SystemId, TierId


def system_nodes(system: SystemId) -> frozenset[str]:
    """Return what can explain an alert on a system: the system."""
    return frozenset({f"system:{system}"})


def flow_nodes(flow: Flow) -> frozenset[str]:
    """Return what can explain an alert on a flow: the flow, either system at its ends, or the way it is a hop of."""
    ends = {f"flow:{flow.id}", *(f"system:{end.system}" for end in flow.ends)}
    return frozenset(ends | {f"flow:{flow.hop.chain}"} if flow.hop is not None else ends)


def rule_nodes(rule: str, tier: TierId | None) -> frozenset[str]:
    """Return what explains an alert of others that names no place of ours: what the same rule finds in that tier."""
    return frozenset({f"rule:{tier or ''}/{rule}"})


def tier_of(node: str) -> TierId | None:
    """Return the tier that a rule's node names, None for every other node and where the rule names none."""
    kind, _, name = node.partition(":")
    tier = name.partition("/")[0] if kind == "rule" else ""
    return TierId(tier) if tier else None


def flow_of(node: str) -> FlowId | None:
    """Return the flow that a node names, None for a system's."""
    kind, _, name = node.partition(":")
    return FlowId(name) if kind == "flow" else None


def system_of(node: str) -> SystemId | None:
    """Return the system that a node names, None for a flow's."""
    kind, _, name = node.partition(":")
    return SystemId(name) if kind == "system" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Alerts that are one incident: an open one (`incident`), or a new one where that is None."""

    incident: IncidentId | None
    alerts: tuple[Alert, ...]
    nodes: frozenset[str]


Reach = Callable[[frozenset[str]], frozenset[str]]
"""What else may explain an alert with these places: those above them that fail themselves."""


def _as_they_are(nodes: frozenset[str]) -> frozenset[str]:
    return nodes


def _by_nodes(alerts: Iterable[Alert], reach: Reach) -> Mapping[frozenset[str], list[Alert]]:
    found: dict[frozenset[str], list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.nodes, []).append(alert)
    reached: dict[frozenset[str], list[Alert]] = {}
    for nodes, members in found.items():
        reached.setdefault(reach(nodes), []).extend(members)
    # The narrowest first: a system that is down draws the flows that it explains, not the other way round.
    return dict(sorted(reached.items(), key=lambda item: (len(item[0]), sorted(item[0]))))


class _Homes:
    """Open incidents by their places, as the alerts of a pass narrow them one after the other."""

    def __init__(self, incidents: Iterable[Incident], reach: Reach) -> None:
        self._incidents = {one.id: one for one in incidents if one.open}
        self._nodes = {one.id: reach(one.nodes) | one.also for one in self._incidents.values()}
        self._at: dict[str, set[IncidentId]] = {}
        for identity, nodes in self._nodes.items():
            for node in nodes:
                self._at.setdefault(node, set()).add(identity)

    def of(self, nodes: frozenset[str]) -> IncidentId | None:
        """Return the incident that takes alerts with these places: the one that says most, then the oldest."""
        candidates = {one for node in nodes for one in self._at.get(node, ()) if self._nodes[one] & nodes}
        return min(candidates, key=self._order, default=None)

    def _order(self, one: IncidentId) -> tuple[int, datetime, IncidentId]:
        return len(self._nodes[one]), self._incidents[one].opened, one

    def narrow(self, identity: IncidentId, nodes: frozenset[str]) -> None:
        """Let the next alerts of this pass meet an incident as these leave it, as if they had come a pass later."""
        self._nodes[identity] &= nodes


class _News:
    """Groups that are no incident yet, in their order; each place belongs to one of them at most."""

    def __init__(self) -> None:
        self._groups: dict[int, tuple[list[Alert], frozenset[str]]] = {}
        self._at: dict[str, int] = {}
        self._next = 0

    def add(self, nodes: frozenset[str], members: list[Alert]) -> None:
        """Add alerts to the first group that they share a place with, or make a new one of them."""
        kin = min({self._at[node] for node in nodes if node in self._at}, default=None)
        alone, left = self._groups.pop(kin) if kin is not None else ([], nodes)
        for node in left - nodes:
            del self._at[node]
        alone.extend(members)
        self._groups[self._next] = (alone, left & nodes)
        for node in left & nodes:
            self._at[node] = self._next
        self._next += 1

    @property
    def groups(self) -> list[Group]:
        """The groups."""
        return [Group(incident=None, alerts=tuple(alerts), nodes=nodes) for alerts, nodes in self._groups.values()]


def grouped(alerts: Iterable[Alert], incidents: Iterable[Incident], reach: Reach = _as_they_are) -> tuple[Group, ...]:
    """Return where alerts that have become active belong: to an open incident, or together to a new one.

    An alert that comes back to an incident that is still open belongs to that.
    """
    open_ones = {one.id: one for one in incidents if one.open}
    known, fresh = _come_back(alerts, open_ones)
    homes, news, groups = _Homes(open_ones.values(), reach), _News(), [*known]
    for nodes, members in _by_nodes(fresh, reach).items():
        home = homes.of(nodes)
        if home is None:
            news.add(nodes, members)
        else:
            groups.append(Group(incident=home, alerts=tuple(members), nodes=nodes))
            homes.narrow(home, nodes)
    return (*groups, *news.groups)


def _come_back(alerts: Iterable[Alert], incidents: Mapping[IncidentId, Incident]) -> tuple[list[Group], list[Alert]]:
    """Return alerts that belonged to an open incident before, by that, and the others."""
    known: dict[IncidentId, list[Alert]] = {}
    fresh: list[Alert] = []
    for alert in alerts:
        home = incidents.get(alert.incident) if alert.incident is not None else None
        if home is not None and str(alert.key) in home.alerts:
            known.setdefault(home.id, []).append(alert)
        else:
            fresh.append(alert)
    groups = [Group(incident=one, alerts=tuple(members), nodes=incidents[one].nodes) for one, members in known.items()]
    return groups, fresh
