"""Spans that come again stand on the wall clock of their zone, by rules that hold on the days when clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from whenever import Date, Instant

from alerts.recurrence import HORIZON, NeverError, Recurrence, Span, check, next_span, span_at, span_on, spans

SUNDAY = frozenset({6})


def recurrence(begins: str, ends: str, /, zone: str = "Europe/Berlin", **days: frozenset[int]) -> Recurrence:
    """Return a recurrence between two times of day."""
    return Recurrence(zone=zone, begins=time.fromisoformat(begins), ends=time.fromisoformat(ends), **days)


def on(day: str, begins: str, ends: str, zone: str = "Europe/Berlin") -> tuple[str, str]:
    """Return from when to when (UTC) the span of a day is."""
    found = span_on(recurrence(begins, ends, zone), Date(day))
    assert found is not None
    return f"{found.begins:%d %H:%M}", f"{found.ends:%d %H:%M}"


@pytest.mark.answers("TwiN/gatus#1274", "prometheus/alertmanager#5447")
def test_where_an_hour_is_skipped_a_window_begins_and_ends_by_the_wall_clock() -> None:
    # Berlin, 2026-03-29: after 01:59 comes 03:00.
    assert on("2026-03-29", "04:00", "05:00") == ("29 02:00", "29 03:00")
    assert on("2026-03-29", "01:00", "04:00") == ("29 00:00", "29 02:00")
    # 02:30 does not exist: as RFC 5545 says, it is 03:30.
    assert on("2026-03-29", "02:30", "04:00") == ("29 01:30", "29 02:00")
    assert on("2026-03-29", "01:00", "02:30") == ("29 00:00", "29 01:30")


def test_a_window_that_would_be_left_with_nothing_lasts_as_long_as_on_any_other_day() -> None:
    assert on("2026-03-29", "02:00", "03:00") == ("29 01:00", "29 02:00")


def test_of_an_hour_that_comes_twice_a_window_covers_both() -> None:
    # Berlin, 2026-10-25: after 02:59 comes 02:00 again.
    assert on("2026-10-25", "02:00", "03:00") == ("25 00:00", "25 02:00")
    assert on("2026-10-25", "02:15", "02:45") == ("25 00:15", "25 01:45")
    assert on("2026-10-25", "01:00", "04:00") == ("24 23:00", "25 03:00")


def test_a_window_may_end_on_the_next_day() -> None:
    known = recurrence("22:00", "02:00", weekdays=frozenset({5}))
    found = span_at(known, datetime(2026, 11, 29, 0, 30, tzinfo=UTC))
    assert found == Span(begins=datetime(2026, 11, 28, 21, tzinfo=UTC), ends=datetime(2026, 11, 29, 1, tzinfo=UTC))
    assert span_at(known, datetime(2026, 11, 29, 21, 30, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"weekdays": frozenset({1}), "nth": frozenset({2})}, ["2026-01-13", "2026-02-10", "2026-03-10"]),
        ({"weekdays": SUNDAY, "nth": frozenset({-1})}, ["2026-01-25", "2026-02-22", "2026-03-29"]),
        ({"days": frozenset({-1})}, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ({"days": frozenset({31})}, ["2026-01-31", "2026-03-31"]),
        ({"days": frozenset({1}), "months": frozenset({2})}, ["2026-02-01"]),
        ({"weekdays": SUNDAY, "nth": frozenset({1}), "months": frozenset({3})}, ["2026-03-01"]),
    ],
)
def test_a_window_comes_on_the_days_that_it_names(days: dict[str, frozenset[int]], expected: list[str]) -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    found = spans(recurrence("10:00", "11:00", "Europe/Berlin", **days), begin, end)
    assert [f"{one.begins:%Y-%m-%d}" for one in found] == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_a_window_is_on_whenever_the_clock_on_the_wall_stands_in_it(zone: str) -> None:
    known = recurrence("01:30", "03:30", zone)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    while at < datetime(2026, 5, 1, tzinfo=UTC):
        wall = Instant(at).to_tz(zone).to_plain().time().to_stdlib()
        assert (span_at(known, at) is not None) == (time(1, 30) <= wall < time(3, 30))
        at += timedelta(minutes=15)


def test_the_next_window_is_the_first_that_begins_later() -> None:
    known = recurrence("02:00", "04:00", weekdays=SUNDAY)
    found = next_span(known, datetime(2026, 3, 22, 1, 0, tzinfo=UTC))
    assert found is not None
    assert found.begins == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (recurrence("02:00", "04:00", zone="Europe/Nowhere"), "there is no time zone Europe/Nowhere"),
        (recurrence("02:00", "04:00", days=frozenset({31}), months=frozenset({2})), "no day in the next five years"),
    ],
)
def test_a_recurrence_that_never_comes_says_so(wrong: Recurrence, complaint: str) -> None:
    with pytest.raises(NeverError, match=complaint):
        check(wrong, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_leap_day_is_found() -> None:
    known = recurrence("02:00", "04:00", days=frozenset({29}), months=frozenset({2}))
    check(known, datetime(2026, 1, 1, tzinfo=UTC))
    assert date(2026, 1, 1) + timedelta(days=HORIZON) > date(2028, 2, 29)
