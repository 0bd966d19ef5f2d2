"""One endpoint as the outbox sees it: how much goes there at once, how fast, and whether it is to be left alone.

An endpoint is a scheme, a host and an account there: thousands of contacts behind one mail relay are one endpoint. Its
key is a digest that is never stored. Urgent messages wait for no pace and no request to come back later.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.breaker import Breaker, Circuit
from alerts.channel_kind import kind_of
from alerts.message import ChannelKind, Delivery, Lane
from alerts.reason import ReasonClass

STUCK = timedelta(seconds=2)
"""An endpoint that is full and has let nothing go for longer keeps nobody else waiting."""

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
"""What an endpoint that throttles without saying until when is spared, doubled from time to time."""

LONGEST_HOLD = timedelta(hours=1)
RETRIES = 4
"""One place in so many is kept for what was tried before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an endpoint may be asked to take: sends at once in each lane, and a burst, then one every `spacing`."""

    at_once: int = 2
    burst: int = 10
    spacing: timedelta = timedelta(milliseconds=100)


MAIL = Limits(at_once=8, burst=50, spacing=timedelta(milliseconds=5))
CHAT = Limits(at_once=2, burst=5, spacing=timedelta(seconds=1))
"""Chat services commonly take a message a second."""

ANY_NUMBER = Limits(at_once=16, burst=1_000, spacing=timedelta(milliseconds=1))

USUAL: Mapping[ChannelKind, Limits] = {ChannelKind.MAIL: MAIL, ChannelKind.CHAT: CHAT}
"""What differs from `Limits()`."""


def usual(scheme: str) -> Limits:
    """Return what endpoints are asked to take where nothing else is configured; no scheme stands for no endpoint."""
    return USUAL.get(kind_of(scheme), Limits()) if scheme else ANY_NUMBER


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """What is known of one endpoint since the start of the process, and what is under way there."""

    kind: str
    limits: Limits = field(default_factory=Limits)
    breaker: Breaker = field(default_factory=Breaker)
    first: Counter[Lane] = field(default_factory=Counter)
    again: Counter[Lane] = field(default_factory=Counter)
    full: datetime | None = None
    held: datetime | None = None
    throttles: int = 0
    moved: datetime | None = None

    def began(self, lane: Lane, now: datetime, *, retry: bool) -> None:
        """Count a send that begins."""
        (self.again if retry else self.first)[lane] += 1
        self.moved = now
        if lane is not Lane.URGENT:
            self.full = max(self.full or now, now) + self.limits.spacing

    def ended(self, lane: Lane, *, retry: bool) -> None:
        """Count a send that has ended and is on record."""
        (self.again if retry else self.first)[lane] -= 1

    def heard(self, delivery: Delivery) -> None:
        """Take in how a send ended."""
        self.moved = max(self.moved or delivery.ended, delivery.ended)
        self.breaker = self.breaker.after(delivery.why, delivery.ended)
        if delivery.why is ReasonClass.THROTTLED or delivery.retry_after is not None:
            self._sent_away(delivery)
        elif delivery.why is ReasonClass.ACCEPTED:
            self.throttles = 0

    def _sent_away(self, delivery: Delivery) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.throttles, 10))
        wait = min(LONGEST_HOLD, pause if delivery.retry_after is None else delivery.retry_after)
        self.throttles += 1
        self.held = max(self.held or delivery.ended, delivery.ended + wait)

    def free_at(self, lane: Lane, now: datetime) -> datetime:
        """Return when its pace, its own word and its breaker let something go; a page waits for none of them."""
        if lane is Lane.URGENT:
            return now
        paced = now if self.full is None else self.full - self.limits.spacing * (self.limits.burst - 1)
        return max(paced, self.held or now, self.breaker.until or now)

    def room(self, lane: Lane, now: datetime, *, retry: bool) -> int:
        """Return how many sends may begin now, of those that were tried before or of the others."""
        if self.free_at(lane, now) > now:
            return 0
        under_way = self.first[lane] + self.again[lane]
        if lane is not Lane.URGENT and self.breaker.circuit(now) is Circuit.HALF_OPEN:
            return 0 if under_way else 1
        kept = self.limits.at_once // RETRIES
        if retry:
            allowed = max(kept, 1) - self.again[lane] if kept or not self.first[lane] else 0
        else:
            allowed = self.limits.at_once - kept - self.first[lane] - (0 if kept else self.again[lane])
        return max(0, allowed if lane is Lane.URGENT else min(allowed, self._in_pace(now)))

    def _in_pace(self, now: datetime) -> int:
        if self.full is None or self.full <= now:
            return self.limits.burst
        return max(0, self.limits.burst - -(-(self.full - now) // self.limits.spacing))

    def follow(self, now: datetime) -> None:
        """Count from now on: the clock was put back, and nothing that was counted by it before lies ahead."""
        self.full, self.held = None, None
        self.moved = None if self.moved is None else min(self.moved, now)
        if self.breaker.until is not None:
            self.breaker = replace(self.breaker, until=min(self.breaker.until, now))

    def moves(self, now: datetime) -> bool:
        """Whether it takes messages as fast as it may: neither stuck, nor sent us away, nor given up for a while."""
        if self.breaker.circuit(now) is not Circuit.CLOSED or (self.held is not None and self.held > now):
            return False
        return not self.under_way or self.moved is None or now - self.moved < STUCK

    @property
    def under_way(self) -> int:
        """How many sends are under way, in all lanes."""
        return self.first.total() + self.again.total()

    @property
    def keeps_places(self) -> bool:
        """Whether some of its places are for retries alone."""
        return self.limits.at_once >= RETRIES
