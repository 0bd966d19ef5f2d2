"""The clock: the one place where time is read and waited for.

The process runs on the system's clock; stories and replays run on one that is set by hand. Both give aware UTC
instants.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

LONGEST_SLEEP = timedelta(seconds=2)
"""A wait is made of naps no longer than this, so that a system clock that is put forward is noticed soon."""


class Clock(Protocol):
    """What tells the time and waits for it."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""

    async def sleep_until(self, at: datetime) -> None:
        """Wait until the clock shows `at`; return at once where it already does."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, at: datetime) -> None:
        """Wait in naps until the clock shows `at`, and no longer than that was away: a clock may be put back."""
        end = monotonic() + (at - self.now()).total_seconds()
        while (left := min((at - self.now()).total_seconds(), end - monotonic())) > 0:  # noqa: ASYNC110 - no event ends this
            await asyncio.sleep(min(left, LONGEST_SLEEP.total_seconds()))


class SettableClock:
    """A clock that stands still until it is set."""

    def __init__(self, start: datetime) -> None:
        """Begin at an instant."""
        self._now = start
        self._moved = asyncio.Condition()
        self._asleep: list[datetime] = []

    @property
    def asleep(self) -> tuple[datetime, ...]:
        """The instants that somebody waits for at this moment."""
        return tuple(self._asleep)

    def now(self) -> datetime:
        """Return the instant that the clock was last set to."""
        return self._now

    async def set(self, at: datetime) -> None:
        """Set the clock and wake those who waited for this instant."""
        self._now = at
        self._asleep = [wake for wake in self._asleep if wake > at]
        async with self._moved:
            self._moved.notify_all()

    async def sleep_until(self, at: datetime) -> None:
        """Wait until the clock has been set to `at` or later."""
        if at <= self._now:
            return
        self._asleep.append(at)
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= at)
