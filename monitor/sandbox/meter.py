"""A vendor's own rate limit: so many requests in each period, counted anew when the next period begins."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the meter shows after a request: how many are left until `reset`, and whether this one was too many."""

    limit: int
    remaining: int
    reset: datetime
    refused: bool

    def wait(self, now: datetime) -> int:
        """Return the whole seconds until the next period, at least one."""
        return max(1, -((now - self.reset) // timedelta(seconds=1)))


class Meter:
    """Counts requests against a limit per period."""

    def __init__(self, *, limit: int, period: timedelta) -> None:
        self._limit = limit
        self._period = period
        self._turn = -1
        self._taken = 0

    def count(self, now: datetime) -> Reading:
        """Count one request and return what the meter shows."""
        turn = (now - EPOCH) // self._period
        if turn != self._turn:
            self._turn, self._taken = turn, 0
        refused = self._taken >= self._limit
        self._taken += not refused
        reset = EPOCH + self._period * (turn + 1)
        return Reading(limit=self._limit, remaining=self._limit - self._taken, reset=reset, refused=refused)
