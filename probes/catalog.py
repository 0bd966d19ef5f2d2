"""Who and what is watched: tiers, clients, systems, flows, and which depends on which.

The catalog is a value made from the configuration; it holds references to secrets, never secrets. Who is on call and
whom to page is not here but in the room above.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from probes.accepted import Accepted
from probes.assertion import Totals
from probes.batch import Batch
from probes.budget import Quota
from probes.comparison import Comparison
from probes.conduct import Sla, VendorPromise
from probes.connector import Connector
from probes.consent import ANYBODY, Consent
from probes.contract import Version, altered
from probes.contract_state import DatedState
from probes.credit import CreditStep
from probes.identity import Claim, Crosswalk, Identity, crosswalk, normalised
from probes.manners import Digest, MaintenanceNotice, QuietHours
from probes.objectives import FailureRatio, Objectives
from probes.patience import Stagnation
from probes.worth import Revenue

TierId = NewType("TierId", str)
ClientId = NewType("ClientId", str)
SystemId = NewType("SystemId", str)
FlowId = NewType("FlowId", str)
ProbeId = NewType("ProbeId", str)
SecretRef = NewType("SecretRef", str)
"""`env:NAME` or `file:PATH`: where a secret is found. Safe to store and to show."""


class NoticePolicy(StrEnum):
    """How a tier's clients are told: by themselves, once somebody has approved it, by hand, or not at all."""

    AUTOMATIC = "automatic"
    APPROVAL = "approval"
    BY_HAND = "by_hand"
    NONE = "none"

    @property
    def tells(self) -> bool:
        """Whether they are told at all, so that promises of notices count."""
        return self is not NoticePolicy.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """An instant by which records must be there, by cron in `zone` (None: the client's): an invoice run, a report.

    It concerns one `flow`, or all where that is None. An incident that hurts a client `raise_within` before it is as
    severe as one that hurts the tier `raise_to`.
    """

    name: str
    expression: str
    zone: str | None = None
    flow: FlowId | None = None
    raise_within: timedelta | None = None
    raise_to: TierId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A contract class. A larger `weight` is a worse hurt; `escalation` names its policy, `catch_all` who is left.

    Of a bad month `credits` are given back; `breach_budget` is for how long promises may be broken in one. Where we
    cannot see, somebody is paged after `page_when_blind_for` more. Clients are told of a maintenance where
    `maintenance` says how long before. Notices of stages in `at_any_hour` wait for no end of quiet hours and no digest.
    """

    id: TierId
    weight: int
    objectives: Objectives
    sla: Sla
    escalation: str
    notices: NoticePolicy = NoticePolicy.AUTOMATIC
    consent: Consent = ANYBODY
    cutoffs: tuple[Cutoff, ...] = ()
    catch_all: str | None = None
    credits: tuple[CreditStep, ...] = ()
    breach_budget: timedelta | None = None
    page_when_blind_for: timedelta = timedelta()
    maintenance: MaintenanceNotice | None = None
    at_any_hour: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where one client is told; `channel` refers to an address that is itself a secret.

    `language` and `timezone` are the reader's, the client's where they are empty; `jurisdiction` is whose law says by
    which channels they may be told. `wants` are the stages of notices that they are sent, all where it is empty.
    """

    name: str
    channel: SecretRef
    language: str = ""
    timezone: str = ""
    jurisdiction: str = ""
    quiet: QuietHours | None = None
    digest: Digest | None = None
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A customer of ours. `identifiers` maps a system to the names by which it knows the client, at least one.

    Its own `cutoffs` come beside its tier's; one of the same name stands for the tier's. Of the `versions` of its
    contract, `contract` is the one in force; its months begin on day `month_begins`, and on `renewal` it ends unless it
    is renewed. `revenue` is what the client pays.
    """

    id: ClientId
    name: str
    tier: TierId
    timezone: str = "UTC"
    locale: str = "en"
    identifiers: Mapping[SystemId, tuple[str, ...]] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    cutoffs: tuple[Cutoff, ...] = ()
    contract_states: tuple[DatedState, ...] = ()
    versions: tuple[Version, ...] = ()
    contract: Version | None = None
    month_begins: int = 1
    revenue: Revenue | None = None
    renewal: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """A system posts webhooks to us, signed with `secret`.

    What a look shows and no webhook has told of within `grace` was lost; less than `lost` allows may be.
    """

    secret: SecretRef
    grace: timedelta
    lost: FailureRatio


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """When a credential ends as far as somebody knows, and how long before an end somebody is to renew something."""

    credential_expires: datetime | None = None
    credential: timedelta = timedelta(days=30)
    certificate: timedelta = timedelta(days=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One account at one vendor's API. `every` overrides the planned interval between looks.

    A credential is one secret, or several parts with the names that its kind gives them. `accepted` says that the owner
    knows that the quota cannot bear what is promised. `status_page` is the system that tells what its vendor declares.
    Its clock may be off by `clock_skew`. `vendor_promise` is what its vendor promises us.

    `vendor` is whose account it is where that is written, `region` where it runs; `depends_on` are the systems without
    which it cannot work: an identity provider, a shared database.
    """

    id: SystemId
    connector: Connector
    base_url: str
    credential: SecretRef | None = None
    credential_parts: Mapping[str, SecretRef] = field(default_factory=dict)
    quota: Quota = field(default_factory=Quota)
    every: timedelta | None = None
    accepted: Accepted | None = None
    identity: Identity = field(default_factory=Identity)
    status_page: SystemId | None = None
    renewal: Renewal = field(default_factory=Renewal)
    clock_skew: timedelta = timedelta(seconds=30)
    webhooks: Webhooks | None = None
    vendor_promise: VendorPromise = field(default_factory=VendorPromise)
    vendor: str = ""
    region: str = ""
    depends_on: tuple[SystemId, ...] = ()

    @property
    def vendor_name(self) -> str:
        """Whose account it is, in one word: as written, or as its connector is called."""
        return self.vendor or self.connector.name

    @property
    def secrets(self) -> tuple[SecretRef, ...]:
        """Every secret that its requests need."""
        return (*((self.credential,) if self.credential is not None else ()), *self.credential_parts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a flow: a resource of a system, and the field whose value both ends share."""

    system: SystemId
    resource: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """Which part of a longer way a flow is: the `number`-th hop of a `chain`, whose records enter at a system.

    `before` is the hop before it, None for the first.
    """

    chain: FlowId
    number: int
    enters: SystemId
    last: bool
    before: FlowId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Records that should travel from `source` to `destination`; a record matches where both fields are equal.

    A flow with a `batch` carries its records in runs, and they have no other limit; the others' is promised by tiers.
    `compare` is what both ends are to say alike of a record, `totals` that they add up to the same.
    """

    id: FlowId
    source: End
    destination: End
    batch: Batch | None = None
    stagnation: Stagnation = field(default_factory=Stagnation)
    compare: tuple[Comparison, ...] = ()
    totals: Totals | None = None
    hop: Hop | None = None

    @property
    def enters(self) -> SystemId:
        """Where its records come into being: its source, or that of the first hop."""
        return self.hop.enters if self.hop is not None else self.source.system

    @property
    def ends(self) -> tuple[End, End]:
        """Its source and its destination."""
        return self.source, self.destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One configured look: a resource of a system (or its who-am-I where `resource` is empty), and fields to read."""

    id: ProbeId
    system: SystemId
    resource: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Everything that is watched. References between the parts have been checked by whoever made it.

    `evidence` are the systems that are vendors' status pages. `derived` keeps what a walk over all clients has given.
    """

    tiers: Mapping[TierId, Tier]
    clients: Mapping[ClientId, Client]
    systems: Mapping[SystemId, System]
    flows: Mapping[FlowId, Flow]
    crosswalk: Crosswalk[SystemId, ClientId] = field(init=False)
    evidence: frozenset[SystemId] = field(init=False)
    derived: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the clients by their identifiers in each system, and the systems that only tell of others."""
        pages = (one.status_page for one in self.systems.values())
        object.__setattr__(self, "evidence", frozenset(page for page in pages if page is not None))
        claims = (
            Claim(system=system, identifier=name, client=client.id)
            for client in self.clients.values()
            for system, names in client.identifiers.items()
            for name in names
        )
        rules = {system.id: system.identity.rules for system in self.systems.values()}
        object.__setattr__(self, "crosswalk", crosswalk(claims, rules))

    def tier_of(self, client: ClientId) -> Tier:
        """Return the tier of a client that is in the catalog, with what its own contract alters of it."""
        known = self.clients[client]
        tier = self.tiers[known.tier]
        if known.contract is None:
            return tier
        key = f"tier of {client}"
        if key not in self.derived:
            self.derived[key] = replace(tier, **altered(known.contract, tier.sla))
        own: Tier = self.derived[key]
        return own

    def client_in(self, system: SystemId, identifier: str | None) -> ClientId | None:
        """Return the client that a system knows by this identifier, None where nobody, or not one alone, is."""
        if identifier is None:
            return None
        known = self.systems.get(system)
        name = normalised(identifier, known.identity.rules) if known is not None else identifier
        return self.crosswalk.owners.get((system, name))

    def flows_of(self, system: SystemId) -> Iterator[Flow]:
        """Yield the flows that a system takes part in."""
        return (flow for flow in self.flows.values() if system in (flow.source.system, flow.destination.system))

    def clients_on(self, flow: Flow) -> Iterator[Client]:
        """Yield the clients whose records travel on a flow: those known in its source."""
        return (client for client in self.clients.values() if flow.enters in client.identifiers)

    def clients_of(self, system: SystemId) -> Iterator[Client]:
        """Yield the clients that a failure of the system hurts: known in it, or with a flow that touches it."""
        flows = tuple(self.flows_of(system))
        for client in self.clients.values():
            if system in client.identifiers or any(flow.enters in client.identifiers for flow in flows):
                yield client

    def one_sided(self, flow: Flow) -> Iterator[tuple[Client, SystemId]]:
        """Yield the clients that only one end of a flow knows, with the system that does not, where both ends tell."""
        ends = [(end.system, self.systems[end.system].connector.resources[end.resource]) for end in flow.ends]
        # On a later hop a record is known to be whose it was on the first.
        later = flow.hop is not None and flow.hop.before is not None
        if not later and all(resource.client_paths for _, resource in ends):
            for client in self.clients.values():
                missing = [system for system, _ in ends if system not in client.identifiers]
                if len(missing) == 1:
                    yield client, missing[0]
