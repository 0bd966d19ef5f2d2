"""Whom a step pages, and that there is always somebody."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.escalation import DEFAULT_WAIT, Call, PageReason, Policy, Step, call
from alerts.oncall import Board
from alerts.override import Override, OverrideId
from tests.cast import (
    ALBA,
    BOSS,
    BRUNO,
    CARLA,
    DAY,
    DIEGO,
    EMPTY,
    FIRST_LINE,
    MINUTE,
    NOBODY,
    NOON,
    PLATINUM,
    SECOND_LINE,
    WEEKLY,
    roster_of,
)


def test_the_first_step_pages_whoever_is_on_call() -> None:
    assert call(FIRST_LINE, 0, Board(), NOON) == Call(
        step=0, people=(ALBA,), reason=PageReason.FIRST, next_due=NOON + 3 * MINUTE
    )
    assert call(FIRST_LINE, 0, Board(), NOON + 7 * DAY).people == (BRUNO,)


def test_the_next_step_says_that_nobody_has_acknowledged() -> None:
    assert call(FIRST_LINE, 1, Board(), NOON) == Call(
        step=1, people=(CARLA,), reason=PageReason.NOT_ACKNOWLEDGED, next_due=NOON + 2 * MINUTE
    )


@pytest.mark.parametrize("step", [2, 3, 99])
def test_an_exhausted_policy_pages_the_catch_all_and_says_why(step: int) -> None:
    assert call(FIRST_LINE, step, Board(), NOON) == Call(
        step=step, people=(BOSS,), reason=PageReason.EXHAUSTED, next_due=None
    )


def test_an_empty_schedule_pages_the_catch_all_says_why_and_goes_on() -> None:
    assert call(EMPTY, 0, Board(), NOON) == Call(
        step=0, people=(BOSS,), reason=PageReason.NOBODY_ON_CALL, next_due=NOON + MINUTE
    )


def test_a_schedule_of_people_who_are_not_known_pages_the_catch_all() -> None:
    strangers = replace(FIRST_LINE, people=())
    assert call(strangers, 0, Board(), NOON).people == (BOSS,)
    assert call(strangers, 0, Board(), NOON).reason is PageReason.NOBODY_ON_CALL


def test_a_policy_without_steps_pages_the_catch_all() -> None:
    assert call(replace(FIRST_LINE, steps=()), 0, Board(), NOON).people == (BOSS,)


def test_a_step_without_a_wait_waits_the_usual_time() -> None:
    policy = replace(FIRST_LINE, steps=(Step(person=CARLA),))
    assert call(policy, 0, Board(), NOON).next_due == NOON + DEFAULT_WAIT


STEPS = st.lists(
    st.sampled_from([Step(person=CARLA), Step(schedule=WEEKLY, wait=MINUTE), Step(schedule=NOBODY), Step()]), max_size=4
)


@given(STEPS, st.integers(min_value=0, max_value=6), st.integers(min_value=0, max_value=60 * 24 * 60))
def test_nobody_on_call_never_means_nobody_told(steps: list[Step], step: int, minutes: int) -> None:
    policy = Policy(name="any", steps=tuple(steps), people=(ALBA, BRUNO, DIEGO), catch_all=BOSS)
    now = NOON + minutes * MINUTE
    called = call(policy, step, Board(), now)
    assert called.people
    assert (called.next_due is None) == (step >= len(steps))
    assert called.next_due is None or called.next_due > now
    assert (BOSS in called.people) == (called.reason in (PageReason.NOBODY_ON_CALL, PageReason.EXHAUSTED))


def test_a_tiers_own_catch_all_is_paged_for_it_and_the_common_one_for_others() -> None:
    roster = roster_of(FIRST_LINE, SECOND_LINE)
    own = roster.policy_of(replace(PLATINUM, catch_all=CARLA.id))
    assert call(own, 99, Board(), NOON).people == (CARLA,)
    assert call(roster.policy_of(PLATINUM), 99, Board(), NOON).people == (BOSS,)


def test_whom_an_override_brings_is_paged_also_where_the_policy_never_heard_of_them() -> None:
    one = Override(
        id=OverrideId("1"),
        schedule="weekly",
        start=NOON,
        end=NOON + MINUTE,
        person=DIEGO.id,
        instead_of=None,
        by="alba",
        why="",
        created=NOON,
    )
    board = Board(overrides=(one,), people={DIEGO.id: DIEGO})
    assert call(FIRST_LINE, 0, board, NOON).people == (DIEGO,)
    assert call(FIRST_LINE, 0, board, NOON + MINUTE).people == (ALBA,)
