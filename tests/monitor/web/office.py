"""An office that keeps everything in memory: the application towards the pages, without loops and without a disk."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from alerts.alert import IncidentId
from alerts.draft import Draft, Response
from alerts.escalate import acknowledged
from alerts.fold import advanced
from alerts.incident import Incident
from alerts.masked import Masked
from alerts.merging import CannotBeDone
from alerts.message import ChannelKind, Delivery, DeliveryState, Message, MessageKind, MessageState
from alerts.orders import Order, Standing, carried_out
from alerts.respond import resolved
from alerts.timeline import Told
from monitor.changes import Act, Changes, Entry
from monitor.problem import Problem
from monitor.receipt import Receipt
from monitor.record import taken_over
from monitor.situation import Situation
from monitor.store import Outgoing, StoreUnwritable
from monitor.web.access import Doors, Keys
from monitor.web.office import Refused
from monitor.wire import Reader, Reply
from probes.catalog import SecretRef
from probes.heartbeat import Heartbeat, Signal, heard, watched
from probes.webhook import Posted, Refusal
from tests.monitor.web import town
from tests.monitor.web.reads import MemoryReads

P = ParamSpec("P")
T = TypeVar("T")
TOKEN = "a-made-up-token-that-is-long-enough-0123456789"


class MemorySandbox:
    """A far side with two faults, and an inbox of three letters."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.away = False
        self.on: dict[str, datetime] = {}

    async def state(self) -> Mapping[str, object]:
        """Return the faults as the sandbox words them."""
        if self.away:
            raise Refused("the sandbox does not answer")
        return {"faults": [self._fault(*one) for one in FAULTS]}

    async def toggle(self, fault: str) -> None:
        """Switch a fault on or off."""
        if self.on.pop(fault, None) is None:
            self.on[fault] = self._now()

    async def inbox(self) -> Sequence[Mapping[str, object]]:
        """Return what arrived, newest first."""
        return [
            {"number": 3 - place, "received": (town.OPENED + timedelta(seconds=2 - place)).isoformat(), **letter}
            for place, letter in enumerate(LETTERS)
        ]

    def _fault(self, name: str, title: str) -> Mapping[str, object]:
        since = self.on.get(name)
        spells = [{"start": since.isoformat(), "end": None}] if since else []
        return {"name": name, "title": title, "on": since is not None, "spells": spells}


FAULTS = (
    ("erp_stopped", "The ERP takes no invoices; its API still answers"),
    ("gateway_declines", "The gateway declines every payment"),
    ("billing_throttled", "The billing API answers 429"),
)
LETTERS: tuple[Mapping[str, object], ...] = (
    {
        "box": "kitano-rail",
        "kind": "http",
        "subject": "We are investigating a disturbance (INC-7)",
        "body": "It began.",
    },
    {
        "box": "norte-energia",
        "kind": "smtp",
        "subject": "We are investigating a disturbance (INC-7)",
        "body": "It did.",
    },
    {
        "box": "madrid-1",
        "kind": "http",
        "subject": "[INC-7] Flow invoices is late: 24 clients hurt",
        "body": "On call.",
    },
)


class MemoryIntake:
    """Takes alerts of others in; our own do not follow them here."""

    def __init__(self, office: "MemoryOffice") -> None:
        self._office = office
        self._reader = Reader()

    def is_sender(self, offered: str) -> bool:
        """Return whether the token is the name that the intake's secret is found under."""
        return offered == self._office.situation.config.intake.token

    async def take(self, body: bytes, now: datetime) -> Reply | None:
        """Take alerts in."""
        if self._office.full:
            raise StoreUnwritable("the disk is full, or the database has reached its size limit (SQLITE_FULL)")
        situation = self._office.situation
        taken = self._reader.read(body, now, situation.config.intake.resolve_timeout)
        situation.reports.take(taken.reports)
        return taken.answer


class MemoryOffice:
    """Everything that `Office` asks for; `at` is its clock, set by hand."""

    def __init__(self, situation: Situation | None = None, doors: Doors | None = None) -> None:
        self.situation = situation or town.situation()
        self.store = MemoryReads()
        self.doors = doors or Doors(host="127.0.0.1", port=8080)
        self.keys = Keys(TOKEN)
        self.at = town.NOW
        self.sandbox: MemorySandbox | None = MemorySandbox(self.now)
        self.version = 1
        self.trouble = ""
        self.full = False
        self.reloads: list[tuple[Problem, ...]] = []
        self.reloaded_by: list[str] = []
        self.intake = MemoryIntake(self)
        self.posts: list[tuple[str, Posted]] = []
        self.cut: list[str] = []
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """Return the present instant."""
        return self.at

    async def read(self, query: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return a read's answer."""
        return query(*args, **kwargs)

    async def changed(self, after: int) -> int:
        """Wait until the version is another."""
        while self.version == after:
            self._moved.clear()
            await self._moved.wait()
        return self.version

    async def acknowledge(self, incident: IncidentId, by: str) -> Incident:
        """Record that somebody took an incident."""
        return self._record(acknowledged(self._open(incident), by, self.at), by, "acknowledge")

    async def resolve(self, incident: IncidentId, by: str, why: str) -> Incident:
        """Record that somebody ended an incident."""
        draft = resolved(self._open(incident), by, why, town.context(self.situation), self.at)
        return self._record(draft, by, "resolve")

    async def order(self, order: Order) -> Incident:
        """Carry out what somebody orders about an incident."""
        if self.full:
            raise StoreUnwritable("the disk is full, or the database has reached its size limit (SQLITE_FULL)")
        known = self.situation
        standing = Standing(incidents=known.incidents, alerts=known.alerts, number=known.next_number)
        try:
            done = carried_out(order, standing, town.context(known), self.at)
        except CannotBeDone as error:
            raise Refused(str(error)) from None
        self.take(done)
        act = Act(at=self.at, actor=order.by, action=order.action, subject=order.incident, detail=order.why)
        self.store.done.append(act)
        return known.incidents[order.incident]

    def is_sender(self, heartbeat: Heartbeat, offered: str) -> bool:
        """Return whether the token is the name that the secret is found under."""
        return offered == heartbeat.token

    def is_returning(self, offered: str) -> bool:
        """Return whether the token is the reference itself."""
        return offered == self.situation.config.mail.bounce_token

    async def heard(self, heartbeat: Heartbeat, signal: Signal) -> None:
        """Record what a run told of itself."""
        if self.full:
            raise StoreUnwritable("the disk is full, or the database has reached its size limit (SQLITE_FULL)")
        known = watched(heartbeat, self.situation.runs.get(heartbeat.id), self.at)
        self.situation.runs[heartbeat.id] = heard(known, signal, self.at)
        self.bump()

    async def posted(self, system: str, posted: Posted) -> Receipt | Refusal:
        """Take in what has a signature, and refuse the rest as it asks for it."""
        if "x-signature" not in posted.headers:
            return Refusal(posted.headers.get("x-ending", Refusal.UNSIGNED))
        if self.full:
            raise StoreUnwritable("the disk is full, or the database has reached its size limit (SQLITE_FULL)")
        self.posts.append((system, posted))
        return Receipt(status=200, text="[accepted]")

    def cut_off(self, system: str) -> None:
        """Note a webhook whose sender hung up."""
        self.cut.append(system)

    async def decide(self, decision: Callable[[Situation], tuple[T, Changes]]) -> T:
        """Take over what a decision changes."""
        if self.full:
            raise StoreUnwritable("the disk is full, or the database has reached its size limit (SQLITE_FULL)")
        answer, changes = decision(self.situation)
        taken_over(self.situation, changes)
        for entry in changes.entries:
            self.store.timelines.setdefault(entry.incident, []).append(entry)
            self.store.folds[entry.incident] = self.situation.incidents[entry.incident]
        self.store.done += changes.acts
        self.store.rows += [_row(message, told=True) for message in changes.messages]
        self.bump()
        return answer

    def masked(self, channel: SecretRef) -> Masked:
        """Return the name of the channel as if it were its address."""
        return Masked(ChannelKind.MAIL, f"{channel[4]}•••@e•••.com")

    async def reload(self, by: str) -> Sequence[Problem]:
        """Find the errors that were laid out for this."""
        self.reloaded_by.append(by)
        self.situation.reload_errors = self.reloads.pop() if self.reloads else ()
        return self.situation.reload_errors

    def ready(self) -> tuple[bool, str]:
        """Return whether there is no trouble."""
        return not self.trouble, self.trouble

    def metrics(self) -> bytes:
        """Return one metric."""
        return b"# HELP tierwatch_up It runs.\n# TYPE tierwatch_up gauge\ntierwatch_up 1.0\n"

    def take(self, response: Response, told: bool = True) -> None:  # noqa: FBT001, FBT002 - read in a test's sentence
        """Take over what the rooms below decided; with `told`, every message is accepted two seconds later."""
        for draft in response.drafts:
            self._keep(draft, told=told)
        self.situation.alerts.update({str(alert.key): alert for alert in response.alerts})
        self.bump()

    def bump(self) -> None:
        """Let the version grow."""
        self.version += 1
        self._moved.set()

    def _open(self, incident: IncidentId) -> Incident:
        one = self.situation.incidents.get(incident)
        if one is None or not one.open:
            raise Refused(f"{incident} is not open any more")
        if self.full:
            raise StoreUnwritable("the disk is full, or the database has reached its size limit (SQLITE_FULL)")
        return one

    def _record(self, draft: Draft, by: str, action: str) -> Incident:
        self._keep(draft, told=False)
        self.store.done.append(Act(at=self.at, actor=by, action=action, subject=draft.incident.id))
        self.bump()
        return self.situation.incidents[draft.incident.id]

    def _keep(self, draft: Draft, *, told: bool) -> None:
        identity, first = draft.incident.id, draft.first_sequence
        entries = [Entry(incident=identity, sequence=first + n, event=event) for n, event in enumerate(draft.events)]
        self.store.timelines.setdefault(identity, []).extend(entries)
        self._put(draft.incident)
        self.situation.notice_drafts.update({key: one for key, one in draft.notices.items() if one is not None})
        self.store.rows += [_row(message, told=told) for message in draft.messages]
        if told and draft.incident.open:
            self._tell(identity, draft)

    def _tell(self, identity: IncidentId, draft: Draft) -> None:
        for message in (one for one in draft.messages if one.incident is not None):
            incident = self.situation.incidents[identity]
            event = Told(
                at=message.created + timedelta(seconds=2),
                key=message.key,
                recipient=message.recipient,
                stage=message.stage,
                client=message.client,
            )
            entry = Entry(incident=identity, sequence=incident.version + 1, event=event)
            self.store.timelines[identity].append(entry)
            self._put(advanced(incident, event))

    def _put(self, incident: Incident) -> None:
        self.situation.incidents[incident.id] = incident
        self.store.folds[incident.id] = incident


def _row(message: Message, *, told: bool) -> Outgoing:
    state = MessageState.ACCEPTED if told else MessageState.QUEUED
    return Outgoing(message=message, state=state, attempts=int(told), next_at=None if told else message.created)


def rough(office: MemoryOffice) -> None:
    """Let the first page be refused by its first channel and wait for the second attempt."""
    place = next(n for n, row in enumerate(office.store.rows) if row.message.kind is MessageKind.PAGE)
    row = office.store.rows[place]
    first, *_ = row.message.channels
    office.store.tries.append(
        Delivery(
            key=row.message.key,
            attempt=1,
            channel=first,
            state=DeliveryState.REJECTED,
            reason="the channel answered 503",
            started=row.message.created,
            ended=row.message.created + timedelta(seconds=1),
        )
    )
    due = office.at + timedelta(seconds=3)
    office.store.rows[place] = replace(row, state=MessageState.QUEUED, attempts=1, next_at=due)


def with_incident(doors: Doors | None = None) -> MemoryOffice:
    """Return an office in which every client's invoices are late and everybody was told."""
    office = MemoryOffice(doors=doors)
    office.take(town.broken(office.situation))
    return office
