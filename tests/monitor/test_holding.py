"""What may wait to be written: only what a process that starts again would not miss."""

import asyncio
from datetime import timedelta

import pytest

from alerts.uptime import HourCount
from monitor.changes import Act, Changes
from monitor.clock import SettableClock
from monitor.holding import FORGIVEN, HELD, Held
from probes.budget import Balance
from probes.failure import FailureClass
from probes.tracked import BookChange
from tests.cast import BILLING, INVOICES, NOON, SECOND, after
from tests.monitor.test_desk import look, room

GOOD = HourCount(system=BILLING, hour=NOON, good=1)
GOOD_LOOK = Changes(looks=(GOOD,))


def test_good_looks_wait_and_add_up_and_are_written_after_five_seconds_with_what_comes() -> None:
    held = Held()
    assert held.hold(GOOD_LOOK, NOON)
    assert held.hold(GOOD_LOOK, NOON + SECOND)
    assert not held.hold(GOOD_LOOK, NOON + HELD)
    assert held.whole(GOOD_LOOK).looks == (HourCount(system=BILLING, hour=NOON, good=3),)
    held.written()
    assert held.whole(GOOD_LOOK) == GOOD_LOOK


def test_a_clock_that_is_put_back_lets_nothing_wait_longer() -> None:
    held = Held()
    assert held.hold(GOOD_LOOK, NOON)
    assert held.overdue(NOON - SECOND)


@pytest.mark.parametrize(
    "changes",
    [
        Changes(),
        Changes(looks=(HourCount(system=BILLING, hour=NOON, bad=1),)),
        Changes(looks=(GOOD, HourCount(system=BILLING, hour=NOON, unknown=1))),
        Changes(looks=(GOOD,), acts=(Act(at=NOON, actor="ada", action="reload", subject="configuration"),)),
        Changes(looks=(GOOD,), books=(BookChange(flow=INVOICES.id, settled=("one",), at=NOON),)),
        Changes(looks=(GOOD,), balances={BILLING: Balance(not_before=NOON)}),
        Changes(looks=(GOOD,), balances={BILLING: Balance(tats=(NOON + 2 * FORGIVEN,))}),
    ],
    ids=["nothing", "failure", "unknown", "act", "record", "throttled", "quota"],
)
def test_what_would_be_missed_does_not_wait(changes: Changes) -> None:
    assert not Held().hold(changes, NOON)


def test_a_quota_that_is_paid_by_the_time_of_a_restart_and_how_far_a_list_was_read_may_wait() -> None:
    covered = BookChange(flow=INVOICES.id, source_covered=NOON)
    owed = Balance(tats=(NOON + FORGIVEN, None))
    assert Held().hold(Changes(looks=(GOOD,), books=(covered,), balances={BILLING: owed}), NOON)


def test_good_looks_are_known_at_once_and_written_with_the_failure_after_them() -> None:
    with room() as here:

        async def day() -> None:
            here.desk.clock = clock = SettableClock(NOON)
            assert await here.desk.looked(look(NOON), NOON)
            assert here.known.indicators
            assert not here.stored().indicators
            await clock.set(after(seconds=2))
            assert await here.desk.looked(look(after(seconds=2), failure=FailureClass.SERVER), after(seconds=2))

        asyncio.run(day())
        assert here.stored().indicators == here.known.indicators
        hour = here.store.looks(BILLING, NOON)
        assert (hour.good, hour.bad) == (1, 1)


@pytest.mark.parametrize("ends", [True, False], ids=["a_process_that_ends", "time_that_passes"])
def test_what_waits_is_written_by(ends: bool) -> None:  # noqa: FBT001 - the case's name says which it is
    with room() as here:

        async def day() -> None:
            here.desk.clock = SettableClock(NOON)
            assert await here.desk.looked(look(NOON), NOON)
            if ends:
                await here.desk.settle()
            else:
                await here.desk.time_passed(NOON + HELD + timedelta(milliseconds=1))

        asyncio.run(day())
        assert here.stored().indicators == here.known.indicators
