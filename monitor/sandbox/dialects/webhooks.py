"""The billing's webhooks, once somebody asks for them: one for each invoice and charge, signed, repeated until taken.

Nothing runs by itself here: whoever holds it lets it send. What may go wrong with them are faults like others.
"""

import hmac
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import httpx

from monitor.sandbox.billing import charge, invoice
from monitor.sandbox.faults import Fault
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import credential
from monitor.sandbox.world import World

GIVEN_UP = timedelta(minutes=5)
MOST_WAITING = 5000
SHOWN = {Kind.INVOICE: invoice, Kind.CHARGE: charge}
LOOPBACK = {"127.0.0.1", "localhost"}


def secret() -> str:
    """Return what the billing's webhooks are signed with."""
    return credential("billing-webhook")


def signature(body: bytes, now: datetime, key: str) -> str:
    """Return the header that signs a body at an instant."""
    stamp = str(int(now.timestamp()))
    return f"t={stamp},v1={hmac.new(key.encode(), f'{stamp}.'.encode() + body, sha256).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, to be told."""

    id: str
    kind: str
    at: datetime
    record: dict[str, object]

    @property
    def body(self) -> bytes:
        """What is posted."""
        created = int(self.at.timestamp())
        shape = {"id": self.id, "object": "event", "type": self.kind, "created": created, "livemode": False}
        return json.dumps({**shape, "data": {"object": self.record}}).encode()


class Webhooks:
    """The webhooks of one billing account, to one address."""

    def __init__(self, world: World) -> None:
        self.to = ""
        self._world = world
        self._told_until = world.started
        self._waiting: deque[Event] = deque(maxlen=MOST_WAITING)

    def ask(self, to: str) -> None:
        """Post to an address from now on. Raises ValueError where it is not on this machine."""
        if urlsplit(to).hostname not in LOOPBACK:
            raise ValueError("webhooks go to this machine only")
        self.to, self._told_until = to, self._world.now()

    async def send(self, client: httpx.AsyncClient) -> int:
        """Post what happened since the last time; return how many were taken. What is not taken is posted again."""
        if not self.to:
            return 0
        self._waiting.extend(self._news())
        before, taken = self._world.now() - GIVEN_UP, 0
        for event in [self._waiting.popleft() for _ in range(len(self._waiting))]:
            if await self._posted(client, event):
                taken += 1
            elif event.at > before:
                self._waiting.append(event)
        return taken

    def _news(self) -> Iterator[Event]:
        now, faults = self._world.now(), self._world.faults
        found = [order for kind in SHOWN for order in self._world.orders(kind).since(self._told_until)]
        for order in sorted(found, key=lambda one: one.created):
            if self._told_until < order.created <= now and not faults.on(Fault.WEBHOOKS_LOST, order.created):
                yield _event(order)
        self._told_until = now

    async def _posted(self, client: httpx.AsyncClient, event: Event) -> bool:
        headers = {"Content-Type": "application/json", "Stripe-Signature": self._signature(event.body)}
        try:
            answer = await client.post(self.to, content=event.body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success

    def _signature(self, body: bytes) -> str:
        key = "somebody-else" if self._world.on(Fault.WEBHOOKS_FORGED) else secret()
        return signature(body, self._world.now(), key)


def _event(order: Order) -> Event:
    show = SHOWN[order.kind]
    kind = "invoice.created"
    if order.kind is Kind.CHARGE:
        kind = "charge.failed" if order.failed else "charge.succeeded"
    return Event(id=f"evt_{order.id}", kind=kind, at=order.created, record=show(order))
