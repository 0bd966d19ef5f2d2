"""How clients know what is watched for them: services under names of their own, and which of them a client has.

Ids of systems and flows, and addresses, are ours and never shown: what has no name here is part of one service that
stands for all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from alerts.incident import Incident
from alerts.maintenance import Scope, Window, concerns, covers_system
from probes.catalog import Catalog, Client, ClientId, Flow, FlowId, SystemId

WHOLE = "integration"
"""The service of everything that no other one names."""
PUBLIC = "public"
"""The page of everybody, where each client's own has its key; no key is so short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What clients call some flows and systems. A flow over several hops is named once."""

    id: str
    name: str
    description: str = ""
    flows: frozenset[FlowId] = frozenset()
    systems: frozenset[SystemId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """A page for everybody: what hurts at least `clients` of them stands there, in general words."""

    name: str
    services: tuple[str, ...] = ()
    timezone: str = "UTC"
    language: str = "en"
    clients: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPages:
    """What is configured of clients' pages. `name` is who speaks there."""

    name: str = ""
    services: tuple[Service, ...] = ()
    public: PublicPage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """A service as it is provided to one reader: the flows and systems that it is made of for them."""

    id: str
    name: str
    description: str
    flows: tuple[Flow, ...]
    systems: frozenset[SystemId]

    @property
    def needs(self) -> frozenset[SystemId]:
        """Every system without which something of it does not work."""
        return self.systems | {end.system for flow in self.flows for end in flow.ends}

    def contains(self, subject: str) -> bool:
        """Return whether an alert about a flow or a system is about it."""
        flows = {name for flow in self.flows for name in (flow.id, flow.hop.chain if flow.hop else flow.id)}
        return subject in flows or subject in self.needs


def provided_to(client: Client, pages: StatusPages, catalog: Catalog) -> tuple[Provided, ...]:
    """Return the services that a client has, in the order in which they are written.

    Whatever of the client's is in none of them is in one more, so that nothing that hurts it stays unseen.
    """
    flows = tuple(flow for flow in catalog.flows.values() if flow.enters in client.identifiers)
    systems = frozenset(client.identifiers) - catalog.evidence
    return tuple(_provided(pages.services, flows, systems & frozenset(catalog.systems)))


def provided_to_all(page: PublicPage, pages: StatusPages, catalog: Catalog) -> tuple[Provided, ...]:
    """Return the services of the public page: those that it lists, or all that have a name."""
    wanted = [one for one in pages.services if not page.services or one.id in page.services]
    flows, systems = tuple(catalog.flows.values()), frozenset(catalog.systems)
    return tuple(one for one in _provided(wanted, flows, systems) if one.id != WHOLE)


def _provided(
    services: tuple[Service, ...] | list[Service], flows: tuple[Flow, ...], systems: frozenset[SystemId]
) -> Iterator[Provided]:
    left, spare = list(flows), set(systems)
    for service in services:
        own = tuple(flow for flow in flows if _names(service, flow))
        one = _one(service, own, service.systems & systems)
        left = [flow for flow in left if flow not in own]
        spare -= one.needs
        if one.flows or one.systems:
            yield one
    rest = _one(Service(id=WHOLE, name=""), tuple(left), frozenset(spare))
    if rest.flows or rest.systems:
        yield rest


def _names(service: Service, flow: Flow) -> bool:
    return flow.id in service.flows or (flow.hop is not None and flow.hop.chain in service.flows)


def _one(service: Service, flows: tuple[Flow, ...], systems: frozenset[SystemId]) -> Provided:
    return Provided(id=service.id, name=service.name, description=service.description, flows=flows, systems=systems)


def about(services: tuple[Provided, ...], incident: Incident, client: ClientId) -> tuple[Provided, ...]:
    """Return the services of a client that an incident is about: all of them where its alerts do not say."""
    subjects = {subject for subject, whose in map(_subject, incident.alerts) if whose in (None, client)}
    found = tuple(one for one in services if any(one.contains(subject) for subject in subjects))
    return found or services


def subjects_of(incident: Incident) -> frozenset[str]:
    """Return the systems and flows that an incident's alerts are about, whomever they hurt."""
    return frozenset(subject for subject, _ in map(_subject, incident.alerts))


def _subject(key: str) -> tuple[str, ClientId | None]:
    _, subject, *client = key.split("/", 2)
    return subject, ClientId(client[0]) if client else None


def touched(
    services: tuple[Provided, ...], window: Window, client: ClientId | None, catalog: Catalog
) -> tuple[Provided, ...]:
    """Return the services of a reader that a window of maintenance is about; None stands for everybody."""
    scope = window.scope
    if not concerns(scope, client) or (client is None and scope.clients):
        return ()
    return tuple(one for one in services if scope.anywhere or _touches(scope, one, catalog))


def _touches(scope: Scope, service: Provided, catalog: Catalog) -> bool:
    everybody = replace(scope, clients=frozenset())
    flows = {flow.id for flow in service.flows} | {flow.hop.chain for flow in service.flows if flow.hop is not None}
    return bool(scope.flows & flows) or any(covers_system(everybody, one, catalog) for one in service.needs)
