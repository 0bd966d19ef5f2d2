"""When a probe looks next: on its grid, at once to confirm a suspicion, and not before its quota allows."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from monitor.clock import SettableClock
from monitor.desk import Desk
from monitor.driver import Driver
from monitor.loops.looking import Looking
from monitor.secrets import Secrets
from monitor.situation import Situation
from probes.adapters.http import Transport
from probes.budget import FLIGHT, Balance, Quota, Window
from probes.catalog import SystemId
from probes.failure import FailureClass, Outcome
from probes.schedule import APART
from tests.monitor.loops.fleet import AMPLE, NOW, PAYMENTS_PROBE, REFUNDS_PROBE, observation, situation

HUNG = observation(Outcome.BAD, FailureClass.TIMEOUT)


@dataclass
class Room:
    """A desk that only knows the situation: planning the next look asks for no more."""

    situation: Situation


class Planner:
    """A tick that plans, without anything to look with."""

    def __init__(self, quota: Quota = AMPLE) -> None:
        self.here = situation(quota)
        self.clock = SettableClock(NOW)
        self.driver = Driver(self.clock)
        self.waits: list[timedelta] = []
        desk, wire = cast("Desk", Room(self.here)), cast("Transport", None)
        self.looking = Looking(desk, self.driver, wire, Secrets({}), lambda _, wait: self.waits.append(wait))

    async def ended(self, seconds: float, *, confirming: bool) -> datetime:
        """Let a hung look end after so many seconds; return when the next is due."""
        await self.clock.set(self.clock.now() + timedelta(seconds=seconds))
        sight = self.here.sights[PAYMENTS_PROBE]
        self.looking._plan(sight, replace(HUNG, answered=self.clock.now(), confirming=confirming))
        return sight.next_due

    def held(self, late: timedelta) -> list[datetime | None]:
        """Return until when each of two looks that are late by so much is held, None where it begins."""
        for sight in self.here.sights.values():
            sight.next_due = NOW - late
        ahead: dict[SystemId, Balance] = {}
        due = self.looking._due(NOW)
        return [sight.held if self.looking._holds(sight, ahead, NOW) else None for sight in due]


async def test_confirming_looks_that_hang_follow_each_other_at_once() -> None:
    planner = Planner()
    assert await planner.ended(10, confirming=False) == planner.clock.now() + APART
    assert await planner.ended(11, confirming=True) == planner.clock.now()
    assert await planner.ended(10, confirming=True) == planner.clock.now()
    assert await planner.ended(10, confirming=True) > planner.clock.now()


def test_of_two_looks_that_are_due_and_one_that_is_allowed_the_second_waits_and_says_how_long() -> None:
    planner = Planner(replace(AMPLE, concurrent=1))
    assert planner.held(timedelta()) == [None, NOW + FLIGHT]
    assert planner.waits == [FLIGHT]
    assert planner.held(timedelta()) == [None, NOW + FLIGHT]
    assert planner.waits == [FLIGHT]


def test_a_look_that_would_be_an_interval_late_waits_no_longer_and_is_seen_to_be_skipped() -> None:
    planner = Planner(replace(AMPLE, concurrent=1))
    assert planner.held(timedelta(seconds=31)) == [None, None]


async def test_a_look_that_ends_in_an_error_of_ours_is_not_made_again_at_once() -> None:
    planner = Planner()
    planner.driver.add("looks", planner.looking.tick)
    for sight in planner.here.sights.values():
        sight.next_due = NOW
    await planner.looking.tick(NOW)  # there is no wire to send anything on
    await planner.driver.idle()
    assert all(sight.next_due > NOW and not sight.under_way for sight in planner.here.sights.values())


def test_what_no_quota_ever_allows_is_not_waited_for() -> None:
    """The wait of a request that is never granted is longer than any instant can be moved by."""
    planner = Planner(Quota(windows=(Window(limit=1, period=timedelta(days=365)),), share=0.001))
    planner.held(timedelta())
    assert planner.held(timedelta()) == [None, None]


def test_a_look_that_confirms_a_suspicion_comes_before_those_that_are_merely_late() -> None:
    planner = Planner()
    planner.here.sights[PAYMENTS_PROBE].next_due = NOW - timedelta(hours=1)
    planner.here.sights[REFUNDS_PROBE].next_due = NOW
    assert [sight.probe.id for sight in planner.looking._due(NOW)] == [PAYMENTS_PROBE, REFUNDS_PROBE]
    planner.here.sights[REFUNDS_PROBE].burst = (NOW,)
    assert [sight.probe.id for sight in planner.looking._due(NOW)] == [REFUNDS_PROBE, PAYMENTS_PROBE]
