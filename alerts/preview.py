"""What a silence would hide: alerts and incidents now, those of the last days, and whole tiers of clients.

A tier is hidden where whatever could happen to any of its clients would be: a silence of a whole tier is mostly a
mistake.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.alert import Alert, AlertKey, AlertKind, AlertState, IncidentId
from alerts.correlate import flow_nodes, system_nodes
from alerts.incident import Incident
from alerts.labels import labels_of, with_client
from alerts.matcher import Labels, Matcher, matches
from probes.catalog import Catalog, Client, ClientId, Flow, FlowId, System, SystemId, TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """What matchers hide. `incidents` are open ones of which nobody would be paged, `past` those of the last days.

    `clients` are hurt now and would get no notices, `tiers` how many of all clients of a tier nothing would be told of,
    and `whole_tiers` those of which that is every one.
    """

    alerts: tuple[str, ...]
    incidents: tuple[IncidentId, ...]
    past: tuple[IncidentId, ...]
    clients: tuple[ClientId, ...]
    tiers: Mapping[TierId, tuple[int, int]]

    @property
    def whole_tiers(self) -> tuple[TierId, ...]:
        """The tiers of which every client would be hidden."""
        return tuple(tier for tier, (hidden, all_of_it) in self.tiers.items() if hidden and hidden == all_of_it)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What matchers are held against: the alerts and incidents that there are, and who is watched."""

    catalog: Catalog
    alerts: Mapping[str, Alert]
    incidents: Iterable[Incident]


def hidden(matchers: Sequence[Matcher], known: Known, now: datetime) -> Hidden:
    """Return what a silence with these matchers would hide at an instant, and would have hidden before."""
    active = [one for one in known.alerts.values() if one.active]
    told = {str(one.key) for one in active if matches(matchers, labels_of(one, known.catalog))}
    incidents = [
        one for one in known.incidents if one.alerts and _hides(matchers, one.active or one.alerts, known, now)
    ]
    hurt = [one for one in known.incidents if one.open]
    return Hidden(
        alerts=tuple(sorted(told)),
        incidents=tuple(one.id for one in incidents if one.open),
        past=tuple(one.id for one in incidents if not one.open),
        clients=tuple(sorted({client for one in hurt for client in _unnotified(matchers, one, known, now)})),
        tiers=_tiers(matchers, known.catalog),
    )


def _hides(matchers: Sequence[Matcher], keys: Iterable[str], known: Known, now: datetime) -> bool:
    alerts = (_alert(key, known, now) for key in keys)
    return all(one is not None and matches(matchers, labels_of(one, known.catalog)) for one in alerts)


def _unnotified(matchers: Sequence[Matcher], incident: Incident, known: Known, now: datetime) -> Iterator[ClientId]:
    alerts = [one for key in incident.active if (one := _alert(key, known, now)) is not None]
    for client, impact in incident.impacts.items():
        labels = [
            with_client(labels_of(one, known.catalog), client, known.catalog)
            for one in alerts
            if one.key.client in (None, client)
        ]
        if impact.recovered is None and labels and all(matches(matchers, one) for one in labels):
            yield client


def _alert(key: str, known: Known, now: datetime) -> Alert | None:
    """Return an alert that is known, or as much of a forgotten one as its key says."""
    if key in known.alerts:
        return known.alerts[key]
    kind, _, rest = key.partition("/")
    subject, _, client = rest.partition("/")
    if kind not in set(AlertKind):
        return None
    system, flow = known.catalog.systems.get(SystemId(subject)), known.catalog.flows.get(FlowId(subject))
    about = AlertKey(kind=AlertKind(kind), subject=subject, client=ClientId(client) if client else None)
    return _made(about, system, flow, now)


def _made(key: AlertKey, system: System | None, flow: Flow | None, now: datetime) -> Alert:
    nodes = (
        system_nodes(system.id) if system is not None else flow_nodes(flow) if flow is not None else frozenset[str]()
    )
    return Alert(
        key=key,
        state=AlertState.FIRING,
        onset=now,
        since=now,
        explanation="",
        nodes=nodes,
        system=system.id if system is not None else None,
        flow=flow.id if flow is not None else None,
    )


def _tiers(matchers: Sequence[Matcher], catalog: Catalog) -> Mapping[TierId, tuple[int, int]]:
    found = {tier: [0, 0] for tier in catalog.tiers}
    for client in catalog.clients.values():
        labels = list(_whatever(client, catalog))
        found[client.tier][0] += bool(labels) and all(matches(matchers, one) for one in labels)
        found[client.tier][1] += 1
    return {tier: (some, all_of_it) for tier, (some, all_of_it) in found.items() if all_of_it}


def _whatever(client: Client, catalog: Catalog) -> Iterator[Labels]:
    """Yield the labels of what could happen to a client: each of its systems down, each of its flows late."""
    for flow in catalog.flows.values():
        if flow.enters in client.identifiers:
            yield _hypothetical(AlertKind.SYNC_LATENCY, flow.id, client, catalog)
    for system in catalog.systems:
        if system in client.identifiers:
            yield _hypothetical(AlertKind.AVAILABILITY, system, client, catalog)


def _hypothetical(kind: AlertKind, subject: str, client: Client, catalog: Catalog) -> Labels:
    key = AlertKey(kind=kind, subject=subject, client=client.id)
    system, flow = catalog.systems.get(SystemId(subject)), catalog.flows.get(FlowId(subject))
    return labels_of(_made(key, system, flow, ANY_TIME), catalog)


ANY_TIME = datetime.min.replace(tzinfo=UTC)
