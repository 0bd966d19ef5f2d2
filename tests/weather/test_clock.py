"""Our clock jumps by an hour while the vendors' stay right: nothing is resolved by it, and nothing falls over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SettableClock, SystemClock
from monitor.sandbox.faults import Fault
from monitor.sandbox.world import World
from probes.failure import Outcome
from tests.stories.day import MORNING, Day, a_day

HOUR = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class Vendors:
    """The vendors' clock, which is right: ours, less what ours has jumped by."""

    clock: SettableClock
    jumped: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the right time."""
        return self.clock.now() - self.jumped


@asynccontextmanager
async def a_day_with_a_clock(folder: Path) -> AsyncIterator[tuple[Day, Vendors]]:
    """Begin a day whose vendors have a clock of their own."""
    vendors = Vendors(clock=SettableClock(MORNING))
    world = World(now=vendors.now, started=MORNING)
    async with a_day(folder, clock=vendors.clock, world=world) as day:
        yield day, vendors


async def jump(day: Day, vendors: Vendors, by: timedelta) -> None:
    """Put our clock forward or back."""
    vendors.jumped += by
    await day.clock.set(day.clock.now() + by)
    # No tick of the process waits longer than it would have without the jump: the system clock sees to that.
    day.application.driver.wake(*day.application.driver.beats)


def failures(day: Day) -> int:
    """Return how many ticks have failed."""
    return sum(beat.failures for beat in day.application.driver.beats.values())


@pytest.mark.story
@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["ahead", "back"])
async def test_a_clock_that_jumps_in_mid_incident_resolves_nothing_and_breaks_nothing(
    tmp_path: Path, by: timedelta
) -> None:
    async with a_day_with_a_clock(tmp_path) as (day, vendors):
        await day.advance(seconds=30)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(seconds=45)
        assert len(day.incidents) == 1
        await jump(day, vendors, by)
        await day.advance(minutes=1.5)
        (incident,) = day.incidents
        assert incident.open
        assert failures(day) == 0
        last = [sight.last for sight in day.application.situation.sights.values()]
        assert {look.outcome for look in last if look} == {Outcome.GOOD}, last
        assert all(look and day.clock.now() - look.answered < timedelta(seconds=10) for look in last)
        day.mends(Fault.ERP_STOPPED)
        # And it is over when the data has caught up.
        await day.advance_until(lambda: not day.incidents[0].open, minutes=2.5)
        assert len(day.incidents) == 1


@pytest.mark.story
async def test_a_clock_that_is_put_back_in_good_times_pages_nobody_and_what_breaks_then_is_found(
    tmp_path: Path,
) -> None:
    async with a_day_with_a_clock(tmp_path) as (day, vendors):
        await day.advance(minutes=1)
        await jump(day, vendors, -HOUR)
        await day.advance(minutes=1)
        assert day.incidents == []
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(minutes=1)
        (incident,) = day.incidents
        assert incident.tier == "platinum"


class PutBack(SystemClock):
    """The system's clock, an hour behind from the second time it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def now(self) -> datetime:
        """Return the time."""
        self.reads += 1
        return super().now() - (HOUR if self.reads > 2 else timedelta())


async def test_nobody_waits_an_hour_longer_because_the_clock_was_put_back_by_one() -> None:
    clock, right = PutBack(), SystemClock()
    begun = right.now()
    await clock.sleep_until(clock.now() + timedelta(milliseconds=200))
    assert timedelta(milliseconds=190) < right.now() - begun < timedelta(seconds=5)
