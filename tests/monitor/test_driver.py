"""The driver: a tick is called when it is due, when it is woken, and not before it is expected."""

import asyncio
from datetime import datetime, timedelta

import pytest

from monitor.clock import SettableClock
from monitor.driver import IDLE, Driver
from tests.cast import NOON, SECOND

TURNS = 20
"""So many turns of the loop let everything happen that waits for nothing but its turn."""


class Room:
    """A driver with one tick that wants nothing, and the instants at which it was called."""

    def __init__(self) -> None:
        self.clock = SettableClock(NOON)
        self.driver = Driver(self.clock)
        self.called: list[datetime] = []
        self.driver.add("tick", self._tick)

    async def _tick(self, now: datetime) -> datetime | None:
        self.called.append(now)
        return None

    async def after(self, wait: timedelta) -> list[timedelta]:
        """Let time pass; return how long after noon each call was."""
        await self.clock.set(self.clock.now() + wait)
        await settled()
        return [at - NOON for at in self.called]


async def settled() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)  # noqa: TID251 - it waits for no time, only for its turn


@pytest.fixture
async def room() -> Room:
    return Room()


async def beating(room: Room) -> asyncio.Task[None]:
    task = asyncio.create_task(room.driver.run())  # noqa: TID251 - a driver runs beside what drives it
    await settled()
    return task


async def test_a_tick_that_is_expected_later_is_called_then_and_not_before(room: Room) -> None:
    task = await beating(room)
    room.driver.expect("tick", NOON + 2 * SECOND)
    assert await room.after(SECOND) == [timedelta()]
    assert await room.after(SECOND) == [timedelta(), 2 * SECOND]
    room.driver.stop()
    await task


async def test_a_tick_that_is_woken_is_called_at_once_whatever_it_was_expected_for(room: Room) -> None:
    task = await beating(room)
    room.driver.expect("tick", NOON + 2 * SECOND)
    await room.after(SECOND)
    room.driver.wake("tick")
    assert await room.after(timedelta()) == [timedelta(), SECOND]
    assert await room.after(IDLE) == [timedelta(), SECOND, SECOND + IDLE]
    room.driver.stop()
    await task


async def test_a_driver_that_is_stopped_waits_for_nothing_that_is_expected(room: Room) -> None:
    task = await beating(room)
    room.driver.expect("tick", NOON + 2 * SECOND)
    await settled()
    room.driver.stop()
    await asyncio.wait_for(task, timeout=5)
