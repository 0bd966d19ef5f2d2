"""Burn rates: the published factors and times, what chance explains, and what is left of a budget."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.burn import SLOW, URGENT, Rule, burns, left, speed, targets_of
from probes.objectives import Availability
from tests.cast import BILLING, CATALOG, CRM, DAY, LEDGER

RULES = (*URGENT, *SLOW)


def promise(target: float, days: int = 30) -> Availability:
    return Availability(target=target, window=days * DAY)


@pytest.mark.parametrize(
    ("days", "factors"), [(30, (14.4, 6, 3, 1)), (28, (13.44, 5.6, 2.8, 0.933)), (7, (3.36, 1.4, 0.7, 0.233))]
)
def test_factors_are_the_part_of_the_budget_times_the_period_by_the_long_window(
    days: int, factors: tuple[float, ...]
) -> None:
    assert [rule.factor(days * DAY) for rule in RULES] == pytest.approx(factors, abs=0.001)
    reached = [rule.reachable(promise(0.999, days)) for rule in RULES]
    assert reached == [factor >= 0.9 for factor in factors], "slower than a budget may burn is not too fast"


@pytest.mark.parametrize(
    ("target", "minutes"),
    [(0.999, (0.86, 2.16, 4.32, 4.32)), (0.995, (4.3, 10.8, 21.6, 21.6)), (0.99, (8.6, 21.6, 43.2, 43.2))],
)
def test_a_total_outage_burns_too_fast_after_the_published_times(target: float, minutes: tuple[float, ...]) -> None:
    times = [rule.allowed(promise(target)) * (rule.long / timedelta(minutes=1)) for rule in RULES]
    assert times == pytest.approx(minutes, rel=0.01)


@pytest.mark.parametrize(("rule", "least"), [(0, 0.9306), (1, 0.8333), (2, 0.6667), (3, 0.0)])
def test_a_burn_rate_beyond_what_looks_can_fail_is_never_reached(rule: int, least: float) -> None:
    assert not RULES[rule].reachable(promise(least - 0.001))
    assert RULES[rule].reachable(promise(least + 0.001))
    assert not burns(RULES[rule], promise(least - 0.001), (0, 1_000), (0, 100))


@pytest.mark.answers("pyrra-dev/pyrra#1925", "pyrra-dev/pyrra#1259")
def test_one_failed_look_of_an_hours_sixty_is_no_page_at_99_9_percent() -> None:
    """By burn rate alone one failed look would do, and page every seventeenth hour."""
    assert URGENT[0].allowed(promise(0.999)) < 1 / 60
    for rule in RULES:
        assert not burns(rule, promise(0.999), (59, 1), (4, 1))
    assert not burns(URGENT[0], promise(0.999), (58, 2), (3, 2))
    assert burns(URGENT[0], promise(0.999), (57, 3), (3, 2))


@pytest.mark.parametrize(
    ("target", "looks", "failures"), [(0.999, 60, 3), (0.999, 120, 4), (0.995, 60, 5), (0.99, 60, 9), (0.9995, 12, 2)]
)
def test_so_many_failures_are_needed_in_an_hour(target: float, looks: int, failures: int) -> None:
    def fired(bad: int) -> bool:
        return burns(URGENT[0], promise(target), (looks - bad, bad), (1, 4))

    assert fired(failures)
    assert not fired(failures - 1)


def test_what_no_longer_fails_in_the_short_window_burns_no_longer() -> None:
    assert not burns(URGENT[0], promise(0.999), (40, 20), (5, 0))


@pytest.mark.answers("vonrobak/fedora-homelab-containers#165")
def test_nine_in_ten_that_fail_for_days_burn_by_every_rule() -> None:
    """A request in two seconds."""
    for rule in RULES:
        looks = rule.long // timedelta(seconds=2)
        assert burns(rule, promise(0.967), (looks // 10, looks - looks // 10), (15, 135))


def test_how_many_times_too_fast_is_the_share_of_failures_by_what_is_allowed() -> None:
    assert speed(promise(0.999), (52, 6)) == pytest.approx(103.4, abs=0.1)
    assert speed(promise(0.999), (0, 0)) == 0


@pytest.mark.answers("slok/sloth#618")
def test_what_is_left_is_reckoned_from_totals_and_may_be_less_than_nothing() -> None:
    """Of a busy hour that was good and a quiet one that was bad, totals are not the mean of ratios."""
    busy, quiet = (9_990, 10), (0, 10)
    together = (busy[0] + quiet[0], busy[1] + quiet[1])
    assert left(promise(0.99), together) == pytest.approx(0.8, abs=0.01)
    assert left(promise(0.999), (9_990, 10)) == pytest.approx(0, abs=1e-9)
    assert left(promise(0.999), (990, 10)) == pytest.approx(-9)


def test_an_objective_that_matched_nothing_has_no_budget_left_to_show() -> None:
    """It does not read as a perfect 100 %."""
    assert left(promise(0.999), (0, 0)) is None
    assert left(promise(0.999), (10, 0)) == 1


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.5, 0.9999), st.sampled_from(RULES))
def test_more_failures_never_burn_more_slowly(good: int, bad: int, target: float, rule: Rule) -> None:
    looks = (good, bad), (good + 1, bad)
    if burns(rule, promise(target), looks[1], (0, 1)):
        assert burns(rule, promise(target), looks[0], (0, 1))


def test_each_system_has_the_targets_of_the_tiers_that_its_failure_hurts() -> None:
    found = {system: [one.tier for one in targets] for system, targets in targets_of(CATALOG).items()}
    assert (found[BILLING], found[LEDGER], found[CRM]) == (["gold", "platinum"], ["gold"], [])
