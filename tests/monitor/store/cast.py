"""The cast of the store's tests: one incident, its hurt client, the messages about it, and the clock's noon."""

from datetime import UTC, datetime, timedelta

from alerts.alert import Alert, AlertKey, AlertKind, AlertState, IncidentId
from alerts.escalation import PageReason, Policy, Step
from alerts.impact import Terms
from alerts.message import Claim, Delivery, DeliveryState, Lane, Message, MessageKind, MessageState, Stage
from alerts.oncall import Person, PersonId
from alerts.settlement import Settlement
from alerts.timeline import ClientsHurt, Event, Hurt, Opened, Paged, Resolved, SeveritySet
from monitor.changes import Changes, Entry
from monitor.store import Store
from probes.catalog import ClientId, Contact, NoticePolicy, SecretRef, SystemId, TierId
from probes.conduct import Sla

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

FIRST = IncidentId("INC-1")
ACME = ClientId("acme")
ERP = SystemId("erp")
PAGER, MAIL = SecretRef("env:MADRID_1_PAGER"), SecretRef("env:MADRID_1_MAIL")

MADRID = Person(id=PersonId("madrid-1"), timezone="Europe/Madrid", channels=(PAGER, MAIL))
POLICY = Policy(name="integrations", steps=(Step(person=MADRID, wait=3 * MINUTE),), people=(MADRID,), catch_all=MADRID)
PLATINUM = Terms(
    client=ACME,
    name="Acme Corp",
    tier=TierId("platinum"),
    weight=100,
    sla=Sla(acknowledge=5 * MINUTE, repair=30 * MINUTE),
    timezone="America/New_York",
    locale="en-US",
    notices=NoticePolicy.AUTOMATIC,
    contacts=(Contact(name="Service desk", channel=SecretRef("env:ACME_DESK")),),
)

OPENED = Opened(at=NOON, onset=NOON - MINUTE, nodes=frozenset({"system:erp", "flow:invoices"}), blind=False)
RESOLVED = Resolved(at=NOON + 9 * MINUTE, why="the backlog has drained")
STORY: tuple[Event, ...] = (
    OPENED,
    ClientsHurt(at=NOON, hurt=(Hurt(terms=PLATINUM, onset=NOON - MINUTE),)),
    SeveritySet(at=NOON, tier=TierId("platinum"), weight=100, policy=POLICY),
    Paged(at=NOON, step=0, people=(PersonId("madrid-1"),), reason=PageReason.FIRST, next_due=NOON + 3 * MINUTE),
)


def entries(*events: Event, incident: IncidentId = FIRST, first: int = 1) -> tuple[Entry, ...]:
    """Return events as entries of a timeline, numbered from `first`."""
    return tuple(Entry(incident=incident, sequence=number, event=event) for number, event in enumerate(events, first))


def opening(name: str, at: datetime = NOON) -> tuple[Entry, ...]:
    """Return the first entry of an incident."""
    return entries(Opened(at=at, onset=at, nodes=frozenset({"system:erp"}), blind=False), incident=IncidentId(name))


def alert(client: str = "acme", state: AlertState = AlertState.FIRING, since: datetime = NOON) -> Alert:
    """Return an alert about a client's invoices."""
    key = AlertKey(kind=AlertKind.SYNC_LATENCY, subject="invoices", client=ClientId(client))
    return Alert(key=key, state=state, onset=since, since=since, explanation="late", nodes=frozenset({"system:erp"}))


def message(
    key: str = "INC-1/page/0",
    weight: int = 100,
    created: datetime = NOON,
    channels: tuple[SecretRef, ...] = (PAGER, MAIL),
) -> Message:
    """Return a page to the first on call."""
    return Message(
        key=key,
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=Stage.INVESTIGATING,
        recipient="madrid-1",
        channels=channels,
        subject="Invoices are late",
        body="Acme Corp (platinum): 3 invoices are late.",
        created=created,
        weight=weight,
        incident=FIRST,
        client=ACME,
    )


def claimed_by(store: Store, lane: Lane, now: datetime, limit: int = 9) -> tuple[Claim, ...]:
    """Claim those of a lane that are due, the foremost first, and return the claims."""
    due = sorted((one for one in store.waiting(lane) if one.due <= now), key=lambda one: one.order)
    return store.claim({one.key: "json" for one in due[:limit]}, now)


def next_due(store: Store, lane: Lane) -> datetime | None:
    """Return when the next of a lane is due, perhaps in the past."""
    return min((one.due for one in store.waiting(lane)), default=None)


def queued(*messages: Message) -> Changes:
    """Return the change that queues messages."""
    return Changes(messages=messages)


def ended(
    key: str, attempt: int, state: DeliveryState, becomes: MessageState, next_at: datetime | None = None
) -> Changes:
    """Return the change that settles an attempt, a second after noon."""
    delivery = Delivery(
        key=key, attempt=attempt, channel=PAGER, state=state, reason="said so", started=NOON, ended=NOON + SECOND
    )
    return Changes(settlements=(Settlement(delivery=delivery, state=becomes, next_at=next_at),))
