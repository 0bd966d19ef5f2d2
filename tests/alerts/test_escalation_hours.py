"""Steps and policies that are for some hours only, in a zone: who is paged outside them, and when they begin."""

from dataclasses import replace
from datetime import datetime, time

import pytest

from alerts.draft import Context
from alerts.escalation import DEFAULT_WAIT, Call, Policy, Step, Target, call, put_off
from alerts.override import NOTHING_POSTED
from alerts.steps import StepCause, StepMoved
from probes.hours import WORKING_DAYS, Calendar, Opening
from tests.alerts.shift import FIRST, Shift
from tests.cast import (
    ACME,
    ALBA,
    BOSS,
    BRUNO,
    CARLA,
    CONTEXT,
    DIEGO,
    DUNE,
    FIRST_LINE,
    MINUTE,
    NOON,
    SECOND_LINE,
    WEEKLY,
    after,
    late,
    roster_of,
)

MADRID = "Europe/Madrid"
OFFICE = Calendar(name="office", zone=MADRID, week=(Opening(days=WORKING_DAYS, opens=time(9), closes=time(18)),))
"""In March Madrid is an hour ahead of UTC; `NOON` is a Wednesday."""


def paging(policy: Policy, step: int, now: datetime = NOON) -> Call:
    return call(policy, step, NOTHING_POSTED, now)


@pytest.fixture
def shift() -> Shift:
    return Shift()


def with_policies(*policies: Policy) -> Context:
    known = {one.name: one for one in (FIRST_LINE, SECOND_LINE, *policies)}
    return replace(CONTEXT, roster=roster_of(*known.values()))


def moves(shift: Shift) -> list[StepCause]:
    """What moved the next step, in order."""
    return [event.cause for event in shift.timelines[FIRST] if isinstance(event, StepMoved)]


@pytest.mark.answers("grafana/oncall#174")
def test_what_is_not_severe_waits_in_silence_for_working_hours_in_its_zone(shift: Shift) -> None:
    shift.context = with_policies(replace(SECOND_LINE, hours=OFFICE))
    night = after(hours=10)
    shift.sees(night, late(DUNE, at=night))
    assert shift.pages() == []
    assert shift.only.next_due == after(hours=20), "nine o'clock in Madrid"
    assert moves(shift) == [StepCause.OUT_OF_HOURS]
    shift.waits(after(hours=19, minutes=59))
    assert shift.pages() == []
    shift.waits(after(hours=20))
    assert shift.pages() == ["diego"]


def test_what_waits_for_working_hours_pages_at_once_when_it_becomes_severe(shift: Shift) -> None:
    shift.context = with_policies(replace(SECOND_LINE, hours=OFFICE))
    night = after(hours=10)
    shift.sees(night, late(DUNE, at=night))
    shift.sees(night + MINUTE, late(ACME, at=night + MINUTE))
    assert shift.pages() == ["alba"]


def test_outside_its_hours_a_policy_gives_way_to_its_variant_and_that_one_is_kept(shift: Shift) -> None:
    night_line = Policy(name="night", steps=(Step(person=BRUNO), Step(person=CARLA)), people=(), catch_all=BOSS)
    shift.context = with_policies(replace(FIRST_LINE, hours=OFFICE, otherwise="night"), night_line)
    night = after(hours=19, minutes=58)
    shift.sees(night, late(ACME, at=night))
    shift.waits(night + DEFAULT_WAIT)
    assert shift.pages() == ["bruno", "carla"], "it is day by now, but a running escalation keeps its policy"


def test_a_step_outside_its_hours_is_passed_over_or_waits_or_pages_somebody_else() -> None:
    night = after(hours=10)
    passed = replace(FIRST_LINE, steps=(Step(person=CARLA, hours=OFFICE), Step(person=DIEGO)))
    assert put_off(passed, 0, NOON) is None
    moved = put_off(passed, 0, night)
    assert moved is not None
    assert (moved.step, moved.until) == (1, night)
    waits = put_off(replace(passed, steps=(Step(person=CARLA, hours=OFFICE, waits=True),)), 0, night)
    assert waits is not None
    assert (waits.step, waits.until) == (0, after(hours=20))
    instead = replace(passed, steps=(Step(person=CARLA, hours=OFFICE, instead=Target(schedule=WEEKLY)),))
    assert put_off(instead, 0, night) is None
    assert (paging(instead, 0, night).people, paging(instead, 0, NOON).people) == (
        (ALBA,),
        (CARLA,),
    )


def test_where_no_step_applies_at_this_hour_the_catch_all_is_paged(shift: Shift) -> None:
    steps = (Step(person=CARLA, hours=OFFICE), Step(person=DIEGO, hours=OFFICE))
    shift.context = with_policies(replace(FIRST_LINE, steps=steps))
    night = after(hours=10)
    shift.sees(night, late(ACME, at=night))
    assert shift.pages() == ["boss"]
    assert moves(shift) == [StepCause.PASSED_OVER] * 2


def test_hours_that_never_come_hold_nobody_up() -> None:
    never = replace(OFFICE, week=())
    assert put_off(replace(FIRST_LINE, hours=never), 0, NOON) is None
