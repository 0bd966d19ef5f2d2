"""Gaps are what no minute of a walk finds somebody in, within the hours of the contracts that depend on a schedule."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from alerts.calendar import is_open
from alerts.coverage import all_gaps, dependents, gaps
from alerts.escalation import Policy, Step
from alerts.oncall import Board, Schedule, on_call
from alerts.override import Override, OverrideId
from alerts.restriction import Hours
from probes.hours import BUILT_IN, at_home
from tests.cast import (
    ALBA,
    BOSS,
    BRUNO,
    CATALOG,
    CLIENTS,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    PLATINUM,
    WEEKLY,
    catalog_of,
    roster_of,
)

OFFICE = replace(WEEKLY.rotations[0], only=(Hours(weekdays=(0, 1, 2, 3, 4), start=time(8), end=time(20)),))
DAYS = Schedule(name="weekly", rotations=(OFFICE,))
POLICY = Policy(name="first-line", steps=(Step(schedule=DAYS),), people=(ALBA, BRUNO), catch_all=BOSS)
SECOND = Policy(name="second-line", steps=(Step(person=BOSS),), people=(), catch_all=BOSS)
ROSTER = replace(roster_of(POLICY, SECOND), schedules={"weekly": DAYS})


@pytest.mark.parametrize("calendar", ["24x7", "16x7", "business"])
def test_gaps_are_exactly_the_minutes_at_which_a_contract_counts_and_nobody_is_on_call(calendar: str) -> None:
    tier = replace(PLATINUM, sla=replace(PLATINUM.sla, hours=BUILT_IN[calendar]))
    clients = {name: one for name, one in CLIENTS.items() if one.tier == tier.id}
    catalog = catalog_of(clients, (tier,))
    end = NOON + 6 * DAY
    found = gaps(DAYS, Board(), dependents("weekly", catalog, ROSTER), NOON, end)
    zones = [at_home(BUILT_IN[calendar], one.timezone) for one in clients.values()]
    for minute in range(0, 6 * 24 * 60, 7):
        at = NOON + minute * MINUTE
        counts = any(is_open(zone, at) for zone in zones)
        empty = not on_call(DAYS, Board(), at)
        assert any(gap.start <= at < gap.end for gap in found) == (counts and empty), at


def test_a_gap_says_whom_it_concerns_and_whether_anything_is_promised() -> None:
    (first, *_) = all_gaps(CATALOG, ROSTER, Board(), NOON, NOON + 7 * DAY)
    assert (first.start, first.end) == (NOON + 7 * HOUR, NOON + 19 * HOUR)
    assert (first.tiers, first.clients, first.promised) == (("platinum",), ("acme", "boreal"), True)


def test_an_override_can_fill_a_gap_and_make_one() -> None:
    night = Override(
        id=OverrideId("1"),
        schedule="weekly",
        start=NOON,
        end=NOON + DAY,
        person=BOSS.id,
        instead_of=None,
        by="",
        why="",
        created=NOON,
    )
    filled = all_gaps(CATALOG, ROSTER, Board(overrides=(night,)), NOON, NOON + DAY)
    assert filled == ()
    nobody = replace(night, person=None, instead_of=ALBA.id)
    whole = replace(ROSTER, schedules={"weekly": WEEKLY})
    (made,) = all_gaps(CATALOG, whole, Board(overrides=(nobody,)), NOON, NOON + 2 * DAY)
    assert made.end - made.start == timedelta(days=1)


def test_a_schedule_that_always_has_somebody_has_no_gap() -> None:
    assert all_gaps(CATALOG, replace(ROSTER, schedules={"weekly": WEEKLY}), Board(), NOON, NOON + 365 * DAY) == ()
