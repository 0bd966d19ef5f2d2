"""Delivers what is to be told: claims due messages, hands each to its channel, has the end of each attempt recorded.

What is told, to whom, and what follows from a failed attempt are decided in `alerts`; messages are kept by the store.
Nothing here waits for a channel: a send that hangs occupies one of its lane's places, and no channel may hold more than
two of them, so the other channels and the other lane go on.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from opentelemetry import trace

from alerts.channel_kind import kind_of
from alerts.channels import Channel, verdict
from alerts.channels.destination import scheme_of
from alerts.message import Claim, Delivery, Lane, Message
from monitor.problem import ConfigError
from monitor.store import Store, StoreThread
from probes.catalog import SecretRef

MOST_UNDER_WAY = 48
"""Places of a lane. Mail relays commonly allow one host 50 connections at a time."""

MOST_PER_CHANNEL = 2
BURST = 10
SPACING = timedelta(milliseconds=100)
SOON = timedelta(milliseconds=50)

Claiming = Callable[[Lane, datetime, int, frozenset[SecretRef]], Awaitable[tuple[Claim, ...]]]
NextDelivery = Callable[[Lane, frozenset[SecretRef]], Awaitable[datetime | None]]

tracer = trace.get_tracer("tierwatch")


@dataclass(slots=True)
class Pace:
    """How fast one channel may be written to: `BURST` messages at once, then one every `SPACING` (GCRA).

    Only notices are held back so. A page never waits for a pace: it goes out even where the service may refuse it.
    """

    _full: dict[SecretRef, datetime] = field(default_factory=dict)

    def took(self, channel: SecretRef, now: datetime) -> None:
        """Count a message that goes out now."""
        self._full[channel] = max(self._full.get(channel, now), now) + SPACING

    def held(self, now: datetime) -> dict[SecretRef, datetime]:
        """Return the channels that must wait, and until when."""
        self._full = {channel: full for channel, full in self._full.items() if full > now}
        free = {channel: full - SPACING * (BURST - 1) for channel, full in self._full.items()}
        return {channel: at for channel, at in free.items() if at > now}


@dataclass(slots=True, kw_only=True)
class Outbox:
    """The tick that delivers. `record` settles an attempt; `wake` has the tick called again once one has ended."""

    claim: Claiming
    next_delivery: NextDelivery
    record: Callable[[Message, Delivery], Awaitable[None]]
    channel: Channel
    resolve: Callable[[SecretRef], str]
    now: Callable[[], datetime]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    wake: Callable[[], None]
    _under_way: dict[Lane, Counter[SecretRef]] = field(default_factory=lambda: {lane: Counter() for lane in Lane})
    _pace: Pace = field(default_factory=Pace)

    async def tick(self, now: datetime) -> datetime | None:
        """Start every send that is due and has a place; return when more is due, None where nothing waits."""
        wakes = [await self._serve(lane, now) for lane in Lane]
        return min((at for at in wakes if at is not None), default=None)

    async def _serve(self, lane: Lane, now: datetime) -> datetime | None:
        # One at a time, because each start may fill its channel.
        for _ in range(self._places(lane)):
            claims = await self.claim(lane, now, 1, self._skipped(lane, now))
            for claim in claims:
                self._start(claim, now)
            if not claims:
                break
        return await self._next(lane, now)

    async def _next(self, lane: Lane, now: datetime) -> datetime | None:
        due = await self.next_delivery(lane, self._skipped(lane, now))
        if due is not None and due <= now:
            # Where no place is free, the end of a send wakes us; where one is, what was due came up meanwhile.
            due = now + SOON if self._places(lane) else None
        held = self._held(lane, now).values()
        return min((at for at in (due, *held) if at is not None), default=None)

    def _places(self, lane: Lane) -> int:
        return MOST_UNDER_WAY - self._under_way[lane].total()

    def _held(self, lane: Lane, now: datetime) -> dict[SecretRef, datetime]:
        return {} if lane is Lane.URGENT else self._pace.held(now)

    def _skipped(self, lane: Lane, now: datetime) -> frozenset[SecretRef]:
        full = (channel for channel, count in self._under_way[lane].items() if count >= MOST_PER_CHANNEL)
        return frozenset({*full, *self._held(lane, now)})

    def _start(self, claim: Claim, now: datetime) -> None:
        self._under_way[claim.message.lane][claim.channel] += 1
        if claim.message.lane is not Lane.URGENT:
            self._pace.took(claim.channel, now)
        self.spawn(self._attempt(claim, now))

    async def _attempt(self, claim: Claim, started: datetime) -> None:
        try:
            await self.record(claim.message, await self._traced(claim, started))
        finally:
            self._end(claim)

    def _end(self, claim: Claim) -> None:
        under_way = self._under_way[claim.message.lane]
        under_way[claim.channel] -= 1
        if not under_way[claim.channel]:
            del under_way[claim.channel]
        self.wake()

    async def _traced(self, claim: Claim, started: datetime) -> Delivery:
        with tracer.start_as_current_span("tierwatch.delivery") as span:
            span.set_attribute("tierwatch.lane", claim.message.lane)
            span.set_attribute("tierwatch.attempt", claim.attempt)
            delivery = await self._send(claim, started, span)
            span.set_attribute("tierwatch.state", delivery.state)
        return delivery

    async def _send(self, claim: Claim, started: datetime, span: trace.Span) -> Delivery:
        try:
            address = self.resolve(claim.channel)
        except ConfigError:
            return verdict.SECRET_NOT_FOUND.delivery(claim, started, self.now())
        span.set_attribute("tierwatch.scheme", scheme_of(address) or "unknown")
        if claim.message.kinds and kind_of(scheme_of(address)) not in claim.message.kinds:
            return verdict.KIND_NOT_ALLOWED.delivery(claim, started, self.now())
        try:
            return await self.channel.send(claim, address, started)
        except Exception as error:  # noqa: BLE001 - once per attempt: whatever happens, its end is recorded and it is repeated
            return verdict.failed_inside(error).delivery(claim, started, self.now())


def claiming(store: Store, thread: StoreThread) -> Claiming:
    """Return how messages are claimed in a store, without holding up the loop."""

    async def claim(lane: Lane, now: datetime, limit: int, skipped: frozenset[SecretRef]) -> tuple[Claim, ...]:
        return await thread.write(store.claim, lane, now, limit, skipped)

    return claim


def next_delivery(store: Store, thread: StoreThread) -> NextDelivery:
    """Return how it is found when the next message of a store is due, without holding up the loop."""

    async def due(lane: Lane, skipped: frozenset[SecretRef]) -> datetime | None:
        return await thread.read(store.next_delivery, lane, skipped)

    return due
