"""The days of a service: what is counted in which, also where clocks change, and what adds up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.calendar import Interval
from alerts.client_view import DISTURBED_BELOW, FAILING_BELOW, Day, DayState, summed
from alerts.uptime import METHOD, HourCount, by_day, days_of, last_days, midnight, span_of
from probes.catalog import SystemId

BILLING, ERP = SystemId("billing"), SystemId("erp")
HOUR = timedelta(hours=1)
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo")


def hours(first: datetime, number: int, system: SystemId = BILLING, **counts: int) -> list[HourCount]:
    return [HourCount(system=system, hour=first + n * HOUR, **counts) for n in range(number)]


@pytest.mark.parametrize(
    ("zone", "day", "long"),
    [
        ("Europe/Madrid", date(2026, 3, 29), 23),
        ("Europe/Madrid", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/New_York", date(2026, 11, 2), 24),
    ],
)
def test_a_day_is_as_long_as_the_clocks_of_its_zone_make_it(zone: str, day: date, long: int) -> None:
    span = span_of(day, zone)
    assert span.length == long * HOUR
    counts = by_day(hours(span.start - 30 * HOUR, 100, good=1), zone)
    assert counts[day][BILLING].good == long


@settings(max_examples=30)
@given(
    zone=st.sampled_from(ZONES),
    first=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    number=st.integers(1, 400),
)
def test_no_look_is_lost_between_days_or_counted_in_two(zone: str, first: datetime, number: int) -> None:
    start = first.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
    counted = hours(start, number, good=2, bad=1, unknown=1, excluded_good=1)
    wanted = last_days(start + number * HOUR, zone, 30)
    days = tuple(days_of(by_day(counted, zone), {BILLING}, (), wanted, zone))
    total = summed(days)
    assert (total.good, total.bad, total.unknown, total.excluded) == (2 * number, number, number, number)
    assert all(midnight(day, zone) < midnight(day + timedelta(days=1), zone) for day in wanted)


def test_the_worse_part_of_a_service_counts_and_nothing_is_an_average() -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    counted = [*hours(noon, 1, good=90, bad=10), *hours(noon, 1, ERP, good=1000), *hours(noon + 24 * HOUR, 1, good=1)]
    counts = by_day(counted, "UTC")
    first, second = days_of(counts, {BILLING, ERP}, (), (date(2026, 3, 4), date(2026, 3, 5)), "UTC")
    assert (first.good, first.bad, second.share) == (90, 10, 1.0)
    assert summed((first, second)).share == 91 / 101


def test_a_day_is_known_by_what_was_counted_and_by_what_disturbed_it() -> None:
    day = date(2026, 3, 4)
    states = {
        Day(day=day): DayState.NO_DATA,
        Day(day=day, unknown=3): DayState.UNSEEN,
        Day(day=day, excluded_good=3): DayState.MAINTENANCE,
        Day(day=day, good=1000): DayState.GOOD,
        Day(day=day, good=1000, bad=1): DayState.GOOD,
        Day(day=day, good=1000, bad=2): DayState.DISTURBED,
        Day(day=day, good=1000, disturbed=HOUR): DayState.DISTURBED,
        Day(day=day, good=90, bad=10): DayState.FAILING,
    }
    assert {one: one.state for one in states} == states


def test_what_disturbed_a_service_is_cut_at_midnight_and_counts_once() -> None:
    night = datetime(2026, 3, 4, 23, tzinfo=UTC)
    twice = (Interval(start=night, end=night + 2 * HOUR), Interval(start=night, end=night + HOUR))
    days = days_of({}, {BILLING}, twice, (date(2026, 3, 4), date(2026, 3, 5)), "UTC")
    assert [one.disturbed for one in days] == [HOUR, HOUR]


def test_the_method_names_the_limits_that_are_used() -> None:
    text = " ".join(METHOD)
    assert f"{DISTURBED_BELOW * 100:g} %" in text
    assert f"{FAILING_BELOW * 100:g} %" in text
