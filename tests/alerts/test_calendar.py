"""Calendars: what is open when, over weekends, holidays and clock changes, against a count of each minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.calendar import HORIZON, Interval, due, elapsed, is_open, next_opening, openings, total, without
from probes.hours import ALWAYS, BUILT_IN, EVERY_DAY, WORKING_DAYS, Calendar, Opening, at_home, settled
from tests.alerts.minutes import open_minutes
from tests.trials import examples

MADRID, NEW_YORK = "Europe/Madrid", "America/New_York"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFFICE = Calendar(
    name="office", zone="Europe/Berlin", week=(Opening(days=WORKING_DAYS, opens=time(8), closes=time(18)),)
)


def utc(*at: int) -> datetime:
    return datetime(*at, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_around_the_clock_counts_what_passed() -> None:
    assert elapsed(ALWAYS, utc(2026, 10, 24), utc(2026, 10, 26)) == 48 * HOUR
    assert due(BUILT_IN["24x7"], utc(2026, 10, 24), 49 * HOUR) == utc(2026, 10, 26, 1)


def test_what_begins_on_friday_evening_goes_on_counting_on_monday() -> None:
    assert due(OFFICE, utc(2026, 11, 27, 16), 2 * HOUR) == utc(2026, 11, 30, 8)
    assert elapsed(OFFICE, utc(2026, 11, 27, 16), utc(2026, 11, 30, 6, 59)) == HOUR


def test_a_target_that_is_reached_as_it_closes_is_due_then_and_not_when_it_opens_again() -> None:
    assert due(OFFICE, utc(2026, 11, 27, 15), 2 * HOUR) == utc(2026, 11, 27, 17)


@pytest.mark.answers(
    "osTicket/osTicket#2131", "chatwoot/chatwoot#13392", "glpi-project/glpi#687", "glpi-project/glpi#14937"
)
def test_christmas_and_the_weekend_do_not_count() -> None:
    """24 December 2026 at 16:00 in Berlin and 4 working hours: the 25th and 26th are holidays, the 27th is a Sunday."""
    calendar = Calendar(name="office", zone="Europe/Berlin", week=OFFICE.week, country="DE")
    assert due(calendar, utc(2026, 12, 24, 15), 4 * HOUR) == utc(2026, 12, 28, 9)


def test_a_day_that_is_said_to_be_closed_is_closed_also_after_midnight() -> None:
    night = Opening(days=EVERY_DAY, opens=time(22), closes=time(6))
    calendar = Calendar(name="night", zone="UTC", week=(night,), closed=("2026-03-04",))
    assert not is_open(calendar, utc(2026, 3, 5, 3))
    assert is_open(calendar, utc(2026, 3, 4, 3))
    assert next_opening(calendar, utc(2026, 3, 4, 7)) == utc(2026, 3, 5, 22)


def test_it_is_open_at_the_instant_at_which_it_opens_and_not_when_it_closes() -> None:
    assert is_open(OFFICE, utc(2026, 11, 30, 7))
    assert not is_open(OFFICE, utc(2026, 11, 30, 17))


def test_hours_are_those_of_the_clients_zone_where_the_calendar_has_none() -> None:
    sixteen = BUILT_IN["16x7"]
    (madrid,) = openings(at_home(sixteen, MADRID), utc(2026, 7, 1), utc(2026, 7, 1, 23))
    assert (madrid.start, madrid.end) == (utc(2026, 7, 1, 4), utc(2026, 7, 1, 20))
    assert at_home(OFFICE, MADRID) == OFFICE


def test_the_hour_that_comes_twice_counts_twice_and_the_one_that_is_skipped_not_at_all() -> None:
    all_day = Calendar(name="days", zone=NEW_YORK, week=(Opening(days=EVERY_DAY, opens=time(), closes=time()),))
    assert elapsed(all_day, utc(2026, 11, 1, 4), utc(2026, 11, 2, 5)) == 25 * HOUR
    assert [one.length for one in openings(all_day, utc(2026, 3, 8, 5), utc(2026, 3, 9, 4))] == [23 * HOUR]
    small = Calendar(name="small", zone=NEW_YORK, week=(Opening(days=EVERY_DAY, opens=time(), closes=time(3)),))
    assert elapsed(small, utc(2026, 11, 1, 4), utc(2026, 11, 1, 12)) == 4 * HOUR
    assert elapsed(small, utc(2026, 3, 8, 4), utc(2026, 3, 8, 12)) == 2 * HOUR


def test_a_calendar_that_never_opens_is_due_at_the_horizon() -> None:
    start = utc(2026, 1, 1)
    assert due(Calendar(name="never", week=()), start, HOUR) == start + HORIZON


def test_holidays_that_are_written_into_a_contract_do_not_change_with_the_package() -> None:
    calendar = Calendar(name="office", zone="Europe/Berlin", week=OFFICE.week, country="DE")
    kept = settled(calendar, date(2026, 12, 1))
    assert "2026-12-25" in kept.closed
    moved = Calendar(**{**{name: getattr(kept, name) for name in kept.__slots__}, "country": "US"})
    span = utc(2026, 12, 1), utc(2027, 3, 1)
    assert list(openings(moved, *span)) == list(openings(calendar, *span))
    assert settled(kept, date(2027, 6, 1)) == kept


ZONES = (MADRID, NEW_YORK, "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata", "America/Santiago", "UTC")
# The weeks around clock changes of those zones, and one of a year's end.
WEEKS = (utc(2026, 3, 6), utc(2026, 3, 27), utc(2026, 4, 3), utc(2026, 9, 4), utc(2026, 10, 23), utc(2026, 12, 30))
WALLS = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30)))
HOURS = st.builds(Opening, days=st.frozensets(st.integers(0, 6), min_size=1), opens=WALLS, closes=WALLS)
CALENDARS = st.builds(
    Calendar,
    name=st.just("random"),
    zone=st.sampled_from(ZONES),
    week=st.none() | st.lists(HOURS, min_size=1, max_size=3).map(tuple),
    country=st.none() | st.sampled_from(("DE", "ES-MD", "US")),
    closed=st.sampled_from(((), ("2026-10-26",), ("2026-12-31", "2026-03-29"))),
)
STARTS = st.builds(lambda week, minutes: week + minutes * MINUTE, st.sampled_from(WEEKS), st.integers(0, 4 * 24 * 60))


@pytest.mark.trials
@examples(25, 2000)
@given(CALENDARS, STARTS, st.integers(0, 3 * 24 * 60))
def test_a_calendar_counts_each_open_minute_once(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = start + minutes * MINUTE
    found = list(openings(calendar, start, end))
    assert total(found) == elapsed(calendar, start, end) == len(open_minutes(calendar, start, end)) * MINUTE
    assert all(one.end < other.start for one, other in pairwise(found))


@pytest.mark.trials
@examples(25, 2000)
@given(CALENDARS, STARTS, st.integers(1, 12 * 60))
def test_what_is_due_is_due_when_so_many_minutes_were_open(calendar: Calendar, start: datetime, minutes: int) -> None:
    at, target = due(calendar, start, minutes * MINUTE), minutes * MINUTE
    if at < start + HORIZON:
        assert elapsed(calendar, start, at) == target
        assert elapsed(calendar, start, at - MINUTE) < target


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 30)).map(
        lambda pair: Interval(start=utc(2026, 1, 1) + pair[0] * MINUTE, end=utc(2026, 1, 1) + sum(pair) * MINUTE)
    ),
    max_size=5,
)


def _minutes(intervals: list[Interval]) -> set[int]:
    begin = utc(2026, 1, 1)
    return {minute for one in intervals for minute in range((one.start - begin) // MINUTE, (one.end - begin) // MINUTE)}


@given(SPANS, SPANS)
def test_what_is_taken_out_of_intervals_is_no_longer_in_them(kept: list[Interval], taken: list[Interval]) -> None:
    left = list(without(sorted(kept), taken))
    assert _minutes(left) == _minutes(kept) - _minutes(taken)
    assert total(kept) == len(_minutes(kept)) * MINUTE
