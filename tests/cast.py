"""The cast of the decision tests: four clients of three tiers, five people, five systems, two flows, and the clock.

`invoices` travel from billing to erp for every client; `payouts` from the gateway to the ledger for cobalt and dune.
Nothing watches the crm but its own looks. All times are counted from `NOON`, a moment without a clock change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.correlate import flow_nodes, system_nodes
from alerts.draft import Context
from alerts.escalation import Policy, Step
from alerts.oncall import Person, PersonId, Rotation, Schedule
from alerts.roster import Roster
from alerts.wording import Links
from probes.catalog import (
    Catalog,
    Client,
    ClientId,
    Contact,
    End,
    Flow,
    FlowId,
    NoticePolicy,
    SecretRef,
    System,
    SystemId,
    Tier,
    TierId,
)
from probes.conduct import Sla
from probes.connector import Connector
from probes.objectives import Availability, FailureRatio, Objectives, SyncLatency

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

BILLING, GATEWAY, ERP, LEDGER, CRM = map(SystemId, ("billing", "gateway", "erp", "ledger", "crm"))
ACME, BOREAL, COBALT, DUNE = map(ClientId, ("acme", "boreal", "cobalt", "dune"))
WITHIN = 20 * SECOND


def after(**span: float) -> datetime:
    """Return an instant so long after noon."""
    return NOON + timedelta(**span)


def _objectives(within: timedelta) -> Objectives:
    return Objectives(
        availability=Availability(target=0.999, window=30 * DAY),
        sync_latency=SyncLatency(within=within, target=0.99, over=15 * MINUTE),
        failure_ratio=FailureRatio(below=0.02, over=15 * MINUTE),
    )


PLATINUM = Tier(
    id=TierId("platinum"),
    weight=100,
    objectives=_objectives(WITHIN),
    sla=Sla(acknowledge=MINUTE, first_notice=MINUTE, update_every=2 * MINUTE, repair=5 * MINUTE),
    escalation="first-line",
)
GOLD = Tier(
    id=TierId("gold"),
    weight=50,
    objectives=_objectives(2 * WITHIN),
    sla=Sla(acknowledge=5 * MINUTE, first_notice=10 * MINUTE, repair=30 * MINUTE),
    escalation="second-line",
)
SILVER = Tier(
    id=TierId("silver"),
    weight=10,
    objectives=Objectives(sync_latency=SyncLatency(within=3 * WITHIN, target=0.95, over=15 * MINUTE)),
    sla=Sla(repair=4 * HOUR),
    escalation="second-line",
    notices=NoticePolicy.NONE,
)


def _client(client: ClientId, name: str, tier: Tier, timezone: str, *contacts: str) -> Client:
    everywhere = {system: (f"{system}-{client}",) for system in (BILLING, ERP)}
    paid = {system: (f"{system}-{client}",) for system in (GATEWAY, LEDGER)} if client in (COBALT, DUNE) else {}
    return Client(
        id=client,
        name=name,
        tier=tier.id,
        timezone=timezone,
        identifiers={**everywhere, **paid},
        contacts=tuple(
            Contact(name=contact, channel=SecretRef(f"env:{client.upper()}_{number}"))
            for number, contact in enumerate(contacts, start=1)
        ),
    )


CLIENTS = {
    client.id: client
    for client in (
        _client(ACME, "Acme Corp", PLATINUM, "America/New_York", "Service desk", "Operations"),
        _client(BOREAL, "Boreal AS", PLATINUM, "Asia/Tokyo", "Duty"),
        _client(COBALT, "Cobalt GmbH", GOLD, "Europe/Madrid", "Cobalt support"),
        _client(DUNE, "Dune SARL", SILVER, "Europe/Paris", "Dune support"),
    )
}


def _flow(name: str, source: SystemId, destination: SystemId) -> Flow:
    return Flow(
        id=FlowId(name),
        source=End(system=source, resource=name, field="id"),
        destination=End(system=destination, resource=name, field="external_id"),
    )


INVOICES = _flow("invoices", BILLING, ERP)
PAYOUTS = _flow("payouts", GATEWAY, LEDGER)
FLOWS = {flow.id: flow for flow in (INVOICES, PAYOUTS)}
SYSTEMS = {
    system: System(id=system, connector=Connector(name=system), base_url=f"https://{system}.example.com")
    for system in (BILLING, GATEWAY, ERP, LEDGER, CRM)
}


def catalog_of(clients: Mapping[ClientId, Client], tiers: Iterable[Tier] = (PLATINUM, GOLD, SILVER)) -> Catalog:
    """Return the cast's catalog with other clients or other terms."""
    return Catalog(tiers={tier.id: tier for tier in tiers}, clients=clients, systems=SYSTEMS, flows=FLOWS)


CATALOG = catalog_of(CLIENTS)


def _person(name: str) -> Person:
    channel = SecretRef(f"env:{name.upper()}")
    return Person(id=PersonId(name), timezone="Europe/Madrid", channels=(channel, SecretRef(f"{channel}_MAIL")))


ALBA, BRUNO, CARLA, DIEGO, BOSS = map(_person, ("alba", "bruno", "carla", "diego", "boss"))
PEOPLE = (ALBA, BRUNO, CARLA, DIEGO, BOSS)

WEEKLY = Schedule(
    name="weekly",
    rotations=(
        Rotation(
            people=(ALBA.id, BRUNO.id),
            timezone="Europe/Madrid",
            handover=time(9),
            weekday=0,
            anchor="2026-03-02",
            weeks=1,
        ),
    ),
)
NOBODY = Schedule(name="nobody", rotations=())

FIRST_LINE = Policy(
    name="first-line",
    steps=(Step(schedule=WEEKLY, wait=3 * MINUTE), Step(person=CARLA, wait=2 * MINUTE)),
    people=(ALBA, BRUNO),
    catch_all=BOSS,
)
SECOND_LINE = Policy(name="second-line", steps=(Step(person=DIEGO, wait=10 * MINUTE),), people=(), catch_all=BOSS)
EMPTY = Policy(name="empty", steps=(Step(schedule=NOBODY, wait=MINUTE),), people=(), catch_all=BOSS)


def roster_of(*policies: Policy) -> Roster:
    """Return the cast's people with other policies."""
    return Roster(
        people={person.id: person for person in PEOPLE},
        schedules={WEEKLY.name: WEEKLY},
        policies={policy.name: policy for policy in policies},
        catch_all=BOSS,
    )


LINKS = Links(external="https://watch.example.com")
CONTEXT = Context(catalog=CATALOG, roster=roster_of(FIRST_LINE, SECOND_LINE), links=LINKS)


def late(client: ClientId, state: AlertState = AlertState.FIRING, at: datetime = NOON, flow: Flow = INVOICES) -> Alert:
    """Return an alert that a client's records are late; where it ended, it did so ten seconds before."""
    return Alert(
        key=AlertKey(kind=AlertKind.SYNC_LATENCY, subject=flow.id, client=client),
        state=state,
        onset=at - MINUTE,
        since=at,
        explanation=f"a record of {client} has waited 41 s, promised within 20 s",
        nodes=flow_nodes(flow),
        flow=flow.id,
        cleared=at - 10 * SECOND if state is AlertState.RESOLVED else None,
    )


def news(client: ClientId, at: datetime = NOON, flow: Flow = INVOICES) -> Alert:
    """Return an alert of which a client is to hear: its records stand still as well."""
    known = late(client, at=at, flow=flow)
    return replace(known, key=replace(known.key, kind=AlertKind.STAGNATION))


def system_alert(
    system: SystemId,
    state: AlertState = AlertState.FIRING,
    at: datetime = NOON,
    kind: AlertKind = AlertKind.AVAILABILITY,
) -> Alert:
    """Return an alert about a whole system."""
    return Alert(
        key=AlertKey(kind=kind, subject=system),
        state=state,
        onset=at - MINUTE,
        since=at,
        explanation=f"{system} fails its checks since 11:59:00 UTC",
        nodes=system_nodes(system),
        system=system,
        cleared=at - 10 * SECOND if state is AlertState.RESOLVED else None,
    )
