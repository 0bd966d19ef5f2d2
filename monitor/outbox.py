"""Delivers what is to be told: claims what may go now, hands it to its channels, has the ends recorded, many at a time.

Who goes first, how much one endpoint takes and what follows from a failed attempt are decided in `alerts`; messages are
kept by the store, and what waits is remembered here as the store has it. Nothing here waits for a channel: a send that
hangs occupies one of its lane's places and one of its endpoint's.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from opentelemetry import trace

from alerts.breaker import Circuit
from alerts.channels import Channel, verdict
from alerts.channels.endpoint import NOWHERE, Place, place_of
from alerts.delivery_order import Line, Places, Waiting, by_the_clock, chosen, next_look, passes_over
from alerts.endpoint import Endpoint, Limits, usual
from alerts.message import Claim, Delivery, Lane, Message, MessageKind, MessageState
from alerts.settlement import Settlement, as_repeated
from alerts.storm import ONE_BY_ONE
from monitor.changes import Changes
from monitor.problem import ConfigError
from monitor.store import Store, StoreThread
from monitor.storms import Calm
from probes.catalog import SecretRef

Ended = tuple[Message, Delivery]
Reading = Callable[[Lane], Awaitable[tuple[Waiting, ...]]]
Claiming = Callable[[Mapping[str, str], datetime], Awaitable[tuple[Claim, ...]]]

Calming = Callable[[Sequence[Waiting], datetime], Awaitable[Calm]]


STORM = 50
"""From so many on that are due, ends are gathered before they are recorded."""

GATHER = timedelta(milliseconds=50)
"""A record costs as much as ten of its entries."""


async def _as_they_are(waiting: Sequence[Waiting], _now: datetime) -> Calm:
    return Calm(waiting=waiting)


tracer = trace.get_tracer("tierwatch")


@dataclass(slots=True)
class Stand:
    """One lane: who waits, which places are taken and by whom; `stale` where the store may know of more.

    What was put on record since it was last read who waits stands in `meanwhile`, and how it goes on.
    Those `sent` wait to be put on record: they keep their places here, and none at their endpoints.

    `again` is when it is to be asked in any case, for the sake of those who wait for a digest.
    """

    line: Line
    places: Places
    under_way: dict[str, tuple[str, Waiting]] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    stale: bool = True
    meanwhile: dict[str, Waiting | None] = field(default_factory=dict)
    again: datetime | None = None


def _stands() -> dict[Lane, Stand]:
    return {lane: Stand(line=Line(), places=Places(lane=lane)) for lane in Lane}


@dataclass(slots=True, kw_only=True)
class Outbox:
    """The tick that delivers. `record` settles attempts; `wake` has the tick called again once some have ended.

    `weights` are those of the tiers, `limits` those of the kinds of endpoint. `calm` folds what is too much for one
    reader, and `began` tells it what goes out. `gather` waits until an instant for more ends to be recorded together.
    """

    read: Reading
    claim: Claiming
    record: Callable[[Sequence[Ended]], Awaitable[None]]
    channel: Channel
    resolve: Callable[[SecretRef], str]
    now: Callable[[], datetime]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    wake: Callable[[], None]
    limits: Callable[[str], Limits] = usual
    calm: Calming = _as_they_are
    began: Callable[[Waiting, datetime], None] = lambda _, __: None
    weights: Callable[[], Sequence[int]] = lambda: ()
    gather: Callable[[datetime], Awaitable[None]] | None = None
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    _stands: dict[Lane, Stand] = field(default_factory=_stands)
    _leads: dict[SecretRef, Place] = field(default_factory=dict)
    _ended: list[Ended] = field(default_factory=list)
    _settling: bool = False
    _last: datetime | None = None

    async def tick(self, now: datetime) -> datetime | None:
        """Start every send that is due and has a place; return when more is due, None where nothing waits."""
        if self._last is not None and now < self._last:
            self._follow(now)
        self._last = now
        wakes = [await self._serve(stand, now) for stand in self._stands.values()]
        return min((at for at in wakes if at is not None), default=None)

    def heard(self, changes: Changes) -> None:
        """Take in what was stored: who waits now, and which attempts are on record."""
        for message in changes.messages:
            self._stands[message.lane].stale = True
        if changes.suppressed or changes.folded:
            self.doubt()
        for one in changes.settlements:
            self._settled(one)
        if changes.settlements:
            self.wake()

    @property
    def waiting(self) -> Iterator[Waiting]:
        """Yield who waits, as far as it is known here."""
        for stand in self._stands.values():
            yield from stand.line

    def doubt(self) -> None:
        """Ask the store anew at the next tick who waits."""
        for stand in self._stands.values():
            stand.stale = True

    def configured(self) -> None:
        """Look up anew where channels lead, and what their endpoints take."""
        self._leads.clear()
        for there in self.endpoints.values():
            there.limits = self.limits(there.kind)

    def _follow(self, now: datetime) -> None:
        """Wait for no instant of a clock that was put back."""
        for there in self.endpoints.values():
            there.follow(now)
        for stand in self._stands.values():
            stand.again = None
        self.doubt()

    async def _serve(self, stand: Stand, now: datetime) -> datetime | None:
        if stand.stale or (stand.again is not None and stand.again <= now):
            await self._read(stand, now)
        stand.places.weights = self.weights()
        picked = chosen(stand.line, stand.places, self._known, now)
        if picked:
            await self._begin(stand, picked, now)
        more = next_look(stand.line, stand.places, self._known, now)
        return min((at for at in (more, stand.again) if at is not None), default=None)

    async def _read(self, stand: Stand, now: datetime) -> None:
        stand.stale, stand.meanwhile = False, {}
        try:
            known = [one for one in await self.read(stand.places.lane) if one.key not in stand.under_way]
            alone = [one for one in known if self._place(one.channel).kind in ONE_BY_ONE]
            calm = await self.calm([one for one in known if self._place(one.channel).kind not in ONE_BY_ONE], now)
        except BaseException:
            stand.stale = True
            raise
        if stand.stale:
            self.wake()
        stand.again = calm.again
        # Of attempts that were put on record meanwhile these rows may be older.
        later = (one for one in stand.meanwhile.values() if one is not None)
        read = (one for one in (*calm.waiting, *alone) if one.key not in stand.meanwhile)
        waiting = (by_the_clock(one, now) for one in (*read, *later) if one.key not in stand.under_way)
        stand.line.fill((self._place(one.channel).key, one) for one in waiting)

    async def _begin(self, stand: Stand, picked: Sequence[tuple[str, Waiting]], now: datetime) -> None:
        stand.under_way.update({one.key: (endpoint, one) for endpoint, one in picked})
        kinds = {one.key: self._known(endpoint).kind for endpoint, one in picked}
        claims: tuple[Claim, ...] = ()
        try:
            claims = await self.claim(kinds, now)
        finally:
            # Whoever is not claimed is no longer wanted, or the store takes no writes: it knows who still waits.
            begun = {claim.message.key for claim in claims}
            for _, one in picked:
                if one.key not in begun:
                    self._leave(stand, one.key)
                    stand.stale = not begun or stand.stale
        for claim in claims:
            self.began(stand.under_way[claim.message.key][1], now)
            self.spawn(self._attempt(claim, now))

    def _leave(self, stand: Stand, key: str) -> Waiting | None:
        known = stand.under_way.pop(key, None)
        if known is None:
            return None
        endpoint, one = known
        stand.places.took(one, -1)
        if key in stand.sent:
            stand.sent.remove(key)
        else:
            self._known(endpoint).ended(stand.places.lane, retry=one.retry)
        return one

    def _arrived(self, stand: Stand, key: str) -> None:
        """Let the next one go to an endpoint whose send has ended: it need not wait until that is on record."""
        known = stand.under_way.get(key)
        if known is not None and key not in stand.sent:
            stand.sent.add(key)
            self._known(known[0]).ended(stand.places.lane, retry=known[1].retry)
            if known[0] in stand.line.first or known[0] in stand.line.again:
                self.wake()

    def _known(self, endpoint: str) -> Endpoint:
        return self.endpoints[endpoint]

    def _place(self, channel: SecretRef) -> Place:
        found = self._leads.get(channel)
        if found is None:
            try:
                found = place_of(self.resolve(channel))
            except ConfigError:
                found = NOWHERE
            self._lead(channel, found)
        return found

    def _lead(self, channel: SecretRef, place: Place) -> None:
        self._leads[channel] = place
        if place.key not in self.endpoints:
            self.endpoints[place.key] = Endpoint(kind=place.kind, limits=self.limits(place.kind))

    def _circuit(self, channel: SecretRef) -> Circuit:
        return self._known(self._place(channel).key).breaker.circuit(self.now())

    async def _attempt(self, claim: Claim, started: datetime) -> None:
        delivery = await self._traced(claim, started)
        self._known(self._place(claim.channel).key).heard(delivery)
        self._ended.append((claim.message, delivery))
        self._arrived(self._stands[claim.message.lane], claim.message.key)
        await self._settle()

    async def _settle(self) -> None:
        """Put ends on record, all that have come meanwhile together: a pass costs as much as several of them."""
        if self._settling:
            return
        self._settling, faults = True, list[Exception]()
        try:
            while self._ended:
                if self.gather is not None and self._many:
                    await self.gather(self.now() + GATHER)
                ended, self._ended = self._ended, []
                faults += await self._recorded(ended)
        finally:
            self._settling = False
        if faults:
            raise ExceptionGroup("ends of attempts could not be put on record", faults)

    @property
    def _many(self) -> bool:
        """Whether a storm goes on, and nobody waits for what has just ended: a page may have to go by another way."""
        urgent = any(message.lane is Lane.URGENT for message, _ in self._ended)
        return not urgent and sum(stand.line.due for stand in self._stands.values()) >= STORM

    async def _recorded(self, ended: Sequence[Ended]) -> list[Exception]:
        """Return the faults for which some could not be recorded; one that cannot be takes no other with it."""
        try:
            await self.record(ended)
        except Exception as error:  # noqa: BLE001 - raised again once all the others are on record
            if len(ended) > 1:
                return [fault for one in ended for fault in await self._recorded((one,))]
            # A fault of ours: its place is free all the same, and the store knows best where it stands.
            for message, _ in ended:
                self._leave(self._stands[message.lane], message.key)
            self.doubt()
            return [error]
        return []

    def _settled(self, one: Settlement) -> None:
        for stand in self._stands.values():
            known = stand.under_way.get(one.delivery.key)
            if known is not None:
                self._leave(stand, one.delivery.key)
                again = _again(known[1], one)
                stand.meanwhile[one.delivery.key] = again
                if again is not None:
                    stand.line.put(self._place(again.channel).key, again)

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
        place = place_of(address)
        self._lead(claim.channel, place)
        span.set_attribute("tierwatch.scheme", place.kind or "unknown")
        return replace(await self._handed(claim, address, started), endpoint=place.kind)

    async def _handed(self, claim: Claim, address: str, started: datetime) -> Delivery:
        message = claim.message
        if message.kind is MessageKind.PAGE and passes_over(message.channels, claim.channel, self._circuit):
            return verdict.CIRCUIT_OPEN.delivery(claim, started, self.now())
        sent = replace(claim, message=as_repeated(message)) if claim.repeated else claim
        try:
            return await self.channel.send(sent, address, started)
        except Exception as error:  # noqa: BLE001 - once per attempt: whatever happens, its end is recorded and it is repeated
            return verdict.failed_inside(error).delivery(claim, started, self.now())


def _again(waited: Waiting, one: Settlement) -> Waiting | None:
    """Return how a message waits for its next attempt, None where there is none."""
    if one.state is not MessageState.QUEUED or one.next_at is None or one.message is None:
        return None
    channels = one.message.channels
    following = channels[(channels.index(one.delivery.channel) + 1) % len(channels)]
    return replace(waited, due=one.next_at, attempts=one.delivery.attempt, channel=following)


def reading(store: Store, thread: StoreThread) -> Reading:
    """Return how it is read who waits in a lane of a store, without holding up the loop."""

    async def read(lane: Lane) -> tuple[Waiting, ...]:
        return await thread.read(store.waiting, lane)

    return read


def claiming(store: Store, thread: StoreThread) -> Claiming:
    """Return how messages are claimed in a store, without holding up the loop."""

    async def claim(kinds: Mapping[str, str], now: datetime) -> tuple[Claim, ...]:
        return await thread.write(store.claim, kinds, now)

    return claim
