"""What the web side needs of the application: one protocol, so that pages know neither loops nor tables.

The application implements it; the tests have a small one of their own that keeps everything in memory.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.masked import Masked
from alerts.message import Delivery
from alerts.orders import Order
from monitor.changes import Act, Changes, Entry
from monitor.problem import Problem
from monitor.receipt import Receipt
from monitor.situation import Situation
from monitor.store import Outgoing
from monitor.store.clients import ClientRecord, Wanted
from monitor.store.ledger import Sought
from monitor.web.access import Doors, Keys
from monitor.wire import Reply
from probes.catalog import ClientId, SecretRef
from probes.heartbeat import Heartbeat, Signal
from probes.webhook import Posted, Refusal

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Refused(Exception):  # noqa: N818 - it names what happened
    """Something cannot be done as things stand; the message says why, in words for the person who asked."""


@contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """Let these errors come out as Refused, in their own words."""
    try:
        yield
    except errors as error:
        raise Refused(str(error)) from None


class Reads(Protocol):
    """What is read of the store; every method blocks, so it is called through `Office.read` only."""

    def incidents(self, limit: int, before: IncidentId | None = None) -> Sequence[Incident]:
        """Return incidents, newest first; with `before`, only those older than that one."""

    def timeline(self, incident: IncidentId) -> Sequence[Entry]:
        """Return an incident's events, oldest first; none where there is no such incident."""

    def messages(
        self, incident: IncidentId | None = None, client: ClientId | None = None, limit: int = 100
    ) -> Sequence[Outgoing]:
        """Return messages and where they stand, newest first; of one incident, of one client, or all."""

    def deliveries(self, key: str | None = None, limit: int = 100) -> Sequence[Delivery]:
        """Return attempts, newest first; of one message, or all."""

    def ledger(self, sought: Sought, limit: int = 100) -> Sequence[Outgoing]:
        """Return the messages that somebody looks for and where they stand, newest first."""

    def attempts(self, keys: Collection[str]) -> Mapping[str, Sequence[Delivery]]:
        """Return the attempts at messages, by their keys, the first one first."""

    def acts(self, limit: int = 100) -> Sequence[Act]:
        """Return what people did, newest first."""

    def told_client(self, wanted: Wanted) -> ClientRecord:
        """Return what a client's page shows of what is on record."""

    def happened_to(self, wanted: Wanted) -> ClientRecord:
        """Return everything on record that bears on a client in a time."""


class SandboxLink(Protocol):
    """The demo's far side: its faults and its inbox, as the sandbox itself words them.

    Everything raises Refused where the sandbox does not answer.
    """

    async def state(self) -> Mapping[str, object]:
        """Return what is wrong at the moment: `faults`, each with `name`, `title`, `on` and `spells`."""

    async def toggle(self, fault: str) -> None:
        """Switch a fault on or off."""

    async def inbox(self) -> Sequence[Mapping[str, object]]:
        """Return what arrived, newest first: `number`, `received`, `box`, `kind`, `subject`, `body`."""


class Reporting(Protocol):
    """Where alerts of others come in."""

    def is_sender(self, offered: str) -> bool:
        """Return whether a token is the one that opens the intake of alerts, and nothing else."""

    async def take(self, body: bytes, now: datetime) -> Reply | None:
        """Take alerts in; return what is answered where they are misformed. Raises StoreUnwritable."""


class Office(Protocol):
    """The application, seen from its desk."""

    @property
    def situation(self) -> Situation:
        """What is known at this moment."""

    @property
    def store(self) -> Reads:
        """The store's reads, to be called through `read`."""

    @property
    def doors(self) -> Doors:
        """Where we are reached."""

    @property
    def keys(self) -> Keys:
        """What opens them."""

    @property
    def intake(self) -> Reporting:
        """Where alerts of others come in."""

    @property
    def sandbox(self) -> SandboxLink | None:
        """The sandbox, in the demo only."""

    @property
    def version(self) -> int:
        """A number that grows with each change of the situation."""

    def now(self) -> datetime:
        """Return the present instant."""

    def read(self, query: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Awaitable[Answer]:
        """Return the answer of one of the store's reads, without holding up the loop."""

    async def changed(self, after: int) -> int:
        """Wait until the version is another than `after`, and return it."""

    async def acknowledge(self, incident: IncidentId, by: str) -> Incident:
        """Record that somebody took an incident. Raises Refused, or StoreUnwritable."""

    async def resolve(self, incident: IncidentId, by: str, why: str) -> Incident:
        """Record that somebody ended an incident, and why. Raises Refused, or StoreUnwritable."""

    async def order(self, order: Order) -> Incident:
        """Carry out what somebody orders about an incident. Raises Refused, or StoreUnwritable."""

    def is_sender(self, heartbeat: Heartbeat, offered: str) -> bool:
        """Return whether somebody who offers this token may speak for a heartbeat."""

    def is_returning(self, offered: str) -> bool:
        """Return whether somebody who offers this token may hand in reports of mails that came back."""

    async def heard(self, heartbeat: Heartbeat, signal: Signal) -> None:
        """Record what a run told of itself. Raises StoreUnwritable."""

    async def posted(self, system: str, posted: Posted) -> Receipt | Refusal:
        """Take in a webhook; return what is answered, or why it is refused.

        Raises Unprepared, StoreUnreadable or StoreUnwritable.
        """

    def cut_off(self, system: str) -> None:
        """Hear of a webhook whose sender hung up before its end: there is nobody left to answer."""

    async def decide(self, decision: Callable[[Situation], tuple[Answer, Changes]]) -> Answer:
        """Return what a decision on the situation answers, once that is on record; what it raises is raised."""

    def masked(self, channel: SecretRef) -> Masked:
        """Return what kind of channel an address is of, and its masked form."""

    async def reload(self, by: str) -> Sequence[Problem]:
        """Read the configuration again and return its errors; with any, the old one stays. `by` is for the audit."""

    def ready(self) -> tuple[bool, str]:
        """Return whether everything runs, and what does not."""

    def metrics(self) -> bytes:
        """Return the exposition for Prometheus."""
