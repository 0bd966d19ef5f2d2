"""Failures in a row and the CUSUM beside them: exact run lengths, thresholds from a budget, and what bursts count."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.cusum import (
    CHANCE_FAILURES,
    LEAST_RUN,
    STEP,
    WEEK,
    Cusum,
    Thresholds,
    looked,
    row_length,
    run_length,
    thresholds,
)
from tests.cast import NOON, SECOND
from tests.probes.test_detect import chain, expected_steps

PUBLISHED = {
    1.0: (3.0, 4.0),
    0.9: (3.7, 4.4),
    0.7: (6.4, 5.8),
    0.5: (14, 8.7),
    0.3: (52, 16),
    0.2: (155, 27),
    0.1: (1_110, 86),
    0.05: (8_420, 648),
}


def after_looks(looks: str, before: Cusum | None = None) -> Cusum:
    """Weigh a string of looks a second apart: `x` failed, `.` did not, upper case and `:` for confirming looks."""
    known = before or Cusum()
    for number, look in enumerate(looks):
        known = looked(known, bad=look in "xX", confirming=look in "X:", at=NOON + number * SECOND)
    return known


def alarms(looks: str, limits: Thresholds) -> int:
    """Return how often looks alarm where each alarm begins anew."""
    known, found = Cusum(), 0
    for look in looks:
        known = after_looks(look, known)
        if known.alarmed(limits):
            known, found = Cusum(), found + 1
    return found


@pytest.mark.parametrize("failing", PUBLISHED)
def test_the_run_lengths_are_those_of_the_published_table(failing: float) -> None:
    row, cusum = PUBLISHED[failing]
    assert row_length(failing, 3) == pytest.approx(row, rel=0.02)
    assert run_length(failing, 53) == pytest.approx(cusum, rel=0.02)


@pytest.mark.parametrize("failing", [0.05, 0.2, 0.9])
@pytest.mark.parametrize("level", [1, 14, 15, 30, 53])
def test_the_run_length_equals_the_solution_of_the_whole_chain(level: int, failing: float) -> None:
    def steps(at: float) -> tuple[float, float]:
        return at + STEP, max(0.0, at - 1)

    solved = expected_steps(chain(steps, lambda at: at >= level, failing))
    assert run_length(failing, level) == pytest.approx(solved, rel=1e-6)


def test_at_20_percent_failures_a_fifth_of_the_looks_of_three_in_a_row_suffice_at_the_same_false_alarm_rate() -> None:
    limits = Thresholds()
    assert run_length(CHANCE_FAILURES, limits.level) >= row_length(CHANCE_FAILURES, 3), "not one false alarm more"
    assert run_length(0.2, limits.level) <= row_length(0.2, 3) / 5


def test_several_checks_of_a_minute_have_the_thresholds_of_the_table() -> None:
    limits = thresholds(20 * (WEEK / timedelta(minutes=1)), 1)
    assert (limits.row, limits.level) == (3, 53)
    assert limits == Thresholds()


@pytest.mark.parametrize(("checks", "row", "level"), [(500, 4, 61), (10_000, 5, 74)])
def test_a_larger_fleet_needs_more_evidence_of_each_for_the_same_false_pages_a_week(
    checks: int, row: int, level: int
) -> None:
    looks = checks * (WEEK / timedelta(minutes=1))
    limits = thresholds(looks, 1)
    assert (limits.row, limits.level) == (row, level)
    false = looks / row_length(CHANCE_FAILURES, row) + looks / run_length(CHANCE_FAILURES, level)
    assert false <= 1


@given(st.floats(min_value=1, max_value=1e12), st.floats(min_value=1e-3, max_value=1e3))
def test_both_alarms_together_keep_the_budget_of_any_fleet(looks: float, budget: float) -> None:
    limits = thresholds(looks, budget)
    often = 1 / row_length(CHANCE_FAILURES, limits.row) + 1 / run_length(CHANCE_FAILURES, limits.level)
    assert often <= min(budget / looks, 1 / LEAST_RUN) * (1 + 1e-9)


def test_chance_failures_in_a_simulated_fleet_alarm_no_more_often_than_reckoned() -> None:
    chance = Random(7)
    looks = "".join("x" if chance.random() < CHANCE_FAILURES else "." for _ in range(150_000))
    assert alarms(looks, Thresholds()) <= 3, "0.3 are expected"


@pytest.mark.parametrize(("failing", "most"), [(0.5, 13), (0.3, 20), (0.2, 33), (0.1, 105)])
def test_a_part_that_fails_is_found_in_as_many_looks_as_reckoned(failing: float, most: int) -> None:
    chance, needed = Random(3), []
    for _ in range(150):
        known, number = Cusum(), 0
        while not known.alarmed(Thresholds()):
            known, number = after_looks("x" if chance.random() < failing else ".", known), number + 1
        needed.append(number)
    assert sum(needed) / len(needed) <= most


def test_a_total_outage_is_found_by_the_row_and_a_system_that_fails_now_and_then_by_the_level() -> None:
    assert after_looks("xXX").alarmed(Thresholds())
    assert not after_looks("xX").alarmed(Thresholds())
    assert after_looks("x..x.x..x").alarmed(Thresholds(level=50))
    assert not after_looks("x..x.x..").alarmed(Thresholds(level=40)), "a good look confirms nothing"


def test_a_burst_counts_as_one_look_to_the_level_however_often_it_fails() -> None:
    assert after_looks("xXX").level == after_looks("x").level == STEP
    assert after_looks("x:X:").level == STEP
    assert after_looks("x:X:").bad == 2, "what is said of it has them all"


def test_short_disturbances_that_fail_two_looks_of_a_burst_do_not_add_up_to_an_alarm() -> None:
    disturbed = ("xX::" + "." * 15) * 200
    assert alarms(disturbed, Thresholds()) == 0


def test_the_onset_is_the_failure_at_which_the_level_last_left_0_with_the_good_look_before_it() -> None:
    known = after_looks("..x" + "." * 14 + "x..x")
    assert known.first_bad == NOON + 17 * SECOND
    assert known.good_before == NOON + 16 * SECOND
    assert (known.good, known.bad) == (2, 2)


def test_a_row_begins_at_its_first_failure_whatever_failed_before() -> None:
    known = after_looks("x....xXX")
    assert (known.row_since, known.last_good) == (NOON + 5 * SECOND, NOON + 4 * SECOND)
    assert after_looks("xX.").row_since is None


def test_what_is_held_is_counted_on_until_it_is_let_go() -> None:
    held = Cusum(level=3, good=5, bad=4, first_bad=NOON, held=True)
    assert (after_looks("." * 9, held).good, after_looks("." * 9, held).bad) == (14, 4)
    assert after_looks("." * 9, held).first_bad == NOON


@given(st.text(alphabet="x.X:", max_size=80))
def test_the_level_is_never_below_0_and_at_0_nothing_is_suspected(looks: str) -> None:
    known = after_looks(looks)
    assert known.level >= 0
    assert known.row == len(looks) - len(looks.rstrip("xX"))
    assert known.level == 0 or known.first_bad is not None
