"""Which alerts are one incident: alerts whose possible causes intersect share one.

An alert names the places of the dependency graph that could explain it (`flow:invoices`, `system:erp`). An incident
keeps the places that could explain all its alerts; an alert joins where something is left in common.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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


def _by_nodes(alerts: Iterable[Alert]) -> Mapping[frozenset[str], list[Alert]]:
    found: dict[frozenset[str], list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.nodes, []).append(alert)
    # The narrowest first: a system that is down draws the flows that it explains, not the other way round.
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), sorted(item[0]))))


def _home(nodes: frozenset[str], incidents: Iterable[Incident]) -> Incident | None:
    candidates = [incident for incident in incidents if incident.open and incident.nodes & nodes]
    return min(candidates, key=lambda one: (len(one.nodes), one.opened, one.id), default=None)


def grouped(alerts: Iterable[Alert], incidents: Iterable[Incident]) -> tuple[Group, ...]:
    """Return where alerts that have become active belong: to an open incident, or together to a new one."""
    incidents = tuple(incidents)
    homes: list[Group] = []
    news: list[Group] = []
    for nodes, members in _by_nodes(alerts).items():
        home = _home(nodes, incidents)
        if home is not None:
            homes.append(Group(incident=home.id, alerts=tuple(members), nodes=nodes))
            # The next alerts of this pass meet the incident as these leave it, as if they had come a pass later.
            narrowed = replace(home, nodes=home.nodes & nodes)
            incidents = tuple(narrowed if one is home else one for one in incidents)
            continue
        kin = next((group for group in news if group.nodes & nodes), None)
        if kin is not None:
            news.remove(kin)
        alone = kin.alerts if kin else ()
        left = kin.nodes & nodes if kin else nodes
        news.append(Group(incident=None, alerts=(*alone, *members), nodes=left))
    return (*homes, *news)
