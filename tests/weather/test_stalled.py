"""A tick that does not come to its end: readiness and the heartbeat say so, and all goes on once it does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from monitor.application import STALLED
from monitor.loops.keeping import HEARTBEAT_EVERY
from monitor.store import StoreThread
from tests.stories.day import Day, a_day, leisurely

pytestmark = pytest.mark.story


async def breath() -> None:
    """Let tasks and threads do what they can do at this instant."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.03):
            await asyncio.Event().wait()


async def pass_by(day: Day, time: timedelta) -> None:
    """Let time pass for a driver that runs by itself, as it does in the process."""
    until = day.clock.now() + time
    while day.clock.now() < until:
        await day.clock.set(day.clock.now() + timedelta(seconds=2))
        await breath()


def heard(day: Day) -> list[datetime]:
    """Return the instants at which the heartbeat is sent from now on."""
    beats: list[datetime] = []

    async def beat() -> None:
        beats.append(day.clock.now())

    day.application.keeping.heartbeat = beat
    return beats


async def test_the_heartbeat_is_sent_once_a_minute_after_a_full_pass_of_every_tick(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely, thread=StoreThread) as day:
        beats = heard(day)
        await day.advance(minutes=3)
        gaps = [later - earlier for earlier, later in pairwise(beats)]
        assert len(beats) >= 3
        assert all(HEARTBEAT_EVERY <= gap <= HEARTBEAT_EVERY + timedelta(seconds=15) for gap in gaps)


@contextmanager
def hanging(day: Day) -> Iterator[None]:
    """Let a write hang until the end of the block, also where that comes early."""
    disk = Event()
    day.application.thread._writer.submit(disk.wait)
    try:
        yield
    finally:
        disk.set()


@pytest.mark.answers("constructorfabric/insight#2413")
async def test_while_a_write_hangs_ticks_stall_readiness_fails_and_no_heartbeat_is_sent(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely, thread=StoreThread) as day:
        beats = heard(day)
        day.application.driver.spawn(day.application.driver.run())
        await pass_by(day, timedelta(seconds=90))
        assert day.application.ready() == (True, "ready")
        assert beats

        stopped = day.clock.now()
        with hanging(day):
            await pass_by(day, STALLED / 2)
            assert day.application.ready()[0], "not every pause is a stall"
            await pass_by(day, timedelta(minutes=2))
            ready, reason = day.application.ready()
            assert not ready
            assert "overdue" in reason
            assert [at for at in beats if at > stopped] == []

        await pass_by(day, timedelta(seconds=90))
        assert day.application.ready() == (True, "ready")
        assert [at for at in beats if at > stopped]
        day.application.driver.stop()
