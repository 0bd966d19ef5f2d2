"""How busy a client's week is, and when less is no accident."""

from datetime import UTC, datetime, timedelta
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.rhythm import (
    HOURS,
    MOST,
    WEEKS,
    Baseline,
    a_week,
    at_most,
    begin_of,
    final,
    hour_of,
    learned,
    missed,
    place_of,
    silence_limit,
    spread,
    too_low,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FIRST = hour_of(MONDAY)


def steady(count: int, weeks: int = 4, zone: str = "UTC") -> Baseline:
    """A client with the same count in every hour of so many weeks."""
    baseline = Baseline(until=FIRST)
    for hour in range(FIRST, FIRST + weeks * HOURS):
        baseline = learned(baseline, hour, zone, count)
    return baseline


@pytest.mark.parametrize(
    ("at", "zone", "place"),
    [
        (MONDAY, "UTC", 0),
        (MONDAY - timedelta(hours=1), "UTC", 167),
        (MONDAY, "America/New_York", 6 * 24 + 19),
        (MONDAY, "Asia/Kolkata", 5),
        (datetime(2026, 3, 30, 7, tzinfo=UTC), "Europe/Madrid", 9),
        (datetime(2026, 3, 23, 8, tzinfo=UTC), "Europe/Madrid", 9),
    ],
)
def test_an_hour_of_the_week_is_by_the_clients_own_clock_whatever_the_season(
    at: datetime, zone: str, place: int
) -> None:
    assert place_of(hour_of(at), zone) == place


@given(st.integers(0, 10**6))
def test_hours_are_numbered_without_a_gap(hour: int) -> None:
    assert hour_of(begin_of(hour)) == hour
    assert hour_of(begin_of(hour + 1) - timedelta(microseconds=1)) == hour


@given(st.lists(st.integers(0, 100_000), max_size=20), st.integers(0, HOURS - 1))
def test_a_baseline_keeps_the_last_eight_weeks_of_each_hour_and_touches_no_other(counts: list[int], place: int) -> None:
    baseline = Baseline(until=FIRST)
    for week, count in enumerate(counts):
        baseline = learned(baseline, FIRST + place + week * HOURS, "UTC", count)
    assert baseline.weeks(place) == tuple(min(count, MOST) for count in counts[::-1][:WEEKS])
    assert all(baseline.weeks(other) == () for other in range(HOURS) if other != place)


def test_an_hour_of_an_incident_is_passed_over_and_nothing_is_learned_from_it() -> None:
    before = steady(10)
    passed = learned(before, before.until, "UTC", None)
    assert (passed.until, passed.counts) == (before.until + 1, before.counts)


def test_two_weeks_say_nothing_of_what_to_expect() -> None:
    assert a_week(steady(10, weeks=2)) == 0
    assert a_week(steady(10, weeks=3)) == 10 * HOURS
    assert not too_low(0, (100, 100))


@pytest.mark.parametrize(
    ("count", "weeks", "low"),
    [
        (100, (100, 100, 100, 100), False),
        (61, (100, 100, 100, 100), False),
        (59, (100, 100, 100, 100), True),
        (59, (100, 60, 140, 100), False),
        (59, (100, 0, 100, 100), True),
        (0, (9, 9, 9), False),
        (0, (10, 10, 10), True),
        (0, (0, 0, 0, 5), False),
    ],
)
def test_a_low_hour_is_four_scales_below_the_median_or_improbable_by_poisson(
    count: int,
    weeks: tuple[int, ...],
    low: bool,  # noqa: FBT001 - what the table says
) -> None:
    assert too_low(count, weeks) is low


@given(st.integers(0, 60), st.floats(0.01, 50))
def test_poissons_law_adds_up(count: int, mean: float) -> None:
    assert 0 <= at_most(count, mean) <= 1 + 1e-9
    assert at_most(count + 1, mean) >= at_most(count, mean)
    assert at_most(0, mean) == pytest.approx(exp(-mean))


def test_what_is_missed_is_the_expected_rate_over_the_time_without_a_record() -> None:
    baseline = steady(60)
    since = MONDAY + timedelta(weeks=4, minutes=50)
    assert missed(baseline, "UTC", since, since) == 0
    assert missed(baseline, "UTC", since, since + timedelta(minutes=5)) == pytest.approx(5)
    assert missed(baseline, "UTC", since, since + timedelta(hours=2, minutes=20)) == pytest.approx(140)


@given(st.integers(0, 3_000_000), st.integers(0, 3_000_000))
def test_what_is_missed_adds_up_however_the_time_is_cut(first: int, second: int) -> None:
    baseline = learned(steady(7, weeks=3), FIRST + 3 * HOURS + 5, "UTC", 700)
    start = MONDAY + timedelta(weeks=4)
    middle, end = start + timedelta(seconds=first), start + timedelta(seconds=first + second)
    whole = missed(baseline, "UTC", start, end)
    assert whole == pytest.approx(missed(baseline, "UTC", start, middle) + missed(baseline, "UTC", middle, end))


@pytest.mark.parametrize(
    ("week", "budget", "limit"), [(0, 1, 9.21), (100, 1, 9.21), (1_000_000, 1, 13.82), (1_000_000, 0.01, 18.42)]
)
def test_silence_is_judged_by_how_often_chance_may_page_in_a_week(week: float, budget: float, limit: float) -> None:
    assert silence_limit(week, budget) == pytest.approx(limit, abs=0.01)
    assert limit == pytest.approx(max(-log(1e-4), log(max(week, 1) / budget)), abs=0.01)


def test_bursts_make_a_client_slower_to_be_missed_and_even_traffic_does_not() -> None:
    assert spread(steady(100)) == 1
    bursty = Baseline(until=FIRST)
    for place in range(HOURS):
        for count in (20, 180, 60, 140):
            bursty = learned(bursty, FIRST + place, "UTC", count)
    assert spread(bursty) > 10


def test_hours_are_final_once_the_list_was_read_past_their_end() -> None:
    baseline = Baseline(until=FIRST)
    over = MONDAY + timedelta(hours=3)
    assert list(final({FIRST + 1: 7}, baseline, over)) == [(FIRST, 0), (FIRST + 1, 7), (FIRST + 2, 0)]
    assert list(final({}, baseline, over - timedelta(seconds=1))) == [(FIRST, 0), (FIRST + 1, 0)]
