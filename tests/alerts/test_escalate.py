"""What moves an escalation: acknowledgements for a while, pauses, worse tiers and kinds, clocks, rounds."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import AlertKind, AlertState
from alerts.draft import Context
from alerts.escalate import LONGEST_HOLD, acknowledged, paused
from alerts.escalation import Call, Policy, Step, call
from alerts.override import NOTHING_POSTED
from alerts.steps import EscalationPaused, StepCause, StepMoved
from probes.hours import WORKING_DAYS, Calendar, Opening
from tests.alerts.shift import FIRST, Shift
from tests.cast import (
    ACME,
    ALBA,
    BOSS,
    CARLA,
    COBALT,
    CONTEXT,
    DIEGO,
    DUNE,
    ERP,
    FIRST_LINE,
    HOUR,
    MINUTE,
    NOON,
    SECOND_LINE,
    after,
    late,
    roster_of,
    system_alert,
)
from tests.examples import examples

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


def takes(shift: Shift, minutes: float, by: str = "alba", length: timedelta | None = None) -> None:
    shift.acknowledges(after(minutes=minutes), by, length=length)


# Rounds.


@pytest.mark.parametrize(("repeat", "told"), [(0, ["alba", "carla", "boss"]), (1, ["alba", "carla"] * 2 + ["boss"])])
def test_steps_are_gone_through_so_often_before_the_catch_all(repeat: int, told: list[str]) -> None:
    policy = replace(FIRST_LINE, repeat=repeat)
    paged = [paging(policy, step).people[0].id for step in range(len(told))]
    assert paged == told
    assert paging(policy, len(told), NOON).next_due is None


def test_until_acknowledged_the_rounds_have_no_end_and_each_tells_the_catch_all() -> None:
    policy = replace(FIRST_LINE, until_acknowledged=True)
    assert [paging(policy, step).people[0].id for step in range(7)] == [
        *("alba", "carla", "boss"),
        *("alba", "carla", "boss"),
        "alba",
    ]
    assert all(paging(policy, step, NOON).next_due is not None for step in range(7))


@pytest.mark.answers("grafana/oncall#1931", "grafana/oncall#1187", "grafana/oncall#4654", "grafana/oncall#934")
def test_an_escalation_goes_on_from_its_step_and_never_begins_anew_or_runs_in_a_circle(shift: Shift) -> None:
    shift.context = with_policies(replace(FIRST_LINE, repeat=1))
    shift.sees(NOON, late(ACME))
    for minute in range(1, 60):
        shift.waits(after(minutes=minute))
        shift.sees(after(minutes=minute), late(ACME, at=after(minutes=minute)))
    assert shift.pages() == ["alba", "carla", "alba", "carla", "boss"]


# Acknowledged for a while.


def test_an_acknowledgement_that_runs_out_goes_on_from_the_step_it_was_at_and_says_so(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    takes(shift, 1, length=30 * MINUTE)
    shift.waits(after(minutes=30))
    assert shift.pages() == ["alba"]
    messages = shift.waits(after(minutes=31))
    assert shift.pages() == ["alba", "carla"]
    assert moves(shift) == [StepCause.LAPSED]
    assert shift.reasons()[-1] == "lapsed"
    assert any("has run out" in message.body for message in messages if message.recipient == "carla")
    assert not shift.only.held
    shift.waits(after(minutes=33))
    assert shift.pages() == ["alba", "carla", "boss"]


def test_under_an_acknowledgement_that_moves_something_nobody_else_is_paged(shift: Shift) -> None:
    shift.sees(NOON, late(ACME), late(COBALT))
    takes(shift, 1, length=10 * MINUTE)
    shift.sees(after(minutes=5), late(COBALT, AlertState.RESOLVED, after(minutes=5)))
    shift.waits(after(minutes=11))
    assert moves(shift) == [StepCause.HELD_ON]
    assert shift.only.held
    shift.waits(after(minutes=20))
    assert shift.pages() == ["alba"]
    shift.waits(after(minutes=21))
    assert shift.pages() == ["alba", "carla"], "nothing moved in its second length"


def test_who_takes_what_has_lapsed_has_it(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    takes(shift, 1, length=10 * MINUTE)
    shift.waits(after(minutes=11))
    takes(shift, 12, by="carla")
    shift.waits(after(minutes=90))
    assert (shift.only.acknowledged_by, shift.only.held) == ("carla", True)
    assert shift.pages() == ["alba", "carla"]


@pytest.mark.parametrize("length", [timedelta(), -MINUTE, LONGEST_HOLD + MINUTE])
def test_nobody_has_an_incident_into_the_past_or_for_ever(shift: Shift, length: timedelta) -> None:
    shift.sees(NOON, late(ACME))
    with pytest.raises(ValueError, match="within the next"):
        acknowledged(shift.only, "alba", NOON, until=NOON + length)
    with pytest.raises(ValueError, match="within the next"):
        paused(shift.only, "alba", NOON + length, "a change is under way", NOON)


# Worse than what was acknowledged.


def test_an_acknowledgement_of_one_tier_does_not_silence_a_later_worse_one(shift: Shift) -> None:
    shift.sees(NOON, late(COBALT))
    takes(shift, 1, by="diego")
    shift.sees(after(minutes=2), late(ACME, at=after(minutes=2)))
    assert shift.pages() == ["diego", "alba"]
    assert shift.reasons()[-1] == "risen"
    assert not shift.only.held
    takes(shift, 3)
    shift.waits(after(minutes=60))
    assert shift.pages() == ["diego", "alba"]


def test_a_lighter_tier_that_joins_does_not_undo_an_acknowledgement(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    takes(shift, 1)
    shift.sees(after(minutes=2), late(COBALT, at=after(minutes=2)))
    shift.waits(after(minutes=60))
    assert shift.pages() == ["alba"]
    assert shift.only.held


def test_a_running_escalation_keeps_the_policy_that_it_began_with(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.context = with_policies(replace(FIRST_LINE, steps=(Step(person=DIEGO),)))
    shift.waits(after(minutes=3))
    assert shift.pages() == ["alba", "carla"]


@pytest.mark.answers("OneUptime/oneuptime#1690")
def test_an_escalation_stops_when_its_incident_ends(shift: Shift) -> None:
    shift.context = with_policies(replace(FIRST_LINE, until_acknowledged=True))
    shift.sees(NOON, late(ACME))
    shift.resolves(after(minutes=1))
    for minute in range(2, 90):
        shift.waits(after(minutes=minute))
    assert shift.pages() == ["alba"]
    assert shift.only.next_due is None


# Pauses.


def test_a_paused_escalation_goes_on_when_the_pause_is_over_and_says_so(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.pauses(after(minutes=1), after(minutes=20))
    shift.waits(after(minutes=19, seconds=59))
    assert shift.pages() == ["alba"]
    shift.waits(after(minutes=20))
    assert shift.pages() == ["alba", "carla"]
    assert (moves(shift), shift.reasons()[-1]) == ([StepCause.PAUSE_OVER], "pause_over")


def test_a_pause_does_not_hold_what_is_worse_than_what_was_paused(shift: Shift) -> None:
    shift.sees(NOON, late(COBALT))
    shift.pauses(after(minutes=1), after(hours=2), "diego")
    shift.sees(after(minutes=5), late(ACME, at=after(minutes=5)))
    assert shift.pages() == ["diego", "alba"]


def test_a_pause_is_on_the_timeline_with_who_and_why(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.pauses(after(minutes=1), after(hours=1))
    (event,) = (one for one in shift.timelines[FIRST] if isinstance(one, EscalationPaused))
    assert (event.by, event.until, event.why) == ("alba", after(hours=1), "a change is under way")


# Clocks.


def test_a_clock_that_is_put_back_makes_no_step_later_than_twice_its_wait(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.waits(after(hours=-1))
    assert moves(shift) == [StepCause.CLOCK_PUT_BACK]
    shift.waits(after(hours=-1, minutes=3))
    assert shift.pages() == ["alba", "carla"]


def test_a_clock_that_is_put_forward_takes_one_step_and_not_all_at_once(shift: Shift) -> None:
    shift.context = with_policies(replace(FIRST_LINE, repeat=3))
    shift.sees(NOON, late(ACME))
    shift.waits(after(hours=24))
    assert shift.pages() == ["alba", "carla"]


@given(
    jump=st.integers(min_value=-500, max_value=0),
    at=st.integers(min_value=1, max_value=9),
    wait=st.integers(min_value=1, max_value=10),
)
@settings(max_examples=25)
def test_wherever_the_clock_is_put_back_to_the_next_step_comes_within_twice_its_wait(
    jump: int, at: int, wait: int
) -> None:
    steps = (Step(person=ALBA, wait=wait * MINUTE), Step(person=CARLA, wait=24 * HOUR))
    shift = Shift(with_policies(replace(FIRST_LINE, steps=steps)))
    shift.sees(NOON, late(ACME))
    for minute in range(1, 2 * wait + 1):
        shift.waits(after(minutes=minute + (jump if minute >= at else 0)))
    assert shift.pages() == ["alba", "carla"]


# Different waits for different people.


@pytest.mark.answers("healthchecks/healthchecks#209")
def test_the_boss_is_told_a_day_later_than_i_am(shift: Shift) -> None:
    steps = (Step(person=ALBA, wait=24 * HOUR), Step(person=BOSS))
    shift.context = with_policies(replace(FIRST_LINE, steps=steps))
    shift.sees(NOON, late(ACME))
    shift.waits(after(hours=23, minutes=59))
    assert shift.pages() == ["alba"]
    shift.waits(after(hours=24))
    assert shift.pages() == ["alba", "boss"]


EVENTS = st.lists(
    st.sampled_from(["see", "see worse", "see credential", "clear", "take", "take a while", "pause", "wait", "back"]),
    max_size=14,
)


@given(EVENTS, st.integers(min_value=1, max_value=40))
@settings(max_examples=examples(40))
def test_whatever_happens_the_fold_stands_and_what_is_not_held_has_a_next_step(what: list[str], minutes: int) -> None:
    shift = Shift(with_policies(replace(FIRST_LINE, until_acknowledged=True, hours=replace(OFFICE, week=None))))
    clock = NOON
    shift.sees(clock, late(COBALT), late(DUNE))
    for one in what:
        clock += minutes * MINUTE * (-1 if one == "back" else 1)
        if not shift.only.open:
            return
        _happens(shift, one, clock)
        incident = shift.only
        assert incident.held or not incident.open or incident.next_due is not None or incident.policy == SECOND_LINE


def _happens(shift: Shift, what: str, at: datetime) -> None:
    match what:
        case "see":
            shift.sees(at, late(DUNE, at=at))
        case "see worse":
            shift.sees(at, late(ACME, at=at))
        case "see credential":
            shift.sees(at, system_alert(ERP, at=at, kind=AlertKind.CREDENTIAL))
        case "clear":
            shift.sees(at, late(COBALT, AlertState.RESOLVED, at))
        case "take":
            shift.acknowledges(at)
        case "take a while":
            shift.acknowledges(at, length=10 * MINUTE)
        case "pause":
            shift.pauses(at, at + 20 * MINUTE)
        case _:
            shift.waits(at)
