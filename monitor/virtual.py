"""Virtual time: steps the ticks of a driver through a clock that is set by hand, in the order of their instants.

A day passes as fast as the machine can decide it, and always in the same order. Stories and replays use it; the running
process never does.
"""

import asyncio
from datetime import datetime

from monitor.clock import SettableClock
from monitor.driver import Driver

BREATH = 0.001
"""Seconds of real time to let threads answer before it is looked again who still waits."""

MOST_AT_ONE_INSTANT = 10_000


class StandStillError(Exception):
    """A tick wants to be called again and again at one instant, so that time cannot pass."""


async def quiet(driver: Driver, clock: SettableClock) -> None:
    """Wait until every task under way has ended or waits for the clock."""
    while len(driver.under_way) > len(clock.asleep):
        await asyncio.wait(driver.under_way, timeout=BREATH, return_when=asyncio.FIRST_COMPLETED)


async def advance(driver: Driver, clock: SettableClock, until: datetime) -> None:
    """Let time pass until an instant, calling each tick when it is due.

    Raises:
        StandStillError: a tick never lets time pass.
    """
    calls, instant = 0, clock.now()
    while True:
        await quiet(driver, clock)
        beat = min(driver.beats.values(), key=lambda one: one.due)
        upcoming = min((beat.due, *clock.asleep))
        if upcoming > until:
            break
        if upcoming > instant:
            calls, instant = 0, upcoming
            await clock.set(upcoming)
        if beat.due <= upcoming:
            calls += 1
            if calls > MOST_AT_ONE_INSTANT:
                raise StandStillError(f"the tick '{beat.name}' does not let {instant} pass")
            await driver.beat_once(beat)
    await clock.set(until)
    await quiet(driver, clock)
