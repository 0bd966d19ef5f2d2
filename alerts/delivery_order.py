"""Who goes first: which of the messages that wait are handed over now, so that none holds up what weighs more.

A lane has places of its own. Within it the heaviest goes first, then the oldest. A lighter tier's first attempts wait
until every heavier one's has begun, except behind an endpoint that is stuck or left alone. Retries have places of their
own and never take one that a first attempt waits for. Part of the places is kept from the lighter tiers, so that
whatever hangs there leaves room for the heavier ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heapify, heappop, heappush

from alerts.breaker import Circuit
from alerts.endpoint import STUCK, Endpoint
from alerts.message import Lane
from alerts.settlement import JITTER, LONGEST_BACKOFF
from probes.catalog import ClientId, SecretRef

PLACES: Mapping[Lane, int] = {Lane.URGENT: 64, Lane.NORMAL: 64, Lane.BULK: 16}
RETRY_PLACES: Mapping[Lane, int] = {Lane.URGENT: 64, Lane.NORMAL: 16, Lane.BULK: 4}
STEP = 8
"""Each tier leaves this part of the places to those above it; half of them are everybody's."""

ANYBODY = -1_000_000
"""Less than any weight: nobody is held back."""

Order = tuple[int, datetime, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that waits, as far as its order depends on it. `attempts` counts those made, `due` is for the next."""

    key: str
    lane: Lane
    weight: int
    created: datetime
    due: datetime
    attempts: int
    channel: SecretRef
    recipient: str = ""
    client: ClientId | None = None

    @property
    def retry(self) -> bool:
        """Whether it was tried before."""
        return self.attempts > 0

    @property
    def order(self) -> Order:
        """What it sorts by among its like."""
        return -self.weight, self.created, self.key


def by_the_clock(one: Waiting, now: datetime) -> Waiting:
    """Return who waits, as if written now where the clock was put back behind the writing.

    What was tried by the new clock waits as long as that says: no failure is repeated at once.
    """
    if one.created <= now:
        return one
    if one.retry:
        return replace(one, due=one.due if one.due <= now + LONGEST_BACKOFF * (1 + JITTER) else now)
    return replace(one, due=now + (one.due - one.created))


@dataclass(slots=True)
class Line:
    """The messages of one lane that wait, by their endpoint; what is not due yet waits apart."""

    first: dict[str, list[tuple[Order, Waiting]]] = field(default_factory=dict)
    again: dict[str, list[tuple[Order, Waiting]]] = field(default_factory=dict)
    later: list[tuple[datetime, str, str, Waiting]] = field(default_factory=list)

    def put(self, endpoint: str, one: Waiting) -> None:
        """Let a message wait until it is due."""
        heappush(self.later, (one.due, one.key, endpoint, one))

    def fill(self, every: Iterable[tuple[str, Waiting]]) -> None:
        """Begin anew with these."""
        self.first, self.again = {}, {}
        self.later = [(one.due, one.key, endpoint, one) for endpoint, one in every]
        heapify(self.later)

    def ripen(self, now: datetime) -> None:
        """Let those step forward that have become due."""
        while self.later and self.later[0][0] <= now:
            _, _, endpoint, one = heappop(self.later)
            heappush((self.again if one.retry else self.first).setdefault(endpoint, []), (one.order, one))

    @property
    def next_due(self) -> datetime | None:
        """When the next one becomes due, None where none is to come."""
        return self.later[0][0] if self.later else None

    @property
    def due(self) -> int:
        """How many have become due."""
        return sum(map(len, self.first.values())) + sum(map(len, self.again.values()))

    @property
    def endpoints(self) -> Iterable[str]:
        """The endpoints for which something is due."""
        return {**self.first, **self.again}

    def __iter__(self) -> Iterator[Waiting]:
        """Yield everybody who waits."""
        for queue in (*self.first.values(), *self.again.values()):
            yield from (one for _, one in queue)
        yield from (one for *_, one in self.later)


@dataclass(slots=True, kw_only=True)
class Places:
    """The places of a lane: how many are taken by first attempts of each weight, and how many by retries."""

    lane: Lane
    weights: Sequence[int] = ()
    first: dict[int, int] = field(default_factory=dict)
    again: int = 0

    def took(self, one: Waiting, count: int = 1) -> None:
        """Count a message that takes a place, or with -1 leaves it."""
        if one.retry:
            self.again += count
        else:
            self.first[one.weight] = self.first.get(one.weight, 0) + count

    def free(self, weight: int) -> int:
        """Return how many first attempts of a weight may begin, beside all that are not heavier."""
        places = PLACES[self.lane]
        above = sum(1 for one in self.weights if one > weight)
        allowed = places - min(above * (places // STEP), places // 2)
        everybody = places - sum(self.first.values())
        return min(everybody, allowed - sum(count for one, count in self.first.items() if one <= weight))

    @property
    def free_again(self) -> int:
        """How many retries may begin."""
        return RETRY_PLACES[self.lane] - self.again


Known = Callable[[str], Endpoint]


def chosen(line: Line, places: Places, known: Known, now: datetime) -> list[tuple[str, Waiting]]:
    """Return whom to hand over now, in this order, with their endpoints; they leave the line and take their places.

    First attempts come before retries. The sends are counted at their endpoints too.
    """
    line.ripen(now)
    return [*_first(line, places, known, now), *_again(line, places, known, now)]


def _first(line: Line, places: Places, known: Known, now: datetime) -> Iterator[tuple[str, Waiting]]:
    heads, barrier = _heads(line, places.lane, known, now)
    while heads:
        (minus, _, _), endpoint = heads[0]
        if -minus < barrier or places.free(-minus) <= 0:
            return
        heappop(heads)
        queue, there = line.first[endpoint], known(endpoint)
        one = _taken(line.first, endpoint)
        places.took(one)
        there.began(places.lane, now, retry=False)
        yield endpoint, one
        if queue and there.room(places.lane, now, retry=False):
            heappush(heads, (queue[0][0], endpoint))
        elif queue and places.lane is not Lane.URGENT:
            barrier = max(barrier, queue[0][1].weight)


def _heads(line: Line, lane: Lane, known: Known, now: datetime) -> tuple[list[tuple[Order, str]], int]:
    """Return the foremost of each endpoint that has room, and the weight below which nobody may pass the others."""
    heads, barrier = [], ANYBODY
    for endpoint, queue in line.first.items():
        there = known(endpoint)
        if there.room(lane, now, retry=False):
            heads.append((queue[0][0], endpoint))
        elif lane is not Lane.URGENT and there.moves(now):
            barrier = max(barrier, queue[0][1].weight)
    heapify(heads)
    return heads, barrier


def _taken(queues: dict[str, list[tuple[Order, Waiting]]], endpoint: str) -> Waiting:
    queue = queues[endpoint]
    _, one = heappop(queue)
    if not queue:
        del queues[endpoint]
    return one


def _again(line: Line, places: Places, known: Known, now: datetime) -> Iterator[tuple[str, Waiting]]:
    for endpoint in sorted(line.again, key=lambda one: line.again[one][0][0]):
        there = known(endpoint)
        while places.free_again > 0 and endpoint in line.again and there.room(places.lane, now, retry=True):
            if endpoint in line.first and not _spare(there, places.lane, now):
                break
            one = _taken(line.again, endpoint)
            places.took(one)
            there.began(places.lane, now, retry=True)
            yield endpoint, one


def _spare(there: Endpoint, lane: Lane, now: datetime) -> bool:
    """Whether a retry may go although first attempts wait for the same endpoint: it has places for retries alone."""
    return there.keeps_places or there.room(lane, now, retry=False) > 0


def next_look(line: Line, places: Places, known: Known, now: datetime) -> datetime | None:
    """Return when more could be handed over without that anything ends, None where only an end would change that."""
    ends = [at for endpoint in line.endpoints for at in _changes(known(endpoint), places.lane, now) if at > now]
    return min((at for at in (line.next_due, *ends) if at is not None), default=None)


def _changes(there: Endpoint, lane: Lane, now: datetime) -> Iterator[datetime]:
    yield there.free_at(lane, now)
    if there.moved is not None and there.under_way:
        yield there.moved + STUCK


def passes_over(channels: Sequence[SecretRef], channel: SecretRef, circuit: Callable[[SecretRef], Circuit]) -> bool:
    """Return whether a page goes on from a channel at once: its circuit is open, and that of another one is not."""
    return circuit(channel) is Circuit.OPEN and any(circuit(one) is not Circuit.OPEN for one in channels)
