"""The driver: runs every tick when it is due, and the tasks that ticks start. It is the one place that starts tasks.

A tick is `async tick(now) -> next wake`: it does what is due and says when it next wants to be called. The driver reads
the clock once per call. In a story the same ticks are stepped through in the order of their instants.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from monitor.clock import Clock
from monitor.store import StoreUnreadable, StoreUnwritable

Tick = Callable[[datetime], Awaitable[datetime | None]]

AFTER_A_FAILURE = timedelta(seconds=1)
IDLE = timedelta(seconds=10)
"""A tick that wants nothing is called this often all the same, so that its pulse shows."""

log = structlog.get_logger("tierwatch.driver")


@dataclass(slots=True)
class Beat:
    """One tick and its pulse. `due` is when it wants to be called, `passed` when it last came to its end.

    It is called after `idle` at the latest, whatever it wants.
    """

    name: str
    tick: Tick
    due: datetime
    passed: datetime | None = None
    lag: timedelta = timedelta()
    failures: int = 0
    idle: timedelta = IDLE
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def slept(self, sleep: asyncio.Task[None]) -> None:
        """Wake the tick at the end of a sleep that was not cut short."""
        if not sleep.cancelled():
            self.woken.set()

    def failed(self, now: datetime) -> datetime:
        """Count a failure, and return when to try again."""
        self.failures += 1
        return now + AFTER_A_FAILURE


class Driver:
    """Runs ticks and the tasks that they start."""

    def __init__(self, clock: Clock) -> None:
        """Begin with no ticks."""
        self.clock = clock
        self.beats: dict[str, Beat] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = asyncio.Event()

    def add(self, name: str, tick: Tick) -> None:
        """Add a tick, due at once."""
        self.beats[name] = Beat(name, tick, self.clock.now())

    def wake(self, *names: str) -> None:
        """Make ticks due at once, because something that concerns them was committed."""
        for name in names:
            beat = self.beats[name]
            beat.due = self.clock.now()
            beat.woken.set()

    def expect(self, name: str, at: datetime) -> None:
        """Make a tick due at an instant, unless it is due sooner."""
        beat = self.beats[name]
        if at < beat.due:
            beat.due = at
            beat.woken.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task that lives beside the ticks; what it raises is logged, never lost."""
        task = asyncio.create_task(self._watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Work that is cancelled before it has begun would otherwise be mourned as never awaited.
        task.add_done_callback(lambda _: work.close())

    async def _watched(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("task failed", task=getattr(work, "__qualname__", "?"))

    async def beat_once(self, beat: Beat) -> None:
        """Call one tick now, and note when it wants to be called again. A tick that fails is called again soon."""
        now = self.clock.now()
        beat.woken.clear()
        beat.lag = max(timedelta(), now - beat.due)
        try:
            wanted = await beat.tick(now)
        except (StoreUnwritable, StoreUnreadable) as error:
            log.error("tick failed", tick=beat.name, reason=str(error))  # noqa: TRY400 - the reason says it all, every second
            wanted = beat.failed(now)
        except Exception:
            log.exception("tick failed", tick=beat.name)
            wanted = beat.failed(now)
        else:
            beat.passed = now
            if wanted is not None and wanted <= now:
                # What was due could not be done; to ask again at once would only keep the machine busy.
                wanted = now + AFTER_A_FAILURE
        latest = now + beat.idle
        beat.due = self.clock.now() if beat.woken.is_set() else min(wanted or latest, latest)

    async def _keep_beating(self, beat: Beat) -> None:
        while not self._stopping.is_set():
            await self.beat_once(beat)
            await self._until_due(beat)

    async def _until_due(self, beat: Beat) -> None:
        """Wait until a tick is due, or for as long as that was away: a clock may be put back. Who is woken looks again.

        One task does for a wait: there may be hundreds of them in a second.
        """
        while True:
            sleep = asyncio.create_task(self.clock.sleep_until(beat.due))
            sleep.add_done_callback(beat.slept)
            try:
                await beat.woken.wait()
                slept = sleep.done()
            finally:
                sleep.cancel()
            if slept or beat.due <= self.clock.now() or self._stopping.is_set():
                return
            beat.woken.clear()

    async def run(self) -> None:
        """Keep every tick beating until `stop` is called."""
        async with asyncio.TaskGroup() as group:
            for beat in self.beats.values():
                group.create_task(self._keep_beating(beat))

    def stop(self) -> None:
        """Let every tick finish and beat no more."""
        self._stopping.set()
        for beat in self.beats.values():
            beat.woken.set()

    async def idle(self, longest: timedelta | None = None) -> bool:
        """Wait for the tasks under way and for those that they start; return whether all of them ended in time."""
        deadline = None if longest is None else asyncio.get_running_loop().time() + longest.total_seconds()
        while self._tasks:
            left = None if deadline is None else deadline - asyncio.get_running_loop().time()
            _, pending = await asyncio.wait(set(self._tasks), timeout=left)
            if pending and deadline is not None and asyncio.get_running_loop().time() >= deadline:
                return False
        return True

    @property
    def under_way(self) -> frozenset[asyncio.Task[Any]]:
        """The tasks that have not ended."""
        return frozenset(self._tasks)

    def cancel(self) -> None:
        """Cancel the tasks under way."""
        for task in self._tasks:
            task.cancel()

    def pulse(self, now: datetime) -> tuple[str, timedelta]:
        """Return the tick that has been overdue for longest, and for how long."""
        late = ((beat.name, max(timedelta(), now - beat.due)) for beat in self.beats.values())
        return max(late, key=lambda one: one[1], default=("", timedelta()))
