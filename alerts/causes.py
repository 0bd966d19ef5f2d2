"""What explains what: the places of the dependency graph, which stand above which, and which of them fail themselves.

A flow stands below the systems at its ends, a system below those that it depends on and below its vendor and region. A
place is *live* while an alert of its own says that it fails; what stands below it is explained by it then, and by each
of several that are live at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.correlate import flow_nodes, system_nodes
from probes.attribution import vendor_of
from probes.catalog import Catalog, Flow, System, SystemId
from probes.sli import Indicator, IndicatorKey, IndicatorKind

CAUSES = (AlertKind.AVAILABILITY, AlertKind.CREDENTIAL, AlertKind.ERRORS_INSIDE)
"""Kinds of alert that say that a system fails as a whole."""

FEWEST = 2
"""So many accounts, or vendors, must fail before what they have in common is the cause."""

Known = Callable[[IndicatorKey], Indicator | None]
Above = Mapping[str, frozenset[str]]
Live = Mapping[str, frozenset[str]]
"""Places that fail themselves, each with the keys of the alerts that say so."""


def vendor_node(system: System) -> str:
    """Return the place of a system's vendor."""
    return f"vendor:{vendor_of(system)}"


def region_node(system: System) -> str | None:
    """Return the place of a system's region, None where none is named."""
    return f"region:{system.region}" if system.region else None


def above(catalog: Catalog) -> Above:
    """Return what stands above each system's and each flow's place, over any number of steps."""
    known: Above | None = catalog.derived.get("places above")
    if known is None:
        known = catalog.derived["places above"] = dict(_above(catalog))
    return known


def _above(catalog: Catalog) -> Iterator[tuple[str, frozenset[str]]]:
    over = {system: _over(catalog, system, frozenset()) for system in catalog.systems}
    for system, places in over.items():
        yield f"system:{system}", places
    for flow in catalog.flows.values():
        ends = [over.get(end.system, frozenset()) for end in flow.ends]
        yield f"flow:{flow.id}", frozenset().union(*(system_nodes(end.system) for end in flow.ends), *ends)


def _over(catalog: Catalog, system: SystemId, seen: frozenset[SystemId]) -> frozenset[str]:
    one = catalog.systems[system]
    found = {vendor_node(one), *(node for node in (region_node(one),) if node is not None)}
    for other in one.depends_on:
        if other in catalog.systems and other not in seen:
            found |= {f"system:{other}"} | _over(catalog, other, seen | {system})
    return frozenset(found)


def places_of(catalog: Catalog, nodes: Iterable[str]) -> frozenset[str]:
    """Return places with everything that stands above them."""
    over = above(catalog)
    return frozenset(nodes).union(*(over.get(node, frozenset()) for node in nodes))


def explains(catalog: Catalog, nodes: frozenset[str], flow: Flow) -> bool:
    """Return whether what is wrong at one of these places can be in the way of a flow."""
    return bool(places_of(catalog, flow_nodes(flow)) & nodes)


def systems_below(catalog: Catalog, node: str) -> Iterator[SystemId]:
    """Yield the system that a place is, and those that stand below it."""
    over = above(catalog)
    for system in catalog.systems:
        if node == f"system:{system}" or node in over[f"system:{system}"]:
            yield system


def live(alerts: Mapping[str, Alert], known: Known, catalog: Catalog) -> Live:
    """Return the places that fail themselves, by the alerts that are firing at this moment."""
    found: dict[str, frozenset[str]] = {}
    for system in catalog.systems.keys() - catalog.evidence:
        keys = frozenset(key for kind in CAUSES if _firing(alerts, key := str(AlertKey(kind=kind, subject=system))))
        if keys:
            found[f"system:{system}"] = keys
    return {**found, **dict(_common(found, alerts, known, catalog))} if found else {}


def _firing(alerts: Mapping[str, Alert], key: str) -> bool:
    alert = alerts.get(key)
    return alert is not None and alert.state is AlertState.FIRING


def _common(
    failing: Live, alerts: Mapping[str, Alert], known: Known, catalog: Catalog
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the vendors and regions all of whose accounts fail that were seen since, and what says so."""
    for node, systems in _shared(catalog).items():
        down = [system for system in systems if f"system:{system}" in failing]
        if not down:
            continue
        declared = frozenset(_declared(alerts, catalog, down)) if node.startswith("vendor:") else frozenset()
        kinds = {vendor_node(catalog.systems[system]) for system in down} if node.startswith("region:") else set(down)
        since = max(_onset(alerts, failing[f"system:{system}"]) for system in down)
        alike = len(kinds) >= FEWEST and not any(_well(known, one, since) for one in systems if one not in down)
        if alike or declared:
            keys = frozenset().union(*(failing[f"system:{system}"] for system in down)) if alike else frozenset()
            yield node, keys | declared


def _shared(catalog: Catalog) -> Mapping[str, list[SystemId]]:
    """Return the systems at each vendor and in each region."""
    shared: dict[str, list[SystemId]] | None = catalog.derived.get("places shared")
    if shared is None:
        shared = defaultdict(list)
        for system in catalog.systems.values():
            for node in (vendor_node(system), region_node(system)):
                if node is not None and system.id not in catalog.evidence:
                    shared[node].append(system.id)
        catalog.derived["places shared"] = shared
    return shared


def _onset(alerts: Mapping[str, Alert], keys: Iterable[str]) -> datetime:
    return min(alerts[key].onset for key in keys)


def _well(known: Known, system: SystemId, since: datetime) -> bool:
    one = known(IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=system))
    return one is not None and one.seen is not None and one.seen >= since and one.evidence.good_since is not None


def _declared(alerts: Mapping[str, Alert], catalog: Catalog, systems: Iterable[SystemId]) -> Iterator[str]:
    """Yield the keys of alerts that tell of outages that these systems' vendors declare."""
    for page in {catalog.systems[system].status_page for system in systems} - {None}:
        key = str(AlertKey(kind=AlertKind.DECLARED_OUTAGE, subject=str(page)))
        if _firing(alerts, key):
            yield key


def declared_at(alerts: Mapping[str, Alert], catalog: Catalog, nodes: frozenset[str]) -> Mapping[str, str]:
    """Return what status pages declare of the systems at these places, by the key of the alert."""
    if not catalog.evidence:
        return {}
    places = {f"system:{one.id}": one for one in catalog.systems.values() if one.status_page is not None}
    over = above(catalog)
    here = [one.id for node, one in places.items() if node in nodes or over[node] & nodes]
    return {key: alerts[key].explanation for key in sorted(set(_declared(alerts, catalog, here)))}


def reach(catalog: Catalog, places: Live, nodes: frozenset[str]) -> frozenset[str]:
    """Return places with those above them that are live: what else may explain an alert at this moment."""
    if not places:
        return nodes
    return nodes | (places_of(catalog, nodes) & places.keys())


def explained(alert: Alert, places: Live, catalog: Catalog) -> frozenset[str]:
    """Return the keys of all other alerts that explain one: an alert is explained while any of them lives."""
    here = places_of(catalog, alert.nodes) & places.keys()
    return frozenset().union(*(places[node] for node in here)) - {str(alert.key)}


def name_of(node: str) -> str:
    """Return a place in words: `system erp`, `vendor acme-pay`."""
    kind, _, name = node.partition(":")
    return f"{kind} {name.partition('@')[0]}"


def is_shared(node: str) -> bool:
    """Return whether a place is a vendor's or a region's."""
    return node.startswith(("vendor:", "region:"))
