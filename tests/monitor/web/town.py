"""A believable situation for the pages: the sandbox's 24 clients, three systems, people in two zones, one late flow.

The incident is not made up: the rooms below decide it from alerts, so its timeline and messages are real ones.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from alerts.alert import Alert, AlertKey, AlertKind, AlertState, IncidentId
from alerts.draft import Context, Evaluated, Response
from alerts.escalation import Policy, Step
from alerts.oncall import Person, PersonId, Rotation, Schedule
from alerts.respond import respond
from alerts.roster import Roster
from alerts.wording import Links
from monitor.load import Config, Grade, Problem
from monitor.sandbox.clients import COMPANIES
from monitor.situation import Sight, Situation
from probes.book import Book, Coverage
from probes.budget import Balance, Quota, Window
from probes.burn import targets_of
from probes.catalog import (
    Catalog,
    Client,
    ClientId,
    Contact,
    End,
    Flow,
    FlowId,
    Probe,
    ProbeId,
    SecretRef,
    System,
    SystemId,
    Tier,
    TierId,
)
from probes.conduct import Sla
from probes.connector import Connector
from probes.failure import Outcome
from probes.latency import paced
from probes.objectives import Availability, FailureRatio, Objectives, SyncLatency
from probes.observation import Observation
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from probes.tracked import RecordState, Tracked

ONSET = datetime(2026, 11, 21, 3, 1, 5, tzinfo=UTC)
OPENED = ONSET + timedelta(seconds=27)
NOW = ONSET + timedelta(seconds=74)
STARTED = ONSET - timedelta(hours=7)
INVOICES = FlowId("invoices")
ADDRESS = "http://127.0.0.1:8080"


def seconds(number: float) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=number)


def tier(name: str, weight: int, step: int) -> Tier:
    """Return a contract class whose promises are `step` times as long as platinum's."""
    return Tier(
        id=TierId(name),
        weight=weight,
        objectives=Objectives(
            availability=Availability(target=0.999, window=timedelta(days=1)),
            sync_latency=SyncLatency(within=seconds(20 * step), target=0.99, over=timedelta(minutes=10)),
            failure_ratio=FailureRatio(below=0.02, over=timedelta(minutes=15)),
        ),
        sla=Sla(
            acknowledge=seconds(60 * step),
            first_notice=seconds(60 * step),
            update_every=seconds(120 * step),
            repair=seconds(300 * step),
        ),
        escalation="integrations",
    )


TIERS = {one.id: one for one in (tier("platinum", 100, 1), tier("gold", 50, 2), tier("silver", 10, 4))}


def clients() -> dict[ClientId, Client]:
    """Return the sandbox's companies as clients."""
    return {
        ClientId(one.id): Client(
            id=ClientId(one.id),
            name=one.name,
            tier=TierId(one.tier),
            timezone=one.timezone,
            locale=one.locale,
            identifiers={
                SystemId("billing"): (one.customer,),
                SystemId("gateway"): (one.merchant,),
                SystemId("erp"): (one.account,),
            },
            contacts=(Contact(name="Service desk", channel=SecretRef(f"env:{one.id.replace('-', '_').upper()}_DESK")),),
        )
        for one in COMPANIES
    }


def system(name: str, vendor: str, limit: int) -> System:
    """Return a system with a quota per second."""
    return System(
        id=SystemId(name),
        connector=Connector(name=vendor),
        base_url=f"https://{name}.example.com/api",
        credential=SecretRef(f"env:{name.upper()}_TOKEN"),
        quota=Quota(windows=(Window(limit=limit, period=seconds(1), burst=2 * limit),), share=0.5),
    )


def catalog() -> Catalog:
    """Return what is watched."""
    made = (system("billing", "Billing API", 25), system("gateway", "Payment gateway", 20), system("erp", "ERP", 10))
    invoices = Flow(
        id=INVOICES,
        source=End(system=SystemId("billing"), resource="invoices", field="id"),
        destination=End(system=SystemId("erp"), resource="invoices", field="external_id"),
    )
    return Catalog(tiers=TIERS, clients=clients(), systems={one.id: one for one in made}, flows={INVOICES: invoices})


def person(name: str, zone: str, *channels: str) -> Person:
    """Return somebody who can be paged."""
    return Person(id=PersonId(name), timezone=zone, channels=tuple(SecretRef(f"env:{one}") for one in channels))


PEOPLE = (
    person("madrid-1", "Europe/Madrid", "MADRID_1_PAGER", "MADRID_1_MAIL"),
    person("tokyo-1", "Asia/Tokyo", "TOKYO_1_PAGER"),
    person("duty-manager", "Europe/Madrid", "DUTY_PAGER"),
)


def roster() -> Roster:
    """Return who can be paged: two people in turns of a week, then the duty manager."""
    rotation = Rotation(
        people=(PEOPLE[0].id, PEOPLE[1].id),
        timezone="Europe/Madrid",
        handover=time(9),
        weekday=0,
        anchor="2026-11-16",
        weeks=1,
    )
    schedule = Schedule(name="integrations", rotations=(rotation,))
    steps = (Step(schedule=schedule, wait=seconds(90)), Step(person=PEOPLE[2], wait=seconds(90)))
    policy = Policy(name="integrations", steps=steps, people=PEOPLE[:2], catch_all=PEOPLE[2])
    return Roster(
        people={one.id: one for one in PEOPLE},
        schedules={schedule.name: schedule},
        policies={policy.name: policy},
        catch_all=PEOPLE[2],
    )


def config(watched: Catalog | None = None) -> Config:
    """Return the configuration."""
    return Config(
        catalog=watched or catalog(), roster=roster(), sources=(Path("/etc/tierwatch/demo.yaml"),), secrets=()
    )


def sight(name: str, resource: str, outcome: Outcome = Outcome.GOOD, reason: str = "") -> Sight:
    """Return a probe that has looked two seconds ago."""
    probe = Probe(id=ProbeId(f"{name}.{resource}"), system=SystemId(name), resource=resource)
    last = Observation(
        probe=probe.id,
        system=probe.system,
        resource=resource,
        outcome=outcome,
        reason=reason,
        sent=NOW - seconds(2),
        answered=NOW - seconds(1.88),
        whole=True,
    )
    good = last.answered if outcome is Outcome.GOOD else NOW - seconds(40)
    return Sight(probe=probe, interval=seconds(3.3), next_due=NOW + seconds(1.3), last=last, last_good=good)


def book() -> Book:
    """Return the invoices' book: what arrived before the onset, and what did not since."""
    tracked: list[Tracked] = []
    for turn, company in enumerate(COMPANIES * 6):
        created = ONSET - seconds(90) + seconds(turn)
        stuck = created >= ONSET
        arrived = created + seconds(2 + turn % 5 * 0.4)
        late = created + seconds(20) < NOW
        tracked.append(
            Tracked(
                key=f"in_{turn}",
                state=RecordState.OPEN if stuck else RecordState.MATCHED,
                client=ClientId(company.id),
                created=created,
                after=None if stuck else arrived - seconds(3.3),
                arrived=None if stuck else arrived,
                late=late if stuck else False,
            )
        )
    came = [one for one in tracked if one.arrived is not None]
    took = (one.arrived - one.created for one in came if one.arrived is not None)
    made = Book(INVOICES, (one for one in tracked if one.arrived is None), {one.key: NOW for one in came})
    made.pace = paced(made.pace, took, NOW)
    made.source = made.destination = Coverage().read(NOW - seconds(2))
    return made


def indicator(kind: IndicatorKind, subject: str, client: ClientId | None, good: int, bad: int) -> Indicator:
    """Return an indicator that counted so much half a minute ago."""
    tally = counted(Tally(over=timedelta(minutes=15)), good=good, bad=bad, at=NOW - seconds(30))
    return Indicator(key=IndicatorKey(kind=kind, subject=subject, client=client), tally=tally, seen=NOW)


def indicators(everybody: Iterable[ClientId]) -> dict[str, Indicator]:
    """Return what has been counted of every client."""
    found = [indicator(IndicatorKind.AVAILABILITY, name, None, 260, 0) for name in ("billing", "gateway", "erp")]
    for client in everybody:
        found.append(indicator(IndicatorKind.FAILURE_RATIO, "gateway", client, 199, 1))
        found.append(indicator(IndicatorKind.SYNC_LATENCY, INVOICES, client, 110, 3))
    return {str(one.key): one for one in found}


def situation(watched: Catalog | None = None) -> Situation:
    """Return a calm situation: everything is seen, nothing is open."""
    made = config(watched)
    finding = Problem(
        file=Path("/etc/tierwatch/demo.yaml"),
        line=41,
        path="people[2].channels",
        message="duty-manager has one channel only; name a second one",
        grade=Grade.MINOR,
    )
    sights = (sight("billing", "invoices"), sight("gateway", "payments"), sight("erp", "invoices"))
    return Situation(
        config=made,
        findings=(finding,),
        started=STARTED,
        reloaded=STARTED,
        indicators=indicators(made.catalog.clients),
        targets=targets_of(made.catalog),
        balances={SystemId("billing"): Balance(tats=(NOW + seconds(1.1),))},
        books={INVOICES: book()},
        sights={one.probe.id: one for one in sights},
    )


def late_alerts(watched: Catalog, most: int = 1000) -> tuple[Alert, ...]:
    """Return one alert for each client whose invoices are late: the first `most` of them."""
    flow = watched.flows[INVOICES]
    nodes = frozenset({f"flow:{flow.id}", f"system:{flow.source.system}", f"system:{flow.destination.system}"})
    return tuple(
        Alert(
            key=AlertKey(kind=AlertKind.SYNC_LATENCY, subject=INVOICES, client=client.id),
            state=AlertState.FIRING,
            onset=ONSET + seconds(place % 7),
            since=OPENED,
            explanation=f"{1 + place % 3} of 4 records late, the oldest by {20 + place} s",
            nodes=nodes,
            flow=INVOICES,
        )
        for place, client in enumerate(islice(watched.clients.values(), most))
    )


def evaluated(*alerts: Alert) -> Evaluated:
    """Return alerts that have just moved."""
    return Evaluated(moved=alerts, alerts={str(one.key): one for one in alerts}, backlog=frozenset())


def context(here: Situation) -> Context:
    """Return what decisions read."""
    return Context(catalog=here.config.catalog, roster=here.config.roster, links=Links(external=ADDRESS))


def broken(here: Situation, most: int = 1000) -> Response:
    """Return what the rooms below decide when the invoices of the first `most` clients are late."""
    return respond(evaluated(*late_alerts(here.config.catalog, most)), here.incidents, context(here), 7, OPENED)


def cleared(here: Situation, at: datetime) -> Response:
    """Return what they decide once every backlog has drained."""
    alerts = [
        replace(one, state=AlertState.RESOLVED, since=at, cleared=at - seconds(4)) for one in here.alerts.values()
    ]
    return respond(evaluated(*alerts), here.incidents, context(here), 8, at)


FIRST = IncidentId("INC-7")
